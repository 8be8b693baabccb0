"""Background agents at work: after an answer they note what a session was about and what is worth remembering.

Nobody waits for them. A task is taken for a while, done without a connection, and kept with what it made in one
transaction; whoever is killed leaves it to the next one, and whoever comes too late keeps nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from uuid import UUID

from resources.bots.agents import agents
from resources.bots.records import Agent
from resources.conversations import background_tasks, citations, messages, sessions, summarizing, usage
from resources.conversations.answering import exchanges
from resources.conversations.answering.models import Models
from resources.conversations.answering.speakers import EXTRACTIVE
from resources.conversations.background_tasks import Claimed
from resources.conversations.records import Prompt, Session
from resources.conversations.summarizing import Notes
from resources.foundation.counting import estimated_tokens
from resources.foundation.database import Database
from resources.foundation.errors import MillraceError, Missing
from resources.foundation.inference import Usage

logger = logging.getLogger(__name__)

LEASE_S = 120.0
# After so many attempts a model is asked no more, and the conversation's own words must do.
MOST_ATTEMPTS = 4
BACK_OFF_S = 30.0
NOTES_TOKENS = 400


@dataclass(frozen=True)
class _Reading:
    """What a task reads: the agent, the session as it is, what was said, and from which documents."""

    agent: Agent
    session: Session
    turns: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]
    heard_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class _Made:
    """Notes, who made them, and what that took."""

    notes: Notes
    by: str
    used: Usage
    elapsed_s: float


def work(database: Database, organization_id: UUID, models: Models) -> int:
    """Do an organization's tasks that are due; how many."""
    done = 0
    while work_once(database, organization_id, models):
        done += 1
    return done


def work_once(database: Database, organization_id: UUID, models: Models, *, lease_s: float = LEASE_S) -> bool:
    """Do one task that is due; False where there is none."""
    with database.transaction(organization_id) as connection:
        claimed = background_tasks.claim(connection, organization_id, seconds=lease_s)
    if claimed is None:
        return False
    try:
        reading = _read(database, organization_id, claimed)
    except Missing as gone:
        _end(database, organization_id, claimed, str(gone))
        return True
    try:
        made = _made(reading, models, claimed)
    except MillraceError as error:
        with database.transaction(organization_id) as connection:
            background_tasks.postpone(
                connection, organization_id, claimed, seconds=BACK_OFF_S * 2**claimed.attempts, failure=str(error)
            )
        return True
    _keep(database, organization_id, claimed, reading, made)
    return True


def _read(database: Database, organization_id: UUID, claimed: Claimed) -> _Reading:
    with database.transaction(organization_id) as connection:
        session = sessions.get(connection, organization_id, claimed.session_id)
        agent = agents.get(connection, organization_id, claimed.agent_id)
        said = messages.select_latest(connection, organization_id, session.id, days=agent.memory_retention_days)
        cited = citations.select_for_messages(
            connection, organization_id, [one.id for one in said if one.role == "assistant"]
        )
    turns = tuple(
        (one.role, one.content)
        for one in said
        if one.role != "system" and not one.metadata.get("erased") and one.metadata.get("outcome") != "turned_away"
    )
    titles = tuple(one.title for one in cited if one.title)
    return _Reading(agent, session, turns, titles, tuple(one.id for one in said if not one.metadata.get("erased")))


def _made(reading: _Reading, models: Models, claimed: Claimed) -> _Made:
    """The notes: by the agent's model where it has one, else of the conversation's own words."""
    name, started = reading.agent.model_name, perf_counter()
    if name not in (None, EXTRACTIVE) and reading.turns and claimed.attempts <= MOST_ATTEMPTS:
        speech = models.speaker(str(name)).speak(_prompt(reading))
        notes = summarizing.read("".join(speech))
        if notes is not None:
            return _Made(notes, str(name), speech.usage, perf_counter() - started)
        logger.warning("%s did not note what was asked for; the conversation's own words serve", name)
    notes = summarizing.noted(reading.turns, reading.titles)
    return _Made(notes, EXTRACTIVE, Usage(0, 0, is_estimated=False), perf_counter() - started)


def _prompt(reading: _Reading) -> Prompt:
    agent = reading.agent
    system = "\n\n".join(filter(None, [agent.system_prompt, summarizing.TASK]))
    turns = list(reading.turns)
    while len(turns) > 1 and estimated_tokens(summarizing.told(turns)) > agent.context_window - NOTES_TOKENS:
        turns = turns[1:]
    return Prompt(
        question="", passages=(), history=(), system=system, user=summarizing.told(turns), no_answer="",
        temperature=0.0 if agent.temperature is None else agent.temperature,
        max_completion_tokens=agent.max_tokens or NOTES_TOKENS,
    )  # fmt: skip


def _keep(database: Database, organization_id: UUID, claimed: Claimed, reading: _Reading, made: _Made) -> None:
    """The notes with the end of the task, or nothing where it is another's by now."""
    context = {
        **reading.session.context, "summary": made.notes.summary, "topics": list(made.notes.topics),
        "remembered": list(made.notes.remembered), "made_by": made.by, "made_at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    with database.transaction(organization_id) as connection:
        # whoever erases takes the session too: before this, and then nothing is noted, or after it, and takes the notes
        sessions.hold(connection, organization_id, claimed.session_id)
        if messages.have_erased(connection, organization_id, reading.heard_ids):
            reason = "something that was said has been erased meanwhile"
            background_tasks.postpone(connection, organization_id, claimed, seconds=0, failure=reason)
            return
        if not background_tasks.finish(connection, organization_id, claimed):
            return
        sessions.set_context(connection, organization_id, claimed.session_id, context=context, title=None)
        is_free = made.by == EXTRACTIVE
        usage.create(
            connection, organization_id, chatbot_id=reading.session.chatbot_id, agent_id=reading.agent.id,
            user_id=reading.session.user_id, message_id=None, model=made.by, prompt_tokens=made.used.prompt_tokens,
            completion_tokens=made.used.completion_tokens, response_time=made.elapsed_s,
            request_data={"door": "background"},
            cost=Decimal(0) if is_free else exchanges.pay(connection, organization_id, made.by, made.used),
        )  # fmt: skip


def _end(database: Database, organization_id: UUID, claimed: Claimed, failure: str) -> None:
    with database.transaction(organization_id) as connection:
        background_tasks.finish(connection, organization_id, claimed, status="failed", failure=failure)
