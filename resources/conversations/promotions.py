"""Promotions: questions that people asked become questions of an evaluation set, proposed to whoever reviews them.

Worth a look is an answer that its asker was not content with, one that found nothing, and one that was praised: that
one's citations are proposed as what is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from resources.bots.question_sets import evaluation_judgments, evaluation_queries, evaluation_sets, questions, splitting
from resources.bots.question_sets.questions import Known
from resources.bots.question_sets.reading_questions import Answer
from resources.bots.records import EvaluationJudgment, NewQuery, QuestionState
from resources.conversations import messages
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection, find, many, run, statements_for

SQL = statements_for(__name__)

SET_NAME = "from conversations"
DAYS = 30
MOST = 500

Signal = Literal["negative", "positive", "no_answer", "picked"]


@dataclass(frozen=True)
class Promoted:
    """What came of it. `answers`: those that were looked at, by why; `added`: questions that are new in the set."""

    evaluation_set: str
    answers: Mapping[str, int]
    added: int
    known: int


@dataclass(frozen=True)
class Asking:
    """Once that a promoted question was asked: why it was promoted, what was answered, and what the asker said of that.

    None where the conversation is kept no more.
    """

    evaluation_query_id: UUID
    signal: Signal
    created_at: datetime
    message_id: UUID | None
    answer: str | None
    answered_at: datetime | None
    reason: str | None


@dataclass(frozen=True)
class Offered:
    """A document that an answer cited, or that was found for it: `place` counts from 1, 0 where it was cited only."""

    document_id: UUID
    source: str
    path: str
    title: str
    place: int
    is_cited: bool
    score: float | None


@dataclass(frozen=True)
class Standing:
    """Where the question of an answer stands: in which set of its chatbot, and what was decided of it."""

    evaluation_query_id: UUID
    evaluation_set_id: UUID
    evaluation_set: str
    chatbot_id: UUID
    external_id: str


@dataclass(frozen=True)
class _Candidate:
    message_id: UUID
    question: str
    user_id: UUID | None
    signal: Signal


@dataclass(frozen=True)
class _Picked(_Candidate):
    chatbot_id: UUID
    is_erased: bool


@dataclass(frozen=True)
class _Cited:
    document_id: UUID
    quote: str
    start_char: int


def promote(
    connection: Connection,
    organization_id: UUID,
    *,
    chatbot_id: UUID,
    set_name: str = SET_NAME,
    days: int = DAYS,
    signals: Sequence[Signal] = ("negative", "positive", "no_answer"),
    at_most: int = MOST,
) -> Promoted:
    """Propose the questions of the latest answers that are worth a look; each answer counts once, for good.

    A question that stands in the set already, by its words, is not proposed again, whatever was decided of it.
    """
    candidates = many(
        connection, _Candidate, SQL["select_candidates"], organization_id=organization_id, chatbot_id=chatbot_id,
        days=days, signals=list(signals), at_most=at_most,
    )  # fmt: skip
    if not candidates:
        return Promoted(set_name, {}, 0, 0)
    chosen = evaluation_sets.ensure(connection, organization_id, chatbot_id=chatbot_id, name=set_name)
    added = sum(_promote(connection, organization_id, chosen.id, one) for one in candidates)
    answers = Counter(str(one.signal) for one in candidates)
    return Promoted(chosen.name, dict(answers), added, len(candidates) - added)


def place(
    connection: Connection,
    organization_id: UUID,
    message_id: UUID,
    *,
    reviewed_by: str,
    set_name: str = SET_NAME,
    state: QuestionState = "proposed",
    answers: Sequence[Answer] = (),
    is_answerable: bool | None = None,
) -> Known:
    """Put the question of an answer into a set of its chatbot, with the passages that answer it where they are known.

    One that stands in a set already stays in that one, and becomes what is said of it now. Raises Missing for what is
    no answer, Refused where it was erased, where it is to be accepted and nothing is known to answer it, or where a
    document or a quote is not found.
    """
    standing = find_standing(connection, organization_id, message_id)
    if standing is None:
        picked = find(connection, _Picked, SQL["find_picked"], organization_id=organization_id, message_id=message_id)
        if picked is None:
            raise Missing(messages.missing(message_id))
        if picked.is_erased:
            raise Refused("what the answer rested on was erased, and the question is not to be kept: ask it anew")
        chosen = evaluation_sets.ensure(
            connection, organization_id, chatbot_id=picked.chatbot_id, name=set_name
        )  # fmt: skip
        _promote(connection, organization_id, chosen.id, picked)
        standing = find_standing(connection, organization_id, message_id)
        assert standing is not None
    known = get_known(connection, organization_id, standing)
    if answers or is_answerable is not None or state != known.query.state:
        questions.review(
            connection, organization_id, known, chatbot_id=standing.chatbot_id, state=state, reviewed_by=reviewed_by,
            answers=answers, is_answerable=is_answerable,
        )  # fmt: skip
    return get_known(connection, organization_id, standing)


def find_standing(connection: Connection, organization_id: UUID, message_id: UUID) -> Standing | None:
    """Where the question of an answer stands; None where it stands in no set."""
    return find(
        connection, Standing, SQL["find_standing"], organization_id=organization_id, message_id=message_id
    )  # fmt: skip


def get_known(connection: Connection, organization_id: UUID, standing: Standing) -> Known:
    """The question with what is known of it."""
    return questions.find(
        connection, organization_id, chatbot_id=standing.chatbot_id, external_id=standing.external_id,
        set_name=standing.evaluation_set,
    )  # fmt: skip


def select_asked(connection: Connection, organization_id: UUID, query_ids: Sequence[UUID]) -> list[Asking]:
    """When these questions were asked, and what came of it; the latest first."""
    return many(
        connection, Asking, SQL["select_asked"], organization_id=organization_id, query_ids=list(query_ids)
    )  # fmt: skip


def select_offered(connection: Connection, organization_id: UUID, message_id: UUID) -> list[Offered]:
    """The documents that an answer cited, and those that were found for it, in their order."""
    return many(connection, Offered, SQL["select_offered"], organization_id=organization_id, message_id=message_id)


def remove_of_user(
    connection: Connection, organization_id: UUID, user_id: UUID, *, session_ids: Sequence[UUID] = ()
) -> int:
    """Take the questions away that this user alone asked, accepted or not; how many. Before their messages go.

    Of those that others asked too, nothing tells any more that this user did. `session_ids`: conversations whose
    questions are this user's too.
    """
    whose = {"organization_id": organization_id, "user_id": user_id, "session_ids": list(session_ids)}
    removed = _remove(connection, organization_id, connection.execute(SQL["select_sole_of_user"], whose).fetchall())
    run(connection, SQL["remove_of_user"], **whose)
    return removed


def remove_of_sessions(connection: Connection, organization_id: UUID, session_ids: Sequence[UUID]) -> int:
    """Take the questions away that were asked in these conversations alone, unless somebody accepted them; how many."""
    return _remove(
        connection, organization_id,
        connection.execute(
            SQL["select_sole_of_sessions"], {"organization_id": organization_id, "session_ids": list(session_ids)}
        ).fetchall(),
    )  # fmt: skip


def _remove(connection: Connection, organization_id: UUID, rows: Sequence[tuple[UUID, ...]]) -> int:
    return evaluation_queries.remove(connection, organization_id, [row[0] for row in rows]) if rows else 0


def _promote(connection: Connection, organization_id: UUID, set_id: UUID, one: _Candidate) -> bool:
    """Whether the question is new in the set."""
    query = NewQuery(
        splitting.id_of(one.question), one.question, origin="promoted", state="proposed",
        split=splitting.split_of(one.question),
    )  # fmt: skip
    id, is_new = evaluation_queries.propose(connection, organization_id, set_id, query)
    run(
        connection, SQL["create"], organization_id=organization_id, evaluation_query_id=id, message_id=one.message_id,
        user_id=one.user_id, signal=one.signal,
    )  # fmt: skip
    if is_new and one.signal == "positive":
        cited = many(
            connection, _Cited, SQL["select_cited"], organization_id=organization_id, message_id=one.message_id
        )  # fmt: skip
        evaluation_judgments.replace_of(
            connection, organization_id, [id],
            [EvaluationJudgment(id, each.document_id, 1, each.quote or None, each.start_char) for each in cited],
        )  # fmt: skip
    return is_new
