"""Questions without a good answer: gathered by meaning, held against what documents say, and gone when they go."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from resources.analytics import gaps
from resources.bots.records import Chatbot
from resources.conversations import erasures, sessions
from resources.conversations.erasures import Request
from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection
from resources.identity import users
from tests.conftest import make_organization
from tests.factories.asked_questions import DAY, GOOD, LEAVE, SLUICE, ask, cite
from tests.factories.library import MILL, open_chatbot, shelve

ALONE = ("What colour is the tractor?",)
REQUEST = Request(requested_by="mia", reason="asked for it")


@pytest.fixture
def chatbot(database: Database, organization_id: UUID) -> Chatbot:
    """One that reads what the mill knows."""
    return open_chatbot(database, organization_id, shelve(database, organization_id, MILL))


def gather(database: Database, organization_id: UUID, day: date = DAY) -> gaps.Gathered:
    """A night's run."""
    return gaps.refresh(database, organization_id, since=day, until=day + timedelta(days=1))


def clusters(database: Database, organization_id: UUID) -> dict[UUID, tuple[str | None, int]]:
    """The words and the size of each cluster."""
    with database.transaction(organization_id) as connection:
        return {id: (words, questions) for id, words, questions in _clusters(connection, organization_id)}


def _clusters(connection: Connection, organization_id: UUID) -> list[tuple[UUID, str | None, int]]:
    return connection.execute(
        "select cluster_id, words, questions from analytics.question_clusters where organization_id = %s "
        "order by questions desc",
        [organization_id],
    ).fetchall()


def test_questions_that_mean_the_same_are_a_cluster_with_its_words(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    ask(database, chatbot, organization_id, (*LEAVE, *SLUICE, *ALONE))
    gathered = gather(database, organization_id)
    assert (gathered.questions, gathered.compared, gathered.clustered) == (10, 10, 9)
    found = list(clusters(database, organization_id).values())
    assert [questions for _, questions in found] == [6, 3]
    assert "parental" in str(found[0][0])
    assert "leave" in str(found[0][0])
    assert "sluice" in str(found[1][0])


def test_what_is_not_like_anything_lies_in_no_cluster(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    ask(database, chatbot, organization_id, ALONE)
    gathered = gather(database, organization_id)
    assert (gathered.questions, gathered.clustered, gathered.clusters) == (1, 0, 0)


def test_nothing_asked_is_nothing_gathered(database: Database, organization_id: UUID, chatbot: Chatbot) -> None:
    assert gather(database, organization_id) == gaps.Gathered(0, 0, 0, 0, 0, 0)


def test_documents_are_missing_for_what_no_passage_is_near_to(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    ask(database, chatbot, organization_id, (*LEAVE, *SLUICE))
    answers = ask(database, chatbot, organization_id, GOOD, outcome="answered")
    cite(database, organization_id, answers)
    gather(database, organization_id)
    with database.transaction(organization_id) as connection:
        found = connection.execute(
            "select words, standing, sources from analytics.question_clusters where organization_id = %s "
            "order by questions desc",
            [organization_id],
        ).fetchall()
    assert [(standing, sources) for _, standing, sources in found] == [
        ("missing", ["handbook"]), ("present", ["handbook"])
    ]  # fmt: skip


def test_a_good_answer_is_no_gap_until_somebody_dislikes_it(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    ask(database, chatbot, organization_id, SLUICE, outcome="answered", feedback="positive")
    assert gather(database, organization_id).questions == 0
    with database.transaction(organization_id) as connection:
        connection.execute("update conversations.message_feedback set feedback = 'negative', reason = 'old'")
    assert gather(database, organization_id, DAY + timedelta(days=29)).questions == 3
    with database.transaction(organization_id) as connection:
        connection.execute("update conversations.message_feedback set feedback = 'positive'")
    assert gather(database, organization_id) == gaps.Gathered(0, 0, 0, 0, 0, 0)
    assert clusters(database, organization_id) == {}


def test_a_run_changes_nothing_where_nothing_changed_and_a_cluster_keeps_its_id(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    ask(database, chatbot, organization_id, (*LEAVE[:4], *SLUICE))
    first = gather(database, organization_id)
    before = clusters(database, organization_id)
    assert gather(database, organization_id) == first
    assert clusters(database, organization_id) == before
    ask(database, chatbot, organization_id, LEAVE[4:], day=DAY + timedelta(days=1))
    gather(database, organization_id, DAY + timedelta(days=1))
    after = clusters(database, organization_id)
    assert after.keys() == before.keys()
    assert sorted(questions for _, questions in after.values()) == [3, 6]


def test_days_may_be_gathered_in_any_order(database: Database, organization_id: UUID, chatbot: Chatbot) -> None:
    early = DAY - timedelta(days=100)
    ask(database, chatbot, organization_id, LEAVE[:3], day=early)
    ask(database, chatbot, organization_id, LEAVE[3:])
    gather(database, organization_id)
    assert [questions for _, questions in clusters(database, organization_id).values()] == [3]
    gather(database, organization_id, early)
    assert [questions for _, questions in clusters(database, organization_id).values()] == [6]


def test_an_erased_user_takes_questions_and_words_along(
    database: Database, organization_id: UUID, chatbot: Chatbot, tmp_path: Path
) -> None:
    with database.transaction(organization_id) as connection:
        mia = users.create(connection, organization_id, username="mia", email="mia@mill.example").id
    ask(database, chatbot, organization_id, LEAVE[:2])
    ask(database, chatbot, organization_id, LEAVE[2:], user_id=mia)
    ask(database, chatbot, organization_id, SLUICE, user_id=mia)
    gather(database, organization_id)
    erased = erasures.erase_user(database, organization_id, mia, store=ObjectStore(tmp_path), request=REQUEST)
    assert erased.row_counts["conversations.clustered_questions"] == 7
    assert list(clusters(database, organization_id).values()) == [(None, 2)]
    gather(database, organization_id)
    [(words, questions)] = clusters(database, organization_id).values()
    assert questions == 2
    assert "parental" in str(words)


def test_a_deleted_conversation_is_counted_no_more_and_not_read(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    answers = ask(database, chatbot, organization_id, SLUICE)
    gather(database, organization_id)
    with database.transaction(organization_id) as connection:
        [[session_id]] = connection.execute(
            "update conversations.sessions s set deleted_at = now() from conversations.messages m "
            "where m.session_id = s.id and m.id = %s returning s.id",
            [answers[0]],
        ).fetchall()
        told = connection.execute(
            "select question from analytics.clustered_questions where answer_id = any (%s) order by 1", [answers]
        ).fetchall()
        assert [question for (question,) in told] == [SLUICE[2], SLUICE[1], None]
        sessions.remove(connection, organization_id, [session_id])
    assert [questions for _, questions in clusters(database, organization_id).values()] == [2]


def test_another_organization_is_neither_gathered_nor_shown(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    other_organization_id = make_organization(database, "other")
    ask(database, chatbot, organization_id, SLUICE)
    assert gather(database, other_organization_id).questions == 0
    gather(database, organization_id)
    assert clusters(database, other_organization_id) == {}


def test_memory_bounds_how_many_are_compared_the_latest_first(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    ask(database, chatbot, organization_id, LEAVE)
    ask(database, chatbot, organization_id, SLUICE, day=DAY - timedelta(days=1))
    gathered = gaps.refresh(
        database, organization_id, since=DAY, until=DAY + timedelta(days=1), most_bytes=6 * 2 * 256
    )  # fmt: skip
    assert (gathered.questions, gathered.compared, gathered.clustered) == (9, 6, 6)
