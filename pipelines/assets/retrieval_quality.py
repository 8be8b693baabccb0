"""The asset `retrieval_quality`: how well the search that serves finds what it should."""

from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg

from pipelines.assets.embeddings import embeddings
from pipelines.assets.model_config_versions import model_config_versions, select_configured
from resources.bindings import Embedders, Progress
from resources.bots import evaluation_sets, retrieval
from resources.bots import retrieval_quality as quality
from resources.bots.records import Measurement
from resources.foundation.database import Database
from resources.foundation.errors import Misconfigured, Missing


@dataclass(frozen=True)
class Measured:
    """An evaluation set, as organization/chatbot/set, and what was measured; why not, where there is nothing to ask."""

    label: str
    measurement: Measurement | None
    reason: str = ""


@dg.asset(
    deps=[embeddings, model_config_versions],
    group_name="bots",
    kinds={"postgres", "python"},
    owners=["team:data-science"],
    metadata={"dagster/table_name": "bots.evaluation_scores"},
    code_version="1",
)
def retrieval_quality(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    embedders: dg.ResourceParam[Embedders],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """How well the search that serves finds what it should: nDCG, recall, MRR and time, for each evaluation set.

    Every judged question of a set is asked by its chatbot's active configuration. Each metric is a number that plots
    from run to run; the table has the 95 % intervals, and slices such as languages. What is not defined is left out,
    never 0.
    """
    measured = list(measure_all(database, embedders, progress, context.run.run_id))
    return dg.MaterializeResult(
        metadata={
            **{name: value for one in measured for name, value in _numbers(one)},
            "dagster/row_count": sum(len(one.measurement.scores) for one in measured if one.measurement),
            "scores": dg.MetadataValue.table([record for one in measured for record in _records(one)], schema=_SCHEMA),
        }
    )


def measure_all(database: Database, embedders: Embedders, progress: Progress, run_id: str) -> Iterator[Measured]:
    """Every evaluation set of every organization, asked by its chatbot's active configuration."""
    for organization_id, slug, chatbot, version in select_configured(database):
        with database.transaction(organization_id) as connection:
            sets = evaluation_sets.select_all(connection, organization_id)
        for one in sets:
            if one.chatbot_id != chatbot.id:
                continue
            label = f"{slug}/{chatbot.name}/{one.name}"
            try:
                measurement = quality.measure(
                    database, organization_id, one.id, version,
                    embedder=embedders.of(database, organization_id)(version.embedding_model),
                    reranker=embedders.reranker(database, organization_id, retrieval.reranker_name(version)),
                    run_id=run_id, progress=progress,
                )  # fmt: skip
            except (Missing, Misconfigured) as error:
                yield Measured(label, None, str(error))
            else:
                yield Measured(label, measurement)


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


def _numbers(one: Measured) -> Iterator[tuple[str, float]]:
    for score in one.measurement.scores if one.measurement else ():
        if score.value is not None and not score.slice:
            yield f"{score.metric} ({one.label})", float(score.value)


def _records(one: Measured) -> Iterator[dg.TableRecord]:
    blank: dict[str, str | int | float | None] = {column.name: None for column in _SCHEMA.columns}
    if one.measurement is None:
        yield dg.TableRecord(blank | {"set": one.label, "reason": one.reason})
        return
    for score in one.measurement.scores:
        yield dg.TableRecord(
            blank
            | {"set": one.label, "slice": score.slice or "all", "metric": score.metric, "questions": score.queries}
            | {"value": score.value, "low": score.low, "high": score.high}
        )
