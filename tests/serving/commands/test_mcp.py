"""The tools of agents over standard input and output, in a process of its own as an agent starts it."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from resources.foundation.database import Database, Server
from resources.identity import organizations
from tests.factories.library import MILL, open_chatbot, shelve


def test_an_agent_on_this_machine_searches(server: Server, database: Database, tmp_path: Path) -> None:
    organization_id = organizations.create(database, "default", "Default").id
    open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    started = StdioServerParameters(
        command=sys.executable, args=["-c", "from serving.cli import main; main()", "mcp"],
        env={"DATABASE_URL": server.admin_conninfo(), "MILLRACE_HOME": str(tmp_path / "home")},
    )  # fmt: skip

    async def story() -> list[str]:
        # asked in the newest way, a server has ten seconds to answer, which starting one takes on a busy machine
        async with Client(stdio_client(started), mode="legacy") as client:
            found = await client.call_tool("search", {"query": "when is the sluice greased", "limit": 1})
        assert found.structured_content is not None
        return [result["path"] for result in found.structured_content["results"]]

    assert anyio.run(story) == ["sluice.md"]
