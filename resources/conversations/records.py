"""The vocabulary of the conversations domain: what a question finds, what a model is told, what an answer cites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from resources.knowledge.records import FoundPart, Twin
from resources.knowledge.search.filtering import EVERYTHING, Filter

Message = dict[str, str]
Role = Literal["user", "assistant", "system"]
MessageStatus = Literal["sent", "delivered", "read"]
Feedback = Literal["positive", "negative"]
SessionStatus = Literal["active", "completed", "error"]
Outcome = Literal["answered", "no_answer", "failed", "cancelled", "canned", "handed_over", "turned_away"]


@dataclass(frozen=True)
class Passage:
    """A chunk as one answer may cite it: `[index]`, counted from 1.

    `content == text[start:end]` of the version's text. Scores, `also_in` and `parts` as in knowledge's Found.
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
    also_in: tuple[Twin, ...] = ()
    parts: tuple[FoundPart, ...] = ()

    def chunk_at(self, start: int, end: int) -> UUID:
        """The chunk that holds most of a place, where neighbours were joined; the passage's own where they were not."""
        best = max(
            self.parts,
            key=lambda part: min(end, part.end_char) - max(start, part.start_char),
            default=None,
        )
        return best.chunk_id if best else self.chunk_id


@dataclass(frozen=True)
class Prompt:
    """One question with all that its answer may rest on.

    `history` holds (role, content), oldest first; `user` is the question as a remote model reads it, passages included;
    `no_answer` is what to say when the passages do not answer; `parameters` what is asked of a remote model besides.
    """

    question: str
    passages: tuple[Passage, ...]
    history: tuple[tuple[str, str], ...]
    system: str
    user: str
    no_answer: str
    temperature: float | None = None
    max_completion_tokens: int | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

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
    """A conversation with a chatbot. `handed_over_at`: since when it waits for a person.

    `context` is what a background agent made of it: `summary`, `topics`, `remembered`.
    """

    id: UUID
    chatbot_id: UUID
    agent_id: UUID | None
    user_id: UUID | None
    title: str
    status: SessionStatus
    session_start: datetime
    session_end: datetime | None
    updated_at: datetime
    timezone: str
    context: Mapping[str, object]
    handed_over_at: datetime | None
    handed_over_because: str | None


@dataclass(frozen=True)
class SessionListing:
    """A conversation as a list shows it: with its chatbot's name, who answered last, and how many messages it has."""

    id: UUID
    chatbot_id: UUID
    chatbot: str
    agent: str | None
    title: str
    status: SessionStatus
    session_start: datetime
    session_end: datetime | None
    updated_at: datetime
    handed_over_at: datetime | None
    handed_over_because: str | None
    context: Mapping[str, object]
    messages: int


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
    """A citation as it was answered. `purged_at`: the cited version is gone since then, and the quote ('') with it."""

    message_id: UUID
    citation_index: int
    document_id: UUID
    document_version_id: UUID | None
    chunk_id: UUID
    quote: str
    start_char: int
    end_char: int
    purged_at: datetime | None
    title: str
    section_title: str | None
    page: int | None
    version_number: int | None
    source_name: str
    location: str
    address: str | None
    as_of: datetime | None
    run_id: str | None


@dataclass(frozen=True)
class Citation:
    """A verified citation as the asker gets it: the quote, where it stands, and which run brought it in and when.

    `quote == text[start:end]` of the version's text. `as_of` is when the source was last found in step, `address` where
    the document is for everybody, such as a page's URL.
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
    address: str | None = None


@dataclass(frozen=True)
class RetrievalLog:
    """A retrieval that served an answer; the lists are in the order of the search.

    Without a reranker that is what was offered. With one, all that it was given is there, and `reranked_document_ids`
    has the documents of the passages that were offered, in its order, `reranked_chunk_ids` those passages (None in old
    logs). Where the configuration names a reranker and `reranker_used` is False, it failed or had nothing to choose
    from, and the first `retrieval_k` were offered.
    `detailed_question` and `sub_questions`: what was searched for as a model understood the query, None and empty where
    none was asked. `filter`: which documents were looked at alone, as knowledge.matching_documents takes it.
    `degraded`: why words alone were looked for, where the embedding model did not answer.
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
    detailed_question: str | None
    sub_questions: Sequence[str]
    filter: Mapping[str, object] | None
    degraded: str | None
    reranked_chunk_ids: Sequence[UUID] | None
    reranker_scores: Sequence[float | None] | None


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
class UsageTotal:
    """What was used, in a group; None: not asked for apart, or not known. `mean_response_time` in seconds.

    `cost`: of those that have one; `unpriced_tokens`: of the others.
    """

    day: date | None
    chatbot: str | None
    agent: str | None
    model: str | None
    key: str | None
    requests: int
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    cost: Decimal | None
    unpriced_tokens: int
    mean_response_time: float


@dataclass(frozen=True)
class Interaction:
    """A question with its answer: `arguments` it came with, `results`, `appreciation` from 0 to 100.

    `detailed_question`: as it was understood, where that is not as it was worded.
    """

    id: UUID
    session_id: UUID
    agent_id: UUID | None
    question_id: UUID
    answer_id: UUID
    arguments: Mapping[str, object]
    results: Mapping[str, object]
    detailed_question: str | None
    timezone: str
    appreciation: int | None
    question_at: datetime
    detailed_question_at: datetime | None
    answer_at: datetime | None
    processing_error: str | None


@dataclass(frozen=True)
class MessageFeedback:
    """What somebody says of an answer."""

    id: UUID
    message_id: UUID
    user_id: UUID | None
    feedback: Feedback
    reason: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class BackgroundTask:
    """What a background agent did for a session, or is to do."""

    id: UUID
    session_id: UUID
    agent_id: UUID
    agent: str
    status: Literal["waiting", "done", "failed"]
    attempts: int
    failure: str | None
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True)
class Asked:
    """A question, what was said before it as (role, content), oldest first, and what the asker wants of the answer.

    `session_id`: of the conversation that it belongs to, None for a new one; `reply_to_id`: the message of it that it
    takes up, if not the last. `asker_id` tells one asker from another. `temperature`, `max_tokens` and `parameters`
    that are not given are left to the agent. `is_confined`: the asker knows only sessions of `user_id`. `request_data`
    is kept with the usage: never texts.
    `filter`: the documents that the answer may rest on.
    """

    question: str
    history: tuple[tuple[str, str], ...] = ()
    user_id: UUID | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    request_data: Mapping[str, object] = field(default_factory=dict)
    session_id: UUID | None = None
    reply_to_id: UUID | None = None
    asker_id: UUID | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    timezone: str = "UTC"
    is_confined: bool = False
    filter: Filter = EVERYTHING


@dataclass(frozen=True)
class Retrieved:
    """The first event of an answer: its id, which agent took the question and why, and what it will answer from."""

    message_id: UUID
    agent_name: str
    reason: str
    passages: tuple[Passage, ...]
    session_id: UUID


@dataclass(frozen=True)
class Said:
    """Some more words of the answer."""

    text: str


@dataclass(frozen=True)
class Answered:
    """The last event of an answer: all of it, as it was kept.

    `finish_reason` is stop, length or content_filter. `failure` tells in one sentence what broke off; `instead_of` is
    the model that should have answered where another did, `tried` all that were asked in vain, each with what failed.
    `agent_name` took the question, for this `reason`. `configuration`: the number of the recipe that served it.
    `degraded`: why words alone were looked for, where the embedding model did not answer.
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
    agent_name: str = ""
    reason: str = ""
    tried: tuple[tuple[str, str], ...] = ()
    configuration: int = 0
    degraded: str | None = None


AnswerEvent = Retrieved | Said | Answered
