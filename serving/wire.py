"""What goes over the wire: OpenAI's shapes, and what Millrace adds to them. Nothing here reaches a database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict

from resources.bots.records import Chatbot
from resources.conversations.answering.voices import storable
from resources.conversations.records import Answered, Asked, Citation, Outcome, Retrieved
from resources.foundation.errors import Refused
from resources.foundation.inference import well_formed
from resources.identity.records import Caller
from resources.knowledge.search import filtering

MOST_MESSAGES = 2048  # as OpenAI's; clients send a conversation whole, of which the latest part is read

Strict = ConfigDict(strict=True, extra="ignore")


# A lone surrogate is valid JSON and no text: neither a database nor a model takes it.
Text = Annotated[str, AfterValidator(well_formed)]
# What is kept as it was sent has no NUL either, which PostgreSQL does not take.
Storable = Annotated[str, AfterValidator(storable)]


def _is_absent(value: object) -> bool:
    return value is None


class ContentPart(BaseModel):
    """A part of a message. Only texts are read."""

    model_config = Strict
    type: Literal["text"]
    text: Text

    @field_validator("type", mode="before")
    @classmethod
    def _is_read(cls, value: object) -> object:
        if value != "text":
            raise ValueError("only parts of the type text are read: leave images, sound and files out")
        return value


class ChatMessage(BaseModel):
    """Something that was said. Every role but `assistant` counts as the user's: a client gives no orders here."""

    model_config = Strict
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        """The content, parts joined."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    """How a stream ends."""

    model_config = Strict
    include_usage: bool | None = False


class ResponseFormat(BaseModel):
    """How an answer is laid out: as text."""

    model_config = Strict
    type: Text


class ChatRequest(BaseModel):
    """A question to a chatbot. What asks for more than it can do is refused; fields it does not know are ignored.

    `session_id` (or the header X-Session-Id), `reply_to` and `filter` are Millrace's own.
    """

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={
            "examples": [
                {"model": "handbook", "messages": [{"role": "user", "content": "Who keeps the on-call rota?"}]},
                {
                    "model": "handbook",
                    "messages": [{"role": "user", "content": "How often is the sluice greased?"}],
                    "stream": True,
                    "stream_options": {"include_usage": True},
                },
            ]
        },
    )
    model: Annotated[Text, Field(min_length=1, max_length=200, description="The name of a chatbot.")]
    messages: Annotated[
        list[ChatMessage],
        Field(min_length=1, max_length=MOST_MESSAGES, description="The last one of the user is the question."),
    ]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[int | None, Field(ge=1, le=1, description="One answer; there are no others to choose from.")] = 1
    temperature: Annotated[float | None, Field(ge=0, le=2)] = None
    max_tokens: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    max_completion_tokens: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    top_p: Annotated[float | None, Field(gt=0, le=1)] = None
    frequency_penalty: Annotated[float | None, Field(ge=-2, le=2)] = None
    presence_penalty: Annotated[float | None, Field(ge=-2, le=2)] = None
    stop: Storable | Annotated[list[Storable], Field(max_length=4)] | None = None
    seed: Annotated[int | None, Field(ge=-(2**63), lt=2**63)] = None
    user: Annotated[
        Text | None, Field(max_length=512, description="Whoever asks, in the client's own words; kept as a digest.")
    ] = None
    response_format: ResponseFormat | None = None
    tools: Annotated[list[Any] | None, Field(max_length=128, description="Taken, and never called.")] = None
    tool_choice: Any = None
    logprobs: bool | None = None
    modalities: list[Text] | None = None
    session_id: Annotated[
        str | None, Field(max_length=100, description="A conversation to go on with; a new one is made without.")
    ] = None
    reply_to: Annotated[str | None, Field(max_length=100, description="The id of an earlier message to take up.")] = (
        None
    )
    filter: Annotated[
        dict[str, Any] | None, Field(description="Which documents may be looked at, as for POST /v1/search.")
    ] = None

    @field_validator("response_format")
    @classmethod
    def _is_text(cls, value: ResponseFormat | None) -> ResponseFormat | None:
        if value is not None and value.type != "text":
            raise ValueError("answers are text with citations: only the response_format {'type': 'text'} is supported")
        return value

    @field_validator("tool_choice")
    @classmethod
    def _needs_no_tool(cls, value: object) -> object:
        if value not in (None, "none", "auto"):
            raise ValueError("chatbots call no tools: tool_choice may be 'none' or 'auto'")
        return value

    @field_validator("logprobs")
    @classmethod
    def _has_no_logprobs(cls, value: bool | None) -> bool | None:
        if value:
            raise ValueError("probabilities of words are not told: leave logprobs out")
        return value

    @field_validator("modalities")
    @classmethod
    def _is_written(cls, value: list[str] | None) -> list[str] | None:
        if value and set(value) != {"text"}:
            raise ValueError("answers are written: modalities may be ['text']")
        return value

    @field_validator("stream_options")
    @classmethod
    def _is_streamed(cls, value: StreamOptions | None, info: ValidationInfo) -> StreamOptions | None:
        if value is not None and not info.data.get("stream"):
            raise ValueError("stream_options is for streams: set stream to true")
        return value

    def asked(self, caller: Caller, *, session_id: UUID | None, reply_to_id: UUID | None) -> Asked:
        """The question and what was said before it. Raises Refused where the user said nothing, or for a bad filter."""
        last = max((at for at, message in enumerate(self.messages) if message.role == "user"), default=None)
        if last is None:
            raise Refused("messages holds no message of the role 'user': the last of these is the question")
        return Asked(
            question=self.messages[last].text,
            history=tuple((message.role, message.text) for message in self.messages[:last] if message.text),
            user_id=caller.user_id,
            temperature=self.temperature,
            max_tokens=self.max_completion_tokens or self.max_tokens,
            request_data={
                "api_key_id": str(caller.key_id) if caller.key_id else None,
                "stream": bool(self.stream),
                "messages": len(self.messages),
            },
            session_id=session_id,
            reply_to_id=reply_to_id,
            is_confined=is_confined(caller),
            asker_id=self._asker(caller, session_id),
            parameters=self._parameters(),
            filter=filtering.parsed(self.filter),
        )

    def _asker(self, caller: Caller, session_id: UUID | None) -> UUID:
        """Who asks, as far as can be told: the user that the client names, else the session, else whose key it is."""
        shown = caller.key_id or caller.user_id or caller.organization_id
        return uuid5(shown, self.user or (str(session_id) if session_id else ""))

    def _parameters(self) -> dict[str, object]:
        names = ("top_p", "frequency_penalty", "presence_penalty", "stop", "seed")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def is_confined(caller: Caller) -> bool:
    """Whether somebody sees only conversations of their own: who is a person, and neither analyzes nor manages."""
    return caller.user_id is not None and not caller.scopes & {"analyze", "manage"}


class CitationBody(BaseModel):
    """A verified quote: the characters `start` to `end` of that version of the document, and how it came here."""

    index: int = Field(description="The number of its marker in the answer: [1].")
    document: UUID
    version: UUID
    version_number: int
    title: str
    section: str | None
    page: int | None
    quote: str
    start: int = Field(description="In characters (Unicode code points), from 0.")
    end: int
    source: str
    location: str
    address: str | None = Field(description="Where a person finds the document, such as a page's URL.")
    as_of: str | None = Field(description="When the source was last synced.")
    run: str | None = Field(description="The Dagster run that brought this version in.")


class AnswerMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str


class Choice(BaseModel):
    index: Literal[0] = 0
    message: AnswerMessage
    finish_reason: str
    logprobs: None = None


class UsageBody(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class FailureBody(BaseModel):
    """What went wrong, as OpenAI says it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "message": "This API key is not valid: unknown, revoked or expired.",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": "invalid_api_key",
                }
            ]
        }
    )
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class Failure(BaseModel):
    error: FailureBody


EXAMPLE: JsonDict = {
    "id": "chatcmpl-7b1f6f0e8f9b4c0c9d7a1f2e3d4c5b6a",
    "object": "chat.completion",
    "created": 1795360229,
    "model": "handbook",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "The sluice gate is greased every second Monday. [1]"},
            "finish_reason": "stop",
            "logprobs": None,
        }
    ],
    "usage": {"prompt_tokens": 912, "completion_tokens": 14, "total_tokens": 926},
    "citations": [
        {
            "index": 1,
            "document": "0d5c1f8e-6d0e-4a57-8f0b-4a3c0f3f2b11",
            "version": "a4b0c7de-1c53-4bb3-9a35-1de2d9c7e802",
            "version_number": 3,
            "title": "The sluice",
            "section": "Care",
            "page": 2,
            "quote": "The sluice gate is greased every second Monday.",
            "start": 1204,
            "end": 1251,
            "source": "handbook",
            "location": "power/sluice-and-turbine.pdf",
            "address": None,
            "as_of": "2026-11-22T14:31:00+00:00",
            "run": "6f1d0c1e-2f55-4b77-9f0e-0a5f4bfb2f10",
        }
    ],
    "citations_dropped": 0,
    "answered_by": "extractive",
    "outcome": "answered",
    "agent": "answers",
    "why": "the only agent",
    "configuration": 1,
    "session_id": "5f0c9a52-95a6-4d5c-8d0e-0f3c9d1f7a44",
}


class ChatCompletion(BaseModel):
    """An answer. Beside OpenAI's fields: what it rests on and who gave it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: UsageBody
    citations: list[CitationBody] | None = Field(
        default=None, exclude_if=_is_absent, description="Absent where the chatbot shows none."
    )
    citations_dropped: int | None = Field(
        default=None, exclude_if=_is_absent, description="Markers whose passage did not say so."
    )
    answered_by: str = Field(
        description="The model that spoke, extractive, default_message, or the kind of agent that stated its words."
    )
    instead_of: str | None = Field(
        default=None, exclude_if=_is_absent, description="The model that should have spoken, and failed."
    )
    outcome: Outcome
    agent: str = Field(description="The agent of the chatbot that took the question.")
    why: str = Field(description="Why that agent.")
    configuration: int = Field(description="The number of the chatbot's configuration that it was answered by.")
    degraded: str | None = Field(
        default=None, exclude_if=_is_absent, description="Why words alone were looked for: their model was away."
    )
    session_id: UUID = Field(description="The conversation; send it with the next question, or as X-Session-Id.")
    error: FailureBody | None = Field(
        default=None, exclude_if=_is_absent, description="What broke off, where only a part was answered."
    )


class Delta(BaseModel):
    role: Literal["assistant"] | None = Field(default=None, exclude_if=_is_absent)
    content: str | None = Field(default=None, exclude_if=_is_absent)


class ChunkChoice(BaseModel):
    index: Literal[0] = 0
    delta: Delta
    finish_reason: str | None = None
    logprobs: None = None


class ChatCompletionChunk(BaseModel):
    """A piece of a streamed answer. The last one with a choice carries what Millrace adds."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: UsageBody | None = Field(default=None, exclude_if=_is_absent)
    citations: list[CitationBody] | None = Field(default=None, exclude_if=_is_absent)
    citations_dropped: int | None = Field(default=None, exclude_if=_is_absent)
    answered_by: str | None = Field(default=None, exclude_if=_is_absent)
    instead_of: str | None = Field(default=None, exclude_if=_is_absent)
    outcome: Outcome | None = Field(default=None, exclude_if=_is_absent)
    agent: str | None = Field(default=None, exclude_if=_is_absent)
    why: str | None = Field(default=None, exclude_if=_is_absent)
    configuration: int | None = Field(default=None, exclude_if=_is_absent)
    degraded: str | None = Field(default=None, exclude_if=_is_absent)
    session_id: UUID | None = Field(default=None, exclude_if=_is_absent)


class ModelCard(BaseModel):
    """A chatbot, as OpenAI describes a model."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelCard]


class Health(BaseModel):
    status: Literal["ok", "ready"]


def model_card(chatbot: Chatbot, owner: str) -> ModelCard:
    """A chatbot as a model of its organization."""
    return ModelCard(id=chatbot.name, created=chatbot.created, owned_by=owner)


def completion(chatbot: Chatbot, answered: Answered) -> ChatCompletion:
    """An answer in one piece."""
    message = AnswerMessage(content=answered.text)
    return ChatCompletion(
        id=completion_id(answered.message_id),
        created=int(time.time()),
        model=chatbot.name,
        choices=[Choice(message=message, finish_reason=answered.finish_reason)],
        usage=usage(answered),
        citations=citation_bodies(chatbot, answered.citations),
        citations_dropped=answered.citations_dropped if chatbot.show_citations else None,
        answered_by=answered.answered_by,
        instead_of=answered.instead_of,
        outcome=answered.outcome,
        agent=answered.agent_name,
        why=answered.reason,
        configuration=answered.configuration,
        degraded=answered.degraded,
        session_id=answered.session_id,
        error=broke_off(answered.failure) if answered.failure else None,
    )


def broke_off(failure: str) -> FailureBody:
    """Why an answer is not whole."""
    return FailureBody(message=failure, type="server_error", code="broke_off")


class ChunkMaker:
    """The chunks of one streamed answer, which share an id and a time."""

    def __init__(self, chatbot: Chatbot, retrieved: Retrieved) -> None:
        self._chatbot = chatbot
        self._id = completion_id(retrieved.message_id)
        self._created = int(time.time())

    def opening(self) -> ChatCompletionChunk:
        """The first: who speaks."""
        return self._chunk(Delta(role="assistant", content=""))

    def words(self, text: str) -> ChatCompletionChunk:
        """Some more of the answer."""
        return self._chunk(Delta(content=text))

    def ending(self, answered: Answered) -> ChatCompletionChunk:
        """The last with a choice: how it ended, and what it rests on."""
        chunk = self._chunk(Delta(), finish_reason=answered.finish_reason)
        chunk.citations = citation_bodies(self._chatbot, answered.citations)
        chunk.citations_dropped = answered.citations_dropped if self._chatbot.show_citations else None
        chunk.answered_by = answered.answered_by
        chunk.instead_of = answered.instead_of
        chunk.outcome = answered.outcome
        chunk.agent, chunk.why, chunk.session_id = answered.agent_name, answered.reason, answered.session_id
        chunk.configuration, chunk.degraded = answered.configuration, answered.degraded
        return chunk

    def tokens(self, answered: Answered) -> ChatCompletionChunk:
        """The one without a choice: what it took."""
        return ChatCompletionChunk(
            id=self._id, created=self._created, model=self._chatbot.name, choices=[], usage=usage(answered)
        )

    def _chunk(self, delta: Delta, finish_reason: str | None = None) -> ChatCompletionChunk:
        choice = ChunkChoice(delta=delta, finish_reason=finish_reason)
        return ChatCompletionChunk(id=self._id, created=self._created, model=self._chatbot.name, choices=[choice])


def completion_id(message_id: UUID) -> str:
    """What OpenAI's clients log of an answer; the message's own id is in it."""
    return f"chatcmpl-{message_id.hex}"


def usage(answered: Answered) -> UsageBody:
    """The tokens of an answer."""
    read, spoken = answered.prompt_tokens, answered.completion_tokens
    return UsageBody(prompt_tokens=read, completion_tokens=spoken, total_tokens=read + spoken)


def citation_bodies(chatbot: Chatbot, citations: Sequence[Citation]) -> list[CitationBody] | None:
    """The citations, where the chatbot shows them."""
    return [_citation_body(citation) for citation in citations] if chatbot.show_citations else None


def _citation_body(citation: Citation) -> CitationBody:
    return CitationBody(
        index=citation.index,
        document=citation.document_id,
        version=citation.version_id,
        version_number=citation.version_number,
        title=citation.title,
        section=citation.section_title,
        page=citation.page,
        quote=citation.quote,
        start=citation.start,
        end=citation.end,
        source=citation.source_name,
        location=citation.location,
        address=citation.address,
        as_of=citation.as_of.isoformat() if citation.as_of else None,
        run=citation.run_id,
    )
