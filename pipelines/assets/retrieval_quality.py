"""The asset `retrieval_quality`: how well the search that serves finds what it should, a partition for each chatbot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import dagster as dg

from pipelines.assets.embeddings import embeddings
from pipelines.assets.model_config_versions import Configured, model_config_versions, select_configured
from pipelines.partitions import chatbot_partitions, key
from resources.analytics import overviews
from resources.analytics.records import Filter
from resources.bindings import Embedders, Progress
from resources.bots.configurations import model_config_versions as versions
from resources.bots.evaluation import retrieval_quality as quality
from resources.bots.evaluation import version_comparisons
from resources.bots.question_sets import evaluation_sets
from resources.bots.records import Measurement, ModelConfigVersion, SetCounts, VersionComparison
from resources.bots.retrieval import retrieval
from resources.conversations import logged_comparisons
from resources.conversations.logged_comparisons import LoggedComparison
from resources.foundation.database import Database
from resources.foundation.errors import MillraceError, Missing
from resources.foundation.statements import Connection

Told = Mapping[str, int | float | dg.TableMetadataValue]


@dataclass(frozen=True)
class Measured:
    """A set and what was measured on it; why not, where there is nothing to ask."""

    counts: SetCounts
    measurement: Measurement | None
    reason: str = ""


@dataclass(frozen=True)
class Beside:
    """How a version beside the active one differed from it, when both were last asked the same."""

    version: ModelConfigVersion
    judged: Sequence[VersionComparison]
    logged: LoggedComparison | None


@dg.asset(
    deps=[embeddings, model_config_versions],
    partitions_def=chatbot_partitions,
    group_name="bots",
    kinds={"postgres", "python"},
    owners=["team:data-science"],
    metadata={"dagster/table_name": "bots.evaluation_scores"},
    code_version="2",
)
def retrieval_quality(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    embedders: dg.ResourceParam[Embedders],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """How well the search that serves a chatbot finds what it should: nDCG, recall, MRR and time, for each of its sets.

    Every accepted question that reports is asked by the chatbot's active configuration. Each metric is a number that
    plots from run to run, beside what became of the questions of the last seven days; tables have the 95 % intervals,
    slices such as languages, and how the versions beside the active one compared with it. What is not defined is left
    out, never 0. The job `evaluate_retrieval` does it for all chatbots in one run.
    """
    found = find_configured(database, context.partition_key)
    return dg.MaterializeResult(metadata=measure(database, found, embedders, progress, context.run.run_id))


def find_configured(database: Database, partition_key: str) -> Configured:
    """The chatbot of a partition with its active version; raises Missing."""
    for one in select_configured(database):
        if key(one[1], one[2].name) == partition_key:
            return one
    raise Missing(f"there is no chatbot {partition_key!r} with an active configuration")


def measure(database: Database, configured: Configured, embedders: Embedders, progress: Progress, run_id: str) -> Told:
    """Ask every set of a chatbot, and say how that went. What cannot be asked is told, and holds up nothing."""
    organization_id, _, chatbot, version = configured
    with database.transaction(organization_id) as connection:
        sets = evaluation_sets.count_all(connection, organization_id, chatbot.id)
        beside = _select_beside(connection, organization_id, version)
        online = dict(_online(connection, organization_id, chatbot.name))
    measured = [_measure(database, organization_id, one, version, embedders, progress, run_id) for one in sets]
    return {
        **{name: value for one in measured for name, value in _numbers(one)},
        **{name: value for one in beside for name, value in _differences(one)},
        **online,
        "version": version.number,
        "questions": sum(one.measurement.run.queries for one in measured if one.measurement),
        "waiting_for_review": sum(one.proposed for one in sets),
        "dagster/row_count": sum(len(one.measurement.scores) for one in measured if one.measurement),
        "scores": dg.MetadataValue.table([record for one in measured for record in _records(one)], schema=_SCHEMA),
        "beside": dg.MetadataValue.table([record for one in beside for record in _compared(one)], schema=_BESIDE),
    }


def _measure(
    database: Database,
    organization_id: UUID,
    counts: SetCounts,
    version: ModelConfigVersion,
    embedders: Embedders,
    progress: Progress,
    run_id: str,
) -> Measured:
    try:
        measurement = quality.measure(
            database, organization_id, counts.id, version,
            embedder=embedders.of(database, organization_id)(version.embedding_model),
            reranker=embedders.reranker(database, organization_id, retrieval.reranker_name(version)),
            adviser=embedders.adviser(database, organization_id, version.llm_model),
            run_id=run_id, progress=progress,
        )  # fmt: skip
    except MillraceError as error:
        return Measured(counts, None, str(error))
    return Measured(counts, measurement)


def _select_beside(connection: Connection, organization_id: UUID, active: ModelConfigVersion) -> list[Beside]:
    """The versions that were compared with the active one, and are not given up."""
    found = []
    for one in versions.select_all(connection, organization_id, active.chatbot_id):
        if one.status != "evaluated":
            continue
        pair = {"baseline_id": active.id, "candidate_id": one.id}
        judged = version_comparisons.select_latest(connection, organization_id, **pair)
        logged = logged_comparisons.find_latest(connection, organization_id, **pair)
        found.append(Beside(one, judged, logged))
    return found


_SCHEMA = dg.TableSchema(
    [
        dg.TableColumn("set", "string"),
        dg.TableColumn("slice", "string"),
        dg.TableColumn("metric", "string"),
        dg.TableColumn("questions", "int"),
        dg.TableColumn("value", "float"),
        dg.TableColumn("low", "float", description="lower end of the 95 % interval"),
        dg.TableColumn("high", "float", description="upper end of the 95 % interval"),
        dg.TableColumn("reason", "string", description="why nothing was measured"),
    ]
)

_BESIDE = dg.TableSchema(
    [
        dg.TableColumn("version", "int"),
        dg.TableColumn(
            "set", "string", description="of questions; 'what was asked' are logged ones, which nobody judged"
        ),
        dg.TableColumn("metric", "string"),
        dg.TableColumn("questions", "int"),
        dg.TableColumn("value", "float", description="the version's less the active one's, where it is a difference"),
        dg.TableColumn("low", "float", description="lower end of the 95 % interval"),
        dg.TableColumn("high", "float", description="upper end of the 95 % interval"),
        dg.TableColumn("p", "float", description="of a paired randomisation test"),
        dg.TableColumn("won", "int"),
        dg.TableColumn("lost", "int"),
    ]
)


def _numbers(one: Measured) -> Iterator[tuple[str, float]]:
    for score in one.measurement.scores if one.measurement else ():
        if score.value is not None and not score.slice:
            yield f"{score.metric} ({one.counts.name})", float(score.value)


def _differences(one: Beside) -> Iterator[tuple[str, float]]:
    for compared in one.judged:
        if compared.evaluation_set_id is None and compared.difference is not None:
            yield f"{compared.metric} of version {one.version.number} less the active one's", compared.difference
    if one.logged is not None and one.logged.overlap is not None:
        yield f"overlap of version {one.version.number} on what was asked", one.logged.overlap


def _online(connection: Connection, organization_id: UUID, chatbot: str) -> Iterator[tuple[str, float]]:
    """What became of the questions of the last seven days that are over: the numbers of the pages under /analytics."""
    until = datetime.now(UTC).date()
    week = Filter(until - timedelta(days=7), until, chatbot=chatbot)
    for group in overviews.breakdown(connection, organization_id, week, by="chatbot"):
        for one in group.measures:
            if one.key in ("questions", "answered_rate", "no_answer_rate", "liked_rate") and one.value is not None:
                yield f"{one.key} (asked in seven days)", one.value


def _records(one: Measured) -> Iterator[dg.TableRecord]:
    blank: dict[str, str | int | float | None] = {column.name: None for column in _SCHEMA.columns}
    if one.measurement is None:
        yield dg.TableRecord(blank | {"set": one.counts.name, "reason": one.reason})
        return
    for score in one.measurement.scores:
        yield dg.TableRecord(
            blank
            | {"set": one.counts.name, "slice": score.slice or "all", "metric": score.metric}
            | {"questions": score.queries, "value": score.value, "low": score.low, "high": score.high}
        )


def _compared(one: Beside) -> Iterator[dg.TableRecord]:
    blank: dict[str, str | int | float | None] = {column.name: None for column in _BESIDE.columns}
    for each in one.judged:
        yield dg.TableRecord(
            blank
            | {"version": one.version.number, "set": each.evaluation_set or "all sets", "metric": each.metric}
            | {"questions": each.queries, "value": each.difference, "low": each.low, "high": each.high}
            | {"p": each.p_value, "won": each.won, "lost": each.lost}
        )
    if one.logged is not None:
        logged = one.logged
        asked = blank | {"version": one.version.number, "set": "what was asked", "won": logged.won, "lost": logged.lost}
        yield dg.TableRecord(
            asked
            | {"metric": f"overlap_at_{logged.depth}", "questions": logged.overlapping, "value": logged.overlap}
            | {"low": logged.overlap_low, "high": logged.overlap_high}
        )
        yield dg.TableRecord(
            asked
            | {"metric": "mean_move", "questions": logged.both_found, "value": logged.mean_move}
            | {"low": logged.mean_move_low, "high": logged.mean_move_high}
        )
