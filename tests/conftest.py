"""One real server for the whole session; a database of its own, from a migrated template, for each test that asks."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from resources.foundation.database import Database, Server, open_database
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings

_numbers = itertools.count(1)
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real inputs; a test that needs it is skipped where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real inputs (../shared/data) is not here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for servers, outside pytest's own: another run at the same time closes that to a server's user."""
    with tempfile.TemporaryDirectory(prefix="millrace-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def template_server(server_folder: Path) -> Iterator[Server]:
    """The embedded server with one migrated database, which the others are copied from."""
    server = Server(Settings(home=server_folder / "home"))
    migrate(server)
    yield server
    server.close()


@pytest.fixture
def server(template_server: Server) -> Iterator[Server]:
    """The server, with a fresh database for this test."""
    name = f"test_{next(_numbers)}"
    _copy_template(template_server, name)
    yield template_server.with_database(name)
    _drop(template_server, name)


@pytest.fixture(scope="session")
def emptied_databases() -> list[str]:
    """Databases that were used and are empty again: a copy of the template costs several times what emptying does."""
    return []


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A pool of ONE connection as the pipeline's role: whoever holds it while a model thinks waits for ever.

    Its database is fresh for a test that asks for the server too, and may change the schema; else one that was emptied.
    """
    if "server" in request.fixturenames:
        with open_database(request.getfixturevalue("server"), "millrace_pipeline", most=1) as database:
            yield database
        return
    template: Server = request.getfixturevalue("template_server")
    emptied: list[str] = request.getfixturevalue("emptied_databases")
    if emptied:
        name = emptied.pop()
    else:
        name = f"test_{next(_numbers)}"
        _copy_template(template, name)
    with open_database(template.with_database(name), "millrace_pipeline", most=1) as database:
        yield database
    if _is_emptied(template.with_database(name)):
        emptied.append(name)
    else:
        _drop(template, name)


def _is_emptied(server: Server) -> bool:
    """Delete all organizations with whatever is theirs; whether that was allowed, which a legal hold forbids."""
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as connection:
        connection.execute("set lock_timeout = '2s'")
        try:
            connection.execute("delete from identity.organizations")
        except psycopg.Error:
            return False
    return True


def _copy_template(server: Server, name: str) -> None:
    with psycopg.connect(server.with_database("postgres").admin_conninfo(), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template millrace").format(sql.Identifier(name)))


def _drop(server: Server, name: str) -> None:
    with psycopg.connect(server.with_database("postgres").admin_conninfo(), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def organization_id(database: Database) -> UUID:
    """An organization with nothing in it."""
    return make_organization(database, "acme")


def make_organization(database: Database, slug: str) -> UUID:
    """Another organization."""
    organization_id = uuid4()
    with database.transaction(organization_id) as connection:
        connection.execute(
            "insert into identity.organizations (id, slug, name) values (%s, %s, %s)", [organization_id, slug, slug]
        )
    return organization_id
