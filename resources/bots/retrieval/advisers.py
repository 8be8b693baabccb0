"""Advisers: chat models that are asked in passing to say a question as it can be searched for.

Off unless a configuration asks for it. Where the model fails, or says something else, the question itself serves.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from resources.bots.records import QueryUnderstanding
from resources.bots.retrieval import understanding
from resources.foundation.errors import MillraceError, Unavailable
from resources.foundation.inference import Conversation, Message, Speech, Usage

logger = logging.getLogger(__name__)


class Adviser(Protocol):
    """A chat model, as the provider's speakers are."""

    def speak(self, prompt: Conversation) -> Speech:
        """Return what it says, word by word."""
        ...


@dataclass(frozen=True)
class Understanding:
    """What is searched for: `question`, and beside it `parts`; `failure` says why it is the question as it was asked.

    `is_asked` False: no model was asked, since there was nothing to ask. `usage` is what the model took.
    """

    question: str
    parts: tuple[str, ...] = ()
    is_asked: bool = False
    failure: str | None = None
    usage: Usage | None = None

    @property
    def questions(self) -> tuple[str, ...]:
        """All that is searched for, each once."""
        return tuple(dict.fromkeys([self.question, *self.parts]))


def understood(
    question: str,
    history: Sequence[tuple[str, str]],
    *,
    mode: QueryUnderstanding,
    adviser: Adviser | None,
) -> Understanding:
    """The question as a configuration has it understood; `history` is (role, content), oldest first.

    Without a model, by the mode `none`, and by `standalone` where nothing was said before, it is the question itself.
    Call it outside of any transaction.
    """
    if adviser is None or mode == "none" or (mode == "standalone" and not history):
        return Understanding(question)
    speech = adviser.speak(
        _Asking(tuple(understanding.told(question, history, mode=mode, delimiter=secrets.token_hex(8))))
    )
    try:
        said, parts = _heard(speech)
    except MillraceError as error:
        logger.warning("the question is searched for as it was asked: %s", error)
        return Understanding(question, (), is_asked=True, failure=str(error), usage=speech.usage)
    finally:
        speech.close()
    return Understanding(said, parts if mode == "subquestions" else (), is_asked=True, usage=speech.usage)


@dataclass(frozen=True)
class _Asking:
    """What a model is told."""

    told: tuple[Message, ...]
    temperature: float | None = 0.0
    # whoever thinks before it speaks needs room for both
    max_completion_tokens: int | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

    def messages(self) -> list[Message]:
        return list(self.told)


def _heard(speech: Speech) -> tuple[str, tuple[str, ...]]:
    for _ in speech:
        if len(speech.text) > understanding.LONGEST_VERDICT:
            raise Unavailable("the model does not come to an end with the question")
    read = understanding.read(speech.text)
    if read is None:
        raise Unavailable("the model did not answer with a question in JSON")
    return read
