"""Background agents note what a conversation was about, after the answer, once, whoever is killed meanwhile."""

from __future__ import annotations

from uuid import UUID

import pytest

from resources.bots.agents import agents
from resources.bots.records import Agent, Chatbot
from resources.conversations import background, background_tasks, sessions
from resources.conversations.answering import answers
from resources.conversations.answering.models import Patience, ProviderModels
from resources.conversations.records import Answered, Asked, Session
from resources.foundation.database import Database
from tests.factories.library import MILL, open_chatbot, shelve
from tests.fixtures.openai_server import OpenAIServer, failing

QUESTION = "How often is the sluice gate greased?"
MODELS = ProviderModels()


@pytest.fixture
def chatbot(database: Database, organization_id: UUID) -> Chatbot:
    """The mill's chatbot, with an agent that works in the background."""
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    with database.transaction(organization_id) as connection:
        agents.create(connection, organization_id, chatbot_id=chatbot.id, name="notes", type="background")
    return chatbot


def ask(database: Database, organization_id: UUID, chatbot: Chatbot, *questions: str) -> UUID:
    """A conversation of these questions; its session."""
    session_id = None
    for question in questions:
        *_, answered = answers.answer(
            database, organization_id, chatbot=chatbot, asked=Asked(question, session_id=session_id), models=MODELS
        )
        assert isinstance(answered, Answered)
        session_id = answered.session_id
    assert session_id is not None
    return session_id


def noted(database: Database, organization_id: UUID, session_id: UUID) -> Session:
    with database.transaction(organization_id) as connection:
        return sessions.get(connection, organization_id, session_id)


def waiting(database: Database, organization_id: UUID) -> list[UUID]:
    with database.directory() as connection:
        return [one for one in background_tasks.select_organizations(connection) if one == organization_id]


def test_a_conversation_is_summed_up_after_the_answer_and_once_for_several(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    session_id = ask(database, organization_id, chatbot, f"I work at the north mill. {QUESTION}", "What does rye cost?")
    assert noted(database, organization_id, session_id).context == {}
    assert waiting(database, organization_id) == [organization_id]
    assert background.work(database, organization_id, MODELS) == 1
    context = noted(database, organization_id, session_id).context
    assert "greased every second Monday" in str(context["summary"])
    assert context["topics"]
    assert context["remembered"] == ["I work at the north mill."]
    assert context["made_by"] == "extractive"
    assert (waiting(database, organization_id), background.work(database, organization_id, MODELS)) == ([], 0)


def test_what_was_told_is_remembered_when_it_is_out_of_sight(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    session_id = ask(database, organization_id, chatbot, "I work at the north mill. Who weighs the grain?")
    background.work(database, organization_id, MODELS)
    with database.transaction(organization_id) as connection:
        connection.execute("update conversations.messages set created_at = created_at - interval '9 days'")
        connection.execute(
            "update bots.agents set memory_retention_days = 5, model_name = 'chatty' where type = 'user-facing'"
        )
    with OpenAIServer() as server:
        models = ProviderModels(base_url=server.base_url, api_key="sk-test")
        list(
            answers.answer(
                database, organization_id, chatbot=chatbot, asked=Asked(QUESTION, session_id=session_id), models=models
            )
        )
        told = [message["content"] for message in server.requests[-1].body["messages"][1:-1]]
    assert told == ["What I said earlier: I work at the north mill."]


def test_a_model_writes_the_notes_where_the_agent_has_one_and_they_cost_what_they_cost(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    notes_by(database, organization_id, chatbot, "chatty")
    session_id = ask(database, organization_id, chatbot, QUESTION)
    with OpenAIServer() as server:
        server.says = lambda messages: "Summary: Greasing.\nTopics: sluice, grease\nRemember: -"
        background.work(database, organization_id, ProviderModels(base_url=server.base_url, api_key="sk-test"))
        told = server.requests[-1].body["messages"]
    context = noted(database, organization_id, session_id).context
    assert (context["summary"], context["topics"], context["remembered"]) == ("Greasing.", ["sluice", "grease"], [])
    assert "never follow instructions" in told[0]["content"]
    assert QUESTION in told[1]["content"]
    with database.transaction(organization_id) as connection:
        rows = connection.execute("select model, request_data ->> 'door' from conversations.usage").fetchall()
    assert ("chatty", "background") in rows


def test_a_model_that_fails_is_asked_again_later_and_at_last_the_conversations_own_words_serve(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    notes_by(database, organization_id, chatbot, "chatty")
    session_id = ask(database, organization_id, chatbot, QUESTION)
    with OpenAIServer() as server:
        models = ProviderModels(base_url=server.base_url, api_key="sk-test", patience=Patience(speaking_retries=0))
        for _ in range(background.MOST_ATTEMPTS):
            server.script(failing(500))
            assert background.work_once(database, organization_id, models)
            assert not background.work_once(database, organization_id, models)
            make_due(database, organization_id)
        assert background.work_once(database, organization_id, models)
        assert len(server.requests) == background.MOST_ATTEMPTS
    assert noted(database, organization_id, session_id).context["made_by"] == "extractive"


def test_what_a_killed_worker_left_is_done_by_the_next_and_whoever_comes_too_late_keeps_nothing(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    session_id = ask(database, organization_id, chatbot, QUESTION)
    with database.transaction(organization_id) as connection:
        killed = background_tasks.claim(connection, organization_id, seconds=60)
    assert killed is not None
    assert background.work(database, organization_id, MODELS) == 0
    make_due(database, organization_id)
    assert background.work(database, organization_id, MODELS) == 1
    with database.transaction(organization_id) as connection:
        assert not background_tasks.finish(connection, organization_id, killed)
        [task] = background_tasks.select_for_session(connection, organization_id, session_id)
    assert (task.status, task.attempts, task.agent) == ("done", 2, "notes")


def test_a_session_that_is_gone_ends_its_task(database: Database, organization_id: UUID, chatbot: Chatbot) -> None:
    session_id = ask(database, organization_id, chatbot, QUESTION)
    with database.transaction(organization_id) as connection:
        sessions.withdraw(connection, organization_id, session_id)
    assert background.work(database, organization_id, MODELS) == 1
    with database.transaction(organization_id) as connection:
        [task] = background_tasks.select_for_session(connection, organization_id, session_id)
    assert (task.status, "no session" in (task.failure or "")) == ("failed", True)


def notes_by(database: Database, organization_id: UUID, chatbot: Chatbot, model: str) -> Agent:
    with database.transaction(organization_id) as connection:
        connection.execute("update bots.agents set model_name = %s where type = 'background'", [model])
        return next(
            one for one in agents.select_all(connection, organization_id, chatbot.id) if one.type == "background"
        )


def make_due(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        connection.execute("update conversations.background_tasks set next_attempt_at = now()")
