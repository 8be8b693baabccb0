"""The pages that people look at first: / to talk with a chatbot, and /search to look for passages alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from resources.bots import chatbots
from resources.bots.records import Chatbot
from resources.foundation.statements import Connection
from resources.identity import organizations
from resources.identity.records import Caller
from resources.knowledge.sources import data_sources, tags
from serving.authentication import Holder
from serving.house import house_of
from serving.rendering import Frame, page

MayChat = Annotated[Caller, Depends(Holder("chat"))]
MaySearch = Annotated[Caller, Depends(Holder("search"))]


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    app.get("/", include_in_schema=False)(show_chat)
    app.get("/search", include_in_schema=False)(show_search)


def show_chat(request: Request, caller: MayChat) -> Response:
    """Talk with a chatbot. What is said goes the way that programs' questions go."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        frame = frame_of(connection, caller, "/")
        found = chatbots.select_all(connection, caller.organization_id)
    return page(
        "chat.html", frame=frame, user_id=caller.user_id or "",
        chatbots=[{"name": one.name, "about": _about(one)} for one in found],
    )  # fmt: skip


def show_search(request: Request, caller: MaySearch) -> Response:
    """Try what a chatbot finds, with filters, and see why. The page asks POST /v1/search."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        return page(
            "search.html", frame=frame_of(connection, caller, "/search"),
            chatbots=chatbots.select_all(connection, caller.organization_id),
            sources=data_sources.select_all(connection, caller.organization_id),
            tags=tags.select_all(connection, caller.organization_id),
        )  # fmt: skip


def frame_of(connection: Connection, caller: Caller, here: str) -> Frame:
    """What is around a page for this person."""
    organization = organizations.get(connection, caller.organization_id)
    return Frame(organization.name, caller.name, caller.scopes, here)


def _about(chatbot: Chatbot) -> str:
    return chatbot.description
