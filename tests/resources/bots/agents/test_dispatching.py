"""Which agent takes a question, and the reason that is told for it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from resources.bots.agents import dispatching
from resources.bots.records import Agent, AgentType, CannedAnswer, Circumstances, Route

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


def test_the_order_is_defence_then_waiting_then_what_is_known_then_people_then_answers() -> None:
    guard, faq = agent("guard", type="spam-defense"), agent("faq", type="pre-canned")
    people, front = agent("people", type="human-escalation"), agent("front")
    staff = [front, people, faq, guard]
    canned = [CannedAnswer(faq.id, "Who are you?", "The mill."), CannedAnswer(faq.id, "Get me a human", "No.")]

    def route(question: str, now: Circumstances) -> Route:
        found = dispatching.choose(question, staff, now=now, canned=canned, default_message="?")
        assert found is not None
        return found

    quiet, waiting = Circumstances(), Circumstances(handed_over="a person was asked for")
    assert route("fuck you", waiting).agent.name == "guard"
    assert route("Who are you?", waiting).reply == dispatching.WAITING
    known = route("who are you", quiet)
    assert (known.agent.name, known.reply, known.reason) == ("faq", "The mill.", "the question is known: Who are you?")
    assert route("Get me a human", quiet).reply == "No."
    handed = route("I want to talk to a person", quiet)
    assert (handed.agent.name, handed.is_new, handed.reply) == ("people", True, dispatching.HANDED_OVER)
    assert route("How often is the sluice greased?", quiet).reply is None


def test_an_agent_says_its_own_words_where_it_has_some() -> None:
    people = replace(agent("people", type="human-escalation"), default_message="Mia is on her way.")
    route = dispatching.choose("I want to talk to a person", [people], default_message="?")
    assert route is not None
    assert route.reply == "Mia is on her way."


def test_expertise_bias_and_stickness_weigh_where_keywords_do_not_decide() -> None:
    power = replace(agent("power", "turbine"), expertise_areas=["hydraulic engineering"])
    shop = agent("shop")
    assert chosen("What does a hydraulic press do?", shop, power) == "power"
    assert chosen("Hello?", shop, replace(power, bias=0.1)) == "power"
    sticky = replace(shop, stickness=0.8)
    before = Circumstances(last_agent_id=sticky.id)
    route = dispatching.choose("And a hydraulic press?", [power, sticky], now=before)
    assert route is not None
    assert (route.agent.name, route.reason) == ("shop", "the agent that answered before")
    turbine = dispatching.choose("And the turbine?", [power, sticky], now=before)
    assert turbine is not None
    assert turbine.agent.name == "power"


def test_a_model_may_choose_only_where_nothing_else_tells_agents_apart_and_only_among_them() -> None:
    first, second = agent("first", "mill"), agent("second")
    told = dispatching.choose("mill", [first, second])
    open_route = dispatching.choose("Hello?", [first, second])
    assert told is not None
    assert open_route is not None
    assert (told.is_open, open_route.is_open) == (False, True)
    narrowed = dispatching.narrowed(open_route, [first, second], "Second", by="chatty")
    assert (narrowed.agent.name, narrowed.reason) == ("second", "chatty chose it for this question")
    assert dispatching.narrowed(open_route, [first, second], "the mayor", by="chatty") == open_route
