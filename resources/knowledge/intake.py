"""Keep the knowledge in step with a source: bring what changed, cut what waits, embed what has no vector.

Three steps, each of which asks the database what is waiting, commits its work together with its progress, and so can
be killed anywhere and run again:

1. `bring_documents` lists the source and keeps new bytes as a new version of a document (arrivals.py),
2. `cut_waiting` parses and cuts versions into chunks that nobody sees yet (preparations.py),
3. `embed_waiting` gives them vectors and, document by document, shows them to readers in place of the former version
   (publications.py).

The first step opens a training job, the last completes it: the row that a person sees of the sync.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import MillraceError
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Embedder
from resources.knowledge import arrivals, data_sources, preparations, publications, sync_failures, training_jobs
from resources.knowledge.preparations import Parsers
from resources.knowledge.records import ChunkingRule, Recipe, SyncCounts

Progress = Callable[[str, int, int], None]
"""Told how far a stage is: its name, how many items are done, how many are known by now."""


def bring_documents(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    store: ObjectStore,
    run_id: str | None = None,
    progress: Progress | None = None,
) -> SyncCounts:
    """Step 1: list the source; keep the bytes of what is new or changed, withdraw what vanished.

    `run_id` is the Dagster run that brings them. An item that fails is recorded and stops nothing else. Raises
    Unavailable when the source cannot be listed whole, or lists nothing though it had documents (nothing is deleted
    then); Missing, Refused or Misconfigured when the source cannot be synced at all.
    """
    with database.transaction(organization_id) as connection:
        source = data_sources.get(connection, organization_id, source_id)
        job_id = training_jobs.start(connection, organization_id, source_id, run_id=run_id)
    with _ending_on_failure(database, organization_id, source_id, stage="listing"):
        counts = arrivals.bring(
            database, organization_id, source, store=store, run_id=run_id, progress=progress or _silent
        )
    with database.transaction(organization_id) as connection:
        sync_failures.remove_outdated(connection, organization_id, source_id=source_id, training_job_id=job_id)
        training_jobs.advance(connection, organization_id, job_id, counts)
    return counts


def cut_waiting(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    store: ObjectStore,
    parsers: Parsers,
    rules: Sequence[ChunkingRule],
    progress: Progress | None = None,
) -> SyncCounts:
    """Step 2: parse and cut, under each rule, the newest versions that lack chunks; one transaction a document."""
    with _ending_on_failure(database, organization_id, source_id):
        counts = preparations.prepare(
            database, organization_id, source_id, store=store, parsers=parsers, rules=rules,
            progress=progress or _silent,
        )  # fmt: skip
    _advance(database, organization_id, source_id, counts)
    return counts


def embed_waiting(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    recipes: Sequence[tuple[Recipe, Embedder]],
    progress: Progress | None = None,
) -> SyncCounts:
    """Step 3: embed contents that have no vector, publish what is whole, and end the sync.

    An embedder that fails as a whole (Unavailable …) ends the sync as failed; what was stored until then is right, and
    the next sync goes on from there.
    """
    with _ending_on_failure(database, organization_id, source_id):
        counts = publications.publish(
            database, organization_id, source_id, recipes=recipes, progress=progress or _silent
        )
    _advance(database, organization_id, source_id, counts)
    with database.transaction(organization_id) as connection:
        data_sources.set_synced(connection, organization_id, source_id)
        job_id = training_jobs.find_open(connection, organization_id, source_id)
        if job_id is not None:
            training_jobs.complete(connection, organization_id, job_id)
    return counts


def sync(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    store: ObjectStore,
    parsers: Parsers,
    recipes: Sequence[tuple[Recipe, Embedder]],
    run_id: str | None = None,
    progress: Progress | None = None,
) -> SyncCounts:
    """All three steps, one after the other; what they did together."""
    brought = bring_documents(database, organization_id, source_id, store=store, run_id=run_id, progress=progress)
    cut = cut_waiting(
        database, organization_id, source_id, store=store, parsers=parsers,
        rules=list(dict.fromkeys(recipe.rule for recipe, _ in recipes)), progress=progress,
    )  # fmt: skip
    return brought + cut + embed_waiting(database, organization_id, source_id, recipes=recipes, progress=progress)


def abandon(
    database: Database, organization_id: UUID, source_id: UUID, *, reason: str, stage: str | None = None
) -> None:
    """End the running sync of a source as failed, for a reason that a person can act on."""
    with database.transaction(organization_id) as connection:
        data_sources.set_synced(connection, organization_id, source_id, has_failed=True)
        job_id = training_jobs.find_open(connection, organization_id, source_id)
        if job_id is not None:
            training_jobs.fail(connection, organization_id, job_id, reason=reason)
        if stage is not None:
            sync_failures.record(
                connection, organization_id, source_id=source_id, path=".", document_id=None, stage=stage,
                outcome="failed", reason=reason,
            )  # fmt: skip


@contextmanager
def _ending_on_failure(
    database: Database, organization_id: UUID, source_id: UUID, *, stage: str | None = None
) -> Iterator[None]:
    try:
        yield
    except MillraceError as error:
        abandon(database, organization_id, source_id, reason=str(error), stage=stage)
        raise


def _advance(database: Database, organization_id: UUID, source_id: UUID, counts: SyncCounts) -> None:
    with database.transaction(organization_id) as connection:
        job_id = training_jobs.find_open(connection, organization_id, source_id)
        if job_id is not None:
            training_jobs.advance(connection, organization_id, job_id, counts)


def _silent(_stage: str, _done: int, _total: int) -> None:
    return None
