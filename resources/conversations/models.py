"""The models that answer: made when they are first asked for, then kept. Safe to share between threads."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Protocol, TypeVar

from resources.conversations.speakers import EXTRACTIVE, Speaker, speaker_for
from resources.foundation.embedders import embedder_for
from resources.foundation.inference import Embedder
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.secrets import Keyring
from resources.identity.provider_keys import Own

Model = TypeVar("Model")

# Somebody waits for the answer: less patience than a pipeline has.
EMBEDDING_RETRIES = 1
EMBEDDING_TIMEOUT_SECONDS = 10.0


class Models(Protocol):
    """Gives the model that a configuration or an agent names."""

    def embedder(self, name: str) -> Embedder:
        """Return what turns questions into vectors."""
        ...

    def speaker(self, name: str) -> Speaker:
        """Return who answers."""
        ...


class ProviderModels:
    """Embedded models by their own names, all others at one OpenAI-compatible server."""

    def __init__(
        self, *, base_url: str | None = None, api_key: str | None = None, at_home: Models | None = None
    ) -> None:
        self._base_url = base_url
        self._at_home = at_home
        self._api_key = api_key
        self._making = Lock()
        self._embedders: dict[str, Embedder] = {}
        self._speakers: dict[str, Speaker] = {}

    def embedder(self, name: str) -> Embedder:
        """Return the embedder of this name, the same one each time."""
        return self._kept(self._embedders, name, self._new_embedder)

    def speaker(self, name: str) -> Speaker:
        """Return the speaker of this name, the same one each time."""
        return self._kept(self._speakers, name, self._new_speaker)

    def with_key(self, api_key: str) -> ProviderModels:
        """Return the same models, asked with another key; those that ask no server are shared."""
        return ProviderModels(base_url=self._base_url, api_key=api_key, at_home=self)

    def warm(self, *names: str) -> None:
        """Load what the first question would have to wait for. Asks no server anything."""
        self.embedder(EMBEDDED_MODEL).embed(["the mill"])
        if any(name not in (EMBEDDED_MODEL, EXTRACTIVE) for name in names):
            import openai.resources.chat
            import openai.resources.embeddings  # noqa: F401

    def _kept(self, kept: dict[str, Model], name: str, make: Callable[[str], Model]) -> Model:
        with self._making:
            if name not in kept:
                kept[name] = make(name)
            return kept[name]

    def _new_embedder(self, name: str) -> Embedder:
        if self._at_home is not None and name == EMBEDDED_MODEL:
            return self._at_home.embedder(name)
        return embedder_for(
            model=name, base_url=self._base_url, api_key=self._api_key,
            retries=EMBEDDING_RETRIES, timeout_seconds=EMBEDDING_TIMEOUT_SECONDS,
        )  # fmt: skip

    def _new_speaker(self, name: str) -> Speaker:
        if self._at_home is not None and name == EXTRACTIVE:
            return self._at_home.speaker(name)
        # the extractive answerer weighs sentences by the embedded model's vectors: its floors were set with them
        own = embedder_for(model=EMBEDDED_MODEL) if name == EXTRACTIVE else None
        return speaker_for(model=name, base_url=self._base_url, api_key=self._api_key, embedder=own)


def own_models(shared: ProviderModels, *, keyring: Keyring, base_url: str | None) -> Own[Models]:
    """Return the models by organization: asked with its own key where it has one."""
    return Own[Models](shared, shared.with_key, keyring=keyring, address=base_url, provider="openai")
