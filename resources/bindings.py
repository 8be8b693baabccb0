"""What Dagster gives to assets, sensors and checks: plain objects. The only Dagster file below the doors.

No binding takes configuration: everything is read from the environment of the process, so that no address and no secret
can come into a run's configuration, which Dagster stores and shows.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import dagster as dg

from resources.bots.retrieval.advisers import Adviser
from resources.conversations.answering.models import Models, own_models, shared_models
from resources.foundation.database import DATABASE_NAME, Database, Server, open_database
from resources.foundation.embedders import embedder_for
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Embedder, Reranker
from resources.foundation.migrations import has_database, migrate, require_schema
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.identity.couriers import Courier
from resources.identity.provider_keys import Own
from resources.knowledge.readers.workers import ParserPool, parsers

LOGGER = logging.getLogger(__name__)
_PROGRESS_EVERY_S = 10.0

Progress = Callable[[str, int, int], None]
"""Called with a stage, how many are done and how many there are."""

ByName = Callable[[str], Embedder]
"""Gives the embedding model of a name."""


@dataclass(frozen=True)
class Embedders:
    """The models of retrieval: as the installation asks them, or with an organization's own key at the provider."""

    shared: ByName
    own: Own[ByName]
    serving: Own[Models]

    def __call__(self, name: str) -> Embedder:
        """The model of a name, with the installation's key."""
        return self.shared(name)

    def of(self, database: Database, organization_id: UUID) -> ByName:
        """The models by name, with the organization's own key where it has one. Raises Misconfigured."""
        return self.own.of(database, organization_id)

    def reranker(self, database: Database, organization_id: UUID, name: str | None) -> Reranker | None:
        """The reranker of a name, as it serves the organization; None for none. Raises Misconfigured."""
        return None if name is None else self.serving.of(database, organization_id).reranker(name)

    def adviser(self, database: Database, organization_id: UUID, name: str) -> Adviser | None:
        """What is asked in passing, as it serves the organization; None for the extractive answerer."""
        return self.serving.of(database, organization_id).adviser(name)


@functools.cache
def house_server() -> Server:
    """The server that the environment names, attached for the life of this process.

    An embedded server that has nothing in it yet is set up, so that `dagster dev` works before anything else was run.
    """
    server = Server(Settings.from_environment())
    if server.embedded is not None and not has_database(server, DATABASE_NAME):
        migrate(server)
    return server


@functools.cache
def _migrated_server() -> Server:
    """The server, of which is known that its schema is this version's. Raises Misconfigured otherwise."""
    require_schema(house_server())
    return house_server()


class ServerBinding(dg.ConfigurableResource[Server]):
    """The PostgreSQL server in use."""

    def create_resource(self, context: dg.InitResourceContext) -> Server:
        return house_server()


class DatabaseBinding(dg.ConfigurableResource[Database]):
    """A pool of connections as the pipeline's role."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Database]:
        with open_database(_migrated_server(), "millrace_pipeline") as database:
            yield database


class StoreBinding(dg.ConfigurableResource[ObjectStore]):
    """Where the bytes of documents are kept."""

    def create_resource(self, context: dg.InitResourceContext) -> ObjectStore:
        return ObjectStore(Settings.from_environment().home / "objects")


class KeyringBinding(dg.ConfigurableResource[Keyring]):
    """The keys that open stored secrets."""

    def create_resource(self, context: dg.InitResourceContext) -> Keyring:
        return Keyring.from_settings(Settings.from_environment())


class CourierBinding(dg.ConfigurableResource[Courier]):
    """Who tells people what happened: by webhooks, and by mail where there is a mail server."""

    def create_resource(self, context: dg.InitResourceContext) -> Courier:
        return Courier.from_settings(Settings.from_environment())


class EmbeddersBinding(dg.ConfigurableResource[Embedders]):
    """The embedding models by name, each opened once."""

    def create_resource(self, context: dg.InitResourceContext) -> Embedders:
        return embedders(Settings.from_environment())


class ParsersBinding(dg.ConfigurableResource[ParserPool]):
    """Bounded processes that parse files; none is started before the first file."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[ParserPool]:
        with parsers(count=2) as pool:
            yield pool


class ProgressBinding(dg.ConfigurableResource[Progress]):
    """Where assets tell how far they are: the run's log, a line every 10 s, since Dagster keeps each for good."""

    def create_resource(self, context: dg.InitResourceContext) -> Progress:
        said_at = 0.0

        def log(stage: str, done: int, total: int) -> None:
            nonlocal said_at
            if time.monotonic() - said_at >= _PROGRESS_EVERY_S:
                said_at = time.monotonic()
                LOGGER.info("%s: %d of %d", stage, done, total)

        return log


def bindings() -> Mapping[str, object]:
    """All of them, under the names that assets ask for."""
    return {
        "server": ServerBinding(),
        "database": DatabaseBinding(),
        "store": StoreBinding(),
        "keyring": KeyringBinding(),
        "courier": CourierBinding(),
        "embedders": EmbeddersBinding(),
        "parser_pool": ParsersBinding(),
        "progress": ProgressBinding(),
    }


def embedders(settings: Settings) -> Embedders:
    """The models of these settings, by name; each is made once."""

    def asked_with(api_key: str | None, at_home: ByName | None = None) -> ByName:
        @functools.cache
        def embedder(name: str) -> Embedder:
            if at_home is not None and name == EMBEDDED_MODEL:
                return at_home(name)
            return embedder_for(model=name, base_url=settings.openai_base_url, api_key=api_key)

        return embedder

    keyring = Keyring.from_settings(settings)
    shared = asked_with(settings.openai_api_key)
    own = Own[ByName](
        shared, lambda secret: asked_with(secret, shared), keyring=keyring, address=settings.openai_base_url,
        provider="openai",
    )  # fmt: skip
    serving = own_models(shared_models(settings), keyring=keyring, base_url=settings.openai_base_url)
    return Embedders(shared, own, serving)
