"""The picture of the schema is true, and everything in the schema says what it is."""

from __future__ import annotations

import psycopg

from resources.foundation.database import Server
from tests.architecture import schema


def test_the_picture_of_the_schema_equals_the_migrations(template_server: Server) -> None:
    assert schema.draw(template_server) == schema.PICTURE.read_text(), "sql/schema.sql is stale: run 'make schema'"


def test_everything_in_the_schema_says_what_it_is(template_server: Server) -> None:
    """Every schema, table, view, function and procedure of ours has a comment."""
    with psycopg.connect(template_server.admin_conninfo()) as admin:
        silent = admin.execute(
            "with ours as (select oid, nspname from pg_namespace "
            "  where nspname !~ '^pg_' and nspname not in ('public', 'information_schema')) "
            "select nspname from ours where obj_description(oid, 'pg_namespace') is null "
            "union all "
            "select c.oid::regclass::text from pg_class c join ours on ours.oid = c.relnamespace "
            "  where c.relkind in ('r', 'p', 'v', 'm') and obj_description(c.oid, 'pg_class') is null "
            "union all "
            "select p.oid::regprocedure::text from pg_proc p join ours on ours.oid = p.pronamespace "
            "  where obj_description(p.oid, 'pg_proc') is null"
        ).fetchall()
    assert silent == []


def test_everything_has_its_owner(template_server: Server) -> None:
    """Nothing in our schemas belongs to whoever ran the migration: its code would run with that one's powers."""
    with psycopg.connect(template_server.admin_conninfo()) as admin:
        strangers = admin.execute(
            "select p.oid::regprocedure::text, p.proowner::regrole::text from pg_proc p "
            "join pg_namespace n on n.oid = p.pronamespace "
            "where n.nspname !~ '^pg_' and n.nspname not in ('public', 'information_schema') "
            "and p.proowner::regrole::text not in ('millrace_owner', 'millrace_search', 'millrace_directory')"
        ).fetchall()
    assert strangers == []
