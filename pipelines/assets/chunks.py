"""The asset `chunks`: passages of every document."""

import dagster as dg

from pipelines import steps
from pipelines.assets.raw_documents import raw_documents
from pipelines.partitions import FOLLOWED, source_partitions
from resources.bindings import Progress
from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.knowledge.readers.workers import ParserPool
from resources.knowledge.records import CHUNKER_VERSION


@dg.asset(
    partitions_def=source_partitions,
    deps=[raw_documents],
    group_name="knowledge",
    freshness_policy=FOLLOWED,
    kinds={"postgres", "python"},
    owners=["team:data-engineering"],
    tags={"work": "incremental"},
    metadata={"dagster/table_name": "knowledge.chunks"},
    code_version=CHUNKER_VERSION,
)
def chunks(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    store: dg.ResourceParam[ObjectStore],
    parser_pool: dg.ResourceParam[ParserPool],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """Passages of every document that waits, cut as the chatbots that read the source ask for.

    Files are parsed in bounded processes without network. Passages follow headings and paragraphs, and know their
    place: the first and last character in the version's text, section and page. A file that cannot be read is kept
    with its reason in `knowledge.sync_failures` and holds up nothing else.
    """
    with steps.by_hand(database, context.partition_key, context.run, later=("embeddings",)):
        told = steps.cut(
            database, context.partition_key, store=store, parser_pool=parser_pool, run_id=context.run.run_id,
            progress=progress,
        )  # fmt: skip
    return dg.MaterializeResult(metadata=told)
