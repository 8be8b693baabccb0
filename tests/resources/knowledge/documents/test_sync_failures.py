"""A failure stands once for an item, counts its attempts and waits longer after each."""

from __future__ import annotations

from resources.knowledge.documents import sync_failures
from tests.factories.workshops import Workshop


def test_what_may_pass_is_tried_again_after_longer_and_longer_waits_up_to_a_day(workshop: Workshop) -> None:
    waits = []
    for _ in range(9):
        record(workshop, stage="fetching", outcome="unreadable")
        ((minutes, state),) = workshop.rows(
            b"select round(extract(epoch from next_attempt_at - clock_timestamp()) / 60)::integer, state"
            b" from knowledge.sync_failures"
        )
        waits.append(minutes)
        assert state == "retrying"
    assert waits == [1, 4, 16, 64, 256, 1024, 1440, 1440, 1440]


def test_what_lies_in_the_item_is_parked_at_the_third_attempt_and_never_forgotten(workshop: Workshop) -> None:
    states = []
    for _ in range(4):
        record(workshop)
        states += workshop.rows(b"select state, attempts from knowledge.sync_failures")
    assert states == [("retrying", 1), ("retrying", 2), ("parked", 3), ("parked", 4)]


def test_a_person_retries_and_ignores(workshop: Workshop) -> None:
    organization_id, source_id = workshop.organization_id, workshop.source_id
    for _ in range(3):
        record(workshop)
    record(workshop, path="other.pdf")
    with workshop.database.transaction(organization_id) as connection:
        (parked,) = sync_failures.select_all(connection, organization_id, states=["parked"])
        assert sync_failures.ignore(connection, organization_id, [parked.id]) == 1
        assert sync_failures.count_at(connection, organization_id, source_id, stages=["parsing"]) == 1
    record(workshop)
    with workshop.database.transaction(organization_id) as connection:
        (ignored,) = sync_failures.select_all(connection, organization_id, states=["ignored"])
        assert ignored.id == parked.id
        assert sync_failures.retry(connection, organization_id, ids=[parked.id]) == 1
        assert sync_failures.retry(connection, organization_id, source_id=source_id) == 2
    assert (
        workshop.rows(b"select state, attempts, next_attempt_at <= clock_timestamp() from knowledge.sync_failures")
        == [("retrying", 0, True)] * 2
    )


def test_a_failure_is_listed_counted_and_removed(workshop: Workshop) -> None:
    record(workshop)
    with workshop.database.transaction(workshop.organization_id) as connection:
        organization_id, source_id = workshop.organization_id, workshop.source_id
        (failure,) = sync_failures.select_all(connection, organization_id)
        assert (failure.file_path, failure.stage, failure.outcome, failure.reason) == (
            "torn.pdf", "parsing", "damaged", "it ends in the middle",
        )  # fmt: skip
        assert sync_failures.count_at(connection, organization_id, source_id, stages=["parsing"]) == 1
        sync_failures.remove(connection, organization_id, source_id=source_id, path="torn.pdf", stages=["fetching"])
        assert sync_failures.count_at(connection, organization_id, source_id, stages=["fetching", "parsing"]) == 1
        sync_failures.remove(connection, organization_id, source_id=source_id, path="torn.pdf")
        assert sync_failures.select_all(connection, organization_id, source_id=source_id) == []


def record(workshop: Workshop, *, path: str = "torn.pdf", stage: str = "parsing", outcome: str = "damaged") -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        sync_failures.record(
            connection, workshop.organization_id, source_id=workshop.source_id, path=path, document_id=None,
            stage=stage, outcome=outcome, reason="it ends in the middle",
        )  # fmt: skip
