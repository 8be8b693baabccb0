"""The asset `raw_documents`: the bytes of a source's documents, as they are now."""

import dagster as dg

from pipelines import steps
from pipelines.assets.data_sources import data_sources
from pipelines.partitions import FOLLOWED, source_partitions
from resources.bindings import Progress
from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.secrets import Keyring


@dg.asset(
    partitions_def=source_partitions,
    deps=[data_sources],
    group_name="knowledge",
    freshness_policy=FOLLOWED,
    kinds={"postgres", "file"},
    owners=["team:data-engineering"],
    tags={"work": "incremental"},
    metadata={"dagster/table_name": "knowledge.documents"},
    code_version="1",
)
def raw_documents(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    store: dg.ResourceParam[ObjectStore],
    keyring: dg.ResourceParam[Keyring],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult[None]:
    """The documents of a source as they are there now: what is new or changed is fetched, what vanished is removed.

    The source is listed by size and time first, by checksum second; bytes are kept once, under their SHA-256. Every
    change of a document makes a new, immutable version. A listing that fails or comes back empty removes nothing.
    """
    with steps.by_hand(database, context.partition_key, context.run, later=("chunks", "embeddings")):
        told = steps.bring(
            database, context.partition_key, store=store, keyring=keyring, run_id=context.run.run_id, progress=progress
        )
    return dg.MaterializeResult(metadata=told)
