"""The HNSW indexes of vectors: one for each model that has many, none for the others, which are compared exactly.

A model is one organization's, so each organization with many vectors has an index of its own, and no other's vectors
are in it. Whether there is one is read from the catalog alone. An index is made, made again and dropped beside what
serves, never in a transaction of a sync: until it is valid, the search compares all vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import psycopg

from resources.foundation.database import SOUND_PGVECTOR, Database, Server
from resources.foundation.statements import Connection, find, many, statements_for, value

SQL = statements_for(__name__)

PAYS_FROM = 5_000
"""From so many vectors on a model is indexed: comparing them all takes 10 ms and more, the index 4."""
MOST_DIMENSIONS = 4_000
"""pgvector indexes no longer halfvec; such a model is searched exactly."""
BLOAT = 2.0
"""An index of so many times the size that it would have if it were made now is made again."""

Step = Literal["make", "remake", "drop"]
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
            "the job 'index_vectors' makes it again"
        )
    if step_for(index) == "make":
        return (
            f"the {index.vectors:,} vectors of {index.model} have no index, so each search compares all of them: "
            "run the job 'index_vectors'"
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


def keep(
    server: Server,
    database: Database,
    organization_id: UUID,
    *,
    pays_from: int = PAYS_FROM,
    progress: Progress = lambda *_: None,
) -> dict[str, Step]:
    """Make, make again and drop the indexes of an organization as its vectors ask for; what was done, by model.

    Nothing is done where another process is at it. What a killed build left is cleared away first.
    """
    with database.transaction(organization_id) as connection:
        indexes = select_all(connection, organization_id)
    wanted = [(index, step) for index in indexes if (step := step_for(index, pays_from=pays_from))]
    if not wanted and all(index.is_valid or not index.is_indexed for index in indexes):
        return {}
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as owner:
        if not value(owner, SQL["lock"]):
            return {}
        _prepare(owner)
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


def _prepare(owner: Connection) -> None:
    """A build has time and room: in memory it is many times faster."""
    owner.execute("set lock_timeout = '10min'")
    owner.execute("set statement_timeout = 0")
    owner.execute("set maintenance_work_mem = '2GB'")
    owner.execute("set max_parallel_maintenance_workers = 4")


def _take(owner: Connection, index: VectorIndex, step: Step) -> None:
    statement = {"make": SQL["definition"], "remake": SQL["renewal"], "drop": SQL["removal"]}[step]
    text: str = value(owner, statement, embedding_model_id=index.embedding_model_id, dimension=index.dimension)
    owner.execute(text.encode())
