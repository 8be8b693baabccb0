"""A question is asked again by any version that is ready: what it would answer is told, and nothing of it is kept."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from resources.bots.agents import agents, canned_answers
from resources.bots.configurations import builds, model_config_versions
from resources.bots.records import Chatbot, NewVersion
from resources.conversations import replays
from resources.conversations.answering import answers
from resources.conversations.answering.models import Models, ProviderModels
from resources.conversations.records import Answered, Asked
from resources.conversations.replays import Replay
from resources.foundation.database import Database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.errors import Conflict, Missing, Refused
from resources.identity import expenses, model_prices
from resources.identity.records import Price
from resources.knowledge.search import filtering
from tests.conftest import make_organization
from tests.factories.library import MILL, open_chatbot, shelve
from tests.fixtures.openai_server import OpenAIServer

QUESTION = "How often is the sluice gate greased?"
KEPT = (b"sessions", b"messages", b"citations", b"interactions", b"retrieval_logs", b"background_tasks")


@pytest.fixture
def chatbot(database: Database, organization_id: UUID) -> Chatbot:
    return open_chatbot(database, organization_id, shelve(database, organization_id, MILL))


def ask(database: Database, organization_id: UUID, chatbot: Chatbot, asked: Asked) -> Answered:
    *_, last = answers.answer(database, organization_id, chatbot=chatbot, asked=asked, models=ProviderModels())
    assert isinstance(last, Answered)
    return last


def again(
    database: Database, organization_id: UUID, answered: Answered, *, number: int = 1, models: Models | None = None
) -> Replay:
    return replays.replay(
        database, organization_id, answered.message_id, number=number, models=models or ProviderModels()
    )


def draft(database: Database, organization_id: UUID, chatbot: Chatbot, wanted: NewVersion) -> UUID:
    with database.transaction(organization_id) as connection:
        return model_config_versions.create(connection, organization_id, chatbot.id, wanted).id


def build(database: Database, organization_id: UUID, version_id: UUID) -> None:
    builds.build(
        database, organization_id, version_id, embedder_of=lambda _: EmbeddedModel(), progress=lambda *_: None
    )  # fmt: skip


def kept(database: Database, organization_id: UUID) -> dict[bytes, list[tuple[object, ...]]]:
    """All that is kept of conversations."""
    with database.transaction(organization_id) as connection:
        return {
            table: connection.execute(b"select x::text from conversations." + table + b" x order by 1").fetchall()
            for table in KEPT
        }


def test_it_says_what_it_said_and_keeps_nothing_but_what_it_took(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    answered = ask(database, organization_id, chatbot, Asked(QUESTION))
    before = kept(database, organization_id)
    told = again(database, organization_id, answered)
    assert (told.text, told.outcome) == (answered.text, "answered")
    assert [one.quote for one in told.citations] == [one.quote for one in answered.citations]
    assert kept(database, organization_id) == before
    with database.transaction(organization_id) as connection:
        rows = connection.execute(
            "select message_id, request_data ->> 'door' from conversations.usage order by created_at"
        ).fetchall()
    assert rows == [(answered.message_id, None), (None, "replay")]


def test_another_version_finds_and_answers_in_its_own_way_once_it_is_built(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    answered = ask(database, organization_id, chatbot, Asked(QUESTION))
    other = draft(
        database, organization_id, chatbot, NewVersion("wordllama-256", "extractive", retrieval_k=1, lexical_weight=0.0)
    )
    with pytest.raises(Conflict, match="millrace config build 2"):
        again(database, organization_id, answered, number=2)
    build(database, organization_id, other)
    told = again(database, organization_id, answered, number=2)
    assert (told.version.number, len(told.finding.passages), told.version.active) == (2, 1, False)
    with pytest.raises(Missing, match="no configuration 3"):
        again(database, organization_id, answered, number=3)


def test_what_a_model_takes_is_paid_and_no_connection_is_held_while_it_thinks(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    answered = ask(database, organization_id, chatbot, Asked(QUESTION))
    build(database, organization_id, draft(database, organization_id, chatbot, NewVersion("wordllama-256", "chatty")))
    seen: list[int] = []

    def thinking(messages: object) -> str:
        with database.transaction(organization_id) as connection:  # the pool has one: whoever held it would wait
            seen.append(len(model_config_versions.select_all(connection, organization_id, chatbot.id)))
        return "It is greased every second Monday [1]."

    with database.transaction(organization_id) as connection:
        model_prices.replace(connection, organization_id, Price("chatty", Decimal(1), Decimal(2)))
    with OpenAIServer() as server:
        server.says = thinking
        models = ProviderModels(base_url=server.base_url, api_key="sk")
        told = again(database, organization_id, answered, number=2, models=models)
    assert (seen, told.answered_by, told.outcome) == ([2], "chatty", "answered")
    assert [one.document_id for one in told.citations] == [told.finding.passages[0].document_id]
    with database.transaction(organization_id) as connection:
        [paid] = [one for one in expenses.select_of_month(connection, organization_id) if one.model == "chatty"]
    assert told.cost is not None
    assert (paid.tokens, paid.cost) == (told.prompt_tokens + told.completion_tokens, told.cost)
    assert told.cost > 0


def test_it_is_asked_after_what_was_said_before_it_and_of_the_same_documents(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    with database.transaction(organization_id) as connection:
        [agent] = agents.select_all(connection, organization_id, chatbot.id)
        agents.replace(connection, organization_id, replace(agent, conversation_mode="multi-turn"))
    first = ask(database, organization_id, chatbot, Asked(QUESTION))
    only_shop = filtering.parsed({"paths": "shop.md"})
    second = ask(
        database, organization_id, chatbot, Asked("And the shop?", session_id=first.session_id, filter=only_shop)
    )
    ask(database, organization_id, chatbot, Asked("What came later?", session_id=first.session_id))
    build(database, organization_id, draft(database, organization_id, chatbot, NewVersion("wordllama-256", "chatty")))
    heard: list[str] = []
    with OpenAIServer() as server:
        server.says = lambda messages: heard.extend(one["content"] for one in messages) or "I do not know."  # type: ignore[func-returns-value]
        models = ProviderModels(base_url=server.base_url, api_key="sk")
        told = again(database, organization_id, second, number=2, models=models)
    assert QUESTION in heard
    assert any(first.text.split("[")[0].strip() in words for words in heard)
    assert not any("What came later?" in words for words in heard)
    assert {one.location for one in told.finding.passages} == {"shop.md"}


def test_what_was_stated_is_refused_and_another_organization_knows_no_such_answer(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    with database.transaction(organization_id) as connection:
        known = agents.create(
            connection, organization_id, chatbot_id=chatbot.id, name="known", type="pre-canned"
        )  # fmt: skip
        canned_answers.replace_all(connection, organization_id, known.id, {"Who are you?": "The miller."})
    stated = ask(database, organization_id, chatbot, Asked("Who are you?"))
    assert stated.outcome == "canned"
    with pytest.raises(Refused, match="nothing to ask again"):
        again(database, organization_id, stated)
    answered = ask(database, organization_id, chatbot, Asked(QUESTION))
    other = make_organization(database, "other")
    for whose, id in ((other, answered.message_id), (organization_id, uuid4())):
        with pytest.raises(Missing, match="there is no message"):
            replays.replay(database, whose, id, number=1, models=ProviderModels())
