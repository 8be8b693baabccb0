"""The HNSW indexes of vectors: one for each model that has many, none for the others, which are compared exactly.

A model is one organization's, so each organization with many vectors has an index of its own, and no other's vectors
are in it. Whether there is one is read from the catalog alone. An index is made, made again and dropped beside what
serves, never in a transaction of a sync: until it is valid, the search compares all vectors.

A sync makes the index that is missing, at its end and in bulk; what else is to be done waits for the night. One that is
there stays while a sync adds to it: 5,000 vectors into 20,000 took 1.6 times as long as all anew, and a graph that is
dropped is missed by whoever asks meanwhile, the longer the larger it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import psycopg

from resources.foundation.database import SOUND_PGVECTOR, Database, Server
from resources.foundation.errors import Unavailable
from resources.foundation.statements import Connection, find, many, statements_for, value

SQL = statements_for(__name__)

PAYS_FROM = 5_000
"""From so many vectors on a model is indexed: comparing them all takes 10 ms and more, the index 4."""
MOST_DIMENSIONS = 4_000
"""pgvector indexes no longer halfvec; such a model is searched exactly."""
BLOAT = 2.0
"""An index of so many times the size that it would have if it were made now is made again."""

MOST_MEMORY_MB = 2_048
"""A graph is built in so much memory at most; what does not fit is built several times slower, on disk."""

MOST_WORKERS = 4

Step = Literal["make", "remake", "drop"]
ANY_STEP: frozenset[Step] = frozenset({"make", "remake", "drop"})
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class VectorIndex:
    """A model of an organization, and the index of its vectors where there is one."""

    embedding_model_id: UUID
    model: str
    dimension: int
    vectors: int
    is_indexed: bool
    is_valid: bool
    indexed_vectors: int
    index_bytes: int
    pgvector_version: str

    @property
    def serves(self) -> bool:
        """Whether searches walk it."""
        return self.is_indexed and self.is_valid

    @property
    def fresh_bytes(self) -> int:
        """About what the index would take if it were made now: each vector in halves, and its neighbours."""
        return math.ceil(self.vectors * (2 * self.dimension + 320) * 8192 / 7800)

    @property
    def build_mb(self) -> int:
        """The memory in which a build keeps the graph: each vector in halves, its neighbours and room to spare."""
        return min(MOST_MEMORY_MB, 64 + math.ceil(self.vectors * (2 * self.dimension + 900) / 2**20))

    @property
    def bloat(self) -> float:
        """How many times larger than a fresh one it is; 1 where there is none."""
        return self.index_bytes / self.fresh_bytes if self.index_bytes and self.vectors else 1.0


def select_all(connection: Connection, organization_id: UUID) -> list[VectorIndex]:
    """The models of an organization, by name. Counts their vectors: 0.1 s for a million."""
    return many(connection, VectorIndex, SQL["select_all"], organization_id=organization_id)


def step_for(index: VectorIndex, *, pays_from: int = PAYS_FROM) -> Step | None:
    """What is to be done about a model's index, if anything. It is dropped at half the number that it is made from."""
    if not index.serves:
        return "make" if index.vectors >= pays_from and index.dimension <= MOST_DIMENSIONS else None
    if index.vectors < pays_from / 2:
        return "drop"
    return "remake" if index.bloat > BLOAT else None


def problem(connection: Connection, organization_id: UUID, embedding_model_id: UUID) -> str | None:
    """What is wrong with the index of a model, in words; None where all is well, also where none is needed."""
    index = find(
        connection, VectorIndex, SQL["find"], organization_id=organization_id, embedding_model_id=embedding_model_id
    )
    return None if index is None else problem_of(index)


def problem_of(index: VectorIndex) -> str | None:
    """The same of an index that was looked up."""
    if index.is_indexed and not index.is_valid:
        return (
            f"the index of {index.model} is not whole, so each search compares all vectors: "
            "the next sync makes it again, and so does the job 'index_vectors'"
        )
    if step_for(index) == "make":
        return (
            f"the {index.vectors:,} vectors of {index.model} have no index, so each search compares all of them: "
            "the next sync makes one, and so does the job 'index_vectors'"
        )
    if index.vectors >= PAYS_FROM and index.dimension > MOST_DIMENSIONS:
        return (
            f"{index.model} has {index.dimension:,} dimensions, and no index takes more than {MOST_DIMENSIONS:,}: its "
            f"{index.vectors:,} vectors are compared one by one; a shorter model would be searched faster"
        )
    if step_for(index) == "remake":
        return f"the index of {index.model} takes {index.bloat:.1f} times its room: run the job 'index_vectors'"
    return None


def version_warning(version: str) -> str | None:
    """What is to be said of pgvector's version; None where it is sound."""
    numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
    if numbers >= SOUND_PGVECTOR:
        return None
    wanted = ".".join(map(str, SOUND_PGVECTOR))
    return f"pgvector {version} can damage an index while it is vacuumed: install {wanted} or newer"


def make_missing(
    server: Server,
    database: Database,
    organization_id: UUID,
    *,
    pays_from: int = PAYS_FROM,
    progress: Progress = lambda *_: None,
) -> dict[str, Step]:
    """Make the indexes that an organization lacks, as after a sync; what was done, by model.

    Costs next to nothing where none is lacking. Raises Unavailable as `keep` does.
    """
    with database.transaction(organization_id) as connection:
        lacks: bool = value(
            connection, SQL["is_lacking"], organization_id=organization_id, pays_from=pays_from,
            most_dimensions=MOST_DIMENSIONS,
        )  # fmt: skip
    if not lacks:
        return {}
    return keep(
        server, database, organization_id, pays_from=pays_from, progress=progress, steps={"make"}, patience_s=60
    )


def keep(
    server: Server,
    database: Database,
    organization_id: UUID,
    *,
    pays_from: int = PAYS_FROM,
    progress: Progress = lambda *_: None,
    steps: Collection[Step] = ANY_STEP,
    patience_s: int = 600,
) -> dict[str, Step]:
    """Make, make again and drop the indexes of an organization as its vectors ask for; what was done, by model.

    Nothing is done where another process is at it. What a killed build left is cleared away first. Others that write
    are waited for, `patience_s` at most each time. Raises Unavailable where the database does not let it be done.
    """
    with database.transaction(organization_id) as connection:
        indexes = select_all(connection, organization_id)
    asked = [(index, step_for(index, pays_from=pays_from)) for index in indexes]
    wanted = [(index, step) for index, step in asked if step is not None and step in steps]
    if not wanted and all(index.is_valid or not index.is_indexed for index in indexes):
        return {}
    try:
        with psycopg.connect(server.admin_conninfo(), autocommit=True) as owner:
            return _keep(owner, wanted, progress, patience_s)
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise Unavailable(
            f"the indexes of vectors could not be kept ({reason}): searches compare all vectors where one is missing, "
            "and the next sync and the job 'index_vectors' try again"
        ) from error


def _keep(
    owner: Connection, wanted: Sequence[tuple[VectorIndex, Step]], progress: Progress, patience_s: int
) -> dict[str, Step]:
    if not value(owner, SQL["lock"]):
        return {}
    owner.execute(SQL["prepare"], {"patience": f"{patience_s}s"})
    clear(owner)
    done: dict[str, Step] = {}
    for number, (index, step) in enumerate(wanted):
        progress(f"{step} the index of {index.vectors:,} vectors of {index.model}", number, len(wanted))
        _take(owner, index, step)
        done[index.model] = step
    return done


def clear(owner: Connection) -> int:
    """Drop what killed builds left, and indexes that were found empty, of all organizations; how many."""
    leftovers = [row[0] for row in owner.execute(SQL["select_leftovers"])]
    for statement in leftovers:
        owner.execute(statement.encode())
    return len(leftovers)


def _take(owner: Connection, index: VectorIndex, step: Step) -> None:
    """A build has time and room: in memory it is many times faster. Alone where there is no memory to be shared."""
    statement = {"make": SQL["definition"], "remake": SQL["renewal"], "drop": SQL["removal"]}[step]
    text: str = value(owner, statement, embedding_model_id=index.embedding_model_id, dimension=index.dimension)
    try:
        owner.execute(SQL["give_room"], {"memory": f"{index.build_mb}MB", "workers": str(MOST_WORKERS)})
        owner.execute(text.encode())
    except (psycopg.errors.DiskFull, psycopg.errors.OutOfMemory):
        # a container's shared memory is often 64 MB, which several processes cannot build in
        clear(owner)
        owner.execute(SQL["give_room"], {"memory": f"{index.build_mb}MB", "workers": "0"})
        owner.execute(text.encode())
