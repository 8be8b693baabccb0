"""Chunks of an older version of Millrace get today's lexemes by the next sync, and nothing else of them changes."""

from __future__ import annotations

import pytest

from resources.knowledge.chunks import embedding_models, identifying, wordings
from resources.knowledge.records import ChunkingRule, Found
from resources.knowledge.search import search
from tests.factories.workshops import Workshop

CONTENTS = b"""
    select c.id, c.content, c.content_hash, c.start_char, e.xmin::text
    from knowledge.chunks c join knowledge.embeddings e using (organization_id, content_hash) order by 1"""
AS_BEFORE = b"""
    update knowledge.chunks set wording = 1, lexemes = to_tsvector(language, content),
        lexeme_count = knowledge.lexeme_count(to_tsvector(language, content)) returning 1"""
UNCOUNTED = b"""
    select lexeme, chunk_count from knowledge.lexeme_frequencies
    except select lexeme, count(*) from knowledge.chunks, unnest(tsvector_to_array(lexemes)) lexeme group by 1"""


def by_words(workshop: Workshop, question: str) -> list[Found]:
    with workshop.database.transaction(workshop.organization_id) as connection:
        assert embedding_models.select_all(connection, workshop.organization_id)
        return search.lexical(
            connection, workshop.organization_id, question=question, recipe_name=ChunkingRule().name,
            source_ids=None, k=5,
        )  # fmt: skip


@pytest.fixture
def old(workshop: Workshop) -> Workshop:
    """Two documents as a version of Millrace left them that knew no identifiers."""
    workshop.write("headers.md", "# Headers\n\nWrite #include <vector> at the top, then use std::vector as you like.")
    workshop.write("algebra.md", "# Algebra\n\nA vector space has a basis; the std of a sample is another matter.")
    workshop.sync()
    workshop.rows(AS_BEFORE)
    with workshop.database.transaction(workshop.organization_id) as connection:
        connection.execute("delete from knowledge.lexeme_frequencies where lexeme like '%::%' or lexeme like '#%'")
    return workshop


def test_the_next_sync_makes_old_lexemes_anew_and_leaves_contents_and_vectors(old: Workshop) -> None:
    before = old.rows(CONTENTS)
    found = by_words(old, "std::vector")
    assert {hit.file_path for hit in found} == {"headers.md", "algebra.md"}
    counts = old.sync()
    assert (counts.embedded, counts.chunks) == (0, 0)
    assert old.rows(CONTENTS) == before
    assert old.rows(b"select distinct wording from knowledge.chunks") == [(identifying.WORDING,)]
    assert old.rows(UNCOUNTED) == []
    first, second = by_words(old, "std::vector")
    assert first.file_path == "headers.md"
    assert first.lexical_score > 1.5 * second.lexical_score


def test_an_old_database_synced_again_is_as_a_new_one(old: Workshop) -> None:
    old.sync()
    renewed = old.snapshot()
    weights = old.rows(b"select content_hash, weights::text from knowledge.chunks order by 1")
    for path in ("headers.md", "algebra.md"):
        text = (old.folder / path).read_text()
        old.write(path, text + "\n\nAnd another paragraph.", age_s=1800)
        old.sync()
        old.write(path, text, age_s=900)
    old.sync()
    assert old.snapshot() == renewed
    assert old.rows(b"select content_hash, weights::text from knowledge.chunks order by 1") == weights


def test_a_renewal_that_was_cut_off_goes_on_where_it_ended(old: Workshop) -> None:
    with old.database.transaction(old.organization_id) as connection:
        assert wordings.renew(connection, old.organization_id, at_most=1) == 1
    by_wording = b"select wording, count(*) from knowledge.chunks group by 1 order by 1"
    assert [row[1] for row in old.rows(by_wording)] == [1, 1]
    old.sync()
    assert old.rows(by_wording) == [(identifying.WORDING, 2)]
    assert old.rows(UNCOUNTED) == []


def test_nothing_is_left_to_renew_after_a_sync(workshop: Workshop) -> None:
    workshop.write("a.md", "# Grain\n\nThe miller weighs std::vector.")
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        assert wordings.renew(connection, workshop.organization_id) == 0
