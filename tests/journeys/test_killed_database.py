"""PostgreSQL dies in the middle of syncs: one of its backends, or the whole server. Nothing is lost.

Each time the next sync, when the server answers again, ends in the rows of one that was left in peace; what had been
committed before is there; and every index agrees with its table.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest

from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import MillraceError, Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings
from resources.knowledge.records import SyncCounts
from tests.conftest import make_organization
from tests.factories.workshops import Workshop, make_workshop
from tests.journeys.killed_sync import RULE
from tests.journeys.test_killed_syncs import Tide, agrees, calm, rows

PATIENCE_S = 60
Answer = TypeVar("Answer")
COMMITTED = b"select document_id, number, checksum from knowledge.document_versions where valid_from is not null"
ACTIVE = b"""
    select a.pid from pg_stat_activity a
    where a.datname = current_database() and a.application_name = 'millrace_pipeline' and a.state <> 'idle'
    order by a.backend_start"""


@pytest.fixture
def settings(server_folder: Path) -> Settings:
    """An embedded server of its own, which may be killed."""
    return Settings(home=server_folder / f"killed-{uuid4().hex[:6]}")


@pytest.fixture
def own(settings: Settings) -> Iterator[Server]:
    """It, with the product's tables."""
    server = Server(settings)
    migrate(server)
    yield server
    server.close()


def kill_backend(server: Server) -> bool:
    """By SIGKILL, the process of a session that works; PostgreSQL ends all others then, and recovers by itself."""
    with psycopg.connect(server.admin_conninfo()) as connection:
        pids = [row[0] for row in connection.execute(ACTIVE)]
    if pids:
        os.kill(pids[-1], signal.SIGKILL)
    return bool(pids)


def kill_server(server: Server) -> bool:
    """By SIGKILL."""
    os.kill(_postmaster(server), signal.SIGKILL)
    return True


def stop_immediately(server: Server) -> bool:
    """As by `pg_ctl stop -m immediate`: without a word to anybody, without a checkpoint."""
    os.kill(_postmaster(server), signal.SIGQUIT)
    return True


def _postmaster(server: Server) -> int:
    assert server.embedded is not None
    return int((server.embedded.data / "postmaster.pid").read_text().split()[0])


@pytest.mark.parametrize(
    ("backends", "servers", "stops"),
    [(1, 1, 1), pytest.param(20, 20, 10, marks=pytest.mark.campaign)], ids=["three times", "fifty times"],
)  # fmt: skip
def test_whatever_happens_to_the_database_the_next_sync_makes_it_good(
    backends: int, servers: int, stops: int, settings: Settings, own: Server, tmp_path: Path
) -> None:
    kills = [kill_backend] * backends + [kill_server] * servers + [stop_immediately] * stops
    dice = random.Random(len(kills))  # noqa: S311
    outcomes: Counter[tuple[str, str]] = Counter()
    longest = 0.0
    with open_database(own, "millrace_pipeline", most=2) as database, ThreadPoolExecutor(1) as thread:
        wanted = calm(database, tmp_path)
        workshop = make_workshop(database, make_organization(database, "disturbed"), tmp_path / "disturbed")
        workshop.rule = RULE
        tide = Tide(workshop)
        while kills:
            state = tide.turn()
            before = set(workshop.rows(COMMITTED))
            sync = thread.submit(workshop.sync)
            time.sleep(dice.uniform(0.02, 0.5))
            kill = None if sync.done() or not kills[-1](own) else kills.pop()
            began_at = time.monotonic()
            helper = Server(settings)  # as every command does: it starts the server where none runs
            try:
                outcome = _outcome(sync)
                if kill is not None:
                    outcomes[kill.__name__, outcome] += 1
                persistently(lambda: again(workshop))
            finally:
                helper.close()
            longest = max(longest, time.monotonic() - began_at)
            assert rows(workshop) == wanted[state], outcomes
            assert before <= set(workshop.rows(COMMITTED))
            agrees(workshop)
        require_sound_indexes(own)
    print(f"\n{dict(outcomes)}; made good within {longest:.1f} s")  # noqa: T201


def again(workshop: Workshop) -> SyncCounts:
    """The next sync, when the time of the one before is over."""
    workshop.expire_lease()
    return workshop.sync()


def _outcome(sync: Future[SyncCounts]) -> str:
    error = sync.exception(timeout=PATIENCE_S)
    return "came to its end" if error is None else type(error).__name__


def persistently(work: Callable[[], Answer]) -> Answer:
    """What this answers, as soon as the database lets it."""
    waits_until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return work()
        except (psycopg.OperationalError, MillraceError):
            if time.monotonic() > waits_until:
                raise
            time.sleep(0.1)


def require_sound_indexes(server: Server) -> None:
    """By PostgreSQL's own amcheck, where it is there: each B-tree holds each row of its table."""
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as connection:
        there = connection.execute("select from pg_available_extensions where name = 'amcheck'").fetchone()
        if there is None:
            return
        connection.execute("create extension if not exists amcheck")
        connection.execute(
            """select bt_index_check(i.indexrelid, true)
               from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
               join pg_namespace n on n.oid = c.relnamespace
               where m.amname = 'btree' and n.nspname = 'knowledge'"""
        )


def test_a_sync_whose_database_stays_away_ends_soon_and_says_why(own: Server, tmp_path: Path) -> None:
    patience_s = 4.0

    class Cliff(ObjectStore):
        """The bytes are kept, and the database is gone."""

        def put(self, organization_id: UUID, data: bytes) -> str:
            stop_immediately(own)
            return super().put(organization_id, data)

    with Database(own.conninfo("millrace_pipeline"), most=2, patience_s=patience_s) as database:
        workshop = make_workshop(database, make_organization(database, "lonely"), tmp_path)
        workshop.write("rye.md", "Rye is ground on Mondays.")
        workshop.store = Cliff(tmp_path / "objects")
        began_at = time.monotonic()
        with pytest.raises(Unavailable, match="the database"):
            workshop.sync()
        # once to say that it failed, which is in vain; not once more for each thing that there would be to tell
        assert time.monotonic() - began_at < 2.9 * patience_s
