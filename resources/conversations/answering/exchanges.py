"""Exchanges: a question and its answer, kept as one, with citations, usage and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from time import perf_counter
from uuid import UUID, uuid4

from psycopg.errors import ForeignKeyViolation

from resources.conversations import background_tasks, citations, interactions, messages, retrieval_logs, sessions, usage
from resources.conversations.answering import citing
from resources.conversations.answering.plans import Plan
from resources.conversations.answering.voices import Voice
from resources.conversations.records import Answered, Citation, Cited, Outcome, Passage, SessionStatus
from resources.foundation.database import Database
from resources.foundation.inference import Usage
from resources.foundation.statements import Connection
from resources.identity import expenses, notifications

TITLE_CHARACTERS = 80


@dataclass(frozen=True)
class _Told:
    """What was told, and what came of it."""

    text: str
    outcome: Outcome
    dropped: int
    finish_reason: str
    degraded: str | None


def keep(
    database: Database,
    plan: Plan,
    voice: Voice,
    heard: str,
    *,
    log_id: UUID | None,
    detailed: tuple[str, datetime] | None = None,
    degraded: str | None = None,
    has_left: bool = False,
) -> Answered:
    """Verify the citations and keep the answer, in one transaction; again where a cited version is purged meanwhile.

    `heard`: what was let out already; `log_id`: of the retrieval that it rests on; `detailed`: the question as a
    model understood it, and when, where one was asked. `degraded`: why words alone were looked for, where they were.
    """
    attempt = partial(
        _keep, database, plan, voice, heard, log_id=log_id, detailed=detailed, degraded=degraded, has_left=has_left
    )
    try:
        return attempt()
    except ForeignKeyViolation:
        return attempt()


def _keep(
    database: Database,
    plan: Plan,
    voice: Voice,
    heard: str,
    *,
    log_id: UUID | None,
    detailed: tuple[str, datetime] | None,
    degraded: str | None,
    has_left: bool,
) -> Answered:
    elapsed_s = perf_counter() - plan.started
    judged = citing.cited(voice.said, voice.prompt.passages)
    outcome = outcome_of(plan, voice, has_left=has_left)
    organization_id = plan.organization_id
    with database.exchange(organization_id) as connection:
        # whoever erases takes the retrieval first: so this answer is kept before that, or without its words after it
        is_erased = log_id is not None and not retrieval_logs.hold(connection, organization_id, log_id)
        # and then the session: so it finds this answer in it, or this finds that what it heard there was erased
        if plan.session is not None and sessions.hold(connection, organization_id, plan.session.id):
            is_erased = is_erased or messages.have_erased(connection, organization_id, plan.heard_ids)
        verified = [] if is_erased else verified_of(connection, organization_id, judged, voice.prompt.passages, outcome)
        dropped = judged.dropped + len(judged.citations) - len(verified)
        if is_erased or plan.stated:
            dropped = dropped if is_erased else 0
        text = heard if has_left else _ended(heard, voice, dropped if plan.chatbot.show_citations else 0)
        finish_reason = "content_filter" if outcome == "turned_away" else voice.finish_reason
        told = _Told(text, outcome, dropped, finish_reason, degraded)
        session_id = _keep_messages(
            connection, plan, voice, told, kept=messages.ERASED if is_erased else text, detailed=detailed
        )
        citations.create_all(connection, organization_id, message_id=plan.message_id, citations=verified)
        _keep_usage(connection, plan, voice, elapsed_s)
        if log_id is not None and not is_erased:
            retrieval_logs.set_answer(
                connection, organization_id, log_id, session_id=session_id, message_id=plan.message_id
            )
        _follow(connection, plan, session_id, outcome)
    return Answered(
        session_id=session_id,
        message_id=plan.message_id,
        text=text,
        outcome=outcome,
        citations=tuple(verified),
        citations_dropped=dropped,
        answered_by=voice.answered_by,
        instead_of=voice.instead_of,
        finish_reason=finish_reason,
        failure=voice.failure,
        prompt_tokens=voice.usage.prompt_tokens,
        completion_tokens=voice.usage.completion_tokens,
        elapsed_ms=1000 * elapsed_s,
        agent_name=plan.route.agent.name,
        reason=plan.route.reason,
        tried=tuple(voice.tried),
        configuration=plan.config.number,
        degraded=degraded,
    )


def outcome_of(plan: Plan, voice: Voice, *, has_left: bool = False) -> Outcome:
    """What came of a question."""
    if plan.stated is not None:
        return plan.stated
    if has_left:
        return "cancelled"
    if voice.failure is not None:
        return "failed"
    return "no_answer" if voice.said.strip() in ("", voice.prompt.no_answer.strip()) else "answered"


def verified_of(
    connection: Connection, organization_id: UUID, judged: Cited, passages: Sequence[Passage], outcome: Outcome
) -> list[Citation]:
    """The citations that hold; an answer that says that there is none has none."""
    if outcome == "no_answer" or not judged.citations:
        return []
    by_index = {passage.index: passage for passage in passages}
    return citations.verify(connection, organization_id, judged.citations, by_index)


def _ended(heard: str, voice: Voice, dropped: int) -> str:
    """What was heard, and what must be said besides: that there was no answer, that citations were left out."""
    text = heard if heard.strip() or voice.failure else heard + voice.prompt.no_answer
    if not dropped:
        return text
    many = "One citation was" if dropped == 1 else f"{dropped} citations were"
    return f"{text}\n\n({many} left out: the cited passage does not say so.)"


def _keep_messages(
    connection: Connection,
    plan: Plan,
    voice: Voice,
    told: _Told,
    *,
    kept: str,
    detailed: tuple[str, datetime] | None,
) -> UUID:
    """The question and the answer in their session; its id."""
    asked, agent, organization_id = plan.asked, plan.route.agent, plan.organization_id
    session_id, last_id = _seated(connection, plan, told)
    question_id = messages.create(
        connection, organization_id, session_id=session_id, role="user", content=asked.question,
        sender_id=asked.user_id, status="read", reply_to_id=last_id, metadata={"earlier_messages": len(asked.history)},
    )  # fmt: skip
    messages.create(
        connection, organization_id, id=plan.message_id, session_id=session_id, role="assistant", content=kept,
        status="sent" if told.outcome == "cancelled" else "delivered", reply_to_id=question_id,
        metadata={
            "outcome": told.outcome, "answered_by": voice.answered_by, "instead_of": voice.instead_of,
            "finish_reason": told.finish_reason, "failure": voice.failure, "citations_dropped": told.dropped,
            "agent": agent.name, "routed_because": plan.route.reason, "model_config_version": plan.config.number,
            **({"degraded": told.degraded} if told.degraded else {}),
        },
    )  # fmt: skip
    interactions.create(
        connection, organization_id, session_id=session_id, agent_id=agent.id, question_id=question_id,
        answer_id=plan.message_id, asker_id=asked.asker_id, question_digest=plan.digest,
        arguments={**asked.request_data, **asked.parameters}, elapsed_s=perf_counter() - plan.started,
        results={
            "outcome": told.outcome, "answered_by": voice.answered_by, "routed_because": plan.route.reason,
            "tried": [list(one) for one in voice.tried],
        },
        detailed_question=detailed[0] if detailed else None, detailed_question_at=detailed[1] if detailed else None,
        timezone=asked.timezone, processing_error=voice.failure or (voice.tried[0][1] if voice.tried else None),
    )  # fmt: skip
    return session_id


def _seated(connection: Connection, plan: Plan, told: _Told) -> tuple[UUID, UUID | None]:
    """The session with the message that the question follows; a new session where there was none, or is no more."""
    status: SessionStatus = "error" if told.outcome == "failed" else "active"
    session_id, asked, agent_id = plan.session_id, plan.asked, plan.route.agent.id
    if plan.session is not None:
        if sessions.hold(connection, plan.organization_id, session_id):
            messages.set_read(connection, plan.organization_id, session_id)
            sessions.set_said(connection, plan.organization_id, session_id, agent_id=agent_id, status=status)
            return session_id, plan.last_id
        session_id = uuid4()
    sessions.create(
        connection, plan.organization_id, id=session_id, chatbot_id=plan.chatbot.id, agent_id=agent_id,
        user_id=asked.user_id, title=asked.question[:TITLE_CHARACTERS], status=status, timezone=asked.timezone,
    )  # fmt: skip
    return session_id, None


def _keep_usage(connection: Connection, plan: Plan, voice: Voice, elapsed_s: float) -> None:
    organization_id, asked = plan.organization_id, plan.asked
    usage.create(
        connection, organization_id, chatbot_id=plan.chatbot.id, agent_id=plan.route.agent.id, user_id=asked.user_id,
        message_id=plan.message_id, model=voice.answered_by, prompt_tokens=voice.usage.prompt_tokens,
        completion_tokens=voice.usage.completion_tokens, response_time=elapsed_s, request_data=asked.request_data,
        cost=cost_of(connection, organization_id, voice),
    )  # fmt: skip
    if plan.dispatched is not None:
        usage.create(
            connection, organization_id, chatbot_id=plan.chatbot.id, agent_id=plan.route.agent.id,
            user_id=asked.user_id, message_id=None, model=plan.config.llm_model,
            prompt_tokens=plan.dispatched.prompt_tokens, completion_tokens=plan.dispatched.completion_tokens,
            response_time=0.0, request_data={**asked.request_data, "door": "dispatching"},
            cost=pay(connection, organization_id, plan.config.llm_model, plan.dispatched),
        )  # fmt: skip


def cost_of(connection: Connection, organization_id: UUID, voice: Voice) -> Decimal | None:
    """What the words cost, told to the budget; None where their model has no price."""
    return Decimal(0) if voice.is_free else pay(connection, organization_id, voice.answered_by, voice.usage)


def pay(connection: Connection, organization_id: UUID, model: str, used: Usage) -> Decimal | None:
    """What a model took, told to the budget; None where it has no price."""
    return expenses.pay(connection, organization_id, model, used)


def _follow(connection: Connection, plan: Plan, session_id: UUID, outcome: Outcome) -> None:
    """What follows from an answer: a person is told that a session waits, background agents have work."""
    organization_id = plan.organization_id
    if plan.route.is_new and sessions.hand_over(
        connection, organization_id, session_id, because=plan.route.reason
    ):  # fmt: skip
        notifications.raise_event(
            connection, organization_id, event="session_handed_over",
            subject=f"A conversation with the chatbot {plan.chatbot.name} waits for a person",
            body={"chatbot": plan.chatbot.name, "session": str(session_id), "because": plan.route.reason},
            dedup_key=handover_key(session_id),
        )  # fmt: skip
    if outcome != "turned_away":
        background_tasks.ask_for(connection, organization_id, chatbot_id=plan.chatbot.id, session_id=session_id)


def handover_key(session_id: UUID) -> str:
    """Under which the trouble of a session that waits for a person is known."""
    return f"session_handed_over/{session_id}"
