"""Transactions belong to one organization, on the embedded server and on one that is somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from resources.foundation.database import Database, Role, Server, open_database, require_versions
from resources.foundation.embedded_server import EmbeddedServer
from resources.foundation.errors import Misconfigured, Unavailable
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings
from resources.foundation.statements import Connection, run
from resources.identity import organizations, users
from tests.conftest import make_organization
from tests.factories.ports import free_port
from tests.factories.rows import insert_rows

SEEN = "select coalesce(array_agg(organization_id), '{}') from identity.users"


@pytest.fixture(scope="module")
def external(server_folder: Path) -> Iterator[str]:
    """The address of a server that is not ours: over TCP, with a password, as its superuser."""
    with _external_server(server_folder / "external") as address:
        yield address


@pytest.fixture(scope="module")
def operated(server_folder: Path) -> Iterator[str]:
    """A database on another whose owner may create roles and is no superuser, as managed servers give one."""
    with _external_server(server_folder / "operated") as address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("create role operator login createrole password 'operate'")
            connection.execute("create database operated owner operator")
        with psycopg.connect(make_conninfo(address, dbname="operated")) as connection:
            connection.execute("create extension vector")
        yield make_conninfo(address, dbname="operated", user="operator", password="operate")  # noqa: S106


@pytest.fixture(params=["external", "operated"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    """The migrated database of such a server."""
    server = Server(Settings(home=tmp_path, database_url=request.getfixturevalue(request.param)))
    migrate(server)
    return server


def test_what_an_error_interrupts_is_undone(database: Database, organization_id: UUID) -> None:
    with suppress(InterruptedError), database.transaction(organization_id) as connection:
        users.create(connection, organization_id, username="mia", email="mia@mill.example")
        raise InterruptedError
    with database.transaction(organization_id) as connection:
        assert users.select_all(connection, organization_id) == []


def test_a_transaction_inside_a_transaction_waits_for_a_connection_of_its_own(
    server: Server, organization_id: UUID
) -> None:
    other_id = uuid4()
    question = "select identity.current_organization()"
    with (
        open_database(server, "millrace_pipeline", most=2) as database,
        database.transaction(organization_id) as outer,
        database.transaction(other_id) as inner,
    ):
        assert outer.execute(question).fetchone() == (organization_id,)
        assert inner.execute(question).fetchone() == (other_id,)


def test_one_connection_serves_alternating_organizations_without_a_leak(database: Database) -> None:
    """A thousand transactions of all kinds on one connection, three of ten aborted, by the server or the caller."""
    known: dict[str, UUID] = {name: make_organization(database, name) for name in ("first", "second")}
    for organization_id in known.values():
        with database.transaction(organization_id) as connection:
            users.create(connection, organization_id, username="mia", email="mia@mill.example")
    chance = Random(7)  # noqa: S311
    for _ in range(1000):
        organization = known.get(chance.choice(["first", "second", "nobody"]))
        outcome = chance.choice(["leave"] * 7 + ["fail", "abort", "abort"])
        named, unnamed = (database.transaction, database.exchange), (database.directory, database.look_up)
        with (
            suppress(InterruptedError, psycopg.errors.DivisionByZero),
            chance.choice(named)(organization) if organization else chance.choice(unnamed)() as connection,
        ):
            assert connection.execute(SEEN).fetchone() == ([organization] if organization else [],)
            if outcome == "fail":
                connection.execute("select 1 / 0")
            if outcome == "abort":
                raise InterruptedError


@pytest.mark.parametrize(
    ("role", "statement_timeout", "lock_timeout"),
    [("millrace_api", "15s", "5s"), ("millrace_pipeline", "30min", "1min")],
)
def test_each_role_has_its_patience(server: Server, role: Role, statement_timeout: str, lock_timeout: str) -> None:
    with open_database(server, role, most=1) as database, database.directory() as connection:
        assert connection.execute("select current_user").fetchone() == (role,)
        assert connection.execute("show statement_timeout").fetchone() == (statement_timeout,)
        assert connection.execute("show lock_timeout").fetchone() == (lock_timeout,)
        assert connection.execute("show application_name").fetchone() == (role,)


def test_a_role_that_may_bypass_the_policies_serves_nobody(template_server: Server) -> None:
    with psycopg.connect(template_server.admin_conninfo(), autocommit=True) as admin:
        admin.execute("alter role millrace_api bypassrls")
        try:
            with pytest.raises(Misconfigured, match="millrace_api may bypass row-level security"):
                open_database(template_server, "millrace_api")
        finally:
            admin.execute("alter role millrace_api nobypassrls")


def test_on_a_server_of_the_operators_each_part_connects_as_its_role(remote: Server) -> None:
    for role in ("millrace_api", "millrace_pipeline"):
        with open_database(remote, role, most=1) as database, database.directory() as connection:
            row = connection.execute("select current_user, current_setting('is_superuser')").fetchone()
            assert row is not None
            assert row[0] == role


def test_on_a_server_of_the_operators_the_policies_bind(remote: Server) -> None:
    with open_database(remote, "millrace_pipeline", most=1) as database:
        made = [organizations.create(database, f"{name}-{uuid4()}", name) for name in ("mill", "bakery")]
        for one in made:
            with database.transaction(one.id) as connection:
                users.create(connection, one.id, username="mia", email="mia@mill.example")
        for one in made:
            with database.transaction(one.id) as connection:
                assert connection.execute(SEEN).fetchone() == ([one.id],)
        with database.directory() as connection:
            assert connection.execute(SEEN).fetchone() == ([],)
            assert {one.id for one in made} <= {one.id for one in organizations.select_all(connection)}
    with open_database(remote, "millrace_api", most=1) as api, api.transaction(made[0].id) as connection:
        assert connection.execute(SEEN).fetchone() == ([made[0].id],)


def test_on_a_server_of_the_operators_every_table_can_be_written(remote: Server) -> None:
    organization_id = uuid4()
    with (
        open_database(remote, "millrace_pipeline", most=1) as database,
        database.transaction(organization_id) as connection,
    ):
        insert_rows(connection, organization_id)


def test_on_a_server_of_the_operators_a_second_migrate_applies_nothing(remote: Server) -> None:
    assert migrate(remote) == []


def test_a_wrong_password_is_said_without_telling_it(external: str, tmp_path: Path) -> None:
    wrong = make_conninfo(external, password="hush-hush")  # noqa: S106
    with pytest.raises(Unavailable, match=r"does not answer.*DATABASE_URL") as failure:
        migrate(Server(Settings(home=tmp_path, database_url=wrong)))
    assert "hush-hush" not in str(failure.value)


def test_an_operator_who_may_not_set_up_the_database_is_told_what_is_needed(external: str, tmp_path: Path) -> None:
    with psycopg.connect(external, autocommit=True) as connection:
        connection.execute("create role guest login password 'guest'")
        connection.execute("create database guests")
    guest = make_conninfo(external, user="guest", password="guest", dbname="guests")  # noqa: S106
    with pytest.raises(Misconfigured, match="must own the database and be able to create roles"):
        migrate(Server(Settings(home=tmp_path, database_url=guest)))


def test_the_versions_of_the_embedded_server_are_sound(template_server: Server) -> None:
    with psycopg.connect(template_server.admin_conninfo()) as connection:
        server, pgvector = require_versions(connection)
    assert server >= 180000
    assert pgvector >= (0, 8, 4)


def test_an_old_server_is_named() -> None:
    old = cast(Connection, SimpleNamespace(info=SimpleNamespace(server_version=140011)))
    with pytest.raises(Misconfigured, match="PostgreSQL 14 is too old: Millrace needs 15 or newer"):
        require_versions(old)


@pytest.mark.parametrize(
    ("extensions", "said"),
    [
        ("select 'plpgsql', '1.0', '1.0'", "has no pgvector: install"),
        ("select 'vector', '0.7.4', null", "pgvector 0.7.4 is too old"),
        ("select 'vector', '0.8.5', '0.7.4'", "pgvector 0.7.4 is too old.*alter extension vector update"),
    ],
)
def test_a_server_without_a_sound_pgvector_is_told_what_to_do(server: Server, extensions: str, said: str) -> None:
    """The catalog of another server, laid over this one's."""
    with psycopg.connect(server.admin_conninfo()) as connection:
        connection.execute("create schema elsewhere")
        connection.execute(
            b"create view elsewhere.pg_available_extensions (name, default_version, installed_version) as "
            + extensions.encode()
        )
        connection.execute("set search_path = elsewhere, pg_catalog")
        with pytest.raises(Misconfigured, match=said):
            require_versions(connection)


@contextmanager
def _external_server(folder: Path) -> Iterator[str]:
    port = free_port()
    with EmbeddedServer(folder, port):
        password = (folder / "password").read_text().strip()
        yield f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"


def insert(connection: Connection, organization_id: UUID, name: str) -> None:
    connection.execute(
        "insert into identity.users (organization_id, username, email) values (%s, %s, %s)",
        [organization_id, name, f"{name}@mill.example"],
    )


def test_an_exchange_commits_as_a_transaction_does_and_belongs_to_its_organization(
    database: Database, organization_id: UUID
) -> None:
    with database.exchange(organization_id) as connection:
        insert(connection, organization_id, "mia")
        insert(connection, organization_id, "ole")
        assert connection.execute(SEEN).fetchone() == ([organization_id] * 2,)
        touched = b"update identity.users set email = email where organization_id = %(id)s"
        assert run(connection, touched, id=organization_id) == 2
    with database.transaction(organization_id) as connection:
        assert {user.username for user in users.select_all(connection, organization_id)} == {"mia", "ole"}
    with database.exchange(uuid4()) as connection:
        assert connection.execute(SEEN).fetchone() == ([],)


@pytest.mark.parametrize("is_awaited", [False, True], ids=["at the end", "where it is fetched"])
def test_what_fails_in_an_exchange_undoes_all_of_it_and_the_connection_serves_on(
    server: Server, organization_id: UUID, is_awaited: bool
) -> None:
    def divide(database: Database) -> None:
        with database.exchange(organization_id) as connection:
            insert(connection, organization_id, "mia")
            failing = connection.execute("select 1 / %s::integer", [0])
            if is_awaited:
                failing.fetchone()
            insert(connection, organization_id, "ole")

    def misspell(database: Database) -> None:
        with database.exchange(organization_id) as connection:
            run(connection, b"delete from identity.nothing")

    def interrupt(database: Database) -> None:
        with database.exchange(organization_id) as connection:
            insert(connection, organization_id, "mia")
            raise InterruptedError

    with open_database(server, "millrace_pipeline", most=1) as database:
        for _ in range(8):  # statements are prepared on the way
            with pytest.raises(psycopg.errors.DivisionByZero):
                divide(database)
            with pytest.raises(psycopg.errors.UndefinedTable):
                misspell(database)
            with pytest.raises(InterruptedError):
                interrupt(database)
        with database.transaction(organization_id) as connection:
            assert users.select_all(connection, organization_id) == []
            assert connection.execute("select count(*) < 4 from pg_prepared_statements").fetchone() == (True,)
