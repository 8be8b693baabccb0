"""A thousand transactions of ten organizations over one connection, a third of them broken off: nothing leaks."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg

from resources.foundation.database import Database
from resources.foundation.statements import Connection
from tests.conftest import make_organization

TRANSACTIONS = 1_000
TABLES = ("identity.organizations", "identity.api_keys", "knowledge.tags", "identity.allowances")


class BrokenOff(Exception):
    """Somebody changed their mind in the middle of a transaction."""


def test_a_connection_that_all_share_shows_each_its_own_and_nothing_else(database: Database) -> None:
    tenants = [make_organization(database, f"tenant-{number}") for number in range(10)]
    kept: Counter[UUID] = Counter()
    turns = random.Random(5)  # noqa: S311

    def turn(number: int) -> tuple[UUID, bool]:
        mine, way = tenants[number % len(tenants)], ways[number]
        try:
            with database.transaction(mine) as connection:
                assert _seen(connection) <= {mine}
                _write(connection, mine)
                assert _seen(connection) == {mine}
                _break_off(connection, way, tenants[(number + 1) % len(tenants)])
        except (BrokenOff, psycopg.Error):
            return mine, False
        return mine, True

    ways = [
        turns.choice(("raise", "sql", "foreign", "kept", "kept", "kept", "kept", "kept", "kept"))
        for _ in range(TRANSACTIONS)
    ]
    with ThreadPoolExecutor(4) as threads:
        for mine, is_kept in threads.map(turn, range(TRANSACTIONS)):
            kept[mine] += is_kept
    with database.directory() as connection:
        assert _seen(connection) == set()
    assert 600 < kept.total() < 730
    for mine in tenants:
        with database.transaction(mine) as connection:
            assert connection.execute("select count(*) from knowledge.tags").fetchone() == (kept[mine],)


def _seen(connection: Connection) -> set[UUID]:
    """The organizations of all rows that can be seen, without naming one."""
    found: set[UUID] = set()
    for table in TABLES:
        column = "id" if table == "identity.organizations" else "organization_id"
        found |= {row[0] for row in connection.execute(f"select distinct {column} from {table}".encode())}  # noqa: S608
    return found


def _write(connection: Connection, mine: UUID) -> None:
    connection.execute("insert into knowledge.tags (organization_id, name) values (%s, %s)", [mine, uuid4().hex])


def _break_off(connection: Connection, way: str, other: UUID) -> None:
    if way == "raise":
        raise BrokenOff
    if way == "sql":
        connection.execute("select 1 / 0")
    if way == "foreign":
        _write(connection, other)
