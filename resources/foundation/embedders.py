"""Which embedder bears a name: the embedded model, or one at an OpenAI-compatible server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic

from resources.foundation.errors import Misconfigured, Unavailable
from resources.foundation.inference import Embedder, Vectors
from resources.foundation.model_names import EMBEDDED_MODEL, OPENAI_ADDRESS

FAILURES = 3
REST_S = 15.0


class WaryEmbedder:
    """An embedder that is not asked for some seconds after it failed three times on end: nobody waits for it in vain.

    After that one caller tries it, and the others go without until they know. Safe to share between threads.
    """

    def __init__(self, embedder: Embedder, *, clock: Callable[[], float] = monotonic) -> None:
        self._embedder = embedder
        self._clock = clock
        self._counting = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0

    @property
    def name(self) -> str:
        """The embedder's."""
        return self._embedder.name

    @property
    def version(self) -> str:
        """The embedder's."""
        return self._embedder.version

    @property
    def dimension(self) -> int:
        """The embedder's; it may be asked for it."""
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the embedder; raises Unavailable at once while it rests."""
        self._require_awake()
        try:
            vectors = self._embedder.embed(texts)
        except Unavailable:
            with self._counting:
                self._failures += 1
                if self._failures >= FAILURES:
                    self._rests_until = self._clock() + REST_S
            raise
        with self._counting:
            self._failures = 0
        return vectors

    def _require_awake(self) -> None:
        with self._counting:
            now = self._clock()
            if self._failures < FAILURES:
                return
            if now < self._rests_until:
                raise Unavailable(
                    f"the embedding model {self.name} failed {self._failures} times on end: it is asked again in "
                    f"{self._rests_until - now:.0f} s"
                )
            # this caller tries; the others go on without meanwhile
            self._rests_until = now + REST_S


def embedder_for(
    *,
    model: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    dimension: int | None = None,
    retries: int = 5,
    timeout_seconds: float = 60.0,
) -> Embedder:
    """Return the embedded model for None and its own name, and a remote one for every other name.

    Nothing is loaded or asked before the first use. `retries` and `timeout_seconds` (a try) concern the remote one: a
    pipeline has patience, a person who waits for an answer has less. Raises Misconfigured when the embedded model has
    not that dimension.
    """
    if model in (None, EMBEDDED_MODEL):
        from resources.foundation.embedded_model import EmbeddedModel

        embedded = EmbeddedModel()
        if dimension not in (None, embedded.dimension):
            raise Misconfigured(f"{embedded.name} has {embedded.dimension} dimensions, not {dimension}. Unset one.")
        return embedded
    from resources.foundation.openai_provider import RemoteEmbedder

    return RemoteEmbedder(
        str(model),
        base_url=base_url or OPENAI_ADDRESS,
        api_key=api_key,
        dimension=dimension,
        retries=retries,
        timeout_seconds=timeout_seconds,
    )
