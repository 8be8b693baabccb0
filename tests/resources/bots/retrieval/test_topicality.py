"""A question of another topic finds nothing, however near its meaning seems, and no model is asked about it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from uuid import UUID

import pytest

from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot
from resources.bots.retrieval import retrieval
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database
from resources.foundation.embedded_model import EmbeddedModel
from resources.knowledge.records import Found
from resources.knowledge.search import filtering
from tests.factories.library import open_chatbot, shelve

SHELF = {
    "sluice.txt": "The sluice of the mill is greased by the miller on every second Monday of the month.",
    "flour.txt": "Rye flour is sold by the kilogram in the shop, and white flour is fetched by the baker.",
    "scale.txt": "The scale weighs the grain before it is tipped into the hopper above the stones.",
}
OTHERS = {
    f"note-{number}.txt": f"On day {number} the {thing} of the village was {done} by the carpenter and his daughter."
    for number, (thing, done) in enumerate(
        itertools.product(["bridge", "steeple", "cart", "bench", "well"], ["mended", "painted", "moved", "measured"])
    )
}
ON, OFF = "When is the sluice of the mill greased?", "Which comet orbits beyond Neptune without a tail?"
LOOSE = "Is the sluice, which orbits a comet beyond Neptune, ever greased?"


def bot_with(
    database: Database,
    organization_id: UUID,
    *,
    threshold: float | None,
    lexical_weight: float = 0.7,
    others: Mapping[str, str] = OTHERS,
) -> Chatbot:
    bot = open_chatbot(database, organization_id, shelve(database, organization_id, {**SHELF, **others}))
    with database.transaction(organization_id) as connection:
        model_config_versions.ensure_active(
            connection, organization_id, bot.id, embedding_model="wordllama-256", llm_model="extractive",
            off_topic_threshold=threshold, lexical_weight=lexical_weight,
        )  # fmt: skip
    return bot


def found(
    database: Database, organization_id: UUID, bot: Chatbot, question: str, filter: Mapping[str, object] | None = None
) -> list[Found]:
    with database.transaction(organization_id) as connection:
        config = model_config_versions.get_active(connection, organization_id, bot.id)
    return list(
        retrieval.search(
            database, organization_id, chatbot=bot, config=config, question=question, embedder=EmbeddedModel(),
            filter=filtering.parsed(filter),
        ).offered
    )  # fmt: skip


@pytest.mark.parametrize("lexical_weight", [0.0, 0.7, 1.0])
def test_what_is_off_topic_finds_nothing_and_what_is_on_topic_is_not_touched(
    database: Database, organization_id: UUID, lexical_weight: float
) -> None:
    bot = bot_with(database, organization_id, threshold=0.3, lexical_weight=lexical_weight)
    assert found(database, organization_id, bot, OFF) == []
    assert "sluice" in {hit.content.split()[1] for hit in found(database, organization_id, bot, ON)}


def test_at_zero_nothing_is_off_topic_and_the_embedded_model_has_a_threshold_of_its_own(
    database: Database, organization_id: UUID
) -> None:
    bot = bot_with(database, organization_id, threshold=0.0)
    assert found(database, organization_id, bot, OFF) != []
    assert model_config_versions.off_topic_default("wordllama-256") > 0
    assert model_config_versions.off_topic_default("some-multilingual-model") == 0.0


def test_a_threshold_parts_by_how_much_of_the_question_the_passages_hold(
    database: Database, organization_id: UUID
) -> None:
    bot = bot_with(database, organization_id, threshold=0.05)
    assert found(database, organization_id, bot, LOOSE) != []
    with database.transaction(organization_id) as connection:
        model_config_versions.ensure_active(
            connection, organization_id, bot.id, embedding_model="wordllama-256", llm_model="extractive",
            off_topic_threshold=0.9,
        )  # fmt: skip
    assert found(database, organization_id, bot, LOOSE) == []


def test_i_do_not_know_is_said_without_asking_a_model(database: Database, organization_id: UUID) -> None:
    bot = bot_with(database, organization_id, threshold=None)
    models = ProviderModels()
    *_, answered = answers.answer(database, organization_id, chatbot=bot, asked=Asked(OFF), models=models)
    assert isinstance(answered, Answered)
    assert (answered.outcome, answered.answered_by, answered.citations) == ("no_answer", "default_message", ())
    *_, known = answers.answer(database, organization_id, chatbot=bot, asked=Asked(ON), models=models)
    assert isinstance(known, Answered)
    assert (known.outcome, known.answered_by) == ("answered", "extractive")


def test_in_a_handful_of_passages_nothing_is_off_topic(database: Database, organization_id: UUID) -> None:
    bot = bot_with(database, organization_id, threshold=0.3, others={})
    assert found(database, organization_id, bot, OFF) != []


def test_what_all_passages_repeat_is_their_topic_however_little_its_words_weigh(
    database: Database, organization_id: UUID
) -> None:
    copies = {f"copy-{number}.txt": SHELF["sluice.txt"] for number in range(30)}
    bot = bot_with(database, organization_id, threshold=None, others=copies)
    assert found(database, organization_id, bot, LOOSE) != []
    assert found(database, organization_id, bot, OFF) == []


def test_a_question_on_another_topic_than_the_documents_that_may_be_seen_finds_nothing(
    database: Database, organization_id: UUID
) -> None:
    bot = bot_with(database, organization_id, threshold=0.3)
    assert found(database, organization_id, bot, ON, {"paths": "sluice.txt"}) != []
    assert found(database, organization_id, bot, ON, {"paths": "note-*.txt"}) == []
