"""One real server for the whole session, with a migrated template; an empty copy of that for each test that asks."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from resources.foundation.database import Database, Server, open_database
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings

# Nothing fails because the machine is busy, and what fails once fails again; a campaign draws its examples anew.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.register_profile("suite", _CALM, derandomize=True)
settings.register_profile("campaign", _CALM)
settings.load_profile("suite")

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
    with psycopg.connect(server.with_database("postgres").admin_conninfo(), autocommit=True) as connection:
        # no test lets the machine itself fail
        connection.execute("alter system set fsync = off")
        connection.execute("alter system set full_page_writes = off")
        connection.execute("select pg_reload_conf()")
    migrate(server)
    yield server
    server.close()


@dataclass(frozen=True)
class Databases:
    """Copies of the template that are empty: to make and drop one costs some hundred times what emptying does.

    Each has a connection that stays: to make one costs as much as emptying does.
    """

    template: Server
    schemas: list[str]
    kept: list[tuple[str, str]]
    state: str
    empty: list[str] = field(default_factory=list)
    cleaners: dict[str, psycopg.Connection] = field(default_factory=dict)

    def take(self) -> Server:
        if self.empty:
            return self.template.with_database(self.empty.pop())
        name = f"test_{next(_numbers)}"
        _copy_template(self.template, name)
        server = self.template.with_database(name)
        self.cleaners[name] = psycopg.connect(server.admin_conninfo(), autocommit=True, prepare_threshold=None)
        return server

    def give_back(self, server: Server) -> None:
        """Keep it, if it is as the template is when its tables are emptied; else it goes."""
        name = str(conninfo_to_dict(server.admin_conninfo())["dbname"])
        if self._is_as_new(self.cleaners[name]):
            self.empty.append(name)
        else:
            self.cleaners.pop(name).close()
            _drop(self.template, name)

    def _is_as_new(self, connection: psycopg.Connection) -> bool:
        try:
            _empty(connection, self.schemas, self.kept)
            return _state(connection, self.kept) == self.state
        except psycopg.Error:
            return False  # somebody stood in the way, or the test has cut the line

    def close(self) -> None:
        for connection in self.cleaners.values():
            connection.close()


@pytest.fixture(scope="session")
def databases(template_server: Server) -> Iterator[Databases]:
    """The databases that tests take one of, each for itself."""
    with psycopg.connect(template_server.admin_conninfo()) as connection:
        kept = [one for one in _written(connection) if connection.execute(_about("select 1 from {}", one)).fetchone()]
        made = Databases(template_server, _schemas(connection), kept, _state(connection, kept))
    yield made
    made.close()
    with psycopg.connect(template_server.admin_conninfo()) as connection:
        assert _state(connection, kept) == made.state, "a test changed the template, so that no copy served twice"


@pytest.fixture
def database_server(databases: Databases) -> Iterator[Server]:
    """The server, with an empty database for this test, which may change anything in it."""
    server = databases.take()
    yield server
    databases.give_back(server)


@pytest.fixture
def server(database_server: Server) -> Server:
    """The server with the test's database; by its other name where a test calls something else `server`."""
    return database_server


@pytest.fixture
def database(database_server: Server) -> Iterator[Database]:
    """A pool of ONE connection as the pipeline's role: whoever holds it while a model thinks waits for ever."""
    with open_database(database_server, "millrace_pipeline", most=1) as database:
        yield database


def _empty(connection: psycopg.Connection, schemas: Sequence[str], kept: Sequence[tuple[str, str]]) -> None:
    """Drop all other schemas, and delete all rows of all other tables."""
    # servers that the test has left, processes that it killed
    connection.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    connection.execute("set lock_timeout = '2s'")
    # neither keys nor triggers are asked: some would refuse, by design, and what they watch goes too
    connection.execute("set session_replication_role = replica")
    for schema in set(_schemas(connection)) - set(schemas):
        connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
    written = [_about("delete from {}", table) for table in _written(connection) if table not in kept]
    connection.execute(sql.SQL("; ").join(written))


def _schemas(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute("select nspname from pg_namespace where nspname !~ '^pg_'")]


def _written(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """The tables that have or had rows."""
    return connection.execute(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind = 'r' and c.oid >= 16384 and pg_relation_size(c.oid) > 0"
    ).fetchall()


def _state(connection: psycopg.Connection, kept: Sequence[tuple[str, str]]) -> str:
    """Another text for every other schema, and for other rows in the tables whose rows the migrations made."""
    rows = [
        connection.execute(_about("select md5(string_agg(t::text, ',' order by t::text)) from {} t", table))
        for table in kept
    ]
    return " ".join([_schema(connection), *(str(one.fetchone()) for one in rows)])


def _about(text: LiteralString, table: tuple[str, str]) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(*table))


def _schema(connection: psycopg.Connection) -> str:
    """Another text for every other state of tables, columns, indexes, functions, policies, triggers and rights."""
    row = connection.execute(
        """select md5(string_agg(oid || ' ' || xmin || ' ' || kind, ',' order by kind, oid)) from (
            select oid, xmin::text, 'relation' as kind from pg_class
            where oid >= 16384 and relnamespace not in (select oid from pg_namespace where nspname ~ '^pg_')
            union all select oid, xmin::text, 'function' from pg_proc where oid >= 16384
            union all select oid, xmin::text, 'policy' from pg_policy
            union all select oid, xmin::text, 'trigger' from pg_trigger
            union all select oid, xmin::text, 'constraint' from pg_constraint where oid >= 16384
            union all select oid, xmin::text, 'schema' from pg_namespace where nspname !~ '^pg_(toast_)?temp'
        ) things"""
    ).fetchone()
    assert row is not None
    return str(row[0])


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
