"""Who works on a source at the same time: two processes that sync it, and erasures and purges while it is brought."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from resources.conversations import erasures
from resources.conversations.erasures import Request
from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Conflict
from resources.knowledge.documents import documents
from resources.knowledge.retention import retention
from tests.conftest import make_organization
from tests.factories.crashes import Reaper, WatchedDatabase, WatchedEmbedder, WatchedParsers, WatchedStore
from tests.factories.workshops import Workshop, make_workshop
from tests.journeys.killed_sync import RULE
from tests.journeys.test_killed_syncs import Tide, agrees, rows
from tests.journeys.test_paused_syncs import heard, sleeper, tell

REQUEST = Request("mia", "asked")


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.campaign)])
def test_of_two_processes_that_sync_a_source_one_does_it_and_both_end_well(
    rounds: int, database: Database, server: Server, tmp_path: Path
) -> None:
    workshop = make_workshop(database, make_organization(database, "contested"), tmp_path / "contested")
    peaceful = make_workshop(database, make_organization(database, "peaceful"), tmp_path / "peaceful")
    tides = [Tide(workshop), Tide(peaceful)]
    outcomes: list[tuple[str, str]] = []
    with sleeper(server, workshop) as one, sleeper(server, workshop) as other:
        for _ in range(rounds):
            for tide in tides:
                tide.turn()
            for process in (one, other):
                tell(process, "nowhere")
            ended = sorted(heard(process).partition(":")[0] for process in (one, other))
            outcomes.append((ended[0], ended[1]))
            assert ended[1] == "synced", "at least one of them does it"
            assert ended[0] in ("refused", "synced")
            peaceful.sync()
            assert rows(workshop) == rows(peaceful)
            agrees(workshop)
    refused = outcomes.count(("refused", "synced"))
    print(f"\n{refused} of {rounds} were refused")  # noqa: T201
    assert refused >= rounds // 10, "else they were hardly ever there at the same time"


MOMENTS = ["stored", "after commit of document_versions.create", "parsed", "after commit of chunks.create", "embedded",
           "after commit of documents.publish"]  # fmt: skip


@pytest.mark.parametrize("way", ["erased", "purged"])
def test_what_goes_while_it_is_brought_never_comes_back(
    way: str, database: Database, server: Server, tmp_path: Path
) -> None:
    """At each of these moments of a sync, another process takes away the document that the sync is working on."""
    for number, moment in enumerate(MOMENTS):
        workshop = make_workshop(database, make_organization(database, f"race-{number}"), tmp_path / str(number))
        workshop.rule = RULE
        workshop.write("goes.md", "The canary sings of rye.")
        workshop.write("stays.md", "The miller sleeps.")
        workshop.sync()
        workshop.write("goes.md", "The canary sings of oats.", age_s=60)
        with open_database(server, "millrace_pipeline", most=2) as beside:
            take = {"erased": erase, "purged": expire_and_purge}[way]
            reaper = Reaper(moment, partial(take, beside, workshop))
            racing = threads_apart(workshop, server, reaper)
            with racing.database:
                with suppress(Conflict):
                    racing.sync()
                assert reaper.has_struck, moment
        for _ in range(2):
            workshop.sync()
            seen = workshop.visible()
            assert seen["stays.md"] == "The miller sleeps."
            if way == "erased":
                assert set(seen) == {"stays.md"}, moment
                assert workshop.rows(b"select from knowledge.chunks where content like '%canary%'") == []
                assert workshop.rows(b"select from knowledge.document_versions where text like '%canary%'") == []
            else:  # only what it said when its time was over stays away
                assert seen.get("goes.md", "The canary sings of oats.") == "The canary sings of oats.", moment
            agrees(workshop)


def threads_apart(workshop: Workshop, server: Server, reaper: Reaper) -> Workshop:
    """The same source through connections of its own, watched."""
    database = WatchedDatabase(server.conninfo("millrace_pipeline"), reaper)
    return replace(
        workshop, database=database, store=WatchedStore(workshop.store, reaper), parsers=WatchedParsers(reaper),
        embedder=WatchedEmbedder(workshop.embedder, reaper),
    )  # fmt: skip


def erase(database: Database, workshop: Workshop) -> None:
    erasures.erase_document(
        database, workshop.organization_id, _id(database, workshop, "goes.md"), store=workshop.store, request=REQUEST
    )


def expire_and_purge(database: Database, workshop: Workshop) -> None:
    id = _id(database, workshop, "goes.md")
    with database.transaction(workshop.organization_id) as connection:
        documents.set_expires_at(connection, workshop.organization_id, id, datetime.now(UTC))
    retention.run(database, workshop.organization_id, store=workshop.store, young_s=0)
    later = datetime.now(UTC) + timedelta(days=400)
    retention.run(database, workshop.organization_id, store=workshop.store, as_of=later, young_s=0)


def _id(database: Database, workshop: Workshop, path: str) -> UUID:
    with database.transaction(workshop.organization_id) as connection:
        found = documents.find_by_path(
            connection, workshop.organization_id, source_id=workshop.source_id, path=path
        )  # fmt: skip
    assert found is not None
    return found.id
