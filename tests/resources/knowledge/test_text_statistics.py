"""The statistics of words follow the chunks: through edits, deletions and syncs at the same moment."""

from __future__ import annotations

from threading import Thread
from uuid import UUID

import psycopg
import pytest

from resources.foundation.database import Database, Server, open_database
from resources.knowledge import lexeme_frequencies, text_statistics
from resources.knowledge.records import ChunkingRule
from tests.factories.embedders import HashEmbedder
from tests.factories.library import MILL, shelve
from tests.factories.workshops import Workshop

RECIPE = ChunkingRule().name

STALE_FREQUENCIES = b"""
    select coalesce(f.lexeme, c.lexeme) from
    (select lexeme, chunk_count from knowledge.lexeme_frequencies) f
    full join (select lexeme, count(*) as chunk_count from knowledge.chunks, unnest(tsvector_to_array(lexemes)) lexeme
               where is_active group by lexeme) c using (lexeme)
    where f.chunk_count is distinct from c.chunk_count"""

STALE_WEIGHTS = b"""
    select c.id from knowledge.chunks c
    left join knowledge.text_statistics s on s.recipe = c.recipe and s.language = c.language
    where c.weights is distinct from knowledge.lexical_weights(c.lexemes, c.lexeme_count, s.average_length)"""


def frequency(workshop: Workshop, lexeme: str) -> int:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return lexeme_frequencies.find(connection, workshop.organization_id, recipe_name=RECIPE, lexeme=lexeme)


def test_edits_and_deletions_move_the_statistics(workshop: Workshop) -> None:
    workshop.write("a.md", "# Grain\n\nThe miller weighs the grain of the farmers every morning at the mill.")
    workshop.write("b.md", "# Rye\n\nThe miller grinds the rye of the farmers every evening at the mill.")
    workshop.sync()
    assert (frequency(workshop, "miller"), frequency(workshop, "rye"), frequency(workshop, "oat")) == (2, 1, 0)
    workshop.write("b.md", "# Oats\n\nThe miller grinds the oats of the farmers every evening at the mill.", age_s=60)
    workshop.sync()
    assert (frequency(workshop, "miller"), frequency(workshop, "rye"), frequency(workshop, "oat")) == (2, 0, 1)
    (workshop.folder / "b.md").unlink()
    workshop.sync()
    assert (frequency(workshop, "miller"), frequency(workshop, "rye"), frequency(workshop, "oat")) == (1, 0, 0)
    assert workshop.rows(STALE_FREQUENCIES) == []
    assert workshop.rows(STALE_WEIGHTS) == []


def test_weights_are_made_again_only_when_the_average_has_moved(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    with database.transaction(organization_id) as connection:
        assert text_statistics.refresh(connection, organization_id, RECIPE) == 0
        assert connection.execute(STALE_WEIGHTS).fetchall() == []
        connection.execute("update knowledge.chunks set lexeme_count = lexeme_count * 2")
        assert text_statistics.refresh(connection, organization_id, RECIPE) == 6
        assert connection.execute(STALE_WEIGHTS).fetchall() == []
        assert text_statistics.refresh(connection, organization_id, RECIPE) == 0


def test_a_new_chunk_is_weighed_like_those_that_are_there(database: Database, organization_id: UUID) -> None:
    def average(language: str) -> float:
        return text_statistics.average_length(
            connection, organization_id, recipe_name=RECIPE, language=language
        )  # fmt: skip

    with database.transaction(organization_id) as connection:
        assert average("english") == text_statistics.PRESUMED_LENGTH
    shelve(database, organization_id, MILL)
    with database.transaction(organization_id) as connection:
        (real,) = connection.execute("select avg(lexeme_count)::float8 from knowledge.chunks").fetchone() or (0.0,)
        assert average("english") == pytest.approx(real)
        assert average("german") == text_statistics.PRESUMED_LENGTH


def test_nothing_remains_when_the_last_chunk_is_gone(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    with database.transaction(organization_id) as connection:
        connection.execute("delete from knowledge.chunks")
        text_statistics.refresh(connection, organization_id, RECIPE)
        assert connection.execute("select count(*) from knowledge.lexeme_frequencies").fetchone() == (0,)
        assert connection.execute("select chunk_count from knowledge.text_statistics").fetchall() == [(0,)]


def test_a_count_waits_for_a_sync_that_is_changing_chunks_and_misses_none_of_them(
    server: Server, database: Database, organization_id: UUID
) -> None:
    shelve(database, organization_id, MILL, embedder=HashEmbedder())

    def count() -> None:
        with open_database(server, "millrace_pipeline", most=1) as other, other.transaction(organization_id) as theirs:
            text_statistics.refresh(theirs, organization_id, RECIPE)

    counting = Thread(target=count)
    with database.transaction(organization_id) as connection:
        text_statistics.set_stale(connection, organization_id)
        connection.execute("delete from knowledge.chunks where content like '%floor scale%'")
        counting.start()
        _wait_for_a_waiter(server)
    counting.join(timeout=60)
    with database.transaction(organization_id) as connection:
        assert connection.execute(STALE_FREQUENCIES).fetchall() == []
        assert text_statistics.select_stale(connection, organization_id, recipes=[RECIPE]) == []


def test_a_change_after_the_count_is_counted_by_the_next(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    with database.transaction(organization_id) as connection:
        assert text_statistics.select_stale(connection, organization_id, recipes=[RECIPE]) == []
        text_statistics.set_stale(connection, organization_id, recipes=[RECIPE])
    with database.transaction(organization_id) as connection:
        assert text_statistics.select_stale(connection, organization_id, recipes=[]) == [RECIPE]
        text_statistics.refresh(connection, organization_id, RECIPE)
        assert text_statistics.select_stale(connection, organization_id, recipes=[]) == []


def _wait_for_a_waiter(server: Server) -> None:
    waiting = "select from pg_locks l join pg_database d on d.oid = l.database where not l.granted and d.datname = %s"
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as admin:
        for _ in range(3000):
            if admin.execute(waiting, [admin.info.dbname]).fetchone() is not None:
                return
            admin.execute("select pg_sleep(0.01)")
    raise AssertionError("nobody waits")
