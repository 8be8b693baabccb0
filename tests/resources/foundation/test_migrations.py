"""Migrations are applied once, and a changed one is refused."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from resources.foundation import migrations
from resources.foundation.database import Database, Server
from resources.foundation.errors import Misconfigured


def test_a_second_migrate_applies_nothing(template_server: Server) -> None:
    assert migrations.migrate(template_server) == []


def test_an_edited_migration_is_refused_by_name(server: Server) -> None:
    first, *others = migrations.migrations()
    edited = replace(first, text=first.text + "\n-- edited")
    with psycopg.connect(server.admin_conninfo()) as connection, pytest.raises(Misconfigured, match="0001_roles"):
        migrations.apply(connection, [edited, *others])


def test_an_organization_sees_itself_and_no_other(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        assert connection.execute("select id from identity.organizations").fetchall() == [(organization_id,)]
    with database.directory() as connection:
        assert connection.execute("select id from identity.organizations").fetchall() == []
        assert connection.execute("select slug from identity.organization_directory()").fetchall() == [("acme",)]
