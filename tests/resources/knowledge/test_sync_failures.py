"""A failure stands once for an item, counts its attempts and waits longer after each."""

from __future__ import annotations

from resources.knowledge import sync_failures
from tests.factories.workshops import Workshop


def test_attempts_wait_longer_and_longer_up_to_a_day(workshop: Workshop) -> None:
    waits = []
    for _ in range(9):
        record(workshop)
        ((minutes,),) = workshop.rows(
            b"select round(extract(epoch from next_attempt_at - clock_timestamp()) / 60)::integer"
            b" from knowledge.sync_failures"
        )
        waits.append(minutes)
    assert waits == [1, 4, 16, 64, 256, 1024, 1440, 1440, 1440]


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


def record(workshop: Workshop) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        sync_failures.record(
            connection, workshop.organization_id, source_id=workshop.source_id, path="torn.pdf", document_id=None,
            stage="parsing", outcome="damaged", reason="it ends in the middle",
        )  # fmt: skip
