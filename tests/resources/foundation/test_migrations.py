"""Migrations are applied once, and a changed one is refused."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from resources.foundation import migrations
from resources.foundation.database import Database, Server
from resources.foundation.errors import Misconfigured


def test_a_second_migrate_applies_nothing(server: Server) -> None:
    assert migrations.migrate(server) == []


def test_an_edited_migration_is_refused_by_name(server: Server) -> None:
    first, *others = migrations.migrations()
    edited = replace(first, text=first.text + "\n-- edited")
    with psycopg.connect(server.admin_conninfo()) as connection, pytest.raises(Misconfigured, match="0001_roles"):
        migrations.apply(connection, [edited, *others])


def test_a_database_of_another_version_is_refused_with_what_to_do(template_server: Server, server: Server) -> None:
    migrations.require_schema(template_server)
    newest = len(migrations.migrations())
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as connection:
        connection.execute("insert into public.millrace_migrations values (%s, 'later', '')", [newest + 1])
        with pytest.raises(Misconfigured, match=rf"by a newer Millrace, to migration {newest + 1}, .*restore a backup"):
            migrations.require_schema(server)
        connection.execute("delete from public.millrace_migrations where number >= %s", [newest])
        with pytest.raises(Misconfigured, match=r"older Millrace, and lacks 1 migration: .*'millrace migrate'"):
            migrations.require_schema(server)


def test_an_organization_sees_itself_and_no_other(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        assert connection.execute("select id from identity.organizations").fetchall() == [(organization_id,)]
    with database.directory() as connection:
        assert connection.execute("select id from identity.organizations").fetchall() == []
        assert connection.execute("select slug from identity.organization_directory()").fetchall() == [("acme",)]
