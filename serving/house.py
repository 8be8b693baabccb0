"""What the server needs as long as it lives: settings, connections and models, opened once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import cast
from uuid import UUID

from starlette.requests import HTTPConnection

from resources.conversations.models import Models, ProviderModels, own_models
from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import MillraceError
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.identity.provider_keys import Own
from serving.commands.workplace import require_schema

logger = logging.getLogger(__name__)

CONNECTIONS = 8


@dataclass(frozen=True)
class House:
    """The parts that endpoints use. `database` connects as the role of the API, which owns nothing."""

    database: Database
    models: Models
    own: Own[Models] | None = None

    def models_of(self, organization_id: UUID) -> Models:
        """The models as an organization uses them: with its own key at the provider where it has one."""
        return self.models if self.own is None else self.own.of(self.database, organization_id)


@contextmanager
def opened(settings: Settings) -> Iterator[House]:
    """The house for as long as the server runs. Raises Misconfigured where the database has no schema yet."""
    server = Server(settings)
    try:
        require_schema(server)
        models = ProviderModels(base_url=settings.openai_base_url, api_key=settings.openai_api_key)
        own = own_models(models, keyring=Keyring.from_settings(settings), base_url=settings.openai_base_url)
        with open_database(server, "millrace_api", most=CONNECTIONS) as database:
            Thread(target=_warm, args=(models, settings), name="warming", daemon=True).start()
            yield House(database, models, own)
    finally:
        server.close()


def house_of(connection: HTTPConnection) -> House:
    """The house of the server that this request came to."""
    return cast(House, connection.app.state.house)


def _warm(models: ProviderModels, settings: Settings) -> None:
    try:
        models.warm(settings.embedding_model, settings.chat_model)
    except MillraceError as error:
        logger.warning("the models could not be loaded ahead: %s", error)
