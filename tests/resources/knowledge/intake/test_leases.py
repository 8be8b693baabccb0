"""A source is one sync's at a time, and a sync that was overtaken writes nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest

from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Conflict
from resources.knowledge.intake import intake, leases
from resources.knowledge.intake.leases import Lease
from tests.conftest import make_organization
from tests.factories.leases import find_holder
from tests.factories.workshops import DirectParsers, Workshop


@pytest.fixture
def other_database(server: Server) -> Iterator[Database]:
    """The connection of another process."""
    with open_database(server, "millrace_pipeline", most=1) as database:
        yield database


def take(workshop: Workshop, holder: str, *, seconds: float = 60) -> Lease:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return leases.take(connection, workshop.organization_id, workshop.source_id, holder=holder, seconds=seconds)


def is_held(workshop: Workshop, lease: Lease) -> bool:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return leases.is_held(connection, workshop.organization_id, lease)


def holder(workshop: Workshop) -> str | None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return find_holder(connection, workshop.source_id)


def test_a_source_is_one_holders_at_a_time(workshop: Workshop) -> None:
    mine = take(workshop, "run-1")
    assert take(workshop, "run-1") == mine
    with pytest.raises(Conflict, match="'handbook' is being synced already, by run-1"):
        take(workshop, "run-2")
    assert holder(workshop) == "run-1"


def test_a_released_source_is_free_at_once_and_the_former_holder_is_told_apart(workshop: Workshop) -> None:
    first = take(workshop, "run-1")
    with workshop.database.transaction(workshop.organization_id) as connection:
        leases.release(connection, workshop.organization_id, first)
    assert holder(workshop) is None
    assert not is_held(workshop, first)
    again = take(workshop, "run-1")
    assert again.fence > first.fence
    assert not is_held(workshop, first)
    with workshop.database.transaction(workshop.organization_id) as connection:
        leases.release(connection, workshop.organization_id, first)
    assert is_held(workshop, again)


def test_an_expired_lease_is_its_holders_until_somebody_takes_it_over(workshop: Workshop) -> None:
    mine = take(workshop, "run-1")
    workshop.expire_lease()
    assert is_held(workshop, mine)
    theirs = take(workshop, "run-2")
    assert theirs.fence > mine.fence
    with (
        pytest.raises(Conflict, match="overtaken by another sync"),
        leases.writing(workshop.database, workshop.organization_id, mine),
    ):
        pytest.fail("it wrote")
    with workshop.database.transaction(workshop.organization_id) as connection:
        assert not leases.renew(connection, workshop.organization_id, mine)
    assert is_held(workshop, theirs)


def test_nobody_takes_over_in_the_middle_of_a_writing_transaction(workshop: Workshop, other_database: Database) -> None:
    mine = take(workshop, "run-1")
    workshop.expire_lease()
    organization_id, source_id = workshop.organization_id, workshop.source_id
    with leases.writing(workshop.database, organization_id, mine):
        with pytest.raises(Conflict), other_database.transaction(organization_id) as connection:
            leases.take(connection, organization_id, source_id, holder="run-2")
        # its own holder renews it and takes it again all the same
        with other_database.transaction(organization_id) as connection:
            assert leases.renew(connection, organization_id, mine)
            assert leases.take(connection, organization_id, source_id, holder="run-1") == mine


def test_of_many_who_want_an_expired_lease_one_gets_it(server: Server, workshop: Workshop) -> None:
    take(workshop, "gone")
    workshop.expire_lease()
    taken: list[Lease] = []
    with open_database(server, "millrace_pipeline", most=6) as database:

        def want(name: str) -> None:
            try:
                with database.transaction(workshop.organization_id) as connection:
                    taken.append(leases.take(connection, workshop.organization_id, workshop.source_id, holder=name))
            except Conflict:
                return

        threads = [threading.Thread(target=want, args=[f"run-{n}"]) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(taken) == 1
    assert is_held(workshop, taken[0])


def test_a_kept_lease_does_not_expire_with_a_pool_of_one_connection(workshop: Workshop) -> None:
    mine = take(workshop, "run-1", seconds=0.2)
    first = expiry(workshop)
    with leases.kept(workshop.database, workshop.organization_id, mine, seconds=0.2):
        while expiry(workshop) <= first + 0.4:
            continue
    assert is_held(workshop, mine)


def test_sources_of_two_organizations_do_not_meet(workshop: Workshop, database: Database) -> None:
    other = make_organization(database, "other")
    take(workshop, "run-1")
    with database.transaction(other) as connection:
        assert find_holder(connection, workshop.source_id) is None


def test_a_sync_holds_the_source_from_its_first_step_to_its_last(workshop: Workshop) -> None:
    workshop.write("a.txt", "Rye.")
    workshop.bring(run_id="run-7")
    assert holder(workshop) == "run-7"
    with pytest.raises(Conflict, match="by run-7"):
        workshop.sync()
    workshop.cut(run_id="run-7")
    assert holder(workshop) == "run-7"
    workshop.embed(run_id="run-7")
    assert holder(workshop) is None
    assert workshop.rows(b"select status from knowledge.training_jobs") == [("completed",)]


def test_a_sync_that_fails_lets_go_of_the_source(workshop: Workshop) -> None:
    workshop.folder.rename(workshop.folder.with_name("moved"))
    with pytest.raises(Exception, match="cannot be listed"):
        workshop.bring(run_id="run-7")
    assert holder(workshop) is None


def test_a_sync_that_is_overtaken_writes_nothing_and_ends_nobody_elses_job(
    workshop: Workshop, other_database: Database
) -> None:
    for n in range(4):
        workshop.write(f"{n}.txt", f"Sack {n}.")
    workshop.bring(run_id="slow")
    rival = Workshop(
        other_database, workshop.organization_id, workshop.folder, workshop.source_id, workshop.store
    )  # fmt: skip
    before: dict[str, object] = {}
    nobody_parses_meanwhile = threading.Lock()

    def overtake(_name: str) -> None:
        with nobody_parses_meanwhile:
            if not before:
                rival.expire_lease()
                rival.sync()
                before.update(rival.snapshot())

    workshop.parsers = DirectParsers(before=overtake)
    with pytest.raises(Conflict, match="overtaken"):
        workshop.cut(run_id="slow")
    assert rival.snapshot() == before
    assert rival.visible() == {f"{n}.txt": f"Sack {n}." for n in range(4)}
    assert rival.rows(b"select status from knowledge.training_jobs order by created_at") == [
        ("failed",),
        ("completed",),
    ]
    assert rival.rows(b"select status from knowledge.data_sources") == [("active",)]


def test_abandoning_does_not_touch_the_sync_of_another_run(workshop: Workshop) -> None:
    workshop.bring(run_id="run-2")
    intake.abandon(
        workshop.database, workshop.organization_id, workshop.source_id, reason="no model", run_id="run-1"
    )  # fmt: skip
    assert workshop.rows(b"select status from knowledge.training_jobs") == [("processing",)]
    intake.abandon(
        workshop.database, workshop.organization_id, workshop.source_id, reason="no model", run_id="run-2"
    )  # fmt: skip
    assert workshop.rows(b"select status, reason from knowledge.training_jobs") == [("failed", "no model")]
    assert holder(workshop) is None


def expiry(workshop: Workshop) -> float:
    ((moment,),) = workshop.rows(b"select extract(epoch from expires_at)::float8 from knowledge.leases")
    assert isinstance(moment, float)
    return moment


def test_the_lease_of_a_holder_that_is_gone_can_be_freed_and_nobody_elses(
    workshop: Workshop, database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        lease = leases.take(connection, organization_id, workshop.source_id, holder="gone")
        assert not leases.free(connection, organization_id, workshop.source_id, holder="another")
        assert leases.is_held(connection, organization_id, lease)
        assert leases.free(connection, organization_id, workshop.source_id, holder="gone")
        assert not leases.is_held(connection, organization_id, lease)
        assert leases.take(connection, organization_id, workshop.source_id, holder="next").fence > lease.fence
