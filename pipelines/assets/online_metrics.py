"""The asset `online_metrics`: how well the questions of a day were answered, a partition for each day of UTC."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import dagster as dg

from pipelines import runs
from resources.analytics import alerts, daily_metrics, overviews, source_freshness
from resources.analytics.alerts import Judged
from resources.analytics.defining import METRICS
from resources.analytics.records import Change, Filter, Group
from resources.foundation.database import Database
from resources.identity import organizations

FIRST_DAY = date(2025, 1, 1)
PLOTTED = (
    "questions", "answered_rate", "no_answer_rate", "failed_rate", "liked_rate", "seconds", "seconds_median",
    "seconds_95", "without_result_rate", "cost",
)  # fmt: skip
_QUANTILES = ("seconds_median", "seconds_95")
_RANGE_START, _RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"

days = dg.DailyPartitionsDefinition(start_date=FIRST_DAY.isoformat(), timezone="UTC")


@dg.asset(
    partitions_def=days,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name="analytics",
    kinds={"postgres"},
    owners=["team:data-science"],
    metadata={"dagster/table_name": "conversations.daily_answers"},
    code_version="1",
)
def online_metrics(context: dg.AssetExecutionContext, database: dg.ResourceParam[Database]) -> None:
    """What the questions of a day came to, in every organization; summed, so that a year is asked about soon.

    A day that is summed already and has not changed since costs one question. The numbers are those of the pages under
    /analytics; shares are of all organizations together, and left out where they are not defined. A backfill of many
    days is one run.
    """
    wanted = {date.fromisoformat(key) for key in context.partition_keys}
    tenants = select_organizations(database)
    summed = {slug: daily_metrics.refresh(database, id, as_of=_now(), days=wanted) for id, slug in tenants}
    found = {day: list[tuple[str, Group]]() for day in wanted}
    span = Filter(min(wanted), max(wanted) + timedelta(days=1))
    for id, slug in tenants:
        with database.transaction(id) as connection:
            for group in overviews.series(connection, id, span, each="day"):
                if group.period in found:
                    found[group.period].append((slug, group))
    for day, groups in found.items():
        context.add_asset_metadata(
            {**_numbers(groups), "summed_anew": sum(day in theirs for theirs in summed.values()),
             "look at": alerts.address(Filter(day, day + timedelta(days=1))),
             "by organization": dg.MetadataValue.table([_record(slug, group) for slug, group in groups], _SCHEMA)},
            partition_key=day.isoformat(),
        )  # fmt: skip


@dg.asset_check(asset=online_metrics)
def answers_hold(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    """No chatbot answers worse, is liked less or costs more than the week before, beyond the 95 % intervals.

    Whoever is to be told of trouble is told once for each chatbot, until that is over.
    """
    until = _now().date()
    judged: list[tuple[str, Judged]] = []
    for id, slug in select_organizations(database):
        with database.transaction(id) as connection:
            for one in alerts.judge(connection, id, until=until):
                alerts.announce(connection, id, one)
                judged.append((slug, one))
    return _judged(judged, ("answered_rate", "liked_rate", "failed_rate", "cost_per_answer"))


@dg.asset_check(asset=online_metrics)
def no_answers_hold(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    """No chatbot finds no answer more often than the week before, beyond the 95 % intervals: mind the gaps."""
    until = _now().date()
    judged: list[tuple[str, Judged]] = []
    for id, slug in select_organizations(database):
        with database.transaction(id) as connection:
            judged += [(slug, one) for one in alerts.judge(connection, id, until=until)]
    return _judged(judged, ("no_answer_rate",))


@dg.asset_check(asset=online_metrics)
def sources_are_fresh(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    """No source that answers rest on missed more than three of its times. The sensor `due_sources` tells people."""
    until = _now().date()
    stale: list[str] = []
    looked = 0
    for id, slug in select_organizations(database):
        with database.transaction(id) as connection:
            found = source_freshness.select_all(connection, id, Filter(until - alerts.WEEK, until))
            looked += len(found)
            stale += [f"{slug}/{one.source}" for one in found if one.is_stale]
    return dg.AssetCheckResult(
        passed=not stale, severity=dg.AssetCheckSeverity.WARN,
        description=f"past their freshness: {', '.join(stale)}" if stale else f"{looked} sources are on time",
        metadata={"sources": looked, "stale": len(stale)},
    )  # fmt: skip


metric_checks = [answers_hold, no_answers_hold, sources_are_fresh]

sum_days = dg.define_asset_job(
    "sum_days",
    selection=dg.AssetSelection.assets("online_metrics").without_checks() | dg.AssetSelection.checks(*metric_checks),
    executor_def=dg.in_process_executor,
    description="Sum what the questions of days came to, and check the last week against the one before.",
)


@dg.schedule(
    job=sum_days,
    cron_schedule="50 1 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Yesterday, once a night, after what is over has gone.",
)
def daily_metrics_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """The day before the tick."""
    yesterday = context.scheduled_execution_time.astimezone(UTC).date() - timedelta(days=1)
    return dg.RunRequest(run_key=yesterday.isoformat(), partition_key=yesterday.isoformat())


@dg.sensor(
    job=sum_days,
    minimum_interval_seconds=900,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for past days to be summed anew where something changed in them: a late thumb, an erasure.",
)
def changed_days(
    context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]
) -> dg.RunRequest | dg.SkipReason:
    """One question for each organization; one run for all days, which sums those alone that changed."""
    changed: set[date] = set()
    for id, _ in select_organizations(database):
        with database.transaction(id) as connection:
            changed.update(daily_metrics.select_unsummed(connection, id, as_of=_now()))
    wanted = sorted(day for day in changed if day >= FIRST_DAY)
    if not wanted:
        return dg.SkipReason("every day that is over is summed")
    if runs.is_under_way(context.instance, sum_days.name):
        return dg.SkipReason("a run that sums is under way")
    if len(wanted) == 1:
        return dg.RunRequest(partition_key=wanted[0].isoformat())
    return dg.RunRequest(tags={_RANGE_START: wanted[0].isoformat(), _RANGE_END: wanted[-1].isoformat()})


def select_organizations(database: Database) -> list[tuple[UUID, str]]:
    """All of them, by id and slug."""
    with database.directory() as connection:
        return [(one.id, one.slug) for one in organizations.select_all(connection)]


def _now() -> datetime:
    return datetime.now(UTC)


def _numbers(groups: Sequence[tuple[str, Group]]) -> dict[str, int | float]:
    """Each metric over all organizations: counts and costs summed, means weighed by their n; quantiles of one alone."""
    numbers: dict[str, int | float] = {}
    for key in PLOTTED if len(groups) == 1 else [key for key in PLOTTED if key not in _QUANTILES]:
        found = [measure for _, group in groups for measure in group.measures if measure.key == key]
        known = [(measure.value, measure.n) for measure in found if measure.value is not None]
        n = sum(n for _, n in known)
        if METRICS[key].unit in ("count", "money"):
            numbers[key] = sum(value for value, _ in known)
        elif n:
            numbers[key] = sum(value * n for value, n in known) / n
            numbers[f"{key}_n"] = n
    return numbers


def _record(slug: str, group: Group) -> dg.TableRecord:
    values = {measure.key: measure.value for measure in group.measures}
    return dg.TableRecord({"organization": slug, **{key: values[key] for key in PLOTTED}})


def _judged(judged: Sequence[tuple[str, Judged]], keys: Sequence[str]) -> dg.AssetCheckResult:
    worse = [(slug, one, change) for slug, one in judged for change in one.worse if change.key in keys]
    watched = [(slug, one, change) for slug, one in judged for change in one.watched if change.key in keys]
    said = [f"{slug}/{one.chatbot}: {alerts.say(change)}" for slug, one, change in worse]
    return dg.AssetCheckResult(
        passed=not worse, severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(said) or f"{len(judged)} chatbots hold against the week before",
        metadata={"worse": len(worse), "chatbots": len(judged),
                  "weeks": dg.MetadataValue.table([_week(*each) for each in watched], _WEEKS)},
    )  # fmt: skip


def _week(slug: str, one: Judged, change: Change) -> dg.TableRecord:
    return dg.TableRecord(
        {"organization": slug, "chatbot": one.chatbot, "metric": change.key, "n": change.now.n, "now": change.now.value,
         "before": change.before.value, "difference": change.difference, "low": change.low, "high": change.high}
    )  # fmt: skip


_SCHEMA = dg.TableSchema([dg.TableColumn("organization", "string"), *(dg.TableColumn(key, "float") for key in PLOTTED)])
_WEEKS = dg.TableSchema(
    [
        dg.TableColumn("organization", "string"),
        dg.TableColumn("chatbot", "string"),
        dg.TableColumn("metric", "string"),
        dg.TableColumn("n", "int"),
        dg.TableColumn("now", "float", description="the last seven days"),
        dg.TableColumn("before", "float", description="the seven before those"),
        dg.TableColumn("difference", "float"),
        dg.TableColumn("low", "float", description="lower end of the 95 % interval of the difference"),
        dg.TableColumn("high", "float", description="upper end of the 95 % interval of the difference"),
    ]
)
