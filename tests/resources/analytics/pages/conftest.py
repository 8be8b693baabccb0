"""A year with few questions, for the panels; and an organization in which nothing ever happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from benchmarks import traffic
from resources.analytics import gaps
from resources.foundation.database import Database, Server, open_database
from resources.identity import analyst_logins
from tests.conftest import _copy_template, _drop

UNTIL = date(2026, 11, 22)


@dataclass(frozen=True)
class Archive:
    """A database that the tests only read: an organization with a year of questions, and one with nothing."""

    server: Server
    database: Database
    year: UUID
    nothing: UUID
    analyst: str
    password: str

    def as_analyst(self) -> psycopg.Connection[Any]:
        """A connection of a tool."""
        address = make_conninfo(self.server.admin_conninfo(), user=self.analyst, password=self.password)
        return psycopg.connect(address)


@pytest.fixture(scope="package")
def archive(template_server: Server) -> Iterator[Archive]:
    """Four questions a day, and a login of an analyst."""
    _copy_template(template_server, "a_few")
    server = template_server.with_database("a_few")
    nothing = uuid4()
    with psycopg.connect(server.admin_conninfo()) as admin:
        year = traffic.plant(admin, "a-few", questions=1500, until=UNTIL).organization_id
        admin.execute("insert into identity.organizations (id, slug, name) values (%s, 'nil', 'nil')", [nothing])
    with open_database(server, "millrace_pipeline", most=1) as managing:
        with managing.transaction(year) as connection:
            login = analyst_logins.create(connection, year, name="sql")
        password = analyst_logins.admit(server, year, login)
        gaps.refresh(managing, year, since=UNTIL - timedelta(days=364), until=UNTIL)
        with open_database(server, "millrace_api", most=1) as database:
            yield Archive(server, database, year, nothing, login.user, password)
        analyst_logins.dismiss(server, login)
    _drop(template_server, "a_few")
