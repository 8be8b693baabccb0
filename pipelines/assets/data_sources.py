"""The asset `data_sources`: where documents come from."""

import dagster as dg

from pipelines import steps
from pipelines.partitions import FOLLOWED, source_partitions
from pipelines.runs import claim
from resources.foundation.database import Database


@dg.asset(
    partitions_def=source_partitions,
    group_name="knowledge",
    freshness_policy=FOLLOWED,
    kinds={"postgres"},
    owners=["team:data-engineering"],
    metadata={"dagster/table_name": "knowledge.data_sources"},
    code_version="1",
)
def data_sources(context: dg.AssetExecutionContext, database: dg.ResourceParam[Database]) -> dg.MaterializeResult[None]:
    """A place that documents come from: how often it is looked at, and when it last was.

    One partition is one source, named `organization/source`. The sensor `due_sources` makes and removes partitions as
    sources come and go, and asks for a sync of each when its time has come.
    """
    claim(context.instance, context.run.run_id)
    return dg.MaterializeResult(metadata=steps.describe(database, context.partition_key))
