"""Answers: the way of a question from its agent through retrieval to a verified answer that is kept.

No connection is held while a model thinks: what is decided and what is found take a short transaction each, the words
come without any, and one transaction at the end keeps the whole answer, however it ended.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from time import perf_counter
from uuid import UUID, uuid4

from psycopg.errors import ForeignKeyViolation

from resources.bots import agents, dispatching, model_config_versions, ranking, retrieval
from resources.bots.records import Chatbot, ModelConfigVersion, Route
from resources.bots.retrieval import Order
from resources.conversations import (
    citations,
    citing,
    messages,
    numbering,
    prompting,
    releasing,
    retrieval_logs,
    sessions,
    usage,
)
from resources.conversations.models import Models, serving_reranker
from resources.conversations.records import (
    Answered,
    AnswerEvent,
    Asked,
    Citation,
    Cited,
    Outcome,
    Passage,
    Prompt,
    Retrieved,
    Said,
)
from resources.conversations.voices import Voice, storable
from resources.foundation.counting import estimated_tokens
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Refused
from resources.foundation.statements import Connection
from resources.identity import expenses, model_prices, pricing

TITLE_CHARACTERS = 80
# Room that is left for the answer where nobody says how long it may be.
ANSWER_TOKENS = 1000


@dataclass(frozen=True)
class _Plan:
    """What is decided before the search: who asks what of which chatbot, by which recipe, agent and sources."""

    organization_id: UUID
    chatbot: Chatbot
    asked: Asked
    config: ModelConfigVersion
    route: Route
    source_ids: Sequence[UUID]
    message_id: UUID
    started: float

    @property
    def threshold(self) -> float:
        own = self.route.agent.similarity_threshold
        return self.config.similarity_threshold if own is None else own


@dataclass(frozen=True)
class _Finding:
    passages: tuple[Passage, ...] = ()
    log_id: UUID | None = None


def answer(
    database: Database, organization_id: UUID, *, chatbot: Chatbot, asked: Asked, models: Models
) -> Generator[AnswerEvent, None, None]:
    """Yield Retrieved, then the words as they come, then Answered, when all has been kept.

    The words, joined, are the text that is kept. Closing the iterator ends the model's answer and keeps what was said
    until then. A model that fails before its first word is replaced by the extractive answerer; where one fails later,
    what was said is kept, and Answered says so.
    Raises Missing without a configuration, Conflict without an agent, Refused for a question that is empty or longer
    than the agent reads, Unavailable when the question cannot be embedded.
    """
    plan = _planned(database, organization_id, chatbot, _sound(asked))
    finding = _found(database, plan, models)
    yield Retrieved(plan.message_id, plan.route.agent.name, plan.route.reason, finding.passages)
    voice = Voice(plan.route.agent.model_name or plan.config.llm_model, _prompt(plan, finding.passages), models)
    heard: list[str] = []
    try:
        for words in releasing.released(voice, voice.prompt.passages if chatbot.show_citations else ()):
            heard.append(words)
            yield Said(words)
    except GeneratorExit:
        # the asker has left; nobody hears more, but what was said is kept
        voice.close()
        _keep(database, plan, finding, voice, "".join(heard), has_left=True)
        raise
    answered = _keep(database, plan, finding, voice, "".join(heard))
    more = answered.text[sum(map(len, heard)) :]
    if more:
        yield Said(more)
    yield answered


def _sound(asked: Asked) -> Asked:
    """The question as it can be kept. Raises Refused when it is empty."""
    question = storable(asked.question).strip()
    if not question:
        raise Refused("there is no question: the last message of the user is empty")
    return replace(asked, question=question)


def _planned(database: Database, organization_id: UUID, chatbot: Chatbot, asked: Asked) -> _Plan:
    started = perf_counter()
    with database.transaction(organization_id) as connection:
        config = model_config_versions.get_active(connection, organization_id, chatbot.id)
        route = dispatching.choose(asked.question, agents.select_all(connection, organization_id, chatbot.id))
        if route is None:
            raise Conflict(f"chatbot {chatbot.name!r} has no active agent that answers users: make or activate one")
        source_ids = agents.select_source_ids(connection, organization_id, route.agent.id)
    most = route.agent.context_window
    if estimated_tokens(asked.question) > most:
        raise Refused(f"the question is longer than the {most} tokens that are read: shorten it")
    return _Plan(organization_id, chatbot, asked, config, route, source_ids, uuid4(), started)


def _found(database: Database, plan: _Plan, models: Models) -> _Finding:
    """What the answer may rest on. Embedding and reranking hold no connection.

    The search is logged in its own transaction, so that whoever erases a document meanwhile finds that it was found.
    """
    if not plan.source_ids:
        return _Finding()
    embedder = models.embedder(plan.config.embedding_model)
    reranker = serving_reranker(models, retrieval.reranker_name(plan.config))
    vector = embedder.embed([plan.asked.question])[0]
    started = perf_counter()
    k = plan.config.retrieval_k
    with database.transaction(plan.organization_id) as connection:
        candidates = retrieval.find_candidates(
            connection, plan.organization_id, config=plan.config, question=plan.asked.question, vector=vector,
            embedder=embedder, source_ids=plan.source_ids, k=retrieval.depth(k, reranker), threshold=plan.threshold,
        )  # fmt: skip
        most = plan.route.agent.max_documents
        found = candidates if reranker else ranking.of_first_documents(candidates, most)
        log_id = retrieval_logs.create(
            connection, plan.organization_id, chatbot_id=plan.chatbot.id, model_config_version_id=plan.config.id,
            query=plan.asked.question, query_embedding=vector, found=found, threshold=plan.threshold,
            k=k, elapsed_ms=1000 * (perf_counter() - started),
        )  # fmt: skip
    order = retrieval.ordered(plan.asked.question, candidates, reranker)
    offered = ranking.of_first_documents(order.passages[:k], most)
    if order.is_reranked:
        with database.transaction(plan.organization_id) as connection:
            retrieval_logs.set_reranked(
                connection, plan.organization_id, log_id, offered=offered, elapsed_ms=1000 * (perf_counter() - started)
            )
            _pay_reranker(connection, plan, order)
    return _Finding(numbering.numbered(offered), log_id)


def _prompt(plan: _Plan, passages: Sequence[Passage]) -> Prompt:
    agent, asked = plan.route.agent, plan.asked
    most_tokens = min(filter(None, [agent.max_tokens, asked.max_tokens]), default=None)
    warmths = [asked.temperature, agent.temperature, plan.chatbot.temperature]
    return prompting.compose(
        asked.question,
        passages,
        delimiter=secrets.token_hex(8),
        no_answer=agent.default_message,
        history=asked.history if agent.conversation_mode == "multi-turn" else (),
        instructions="\n\n".join(filter(None, [plan.config.instructions(plan.chatbot), agent.system_prompt])),
        token_budget=agent.context_window - min(most_tokens or ANSWER_TOKENS, agent.context_window // 2),
        temperature=next(warmth for warmth in warmths if warmth is not None),
        max_completion_tokens=most_tokens,
    )


def _keep(
    database: Database, plan: _Plan, finding: _Finding, voice: Voice, heard: str, *, has_left: bool = False
) -> Answered:
    """Verify the citations and keep the answer, in one transaction; again where a cited version is purged meanwhile."""
    try:
        return _keep_once(database, plan, finding, voice, heard, has_left=has_left)
    except ForeignKeyViolation:
        return _keep_once(database, plan, finding, voice, heard, has_left=has_left)


def _keep_once(
    database: Database, plan: _Plan, finding: _Finding, voice: Voice, heard: str, *, has_left: bool
) -> Answered:
    elapsed_s = perf_counter() - plan.started
    judged = citing.cited(voice.said, voice.prompt.passages)
    outcome = _outcome(voice, has_left=has_left)
    with database.transaction(plan.organization_id) as connection:
        # whoever erases takes the retrieval first: so this answer is kept before that, or without its words after it
        is_erased = finding.log_id is not None and not retrieval_logs.hold(
            connection, plan.organization_id, finding.log_id
        )
        verified = _verified(connection, plan.organization_id, judged, voice.prompt.passages, outcome)
        verified = [] if is_erased else verified
        dropped = judged.dropped + len(judged.citations) - len(verified)
        text = heard if has_left else _ended(heard, voice, dropped if plan.chatbot.show_citations else 0)
        kept = messages.ERASED if is_erased else text
        session_id = _keep_messages(connection, plan, voice, kept, outcome, dropped)
        citations.create_all(connection, plan.organization_id, message_id=plan.message_id, citations=verified)
        usage.create(
            connection, plan.organization_id, chatbot_id=plan.chatbot.id, agent_id=plan.route.agent.id,
            user_id=plan.asked.user_id, message_id=plan.message_id, model=voice.answered_by,
            prompt_tokens=voice.usage.prompt_tokens, completion_tokens=voice.usage.completion_tokens,
            cost=_pay(connection, plan.organization_id, voice), response_time=elapsed_s,
            request_data=plan.asked.request_data,
        )  # fmt: skip
        if finding.log_id is not None and not is_erased:
            retrieval_logs.set_answer(
                connection, plan.organization_id, finding.log_id, session_id=session_id, message_id=plan.message_id
            )
    return Answered(
        session_id=session_id,
        message_id=plan.message_id,
        text=text,
        outcome=outcome,
        citations=tuple(verified),
        citations_dropped=dropped,
        answered_by=voice.answered_by,
        instead_of=voice.instead_of,
        finish_reason=voice.finish_reason,
        failure=voice.failure,
        prompt_tokens=voice.usage.prompt_tokens,
        completion_tokens=voice.usage.completion_tokens,
        elapsed_ms=1000 * elapsed_s,
    )


def _pay(connection: Connection, organization_id: UUID, voice: Voice) -> Decimal | None:
    """What the answer costs, told to the budget; None where the model has no price."""
    if voice.is_free:
        return Decimal(0)
    price = model_prices.find_for(connection, organization_id, voice.answered_by)
    cost = pricing.cost(price, read=voice.usage.prompt_tokens, spoken=voice.usage.completion_tokens)
    tokens = voice.usage.prompt_tokens + voice.usage.completion_tokens
    expenses.record_answer(connection, organization_id, model=voice.answered_by, tokens=tokens, cost=cost)
    return cost


def _pay_reranker(connection: Connection, plan: _Plan, order: Order) -> None:
    """What the reranker took, told to the budget, where it says what that was."""
    name = retrieval.reranker_name(plan.config)
    if order.usage is None or name is None:
        return
    model = name.partition(":")[2]
    read, spoken = order.usage.prompt_tokens, order.usage.completion_tokens
    price = model_prices.find_for(connection, plan.organization_id, model)
    cost = pricing.cost(price, read=read, spoken=spoken)
    expenses.record_answer(connection, plan.organization_id, model=model, tokens=read + spoken, cost=cost)


def _outcome(voice: Voice, *, has_left: bool) -> Outcome:
    if has_left:
        return "cancelled"
    if voice.failure is not None:
        return "failed"
    return "no_answer" if voice.said.strip() in ("", voice.prompt.no_answer.strip()) else "answered"


def _verified(
    connection: Connection, organization_id: UUID, judged: Cited, passages: Sequence[Passage], outcome: Outcome
) -> list[Citation]:
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
    connection: Connection, plan: _Plan, voice: Voice, text: str, outcome: Outcome, dropped: int
) -> UUID:
    """The question and the answer in a session of their own; its id."""
    asked = plan.asked
    session_id = sessions.create(
        connection, plan.organization_id, chatbot_id=plan.chatbot.id, agent_id=plan.route.agent.id,
        user_id=asked.user_id, title=asked.question[:TITLE_CHARACTERS],
        status="error" if outcome == "failed" else "active",
    )  # fmt: skip
    question_id = messages.create(
        connection, plan.organization_id, session_id=session_id, role="user", content=asked.question,
        sender_id=asked.user_id, status="read", metadata={"earlier_messages": len(asked.history)},
    )  # fmt: skip
    messages.create(
        connection, plan.organization_id, id=plan.message_id, session_id=session_id, role="assistant", content=text,
        status="sent" if outcome == "cancelled" else "delivered", reply_to_id=question_id,
        metadata={
            "outcome": outcome, "answered_by": voice.answered_by, "instead_of": voice.instead_of,
            "finish_reason": voice.finish_reason, "failure": voice.failure, "citations_dropped": dropped,
            "routed_because": plan.route.reason, "model_config_version": plan.config.number,
        },
    )  # fmt: skip
    return session_id
