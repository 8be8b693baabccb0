"""Keep the knowledge in step with a source: bring what changed, cut what waits, embed what has no vector.

Three steps, each of which asks the database what is waiting, commits its work together with its progress, and so can
be killed anywhere and run again:

1. `bring_documents` lists the source and keeps new bytes as a new version of a document (arrivals.py),
2. `cut_waiting` unpacks containers (members.py), parses and cuts versions into chunks that nobody sees yet
   (preparations.py),
3. `embed_waiting` gives them vectors and, document by document, shows them to readers in place of the former version
   (publications.py).

The first step opens a training job, the last completes it: the row that a person sees of the sync.

Each step takes the source's lease in the name of its run and keeps it alive; it stays with the run from the first step
to the last, or to a failure (leases.py). A step that belongs to no run lets go of it at its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from uuid import UUID, uuid4

from psycopg import Error as DatabaseError

from resources.foundation.database import Database, DatabaseAway
from resources.foundation.errors import Conflict, MillraceError, Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Embedder
from resources.foundation.secrets import Keyring
from resources.foundation.statements import Connection
from resources.identity.expenses import BudgetReached
from resources.knowledge.connectors import credentials
from resources.knowledge.connectors.protocol import Means, connector_for
from resources.knowledge.documents import sync_failures
from resources.knowledge.intake import arrivals, leases, members, preparations, publications
from resources.knowledge.intake.leases import Lease
from resources.knowledge.intake.preparations import Parsers
from resources.knowledge.records import ChunkingRule, Recipe, SyncCounts
from resources.knowledge.sources import announcements, data_sources, training_jobs

_SECONDS_BETWEEN_WORDS = 1.0

Progress = Callable[[str, int, int], None]
"""Told how far a stage is: its name, how many items are done, how many are known by now."""


def bring_documents(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    store: ObjectStore,
    keyring: Keyring | None = None,
    run_id: str | None = None,
    holder: str | None = None,
    progress: Progress | None = None,
) -> SyncCounts:
    """Step 1: list the source; keep the bytes of what is new or changed, withdraw what vanished.

    `run_id` is the Dagster run that brings them; `keyring` opens the source's credentials, where it has some. An item
    that fails is recorded and stops nothing else. Raises Conflict while another sync works on the source, or when one
    took it over; Unavailable when the source cannot be listed whole (nothing is deleted then);
    Missing, Refused or Misconfigured when the source cannot be synced at all.
    """
    with database.transaction(organization_id) as connection:
        source = data_sources.get(connection, organization_id, source_id)
    with _leased(database, organization_id, source_id, holder=holder or run_id, stage="listing") as lease:
        with leases.writing(database, organization_id, lease) as connection:
            job_id = training_jobs.start(connection, organization_id, source_id, run_id=run_id)
            since = training_jobs.get(connection, organization_id, job_id).now
        means = Means(
            database, organization_id, store, _credentials(database, organization_id, source_id, keyring)
        )  # fmt: skip
        with closing(connector_for(source, means)) as connector:
            counts = arrivals.bring(
                database, organization_id, source, connector=connector, store=store, run_id=run_id, since=since,
                lease=lease, progress=_Told(database, organization_id, source_id, progress),
            )  # fmt: skip
        with leases.writing(database, organization_id, lease) as connection:
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
    run_id: str | None = None,
    holder: str | None = None,
    progress: Progress | None = None,
) -> SyncCounts:
    """Step 2: parse and cut, under each rule, the newest versions that lack chunks; one transaction a document.

    Raises Conflict as `bring_documents` does.
    """
    with _leased(database, organization_id, source_id, holder=holder or run_id) as lease:
        counts = members.expand(
            database, organization_id, source_id, store=store, unpackers=parsers, lease=lease,
            progress=_Told(database, organization_id, source_id, progress),
        )  # fmt: skip
        counts += preparations.prepare(
            database, organization_id, source_id, store=store, parsers=parsers, rules=rules, lease=lease,
            progress=_Told(database, organization_id, source_id, progress),
        )  # fmt: skip
        with leases.writing(database, organization_id, lease) as connection:
            _advance(connection, organization_id, source_id, counts)
    return counts


def embed_waiting(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    recipes: Sequence[tuple[Recipe, Embedder]],
    run_id: str | None = None,
    holder: str | None = None,
    progress: Progress | None = None,
) -> SyncCounts:
    """Step 3: embed contents that have no vector, publish what is whole, and end the sync.

    An embedder that fails as a whole (Unavailable …) and a budget that is reached (BudgetReached) end the sync as
    failed; what was stored until then is right, and the next sync goes on from there. Raises Conflict as
    `bring_documents` does.
    """
    with _leased(database, organization_id, source_id, holder=holder or run_id, is_last=True) as lease:
        counts = publications.publish(
            database, organization_id, source_id, recipes=recipes, lease=lease,
            progress=_Told(database, organization_id, source_id, progress),
        )  # fmt: skip
        counts += members.settle(database, organization_id, source_id, lease=lease)
        publications.settle(database, organization_id, source_id, recipes=recipes, lease=lease)
        with leases.writing(database, organization_id, lease) as connection:
            job_id = _advance(connection, organization_id, source_id, counts)
            data_sources.set_synced(connection, organization_id, source_id)
            if job_id is not None:
                training_jobs.complete(connection, organization_id, job_id)
            announcements.synced(connection, organization_id, source_id, job_id)
    return counts


def sync(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    store: ObjectStore,
    parsers: Parsers,
    recipes: Sequence[tuple[Recipe, Embedder]],
    keyring: Keyring | None = None,
    run_id: str | None = None,
    progress: Progress | None = None,
) -> SyncCounts:
    """All three steps, one after the other; what they did together."""
    holder = run_id or str(uuid4())
    brought = bring_documents(
        database, organization_id, source_id, store=store, keyring=keyring, run_id=run_id, holder=holder,
        progress=progress,
    )  # fmt: skip
    cut = cut_waiting(
        database, organization_id, source_id, store=store, parsers=parsers,
        rules=list(dict.fromkeys(recipe.rule for recipe, _ in recipes)), holder=holder, progress=progress,
    )  # fmt: skip
    return (
        brought
        + cut
        + embed_waiting(database, organization_id, source_id, recipes=recipes, holder=holder, progress=progress)
    )


def abandon(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    reason: str,
    run_id: str | None = None,
    stage: str | None = None,
) -> None:
    """End the running sync of a source as failed, for a reason that a person can act on.

    Nothing happens while the source is in the hands of another run than this one.
    """
    try:
        with database.transaction(organization_id) as connection:
            lease = leases.take(connection, organization_id, source_id, holder=run_id or str(uuid4()))
            _abandon(connection, organization_id, source_id, reason=reason, stage=stage)
            leases.release(connection, organization_id, lease)
    except Conflict:
        return


@contextmanager
def _leased(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    holder: str | None,
    stage: str | None = None,
    is_last: bool = False,
) -> Iterator[Lease]:
    """The source is this holder's for a step; a step that fails ends the sync, unless another one has the source."""
    with database.transaction(organization_id) as connection:
        lease = leases.take(connection, organization_id, source_id, holder=holder or str(uuid4()))
    lets_go = True
    try:
        with leases.kept(database, organization_id, lease):
            yield lease
        lets_go = holder is None or is_last
    except MillraceError as error:
        lets_go = False
        if not isinstance(error, DatabaseAway):  # then nobody can be told, and the lease expires by itself
            _give_up(database, organization_id, lease, error, stage=stage)
        raise
    finally:
        if lets_go:
            _release(database, organization_id, lease)


def _give_up(
    database: Database, organization_id: UUID, lease: Lease, error: MillraceError, *, stage: str | None
) -> None:
    """End the sync as failed and let go of its source. Where that fails, the database is gone, too."""
    source_id = lease.data_source_id
    with suppress(Unavailable, DatabaseError), database.transaction(organization_id) as connection:
        if leases.is_held(connection, organization_id, lease):
            _abandon(connection, organization_id, source_id, reason=str(error), stage=stage)
            if isinstance(error, BudgetReached):
                _await_money(connection, organization_id, source_id, error)
            leases.release(connection, organization_id, lease)


def _release(database: Database, organization_id: UUID, lease: Lease) -> None:
    """Where that fails, the database is gone, and the lease expires by itself."""
    with suppress(MillraceError, DatabaseError), database.transaction(organization_id) as connection:
        leases.release(connection, organization_id, lease)


def _abandon(connection: Connection, organization_id: UUID, source_id: UUID, *, reason: str, stage: str | None) -> None:
    data_sources.set_synced(connection, organization_id, source_id, has_failed=True)
    job_id = training_jobs.find_open(connection, organization_id, source_id)
    if job_id is not None:
        training_jobs.fail(connection, organization_id, job_id, reason=reason)
    announcements.failed(connection, organization_id, source_id, reason=reason)
    if stage is not None:
        sync_failures.record(
            connection, organization_id, source_id=source_id, path=".", document_id=None, stage=stage,
            outcome="failed", reason=reason,
        )  # fmt: skip


def _await_money(connection: Connection, organization_id: UUID, source_id: UUID, reached: BudgetReached) -> None:
    """Nothing of the source is wrong: the next sync forgets this, and goes on where there is money."""
    announcements.budget_reached(connection, organization_id, source_id, reached)
    sync_failures.record(
        connection, organization_id, source_id=source_id, path=".", document_id=None, stage="embedding",
        outcome="budget", reason=str(reached),
    )  # fmt: skip


def _credentials(
    database: Database, organization_id: UUID, source_id: UUID, keyring: Keyring | None
) -> Mapping[str, str]:
    if keyring is None:
        return {}
    with database.transaction(organization_id) as connection:
        return credentials.get(connection, organization_id, source_id, keyring=keyring)


def _advance(connection: Connection, organization_id: UUID, source_id: UUID, counts: SyncCounts) -> UUID | None:
    job_id = training_jobs.find_open(connection, organization_id, source_id)
    if job_id is not None:
        training_jobs.advance(connection, organization_id, job_id, counts)
    return job_id


class _Told:
    """Tells the caller how far a stage is, and the training job too, once a second at most."""

    def __init__(self, database: Database, organization_id: UUID, source_id: UUID, progress: Progress | None) -> None:
        self._database = database
        self._organization_id = organization_id
        self._progress = progress
        self._written_at = 0.0
        with database.transaction(organization_id) as connection:
            self._job_id = training_jobs.find_open(connection, organization_id, source_id)

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(stage, done, total)
        now = time.monotonic()
        if self._job_id is None or now - self._written_at < _SECONDS_BETWEEN_WORDS:
            return
        self._written_at = now
        with self._database.transaction(self._organization_id) as connection:
            training_jobs.set_progress(
                connection, self._organization_id, self._job_id, stage=stage, done=done, total=total
            )
