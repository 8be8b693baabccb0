"""What the server needs as long as it lives: settings, connections and models, opened once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import cast
from uuid import UUID

from starlette.requests import HTTPConnection

from resources.conversations.answering.budgeted_models import within_budget
from resources.conversations.answering.models import Models, ProviderModels, own_models, shared_models
from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import MillraceError, Misconfigured
from resources.foundation.files import ObjectStore
from resources.foundation.migrations import require_schema
from resources.foundation.model_names import EMBEDDED_MODEL, EXTRACTIVE_MODEL, OPENAI_ADDRESS
from resources.foundation.secrets import Keyring
from resources.foundation.settings import DEFAULT_SOURCE_TYPES, Settings
from resources.foundation.statements import Connection
from resources.identity.provider_keys import Own
from serving.seats import Seats

logger = logging.getLogger(__name__)

CONNECTIONS = 8
PATIENCE_S = 10.0  # whoever waits longer for a connection is told to come again
UPLOADS_AT_ONCE = 4  # each is held in memory until it is on disk


@dataclass(frozen=True)
class Desk:
    """What the addresses of management need beside. `database` connects as the role of the pipeline, which owns nothing
    either and is bound by the same policies, but may write what is known."""

    database: Database
    store: ObjectStore
    keyring: Keyring
    source_types: frozenset[str] = DEFAULT_SOURCE_TYPES
    embedding_model: str = EMBEDDED_MODEL  # of chatbots that are made
    chat_model: str = EXTRACTIVE_MODEL
    provider_address: str = OPENAI_ADDRESS
    allowed_hosts: frozenset[str] = frozenset()
    has_provider: bool = False  # of the installation's own, for every organization
    has_reranker: bool = False
    dagster_address: str = ""  # where its pages are, for operators; "" where that is not told
    uploading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(UPLOADS_AT_ONCE))


def _set_event() -> Event:
    event = Event()
    event.set()
    return event


@dataclass(frozen=True)
class House:
    """The parts that endpoints use. `database` connects as the role of the API, which owns nothing."""

    database: Database
    models: Models
    own: Own[Models] | None = None
    desk: Desk | None = None
    seats: Seats = field(default_factory=Seats)
    is_warm: Event = field(default_factory=_set_event)
    are_metrics_open: bool = False
    page_origins: frozenset[str] = frozenset()  # of other servers, whose pages may ask with a key

    def models_of(self, organization_id: UUID) -> Models:
        """The models as an organization uses them: with its own key where it has one, and within its budget."""
        with self.database.exchange(organization_id) as connection:
            return self.models_within(connection, organization_id)

    def models_within(self, connection: Connection, organization_id: UUID) -> Models:
        """As `models_of`, in a transaction of the organization that is there already."""
        own = self.models if self.own is None else self.own.within(connection, organization_id)
        return within_budget(connection, organization_id, own)


@contextmanager
def opened(settings: Settings) -> Iterator[House]:
    """The house for as long as the server runs. Raises Misconfigured unless the database has this version's schema."""
    server = Server(settings)
    try:
        require_schema(server)
        models = shared_models(settings)
        keyring = Keyring.from_settings(settings)
        own = own_models(models, keyring=keyring, base_url=settings.openai_base_url)
        with (
            open_database(server, "millrace_api", most=CONNECTIONS, patience_s=PATIENCE_S) as database,
            open_database(server, "millrace_pipeline", most=CONNECTIONS, patience_s=PATIENCE_S) as managing,
        ):
            is_warm = Event()
            Thread(target=_warm, args=(models, settings, is_warm), name="warming", daemon=True).start()
            desk = Desk(
                managing, ObjectStore(settings.home / "objects"), keyring, settings.api_source_types,
                embedding_model=settings.embedding_model, chat_model=settings.chat_model,
                provider_address=settings.openai_base_url or OPENAI_ADDRESS, allowed_hosts=settings.allowed_hosts,
                has_provider=bool(settings.openai_api_key or settings.openai_base_url),
                has_reranker=settings.rerank_base_url is not None,
                dagster_address=f"http://127.0.0.1:{settings.dagster_port}",
            )  # fmt: skip
            seats = Seats(settings.answers_at_once, settings.answers_of_organization)
            yield House(
                database, models, own, desk, seats, is_warm, settings.are_metrics_open, settings.page_origins
            )  # fmt: skip
    finally:
        server.close()


def house_of(connection: HTTPConnection) -> House:
    """The house of the server that this request came to."""
    return cast(House, connection.app.state.house)


def desk_of(connection: HTTPConnection) -> Desk:
    """What management needs; raises Misconfigured where this server was opened without it."""
    desk = house_of(connection).desk
    if desk is None:
        raise Misconfigured("this server was opened without its desk: it only answers questions")
    return desk


def _warm(models: ProviderModels, settings: Settings, is_warm: Event) -> None:
    try:
        models.warm(settings.embedding_model, settings.chat_model)
    except MillraceError as error:
        logger.warning("the models could not be loaded ahead: %s", error)
    finally:
        is_warm.set()
