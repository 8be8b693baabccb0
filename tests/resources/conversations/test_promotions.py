"""What people asked becomes a question of a set when somebody says so, and goes with whoever asked it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from resources.bots.question_sets import evaluation_sets, questions
from resources.bots.question_sets.questions import Known
from resources.bots.question_sets.reading_questions import Answer, Draft
from resources.bots.question_sets.splitting import id_of
from resources.bots.records import Chatbot
from resources.conversations import erasures, message_feedback, promotions, retention
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.erasures import Request
from resources.conversations.promotions import Promoted, Signal
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database
from resources.foundation.errors import Missing, Refused
from resources.foundation.files import ObjectStore
from resources.identity import users
from tests.factories.library import MILL, open_chatbot, shelve

GREASED = "How often is the sluice gate greased?"
KING = "Who is the king of Norway?"


@dataclass
class House:
    """A chatbot that was asked things, and the people who asked."""

    database: Database
    organization_id: UUID
    chatbot: Chatbot
    store: ObjectStore

    def user(self, name: str) -> UUID:
        with self.database.transaction(self.organization_id) as connection:
            return users.create(
                connection, self.organization_id, username=name, email=f"{name}@mill.example"
            ).id  # fmt: skip

    def ask(self, question: str, user_id: UUID | None = None) -> Answered:
        *_, last = answers.answer(
            self.database, self.organization_id, chatbot=self.chatbot, asked=Asked(question, user_id=user_id),
            models=ProviderModels(),
        )  # fmt: skip
        assert isinstance(last, Answered)
        return last

    def say(self, answered: Answered, feedback: str, reason: str = "") -> None:
        with self.database.transaction(self.organization_id) as connection:
            message_feedback.replace(
                connection, self.organization_id, message_id=answered.message_id, user_id=None,
                feedback="positive" if feedback == "positive" else "negative", reason=reason or None,
            )  # fmt: skip

    def promote(
        self, signals: Sequence[Signal] = ("negative", "positive", "no_answer"), at_most: int = promotions.MOST
    ) -> Promoted:
        with self.database.transaction(self.organization_id) as connection:
            return promotions.promote(
                connection, self.organization_id, chatbot_id=self.chatbot.id, signals=signals, at_most=at_most
            )

    def known(self) -> list[Known]:
        with self.database.transaction(self.organization_id) as connection:
            found = evaluation_sets.find_by_name(
                connection, self.organization_id, chatbot_id=self.chatbot.id, name=promotions.SET_NAME
            )
            return questions.select(connection, self.organization_id, found) if found else []

    def accept(self, known: Known) -> None:
        with self.database.transaction(self.organization_id) as connection:
            questions.review(
                connection, self.organization_id, known, chatbot_id=self.chatbot.id, state="accepted",
                reviewed_by="mia", is_answerable=bool(known.answers),
            )  # fmt: skip

    def erase(self, user_id: UUID) -> dict[str, int]:
        request = Request("mia", "asked by letter")
        erased = erasures.erase_user(
            self.database, self.organization_id, user_id, store=self.store, request=request
        )  # fmt: skip
        return dict(erased.row_counts)


@pytest.fixture
def house(database: Database, organization_id: UUID, tmp_path: Path) -> House:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    return House(database, organization_id, chatbot, ObjectStore(tmp_path / "objects"))


def test_answers_that_are_worth_a_look_are_proposed_once_with_what_was_cited_where_it_was_praised(house: House) -> None:
    praised, blamed = house.ask(GREASED), house.ask("What does rye flour cost?")
    house.ask("When is the shop open?")
    house.ask(KING)
    house.say(praised, "positive")
    house.say(blamed, "negative", "it costs four now")
    done = house.promote()
    assert (done.answers, done.added) == ({"positive": 1, "negative": 1, "no_answer": 1}, 3)
    by_question = {one.query.question: one for one in house.known()}
    assert set(by_question) == {GREASED, "What does rye flour cost?", KING}
    assert {(one.query.origin, one.query.state) for one in by_question.values()} == {("promoted", "proposed")}
    [cited] = by_question[GREASED].answers
    assert (cited.path, cited.quote) == ("sluice.md", praised.citations[0].quote)
    assert MILL["sluice.md"][cited.start :].startswith(cited.quote or "?")
    assert not by_question["What does rye flour cost?"].answers
    assert (house.promote().answers, len(house.known())) == ({}, 3)


def test_those_that_are_asked_for_are_found_behind_any_number_of_others(house: House) -> None:
    house.say(house.ask(GREASED), "negative")
    house.ask(KING)
    assert house.promote(["negative"], at_most=1).answers == {"negative": 1}
    assert house.promote(["positive"], at_most=1).answers == {}


def test_a_reviewer_sees_why_a_question_is_proposed_and_what_was_found_for_it(house: House) -> None:
    blamed = house.ask("What does rye flour cost?")
    house.say(blamed, "negative", "it costs four now")
    house.promote()
    [known] = house.known()
    with house.database.transaction(house.organization_id) as connection:
        [asked] = promotions.select_asked(connection, house.organization_id, [known.query.id])
        offered = promotions.select_offered(connection, house.organization_id, blamed.message_id)
    assert (asked.signal, asked.reason, asked.answer) == ("negative", "it costs four now", blamed.text)
    assert (offered[0].path, offered[0].is_cited) == ("shop.md", True)
    assert {one.path for one in offered} == set(MILL)


def test_the_same_question_is_one_however_often_it_is_asked_and_a_rejected_one_stays_so(house: House) -> None:
    house.say(house.ask(GREASED), "negative")
    house.promote()
    [known] = house.known()
    with house.database.transaction(house.organization_id) as connection:
        questions.review(
            connection, house.organization_id, known, chatbot_id=house.chatbot.id, state="rejected",
            reviewed_by="mia",
        )  # fmt: skip
    house.say(house.ask(GREASED.upper()), "negative")
    assert house.promote() == Promoted(promotions.SET_NAME, {"negative": 1}, 0, 1)
    [known] = house.known()
    assert known.query.state == "rejected"
    with house.database.transaction(house.organization_id) as connection:
        assert len(promotions.select_asked(connection, house.organization_id, [known.query.id])) == 2


def test_a_question_goes_with_the_only_one_who_asked_it_however_far_it_got(house: House) -> None:
    mia, tom = house.user("mia"), house.user("tom")
    for question, asker in ((GREASED, mia), (KING, mia), (KING, tom)):
        house.say(house.ask(question, asker), "positive" if question == GREASED else "negative")
    house.promote()
    [greased] = [one for one in house.known() if one.query.question == GREASED]
    house.accept(greased)
    assert house.erase(mia)["bots.evaluation_queries"] == 1
    assert [one.query.question for one in house.known()] == [KING]
    house.erase(tom)
    assert house.known() == []


def test_an_accepted_question_outlives_its_conversation_but_not_its_asker(house: House) -> None:
    mia = house.user("mia")
    house.say(house.ask(GREASED, mia), "positive")
    house.say(house.ask(KING, mia), "negative")
    house.promote()
    house.accept(next(one for one in house.known() if one.query.question == GREASED))
    with house.database.transaction(house.organization_id) as connection:
        connection.execute("update conversations.sessions set deleted_at = now() - interval '1 year'")
    retention.run(house.database, house.organization_id, store=house.store)
    assert [(one.query.question, len(one.answers)) for one in house.known()] == [(GREASED, 1)]
    house.erase(mia)
    assert house.known() == []


def test_a_question_that_somebody_wrote_stays_when_one_who_asked_it_too_is_erased(house: House) -> None:
    mia = house.user("mia")
    with house.database.transaction(house.organization_id) as connection:
        questions.bring_in(
            connection, house.organization_id, chatbot_id=house.chatbot.id, set_name=promotions.SET_NAME,
            drafts=[Draft("line 1", id_of(GREASED), GREASED, (Answer("sluice.md"),))], origin="written",
        )  # fmt: skip
    house.say(house.ask(GREASED, mia), "negative")
    assert house.promote().known == 1
    house.erase(mia)
    assert [one.query.origin for one in house.known()] == ["written"]


def test_what_was_erased_or_of_another_chatbot_is_not_promoted(house: House) -> None:
    house.ask(KING)
    with house.database.transaction(house.organization_id) as connection:
        assert promotions.promote(connection, house.organization_id, chatbot_id=uuid4()).answers == {}
        connection.execute("update conversations.messages set metadata = metadata || '{\"erased\": true}'")
    assert house.promote().answers == {}


def place(house: House, answered: Answered, **said: Any) -> Known:
    with house.database.transaction(house.organization_id) as connection:
        return promotions.place(connection, house.organization_id, answered.message_id, reviewed_by="mia", **said)


def test_somebody_puts_a_question_into_a_set_and_marks_the_passage_that_answers_it(house: House) -> None:
    answered = house.ask(GREASED)
    passage = Answer("sluice.md", quote=MILL["sluice.md"].partition("\n\n")[0], start=0)
    known = place(house, answered, state="accepted", answers=[passage], set_name="by hand")
    assert (known.evaluation_set, known.query.state, known.query.reviewed_by) == ("by hand", "accepted", "mia")
    assert [(one.path, one.quote, one.start) for one in known.answers] == [("sluice.md", passage.quote, 0)]
    assert house.promote().answers == {}
    again = place(house, answered, state="rejected", set_name="elsewhere")
    assert (again.query.id, again.evaluation_set, again.query.state) == (known.query.id, "by hand", "rejected")
    with house.database.transaction(house.organization_id) as connection:
        [asked] = promotions.select_asked(connection, house.organization_id, [known.query.id])
    assert asked.signal == "picked"


def test_one_that_nothing_answers_is_accepted_as_such_and_never_without_a_word_of_it(house: House) -> None:
    answered = house.ask(KING)
    with pytest.raises(Refused, match="nothing is known to answer"):
        place(house, answered, state="accepted")
    assert house.known() == []
    known = place(house, answered, state="accepted", is_answerable=False)
    assert (known.query.state, known.query.is_answerable, known.answers) == ("accepted", False, ())


def test_what_is_not_there_was_erased_or_is_not_said_by_the_document_is_not_put_into_a_set(house: House) -> None:
    answered = house.ask(GREASED)
    with pytest.raises(Refused, match="does not say"):
        place(house, answered, answers=[Answer("sluice.md", quote="It is greased every Friday.")])
    with house.database.transaction(house.organization_id) as connection:
        connection.execute("update conversations.messages set metadata = metadata || '{\"erased\": true}'")
        with pytest.raises(Missing):
            promotions.place(connection, house.organization_id, uuid4(), reviewed_by="mia")
    with pytest.raises(Refused, match="was erased"):
        place(house, answered)
    assert house.known() == []
