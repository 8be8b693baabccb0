"""The statistics of words follow the chunks: through edits, deletions and syncs at the same moment."""

from __future__ import annotations

import random
from threading import Thread
from uuid import UUID

import psycopg
import pytest

from resources.foundation.database import Database, Server, open_database
from resources.knowledge.chunks import lexeme_frequencies, text_statistics
from resources.knowledge.intake import publications
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


def test_a_first_sync_weighs_its_chunks_once_with_their_own_average(workshop: Workshop) -> None:
    for number in range(publications.BATCH // 64):
        words = " ".join(f"sack{number}n{place}" for place in range(64 * (number + 1)))
        workshop.write(f"{number}.txt", words)
    workshop.rule = ChunkingRule(size=64)
    workshop.bring()
    workshop.cut()
    workshop.embed()
    ((real, weighed_with),) = workshop.rows(
        b"select (select avg(lexeme_count)::float8 from knowledge.chunks), average_length"
        b" from knowledge.text_statistics"
    )
    assert weighed_with == pytest.approx(real)
    assert workshop.rows(STALE_WEIGHTS) == []


def test_a_chunk_that_readers_do_not_see_yet_is_not_weighed(workshop: Workshop) -> None:
    workshop.write("a.txt", "The miller weighs the rye of the farmers.")
    workshop.bring()
    workshop.cut()
    assert workshop.rows(b"select l2_norm(weights) from knowledge.chunks") == [(0.0,)]
    assert workshop.rows(b"select 1 from knowledge.text_statistics") == []


def test_weights_of_an_unknown_average_are_made_again(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    with database.transaction(organization_id) as connection:
        connection.execute("delete from knowledge.text_statistics")
        assert text_statistics.refresh(connection, organization_id, RECIPE) == 6
        assert connection.execute(STALE_WEIGHTS).fetchall() == []


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


def test_small_changes_are_counted_as_they_happen_and_as_a_whole_count_would(workshop: Workshop) -> None:
    chance = random.Random(7)  # noqa: S311
    workshop.rule = ChunkingRule(size=64)
    words = ["rye", "oats", "wheat", "barley", "millet", "spelt", "stone", "wheel", "sack", "miller"]

    def text(lines: int) -> str:
        return "\n\n".join(" ".join(chance.choices(words, k=6)) + f" {chance.randrange(99)}." for _ in range(lines))

    for number in range(40):
        workshop.write(f"{number:02}.txt", text(8), age_s=9000)
    workshop.sync()
    for number in range(12):
        changed = chance.randrange(40)
        if number % 3 == 2:
            (workshop.folder / f"{changed:02}.txt").unlink(missing_ok=True)
        else:
            workshop.write(f"{changed:02}.txt", text(chance.randint(1, 12)), age_s=8000 - 100 * number)
        workshop.sync()
        followed = workshop.snapshot()
        with workshop.database.transaction(workshop.organization_id) as connection:
            assert text_statistics.select_stale(connection, workshop.organization_id, recipes=[]) == []
            text_statistics.refresh(connection, workshop.organization_id, workshop.rule.name)
        assert workshop.snapshot() == followed
        assert workshop.vectors() == len(
            workshop.rows(b"select distinct content_hash from knowledge.chunks where is_active")
        )
    assert workshop.rows(STALE_FREQUENCIES) == []
    assert workshop.rows(STALE_WEIGHTS) == []


def test_a_change_of_many_chunks_leaves_the_count_to_the_end(workshop: Workshop) -> None:
    workshop.write("a.txt", "The miller weighs the rye.")
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        text_statistics.begin_change(connection, workshop.organization_id, chunks=1)
    with workshop.database.transaction(workshop.organization_id) as connection:
        assert text_statistics.select_stale(connection, workshop.organization_id, recipes=[]) == [RECIPE]


def test_vectors_that_a_killed_sync_left_behind_go_with_the_next(workshop: Workshop) -> None:
    workshop.rule = ChunkingRule(size=64)
    for number in range(40):
        workshop.write(f"{number:02}.txt", f"Sack {number} holds rye.", age_s=9000)
    workshop.sync()
    (workshop.folder / "00.txt").unlink()
    workshop.bring()
    assert workshop.vectors() == 40
    workshop.sync()
    assert workshop.vectors() == 39
    assert workshop.rows(b"select 1 from knowledge.text_statistics where computed_at = 'infinity'") == []
