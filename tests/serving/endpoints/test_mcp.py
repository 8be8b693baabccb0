"""The documents as tools of agents: a real client of the protocol, over HTTP and over standard input and output."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio
import httpx
import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

from resources.foundation.database import Database
from tests.conftest import make_organization
from tests.factories.library import MILL, open_chatbot, shelve
from tests.serving.conftest import Office, Served, make_key

Outcome = TypeVar("Outcome")
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def key(database: Database, office: Office) -> str:
    """A key that may search."""
    return make_key(database, office.organization_id, "search")


def test_an_agent_searches_and_reads_what_it_found(served: Served, key: str) -> None:
    async def story(client: Client) -> tuple[list[str], dict[str, Any], dict[str, Any]]:
        tools = (await client.list_tools()).tools
        found = await _called(client, "search", query="when is the sluice greased", limit=3)
        read = await _called(client, "fetch", id=found["results"][0]["id"])
        return [tool.name for tool in tools], found, read

    names, found, read = _told(served, key, story)

    assert names == ["search", "fetch"]
    best = found["results"][0]
    assert best["path"] == "sluice.md"
    assert "greased every second Monday" in best["text"]
    assert len(found["results"]) == 3
    assert read["text"] == MILL["sluice.md"]
    assert read["id"] == best["id"].split(":")[0]
    assert read["next_start"] is None
    assert read["metadata"]["version"] == 1


def test_the_tools_name_the_chatbots_and_ask_for_one_where_there_are_several(
    served: Served, key: str, database: Database, office: Office
) -> None:
    source_id = shelve(database, office.organization_id, {"tea.md": "Tea is served at four."}, name="kitchen")
    open_chatbot(database, office.organization_id, source_id, name="kitchen")

    async def story(client: Client) -> tuple[Any, str, dict[str, Any]]:
        schema = (await client.list_tools()).tools[0].input_schema
        return (
            schema,
            await _refused(client, "search", query="tea"),
            await _called(client, "search", query="tea", chatbot="kitchen"),
        )

    schema, refusal, found = _told(served, key, story)

    assert schema["properties"]["chatbot"]["enum"] == ["handbook", "kitchen"]
    assert refusal == "Name one of these in `chatbot`: handbook, kitchen."
    assert [result["path"] for result in found["results"]] == ["tea.md"]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search", {"query": "  "}, "`query` must be a text"),
        ("search", {"query": "flour", "limit": 1000}, "`limit` must be a whole number from 1 to 50"),
        ("search", {"query": "flour", "chatbot": "kettles"}, "Name one of these in `chatbot`: handbook."),
        ("fetch", {"id": "the one on grain"}, "There is no document 'the one on grain'"),
        ("fetch", {"id": UNKNOWN}, f"There is no document {UNKNOWN} that can be read."),
        ("fetch", {"id": UNKNOWN, "start": -1}, "`start` must be a whole number"),
        ("delete", {}, "There is no tool 'delete'"),
    ],
)
def test_a_wrong_call_is_answered_with_what_to_do(
    served: Served, key: str, tool: str, arguments: dict[str, object], said: str
) -> None:
    assert said in _told(served, key, lambda client: _refused(client, tool, **arguments))


def test_another_organizations_document_reads_like_one_that_does_not_exist(
    served: Served, key: str, database: Database
) -> None:
    other = make_organization(database, "other")
    shelve(database, other, {"secret.md": "The other mill's vault is behind the stove."})
    with database.transaction(other) as connection:
        row = connection.execute("select id from knowledge.documents").fetchone()
    assert row is not None

    async def story(client: Client) -> tuple[str, dict[str, Any]]:
        return await _refused(client, "fetch", id=str(row[0])), await _called(
            client, "search", query="vault behind the stove"
        )

    refusal, found = _told(served, key, story)

    assert refusal == f"There is no document {row[0]} that can be read."
    assert "vault" not in json.dumps(found)


def test_a_long_document_is_read_in_parts(served: Served, key: str, database: Database, office: Office) -> None:
    text = "\n\n".join(f"Entry {number}: the wheel turned {number} times." for number in range(3000))
    shelve(database, office.organization_id, {"log.md": text}, name="log")
    with database.transaction(office.organization_id) as connection:
        row = connection.execute("select id from knowledge.documents where file_path = 'log.md'").fetchone()
    assert row is not None

    async def story(client: Client) -> list[dict[str, Any]]:
        first = await _called(client, "fetch", id=str(row[0]))
        parts = [first]
        while parts[-1]["next_start"] is not None:
            parts.append(await _called(client, "fetch", id=str(row[0]), start=parts[-1]["next_start"]))
        return parts

    parts = _told(served, key, story)

    assert len(parts) > 1
    assert "".join(part["text"] for part in parts) == text


def test_a_key_without_the_scope_gets_nothing(served: Served, office: Office) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    statuses = [
        httpx.post(f"{served.address}/mcp", json=ping, headers=headers, timeout=60).status_code
        for headers in ({}, {"Authorization": f"Bearer {office.key}"})
    ]
    assert statuses == [401, 403]


def _told(served: Served, key: str, story: Callable[[Client], Awaitable[Outcome]]) -> Outcome:
    async def told() -> Outcome:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=30) as http,
            Client(streamable_http_client(f"{served.address}/mcp", http_client=http)) as client,
        ):
            return await story(client)

    with anyio.from_thread.start_blocking_portal() as portal:
        return portal.call(told)


async def _called(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    first = result.content[0]
    assert isinstance(first, TextContent)
    assert json.loads(first.text) == result.structured_content
    return dict(result.structured_content or {})


async def _refused(client: Client, tool: str, **arguments: object) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    first = result.content[0]
    assert isinstance(first, TextContent)
    return first.text
