"""The vocabulary of the conversations domain: what a question finds, what a model is told, what an answer cites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

Message = dict[str, str]
Role = Literal["user", "assistant", "system"]
MessageStatus = Literal["sent", "delivered", "read"]
SessionStatus = Literal["active", "completed", "error"]
Outcome = Literal["answered", "no_answer", "failed", "cancelled"]


@dataclass(frozen=True)
class Passage:
    """A chunk as one answer may cite it: `[index]`, counted from 1.

    `content == text[start:end]` of the version's text. Scores as in knowledge's Found.
    """

    index: int
    chunk_id: UUID
    document_id: UUID
    version_id: UUID
    title: str
    section_title: str | None
    page: int | None
    content: str
    start: int
    end: int
    score: float
    lexical_score: float
    dense_score: float
    source_name: str
    location: str


@dataclass(frozen=True)
class Prompt:
    """One question with all that its answer may rest on.

    `history` holds (role, content), oldest first; `user` is the question as a remote model reads it, passages included;
    `no_answer` is what to say when the passages do not answer.
    """

    question: str
    passages: tuple[Passage, ...]
    history: tuple[tuple[str, str], ...]
    system: str
    user: str
    no_answer: str
    temperature: float | None = None
    max_completion_tokens: int | None = None

    def messages(self) -> list[Message]:
        """Return what OpenAI's protocol calls messages: `system`, the history, `user`."""
        told = [("system", self.system), *self.history, ("user", self.user)]
        return [{"role": role, "content": content} for role, content in told]


@dataclass(frozen=True)
class Extract:
    """A sentence picked for an answer: `passage.content[start:end]`, and how much speaks for it, in [0, 1]."""

    passage: Passage
    start: int
    end: int
    confidence: float

    @property
    def quote(self) -> str:
        return self.passage.content[self.start : self.end]


@dataclass(frozen=True)
class Quotation:
    """A citation before it has a row: `quote == text[start:end]` of the version's text.

    `index` is the passage's number in the answer; `support` is the share of the claim that the quote carries, 1 when
    the claim is the quote itself.
    """

    index: int
    chunk_id: UUID
    document_id: UUID
    version_id: UUID
    quote: str
    start: int
    end: int
    support: float


@dataclass(frozen=True)
class Cited:
    """An answer with its citations checked: `text` lacks the markers that stood for nothing, `dropped` counts them."""

    text: str
    citations: tuple[Quotation, ...]
    dropped: int


@dataclass(frozen=True)
class Session:
    """A conversation with a chatbot."""

    id: UUID
    chatbot_id: UUID
    agent_id: UUID | None
    user_id: UUID | None
    title: str
    status: SessionStatus
    session_start: datetime


@dataclass(frozen=True)
class SessionMessage:
    """Something that was said in a session. `metadata` of an answer: its outcome, who answered, why that agent."""

    id: UUID
    session_id: UUID
    role: Role
    sender_id: UUID | None
    content: str
    status: MessageStatus
    reply_to_id: UUID | None
    metadata: Mapping[str, object]
    created_at: datetime


@dataclass(frozen=True)
class MessageCitation:
    """A citation as its row has it. `purged_at`: the cited version is gone since then, and the quote ('') with it."""

    citation_index: int
    document_id: UUID
    document_version_id: UUID | None
    chunk_id: UUID
    quote: str
    start_char: int
    end_char: int
    purged_at: datetime | None


@dataclass(frozen=True)
class Citation:
    """A verified citation as the asker gets it: the quote, where it stands, and which run brought it in and when.

    `quote == text[start:end]` of the version's text. `as_of` is when the source was last found in step.
    """

    index: int
    chunk_id: UUID
    document_id: UUID
    version_id: UUID
    version_number: int
    title: str
    section_title: str | None
    page: int | None
    quote: str
    start: int
    end: int
    source_name: str
    location: str
    as_of: datetime | None
    run_id: str | None


@dataclass(frozen=True)
class RetrievalLog:
    """A retrieval that served an answer; the lists are in the order of the search.

    Without a reranker that is what was offered. With one, all that it was given is there, and `reranked_document_ids`
    has the documents of the passages that were offered, in its order. Where the configuration names a reranker and
    `reranker_used` is False, it failed or had nothing to choose from, and the first `retrieval_k` were offered.
    """

    id: UUID
    chatbot_id: UUID
    session_id: UUID | None
    message_id: UUID | None
    model_config_version_id: UUID
    query: str
    retrieved_chunk_ids: Sequence[UUID]
    retrieved_document_ids: Sequence[UUID]
    similarity_scores: Sequence[float]
    lexical_scores: Sequence[float]
    dense_scores: Sequence[float]
    retrieval_threshold: float
    retrieval_k: int
    reranker_used: bool
    reranked_document_ids: Sequence[UUID] | None
    elapsed_ms: float
    created_at: datetime


@dataclass(frozen=True)
class AnswerUsage:
    """What an answer took. `response_time` in seconds, from the question to the last word.

    `cost` in the currency of the organization's prices; None where the model had none.
    """

    chatbot_id: UUID | None
    agent_id: UUID | None
    user_id: UUID | None
    message_id: UUID | None
    model: str
    prompt_tokens: int
    completion_tokens: int
    tokens_used: int
    cost: Decimal | None
    response_time: float
    request_data: Mapping[str, object]
    created_at: datetime


@dataclass(frozen=True)
class Asked:
    """A question, what was said before it as (role, content), oldest first, and what the asker wants of the answer.

    `temperature` and `max_tokens` of None leave it to the agent. `request_data` is kept with the usage: never texts.
    """

    question: str
    history: tuple[tuple[str, str], ...] = ()
    user_id: UUID | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    request_data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Retrieved:
    """The first event of an answer: its id, which agent took the question and why, and what it will answer from."""

    message_id: UUID
    agent_name: str
    reason: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Said:
    """Some more words of the answer."""

    text: str


@dataclass(frozen=True)
class Answered:
    """The last event of an answer: all of it, as it was kept.

    `finish_reason` is stop, length or content_filter. `failure` tells in one sentence what broke off; `instead_of` is
    the model that should have answered where another did.
    """

    session_id: UUID
    message_id: UUID
    text: str
    outcome: Outcome
    citations: tuple[Citation, ...]
    citations_dropped: int
    answered_by: str
    instead_of: str | None
    finish_reason: str
    failure: str | None
    prompt_tokens: int
    completion_tokens: int
    elapsed_ms: float


AnswerEvent = Retrieved | Said | Answered
