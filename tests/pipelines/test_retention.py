"""The nightly job: what is over goes in every organization, and Dagster forgets its own old runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import dagster as dg

from pipelines.definitions import build_definitions
from pipelines.execution import House
from pipelines.retention import forget_runs
from resources.foundation.database import Database
from resources.identity import notifications, retention_settings
from resources.identity.records import RetentionSettings
from resources.knowledge.documents import documents
from resources.knowledge.records import DataSource, Item
from tests.conftest import make_organization


def retain(house: House) -> dg.ExecuteInProcessResult:
    job = build_definitions(**house.resources).resolve_job_def("retain")
    return job.execute_in_process(instance=house.instance)


def test_the_job_lets_go_what_is_over_and_says_how_much(
    house: House, database: Database, organization_id: UUID, source: DataSource
) -> None:
    make_organization(database, "other")
    with database.transaction(organization_id) as connection:
        retention_settings.replace(connection, organization_id, RetentionSettings(grace_days=0))
        document = documents.place(connection, organization_id, source_id=source.id, item=Item("old.md"))
        documents.set_expires_at(connection, organization_id, document.id, datetime.now(UTC))
    told: dict[str, object] = {}
    for _ in range(2):  # what is softly deleted in a run may be purged in the next
        result = retain(house)
        assert result.success
        [event] = [one for one in result.all_events if one.event_type_value == "STEP_OUTPUT"]
        for name, number in event.step_output_data.metadata.items():
            if isinstance(number.value, int) and number.value:
                told[name] = number.value
    assert told == {"expire": 1, "purge": 1, "organizations": 2}
    with database.transaction(organization_id) as connection:
        assert documents.find_by_path(connection, organization_id, source_id=source.id, path="old.md") is None


def test_what_people_were_told_long_ago_is_forgotten_though_nobody_was_there_to_be_told(
    house: House, database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        for days in (91, 89):
            notifications.raise_event(connection, organization_id, event="sync_completed", subject=str(days), body={})
            connection.execute(
                "update identity.notifications set last_raised_at = now() - %s * interval '1 day' where subject = %s",
                [days, str(days)],
            )
    assert retain(house).success
    with database.transaction(organization_id) as connection:
        assert [each.subject for each in notifications.select_latest(connection, organization_id)] == ["89"]


def test_old_runs_are_forgotten_and_those_under_way_are_not(house: House) -> None:
    ended = retain(house).run_id
    under_way = house.instance.create_run_for_job(
        build_definitions(**house.resources).resolve_job_def("retain"), status=dg.DagsterRunStatus.STARTED
    ).run_id
    assert forget_runs(house.instance, datetime.now(UTC) - timedelta(hours=1)) == 0
    assert forget_runs(house.instance, datetime.now(UTC) + timedelta(hours=1)) == 1
    assert {run.run_id for run in house.instance.get_runs()} == {under_way}
    assert house.instance.get_run_by_id(ended) is None
