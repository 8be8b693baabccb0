"""/mcp: the documents as tools of agents (Model Context Protocol, streamable HTTP), under the same keys as the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from fastapi import Depends, FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from resources.identity.records import Caller
from serving.authentication import Holder, count
from serving.house import house_of

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from serving.agent_tools import Visitor

MaySearch = Annotated[Caller, Depends(Holder("search"))]


class Toolbox:
    """The protocol's server, as long as the application runs. It is loaded beside the start, which does not wait."""

    def __init__(self) -> None:
        self._ready = anyio.Event()
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def open(self, app: FastAPI) -> AsyncIterator[None]:
        """Be there while the application runs."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._stay)
            yield
            group.cancel_scope.cancel()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Each stands alone, so any process can answer it."""
        await self._ready.wait()
        assert self._manager is not None
        await self._manager.handle_request(scope, receive, send)

    async def _stay(self) -> None:
        self._manager = await anyio.to_thread.run_sync(_manager)
        async with self._manager.run():
            self._ready.set()
            await anyio.sleep_forever()


class _Passed(Response):
    """An answer that the protocol's own server sends."""

    def __init__(self, toolbox: Toolbox) -> None:
        super().__init__()
        self._toolbox = toolbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._toolbox.handle(scope, receive, send)


def add_to(app: FastAPI) -> None:
    """Serve this address. It is no part of the REST API's description: the protocol describes itself."""
    app.api_route("/mcp", methods=["GET", "POST", "DELETE"], include_in_schema=False)(speak)


async def speak(request: Request, caller: MaySearch) -> Response:
    """A message of the protocol, for the organization of the key."""
    return _Passed(request.app.state.toolbox)


def _manager() -> StreamableHTTPSessionManager:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings

    from serving.agent_tools import server_for

    # a page of another host that got here by a name of its own would still lack the key, and cookies count for nothing
    unbound = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return StreamableHTTPSessionManager(
        server_for(_visitor), stateless=True, json_response=True, security_settings=unbound
    )


def _visitor(request: Any) -> Visitor:
    from serving.agent_tools import Visitor

    house, caller = house_of(request), request.state.caller
    models = house.models_of(caller.organization_id)
    return Visitor(house.database, caller.organization_id, models, partial(count, house, caller))
