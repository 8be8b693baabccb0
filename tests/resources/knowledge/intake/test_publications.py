"""Readers see a document's old version or its new one; only contents without a vector cost a call."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from resources.foundation.errors import Unavailable
from resources.foundation.inference import UnsoundVectors, Vectors
from resources.knowledge.chunks import text_statistics
from resources.knowledge.intake import leases, publications
from resources.knowledge.records import ChunkingRule, SyncCounts
from tests.factories.embedders import ChoosyEmbedder, FailingEmbedder, HashEmbedder
from tests.factories.workshops import Workshop

PRICES = "Rye costs three crowns a sack, wheat five."


def long_text(paragraphs: int, *, word: str = "sack") -> str:
    return "\n\n".join(
        f"Paragraph {n} is about {word} number {n}, and about nothing else at all." for n in range(paragraphs)
    )


def test_readers_see_the_old_version_while_the_new_one_waits(workshop: Workshop) -> None:
    workshop.write("a.txt", "one", age_s=900)
    workshop.sync()
    workshop.write("a.txt", "two", age_s=600)
    seen = []

    class Watching(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            seen.append(workshop.visible())
            return super().embed(texts)

    workshop.embedder = Watching()
    workshop.sync()
    assert seen == [{"a.txt": "one"}]
    assert workshop.visible() == {"a.txt": "two"}


def test_an_edit_of_one_paragraph_embeds_only_what_it_touched(workshop: Workshop) -> None:
    workshop.rule = ChunkingRule(size=200)
    text = long_text(200)
    workshop.write("a.txt", text, age_s=900)
    first = workshop.sync()
    assert first.embedded == first.chunks > 50
    workshop.write("a.txt", text.replace("number 90,", "number ninety,"), age_s=600)
    second = workshop.sync()
    assert 1 <= second.embedded <= 3
    assert second.reused == second.chunks - second.embedded
    assert workshop.vectors() == second.chunks


def test_a_text_of_a_batch_that_is_not_stored_yet_is_not_embedded_again(workshop: Workshop) -> None:
    embedder = HashEmbedder()
    workshop.embedder = embedder
    workshop.rule = ChunkingRule(size=64)
    text = long_text(publications.BATCH * 3 // 10)
    workshop.write("a.txt", text)
    workshop.write("b.txt", text)
    workshop.bring()
    workshop.cut()
    with workshop.database.transaction(workshop.organization_id) as connection:
        lease = leases.take(connection, workshop.organization_id, workshop.source_id, holder="this test")
    waiting = publications._Publications(
        workshop.database, workshop.organization_id, workshop.source_id, workshop.recipes(), lease
    )  # fmt: skip
    batches = list(waiting.computed())
    assert [len(batch.versions) for batch in batches] == [1, 1]
    assert [batch.counts.embedded for batch in batches] == [len(embedder.asked), 0]
    assert workshop.vectors() == 0
    for batch in batches:
        waiting.show(batch)
    assert list(workshop.visible()) == ["a.txt", "b.txt"]
    assert workshop.vectors() == len(set(embedder.asked)) == len(embedder.asked)


def test_an_embedder_out_of_reach_ends_the_sync_and_loses_nothing(workshop: Workshop) -> None:
    embedder = FailingEmbedder(answers=1)
    workshop.embedder = embedder
    workshop.rule = ChunkingRule(size=64)
    workshop.write("a.txt", long_text(publications.BATCH + 50))
    with pytest.raises(Unavailable, match="does not answer"):
        workshop.sync()
    assert workshop.visible() == {}
    assert workshop.vectors() == publications.BATCH
    assert workshop.rows(b"select status, reason from knowledge.training_jobs") == [
        ("failed", "the embedding model does not answer: try again later")
    ]
    assert workshop.rows(b"select status from knowledge.data_sources") == [("error",)]
    embedder.mend()
    counts = workshop.sync()
    assert (counts.unchanged, counts.chunks) == (1, 0)
    assert counts.embedded == workshop.vectors() - publications.BATCH
    assert list(workshop.visible()) == ["a.txt"]
    assert len(embedder.asked) == len(set(embedder.asked)) == workshop.vectors()


def test_vectors_that_are_not_sound_are_not_stored(workshop: Workshop) -> None:
    class Unsound(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            vectors = super().embed(texts)
            vectors[0] = float("nan")
            return vectors

    workshop.embedder = Unsound()
    workshop.write("a.txt", PRICES)
    with pytest.raises(UnsoundVectors):
        workshop.sync()
    assert workshop.vectors() == 0
    assert workshop.visible() == {}


def test_a_refused_text_fails_its_own_document_only(workshop: Workshop) -> None:
    workshop.embedder = ChoosyEmbedder(refused_word="poison")
    workshop.write("a.txt", "A poison for the rats.", age_s=900)
    workshop.write("b.txt", PRICES)
    assert workshop.sync() == SyncCounts(listed=2, changed=2, failed=1, chunks=2, embedded=1)
    assert workshop.visible() == {"b.txt": PRICES}
    assert workshop.rows(b"select file_path, stage, outcome from knowledge.sync_failures") == [
        ("a.txt", "embedding", "refused")
    ]
    assert workshop.sync() == SyncCounts(listed=2, unchanged=2, failed=1)
    workshop.write("a.txt", "Cheese for the rats.", age_s=600)
    assert workshop.sync() == SyncCounts(listed=2, changed=1, unchanged=1, chunks=1, embedded=1)
    assert workshop.rows(b"select 1 from knowledge.sync_failures") == []


def test_a_refused_text_is_tried_again_when_due(workshop: Workshop) -> None:
    workshop.embedder = ChoosyEmbedder(refused_word="poison")
    workshop.write("a.txt", "A poison for the rats.")
    workshop.sync()
    workshop.rows(b"update knowledge.sync_failures set next_attempt_at = now() returning 1")
    workshop.embedder = HashEmbedder()
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1, embedded=1)
    assert list(workshop.visible()) == ["a.txt"]
    assert workshop.rows(b"select status from knowledge.documents") == [("ready",)]


def test_a_lost_vector_is_made_again(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.write("b.txt", "Flour is sold on Fridays.")
    workshop.sync()
    before = workshop.snapshot()
    workshop.rows(
        b"delete from knowledge.embeddings where content_hash = (select min(content_hash) from knowledge.chunks)"
        b" returning 1"
    )
    assert workshop.sync().embedded == 1
    assert workshop.snapshot() == before


def test_a_vector_that_another_sync_takes_away_meanwhile_is_not_relied_on(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.sync()
    workshop.write("b.txt", PRICES)

    class Meddling(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            workshop.rows(b"delete from knowledge.embeddings returning 1")
            return super().embed(texts)

    workshop.write("c.txt", "Flour is sold on Fridays.")
    workshop.embedder = Meddling()
    workshop.sync()
    assert list(workshop.visible()) == ["a.txt", "c.txt"]
    workshop.embedder = HashEmbedder()
    workshop.sync()
    assert list(workshop.visible()) == ["a.txt", "b.txt", "c.txt"]
    assert workshop.vectors() == 2


def test_statistics_of_words_are_made_good_after_a_kill(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.sync()
    before = workshop.snapshot()
    workshop.rows(b"delete from knowledge.lexeme_frequencies returning 1")
    with workshop.database.transaction(workshop.organization_id) as connection:
        text_statistics.set_stale(connection, workshop.organization_id)
    workshop.sync()
    assert workshop.snapshot() == before


def test_nothing_is_shown_where_no_recipe_is_wanted(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.bring()
    workshop.cut()
    from resources.knowledge.intake import intake

    counts = intake.embed_waiting(workshop.database, workshop.organization_id, workshop.source_id, recipes=[])
    assert counts == SyncCounts()
    assert workshop.visible() == {}
