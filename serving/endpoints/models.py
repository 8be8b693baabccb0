"""GET /v1/models: the chatbots of the caller's organization, as models."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from resources.bots import chatbots
from resources.bots.records import Chatbot
from resources.conversations.answering.models import Models
from resources.foundation.statements import Connection
from resources.identity import organizations
from resources.identity.records import Caller
from serving.authentication import Holder
from serving.failures import UnknownModel, refusals
from serving.house import House, house_of
from serving.wire import ModelCard, ModelList, model_card

UNKNOWN = "there is no chatbot of this name, or not for this key: GET /v1/models lists those there are"
MayChat = Annotated[Caller, Depends(Holder("chat"))]


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    app.get("/v1/models", tags=["models"], summary="List chatbots", responses=refusals(401, 403))(list_models)
    app.get("/v1/models/{name}", tags=["models"], summary="One chatbot", responses=refusals(401, 403, 404))(get_model)


def list_models(request: Request, caller: MayChat) -> ModelList:
    """The chatbots that this key may ask."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        owner = organizations.get(connection, caller.organization_id).slug
        found = chatbots.select_all(connection, caller.organization_id)
    return ModelList(data=[model_card(chatbot, owner) for chatbot in found])


def get_model(name: str, request: Request, caller: MayChat) -> ModelCard:
    """One chatbot by its name."""
    house = house_of(request)
    chatbot = chatbot_named(house, caller, name)
    with house.database.transaction(caller.organization_id) as connection:
        return model_card(chatbot, organizations.get(connection, caller.organization_id).slug)


def chatbot_named(house: House, caller: Caller, name: str) -> Chatbot:
    """The chatbot of the caller's organization that bears the name; raises UnknownModel."""
    with house.database.exchange(caller.organization_id) as connection:
        return _named(connection, caller, name)


def addressed(house: House, caller: Caller, name: str) -> tuple[Chatbot, Models]:
    """As `chatbot_named`, and the models as its organization uses them."""
    with house.database.exchange(caller.organization_id) as connection:
        return addressed_within(connection, house, caller, name)


def addressed_within(connection: Connection, house: House, caller: Caller, name: str) -> tuple[Chatbot, Models]:
    """As `addressed`, in a transaction of the organization that is there already."""
    return _named(connection, caller, name), house.models_within(connection, caller.organization_id)


def _named(connection: Connection, caller: Caller, name: str) -> Chatbot:
    # PostgreSQL takes no NUL in a text, and no name has one
    chatbot = None if "\0" in name else chatbots.find_by_name(connection, caller.organization_id, name)
    if chatbot is None:
        raise UnknownModel(
            "there is no chatbot of this name, or not for this key: GET /v1/models lists those there are"
        )
    return chatbot
