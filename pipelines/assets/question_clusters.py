"""The asset `question_clusters`: questions without a good answer, by meaning, a partition for each day."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg

from pipelines.assets.online_metrics import days, select_organizations
from resources.analytics import gaps
from resources.analytics.addressing import page_address
from resources.analytics.records import Filter
from resources.bindings import Progress
from resources.foundation.database import Database


@dg.asset(
    partitions_def=days,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name="analytics",
    kinds={"postgres", "python"},
    owners=["team:data-science"],
    metadata={"dagster/table_name": "conversations.question_clusters"},
    code_version="1",
)
def question_clusters(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], progress: dg.ResourceParam[Progress]
) -> None:
    """Questions that found nothing, were not answered or whose answer was disliked, gathered for the page of gaps.

    Those of the day, and of the 30 days before, since thumbs come late; then all that are kept are put into clusters
    anew, in every organization. It compares the vectors that searches were made with: no model is asked. A backfill of
    many days is one run.
    """
    wanted = sorted(date.fromisoformat(key) for key in context.partition_keys)
    until = wanted[-1] + timedelta(days=1)
    gathered = [
        (slug, gaps.refresh(database, id, since=wanted[0], until=until, progress=progress))
        for id, slug in select_organizations(database)
    ]
    context.add_output_metadata(
        {"questions": sum(one.questions for _, one in gathered), "compared": sum(one.compared for _, one in gathered),
         "clustered": sum(one.clustered for _, one in gathered), "clusters": sum(one.clusters for _, one in gathered),
         "clusters_without_documents": sum(one.missing for _, one in gathered),
         "dagster/row_count": sum(one.clusters for _, one in gathered),
         "look at": page_address("gaps", Filter(wanted[0], until)),
         "by organization": dg.MetadataValue.table([_record(slug, one) for slug, one in gathered], _SCHEMA)}
    )  # fmt: skip


gather_gaps = dg.define_asset_job(
    "gather_gaps",
    selection=dg.AssetSelection.assets("question_clusters"),
    executor_def=dg.in_process_executor,
    description="Gather the questions without a good answer of days, and cluster all that are kept by meaning.",
)


@dg.schedule(
    job=gather_gaps,
    cron_schedule="30 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Questions without a good answer, once a night.",
)
def daily_gaps_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """The day before the tick."""
    yesterday = context.scheduled_execution_time.astimezone(UTC).date() - timedelta(days=1)
    return dg.RunRequest(run_key=yesterday.isoformat(), partition_key=yesterday.isoformat())


@dg.op
def gather_few(context: dg.OpExecutionContext, database: dg.ResourceParam[Database]) -> None:
    """Questions without a good answer of today too, in organizations that have but few of them."""
    today = datetime.now(UTC).date()
    gathered = {slug: gaps.refresh_few(database, id, today=today) for id, slug in select_organizations(database)}
    told = {slug: one.clusters for slug, one in gathered.items() if one is not None}
    context.log.info(f"gathered in {len(told)} of {len(gathered)} organizations; clusters: {told}")


@dg.job(
    executor_def=dg.in_process_executor,
    description="Gather the first questions without a good answer, so that a new organization need not wait for night.",
)
def gather_first_gaps() -> None:
    """In each organization that has few of them."""
    gather_few()


hourly_gaps_schedule = dg.ScheduleDefinition(
    name="hourly_gaps_schedule",
    job=gather_first_gaps,
    cron_schedule="5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The first questions without a good answer, every hour.",
)


def _record(slug: str, one: gaps.Gathered) -> dg.TableRecord:
    return dg.TableRecord(
        {"organization": slug, "questions": one.questions, "compared": one.compared, "clustered": one.clustered,
         "clusters": one.clusters, "missing": one.missing, "largest": one.largest}
    )  # fmt: skip


_SCHEMA = dg.TableSchema(
    [
        dg.TableColumn("organization", "string"),
        dg.TableColumn("questions", "int", description="of these days and the 30 before, without a good answer"),
        dg.TableColumn("compared", "int", description="of all that are kept"),
        dg.TableColumn("clustered", "int", description="such as others are like"),
        dg.TableColumn("clusters", "int"),
        dg.TableColumn("missing", "int", description="clusters that no document is near to"),
        dg.TableColumn("largest", "int", description="questions of the largest cluster"),
    ]
)
