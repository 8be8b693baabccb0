"""One question in full: nothing of how its answer came about is left out, and nobody else is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from resources.analytics import feedback_reasons, question_details, worst_questions
from resources.analytics.pages import feedback
from resources.analytics.panels import look_at
from resources.analytics.records import Filter
from resources.bots.configurations import model_config_versions
from resources.bots.question_sets.reading_questions import Answer
from resources.bots.records import Chatbot
from resources.conversations import message_feedback, promotions, usage
from resources.conversations.answering import answers
from resources.conversations.answering.models import Models, ProviderModels
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database
from resources.foundation.errors import Missing
from tests.conftest import make_organization
from tests.factories.library import MILL, open_chatbot, shelve
from tests.fixtures.openai_server import OpenAIServer, Payload, reranking

QUESTION = "How often is the sluice gate greased?"


@pytest.fixture
def chatbot(database: Database, organization_id: UUID) -> Chatbot:
    return open_chatbot(database, organization_id, shelve(database, organization_id, MILL))


def ask(
    database: Database, organization_id: UUID, chatbot: Chatbot, asked: Asked, models: Models | None = None
) -> Answered:
    *_, last = answers.answer(
        database, organization_id, chatbot=chatbot, asked=asked, models=models or ProviderModels()
    )  # fmt: skip
    assert isinstance(last, Answered)
    return last


def test_one_question_is_told_in_full(database: Database, organization_id: UUID, chatbot: Chatbot) -> None:
    answered = ask(database, organization_id, chatbot, Asked(QUESTION))
    with database.transaction(organization_id) as connection:
        detail = question_details.get(connection, organization_id, answered.message_id)
        took = usage.find_for_message(connection, organization_id, answered.message_id)
    assert (detail.question.content, detail.answer.content, detail.outcome) == (QUESTION, answered.text, "answered")
    assert [one.place for one in detail.passages] == list(range(1, len(detail.passages) + 1))
    assert detail.log is not None
    assert [(one.chunk_id, one.score, one.lexical_score, one.dense_score) for one in detail.passages] == list(
        zip(
            detail.log.retrieved_chunk_ids, detail.log.similarity_scores, detail.log.lexical_scores,
            detail.log.dense_scores, strict=True,
        )
    )  # fmt: skip
    cited = {one.path for one in detail.passages if one.is_cited}
    assert cited == {"sluice.md"}
    assert all(one.is_current and one.run_id == "run-1" and one.content for one in detail.passages)
    assert detail.usage == took
    assert dict(detail.seconds)["in all"] >= dict(detail.seconds)["search"] > 0
    assert detail.can_be_replayed
    with database.transaction(make_organization(database, "other")) as connection, pytest.raises(Missing):
        question_details.get(connection, organization_id, answered.message_id)


def test_both_orders_are_told_where_a_reranker_had_its_say(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    def turned(results: list[Payload]) -> list[Payload]:
        return [{"index": index, "relevance_score": index / len(results)} for index in range(len(results))]

    with database.transaction(organization_id) as connection:
        model_config_versions.ensure_active(
            connection, organization_id, chatbot.id, embedding_model="wordllama-256", llm_model="extractive",
            reranker_model="rerank:judge", retrieval_k=2,
        )  # fmt: skip
    with OpenAIServer() as server:
        server.script(reranking(turned))
        models = ProviderModels(base_url=server.base_url, api_key="sk-test")
        answered = ask(database, organization_id, chatbot, Asked(QUESTION), models)
    with database.transaction(organization_id) as connection:
        detail = question_details.get(connection, organization_id, answered.message_id)
    assert [one.offered for one in detail.passages] == [None, None, None, None, 2, 1]
    assert [one.reranked for one in detail.passages[-2:]] == [4 / 6, 5 / 6]


def test_the_worst_questions_come_first_each_once_with_what_was_done_about_them(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    for question, thumb in (
        (QUESTION, None), (QUESTION, "negative"), ("When is the shop open?", "positive"),
        ("Who is the king of Norway?", None), ("Who is the king of Norway?", None),
    ):  # fmt: skip
        answered = ask(database, organization_id, chatbot, Asked(question))
        with database.transaction(organization_id) as connection:
            if thumb == "negative":
                disliked = answered
                promotions.place(
                    connection, organization_id, answered.message_id, reviewed_by="mia", state="accepted",
                    answers=[Answer("sluice.md")],
                )  # fmt: skip
            if thumb is not None:
                message_feedback.replace(
                    connection, organization_id, message_id=answered.message_id, user_id=None,
                    feedback="negative" if thumb == "negative" else "positive", reason=" Out of date ",
                )  # fmt: skip
    today = datetime.now(UTC).date()
    wanted = Filter(today - timedelta(days=1), today + timedelta(days=1))
    with database.transaction(organization_id) as connection:
        found = worst_questions.select_page(connection, organization_id, wanted, at_most=10)
        unanswered = worst_questions.select_page(connection, organization_id, wanted, at_most=10, why="unanswered")
        assert worst_questions.select_page(connection, organization_id, wanted, at_most=10, skip=1) == []
        reasons = feedback_reasons.select_all(connection, organization_id, wanted)
        look = look_at(connection, organization_id, wanted)
        panels = {key: make(look) for key, make in feedback.PANELS.items()}
        elsewhere = Filter(wanted.since, wanted.until, chatbot="handbook", source="handbook", language="fr")
        assert worst_questions.select_page(connection, organization_id, elsewhere, at_most=10) == []
    assert [(one.question, one.times, one.disliked, one.unanswered, one.review) for one in (*found, *unanswered)] == [
        (QUESTION, 1, 1, 0, "accepted"), ("Who is the king of Norway?", 2, 0, 2, None),
    ]  # fmt: skip
    assert found[0].answer_id == disliked.message_id
    assert [(one.reason, one.given) for one in reasons] == [("out of date", 1)]
    [part] = panels["by_chatbot"].table.rows
    assert part == ("handbook", *panels["liked"].table.rows[0][1:5])
    assert panels["worst"].links[0] == {"question": f"/analytics/questions/{disliked.message_id}"}
    assert panels["liked"].table.rows[0][1] == 0.5
    assert panels["reasons"].table.rows[0][:3] == ("out of date", 1, 1.0)
