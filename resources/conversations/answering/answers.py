"""Answers: the way of a question from its agent through retrieval to a verified answer that is kept.

No connection is held while a model thinks: what is decided and what is found take a short transaction each, the words
come without any, and one transaction at the end keeps the whole answer, however it ended.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from resources.bots.records import Chatbot
from resources.conversations.answering import containing, exchanges, findings, plans, prompting, releasing
from resources.conversations.answering.findings import Finding
from resources.conversations.answering.models import Models
from resources.conversations.answering.plans import Beginning, Plan
from resources.conversations.answering.voices import DEFAULT_MESSAGE, Voice, storable
from resources.conversations.records import AnswerEvent, Asked, Passage, Prompt, Retrieved, Said
from resources.foundation.database import Database
from resources.foundation.errors import Refused
from resources.foundation.statements import Connection

# Room that is left for the answer where nobody says how long it may be.
ANSWER_TOKENS = 1000


def answer(
    database: Database, organization_id: UUID, *, chatbot: Chatbot, asked: Asked, models: Models
) -> Generator[AnswerEvent, None, None]:
    """Begin in a transaction of its own, and go on; raises what both do."""
    with database.exchange(organization_id) as connection:
        beginning = begin(connection, organization_id, chatbot=chatbot, asked=asked)
    yield from go_on(database, beginning, models)


def begin(connection: Connection, organization_id: UUID, *, chatbot: Chatbot, asked: Asked) -> Beginning:
    """Read what the answer begins with, at the end of the caller's transaction.

    Raises Missing without a configuration or for another's session, Conflict without an agent, LimitReached where the
    agent was asked as often as it may be, Refused for a question that is empty.
    """
    return plans.begin(connection, organization_id, chatbot=chatbot, asked=_sound(asked))


def go_on(database: Database, beginning: Beginning, models: Models) -> Generator[AnswerEvent, None, None]:
    """Yield Retrieved, then the words as they come, then Answered, when all has been kept.

    The words, joined, are the text that is kept. Closing the iterator ends the model's answer and keeps what was said
    until then. A model that fails before its first word is replaced by the next one, at last by the extractive
    answerer; where one fails later, what was said is kept, and Answered says so. What an agent states needs neither
    search nor model.
    Raises Refused for a question that is longer than the agent reads, LimitReached where a model chose one that was
    asked as often as it may be. By words alone is searched where the question cannot be embedded.
    """
    plan = plans.make(database, beginning, models)
    finding = Finding() if plan.stated else findings.find(database, plan, models)
    yield Retrieved(
        plan.message_id, plan.route.agent.name, plan.route.reason, finding.passages, plan.session_id
    )  # fmt: skip
    voice = Voice(
        plan.models, prompt(plan, finding.passages), models,
        stated_by=plan.route.agent.type if plan.stated else DEFAULT_MESSAGE,
    )  # fmt: skip
    heard: list[str] = []
    try:
        for words in released(plan, voice):
            heard.append(words)
            yield Said(words)
    except GeneratorExit:
        # the asker has left; nobody hears more, but what was said is kept
        voice.close()
        exchanges.keep(
            database, plan, voice, "".join(heard), log_id=finding.log_id, detailed=finding.detailed,
            degraded=finding.degraded, has_left=True,
        )  # fmt: skip
        raise
    answered = exchanges.keep(
        database, plan, voice, "".join(heard), log_id=finding.log_id, detailed=finding.detailed,
        degraded=finding.degraded,
    )  # fmt: skip
    more = answered.text[sum(map(len, heard)) :]
    if more:
        yield Said(more)
    yield answered


def released(plan: Plan, voice: Voice) -> Iterator[str]:
    """The words as they may be told; those that are stated are told as they stand."""
    if plan.stated:
        return voice
    passages = voice.prompt.passages
    return containing.contained(
        releasing.released(voice, passages if plan.chatbot.show_citations else ()), passages
    )  # fmt: skip


def _sound(asked: Asked) -> Asked:
    """The question as it can be kept. Raises Refused when it is empty."""
    question = storable(asked.question).strip()
    if not question:
        raise Refused("there is no question: the last message of the user is empty")
    return replace(asked, question=question)


def prompt(plan: Plan, passages: Sequence[Passage]) -> Prompt:
    """What the model is told: the question with its passages, or the words that are stated."""
    agent, asked = plan.route.agent, plan.asked
    if plan.route.reply is not None:
        return Prompt(asked.question, (), (), "", "", plan.route.reply)
    most_tokens = min(filter(None, [agent.max_tokens, asked.max_tokens]), default=None)
    warmths = [asked.temperature, agent.temperature, plan.chatbot.temperature]
    return prompting.compose(
        asked.question,
        passages,
        delimiter=secrets.token_hex(8),
        no_answer=agent.default_message,
        history=plan.history,
        instructions="\n\n".join(filter(None, [plan.config.instructions(plan.chatbot), agent.system_prompt])),
        token_budget=agent.context_window - min(most_tokens or ANSWER_TOKENS, agent.context_window // 2),
        temperature=next(warmth for warmth in warmths if warmth is not None),
        max_completion_tokens=most_tokens,
        parameters=_parameters(plan),
        template=agent.user_prompt_template,
    )


def _parameters(plan: Plan) -> dict[str, object]:
    """What is asked of a model besides: what the asker wants, else what the agent has."""
    agent = plan.route.agent
    own = {
        "top_p": agent.top_p, "frequency_penalty": agent.frequency_penalty, "presence_penalty": agent.presence_penalty,
    }  # fmt: skip
    return {
        **agent.model_parameters, **{name: value for name, value in own.items() if value is not None},
        **plan.asked.parameters,
    }  # fmt: skip
