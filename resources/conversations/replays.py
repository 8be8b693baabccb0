"""Replays: a question that was asked once, answered again by any version of its chatbot, for whoever wants to know.

Nothing of it enters the conversation, the log of retrievals or what analysts count: only what models took is booked.
No connection is held while a model thinks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from uuid import UUID

from resources.bots import chatbots
from resources.bots.agents import agents
from resources.bots.configurations import model_config_versions
from resources.bots.records import ModelConfigVersion
from resources.conversations import interactions, messages, retrieval_logs, sessions, usage
from resources.conversations.answering import answers, citing, exchanges, findings, plans
from resources.conversations.answering.findings import Finding
from resources.conversations.answering.models import Models
from resources.conversations.answering.plans import Plan
from resources.conversations.answering.voices import Voice
from resources.conversations.records import Asked, Citation, Outcome
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection
from resources.knowledge.search import filtering

STATED = ("canned", "handed_over", "turned_away")
"""What rests on no search: there is nothing to ask again."""


@dataclass(frozen=True)
class Replay:
    """What a version answers now, from what. `cost` of the words alone; None where their model has no price.

    `unheard`: how many earlier messages the client sent along when it was asked; they are kept nowhere.
    """

    version: ModelConfigVersion
    agent: str
    finding: Finding
    text: str
    outcome: Outcome
    citations: tuple[Citation, ...]
    citations_dropped: int
    answered_by: str
    instead_of: str | None
    failure: str | None
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None
    elapsed_ms: float
    unheard: int


def can_answer(version: ModelConfigVersion, *, at: datetime | None = None) -> bool:
    """Whether passages and vectors of a version are there: it serves, is built, or is kept ready for a way back."""
    if version.active:
        return True
    if version.status == "retired":
        return version.kept_until is not None and version.kept_until > (at or datetime.now(UTC))
    return version.built_at is not None


def replay(
    database: Database,
    organization_id: UUID,
    message_id: UUID,
    *,
    number: int,
    models: Models,
    asked_by: UUID | None = None,
) -> Replay:
    """Ask the question of an answer again, by the configuration of this number, as if it were asked now.

    What was said before it in its conversation is heard again, as far as it is kept. Raises Missing without that answer
    or configuration, Refused where the answer rests on no search, Conflict where the agent is gone or nothing of that
    configuration is ready.
    """
    with database.transaction(organization_id) as connection:
        plan, unheard = _plan(connection, organization_id, message_id, number)
    finding = findings.find(database, plan, models, is_logged=False)
    voice = Voice(plan.models, answers.prompt(plan, finding.passages), models)
    text = "".join(answers.released(plan, voice))
    elapsed_s = perf_counter() - plan.started
    judged = citing.cited(voice.said, finding.passages)
    outcome = exchanges.outcome_of(plan, voice)
    with database.transaction(organization_id) as connection:
        verified = exchanges.verified_of(connection, organization_id, judged, finding.passages, outcome)
        cost = exchanges.cost_of(connection, organization_id, voice)
        usage.create(
            connection, organization_id, chatbot_id=plan.chatbot.id, agent_id=plan.route.agent.id, user_id=asked_by,
            message_id=None, model=voice.answered_by, prompt_tokens=voice.usage.prompt_tokens,
            completion_tokens=voice.usage.completion_tokens, response_time=elapsed_s, cost=cost,
            request_data={"door": "replay"},
        )  # fmt: skip
    return Replay(
        plan.config, plan.route.agent.name, finding, text or voice.prompt.no_answer, outcome, tuple(verified),
        judged.dropped + len(judged.citations) - len(verified), voice.answered_by, voice.instead_of, voice.failure,
        voice.usage.prompt_tokens, voice.usage.completion_tokens, cost, 1000 * elapsed_s, unheard,
    )  # fmt: skip


def _plan(connection: Connection, organization_id: UUID, message_id: UUID, number: int) -> tuple[Plan, int]:
    answer = messages.get(connection, organization_id, message_id)
    interaction = interactions.find_for_answer(connection, organization_id, message_id)
    if answer.role != "assistant" or interaction is None:
        raise Missing(messages.missing(message_id))
    if answer.metadata.get("outcome") in STATED:
        raise Refused("the answer was stated, and rests on no search: there is nothing to ask again")
    session = sessions.get(connection, organization_id, answer.session_id)
    question = messages.get(connection, organization_id, interaction.question_id)
    config = model_config_versions.get_numbered(connection, organization_id, session.chatbot_id, number)
    if not can_answer(config):
        raise Conflict(
            f"nothing of configuration {number} is ready: 'millrace config build {number}', or choose another one"
        )
    if interaction.agent_id is None:
        raise Conflict("the agent that took the question is gone, so that nobody knows what it would read")
    agent = agents.get(connection, organization_id, interaction.agent_id)
    log = retrieval_logs.find_for_message(connection, organization_id, message_id)
    turns = []
    if question.reply_to_id is not None and agent.conversation_mode == "multi-turn":
        turns = messages.select_thread(
            connection, organization_id, session.id, question.reply_to_id, days=agent.memory_retention_days
        )
    asked = Asked(question.content, filter=filtering.kept(log.filter if log else None))
    plan = plans.again(
        connection, organization_id, chatbot=chatbots.get(connection, organization_id, session.chatbot_id),
        asked=asked, config=config, agent=agent, turns=turns,
    )  # fmt: skip
    unheard = question.metadata.get("earlier_messages")
    return plan, unheard if isinstance(unheard, int) else 0
