"""What readers see is made ready under another recipe from stored texts; who reads by the first one notices nothing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from resources.foundation.errors import Unavailable
from resources.foundation.inference import Embedder, Vectors
from resources.identity import budgets, expenses, model_prices
from resources.identity.expenses import BudgetReached
from resources.identity.records import Price
from resources.knowledge.chunks import embedding_models
from resources.knowledge.intake import reissues
from resources.knowledge.intake.reissues import Foreseen, Reissued
from resources.knowledge.records import ChunkingRule, Recipe
from resources.knowledge.sources import reconciliation
from tests.factories.embedders import ChoosyEmbedder, FailingEmbedder, HashEmbedder
from tests.factories.workshops import SNAPSHOT, Workshop

SMALL = ChunkingRule(size=200)
OTHER = HashEmbedder(name="other", dimension=4)


def long_text(paragraphs: int, *, word: str = "sack") -> str:
    return "\n\n".join(f"Paragraph {n} tells of {word} number {n} and of nothing else." for n in range(paragraphs))


def fill(workshop: Workshop) -> None:
    for number in range(5):
        workshop.write(f"{number}.txt", long_text(30, word=f"mill{number}"))
    workshop.write("short.txt", "One sack.")
    workshop.sync()


def recipe_of(workshop: Workshop, embedder: Embedder, rule: ChunkingRule) -> Recipe:
    with workshop.database.transaction(workshop.organization_id) as connection:
        model = embedding_models.register(
            connection, workshop.organization_id, name=embedder.name, version=embedder.version,
            dimension=embedder.dimension,
        )  # fmt: skip
    return Recipe(rule, model.id)


def reissue(workshop: Workshop, embedder: Embedder = OTHER, rule: ChunkingRule = SMALL) -> Reissued:
    recipe = recipe_of(workshop, embedder, rule)
    whose = (workshop.database, workshop.organization_id, workshop.source_id)
    made = reissues.cut(*whose, rule=rule, progress=lambda *_: None)
    made += reissues.embed(*whose, recipe=recipe, embedder=embedder, progress=lambda *_: None)
    reissues.settle(workshop.database, workshop.organization_id, recipe.name)
    return made


def missing(workshop: Workshop, embedder: Embedder = OTHER, rule: ChunkingRule = SMALL) -> int:
    recipe = recipe_of(workshop, embedder, rule)
    with workshop.database.transaction(workshop.organization_id) as connection:
        return reconciliation.count_missing(
            connection, workshop.organization_id, workshop.source_id, recipes=[recipe]
        )  # fmt: skip


def under(workshop: Workshop, rule: ChunkingRule, model: str) -> dict[str, list[tuple[object, ...]]]:
    """The part of a snapshot that belongs to a rule and a model."""
    found = workshop.snapshot()
    hashes = {row[9] for row in found["chunks"] if row[1] == rule.name}
    return {
        "chunks": [row for row in found["chunks"] if row[1] == rule.name],
        "embeddings": [row for row in found["embeddings"] if row[0] == model and row[1] in hashes],
        "frequencies": [row for row in found["frequencies"] if row[0] == rule.name],
        "statistics": [row for row in found["statistics"] if row[0] == rule.name],
    }


def test_it_is_made_from_stored_text_and_is_what_a_sync_would_have_made(workshop: Workshop) -> None:
    fill(workshop)
    before = under(workshop, ChunkingRule(), "hash")
    parsed = list(workshop.parsers.parsed)
    shutil.move(workshop.folder, workshop.folder.with_name("away"))
    shutil.rmtree(workshop.folder.parent / "objects")
    made = reissue(workshop)
    assert made.chunks > 25
    assert made.embedded == made.chunks
    assert workshop.parsers.parsed == parsed
    assert under(workshop, ChunkingRule(), "hash") == before
    by_reissue = under(workshop, SMALL, "other")
    workshop.rows(b"delete from knowledge.chunks where chunk_size = 200 returning 1")
    workshop.rows(b"delete from knowledge.text_statistics where recipe like '%:200:%' returning 1")
    shutil.move(workshop.folder.with_name("away"), workshop.folder)
    synced = replace(workshop, rule=SMALL, embedder=HashEmbedder(name="other", dimension=4))
    synced.sync()
    assert under(workshop, SMALL, "other") == by_reissue


def test_what_is_there_is_used_again_and_a_second_time_there_is_nothing_to_do(workshop: Workshop) -> None:
    fill(workshop)
    assert isinstance(workshop.embedder, HashEmbedder)
    first = len(workshop.embedder.asked)
    other_model = reissue(workshop, rule=ChunkingRule())
    assert (other_model.chunks, other_model.embedded) == (0, first)
    other_rule = reissue(workshop, embedder=workshop.embedder)
    assert other_rule.reused >= 1
    assert other_rule.embedded == other_rule.chunks - other_rule.reused
    assert len(workshop.embedder.asked) == len(set(workshop.embedder.asked))
    assert reissue(workshop, embedder=workshop.embedder) == Reissued()
    assert missing(workshop, workshop.embedder) == 0


def test_a_build_that_ends_midway_goes_on_where_it_was(workshop: Workshop) -> None:
    fill(workshop)
    workshop.write("long.txt", long_text(2_000, word="wheel"))
    workshop.sync()
    embedder = FailingEmbedder(answers=1)
    embedder.name, embedder.dimension = "other", 4
    for answers in (1, 1):
        embedder.answers = answers
        with pytest.raises(Unavailable):
            reissue(workshop, embedder)
        assert missing(workshop, embedder) > 0
    embedder.mend()
    reissue(workshop, embedder)
    assert missing(workshop, embedder) == 0
    assert len(embedder.asked) == len(set(embedder.asked))


def test_what_readers_see_is_made_ready_although_its_newest_version_fails(workshop: Workshop) -> None:
    workshop.write("a.txt", "The old sack.", age_s=900)
    workshop.sync()
    workshop.write("a.txt", b"\x00\x01\x02", age_s=600)
    assert workshop.sync().failed == 1
    reissue(workshop)
    assert missing(workshop) == 0
    recipe = SMALL.name.encode()
    assert workshop.rows(b"select content from knowledge.chunks where recipe = '" + recipe + b"'") == [
        ("The old sack.",)
    ]


def test_a_document_that_changes_meanwhile_is_left_to_the_next_and_leaves_nothing_behind(workshop: Workshop) -> None:
    workshop.write("a.txt", "The old sack.", age_s=900)
    workshop.sync()

    class Interrupted(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            workshop.write("a.txt", "The new sack.", age_s=600)
            workshop.sync()
            return super().embed(texts)

    reissue(workshop, Interrupted(name="other", dimension=4))
    assert missing(workshop) == 1
    assert workshop.vectors() == 1
    reissue(workshop)
    assert missing(workshop) == 0
    assert workshop.visible() == {"a.txt": "The new sack. | The new sack."}


def test_what_the_model_refuses_is_counted_and_marks_no_document_that_serves(workshop: Workshop) -> None:
    fill(workshop)
    before = {name: workshop.rows(SNAPSHOT[name]) for name in ("documents", "failures")}
    choosy = ChoosyEmbedder(refused_word="mill3")
    choosy.name, choosy.dimension = "other", 4
    made = reissue(workshop, choosy)
    assert made.refused > 0
    assert missing(workshop, choosy) == 1
    assert {name: workshop.rows(SNAPSHOT[name]) for name in before} == before


def test_a_budget_that_is_reached_ends_the_build_before_the_model_is_asked(workshop: Workshop) -> None:
    fill(workshop)
    with workshop.database.transaction(workshop.organization_id) as connection:
        model_prices.replace(connection, workshop.organization_id, Price("other", Decimal(1_000_000), Decimal(0)))
        budgets.replace(
            connection, workshop.organization_id, amount=Decimal(1), currency="EUR", action="block"
        )  # fmt: skip
    asked = HashEmbedder(name="other", dimension=4)
    with pytest.raises(BudgetReached, match="what is made already stays"):
        reissue(workshop, asked)
    assert asked.asked == []


def test_what_was_made_cost_what_was_paid_for_it(workshop: Workshop) -> None:
    fill(workshop)
    assert reissue(workshop, HashEmbedder(name="unpriced", dimension=4)).cost is None
    with workshop.database.transaction(workshop.organization_id) as connection:
        model_prices.replace(connection, workshop.organization_id, Price("other", Decimal("0.7"), Decimal(0)))
    made = reissue(workshop, HashEmbedder(name="other", dimension=4))
    with workshop.database.transaction(workshop.organization_id) as connection:
        spent = {one.model: one.cost for one in expenses.select_of_month(connection, workshop.organization_id)}
    assert made.cost
    assert made.cost == spent["other"]


def test_what_is_foreseen_is_what_is_made(workshop: Workshop) -> None:
    fill(workshop)
    recipe = recipe_of(workshop, OTHER, SMALL)
    whose = (workshop.database, workshop.organization_id, workshop.source_id)
    foreseen = reissues.foresee(*whose, recipe=recipe)
    reissues.cut(*whose, rule=SMALL, progress=lambda *_: None)
    halfway = reissues.foresee(*whose, recipe=recipe)
    made = reissue(workshop)
    assert (foreseen.documents, foreseen.is_exact) == (6, True)
    assert (foreseen.embedded, foreseen.tokens) == (halfway.embedded, halfway.tokens)
    assert (halfway.documents, halfway.chunks, halfway.embedded) == (0, 0, made.embedded)
    assert foreseen.chunks == made.embedded + made.reused
    assert reissues.foresee(*whose, recipe=recipe) == Foreseen()
