"""Questions without a good answer are gathered day by day through Dagster, or many days in one run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import dagster as dg

from pipelines.assets.question_clusters import daily_gaps_schedule, gather_first_gaps, question_clusters
from resources.analytics import gaps
from resources.analytics import question_clusters as question_clusters_of
from resources.analytics.records import Filter
from resources.foundation.database import Database
from tests.conftest import make_organization
from tests.factories.asked_questions import DAY, LEAVE, SLUICE, ask
from tests.factories.library import MILL, open_chatbot, shelve


def test_a_backfill_of_many_days_is_one_run_that_gathers_them_all(database: Database, organization_id: UUID) -> None:
    make_organization(database, "other")
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    ask(database, chatbot, organization_id, LEAVE)
    ask(database, chatbot, organization_id, SLUICE, day=DAY - timedelta(days=60))
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [question_clusters],
            instance=instance,
            resources={"database": database, "progress": dg.ResourceDefinition.hardcoded_resource(_silent)},
            tags={
                "dagster/asset_partition_range_start": (DAY - timedelta(days=70)).isoformat(),
                "dagster/asset_partition_range_end": DAY.isoformat(),
            },
        )
        assert result.success
        assert len(instance.get_materialized_partitions(question_clusters.key)) == 71
        told = result.asset_materializations_for_node("question_clusters")[0].metadata
    assert {name: told[name].value for name in ("questions", "clustered", "clusters")} == {
        "questions": 9, "clustered": 9, "clusters": 2
    }  # fmt: skip
    assert str(told["look at"].value).startswith("/analytics/gaps?since=")


def test_every_night_asks_for_the_day_before() -> None:
    with dg.build_schedule_context(scheduled_execution_time=datetime(2026, 11, 23, 2, 30, tzinfo=UTC)) as context:
        asked = daily_gaps_schedule(context)
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == "2026-11-22"


def test_the_first_questions_of_an_organization_do_not_wait_for_the_night(
    database: Database, organization_id: UUID
) -> None:
    make_organization(database, "other")
    today = datetime.now(UTC).date()
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    assert gaps.refresh_few(database, organization_id, today=today) is None, "nothing was asked in vain"
    ask(database, chatbot, organization_id, LEAVE, day=today)
    assert gather_first_gaps.execute_in_process(resources={"database": database}).success
    with database.transaction(organization_id) as connection:
        [made] = question_clusters_of.select_counts(
            connection, organization_id, Filter(today, today + timedelta(days=1))
        )
    assert made.questions == len(LEAVE)
    assert gaps.refresh_few(database, organization_id, today=today) is None, "nothing was asked since"


def _silent(stage: str, done: int, total: int) -> None:
    """Say nothing."""
