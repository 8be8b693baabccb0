"""The real server on loopback, over a pool of ONE connection of the API's role, asked by real clients."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
import uvicorn
from openai import OpenAI

from resources.bots.records import Chatbot
from resources.conversations.answering.models import Models, ProviderModels
from resources.foundation.database import Database, Server, open_database
from resources.foundation.files import ObjectStore
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.identity import api_keys
from resources.identity.records import Scope
from serving.__main__ import uvicorn_config
from serving.app import create_app
from serving.house import Desk, House
from tests.conftest import make_organization
from tests.factories.library import MILL, open_chatbot, shelve

# Where the code lies on this machine: no answer tells it.
PLACE = str(Path(__file__).parents[2])


@dataclass(frozen=True)
class Office:
    """An organization with a served library: its chatbot and a key."""

    organization_id: UUID
    chatbot: Chatbot
    key: str


@dataclass(frozen=True)
class Served:
    """A running server."""

    address: str

    def client(self, key: str) -> OpenAI:
        return OpenAI(base_url=f"{self.address}/v1", api_key=key, max_retries=0, timeout=30)


Serve = Callable[[Models], Served]


@pytest.fixture
def office(database: Database, organization_id: UUID) -> Office:
    """The mill, whose documents may be asked."""
    return make_office(database, organization_id)


@pytest.fixture
def other_office(database: Database) -> Office:
    """Another organization, with a chatbot of another name."""
    return make_office(database, make_organization(database, "other"), name="kettles")


@pytest.fixture
def serve(server: Server, tmp_path: Path) -> Iterator[Serve]:
    """Start the server with these models; it stops with the test."""
    with (
        open_database(server, "millrace_api", most=1) as database,
        open_database(server, "millrace_pipeline", most=1) as managing,
        ExitStack() as stack,
    ):
        desk = Desk(managing, ObjectStore(tmp_path / "objects"), Keyring.from_settings(Settings(home=tmp_path)))
        yield lambda models: stack.enter_context(running(House(database, models, desk=desk)))


@pytest.fixture
def served(serve: Serve) -> Served:
    """The server with the embedded models."""
    return serve(ProviderModels())


@contextmanager
def running(house: House) -> Iterator[Served]:
    """Serve a house on a free port of loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # from here on, who connects waits for the server instead of being refused
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn_config(create_app(house), port=port))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{port}")
        finally:
            server.should_exit = True
            thread.join(20)


def make_office(
    database: Database,
    organization_id: UUID,
    *,
    name: str = "handbook",
    llm_model: str = "extractive",
    embedding_model: str = "wordllama-256",
) -> Office:
    """A library, a chatbot and a key in an organization."""
    source_id = shelve(database, organization_id, MILL)
    chatbot = open_chatbot(
        database, organization_id, source_id, name=name, llm_model=llm_model, embedding_model=embedding_model
    )
    return Office(organization_id, chatbot, make_key(database, organization_id))


def make_key(database: Database, organization_id: UUID, scope: Scope = "chat") -> str:
    """A key with one scope."""
    with database.transaction(organization_id) as connection:
        _, text = api_keys.create(connection, organization_id, name=f"for {scope}", scopes=[scope])
    return text
