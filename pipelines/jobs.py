"""The jobs: what runs together. Steps run in the run's own process, in turn: a process for each would cost 8 s."""

from dataclasses import asdict

import dagster as dg

from pipelines.checks import source_checks, suite_checks
from pipelines.runs import claim
from resources.foundation.database import Database
from resources.identity.couriers import Courier

SYNCED = dg.AssetSelection.assets("data_sources", "raw_documents", "chunks", "embeddings")

sync_sources = dg.define_asset_job(
    "sync_sources",
    selection=SYNCED.without_checks() | dg.AssetSelection.checks(*source_checks),
    executor_def=dg.in_process_executor,
    description="Bring one source up to date: list, fetch, cut, embed, and check that its rows agree.",
)

check_knowledge = dg.define_asset_job(
    "check_knowledge",
    selection=dg.AssetSelection.checks(*suite_checks),
    executor_def=dg.in_process_executor,
    description="Hold the rows of all organizations against the Great Expectations suites.",
)


@dg.op(
    description="Post and mail what is due, in every organization; what cannot be delivered now is tried again later."
)
def deliver(
    context: dg.OpExecutionContext, database: dg.ResourceParam[Database], courier: dg.ResourceParam[Courier]
) -> None:
    """Make the deliveries that are due, and say how they ended."""
    claim(context.instance, context.run_id)
    context.add_output_metadata(asdict(courier.deliver_all(database)))


@dg.job(executor_def=dg.in_process_executor, description="Tell people what happened, by mail and by webhooks.")
def deliver_notifications() -> None:
    """One step."""
    deliver()
