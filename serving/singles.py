"""One way to manage what there is one of, such as an organization's settings: read it, change it, as collections do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Annotated, Any, Generic

from fastapi import FastAPI, Path, Request, Response
from pydantic import BaseModel

from resources.identity import audit_log
from resources.identity.records import Scope
from serving.collections import IfMatch, Record, Work, etag, record, require_match, typed, worker
from serving.failures import refusals
from serving.house import desk_of

_PART = Annotated[str, Path(alias="id", max_length=300, description="Its id, or its name if it has one.")]


@dataclass(frozen=True)
class Single(Generic[Record]):
    """What there is one of, at `address`, or one of each thing that `{id}` in the address names ('' without that)."""

    address: str
    noun: str
    tag: str
    scope: Scope
    body: type[BaseModel]
    read: Callable[[Work, str], Record]
    told: Callable[[Record], BaseModel]
    changes: type[BaseModel]
    change: Callable[[Work, str, Record, Any], Record]
    passing: frozenset[str] = frozenset()


def add_to(app: FastAPI, single: Single[Any]) -> None:
    """Serve it."""
    name = single.noun.replace(" ", "_")
    told = refusals(400, 401, 403, 404, 409, 412, 503)
    app.get(
        single.address, name=f"get_{name}", summary=f"The {single.noun}", tags=[single.tag],
        responses=refusals(401, 403, 404, 503),
    )(_reader(single))  # fmt: skip
    app.patch(
        single.address, name=f"change_{name}", summary=f"Change the {single.noun}", tags=[single.tag], responses=told
    )(_changer(single))


def _reader(single: Single[Any]) -> Callable[..., Any]:
    def read(request: Request, response: Response, caller: Any, part: str = "") -> BaseModel:
        desk = desk_of(request)
        with desk.database.transaction(caller.organization_id) as connection:
            shown = single.told(single.read(Work(connection, caller, desk), part))
        response.headers["ETag"] = etag(shown, single.passing)
        return shown

    return _described(read, single)


def _changer(single: Single[Any]) -> Callable[..., Any]:
    def change(
        request: Request, response: Response, body: BaseModel, caller: Any, part: str = "", if_match: IfMatch = None
    ) -> BaseModel:
        desk = desk_of(request)
        with desk.database.transaction(caller.organization_id) as connection:
            work = Work(connection, caller, desk)
            audit_log.hold(connection, caller.organization_id, entity=single.noun, entity_id=part)
            found = single.read(work, part)
            require_match(if_match, etag(single.told(found), single.passing))
            if body.model_fields_set:
                found = single.change(work, part, found, body)
                record(work, "change", single.noun, part or "own", frozenset(body.model_fields_set))
            shown = single.told(found)
        response.headers["ETag"] = etag(shown, single.passing)
        return shown

    return _described(change, single, body=single.changes)


def _described(endpoint: Callable[..., Any], single: Single[Any], **annotations: Any) -> Callable[..., Any]:
    """The endpoint with its types, and with `{id}` where the address has it."""
    endpoint.__doc__ = (single.body.__doc__ or "").strip()
    typed(endpoint, caller=worker(single.scope), part=_PART, **annotations, **{"return": single.body})
    described = signature(endpoint)
    parameters = [
        each.replace(kind=Parameter.KEYWORD_ONLY, default=Parameter.empty if name == "part" else each.default)
        for name, each in described.parameters.items()
        if name != "part" or "{id}" in single.address
    ]
    endpoint.__signature__ = described.replace(parameters=parameters)  # type: ignore[attr-defined]
    return endpoint
