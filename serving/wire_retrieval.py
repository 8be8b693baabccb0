"""What goes over the wire about vectors, searches and what they took. Nothing here reaches a database."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from resources.bots.records import ModelConfigVersion
from resources.bots.retrieval.retrieval import Retrieval
from resources.conversations.records import UsageTotal
from resources.foundation.counting import estimated_tokens
from resources.foundation.inference import Vectors
from serving.wire import Text

MOST_INPUTS = 2048
MOST_TOKENS = 300_000
Loose = ConfigDict(strict=True, extra="ignore")
Strict = ConfigDict(strict=True, extra="forbid")


class EmbeddingRequest(BaseModel):
    """Texts to turn into vectors. Other fields that OpenAI's clients send are ignored."""

    model_config = ConfigDict(
        **Loose, json_schema_extra={"examples": [{"model": "wordllama-256", "input": ["The sluice gate"]}]}
    )
    model: Annotated[
        Text, Field(min_length=1, max_length=200, description="An embedding model, or a chatbot for the one it uses.")
    ]
    input: Annotated[Text | list[Any], Field(description="A text, or up to 2,048 of them; none of them empty.")]
    encoding_format: Literal["float", "base64"] | None = "float"
    dimensions: Annotated[int | None, Field(ge=1, le=8192, description="Fewer than the model has.")] = None

    @field_validator("input")
    @classmethod
    def _is_texts(cls, value: str | list[Any]) -> list[str]:
        texts = [value] if isinstance(value, str) else value
        if any(isinstance(one, int | list) for one in texts):
            raise ValueError("send texts, not numbers of tokens (LangChain: check_embedding_ctx_length=False)")
        if not texts or len(texts) > MOST_INPUTS or not all(isinstance(one, str) and one for one in texts):
            raise ValueError(f"send 1 to {MOST_INPUTS:,} texts, none of them empty")
        if sum(estimated_tokens(one) for one in texts) > MOST_TOKENS:
            raise ValueError(f"send at most about {MOST_TOKENS:,} tokens at once")
        return texts

    @property
    def texts(self) -> list[str]:
        """What is to be embedded."""
        return [self.input] if isinstance(self.input, str) else self.input


class EmbeddingBody(BaseModel):
    """A vector of length 1: numbers, or little-endian float32 in base64."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(BaseModel):
    prompt_tokens: int
    total_tokens: int


class EmbeddingList(BaseModel):
    """Vectors in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[EmbeddingBody]
    model: str
    usage: EmbeddingUsage


class SearchRequest(BaseModel):
    """What to look for in the documents of a chatbot."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={
            "examples": [{"model": "handbook", "query": "sluice maintenance", "k": 5, "filter": {"languages": "en"}}]
        },
    )
    model: Annotated[Text, Field(min_length=1, max_length=200, description="The name of a chatbot.")]
    query: Annotated[Text, Field(min_length=1, max_length=8000)]
    k: Annotated[int | None, Field(ge=1, le=200, description="How many passages; as many as it answers from.")] = None
    filter: Annotated[
        dict[str, Any] | None,
        Field(
            description="Which documents may be looked at: by tags, sources, languages, paths, dates and own fields."
        ),
    ] = None


class ScoreBody(BaseModel):
    """Why a passage stands where it does.

    `score` is `lexical_weight` of the best share of `words` (BM25) and the rest of that of `meaning` (a cosine); a
    reranker's score decides where there is one.
    """

    words: float
    meaning: float
    lexical_weight: float
    searched_rank: int = Field(description="Where the search had it, counted from 1.")
    reranker_score: float | None


class ResultBody(BaseModel):
    """A passage: the characters `start` to `end` of that version of the document."""

    object: Literal["search.result"] = "search.result"
    rank: int
    document: UUID
    version: UUID
    chunk: UUID
    title: str
    section: str | None
    page: int | None
    content: str
    start: int
    end: int
    source: str
    location: str
    score: float
    explained: ScoreBody


class SearchResults(BaseModel):
    """The best passages, in the order in which they would be offered to a model."""

    object: Literal["list"] = "list"
    model: str
    query: str
    data: list[ResultBody]
    candidates: int = Field(description="How many passages the search gave before that.")
    configuration: int = Field(description="The number of the chatbot's configuration that they were found by.")
    reranker: str | None = Field(description="Who ordered them; null for the search alone.")
    reranker_failure: str | None
    degraded: str | None = Field(
        default=None, description="Why words alone were looked for, where the embedding model did not answer."
    )


class UsageTotalBody(BaseModel):
    """What was used by one group."""

    day: date | None
    chatbot: str | None
    agent: str | None
    model: str | None
    key: str | None = Field(description="The key's name, or by which door it came.")
    requests: int
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    cost: Decimal | None = Field(description="Of what has a price, in the currency of the organization's prices.")
    unpriced_tokens: int
    mean_response_time: float = Field(description="In seconds.")


class UsageReport(BaseModel):
    """What was used from an instant until before another."""

    object: Literal["usage"] = "usage"
    since: datetime
    until: datetime
    data: list[UsageTotalBody]


def embedding_list(vectors: Vectors, body: EmbeddingRequest, tokens: int) -> EmbeddingList:
    """Vectors as OpenAI tells them."""
    return EmbeddingList(
        data=[EmbeddingBody(index=at, embedding=one) for at, one in enumerate(_encoded(vectors, body.encoding_format))],
        model=body.model, usage=EmbeddingUsage(prompt_tokens=tokens, total_tokens=tokens),
    )  # fmt: skip


def search_results(
    name: str, query: str, found: Retrieval, config: ModelConfigVersion, reranker: str | None
) -> SearchResults:
    """What a search found, with the reasons."""
    places = {hit.chunk_id: place for place, hit in enumerate(found.candidates, start=1)}
    scored = {hit.chunk_id: score for hit, score in zip(found.order.passages, found.order.scores, strict=False)}
    return SearchResults(
        model=name, query=query, candidates=len(found.candidates), configuration=config.number,
        reranker=reranker if found.order.is_reranked else None, reranker_failure=found.order.failure,
        degraded=found.degraded,
        data=[
            ResultBody(
                rank=rank, document=hit.document_id, version=hit.document_version_id, chunk=hit.chunk_id,
                title=hit.title, section=hit.section_title, page=hit.page, content=hit.content, start=hit.start_char,
                end=hit.end_char, source=hit.source_name, location=hit.file_path, score=hit.score,
                explained=ScoreBody(
                    words=hit.lexical_score, meaning=hit.dense_score, lexical_weight=config.lexical_weight,
                    searched_rank=places.get(hit.chunk_id, rank), reranker_score=scored.get(hit.chunk_id),
                ),
            )
            for rank, hit in enumerate(found.offered, start=1)
        ],
    )  # fmt: skip


def usage_report(totals: Sequence[UsageTotal], since: datetime, until: datetime) -> UsageReport:
    """What was used, as the API tells it."""
    data = [UsageTotalBody(**{name: getattr(one, name) for name in UsageTotalBody.model_fields}) for one in totals]
    return UsageReport(since=since, until=until, data=data)


def _encoded(vectors: Vectors, encoding: str | None) -> Iterator[list[float] | str]:
    for vector in vectors:
        is_binary = encoding == "base64"
        yield base64.b64encode(vector.astype("<f4").tobytes()).decode() if is_binary else vector.astype(float).tolist()
