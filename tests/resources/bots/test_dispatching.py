"""Which agent takes a question, and the reason that is told for it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from resources.bots import dispatching
from resources.bots.records import Agent, AgentType

BOT = UUID(int=1)


def agent(name: str, *keywords: str, type: AgentType = "user-facing", is_active: bool = True) -> Agent:
    return Agent(
        id=uuid4(), chatbot_id=BOT, name=name, type=type, model_name=None, conversation_mode="multi-turn",
        context_window=8000, system_prompt="", temperature=None, max_tokens=None, default_message="?",
        use_all_sources=True, max_documents=None, similarity_threshold=None, domain_keywords=keywords,
        is_active=is_active,
    )  # fmt: skip


def chosen(question: str, *agents: Agent) -> str | None:
    route = dispatching.choose(question, agents)
    return route.agent.name if route else None


def test_the_agent_whose_keywords_the_question_holds_takes_it() -> None:
    power, shop = agent("power", "turbine", "control panel"), agent("shop", "prices", "rye")
    assert chosen("What are the PRICES of rye flour?", power, shop) == "shop"
    assert chosen("Where is the Control Panel?", power, shop) == "power"
    route = dispatching.choose("What are the prices of rye?", [power, shop])
    assert route is not None
    assert route.reason == "the question speaks of prices, rye"


def test_a_keyword_is_a_word_of_its_own_but_in_scripts_that_write_no_spaces() -> None:
    first, second = agent("first"), agent("second", "ark", "öl", "C++", "水车")
    assert chosen("Where is the bark kept?", first, second) == "first"
    assert chosen("Wie hoch ist das Gewölbe?", first, second) == "first"
    assert chosen("Wann wird das Öl gewechselt?", first, second) == "second"
    assert chosen("Is it written in C++?", first, second) == "second"
    assert chosen("我们的水车什么时候检修", first, second) == "second"


def test_without_keywords_the_first_takes_it_and_the_reason_says_so() -> None:
    assert chosen("Hello?", agent("first"), agent("second")) == "first"
    route = dispatching.choose("Hello?", [agent("only")])
    assert route is not None
    assert route.reason == "the only agent"


def test_only_active_agents_that_face_users_take_questions() -> None:
    resting = agent("resting", "mill", is_active=False)
    behind = agent("behind", "mill", type="background")
    assert chosen("mill", resting, behind, agent("front")) == "front"
    assert chosen("mill", resting, behind) is None


@given(st.text(max_size=40), st.lists(st.lists(st.text(max_size=6), max_size=3), max_size=4))
def test_somebody_takes_every_question_when_somebody_can(question: str, keywords: list[list[str]]) -> None:
    agents = [replace(agent(str(at)), domain_keywords=words) for at, words in enumerate(keywords)]
    assert (chosen(question, *agents) is None) == (not agents)
