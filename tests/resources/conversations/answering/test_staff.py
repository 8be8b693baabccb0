"""Which agent answered, with which words and at what cost: agents of all kinds in one chatbot, and models in turn."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from resources.bots import chatbots
from resources.bots.agents import agents, canned_answers
from resources.bots.records import AgentType, Chatbot
from resources.conversations import interactions, retrieval_logs, usage
from resources.conversations.answering import answers
from resources.conversations.answering.models import Patience, ProviderModels
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database
from resources.foundation.errors import Refused
from resources.foundation.settings import ProviderAddress
from tests.factories.library import MILL, open_chatbot, shelve
from tests.fixtures.openai_server import OpenAIServer, answering, failing

QUESTION = "How often is the sluice gate greased?"
GREASED = "The sluice gate is greased every second Monday by the duty engineer."
HURRIED = Patience(speaking_retries=0)


@pytest.fixture
def chatbot(database: Database, organization_id: UUID) -> Chatbot:
    return open_chatbot(database, organization_id, shelve(database, organization_id, MILL))


def hire(database: Database, organization_id: UUID, chatbot: Chatbot, type: AgentType, **values: object) -> UUID:
    """One more agent of the chatbot, by its type's name."""
    with database.transaction(organization_id) as connection:
        agent = agents.create(
            connection, organization_id, chatbot_id=chatbot.id, name=str(values.get("name", type)), type=type
        )
        agents.replace(connection, organization_id, replace(agent, **values))  # type: ignore[arg-type]
    return agent.id


def ask(
    database: Database,
    organization_id: UUID,
    chatbot: Chatbot,
    asked: str | Asked,
    models: ProviderModels | None = None,
) -> Answered:
    question = Asked(asked) if isinstance(asked, str) else asked
    *_, answered = answers.answer(
        database, organization_id, chatbot=chatbot, asked=question, models=models or ProviderModels()
    )
    assert isinstance(answered, Answered)
    return answered


def test_a_known_question_gets_its_text_without_search_or_cost(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    faq = hire(database, organization_id, chatbot, "pre-canned")
    with database.transaction(organization_id) as connection:
        canned_answers.replace_all(
            connection, organization_id, faq, {"What are your opening hours?": "Nine to five [1], says nobody."}
        )
    answered = ask(database, organization_id, chatbot, "hello, what are the opening hours please")
    assert (answered.text, answered.outcome) == ("Nine to five [1], says nobody.", "canned")
    assert (answered.answered_by, answered.agent_name, answered.citations_dropped) == ("pre-canned", "pre-canned", 0)
    assert answered.reason == "the question is known: What are your opening hours?"
    with database.transaction(organization_id) as connection:
        assert retrieval_logs.find_for_message(connection, organization_id, answered.message_id) is None
        took = usage.find_for_message(connection, organization_id, answered.message_id)
    assert took is not None
    assert (took.tokens_used, took.cost, took.model) == (0, Decimal(0), "pre-canned")
    assert ask(database, organization_id, chatbot, QUESTION).outcome == "answered"


def test_a_flood_is_turned_away_politely_before_it_costs_anything_and_is_logged(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    hire(database, organization_id, chatbot, "spam-defense", rate_limit_per_hour=2)
    asker, other = uuid4(), uuid4()
    for question in (QUESTION, "Rye?"):
        assert ask(database, organization_id, chatbot, Asked(question, asker_id=asker)).outcome != "turned_away"
    away = ask(database, organization_id, chatbot, Asked("Wheat?", asker_id=asker))
    assert (away.outcome, away.finish_reason, away.prompt_tokens) == ("turned_away", "content_filter", 0)
    assert away.text.startswith("I cannot take this message.")
    assert away.reason == "2 questions in the last hour, where 2 are let through"
    with database.transaction(organization_id) as connection:
        logged = interactions.find_for_answer(connection, organization_id, away.message_id)
        assert retrieval_logs.find_for_message(connection, organization_id, away.message_id) is None
    assert logged is not None
    assert (logged.results["outcome"], logged.results["routed_because"]) == ("turned_away", away.reason)
    assert ask(database, organization_id, chatbot, Asked("Wheat?", asker_id=other)).outcome != "turned_away"


def test_the_same_question_again_and_again_is_turned_away(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    hire(database, organization_id, chatbot, "spam-defense")
    asker = uuid4()
    outcomes = [
        ask(database, organization_id, chatbot, Asked(f"{QUESTION}{'!' * at}", asker_id=asker)).outcome
        for at in range(4)
    ]
    assert outcomes == ["answered", "answered", "answered", "turned_away"]


def test_two_answers_in_vain_bring_a_person(database: Database, organization_id: UUID, chatbot: Chatbot) -> None:
    hire(database, organization_id, chatbot, "human-escalation", default_message="Mia comes.")
    session_id = None
    said = []
    for question in ("Wer gewann 1954?", "Who sang in 1977?", QUESTION, QUESTION):
        answered = ask(database, organization_id, chatbot, Asked(question, session_id=session_id))
        session_id = answered.session_id
        said.append((answered.outcome, answered.text))
    assert [outcome for outcome, _ in said] == ["no_answer", "no_answer", "handed_over", "handed_over"]
    assert said[2][1] == "Mia comes."


def test_the_models_are_asked_in_turn_and_the_answer_says_who_spoke(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    with database.transaction(organization_id) as connection:
        [agent] = agents.select_all(connection, organization_id, chatbot.id)
        agents.replace(
            connection, organization_id,
            replace(agent, model_name="large", fallback_models=["medium", "small"], top_p=0.5, presence_penalty=1.0,
                    model_parameters={"reasoning_effort": "low", "messages": [], "model": "evil"}),
        )  # fmt: skip
    with OpenAIServer() as server:
        models = ProviderModels(base_url=server.base_url, api_key="sk-test", patience=HURRIED)
        server.says = lambda messages: "The sluice gate is greased every second Monday [1]."
        server.script(failing(500), answering(b"", "text/event-stream"))
        answered = ask(
            database, organization_id, chatbot, Asked(QUESTION, parameters={"top_p": 0.9, "seed": 7}), models
        )
        bodies = [request.body for request in server.requests]
        server.script(failing(500), failing(429), failing(401))
        last = ask(database, organization_id, chatbot, QUESTION, models)
    assert [body["model"] for body in bodies] == ["large", "medium", "small"]
    assert (answered.answered_by, answered.instead_of) == ("small", "large")
    assert [model for model, _ in answered.tried] == ["large", "medium"]
    assert answered.citations
    last_body = bodies[-1]
    assert (last_body["top_p"], last_body["presence_penalty"], last_body["seed"]) == (0.9, 1.0, 7)
    assert (last_body["reasoning_effort"], bool(last_body["messages"])) == ("low", True)
    assert (last.answered_by, last.instead_of) == ("extractive", "large")
    assert GREASED in last.text


def test_a_model_may_be_at_another_provider_which_gets_its_own_key(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    with database.transaction(organization_id) as connection:
        [agent] = agents.select_all(connection, organization_id, chatbot.id)
        agents.replace(
            connection, organization_id,
            replace(agent, model_name="large", model_provider="spare", fallback_models=["small", "tiny@nowhere"]),
        )  # fmt: skip
    with OpenAIServer() as main, OpenAIServer() as spare:
        spare.says = lambda messages: "The sluice gate is greased every second Monday [1]."
        models = ProviderModels(
            base_url=main.base_url, api_key="sk-main", patience=HURRIED,
            elsewhere={"spare": ProviderAddress(spare.base_url, "sk-spare")},
        ).with_key("sk-own")  # fmt: skip
        first = ask(database, organization_id, chatbot, QUESTION, models)
        spare.script(failing(503))
        main.script(failing(503))
        second = ask(database, organization_id, chatbot, QUESTION, models)
        asked = [(one.key, one.body["model"]) for one in [*spare.requests, *main.requests]]
    assert first.answered_by == "large@spare"
    assert asked == [("sk-spare", "large"), ("sk-spare", "large"), ("sk-own", "small")]
    assert [model for model, _ in second.tried] == ["large@spare", "small", "tiny@nowhere"]
    assert second.answered_by == "extractive"


def test_a_model_chooses_the_agent_where_the_chatbot_says_so_and_nothing_else_tells_them_apart(
    database: Database, organization_id: UUID
) -> None:
    source_id = shelve(database, organization_id, MILL)
    chatbot = open_chatbot(database, organization_id, source_id, llm_model="chatty")
    hire(database, organization_id, chatbot, "user-facing", name="shop", description="Prices", domain_keywords=["rye"])
    with database.transaction(organization_id) as connection:
        chatbot = chatbots.replace(connection, organization_id, replace(chatbot, dispatching="model"))
    with OpenAIServer() as server:
        models = ProviderModels(base_url=server.base_url, api_key="sk-test", patience=HURRIED)
        server.says = lambda messages: "shop" if "direct questions" in messages[0]["content"] else "Yes [1]."
        chosen = ask(database, organization_id, chatbot, "What does it cost?", models)
        asked_twice = len(server.requests)
        told = ask(database, organization_id, chatbot, "What does rye cost?", models)
        asked_once = len(server.requests) - asked_twice
        server.script(failing(500))
        first = ask(database, organization_id, chatbot, "What does it cost?", models)
    assert (chosen.agent_name, chosen.reason) == ("shop", "chatty chose it for this question")
    assert (told.agent_name, told.reason, asked_twice, asked_once) == ("shop", "the question speaks of rye", 2, 1)
    assert (first.agent_name, "could not be asked" in first.reason) == ("answers", True)
    with database.transaction(organization_id) as connection:
        doors = connection.execute(
            "select count(*) from conversations.usage where request_data ->> 'door' = 'dispatching'"
        )
        assert doors.fetchone() == (1,)


def test_a_session_of_another_chatbot_is_refused(database: Database, organization_id: UUID, chatbot: Chatbot) -> None:
    other = open_chatbot(database, organization_id, name="other")
    session_id = ask(database, organization_id, other, QUESTION).session_id
    with pytest.raises(Refused, match="another chatbot"):
        ask(database, organization_id, chatbot, Asked(QUESTION, session_id=session_id))


def test_an_extractive_answer_keeps_to_the_length_that_is_asked_for(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    question = "What happens with the sluice in a flood and when is it greased?"
    long = ask(database, organization_id, chatbot, question)
    short = ask(database, organization_id, chatbot, Asked(question, max_tokens=5))
    assert long.text.startswith(short.text.rpartition(" [")[0])
    assert (short.finish_reason, short.completion_tokens, len(short.citations)) == ("length", 5, 1)
