"""POST /v1/embeddings and /v1/search: vectors and passages without an answer. GET /v1/usage: what was used."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from http import HTTPStatus
from time import perf_counter
from typing import Annotated, Any

import numpy
from fastapi import Depends, FastAPI, Query, Request

from resources.bots import chatbots
from resources.bots.configurations import model_config_versions
from resources.bots.retrieval import retrieval
from resources.conversations import usage
from resources.conversations.answering import exchanges
from resources.conversations.answering.budgeted_models import BudgetedModels
from resources.conversations.answering.models import Models, serving_reranker
from resources.conversations.usage import Group
from resources.foundation.counting import estimated_tokens
from resources.foundation.errors import Refused, Unavailable
from resources.foundation.inference import RefusedTexts, Usage, Vectors
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.openai_provider import SHORTENABLE
from resources.identity.records import Caller
from resources.knowledge.chunks import embedding_models
from resources.knowledge.search import filtering
from serving.authentication import Holder
from serving.endpoints.models import addressed, chatbot_named
from serving.failures import Forbidden, UnknownModel, refusals
from serving.house import House, house_of
from serving.wire_retrieval import (
    EmbeddingList,
    EmbeddingRequest,
    SearchRequest,
    SearchResults,
    UsageReport,
    embedding_list,
    search_results,
    usage_report,
)

MayEmbed = Annotated[Caller, Depends(Holder("chat", counts=True))]
MaySearch = Annotated[Caller, Depends(Holder("search", counts=True))]
MayAnalyze = Annotated[Caller, Depends(Holder("analyze"))]
_LONGEST_DAYS = 366
_USUAL_DAYS = 30
_SHORTENABLE = {EMBEDDED_MODEL, *SHORTENABLE}


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    about: dict[str, Any] = {"responses": refusals(400, 401, 403, 404, 413, 429, 500, 503)}
    app.post("/v1/embeddings", tags=["retrieval"], summary="Turn texts into vectors", **about)(embed)
    app.post("/v1/search", tags=["retrieval"], summary="Find passages", **about)(search)
    app.get("/v1/usage", tags=["usage"], summary="What was used, and what it cost", **about)(report_usage)


async def embed(body: EmbeddingRequest, request: Request, caller: MayEmbed) -> EmbeddingList:
    """Vectors of length 1, as documents are searched by. `dimensions` cuts them, where the model is made for that."""
    house = house_of(request)
    return await house.seats.prepare(_embed, house, caller, body)


def _embed(house: House, caller: Caller, body: EmbeddingRequest) -> EmbeddingList:
    texts = body.texts
    models = house.models_of(caller.organization_id)
    name = _embedding_model(house, caller, body.model)
    _require_affordable(models, name)
    started = perf_counter()
    try:
        vectors = models.embedder(name).embed(texts)
    except RefusedTexts as refused:
        raise Refused(str(refused)) from None
    vectors = _cut(vectors, body.dimensions, name)
    tokens = sum(estimated_tokens(text) for text in texts)
    used = Usage(tokens, 0, is_estimated=True)
    with house.database.transaction(caller.organization_id) as connection:
        is_free = name == EMBEDDED_MODEL
        usage.create(
            connection, caller.organization_id, chatbot_id=None, agent_id=None, user_id=caller.user_id, message_id=None,
            model=name, prompt_tokens=tokens, completion_tokens=0, response_time=perf_counter() - started,
            cost=Decimal(0) if is_free else exchanges.pay(connection, caller.organization_id, name, used),
            request_data={"api_key_id": str(caller.key_id) if caller.key_id else None, "door": "embeddings"},
        )  # fmt: skip
    return embedding_list(vectors, body, tokens)


async def search(body: SearchRequest, request: Request, caller: MaySearch) -> SearchResults:
    """The passages that a chatbot would answer from, of documents that the filter lets through, with their scores."""
    house = house_of(request)
    return await house.seats.prepare(_search, house, caller, body)


def _search(house: House, caller: Caller, body: SearchRequest) -> SearchResults:
    wanted = filtering.parsed(body.filter)
    looked_up = perf_counter()
    chatbot, models = addressed(house, caller, body.model)
    house.seats.feel(perf_counter() - looked_up)
    with house.database.exchange(caller.organization_id) as connection:
        config = model_config_versions.get_active(connection, caller.organization_id, chatbot.id)
    reranker = retrieval.reranker_name(config)
    try:
        found = retrieval.search(
            house.database, caller.organization_id, chatbot=chatbot, config=config, question=_sound(body.query),
            embedder=models.embedder(config.embedding_model), reranker=serving_reranker(models, reranker), k=body.k,
            filter=wanted,
        )  # fmt: skip
    except RefusedTexts as refused:
        raise Unavailable(f"the query could not be embedded: {refused}") from None
    return search_results(chatbot.name, body.query, found, config, reranker)


def report_usage(
    request: Request,
    caller: MayAnalyze,
    since: Annotated[datetime | None, Query(description="From this instant on; 30 days ago unless said.")] = None,
    until: Annotated[datetime | None, Query(description="Until before this instant; now unless said.")] = None,
    by: Annotated[list[Group] | None, Query(description="Groups: day, chatbot, agent, model, key.")] = None,
    chatbot: Annotated[str | None, Query(max_length=200)] = None,
) -> UsageReport:
    """Requests, tokens, cost and mean seconds of answers and embeddings, in groups. Days are those of UTC."""
    house = house_of(request)
    last = _instant(until) or datetime.now(UTC)
    first = _instant(since) or datetime.combine((last - timedelta(days=_USUAL_DAYS)).date(), time(), UTC)
    if not timedelta(0) <= last - first <= timedelta(days=_LONGEST_DAYS):
        raise Refused(f"since must lie before until, and not more than {_LONGEST_DAYS} days")
    chatbot_id = chatbot_named(house, caller, chatbot).id if chatbot else None
    with house.database.transaction(caller.organization_id) as connection:
        totals = usage.select_totals(
            connection, caller.organization_id, since=first, until=last, by=by or ["day"], chatbot_id=chatbot_id
        )
    return usage_report(totals, first, last)


def _require_affordable(models: Models, model: str) -> None:
    """Raise Forbidden, as OpenAI does, where the model costs money and the budget of the month is spent."""
    if model != EMBEDDED_MODEL and isinstance(models, BudgetedModels) and models.is_held(model):
        raise Forbidden(
            HTTPStatus.TOO_MANY_REQUESTS,
            "The budget of this month is spent, and this model costs money: have more approved, or ask for "
            f"{EMBEDDED_MODEL}, which is free.",
            code="insufficient_quota", kind="insufficient_quota",
        )  # fmt: skip


def _embedding_model(house: House, caller: Caller, name: str) -> str:
    """The embedding model of this name, or of the chatbot of this name. Raises UnknownModel."""
    if "\0" not in name:
        with house.database.transaction(caller.organization_id) as connection:
            chatbot = chatbots.find_by_name(connection, caller.organization_id, name)
            if chatbot is not None:
                return model_config_versions.get_active(connection, caller.organization_id, chatbot.id).embedding_model
            known = {model.name for model in embedding_models.select_all(connection, caller.organization_id)}
        if name in {EMBEDDED_MODEL, *known}:
            return name
    raise UnknownModel("there is no embedding model of this name here, and no chatbot: name one that is in use")


def _cut(vectors: Vectors, dimensions: int | None, name: str) -> Vectors:
    """The first numbers of each vector, again of length 1; raises Refused where that would say nothing."""
    has = vectors.shape[1]
    if dimensions is None or dimensions == has:
        return vectors
    if dimensions > has or name not in _SHORTENABLE:
        raise Refused(f"the model {name} gives {has} dimensions, and no others: leave dimensions out")
    cut = vectors[:, :dimensions]
    lengths = numpy.linalg.norm(cut, axis=1, keepdims=True)
    shortened: Vectors = numpy.divide(cut, lengths, out=numpy.zeros_like(cut), where=lengths > 0)
    return shortened


def _sound(query: str) -> str:
    """The query as it can be searched for. Raises Refused when it is empty."""
    query = query.replace("\0", " ").strip()
    if not query:
        raise Refused("there is nothing to look for: the query is empty")
    return query


def _instant(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=UTC) if given is not None and given.tzinfo is None else given
