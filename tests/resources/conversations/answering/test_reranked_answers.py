"""Answers whose passages a reranker orders: what they rest on, what is logged, what is paid, what a failure does."""

from __future__ import annotations

import logging
from decimal import Decimal
from uuid import UUID

import pytest

from resources.bots.agents import agents
from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot
from resources.conversations import retrieval_logs
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Answered, Asked, Passage, RetrievalLog, Retrieved
from resources.foundation.database import Database
from resources.foundation.statements import Connection
from resources.identity import expenses, model_prices
from resources.identity.records import Price
from tests.factories.library import MILL, open_chatbot, shelve
from tests.factories.passages import chunks_of
from tests.fixtures.openai_server import OpenAIServer, Payload, failing, reranking

QUESTION = "How often is the sluice gate greased?"


def bot(database: Database, organization_id: UUID, reranker: str | None, *, k: int = 3) -> Chatbot:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    with database.transaction(organization_id) as connection:
        model_config_versions.ensure_active(
            connection, organization_id, chatbot.id, embedding_model="wordllama-256", llm_model="extractive",
            reranker_model=reranker, retrieval_k=k,
        )  # fmt: skip
    return chatbot


def asked(
    database: Database, organization_id: UUID, chatbot: Chatbot, models: ProviderModels
) -> tuple[tuple[Passage, ...], RetrievalLog]:
    first, *_, last = answers.answer(database, organization_id, chatbot=chatbot, asked=Asked(QUESTION), models=models)
    assert isinstance(first, Retrieved)
    assert isinstance(last, Answered)
    with database.transaction(organization_id) as connection:
        log = retrieval_logs.find_for_message(connection, organization_id, last.message_id)
    assert log is not None
    return first.passages, log


def worst_first(results: list[Payload]) -> list[Payload]:
    """The search's own order, turned round."""
    count = len(results)
    return [{"index": index, "relevance_score": index / count} for index in range(count)]


def remote(server: OpenAIServer) -> ProviderModels:
    return ProviderModels(base_url=server.base_url, api_key="sk-test")


def test_an_answer_rests_on_what_the_reranker_has_first_and_both_orders_are_logged(
    database: Database, organization_id: UUID
) -> None:
    with OpenAIServer() as server:
        server.script(reranking(worst_first))
        passages, log = asked(database, organization_id, bot(database, organization_id, "rerank:judge"), remote(server))
    assert log.reranker_used
    assert len(log.retrieved_chunk_ids) == 6, "all that the reranker was given"
    assert list(log.similarity_scores) == sorted(log.similarity_scores, reverse=True)
    assert passages[0].chunk_id == log.retrieved_chunk_ids[-1]
    assert chunks_of(passages) == set(list(reversed(log.retrieved_chunk_ids))[:3])
    assert log.reranked_document_ids is not None
    assert list(dict.fromkeys(log.reranked_document_ids)) == [passage.document_id for passage in passages]
    assert log.retrieval_k == 3


def test_without_a_reranker_the_log_says_so(database: Database, organization_id: UUID) -> None:
    passages, log = asked(database, organization_id, bot(database, organization_id, "none"), ProviderModels())
    assert (log.reranker_used, log.reranked_document_ids) == (False, None)
    assert chunks_of(passages) == set(log.retrieved_chunk_ids)
    assert passages[0].chunk_id == log.retrieved_chunk_ids[0]


@pytest.mark.parametrize("reranker", ["rerank:judge", "llm:judge", "local:/nowhere", "unheard of"])
def test_a_reranker_that_fails_leaves_the_order_of_the_search(
    database: Database, organization_id: UUID, caplog: pytest.LogCaptureFixture, reranker: str
) -> None:
    with OpenAIServer() as server, caplog.at_level(logging.WARNING):
        server.script(failing(500))
        passages, log = asked(database, organization_id, bot(database, organization_id, reranker), remote(server))
    assert chunks_of(passages) == set(list(log.retrieved_chunk_ids)[:3])
    assert (log.reranker_used, log.reranked_document_ids) == (False, None)
    assert reranker in caplog.text


def test_the_model_that_answers_can_order_the_passages_and_is_paid_for_it(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        model_prices.replace(connection, organization_id, Price("judge", Decimal(1), Decimal(2)))
    with OpenAIServer() as server:
        server.says = lambda messages: '{"1": 0, "2": 0, "3": 0, "4": 0, "5": 0, "6": 9}'
        passages, log = asked(database, organization_id, bot(database, organization_id, "llm:judge"), remote(server))
    assert passages[0].chunk_id == log.retrieved_chunk_ids[5]
    assert chunks_of(passages) == {log.retrieved_chunk_ids[place] for place in (5, 0, 1)}
    with database.transaction(organization_id) as connection:
        [spent] = [one for one in expenses.select_of_month(connection, organization_id) if one.model == "judge"]
    assert spent.tokens > 0
    assert spent.cost is not None
    assert spent.cost > 0


def test_an_agent_reads_its_few_documents_from_the_reranked_order(database: Database, organization_id: UUID) -> None:
    chatbot = bot(database, organization_id, "rerank:judge", k=6)
    with database.transaction(organization_id) as connection:
        _limit_documents(connection, organization_id, chatbot, 1)
    with OpenAIServer() as server:
        server.script(reranking(worst_first))
        passages, log = asked(database, organization_id, chatbot, remote(server))
    assert {passage.document_id for passage in passages} == {log.retrieved_document_ids[-1]}


def _limit_documents(connection: Connection, organization_id: UUID, chatbot: Chatbot, most: int) -> None:
    [agent] = agents.select_all(connection, organization_id, chatbot.id)
    connection.execute(
        "update bots.agents set max_documents = %s where organization_id = %s and id = %s",
        [most, organization_id, agent.id],
    )
