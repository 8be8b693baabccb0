"""The asset `chunks`: passages of every document."""

import time

import dagster as dg

from pipelines import metadata, recipes
from pipelines.assets.raw_documents import raw_documents
from pipelines.partitions import find_source, source_partitions
from resources.bindings import Progress
from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.knowledge import intake
from resources.knowledge.records import CHUNKER_VERSION
from resources.knowledge.workers import ParserPool


@dg.asset(
    partitions_def=source_partitions,
    deps=[raw_documents],
    group_name="knowledge",
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
    started = time.perf_counter()
    organization_id, source = find_source(database, context.partition_key)
    counts = intake.cut_waiting(
        database, organization_id, source.id, store=store, parsers=parser_pool,
        rules=recipes.rules(database, organization_id, source.id), progress=progress,
    )  # fmt: skip
    return dg.MaterializeResult(
        metadata=metadata.told(
            metadata.CHUNKS, counts, elapsed_s=time.perf_counter() - started,
            database=database, organization_id=organization_id, source_id=source.id,
        )
    )  # fmt: skip
