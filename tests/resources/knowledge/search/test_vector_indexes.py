"""Indexes of vectors: made where they pay, mended after a kill, and never a reason for fewer or other answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import numpy
import psycopg
import pytest
from numpy.typing import NDArray
from psycopg import sql

from resources.foundation.database import Database, Server
from resources.knowledge.records import Found
from resources.knowledge.search import search, vector_indexes
from resources.knowledge.search.vector_indexes import VectorIndex
from tests.conftest import make_organization
from tests.factories.vectors import RECIPE, points, stock, walks_in

DIMENSION = 32
SIZES = {"most": 4_000, "third": 1_000, "tenth": 300, "few": 30, "three": 3}
VECTORS = sum(SIZES.values())
FROM = 1_000

INDEX = VectorIndex(uuid4(), "points", 256, 0, False, False, 0, 0, "0.8.5")
SERVING = replace(INDEX, is_indexed=True, is_valid=True)


@dataclass(frozen=True)
class Shelf:
    """An organization with indexed vectors, in sources of several sizes."""

    server: Server
    database: Database
    organization_id: UUID
    model_id: UUID
    sources: dict[str, UUID]

    def nearest(
        self, vector: NDArray[numpy.float32], *names: str, k: int = 10, breadth: int = search.BREADTH
    ) -> list[Found]:
        """The k nearest in these sources, in all where none is named."""
        with self.database.transaction(self.organization_id) as connection:
            return search.dense(
                connection, self.organization_id, vector=vector, recipe_name=RECIPE, embedding_model_id=self.model_id,
                source_ids=[self.sources[name] for name in names] or None, k=k, breadth=breadth,
            )  # fmt: skip

    def walks(self, vector: NDArray[numpy.float32], *names: str) -> bool:
        """Whether the index is used for such a question."""
        with self.database.transaction(self.organization_id) as connection:
            before = walks_in(connection)
            search.dense(
                connection, self.organization_id, vector=vector, recipe_name=RECIPE, embedding_model_id=self.model_id,
                source_ids=[self.sources[name] for name in names] or None, k=10,
            )  # fmt: skip
            return walks_in(connection) > before

    def passed_on(self, vector: NDArray[numpy.float32]) -> int:
        """How many rows the database's function gives, before anything else looks at them."""
        with self.database.transaction(self.organization_id) as connection:
            given = [
                connection.execute(
                    "select from knowledge.dense_search(%s::vector, %s, %s, null, null, 200, 30, %s)",
                    [vector, self.model_id, RECIPE, breadth],
                ).rowcount
                for breadth in (0, search.BREADTH)
            ]  # fmt: skip
        return sum(given)

    def recall(self, questions: NDArray[numpy.float32], *names: str) -> float:
        """The share of the ten nearest that are found."""
        shares = []
        for question in questions:
            exact = {hit.chunk_id for hit in self.nearest(question, *names, breadth=0)}
            shares.append(len(exact & {hit.chunk_id for hit in self.nearest(question, *names)}) / len(exact))
        return float(numpy.mean(shares))

    def step(self) -> dict[str, vector_indexes.Step]:
        """What is done about the organization's indexes now."""
        return vector_indexes.keep(self.server, self.database, self.organization_id, pays_from=FROM)

    def index(self) -> VectorIndex:
        """How the index stands."""
        with self.database.transaction(self.organization_id) as connection:
            [index] = vector_indexes.select_all(connection, self.organization_id)
        return index


@pytest.fixture
def shelf(server: Server, database: Database, organization_id: UUID) -> Shelf:
    """Random directions, not indexed yet."""
    vectors = {name: points(size, DIMENSION, seed=size) for name, size in SIZES.items()}
    model_id, sources = stock(server, organization_id, vectors)
    return Shelf(server, database, organization_id, model_id, sources)


def test_an_index_never_makes_answers_fewer(shelf: Shelf) -> None:
    assert shelf.step() == {"points": "make"}
    questions = points(6, DIMENSION, seed=77)
    assert shelf.walks(questions[0])
    assert shelf.walks(questions[0], "most")
    assert not shelf.walks(questions[0], "third")
    for scope in ((), ("most",), ("third",), ("tenth",), ("few",), ("three",), ("tenth", "few")):
        visible = sum(SIZES[name] for name in scope) or VECTORS
        for k, question in zip((1, 7, 10, 40, 200, 250), questions, strict=True):
            found = shelf.nearest(question, *scope, k=k)
            assert len(found) == min(k, visible), (scope, k)
            assert len({hit.chunk_id for hit in found}) == len(found)
            assert [hit.dense_score for hit in found] == sorted((hit.dense_score for hit in found), reverse=True)
    assert shelf.recall(points(10, DIMENSION, seed=78)) > 0.95
    assert shelf.recall(points(10, DIMENSION, seed=78), "most") > 0.95
    assert shelf.recall(points(10, DIMENSION, seed=78), "third") == 1


def test_passages_far_from_the_question_are_found_where_a_filter_leaves_no_others(
    server: Server, database: Database, organization_id: UUID
) -> None:
    """The index is walked away from them, and given up."""
    near = points(4_000, DIMENSION, seed=1) * 0.2
    near[:, 0] += 1
    far = points(4_000, DIMENSION, seed=2) * 0.2
    far[:, 0] -= 1
    model_id, sources = stock(server, organization_id, {"near": near, "far": far})
    shelf = Shelf(server, database, organization_id, model_id, sources)
    assert shelf.step() == {"points": "make"}
    question = numpy.eye(1, DIMENSION, dtype=numpy.float32)[0]
    assert shelf.walks(question, "far")
    found, exact = shelf.nearest(question, "far", k=50), shelf.nearest(question, "far", k=50, breadth=0)
    assert [hit.chunk_id for hit in found] == [hit.chunk_id for hit in exact]
    assert {hit.data_source_id for hit in found} == {sources["far"]}


def test_a_build_that_was_killed_is_made_good(shelf: Shelf) -> None:
    """A transaction that writes keeps a concurrent build waiting, so that it can be killed half done."""
    name = sql.Identifier(f"dense_{shelf.model_id.hex}")
    statement = sql.SQL(
        "create index concurrently {} on knowledge.embeddings using hnsw ((embedding::halfvec(32)) halfvec_cosine_ops) "
        "where embedding_model_id = {}"
    ).format(name, sql.Literal(shelf.model_id))
    with psycopg.connect(shelf.server.admin_conninfo()) as writer:
        writer.execute("lock table knowledge.embeddings in row exclusive mode")
        with psycopg.connect(shelf.server.admin_conninfo(), autocommit=True) as builder:
            building = threading.Thread(target=_build, args=(builder, statement))
            building.start()
            with psycopg.connect(shelf.server.admin_conninfo(), autocommit=True) as killer:
                while not killer.execute(
                    "select 1 from pg_stat_progress_create_index where pid = %s and phase like 'waiting%%'",
                    [builder.info.backend_pid],
                ).fetchone():
                    assert building.is_alive()
                killer.execute("select pg_terminate_backend(%s)", [builder.info.backend_pid])
            building.join()
    assert (shelf.index().is_indexed, shelf.index().is_valid) == (True, False)
    assert "not whole" in str(vector_indexes.problem_of(shelf.index()))
    question = points(1, DIMENSION, seed=5)[0]
    assert not shelf.walks(question)
    assert len(shelf.nearest(question, k=40)) == 40
    assert shelf.step() == {"points": "make"}
    assert shelf.index().serves
    assert shelf.walks(question)
    assert shelf.step() == {}


def test_an_index_holds_through_deletions_insertions_and_vacuum(shelf: Shelf) -> None:
    shelf.step()
    questions = points(8, DIMENSION, seed=9)
    for turn in range(2):
        with psycopg.connect(shelf.server.admin_conninfo(), autocommit=True) as admin:
            admin.execute(
                "with gone as (delete from knowledge.chunks "
                "where data_source_id = %s and get_byte(content_hash, 0) %% 2 = %s returning content_hash) "
                "delete from knowledge.embeddings where content_hash in (select * from gone)",
                [shelf.sources["most"], turn],
            )
            admin.execute("vacuum (analyze) knowledge.chunks, knowledge.embeddings")
        stock(shelf.server, _another(shelf.database), {"new": points(200, DIMENSION, seed=turn)})
        assert shelf.recall(questions) > 0.95
        assert len(shelf.nearest(questions[0], k=200)) == 200
    assert shelf.index().vectors == VECTORS - SIZES["most"]


def test_one_organizations_index_is_not_anothers(shelf: Shelf) -> None:
    other_id = _another(shelf.database)
    model_id, sources = stock(shelf.server, other_id, {"theirs": points(2_000, DIMENSION, seed=4)})
    theirs = Shelf(shelf.server, shelf.database, other_id, model_id, sources)
    assert shelf.step() == {"points": "make"}
    assert theirs.index().is_indexed is False
    question = points(1, DIMENSION, seed=6)[0]
    assert {hit.data_source_id for hit in theirs.nearest(question)} == {sources["theirs"]}
    assert theirs.step() == {"points": "make"}
    assert shelf.index().indexed_vectors == VECTORS
    assert theirs.index().indexed_vectors == 2_000
    for mine, of_others in ((shelf, theirs), (theirs, shelf)):
        stranger = Shelf(mine.server, mine.database, mine.organization_id, of_others.model_id, mine.sources)
        assert stranger.nearest(question) == []
        assert stranger.passed_on(question) == 0, "the function itself gives nothing, whatever is made of it"
        assert mine.walks(question)
        assert {hit.data_source_id for hit in mine.nearest(question, k=50)} <= set(mine.sources.values())


def test_nothing_is_found_without_an_organization(shelf: Shelf) -> None:
    shelf.step()
    with shelf.database.directory() as connection:
        found = connection.execute(
            "select * from knowledge.dense_search(%s::vector, %s, %s, null, null, 200, 30, 400)",
            [points(1, DIMENSION, seed=6)[0], shelf.model_id, RECIPE],
        ).fetchall()
    assert found == []


def test_an_index_goes_when_few_vectors_are_left(shelf: Shelf) -> None:
    shelf.step()
    with psycopg.connect(shelf.server.admin_conninfo(), autocommit=True) as admin:
        admin.execute("delete from knowledge.chunks where data_source_id <> %s", [shelf.sources["tenth"]])
        admin.execute(
            "delete from knowledge.embeddings e where not exists ("
            "select from knowledge.chunks c where c.content_hash = e.content_hash)"
        )
    assert shelf.step() == {"points": "drop"}
    assert not shelf.index().is_indexed
    assert len(shelf.nearest(points(1, DIMENSION, seed=6)[0], k=50)) == 50


@pytest.mark.parametrize(
    ("index", "step", "says"),
    [
        (INDEX, None, None),
        (replace(INDEX, vectors=4_999), None, None),
        (replace(INDEX, vectors=10_000), "make", "have no index"),
        (replace(INDEX, vectors=10_000, is_indexed=True), "make", "is not whole"),
        (replace(INDEX, vectors=10_000, dimension=4_096), None, "4,096 dimensions"),
        (replace(SERVING, vectors=10_000, index_bytes=9_000_000), None, None),
        (replace(SERVING, vectors=10_000, index_bytes=90_000_000), "remake", "times its room"),
        (replace(SERVING, vectors=2_499, index_bytes=2_000_000), "drop", None),
    ],
)  # fmt: skip
def test_what_is_done_and_said_of_an_index(index: VectorIndex, step: str | None, says: str | None) -> None:
    assert vector_indexes.step_for(index) == step
    problem = vector_indexes.problem_of(index)
    assert problem is None if says is None else says in str(problem)


def test_an_old_pgvector_is_warned_of() -> None:
    assert vector_indexes.version_warning("0.8.5") is None
    assert "0.8.4 or newer" in str(vector_indexes.version_warning("0.8.3"))


def _build(builder: psycopg.Connection[tuple[object, ...]], statement: sql.Composed) -> None:
    with pytest.raises(psycopg.OperationalError):
        builder.execute(statement)


def _another(database: Database) -> UUID:
    return make_organization(database, f"other-{uuid4().hex[:8]}")
