"""The voice of one answer: the named models in turn, the extractive answerer after them, or stated words alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from resources.conversations.answering.models import Models
from resources.conversations.answering.speakers import EXTRACTIVE
from resources.conversations.records import Prompt
from resources.foundation.errors import MillraceError, Unavailable
from resources.foundation.inference import Speech, Usage, well_formed

logger = logging.getLogger(__name__)

DEFAULT_MESSAGE = "default_message"
BROKE_OFF = "the model broke off in the middle of its answer; what it said until then is kept"
_ENDINGS = ("stop", "length", "content_filter")


class Voice(Iterator[str]):
    """The words of an answer as they come, and afterwards who said them and how it ended.

    A model that fails before its first word, or says nothing, is replaced by the next of `names`, and after them by the
    extractive answerer (`instead_of` names the first then, `tried` all with what failed); one that fails later ends the
    answer (`failure` says so). Without passages the prompt's `no_answer` is all that is said, by `stated_by`.
    """

    def __init__(
        self, names: Sequence[str], prompt: Prompt, models: Models, *, stated_by: str = DEFAULT_MESSAGE
    ) -> None:
        self.prompt = prompt
        self.answered_by = stated_by
        self.failure: str | None = None
        self.tried: list[tuple[str, str]] = []
        self._models = models
        self._to_ask = list(dict.fromkeys([*names, EXTRACTIVE])) if prompt.passages else []
        self._speech: Speech | None = None
        self._is_silent = not prompt.passages
        self._message = iter([prompt.no_answer])

    def __next__(self) -> str:
        if self.failure is not None:
            raise StopIteration
        if self._is_silent:
            return next(self._message)
        while True:
            try:
                return storable(next(self._speaking()))
            except StopIteration:
                if self._speech is None or self._speech.text.strip() or self.answered_by == EXTRACTIVE:
                    raise
                self._give_way(Unavailable(f"the model {self.answered_by} said nothing"))
            except MillraceError as error:
                self._give_way(error)
                if self.failure is not None:
                    raise StopIteration from None

    def _speaking(self) -> Speech:
        """The speech of the model whose turn it is."""
        if self._speech is None:
            self.answered_by = self._to_ask.pop(0)
            self._speech = self._models.speaker(self.answered_by).speak(self.prompt)
        return self._speech

    def _give_way(self, error: MillraceError) -> None:
        """Let the next one begin, or end the answer where something was said already."""
        heard = self._speech.text if self._speech else ""
        logger.warning("%s failed after %d characters of its answer: %s", self.answered_by, len(heard), error)
        self.tried.append((self.answered_by, str(error)))
        if heard.strip():
            self.failure = BROKE_OFF
        elif not self._to_ask:
            raise error
        else:
            self.close()
            self._speech = None

    @property
    def instead_of(self) -> str | None:
        """The model that should have answered, where another did."""
        return self.tried[0][0] if self.tried and self.tried[0][0] != self.answered_by else None

    def close(self) -> None:
        """End the answer here."""
        if self._speech is not None:
            self._speech.close()

    @property
    def said(self) -> str:
        """All that was said, markers as they were spoken."""
        if self._is_silent:
            return self.prompt.no_answer
        return storable(self._speech.text) if self._speech else ""

    @property
    def finish_reason(self) -> str:
        """`stop`, `content_filter`, or `length` for an answer that was cut, by whomever."""
        if self._is_silent:
            return "stop"
        told = (self._speech.finish_reason if self._speech else None) or "length"
        return told if told in _ENDINGS else "stop"

    @property
    def is_free(self) -> bool:
        """Whether nobody but this machine answered."""
        return self._is_silent or self.answered_by == EXTRACTIVE

    @property
    def usage(self) -> Usage:
        """The tokens that were read and spoken."""
        return self._speech.usage if self._speech else Usage(0, 0, is_estimated=False)


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot keep: NUL and lone surrogates."""
    return well_formed(text).replace("\0", "\ufffd")
