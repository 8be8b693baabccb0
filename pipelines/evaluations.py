"""Measuring, by jobs: all chatbots as they answer now, each in its partition; and a version beside the active one."""

from collections.abc import Iterator
from uuid import UUID

import dagster as dg

from pipelines import runs
from pipelines.assets.model_config_versions import describe, select_configured
from pipelines.assets.retrieval_quality import measure
from pipelines.configurations import Asked, organization_of
from pipelines.partitions import keep_chatbots, key
from resources.bindings import Embedders, Progress
from resources.bots.configurations import configuration_requests, model_config_versions
from resources.bots.evaluation import trials
from resources.bots.evaluation.trials import Openers
from resources.conversations import logged_comparisons
from resources.foundation.database import Database


@dg.op(out=dg.Out(dg.Nothing), description="Ask every accepted question that reports, chatbot by chatbot.")
def measure_chatbots(
    context: dg.OpExecutionContext,
    database: dg.ResourceParam[Database],
    embedders: dg.ResourceParam[Embedders],
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.AssetMaterialization | dg.Output[None]]:
    """A run costs some seconds before it does anything, so all chatbots share one; each says how it went at once."""
    runs.claim(context.instance, context.run_id)
    configured = select_configured(database)
    keep_chatbots(context.instance, [key(slug, chatbot.name) for _, slug, chatbot, _ in configured])
    yield dg.AssetMaterialization("model_config_versions", metadata=describe(database))
    for one in configured:
        told = measure(database, one, embedders, progress, context.run_id)
        yield dg.AssetMaterialization("retrieval_quality", partition=key(one[1], one[2].name), metadata=told)
    yield dg.Output(None, metadata={"chatbots": len(configured)})


@dg.job(
    executor_def=dg.in_process_executor,
    description="Ask every accepted question of every chatbot through the search that serves, and keep the scores.",
)
def evaluate_retrieval() -> None:
    """One step."""
    measure_chatbots()


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Ask the same questions by a configuration and by the active one: judged ones, and what was asked.",
)
def evaluate_version(
    context: dg.OpExecutionContext,
    config: Asked,
    database: dg.ResourceParam[Database],
    embedders: dg.ResourceParam[Embedders],
    progress: dg.ResourceParam[Progress],
) -> None:
    """As `millrace config evaluate`: the judged questions decide, the logged ones inform."""
    runs.claim(context.instance, context.run_id)
    organization_id = organization_of(database, config.organization)
    with database.transaction(organization_id) as connection:
        configuration_requests.set_begun(connection, organization_id, UUID(config.version_id), "evaluate")
        candidate = model_config_versions.get(connection, organization_id, UUID(config.version_id))
        active = model_config_versions.get_active(connection, organization_id, candidate.chatbot_id)
    trials.require_comparable(active, candidate)
    openers = Openers(
        embedders.of(database, organization_id),
        lambda name: embedders.reranker(database, organization_id, name),
        lambda name: embedders.adviser(database, organization_id, name),
    )
    logged = logged_comparisons.evaluate(
        database, organization_id, baseline=active, candidate=candidate, openers=openers, progress=progress
    )
    told: dict[str, int | float] = {"version": candidate.number, "beside": active.number}
    if logged is not None:
        told |= {"logged_questions": logged.asked, "logged_won": logged.won, "logged_lost": logged.lost}
        told |= {"logged_overlap": logged.overlap} if logged.overlap is not None else {}
    trial = trials.evaluate(database, organization_id, candidate.id, openers=openers, progress=progress)
    for one in trial.comparisons:
        if one.evaluation_set_id is None:
            told["questions"] = one.queries
            told |= {f"{one.metric}_difference": one.difference} if one.difference is not None else {}
            told |= {f"{one.metric}_low": one.low} if one.low is not None else {}
    context.add_output_metadata(told)


@dg.job(
    executor_def=dg.in_process_executor,
    description="Measure a configuration of a chatbot beside the active one, on the same questions.",
)
def evaluate_configuration() -> None:
    """One step."""
    evaluate_version()
