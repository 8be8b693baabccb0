"""Interactions: each question with its answer, who took it and why, and how it was appreciated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from resources.bots.records import Circumstances
from resources.conversations.records import Interaction
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, find, many, one, run, send, statements_for

SQL = statements_for(__name__)

# Outcomes after which somebody who asks again may need a person.
_FRUITLESS = ("no_answer", "failed")
_LOOKED_AT = 8


@dataclass(frozen=True)
class _Pace:
    last_minute: int
    last_hour: int
    last_day: int
    repeats: int


@dataclass(frozen=True)
class _Outcome:
    agent_id: UUID | None
    outcome: str | None


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    session_id: UUID,
    agent_id: UUID,
    question_id: UUID,
    answer_id: UUID,
    asker_id: UUID | None,
    question_digest: bytes,
    arguments: Mapping[str, object],
    results: Mapping[str, object],
    elapsed_s: float,
    timezone: str = "UTC",
    detailed_question: str | None = None,
    detailed_question_at: datetime | None = None,
    processing_error: str | None = None,
) -> None:
    """Keep a question and what came of it; `elapsed_s` from the question to now. No text but the detailed question."""
    send(
        connection, SQL["create"], organization_id=organization_id, session_id=session_id, agent_id=agent_id,
        question_id=question_id, answer_id=answer_id, asker_id=asker_id, question_digest=question_digest,
        arguments=Jsonb(dict(arguments)), results=Jsonb(dict(results)), elapsed_s=elapsed_s, timezone=timezone,
        detailed_question=detailed_question, detailed_question_at=detailed_question_at,
        processing_error=processing_error,
    )  # fmt: skip


def find_for_answer(connection: Connection, organization_id: UUID, answer_id: UUID) -> Interaction | None:
    """The interaction that this answer ended."""
    return find(
        connection, Interaction, SQL["find_for_answer"], organization_id=organization_id, answer_id=answer_id
    )  # fmt: skip


def select_for_answers(
    connection: Connection, organization_id: UUID, answer_ids: Sequence[UUID]
) -> dict[UUID, Interaction]:
    """The interactions that these answers ended, by answer."""
    found = many(
        connection, Interaction, SQL["select_for_answers"],
        organization_id=organization_id, answer_ids=list(answer_ids),
    )  # fmt: skip
    return {one.answer_id: one for one in found}


def circumstances(
    connection: Connection,
    organization_id: UUID,
    *,
    session_id: UUID | None,
    asker_id: UUID | None,
    question_digest: bytes,
    handed_over: str | None,
) -> Circumstances:
    """What is known of a conversation and of whoever asks, when a question comes."""
    pace = _Pace(0, 0, 0, 0)
    if asker_id is not None:
        pace = one(
            connection, _Pace, SQL["pace"], missing="there is no count", organization_id=organization_id,
            asker_id=asker_id, question_digest=question_digest,
        )  # fmt: skip
    outcomes: list[_Outcome] = []
    if session_id is not None:
        outcomes = many(
            connection, _Outcome, SQL["select_outcomes"], organization_id=organization_id, session_id=session_id,
            at_most=_LOOKED_AT,
        )  # fmt: skip
    said = next((at for at, one in enumerate(outcomes) if one.outcome not in _FRUITLESS), len(outcomes))
    return Circumstances(
        handed_over=handed_over, failures=said, last_agent_id=outcomes[0].agent_id if outcomes else None,
        last_minute=pace.last_minute, last_hour=pace.last_hour, last_day=pace.last_day, repeats=pace.repeats,
    )  # fmt: skip


def blank(connection: Connection, organization_id: UUID, answer_ids: Sequence[UUID]) -> int:
    """Take away how the questions of these answers were understood; how many."""
    return run(connection, SQL["blank"], organization_id=organization_id, answer_ids=list(answer_ids))


def set_appreciation(connection: Connection, organization_id: UUID, answer_id: UUID, appreciation: int) -> None:
    """Keep how much an answer was worth, 0 to 100; raises Missing for what is no answer."""
    values = {"organization_id": organization_id, "answer_id": answer_id, "appreciation": appreciation}
    if run(connection, SQL["set_appreciation"], **values) == 0:
        raise Missing(f"there is no answer {answer_id} in this organization")
