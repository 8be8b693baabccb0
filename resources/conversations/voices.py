"""The voice of one answer: the named model, the extractive answerer in its place, or nobody but the agent's message."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from resources.conversations.models import Models
from resources.conversations.records import Prompt
from resources.conversations.speakers import EXTRACTIVE
from resources.foundation.errors import MillraceError
from resources.foundation.inference import Speech, Usage, well_formed

logger = logging.getLogger(__name__)

DEFAULT_MESSAGE = "default_message"
BROKE_OFF = "the model broke off in the middle of its answer; what it said until then is kept"
_ENDINGS = ("stop", "length", "content_filter")


class Voice(Iterator[str]):
    """The words of an answer as they come, and afterwards who said them and how it ended.

    A model that fails before its first word is replaced by the extractive answerer (`instead_of` names it then); one
    that fails later ends the answer (`failure` says so). Without passages the prompt's `no_answer` is all that is said.
    """

    def __init__(self, name: str, prompt: Prompt, models: Models) -> None:
        self.prompt = prompt
        self.answered_by = name if prompt.passages else DEFAULT_MESSAGE
        self.instead_of: str | None = None
        self.failure: str | None = None
        self._models = models
        self._speech: Speech | None = models.speaker(name).speak(prompt) if prompt.passages else None
        self._message = iter([prompt.no_answer])

    def __next__(self) -> str:
        if self.failure is not None:
            raise StopIteration
        if self._speech is None:
            return next(self._message)
        try:
            return storable(next(self._speech))
        except MillraceError as error:
            self._give_way(self._speech, error)
            return next(self)

    def _give_way(self, speech: Speech, error: MillraceError) -> None:
        logger.warning("%s failed after %d characters of its answer: %s", self.answered_by, len(speech.text), error)
        if speech.text:
            self.failure = BROKE_OFF
        elif self.answered_by == EXTRACTIVE:
            raise error
        else:
            self.instead_of, self.answered_by = self.answered_by, EXTRACTIVE
            self._speech = self._models.speaker(EXTRACTIVE).speak(self.prompt)

    def close(self) -> None:
        """End the answer here."""
        if self._speech is not None:
            self._speech.close()

    @property
    def said(self) -> str:
        """All that was said, markers as they were spoken."""
        return storable(self._speech.text) if self._speech else self.prompt.no_answer

    @property
    def finish_reason(self) -> str:
        """`stop`, `content_filter`, or `length` for an answer that was cut, by whomever."""
        told = "stop" if self._speech is None else self._speech.finish_reason or "length"
        return told if told in _ENDINGS else "stop"

    @property
    def is_free(self) -> bool:
        """Whether nobody but this machine answered."""
        return self.answered_by in (EXTRACTIVE, DEFAULT_MESSAGE)

    @property
    def usage(self) -> Usage:
        """The tokens that were read and spoken."""
        return self._speech.usage if self._speech else Usage(0, 0, is_estimated=False)


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot keep: NUL and lone surrogates."""
    return well_formed(text).replace("\0", "\ufffd")
