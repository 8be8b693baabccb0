"""Questions that a model makes: proposed with their quotes, paid for first, and gone with their document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest

from resources.bots.question_sets import evaluation_sets, generated_questions, questions
from resources.bots.question_sets.generated_questions import Generation
from resources.bots.question_sets.questions import Known
from resources.bots.records import Chatbot
from resources.conversations.records import Prompt
from resources.foundation.database import Database
from resources.foundation.errors import Missing, Refused, Unavailable
from resources.foundation.inference import Speech
from resources.foundation.openai_provider import RemoteSpeaker
from resources.identity import budgets, expenses, model_prices
from resources.identity.records import Price
from tests.factories.library import open_chatbot, shelve
from tests.fixtures.openai_server import OpenAIServer, failing

PLACES = ("granary", "dryer", "sluice", "turbine")
TEXTS = {
    f"{place}.md": f"The {place} of the mill is inspected on every second Monday of the month by the {place} keeper, "
    f"who writes what was found into the {place} book and tells the miller of any damage before the evening."
    for place in PLACES
}


def asking_for_the_keeper(messages: list[dict[str, str]]) -> str:
    """A model that asks who inspects what the passage is about."""
    found = re.search(r"The (\w+) of the mill", messages[-1]["content"])
    assert found is not None
    question = {"question": f"Who looks after the {found[1]} at Millrace?", "quote": f"the {found[1]} keeper"}
    return json.dumps({"questions": [question]})


@dataclass
class Desk:
    """A chatbot with some documents, and a provider whose model writes questions."""

    database: Database
    organization_id: UUID
    chatbot: Chatbot
    provider: OpenAIServer

    def generate(self, passages: int = 10, **asked: str) -> Generation:
        return generated_questions.generate(
            self.database, self.organization_id, chatbot_id=self.chatbot.id, model="writer", ask=self.ask,
            passages=passages, accepted_by=asked.get("accepted_by"),
        )  # fmt: skip

    def ask(self, system: str, user: str) -> Speech:
        with self.database.transaction(self.organization_id) as connection:
            connection.execute("select 1")  # which would wait for ever if the only connection were held
        prompt = Prompt("", (), (), system, user, "", max_completion_tokens=400)
        return RemoteSpeaker("writer", base_url=self.provider.base_url, retries=0).speak(prompt)

    def known(self) -> list[Known]:
        with self.database.transaction(self.organization_id) as connection:
            found = evaluation_sets.find_by_name(
                connection, self.organization_id, chatbot_id=self.chatbot.id, name=generated_questions.SET_NAME
            )
            return questions.select(connection, self.organization_id, found) if found else []

    def price(self, *, budget: str) -> None:
        with self.database.transaction(self.organization_id) as connection:
            model_prices.replace(connection, self.organization_id, Price("writer", Decimal(1000), Decimal(1000)))
            budgets.replace(
                connection, self.organization_id, amount=Decimal(budget), currency="EUR", action="block"
            )  # fmt: skip

    def spent(self) -> dict[str, tuple[int, Decimal | None, Decimal]]:
        with self.database.transaction(self.organization_id) as connection:
            found = expenses.select_of_month(connection, self.organization_id)
        return {one.kind: (one.tokens, one.cost, one.reserved) for one in found}


@pytest.fixture
def desk(database: Database, organization_id: UUID) -> Iterator[Desk]:
    with OpenAIServer() as provider:
        provider.says = asking_for_the_keeper
        chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, TEXTS))
        yield Desk(database, organization_id, chatbot, provider)


def test_questions_are_proposed_with_their_quotes_and_each_passage_serves_once(desk: Desk) -> None:
    first = desk.generate(3)
    assert (first.passages, first.questions, first.stopped, len(desk.provider.requests)) == (3, 3, None, 3)
    assert desk.generate(10).questions == 1
    known = desk.known()
    assert {one.query.question for one in known} == {f"Who looks after the {place} at Millrace?" for place in PLACES}
    for one in known:
        assert (one.query.origin, one.query.state, one.query.generated_by) == ("generated", "proposed", "writer")
        [answer] = one.answers
        assert answer.path is not None
        assert answer.quote is not None
        assert answer.start is not None
        assert TEXTS[answer.path][answer.start :].startswith(answer.quote)
    with pytest.raises(Missing, match="no passage to make a question from"):
        desk.generate()


def test_who_accepts_them_unseen_is_kept(desk: Desk) -> None:
    desk.generate(accepted_by="mia")
    assert {(one.query.state, one.query.reviewed_by) for one in desk.known()} == {("accepted", "mia")}


def test_what_it_took_is_told_and_booked_and_nothing_stays_reserved(desk: Desk) -> None:
    desk.price(budget="100")
    foreseen = generated_questions.foresee(
        desk.database, desk.organization_id, chatbot_id=desk.chatbot.id, model="writer", passages=10
    )
    made = desk.generate()
    assert made.cost == Decimal(made.tokens) / 1000
    assert desk.spent() == {"questions": (made.tokens, made.cost, Decimal(0))}
    assert foreseen.cost is not None
    assert 0 < made.cost < foreseen.cost
    assert (foreseen.passages, foreseen.currency, made.currency) == (4, "EUR", "EUR")


def test_the_budget_ends_it_before_the_model_is_asked_and_what_is_done_stays(desk: Desk) -> None:
    foreseen = generated_questions.foresee(
        desk.database, desk.organization_id, chatbot_id=desk.chatbot.id, model="writer", passages=1
    )
    desk.price(budget=str(Decimal(foreseen.tokens) / 1000 + Decimal("0.3")))
    made = desk.generate()
    assert made.stopped is not None
    assert "the budget of this month is reached" in made.stopped
    assert 0 < made.questions == len(desk.known()) == len(desk.provider.requests) < 4
    with pytest.raises(Refused, match="budget of this month is reached"):
        desk.generate()
    assert desk.spent()["questions"][2] == 0


def test_a_model_that_fails_costs_nothing_and_what_is_done_stays(desk: Desk) -> None:
    desk.price(budget="100")
    desk.provider.script(failing(503))
    with pytest.raises(Unavailable):
        desk.generate()
    assert desk.spent() == {}
    desk.provider.says = lambda messages: (
        "no JSON" if "granary" in messages[-1]["content"] else asking_for_the_keeper(messages)
    )
    made = desk.generate()
    assert (made.questions, made.refusals) == (3, {"the answer is no JSON": 1})


def test_a_generated_question_goes_with_its_document(desk: Desk) -> None:
    desk.generate()
    with desk.database.transaction(desk.organization_id) as connection:
        connection.execute("delete from knowledge.documents where file_path = 'granary.md'")
    assert len(desk.known()) == 3
    assert not any("granary" in one.query.question for one in desk.known())
