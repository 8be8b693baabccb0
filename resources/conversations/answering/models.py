"""The models that answer: made when they are first asked for, then kept. Safe to share between threads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from typing import Protocol, TypeVar

from resources.bots.retrieval.advisers import Adviser
from resources.conversations.answering.speakers import EXTRACTIVE, Speaker, speaker_for
from resources.foundation.embedders import WaryEmbedder, embedder_for
from resources.foundation.errors import Misconfigured
from resources.foundation.inference import Embedder, Reranker
from resources.foundation.model_names import EMBEDDED_MODEL, OPENAI_ADDRESS
from resources.foundation.rerankers import Provider, reranker_for
from resources.foundation.secrets import Keyring
from resources.foundation.settings import ProviderAddress, Settings
from resources.identity.provider_keys import Own

logger = logging.getLogger(__name__)

Model = TypeVar("Model")
_NOWHERE: Mapping[str, ProviderAddress] = MappingProxyType({})


@dataclass(frozen=True)
class Patience:
    """How long a provider is waited for. Somebody waits for the answer: less patience than a pipeline has.

    `idle_seconds`: until the first word, and between two.
    """

    embedding_retries: int = 1
    embedding_seconds: float = 10.0
    speaking_retries: int = 1
    idle_seconds: float = 30.0


# The question can be searched for without advice, too.
ADVICE_SECONDS = 8.0


class Models(Protocol):
    """Gives the model that a configuration or an agent names."""

    def embedder(self, name: str) -> Embedder:
        """Return what turns questions into vectors."""
        ...

    def speaker(self, name: str) -> Speaker:
        """Return who answers."""
        ...

    def reranker(self, name: str | None) -> Reranker | None:
        """Return what orders passages, None for none. Raises Misconfigured for a name that is no reranker's."""
        ...

    def adviser(self, name: str) -> Adviser | None:
        """Return a chat model that is asked in passing: it has seconds, and one try. None where there is none."""
        ...


class ProviderModels:
    """Embedded models by their own names, all others at one OpenAI-compatible server.

    `rerank_base_url`: where `rerank:` is asked instead, with `rerank_api_key`, whoever asks. `elsewhere`: further
    providers of answers by name; a model `small@name` is asked there, with that provider's own key.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        rerank_base_url: str | None = None,
        rerank_api_key: str | None = None,
        at_home: Models | None = None,
        elsewhere: Mapping[str, ProviderAddress] = _NOWHERE,
        patience: Patience = Patience(),
    ) -> None:
        self._elsewhere = elsewhere
        self.patience = patience
        self._base_url = base_url
        self._at_home = at_home
        self._api_key = api_key
        self._provider = Provider(base_url, api_key, rerank_base_url, rerank_api_key)
        self._rerankers: dict[str, Reranker | None] = {}
        self._making = Lock()
        self._embedders: dict[str, Embedder] = {}
        self._speakers: dict[str, Speaker] = {}
        self._advisers: dict[str, Adviser] = {}

    def embedder(self, name: str) -> Embedder:
        """Return the embedder of this name, the same one each time."""
        return self._kept(self._embedders, name, self._new_embedder)

    def speaker(self, name: str) -> Speaker:
        """Return the speaker of this name, the same one each time."""
        return self._kept(self._speakers, name, self._new_speaker)

    def reranker(self, name: str | None) -> Reranker | None:
        """Return the reranker of this name, the same one each time."""
        return None if name is None else self._kept(self._rerankers, name, self._new_reranker)

    def adviser(self, name: str) -> Adviser | None:
        """Return the chat model of this name with little patience, the same one each time; None for the extractive."""
        return None if name == EXTRACTIVE else self._kept(self._advisers, name, self._new_adviser)

    def with_key(self, api_key: str) -> ProviderModels:
        """Return the same models, asked with another key; those that ask no server are shared."""
        known = self._provider
        return ProviderModels(
            base_url=self._base_url, api_key=api_key, rerank_base_url=known.rerank_base_url,
            rerank_api_key=known.rerank_api_key, at_home=self, elsewhere=self._elsewhere, patience=self.patience,
        )  # fmt: skip

    def warm(self, *names: str) -> None:
        """Load what the first question would have to wait for. Asks no server anything."""
        self.embedder(EMBEDDED_MODEL).embed(["the mill"])
        has_provider = self._base_url is not None or self._api_key is not None
        if has_provider or any(name not in (EMBEDDED_MODEL, EXTRACTIVE) for name in names):
            # a configuration with a model of the provider may be activated at any time
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
        embedder = embedder_for(
            model=name, base_url=self._base_url, api_key=self._api_key,
            retries=self.patience.embedding_retries, timeout_seconds=self.patience.embedding_seconds,
        )  # fmt: skip
        return embedder if name == EMBEDDED_MODEL else WaryEmbedder(embedder)

    def _new_speaker(self, name: str) -> Speaker:
        if self._at_home is not None and name == EXTRACTIVE:
            return self._at_home.speaker(name)
        # the extractive answerer weighs sentences by the embedded model's vectors: its floors were set with them
        own = embedder_for(model=EMBEDDED_MODEL) if name == EXTRACTIVE else None
        model, base_url, api_key = self._placed(name)
        return speaker_for(
            model=model, base_url=base_url, api_key=api_key, embedder=own,
            retries=self.patience.speaking_retries, idle_seconds=self.patience.idle_seconds,
        )  # fmt: skip

    def _placed(self, name: str) -> tuple[str, str | None, str | None]:
        """The model, address and key of a name; raises Misconfigured for a provider that nobody set."""
        model, at, provider = name.rpartition("@")
        if not at:
            return name, self._base_url, self._api_key
        if provider not in self._elsewhere:
            raise Misconfigured(f"the model {name} is at a provider that is not set: name it in MILLRACE_PROVIDERS")
        return model, self._elsewhere[provider].base_url, self._elsewhere[provider].api_key

    def _new_adviser(self, name: str) -> Adviser:
        from resources.foundation.openai_provider import RemoteSpeaker

        model, base_url, api_key = self._placed(name)
        return RemoteSpeaker(
            model, base_url=base_url or OPENAI_ADDRESS, api_key=api_key,
            retries=0, idle_seconds=ADVICE_SECONDS, total_seconds=ADVICE_SECONDS,
        )  # fmt: skip

    def _new_reranker(self, name: str) -> Reranker | None:
        if self._at_home is not None and name.startswith("local:"):
            return self._at_home.reranker(name)
        return reranker_for(name, self._provider)


def serving_reranker(models: Models, name: str | None) -> Reranker | None:
    """The reranker of this name; None, with a line in the log, where there is no such reranker: the search serves."""
    try:
        return models.reranker(name)
    except Misconfigured as error:
        logger.warning("nothing is reranked: %s", error)
        return None


def shared_models(settings: Settings) -> ProviderModels:
    """Return the models as the installation asks them."""
    return ProviderModels(
        base_url=settings.openai_base_url, api_key=settings.openai_api_key,
        rerank_base_url=settings.rerank_base_url, rerank_api_key=settings.rerank_api_key,
        elsewhere=settings.providers,
    )  # fmt: skip


def own_models(shared: ProviderModels, *, keyring: Keyring, base_url: str | None) -> Own[Models]:
    """Return the models by organization: asked with its own key where it has one."""
    return Own[Models](shared, shared.with_key, keyring=keyring, address=base_url, provider="openai")
