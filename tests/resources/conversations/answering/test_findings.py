"""What an answer rests on: the documents that a filter and the agent allow, the question as it is understood."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import pytest

from resources.bots.agents import agent_file_types, agents
from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot, QueryUnderstanding
from resources.conversations import interactions, retrieval_logs
from resources.conversations.answering import answers
from resources.conversations.answering.models import Models, ProviderModels
from resources.conversations.records import Answered, Asked, Passage, RetrievalLog, Retrieved
from resources.foundation.database import Database
from resources.foundation.errors import Missing
from resources.identity import expenses, model_prices
from resources.identity.records import Price
from resources.knowledge.search import filtering
from resources.knowledge.sources import file_types
from tests.factories.library import MILL, open_chatbot, shelve
from tests.fixtures.openai_server import OpenAIServer, failing

QUESTION = "How often is the sluice gate greased?"


def asked(
    database: Database, organization_id: UUID, chatbot: Chatbot, asked: Asked, models: Models | None = None
) -> tuple[Sequence[Passage], Answered]:
    first, *_, last = answers.answer(
        database, organization_id, chatbot=chatbot, asked=asked, models=models or ProviderModels()
    )
    assert isinstance(first, Retrieved)
    assert isinstance(last, Answered)
    return first.passages, last


def log_of(database: Database, organization_id: UUID, answered: Answered) -> RetrievalLog:
    with database.transaction(organization_id) as connection:
        log = retrieval_logs.find_for_message(connection, organization_id, answered.message_id)
    assert log is not None
    return log


def test_an_answer_rests_on_documents_that_the_filter_lets_through_alone(
    database: Database, organization_id: UUID
) -> None:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    only_shop = filtering.parsed({"paths": "shop.md"})
    passages, answered = asked(database, organization_id, chatbot, Asked(QUESTION, filter=only_shop))
    assert {passage.location for passage in passages} == {"shop.md"}
    assert log_of(database, organization_id, answered).filter == only_shop.wanted
    nothing = filtering.parsed({"tags": "unheard of"})
    passages, answered = asked(database, organization_id, chatbot, Asked(QUESTION, filter=nothing))
    assert (passages, answered.outcome) == ((), "no_answer")


def test_an_agent_reads_the_kinds_of_file_that_it_names(database: Database, organization_id: UUID) -> None:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    with database.transaction(organization_id) as connection:
        file_types.seed(connection, organization_id)
        kinds = {kind.name: kind.id for kind in file_types.select_active(connection, organization_id)}
        connection.execute(
            "update knowledge.documents set file_type_id = case file_path when 'shop.md' then %s else %s end "
            "where organization_id = %s",
            [kinds["pdf"], kinds["markdown"], organization_id],
        )
        [agent] = agents.select_all(connection, organization_id, chatbot.id)
        agent_file_types.attach(connection, organization_id, agent_id=agent.id, file_type_id=kinds["pdf"])
        assert agent_file_types.select_names(connection, organization_id, agent.id) == ["pdf"]
    passages, _ = asked(database, organization_id, chatbot, Asked(QUESTION))
    assert {passage.location for passage in passages} == {"shop.md"}
    both = Asked(QUESTION, filter=filtering.parsed({"file_types": "markdown"}))
    assert asked(database, organization_id, chatbot, both)[0] == ()
    with database.transaction(organization_id) as connection:
        agent_file_types.detach_all(connection, organization_id, agent_id=agent.id)
    passages, _ = asked(database, organization_id, chatbot, Asked(QUESTION))
    assert {passage.location for passage in passages} == set(MILL)


def test_an_agent_cannot_name_a_kind_of_file_that_is_not_there(database: Database, organization_id: UUID) -> None:
    chatbot = open_chatbot(database, organization_id)
    with database.transaction(organization_id) as connection:
        [agent] = agents.select_all(connection, organization_id, chatbot.id)
        with pytest.raises(Missing, match="no kind of file"):
            agent_file_types.attach(connection, organization_id, agent_id=agent.id, file_type_id=organization_id)


def test_neighbours_are_read_together_and_cited_by_their_own_chunk(database: Database, organization_id: UUID) -> None:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    passages, answered = asked(database, organization_id, chatbot, Asked(QUESTION))
    best = passages[0]
    assert best.content == MILL["sluice.md"]
    assert (best.start, best.end) == (0, len(MILL["sluice.md"]))
    [citation] = answered.citations
    holder = next(part for part in best.parts if part.start_char <= citation.start < part.end_char)
    assert citation.chunk_id == holder.chunk_id
    assert MILL["sluice.md"][citation.start : citation.end] == citation.quote


def understanding(database: Database, organization_id: UUID, mode: QueryUnderstanding, *, k: int = 2) -> Chatbot:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL), llm_model="chatty")
    with database.transaction(organization_id) as connection:
        model_config_versions.ensure_active(
            connection, organization_id, chatbot.id, embedding_model="wordllama-256", llm_model="chatty",
            query_understanding=mode, retrieval_k=k,
        )  # fmt: skip
        model_prices.replace(connection, organization_id, Price("chatty", Decimal(1), Decimal(2)))
    return chatbot


def said(question: str, *parts: str) -> str:
    listed = ", ".join(f'"{part}"' for part in parts)
    return f'{{"question": "{question}", "parts": [{listed}]}}'


def remote(server: OpenAIServer) -> ProviderModels:
    return ProviderModels(base_url=server.base_url, api_key="sk")


def test_a_question_that_hangs_on_the_conversation_finds_what_it_is_about(
    database: Database, organization_id: UUID
) -> None:
    chatbot = understanding(database, organization_id, "standalone")
    follow_up = Asked("And how often?", history=(("user", "Is the sluice gate greased?"), ("assistant", "Yes.")))
    with OpenAIServer() as server:
        server.says = lambda messages: (
            said(QUESTION) if "not read the conversation" in messages[0]["content"] else "Every second Monday [1]."
        )
        passages, answered = asked(database, organization_id, chatbot, follow_up, remote(server))
    assert passages[0].location == "sluice.md"
    log = log_of(database, organization_id, answered)
    assert (log.query, log.detailed_question, list(log.sub_questions)) == ("And how often?", QUESTION, [])
    with database.transaction(organization_id) as connection:
        kept = interactions.find_for_answer(connection, organization_id, answered.message_id)
        paid = [one for one in expenses.select_of_month(connection, organization_id) if one.model == "chatty"]
    assert kept is not None
    assert kept.detailed_question == QUESTION
    assert sum(one.tokens for one in paid) > answered.prompt_tokens + answered.completion_tokens


def test_each_part_of_a_question_finds_its_own_passage(database: Database, organization_id: UUID) -> None:
    chatbot = understanding(database, organization_id, "subquestions", k=3)
    parts = ("How often is the sluice gate greased?", "What does rye flour cost?")
    with OpenAIServer() as server:
        server.says = lambda messages: (
            said("Grease and flour?", *parts) if "at most 4" in messages[0]["content"] else "No idea."
        )
        passages, answered = asked(database, organization_id, chatbot, Asked("Grease and flour?"), remote(server))
    assert {"sluice.md", "shop.md"} <= {passage.location for passage in passages}
    assert list(log_of(database, organization_id, answered).sub_questions) == list(parts)


def test_where_the_model_fails_the_question_itself_is_searched_for(database: Database, organization_id: UUID) -> None:
    chatbot = understanding(database, organization_id, "subquestions")
    with OpenAIServer() as server:
        server.script(failing(500))
        passages, answered = asked(database, organization_id, chatbot, Asked(QUESTION), remote(server))
    assert passages[0].location == "sluice.md"
    assert answered.outcome != "failed"
    assert log_of(database, organization_id, answered).detailed_question == QUESTION


def test_by_default_nobody_is_asked_about_the_question(database: Database, organization_id: UUID) -> None:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL), llm_model="chatty")
    with OpenAIServer() as server:
        _, answered = asked(database, organization_id, chatbot, Asked(QUESTION), remote(server))
        assert len(server.requests) == 1
    assert log_of(database, organization_id, answered).detailed_question is None
