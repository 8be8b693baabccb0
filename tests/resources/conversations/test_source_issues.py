"""Whoever looks after a source is told what is wrong with it; what they were told goes with what it was about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from resources.bots.records import Chatbot
from resources.conversations import erasures, retention, sessions, source_issues
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.erasures import Request
from resources.conversations.records import Answered, Asked
from resources.conversations.source_issues import SourceIssue
from resources.foundation.database import Database
from resources.foundation.errors import Missing, Refused
from resources.foundation.files import ObjectStore
from resources.identity import notification_deliveries, notifications, retention_settings, users
from resources.identity.records import RetentionSettings
from tests.conftest import make_organization
from tests.factories.library import MILL, open_chatbot, shelve

WORDS = "It is greased every Friday since May."
REQUEST = Request("mia", "asked for by letter")


@dataclass
class Desk:
    """A library that was asked something, with somebody who owns its source."""

    database: Database
    organization_id: UUID
    chatbot: Chatbot
    source_id: UUID
    owner_id: UUID
    answered: Answered
    store: ObjectStore

    def open(self, *, by: UUID | None = None, words: str = WORDS, is_about_answer: bool = True) -> SourceIssue:
        with self.database.transaction(self.organization_id) as connection:
            return source_issues.open(
                connection, self.organization_id, source_id=self.source_id, words=words, opened_by=by,
                document_id=self.answered.citations[0].document_id,
                message_id=self.answered.message_id if is_about_answer else None,
            )  # fmt: skip

    def known(self) -> list[SourceIssue]:
        with self.database.transaction(self.organization_id) as connection:
            return source_issues.select_page(connection, self.organization_id, at_most=10)

    def user(self, name: str) -> UUID:
        with self.database.transaction(self.organization_id) as connection:
            return users.create(
                connection, self.organization_id, username=name, email=f"{name}@mill.example"
            ).id  # fmt: skip


@pytest.fixture
def desk(database: Database, organization_id: UUID, tmp_path: Path) -> Desk:
    source_id = shelve(database, organization_id, MILL)
    chatbot = open_chatbot(database, organization_id, source_id)
    with database.transaction(organization_id) as connection:
        asker = users.create(connection, organization_id, username="ben", email="ben@mill.example").id
        owner = users.create(connection, organization_id, username="ada", email="ada@mill.example").id
        connection.execute(
            "update knowledge.data_sources set user_id = %s where organization_id = %s and id = %s",
            [owner, organization_id, source_id],
        )
    *_, last = answers.answer(
        database, organization_id, chatbot=chatbot, models=ProviderModels(),
        asked=Asked("When is the sluice gate greased?", user_id=asker),
    )  # fmt: skip
    assert isinstance(last, Answered)
    assert last.citations
    return Desk(database, organization_id, chatbot, source_id, owner, last, ObjectStore(tmp_path / "objects"))


def test_the_owner_of_the_source_is_told_and_no_words_are_repeated_to_them(desk: Desk) -> None:
    issue = desk.open(by=desk.user("mia"))
    assert (issue.source, issue.path, issue.words, issue.state, issue.opened_by) == (
        "handbook", "sluice.md", WORDS, "open", "mia",
    )  # fmt: skip
    with desk.database.transaction(desk.organization_id) as connection:
        [told] = notifications.select_latest(connection, desk.organization_id)
        delivered = notification_deliveries.select_of(connection, desk.organization_id, told.id)
    assert told.event == "source_issue_opened"
    assert "handbook" in told.subject
    assert WORDS not in f"{told.subject}{told.body}"
    assert [one.recipient for one in delivered] == ["ada@mill.example"]


def test_it_is_closed_with_what_came_of_it_and_opened_again(desk: Desk) -> None:
    issue, ada = desk.open(), desk.owner_id
    with desk.database.transaction(desk.organization_id) as connection:
        closed = source_issues.change(
            connection, desk.organization_id, issue, state="closed", note=" corrected ", changed_by=ada
        )
        again = source_issues.change(connection, desk.organization_id, closed, note="twice", changed_by=None)
        opened = source_issues.change(connection, desk.organization_id, again, state="open")
    assert (closed.state, closed.note, closed.closed_by) == ("closed", "corrected", "ada")
    assert (again.closed_at, again.closed_by) == (closed.closed_at, "ada")
    assert (opened.state, opened.closed_at, opened.closed_by, opened.note) == ("open", None, None, "twice")


def test_what_is_not_there_and_what_says_nothing_is_refused(desk: Desk) -> None:
    other = make_organization(desk.database, "other")
    with desk.database.transaction(desk.organization_id) as connection:
        with pytest.raises(Refused, match="say in a sentence"):
            source_issues.open(connection, desk.organization_id, source_id=desk.source_id, words="  ")
        with pytest.raises(Refused, match="none of the source"):
            source_issues.open(
                connection, desk.organization_id, source_id=desk.source_id, words="x", document_id=uuid4()
            )
        with pytest.raises(Missing):
            source_issues.open(
                connection, desk.organization_id, source_id=desk.source_id, words="x", message_id=uuid4()
            )
    issue = desk.open()
    with desk.database.transaction(other) as connection:
        assert source_issues.select_page(connection, other, at_most=10) == []
        with pytest.raises(Missing):
            source_issues.get(connection, other, issue.id)
        with pytest.raises(Missing):
            source_issues.open(connection, other, source_id=desk.source_id, words="x")


def test_it_goes_with_the_document_the_asker_and_whoever_opened_it(desk: Desk) -> None:
    database, organization_id, store = desk.database, desk.organization_id, desk.store
    mia = desk.user("mia")
    desk.open(by=mia, is_about_answer=False)
    desk.open()
    erased = erasures.erase_user(database, organization_id, mia, store=store, request=REQUEST)
    assert erased.row_counts["conversations.source_issues"] == 1
    [kept] = desk.known()
    with database.transaction(organization_id) as connection:
        ben = sessions.get(connection, organization_id, desk.answered.session_id).user_id
    assert ben is not None
    assert kept.message_id == desk.answered.message_id
    erased = erasures.erase_user(database, organization_id, ben, store=store, request=REQUEST)
    assert erased.row_counts["conversations.source_issues"] == 1
    assert desk.known() == []
    desk.open(is_about_answer=False)
    document_id = desk.answered.citations[0].document_id
    erased = erasures.erase_document(database, organization_id, document_id, store=store, request=REQUEST)
    assert erased.row_counts["conversations.source_issues"] == 1
    assert desk.known() == []


def test_it_goes_with_an_answer_whose_words_were_taken_away(desk: Desk) -> None:
    with desk.database.transaction(desk.organization_id) as connection:
        source_issues.open(
            connection, desk.organization_id, source_id=desk.source_id, words="The answer said every second Monday.",
            message_id=desk.answered.message_id,
        )  # fmt: skip
    erased = erasures.erase_document(
        desk.database, desk.organization_id, desk.answered.citations[0].document_id, store=desk.store, request=REQUEST
    )
    assert erased.row_counts["conversations.source_issues"] == 1
    assert desk.known() == []


def test_a_closed_one_is_kept_as_long_as_conversations_are_and_an_open_one_until_it_is_closed(desk: Desk) -> None:
    closed, waiting = desk.open(is_about_answer=False), desk.open(is_about_answer=False)
    later = datetime.now(UTC) + timedelta(days=31)
    with desk.database.transaction(desk.organization_id) as connection:
        source_issues.change(connection, desk.organization_id, closed, state="closed")
        retention_settings.replace(connection, desk.organization_id, RetentionSettings(conversation_days=30))
    planned = [due for action, due in retention.plan(desk.database, desk.organization_id, as_of=later)
               if action == "forget issues"]  # fmt: skip
    assert [due.id for due in planned] == [closed.id]
    retention.run(desk.database, desk.organization_id, store=desk.store, as_of=later)
    assert [one.id for one in desk.known()] == [waiting.id]
