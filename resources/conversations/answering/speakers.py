"""Who answers: the extractive speaker that needs no model, or a remote one. What they say is judged in citing.py."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

from resources.conversations.answering import extracting, telling
from resources.conversations.records import Prompt
from resources.foundation.counting import estimated_tokens
from resources.foundation.inference import Embedder, Ending, Speech
from resources.foundation.model_names import OPENAI_ADDRESS

EXTRACTIVE = "extractive"


class Speaker(Protocol):
    """Answers a prompt, word by word."""

    @property
    def name(self) -> str: ...

    def speak(self, prompt: Prompt) -> Speech:
        """Return the answer as it comes; `usage` is known when it has ended."""
        ...


class ExtractiveSpeaker:
    """Quotes the sentences that answer, each with its marker; says `prompt.no_answer` when none does."""

    name = EXTRACTIVE

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder

    def speak(self, prompt: Prompt) -> Speech:
        """Return one sentence at a time. It reads no history and no instructions."""
        read = sum(estimated_tokens(passage.content) for passage in prompt.passages)
        return Speech(self._sentences(prompt), prompt_tokens=read + estimated_tokens(prompt.question))

    def _sentences(self, prompt: Prompt) -> Generator[str, None, Ending]:
        embed = self._embedder.embed if self._embedder else None
        extracts = extracting.extracts(prompt.question, prompt.passages, embed=embed)
        left = prompt.max_completion_tokens
        for position, extract in enumerate(extracts):
            told = ("\n\n" if position else "") + telling.told([extract])
            if left is not None:
                left -= estimated_tokens(told)
                if left < 0:
                    # the first is cut, so that there is an answer; others are told whole or not at all
                    if not position:
                        yield telling.cut(told, extract.passage, prompt.max_completion_tokens or 1)
                    return Ending("length")
            yield told
        if not extracts:
            yield prompt.no_answer
        return Ending("stop")


def speaker_for(
    *,
    model: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    embedder: Embedder | None = None,
    retries: int = 1,
    idle_seconds: float = 30.0,
) -> Speaker:
    """Return the extractive speaker for None and its own name, and a remote one for every other name."""
    if model in (None, EXTRACTIVE):
        return ExtractiveSpeaker(embedder)
    from resources.foundation.openai_provider import RemoteSpeaker

    return RemoteSpeaker(
        str(model), base_url=base_url or OPENAI_ADDRESS, api_key=api_key, retries=retries, idle_seconds=idle_seconds
    )
