"""One question in full: how it was understood, what was found with which scores, what was cited, and what became of it.

What is kept is told as it was answered; passages are told as they are known now, since a chunk may be gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.bots import chatbots
from resources.bots.agents import agents
from resources.bots.configurations import model_config_versions
from resources.bots.question_sets.questions import Known
from resources.bots.records import Agent, Chatbot, ModelConfigVersion
from resources.conversations import (
    citations,
    interactions,
    message_feedback,
    messages,
    promotions,
    replays,
    retrieval_logs,
    sessions,
    source_issues,
    usage,
)
from resources.conversations.promotions import Standing
from resources.conversations.records import (
    AnswerUsage,
    Interaction,
    MessageCitation,
    MessageFeedback,
    RetrievalLog,
    SessionMessage,
)
from resources.conversations.source_issues import SourceIssue
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, many, statements_for
from resources.knowledge.sources import data_sources

SQL = statements_for(__name__)

_MOST_ISSUES = 50


@dataclass(frozen=True)
class _Hit:
    place: int
    chunk_id: UUID
    document_id: UUID
    score: float
    lexical_score: float
    dense_score: float
    title: str | None
    path: str | None
    source_id: UUID | None
    source: str | None
    version_id: UUID | None
    version: int | None
    run_id: str | None
    section_title: str | None
    page: int | None
    content: str | None
    start_char: int | None
    end_char: int | None
    is_current: bool


@dataclass(frozen=True)
class FoundPassage(_Hit):
    """A passage that the search gave, at its `place` from 1.

    `offered`: its place among those that the answer could rest on; None where it was left out. `reranked`: what a
    reranker thought of it, on a scale of its own. `content` is None where the chunk is gone, as after a new version;
    `is_cited` where the answer quotes it.
    """

    offered: int | None
    reranked: float | None
    is_cited: bool


@dataclass(frozen=True)
class QuestionDetail:
    """A question and its answer with all that is known of them. None: there was none, or it is kept no more.

    `sources`: those that the chatbot reads, by name.
    """

    question: SessionMessage
    answer: SessionMessage
    interaction: Interaction
    chatbot: Chatbot
    agent: Agent | None
    version: ModelConfigVersion | None
    log: RetrievalLog | None
    passages: Sequence[FoundPassage]
    citations: Sequence[MessageCitation]
    feedback: Sequence[MessageFeedback]
    usage: AnswerUsage | None
    standing: Standing | None
    known: Known | None
    issues: Sequence[SourceIssue]
    versions: Sequence[ModelConfigVersion]
    sources: Mapping[UUID, str]

    @property
    def outcome(self) -> str:
        """What it came to."""
        return str(self.interaction.results.get("outcome") or "")

    @property
    def reason(self) -> str:
        """Why that agent took it."""
        return str(self.interaction.results.get("routed_because") or "")

    @property
    def is_erased(self) -> bool:
        """Whether the words were taken away."""
        return bool(self.answer.metadata.get("erased"))

    @property
    def unheard(self) -> int:
        """How many earlier messages the client sent along, which are kept nowhere."""
        sent = self.question.metadata.get("earlier_messages")
        return sent if isinstance(sent, int) else 0

    @property
    def seconds(self) -> Sequence[tuple[str, float]]:
        """What it took, stage by stage."""
        asked, ended = self.interaction.question_at, self.interaction.answer_at
        understood = self.interaction.detailed_question_at
        stages = []
        if understood is not None:
            stages.append(("understanding", (understood - asked).total_seconds()))
        if self.log is not None:
            stages.append(("search", self.log.elapsed_ms / 1000))
        if ended is not None:
            whole = (ended - asked).total_seconds()
            stages += [("answering", max(0.0, whole - sum(s for _, s in stages))), ("in all", whole)]
        return stages

    @property
    def documents(self) -> Mapping[UUID, FoundPassage]:
        """The documents of what was found, as they are known now, each with its first passage."""
        found: dict[UUID, FoundPassage] = {}
        for one in self.passages:
            if one.source_id is not None:
                found.setdefault(one.document_id, one)
        return found

    @property
    def replayable(self) -> Sequence[tuple[ModelConfigVersion, bool]]:
        """The chatbot's configurations, the newest first, each with whether it can answer now."""
        return [(one, replays.can_answer(one)) for one in reversed(self.versions)]

    @property
    def can_be_replayed(self) -> bool:
        """Whether the answer rests on a search by an agent that is still there."""
        return self.outcome not in replays.STATED and self.agent is not None


def get(connection: Connection, organization_id: UUID, message_id: UUID) -> QuestionDetail:
    """The question of an answer; raises Missing for what is no answer, or is shown no more."""
    answer = messages.get(connection, organization_id, message_id)
    interaction = interactions.find_for_answer(connection, organization_id, message_id)
    if answer.role != "assistant" or interaction is None:
        raise Missing(messages.missing(message_id))
    session = sessions.get(connection, organization_id, answer.session_id)
    log = retrieval_logs.find_for_message(connection, organization_id, message_id)
    cited = citations.select_for_message(connection, organization_id, message_id)
    standing = promotions.find_standing(connection, organization_id, message_id)
    versions = model_config_versions.select_all(connection, organization_id, session.chatbot_id)
    version_id = log.model_config_version_id if log else None
    return QuestionDetail(
        messages.get(connection, organization_id, interaction.question_id), answer, interaction,
        chatbots.get(connection, organization_id, session.chatbot_id),
        agents.get(connection, organization_id, interaction.agent_id) if interaction.agent_id else None,
        next((one for one in versions if one.id == version_id), None), log,
        _passages(connection, organization_id, message_id, log, cited), cited,
        message_feedback.select_for_messages(connection, organization_id, [message_id]),
        usage.find_for_message(connection, organization_id, message_id), standing,
        promotions.get_known(connection, organization_id, standing) if standing else None,
        source_issues.select_page(connection, organization_id, at_most=_MOST_ISSUES, message_id=message_id), versions,
        _sources(connection, organization_id, session.chatbot_id),
    )  # fmt: skip


def _sources(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> dict[UUID, str]:
    read = set(chatbots.select_source_ids(connection, organization_id, chatbot_id))
    return {one.id: one.name for one in data_sources.select_all(connection, organization_id) if one.id in read}


def _passages(
    connection: Connection,
    organization_id: UUID,
    message_id: UUID,
    log: RetrievalLog | None,
    cited: Sequence[MessageCitation],
) -> list[FoundPassage]:
    hits = many(connection, _Hit, SQL["select_found"], organization_id=organization_id, message_id=message_id)
    quoted = {one.chunk_id for one in cited}
    offered = _offered(hits, log) if log else {}
    scores = dict(zip(log.reranked_chunk_ids or (), log.reranker_scores or (), strict=True)) if log else {}
    return [
        FoundPassage(
            **vars(hit), offered=offered.get(hit.place), reranked=scores.get(hit.chunk_id),
            is_cited=hit.chunk_id in quoted,
        ) for hit in hits
    ]  # fmt: skip


def _offered(hits: Sequence[_Hit], log: RetrievalLog) -> dict[int, int]:
    """The place of each among those that were offered, by its place in the search.

    Of logs that do not tell which passages a reranker had first, the first one of each document that it had.
    """
    if not log.reranker_used or log.reranked_document_ids is None:
        return {hit.place: number for number, hit in enumerate(hits[: log.retrieval_k], start=1)}
    if log.reranked_chunk_ids is not None:
        numbers = {id: number for number, id in enumerate(log.reranked_chunk_ids, start=1)}
        return {hit.place: numbers[hit.chunk_id] for hit in hits if hit.chunk_id in numbers}
    firsts = {hit.document_id: hit.place for hit in reversed(hits)}
    return {firsts[id]: number for number, id in enumerate(dict.fromkeys(log.reranked_document_ids), 1) if id in firsts}
