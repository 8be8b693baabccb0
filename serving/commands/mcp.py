"""`millrace mcp`: the documents as tools of an agent on this machine, over standard input and output."""

from __future__ import annotations

import anyio

from serving.commands.workplace import workplace


def mcp() -> None:
    """Speak the Model Context Protocol on standard input and output: an agent's tools to search and read documents.

    \b
    Example, in the settings of an agent:
        {"mcpServers": {"millrace": {"command": "millrace", "args": ["mcp"]}}}
    """
    from mcp.server.stdio import stdio_server

    from serving.agent_tools import Visitor, server_for

    with workplace() as place:
        visitor = Visitor(place.database, place.organization_id, place.budgeted_models)
        server = server_for(lambda request: visitor)

        async def speak() -> None:
            async with stdio_server() as (reading, writing):
                await server.run(reading, writing, server.create_initialization_options())

        anyio.run(speak)
