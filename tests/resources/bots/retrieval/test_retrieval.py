"""What a chatbot's configuration finds: in its own sources, no text twice, by vectors that may be compared."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot
from resources.bots.retrieval import retrieval
from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database
from resources.foundation.errors import Misconfigured
from resources.foundation.inference import Embedder, Reranker, Verdict
from resources.identity import expenses
from resources.knowledge.records import Found
from resources.knowledge.search import filtering
from resources.knowledge.search.filtering import EVERYTHING, Filter
from tests.factories.library import MILL, open_chatbot, shelve
from tests.factories.passages import found
from tests.factories.rerankers import FailingReranker, LikingReranker, using

QUESTION = "How often is the sluice gate greased?"


def search(
    database: Database,
    organization_id: UUID,
    chatbot: Chatbot,
    *,
    k: int | None = None,
    embedder: Embedder | None = None,
) -> Sequence[Found]:
    with database.transaction(organization_id) as connection:
        config = model_config_versions.get_active(connection, organization_id, chatbot.id)
    return retrieval.search(
        database, organization_id, chatbot=chatbot, config=config, question=QUESTION, k=k,
        embedder=embedder or ProviderModels().embedder("wordllama-256"),
    ).offered  # fmt: skip


def test_a_chatbot_finds_passages_of_its_own_sources_alone(database: Database, organization_id: UUID) -> None:
    mill = shelve(database, organization_id, MILL)
    shelve(database, organization_id, {"other.md": "The sluice gate is greased never."}, name="rumours")
    chatbot = open_chatbot(database, organization_id, mill)
    found = search(database, organization_id, chatbot)
    assert found[0].content.startswith("The sluice gate is greased every second Monday")
    assert {hit.data_source_id for hit in found} == {mill}
    assert len(search(database, organization_id, chatbot, k=2)) == 2
    assert search(database, organization_id, open_chatbot(database, organization_id, name="empty")) == ()


def test_a_text_that_stands_in_two_documents_is_offered_once(database: Database, organization_id: UUID) -> None:
    twice = {"one.md": MILL["sluice.md"], "two.md": MILL["sluice.md"]}
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, twice))
    contents = [hit.content for hit in search(database, organization_id, chatbot)]
    assert len(contents) == len(set(contents)) == 2


def test_vectors_of_another_size_are_never_compared(database: Database, organization_id: UUID) -> None:
    class Shorter:
        name, version, dimension = "wordllama-256", "l2_supercat_256", 64

        def embed(self, texts: object) -> numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float32]]:
            return numpy.ones((1, 64), dtype=numpy.float32)

    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    with pytest.raises(Misconfigured, match="64 numbers"):
        search(database, organization_id, chatbot, embedder=Shorter())


def reranked(
    database: Database, organization_id: UUID, chatbot: Chatbot, reranker: Reranker, *, k: int
) -> retrieval.Retrieval:
    with database.transaction(organization_id) as connection:
        config = model_config_versions.get_active(connection, organization_id, chatbot.id)
    return retrieval.search(
        database, organization_id, chatbot=chatbot, config=config, question=QUESTION, k=k,
        embedder=ProviderModels().embedder("wordllama-256"), reranker=reranker,
    )  # fmt: skip


def test_a_reranker_chooses_from_more_than_is_offered_and_holds_no_connection(
    database: Database, organization_id: UUID
) -> None:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    reranker = LikingReranker("Rye", thinks=using(database, organization_id))
    order = reranked(database, organization_id, chatbot, reranker, k=2)
    assert [hit.content.split()[0] for hit in order.offered] == ["Rye", "The"]
    assert order.offered[1] == order.candidates[0]
    assert len(order.candidates) == 6
    with database.transaction(organization_id) as connection:
        spent = expenses.select_of_month(connection, organization_id)
    assert [(one.kind, one.model, one.tokens) for one in spent] == [("answer", "judge", 7)]
    assert order.order.is_reranked
    [(question, texts)] = reranker.asked
    assert question == QUESTION
    assert texts[0].startswith("sluice\nThe sluice gate is greased"), "it reads what the passage is part of"


def test_where_the_reranker_fails_the_search_decides_and_the_log_says_so(
    database: Database, organization_id: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    with caplog.at_level(logging.WARNING):
        order = reranked(database, organization_id, chatbot, FailingReranker(), k=3)
    assert order.offered == order.candidates[:3]
    assert (order.order.is_reranked, order.order.failure) == (False, "the reranker does not answer")
    assert "rerank:judge did not judge what was found" in caplog.text


@given(st.integers(0, 70), st.data())
def test_reranking_drops_and_invents_nothing(count: int, data: st.DataObject) -> None:
    candidates = [found(f"passage {number}") for number in range(count)]

    class Judge:
        name = "judge"

        def rank(self, question: str, passages: Sequence[str]) -> Verdict:
            return Verdict(tuple(data.draw(st.floats(-1, 1)) for _ in passages))

    order = retrieval.ordered(QUESTION, candidates, Judge())
    assert sorted(hit.content for hit in order.passages) == sorted(hit.content for hit in candidates)
    assert list(order.passages[retrieval.RERANK_DEPTH :]) == candidates[retrieval.RERANK_DEPTH :]
    assert list(order.scores) == sorted(order.scores, reverse=True)


def test_a_configuration_names_its_reranker_and_llm_alone_is_the_model_that_answers(
    database: Database, organization_id: UUID
) -> None:
    chatbot = open_chatbot(database, organization_id)

    def named(reranker: str | None) -> str | None:
        with database.transaction(organization_id) as connection:
            config = model_config_versions.ensure_active(
                connection, organization_id, chatbot.id, embedding_model="wordllama-256", llm_model="talker",
                reranker_model=reranker,
            )  # fmt: skip
        return retrieval.reranker_name(config)

    assert [named(one) for one in (None, "none", "llm", "llm:other", "rerank:x")] == [
        None, None, "llm:talker", "llm:other", "rerank:x",
    ]  # fmt: skip


def looked_for(
    database: Database, organization_id: UUID, chatbot: Chatbot, *, k: int, filter: Filter = EVERYTHING
) -> retrieval.Retrieval:
    with database.transaction(organization_id) as connection:
        config = model_config_versions.get_active(connection, organization_id, chatbot.id)
    return retrieval.search(
        database, organization_id, chatbot=chatbot, config=config, question=QUESTION, k=k, filter=filter,
        embedder=ProviderModels().embedder("wordllama-256"),
    )  # fmt: skip


def test_many_copies_of_one_text_leave_room_for_k_others_and_are_named_beside_it(
    database: Database, organization_id: UUID
) -> None:
    greased = "The sluice gate is greased every second Monday by the duty engineer, who writes it into the book."
    copies = {f"copy-{number}.md": greased for number in range(30)}
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, {**copies, **MILL}))
    with database.transaction(organization_id) as connection:
        # what stands in nearly all documents tells no topic
        model_config_versions.ensure_active(
            connection, organization_id, chatbot.id, embedding_model="wordllama-256", llm_model="extractive",
            off_topic_threshold=0.0,
        )  # fmt: skip
    offered = looked_for(database, organization_id, chatbot, k=4).offered
    assert len({hit.content for hit in offered}) == len(offered) == 4
    first = next(hit for hit in offered if hit.content == greased)
    assert len(first.also_in) == 29
    assert {twin.file_path for twin in first.also_in} | {first.file_path} == set(copies)


def test_a_search_looks_at_documents_that_the_filter_lets_through_alone(
    database: Database, organization_id: UUID
) -> None:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    only = filtering.parsed({"paths": ["shop.md", "grain.md"]})
    assert {hit.file_path for hit in looked_for(database, organization_id, chatbot, k=6, filter=only).offered} == {
        "shop.md", "grain.md",
    }  # fmt: skip
    nothing = filtering.parsed({"sources": "unheard of"})
    assert looked_for(database, organization_id, chatbot, k=6, filter=nothing).offered == ()


def test_a_configuration_may_say_how_many_passages_of_a_document_are_offered(
    database: Database, organization_id: UUID
) -> None:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    with database.transaction(organization_id) as connection:
        model_config_versions.ensure_active(
            connection, organization_id, chatbot.id, embedding_model="wordllama-256", llm_model="extractive",
            max_per_document=1,
        )  # fmt: skip
    assert {hit.file_path for hit in looked_for(database, organization_id, chatbot, k=3).offered} == set(MILL)
