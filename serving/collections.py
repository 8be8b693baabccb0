"""One way to manage every entity over HTTP: list, create, read, change and remove, made of what the entity declares.

An entity says which bodies it takes and shows and by which domain functions it is managed; pages, ETags, idempotency
keys, permissions and the audit log are made here, alike for all. What only one entity can do (sync, approve, activate)
is an address of its own beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from resources.identity import audit_log, idempotent_requests
from resources.identity.records import Caller, Scope
from serving.authentication import Holder
from serving.failures import Forbidden, refusals
from serving.house import Desk, desk_of

Record = TypeVar("Record")
Shown = TypeVar("Shown", bound=BaseModel)
Many = TypeVar("Many", bound=BaseModel)

IfMatch = Annotated[
    str | None,
    Header(max_length=1000, description="The ETag of what was read: refused with 412 where it has changed since."),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1, max_length=255,
        description="Of your choice. The same request with the same key makes one thing, however often it is sent "
        "within a day; what it made is told as it is now, and no secret is told again.",
    ),
]  # fmt: skip
_CHANGES = {"schema": {"type": "string"}, "description": "Changes whenever what may be set does."}
_TAG: dict[str, Any] = {"headers": {"ETag": _CHANGES}}


class Page(BaseModel):
    """Which page of a list. A list adds its filters."""

    model_config = ConfigDict(extra="forbid")
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[str | None, Field(max_length=300, description="The last_id of the page before.")] = None


class Named(Page):
    """A page of things that have a name."""

    sort: Annotated[
        Literal["name", "-name", "created_at", "-created_at"], Field(description="A hyphen: the other way round.")
    ] = "name"


class Alphabetical(Page):
    """A page of things by their names."""

    sort: Annotated[Literal["name", "-name"], Field(description="A hyphen: the other way round.")] = "name"


class Timed(Page):
    """A page of what has its time; `sort` names it, with a hyphen for the latest first."""

    sort: str

    @property
    def oldest_first(self) -> bool:
        """Whether what happened first comes first."""
        return not self.sort.startswith("-")


class Chronological(Timed):
    """A page of what happened."""

    sort: Annotated[
        Literal["-created_at", "created_at"],
        Field(description="With a hyphen the latest first, without it the oldest."),
    ] = "-created_at"


class ByUse(Timed):
    """A page of what goes on."""

    sort: Annotated[
        Literal["-updated_at", "updated_at"],
        Field(description="With a hyphen the latest first, without it the oldest."),
    ] = "-updated_at"


class Listed(BaseModel, Generic[Shown]):
    """A page of a list."""

    object: Literal["list"] = "list"
    data: list[Shown]
    first_id: str | None
    last_id: str | None = Field(description="Give it as `after` to get the next page.")
    has_more: bool


@dataclass(frozen=True)
class Work:
    """What an entity is managed with: one transaction, for one caller."""

    connection: Connection
    caller: Caller
    desk: Desk

    @property
    def organization_id(self) -> UUID:
        """Whose things these are."""
        return self.caller.organization_id


@dataclass(frozen=True)
class Made(Generic[Record]):
    """What was created, and what is told of it this once: fields of its body, such as a key's text."""

    record: Record
    once: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Collection(Generic[Record]):
    """An entity as the API manages it, at /v1/<name> and /v1/<name>/{id}; what is None cannot be done.

    `get` finds one by what stands in the address, and raises Missing. `select` gives all that pass the filters of a
    page, or where `is_paged` those after the page's `after`, one more than its `limit`. `told` makes the body.
    `passing`: fields of the body that change by themselves, which an ETag leaves out.
    """

    name: str
    noun: str
    scope: Scope
    body: type[BaseModel]
    told: Callable[[Work, Record], BaseModel]
    select: Callable[[Work, Any], Sequence[Record]]
    get: Callable[[Work, str], Record]
    key: Callable[[Record], object] = lambda record: record.id  # type: ignore[attr-defined]
    page: type[Page] = Named
    is_paged: bool = False
    new: type[BaseModel] | None = None
    create: Callable[[Work, Any], Made[Record]] | None = None
    changes: type[BaseModel] | None = None
    change: Callable[[Work, Record, Any], Record] | None = None
    remove: Callable[[Work, Record], None] | None = None
    briefly: Callable[[Work, Record], BaseModel] | None = None
    passing: frozenset[str] = frozenset()
    param: str = "id"
    plural: str | None = None

    @property
    def address(self) -> str:
        """Where they are listed."""
        return f"/v1/{self.name}"


def add_to(app: FastAPI, collection: Collection[Any]) -> None:
    """Serve an entity."""
    noun = collection.noun.replace(" ", "_")
    many = collection.name.replace("-", "_")
    article = "an" if noun[0] in "aeio" or noun == "API_key" else "a"
    listed = collection.plural or collection.name.replace("-", " ")
    about: dict[str, Any] = {"tags": [collection.name]}
    one = f"{collection.address}/{{{collection.param}}}"
    shows: dict[int | str, dict[str, Any]] = {200: _TAG}
    app.get(
        collection.address, name=f"list_{many}", summary=f"List {listed}", responses=refusals(400, 401, 403, 404, 503),
        **about,
    )(_lister(collection))  # fmt: skip
    if collection.create is not None:
        app.post(
            collection.address, name=f"create_{noun}", summary=f"Make {article} {collection.noun}", status_code=201,
            responses={**refusals(400, 401, 403, 404, 409, 422, 503), 201: _TAG}, **about,
        )(_creator(collection))  # fmt: skip
    app.get(
        one, name=f"get_{noun}", summary=f"One {collection.noun}", responses={**refusals(401, 403, 404, 503), **shows},
        **about,
    )(_reader(collection))  # fmt: skip
    if collection.change is not None:
        app.patch(
            one, name=f"change_{noun}", summary=f"Change {article} {collection.noun}",
            responses={**refusals(400, 401, 403, 404, 409, 412, 503), **shows}, **about,
        )(_changer(collection))  # fmt: skip
    if collection.remove is not None:
        app.delete(
            one, name=f"remove_{noun}", summary=f"Remove {article} {collection.noun}", status_code=204,
            responses=refusals(400, 401, 403, 404, 409, 412, 503), **about,
        )(_remover(collection))  # fmt: skip


def listed(
    many: type[Many],
    found: Sequence[Record],
    limit: int,
    *,
    tell: Callable[[Record], BaseModel],
    key: Callable[[Record], object] = lambda record: record.id,  # type: ignore[attr-defined]
) -> Many:
    """A page of a list, of which one more than `limit` was asked for."""
    ids = [str(key(each)) for each in found[:limit]]
    return many(
        data=[tell(each) for each in found[:limit]], first_id=ids[0] if ids else None, last_id=ids[-1] if ids else None,
        has_more=len(found) > limit,
    )  # fmt: skip


def given(body: BaseModel) -> dict[str, Any]:
    """The fields that a body gives; a null that was given is given."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def left_out() -> Any:
    """The default of a field that may be left out and may not be null: it is never looked at (see `given`)."""
    return None


def text_of(part: str) -> str:
    """A part of an address as a text: PostgreSQL takes no NUL in one, and no name has one."""
    return part.replace("\0", "\ufffd")


def id_of(part: str) -> UUID | None:
    """The id that stands in an address, if one does."""
    try:
        return UUID(part)
    except ValueError:
        return None


def by_id_or_name(
    select: Callable[[Connection, UUID], Sequence[Record]],
    noun: str,
    address: str,
    *,
    name: str = "name",
) -> Callable[[Work, str], Record]:
    """Finds one among all, by its id or its name; raises Missing in words that tell nothing of other organizations."""

    def get(work: Work, part: str) -> Record:
        every = select(work.connection, work.organization_id)
        wanted, called = id_of(part), text_of(part)
        for record in every:
            if wanted is not None and record.id == wanted:  # type: ignore[attr-defined]
                return record
        for record in every:
            if getattr(record, name) == called:
                return record
        raise missing(noun, address)

    return get


def by_id(get: Callable[[Connection, UUID, UUID], Record], noun: str, address: str) -> Callable[[Work, str], Record]:
    """Finds one by its id; raises Missing in words that tell nothing of other organizations."""

    def found(work: Work, part: str) -> Record:
        id = id_of(part)
        if id is None:
            raise missing(noun, address)
        try:
            return get(work.connection, work.organization_id, id)
        except Missing:
            raise missing(noun, address) from None

    return found


def by_key(
    select: Callable[[Connection, UUID], Sequence[Record]],
    noun: str,
    address: str,
    *,
    key: Callable[[Record], object],
) -> Callable[[Work, str], Record]:
    """Finds one among all by what stands for it in addresses; raises Missing as the others do."""

    def get(work: Work, part: str) -> Record:
        wanted = (text_of(part), str(id_of(part) or part))  # an id may be written in several ways
        for record in select(work.connection, work.organization_id):
            if str(key(record)) in wanted:
                return record
        raise missing(noun, address)

    return get


def missing(noun: str, address: str) -> Missing:
    """That there is none, in the same words whether another organization has one or nobody."""
    return Missing(f"there is no such {noun}, or not for you: GET {address} lists those there are")


def etag(body: BaseModel, passing: frozenset[str] = frozenset()) -> str:
    """The tag of what a body says: the same for the same, without what changes by itself."""
    said = body.model_dump(mode="json", exclude=set(passing))
    return f'"{sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]}"'


def require_match(if_match: str | None, tag: str) -> None:
    """Raise Forbidden, 412, where what the caller read is not what there is."""
    if if_match is None or if_match.strip() == "*" or tag in {each.strip() for each in if_match.split(",")}:
        return
    raise Forbidden(
        HTTPStatus.PRECONDITION_FAILED,
        "Somebody has changed it since you read it: read it again, and decide again.", code="changed_since",
    )  # fmt: skip


def record(
    work: Work, action: str, entity: str, entity_id: object, changed: Sequence[str] | frozenset[str] = ()
) -> None:  # fmt: skip
    """Write into the audit log what the caller did, in the same transaction."""
    audit_log.record(
        work.connection, work.organization_id, work.caller.actor, action=action, entity=entity.replace(" ", "_"),
        entity_id=entity_id, changed=changed,
    )  # fmt: skip


def worker(scope: Scope) -> Any:
    """The annotation of a caller who needs this scope."""
    return Annotated[Caller, Depends(Holder(scope))]


def _lister(collection: Collection[Any]) -> Callable[..., Any]:
    def listing(request: Request, caller: Caller, page: Page) -> BaseModel:
        desk = desk_of(request)
        with desk.database.transaction(caller.organization_id) as connection:
            work = Work(connection, caller, desk)
            found = list(collection.select(work, page))
            if not collection.is_paged:
                found = _after(collection, work, found, page)
            tell = collection.briefly or collection.told
            return listed(many, found, page.limit, tell=lambda each: tell(work, each), key=collection.key)

    many: type[BaseModel] = create_model(
        f"{collection.body.__name__.removesuffix('Body')}List",
        __base__=Listed[collection.body],  # type: ignore[name-defined]
    )
    listing.__doc__ = f"A page of them. Their order is `sort`; `after` takes the `last_id` of the page before. {_doc(collection.page)}"  # noqa: E501
    return typed(listing, caller=worker(collection.scope), page=Annotated[collection.page, Query()], **{"return": many})


def _after(collection: Collection[Any], work: Work, every: list[Any], page: Page) -> list[Any]:
    """The page of a whole list, and one more; where the last one of the page before is gone, Missing."""
    by = str(getattr(page, "sort", ""))

    def place(each: Any) -> tuple[str, str]:
        value = getattr(each, by.removeprefix("-"), "") if by else ""
        return value.isoformat() if isinstance(value, datetime) else str(value), str(collection.key(each))

    ordered = sorted(every, key=place, reverse=by.startswith("-"))
    if page.after is None:
        return ordered
    last = place(collection.get(work, page.after))
    return [each for each in ordered if (place(each) < last if by.startswith("-") else place(each) > last)]


def _reader(collection: Collection[Any]) -> Callable[..., Any]:
    def read(part: str, request: Request, response: Response, caller: Caller) -> BaseModel:
        desk = desk_of(request)
        with desk.database.transaction(caller.organization_id) as connection:
            work = Work(connection, caller, desk)
            shown = collection.told(work, collection.get(work, part))
        response.headers["ETag"] = etag(shown, collection.passing)
        return shown

    read.__doc__ = f"{_doc(collection.body)}"
    return typed(
        read, part=_part(collection), caller=worker(collection.scope), **{"return": collection.body}
    )  # fmt: skip


def _creator(collection: Collection[Any]) -> Callable[..., Any]:
    def create(
        body: BaseModel,
        request: Request,
        response: Response,
        caller: Caller,
        idempotency_key: IdempotencyKey = None,
    ) -> BaseModel:
        desk = desk_of(request)
        assert collection.create is not None
        with desk.database.transaction(caller.organization_id) as connection:
            work = Work(connection, caller, desk)
            earlier = made_before(work, idempotency_key, collection.name, body, response)
            if earlier is not None:
                shown = collection.told(work, collection.get(work, earlier))
                id = earlier
            else:
                made = collection.create(work, body)
                id = str(collection.key(made.record))
                record(work, "create", collection.noun, id, frozenset(body.model_fields_set))
                shown = collection.told(work, made.record)
                set_made(work, idempotency_key, id)
        response.headers["ETag"] = etag(shown, collection.passing)
        response.headers["Location"] = f"{collection.address}/{quote(id)}"
        return shown if earlier is not None else shown.model_copy(update=dict(made.once))

    create.__doc__ = f"{_doc(collection.new)}"
    return typed(
        create, body=collection.new, caller=worker(collection.scope), **{"return": collection.body}
    )  # fmt: skip


def _changer(collection: Collection[Any]) -> Callable[..., Any]:
    def change(
        part: str, body: BaseModel, request: Request, response: Response, caller: Caller, if_match: IfMatch = None
    ) -> BaseModel:
        desk = desk_of(request)
        assert collection.change is not None
        with desk.database.transaction(caller.organization_id) as connection:
            work = Work(connection, caller, desk)
            found = _held(collection, work, part, if_match)
            if body.model_fields_set:
                found = collection.change(work, found, body)
                record(work, "change", collection.noun, collection.key(found), frozenset(body.model_fields_set))
            shown = collection.told(work, found)
        response.headers["ETag"] = etag(shown, collection.passing)
        return shown

    change.__doc__ = (
        "Change what is given; what is left out stays as it is, and null means none where there may be none."
    )
    return typed(
        change, part=_part(collection), body=collection.changes, caller=worker(collection.scope),
        **{"return": collection.body},
    )  # fmt: skip


def _remover(collection: Collection[Any]) -> Callable[..., Any]:
    def remove(part: str, request: Request, caller: Caller, if_match: IfMatch = None) -> None:
        desk = desk_of(request)
        assert collection.remove is not None
        with desk.database.transaction(caller.organization_id) as connection:
            work = Work(connection, caller, desk)
            found = _held(collection, work, part, if_match)
            # before it goes: who takes themselves away is not there afterwards
            record(work, "remove", collection.noun, collection.key(found))
            collection.remove(work, found)

    remove.__doc__ = f"{_doc(collection.remove)}"
    return typed(remove, part=_part(collection), caller=worker(collection.scope))


def _held(collection: Collection[Any], work: Work, part: str, if_match: str | None) -> Any:
    """The record, which nobody else manages until the transaction ends, and which is what the caller read."""
    found = collection.get(work, part)
    audit_log.hold(
        work.connection, work.organization_id, entity=collection.noun, entity_id=collection.key(found)
    )  # fmt: skip
    found = collection.get(work, str(collection.key(found)))
    if if_match is not None:
        require_match(if_match, etag(collection.told(work, found), collection.passing))
    return found


def made_before(work: Work, key: str | None, name: str, body: BaseModel, response: Response) -> str | None:
    """The id of what a request with this Idempotency-Key made before, which the response says; None for the first one.

    Who makes it then says so (`set_made`). Another request with the same key is refused: 422.
    """
    if key is None:
        return None
    said = json.dumps([name, body.model_dump(mode="json", exclude_unset=True)], sort_keys=True)
    digest = sha256(said.encode("utf-8", "surrogatepass")).digest()
    earlier = idempotent_requests.begin(
        work.connection, work.organization_id, asked_by=_asker(work.caller), key=text_of(key), digest=digest
    )
    if earlier is None:
        return None
    if earlier.digest != digest or earlier.entity_id is None:
        raise Forbidden(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "This Idempotency-Key was used for another request within the last day: choose another key.",
            code="idempotency_key_reused",
        )
    response.headers["Idempotency-Replayed"] = "true"
    return earlier.entity_id


def set_made(work: Work, key: str | None, id: str) -> None:
    """Remember what a request with this Idempotency-Key made."""
    if key is not None:
        idempotent_requests.set_made(
            work.connection, work.organization_id, asked_by=_asker(work.caller), key=text_of(key), entity_id=id
        )


def _asker(caller: Caller) -> UUID:
    id = caller.key_id or caller.user_id
    assert id is not None
    return id


def _part(collection: Collection[Any]) -> Any:
    return Annotated[
        str, Path(alias=collection.param, max_length=300, description="Its id, or its name if it has one.")
    ]


def _doc(of: object) -> str:
    return (getattr(of, "__doc__", None) or "").strip()


def typed(endpoint: Callable[..., Any], **annotations: Any) -> Callable[..., Any]:
    """The endpoint with the types that its description and validation are made from."""
    endpoint.__annotations__ = {**endpoint.__annotations__, **annotations}
    return endpoint
