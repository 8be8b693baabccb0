"""The steps of a sync of one source, as its assets do them one by one and a shared run in turn.

Each takes a partition, does what waits there and says in numbers what that was. `run_id` holds the source's lease from
the first step to the last.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

import dagster as dg

from pipelines import configurations, metadata, recipes
from pipelines.metadata import Metadata
from pipelines.partitions import find_source
from resources.bindings import Embedders, Progress
from resources.foundation.database import Database, Server
from resources.foundation.errors import Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.secrets import Keyring
from resources.knowledge.intake import intake, leases
from resources.knowledge.readers.workers import ParserPool
from resources.knowledge.search import vector_indexes

LOGGER = logging.getLogger(__name__)

Told = Mapping[str, dg.MetadataValue | str | int | float]


def describe(database: Database, partition_key: str) -> Told:
    """What the source is, and when it was last synced."""
    _, source = find_source(database, partition_key)
    return {
        "type": source.source_type,
        "status": source.status,
        "sync_frequency_s": source.sync_frequency,
        "last_sync": dg.MetadataValue.timestamp(source.last_sync) if source.last_sync else "never",
    }


@contextmanager
def by_hand(
    database: Database, partition_key: str, run: dg.DagsterRun, *, later: Sequence[str]
) -> Iterator[None]:  # fmt: skip
    """Let go of the source after a step when the run has no later one, as when one asset is materialized alone."""
    yield
    chosen = run.asset_selection
    if chosen is not None and not chosen & {dg.AssetKey(asset) for asset in later}:
        organization_id, source = find_source(database, partition_key)
        with database.transaction(organization_id) as connection:
            leases.free(connection, organization_id, source.id, holder=run.run_id)


def bring(
    database: Database, partition_key: str, *, store: ObjectStore, keyring: Keyring, run_id: str, progress: Progress
) -> Metadata:
    """List the source and bring what is new or changed."""
    started = time.perf_counter()
    organization_id, source = find_source(database, partition_key)
    counts = intake.bring_documents(
        database, organization_id, source.id, store=store, keyring=keyring, run_id=run_id, progress=progress
    )
    return metadata.told(
        metadata.RAW_DOCUMENTS, counts, elapsed_s=time.perf_counter() - started,
        database=database, organization_id=organization_id, source_id=source.id,
    )  # fmt: skip


def cut(
    database: Database,
    partition_key: str,
    *,
    store: ObjectStore,
    parser_pool: ParserPool,
    run_id: str,
    progress: Progress,
) -> Metadata:
    """Parse and cut the documents that wait."""
    started = time.perf_counter()
    organization_id, source = find_source(database, partition_key)
    counts = intake.cut_waiting(
        database, organization_id, source.id, store=store, parsers=parser_pool,
        rules=recipes.rules(database, organization_id, source.id), run_id=run_id, progress=progress,
    )  # fmt: skip
    return metadata.told(
        metadata.CHUNKS, counts, elapsed_s=time.perf_counter() - started,
        database=database, organization_id=organization_id, source_id=source.id,
    )  # fmt: skip


def embed(
    server: Server,
    database: Database,
    partition_key: str,
    *,
    embedders: Embedders,
    run_id: str,
    progress: Progress,
) -> Metadata:
    """Embed what has no vector, show readers what is whole, and index the vectors where they have become many."""
    started = time.perf_counter()
    organization_id, source = find_source(database, partition_key)
    with recipes.abandoning(database, organization_id, source.id, run_id=run_id):
        wanted = recipes.recipes(database, organization_id, source.id, embedders=embedders)
    counts = intake.embed_waiting(
        database, organization_id, source.id, recipes=wanted, run_id=run_id, progress=progress
    )
    configurations.keep_in_step(
        database, organization_id, source.id, done=wanted, embedders=embedders, progress=progress
    )
    told = metadata.told(
        metadata.EMBEDDINGS, counts, elapsed_s=time.perf_counter() - started,
        database=database, organization_id=organization_id, source_id=source.id,
    )  # fmt: skip
    return told | _indexed(server, database, organization_id, progress)


def _indexed(server: Server, database: Database, organization_id: UUID, progress: Progress) -> Metadata:
    """Make the indexes that are missing now that the source is let go of; a sync is none the worse where one is not."""
    started = time.perf_counter()
    try:
        done = vector_indexes.make_missing(server, database, organization_id, progress=progress)
    except Unavailable as error:
        LOGGER.warning("%s", error)
        return {"index_problem": str(error)}
    if not done:
        return {}
    return {"indexed": ", ".join(sorted(done)), "index_elapsed_s": round(time.perf_counter() - started, 3)}
