"""Whoever leaves while a model is silent ends its call: nobody pays for what nobody hears."""

from __future__ import annotations

import json
import socket
from uuid import UUID

import pytest

from resources.conversations import messages, sessions
from resources.conversations.answering.models import Patience, ProviderModels
from resources.conversations.records import SessionMessage
from resources.foundation.database import Database
from tests.factories.waiting import wait_until
from tests.fixtures.openai_server import OpenAIServer, silent_until_left
from tests.serving.conftest import Office, Serve, Served, make_office

ASKED = [{"role": "user", "content": "How often is the sluice gate greased?"}]


@pytest.mark.parametrize("has_begun", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_a_silent_model_ends_its_call_and_no_other_model_is_asked(
    database: Database, organization_id: UUID, serve: Serve, has_begun: bool, stream: bool
) -> None:
    office = make_office(database, organization_id, llm_model="pensive")
    with OpenAIServer() as provider:
        provider.script(silent_until_left(has_begun=has_begun))
        served = serve(
            ProviderModels(base_url=provider.base_url, api_key="sk-test", patience=Patience(idle_seconds=120))
        )
        with sent_question(served, office.key, stream=stream):
            wait_until(lambda: len(provider.requests) == 1)
        assert provider.reader_left.wait(60)
        wait_until(lambda: kept_reply(database, office) is not None)
        assert len(provider.requests) == 1
    reply = kept_reply(database, office)
    assert reply is not None
    assert (reply.content, reply.metadata["outcome"]) == ("", "cancelled")
    assert reply.metadata["answered_by"] == "pensive"


def sent_question(served: Served, key: str, *, stream: bool) -> socket.socket:
    """A connection on which a question was sent, and nothing was read."""
    host, _, port = served.address.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    body = json.dumps({"model": "handbook", "messages": ASKED, "stream": stream}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def kept_reply(database: Database, office: Office) -> SessionMessage | None:
    with database.transaction(office.organization_id) as connection:
        for session in sessions.select_recent(connection, office.organization_id, chatbot_id=office.chatbot.id):
            return messages.select_for_session(connection, office.organization_id, session.id)[-1]
    return None
