"""The asset `embeddings`: a vector for every passage; with it a new version of a document becomes visible."""

import dagster as dg

from pipelines import steps
from pipelines.assets.chunks import chunks
from pipelines.partitions import FOLLOWED, source_partitions
from resources.bindings import Embedders, Progress
from resources.foundation.database import Database, Server


@dg.asset(
    partitions_def=source_partitions,
    deps=[chunks],
    group_name="knowledge",
    freshness_policy=FOLLOWED,
    kinds={"postgres", "pgvector"},
    owners=["team:data-engineering"],
    tags={"work": "incremental"},
    metadata={"dagster/table_name": "knowledge.embeddings"},
    code_version="1",
)
def embeddings(
    context: dg.AssetExecutionContext,
    server: dg.ResourceParam[Server],
    database: dg.ResourceParam[Database],
    embedders: dg.ResourceParam[Embedders],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """A vector for every passage under each model that is asked for; only text that has none yet costs a call.

    Vectors are kept by model and content, so a passage that did not change, or that stands in two documents, is
    embedded once. In the same transaction that completes a document its new version replaces the old one for readers.
    Where vectors have become many, they are indexed at the end: until then a search compares all of them.
    """
    return dg.MaterializeResult(
        metadata=steps.embed(
            server, database, context.partition_key, embedders=embedders, run_id=context.run.run_id,
            progress=progress,
        )
    )  # fmt: skip
