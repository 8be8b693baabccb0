"""The job `retain`: what is over goes, in every organization, once a night; then old runs of Dagster itself."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import dagster as dg

from pipelines.storage import forget_checks
from resources.conversations import retention
from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.identity import expenses, notifications, organizations, retention_settings

RUNS_AT_ONCE = 2_000
_PAGE = 200
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


@dg.op(description="Let go what is over in every organization: documents, versions, conversations, history, orphans.")
def let_go(
    context: dg.OpExecutionContext, database: dg.ResourceParam[Database], store: dg.ResourceParam[ObjectStore]
) -> None:
    """Tell what went by action, as numbers that plot, and for each organization as a table."""
    with database.directory() as connection:
        known = organizations.select_all(connection)
    done: Counter[str] = Counter()
    records: list[dg.TableRecord] = []
    history_days = 0
    for organization in known:
        retained = retention.run(database, organization.id, store=store)
        with database.transaction(organization.id) as connection:
            days = retention_settings.get(connection, organization.id).history_days
            done["forget notifications"] += notifications.remove_old(connection, organization.id, days=days)
            done["sum up expenses"] += expenses.sum_up(connection, organization.id)
        history_days = max(history_days, days)
        stored = Counter({"stored objects": retained.stored.objects, "stored bytes": retained.stored.size})
        done += retained.done + stored
        records += [
            dg.TableRecord({"organization": organization.slug, "action": action, "rows": count})
            for action, count in retained.done.items()
        ]
    if known:
        before = datetime.now(UTC) - timedelta(days=history_days)
        done["forget runs"] = forget_runs(context.instance, before)
        done["forget checks"] = forget_checks(context.instance, before)
    context.add_output_metadata(
        {
            **{action: dg.MetadataValue.int(count) for action, count in done.items()},
            "organizations": len(known),
            "by organization": dg.MetadataValue.table(records, schema=_SCHEMA),
        }
    )


@dg.job(executor_def=dg.in_process_executor, tags={"work": "retention"})
def retain() -> None:
    """Let everything go whose time is over: by the rules of organizations, sources and owners, but for legal holds."""
    let_go()


daily_retention = dg.ScheduleDefinition(
    name="daily_retention",
    job=retain,
    cron_schedule="20 1 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="What is over goes, once a night.",
)


def forget_runs(instance: dg.DagsterInstance, before: datetime) -> int:
    """Delete ended runs that were asked for before an instant, with their events; how many.

    Some remain for the next night where there are very many: each is a few statements.
    """
    forgotten = 0
    wanted = dg.RunsFilter(statuses=_ENDED, created_before=before)
    while forgotten < RUNS_AT_ONCE:
        runs = instance.get_runs(filters=wanted, limit=_PAGE)
        for run in runs:
            instance.delete_run(run.run_id)
        forgotten += len(runs)
        if len(runs) < _PAGE:
            break
    return forgotten


_SCHEMA = dg.TableSchema(
    [dg.TableColumn("organization", "string"), dg.TableColumn("action", "string"), dg.TableColumn("rows", "int")]
)
