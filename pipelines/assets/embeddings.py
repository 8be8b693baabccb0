"""The asset `embeddings`: a vector for every passage; with it a new version of a document becomes visible."""

import time

import dagster as dg

from pipelines import metadata, recipes
from pipelines.assets.chunks import chunks
from pipelines.partitions import find_source, source_partitions
from resources.bindings import Embedders, Progress
from resources.foundation.database import Database
from resources.knowledge import intake


@dg.asset(
    partitions_def=source_partitions,
    deps=[chunks],
    group_name="knowledge",
    kinds={"postgres", "pgvector"},
    owners=["team:data-engineering"],
    tags={"work": "incremental"},
    metadata={"dagster/table_name": "knowledge.embeddings"},
    code_version="1",
)
def embeddings(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    embedders: dg.ResourceParam[Embedders],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """A vector for every passage under each model that is asked for; only text that has none yet costs a call.

    Vectors are kept by model and content, so a passage that did not change, or that stands in two documents, is
    embedded once. In the same transaction that completes a document its new version replaces the old one for readers.
    """
    started = time.perf_counter()
    organization_id, source = find_source(database, context.partition_key)
    with recipes.abandoning(database, organization_id, source.id):
        wanted = recipes.recipes(database, organization_id, source.id, embedders=embedders)
    counts = intake.embed_waiting(database, organization_id, source.id, recipes=wanted, progress=progress)
    return dg.MaterializeResult(
        metadata=metadata.told(
            metadata.EMBEDDINGS, counts, elapsed_s=time.perf_counter() - started,
            database=database, organization_id=organization_id, source_id=source.id,
        )
    )  # fmt: skip
