"""What must stay and what must go: legal holds, the plan of retention, erasures, receipts. /v1/holds, /v1/erasures"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from resources.conversations import erasures, retention
from resources.identity.records import Caller
from resources.knowledge.records import LegalHold, Receipt
from resources.knowledge.retention import chaining, erasure_receipts, legal_holds
from resources.knowledge.sources import data_sources
from serving import collections
from serving.authentication import Holder
from serving.collections import Collection, Made, Named, Page, Work, by_key, record
from serving.endpoints.documents import document_id_at, source_named
from serving.failures import refusals
from serving.house import Desk, desk_of
from serving.wire_managing import Name, Strict, Words

MayAdminister = Annotated[Caller, Depends(Holder("administer"))]
DocumentPath = Annotated[Words, Field(min_length=1, max_length=1000, description="The document's path in the source.")]
Reason = Annotated[Words, Field(min_length=1, max_length=2000)]
_PLANNED = 1000


class HoldBody(BaseModel):
    """What may not go, and by which matter: a document, or all of a source, those to come too."""

    object: Literal["hold"] = "hold"
    id: UUID
    name: str
    reason: str
    source: str | None
    path: str | None = Field(description="The document; null: all of the source.")
    placed_by: str
    released_by: str | None
    released_at: datetime | None
    created_at: datetime


class NewHold(BaseModel):
    """A hold to be placed: nothing that it names expires, is purged or erased until it is released."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={"examples": [{"name": "case 12/2026", "source": "mail", "reason": "Asked for by counsel."}]},
    )
    name: Annotated[Words, Field(min_length=1, max_length=200)]
    source: Name
    path: DocumentPath | None = None
    reason: Annotated[Words, Field(max_length=2000)] = ""


class HoldPage(Named):
    """A page of holds."""

    is_released: Annotated[bool, Field(description="Those that were released, instead of those in force.")] = False


class ReceiptBody(BaseModel):
    """What one transaction of an erasure took away. `hash` covers all else and `previous_hash`."""

    object: Literal["receipt"] = "receipt"
    id: str = Field(description="Its number.")
    number: int
    erasure_id: UUID
    kind: str
    target_id: UUID
    row_counts: dict[str, int] = Field(description="Rows by table.")
    object_count: int
    object_bytes: int
    requested_by: str
    reason: str
    created_at: datetime
    previous_hash: str
    hash: str


class ReceiptPage(Page):
    """A page of receipts, the first one first."""


class Verification(BaseModel):
    """Whether the chain of receipts is whole. Note its last number and hash elsewhere."""

    object: Literal["verification"] = "verification"
    receipts: int
    is_whole: bool
    breaks: list[str]
    last_number: int | None
    last_hash: str | None


class NewErasure(BaseModel):
    """What is to be erased for good: a document with its copies, a source, or a user with what they said."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={
            "examples": [
                {"kind": "document", "source": "mail", "path": "2024/letter.pdf", "reason": "Asked for by its author."},
                {"kind": "user", "user_id": "7f6d1f52-4d5a-4c93-8f0a-1f2d8f3c4b5a", "reason": "They left."},
            ]
        },
    )
    kind: Literal["document", "source", "user"]
    source: Name | None = None
    path: DocumentPath | None = None
    user_id: UUID | None = None
    reason: Annotated[Reason, Field(description="Why; it stands in the receipt for good.")]

    @model_validator(mode="after")
    def _names_one(self) -> NewErasure:
        needed = {"document": {"source", "path"}, "source": {"source"}, "user": {"user_id"}}[self.kind]
        said = {name for name in ("source", "path", "user_id") if getattr(self, name) is not None}
        if said != needed:
            raise ValueError(f"to erase a {self.kind}, give {' and '.join(sorted(needed))}, and nothing else")
        return self


class ErasureBody(BaseModel):
    """What an erasure took away."""

    object: Literal["erasure"] = "erasure"
    row_counts: dict[str, int] = Field(description="Rows by table.")
    object_count: int
    receipts: list[int] = Field(description="The numbers of its receipts.")


class Going(BaseModel):
    """Something that would go: what, by which rule, since when, and by which hold it is kept."""

    action: str
    what: str
    label: str
    rule: str
    due_at: datetime
    held_by: str | None


class RetentionPlan(BaseModel):
    """What would go by the rules of retention, by action; the first 1,000 in full."""

    object: Literal["retention_plan"] = "retention_plan"
    counts: dict[str, int] = Field(description="Without what is held.")
    data: list[Going]


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, HOLDS)
    erasing: dict[str, Any] = {"tags": ["erasures"]}
    app.post(
        "/v1/erasures", summary="Erase at once and for good", status_code=201,
        responses=refusals(400, 401, 403, 404, 409, 503), **erasing,
    )(erase)  # fmt: skip
    app.get(
        "/v1/receipts/verification", summary="Prove the chain of receipts", responses=refusals(401, 403, 503),
        tags=["receipts"],
    )(verify_receipts)  # fmt: skip
    collections.add_to(app, RECEIPTS)
    app.get(
        "/v1/retention/plan", summary="What would go, and why", tags=["retention"],
        responses=refusals(400, 401, 403, 503),
    )(plan_retention)  # fmt: skip


def erase(body: NewErasure, request: Request, caller: MayAdminister) -> ErasureBody:
    """Erase from every table, every answer and every stored file. No sync brings an erased document back."""
    desk = desk_of(request)
    asked = erasures.Request(caller.name, body.reason)
    target, do = _target(desk, caller, body)
    if target == caller.user_id:
        _record(desk, caller, body.kind, target)  # who erases themselves is not there afterwards
    erased = do(desk.database, caller.organization_id, target, store=desk.store, request=asked)
    if target != caller.user_id:
        _record(desk, caller, body.kind, target)
    return ErasureBody(
        row_counts=dict(erased.row_counts), object_count=erased.object_count,
        receipts=[receipt.number for receipt in erased.receipts],
    )  # fmt: skip


def verify_receipts(request: Request, caller: MayAdminister) -> Verification:
    """Whether a receipt is missing or was changed."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        found = erasure_receipts.select_all(connection, caller.organization_id)
    breaks = list(chaining.breaks(found))
    return Verification(
        receipts=len(found), is_whole=not breaks, breaks=breaks, last_number=found[-1].number if found else None,
        last_hash=found[-1].hash if found else None,
    )  # fmt: skip


def plan_retention(
    request: Request,
    caller: MayAdminister,
    at: Annotated[AwareDatetime | None, Query(description="On a day to come; now unless given.")] = None,
) -> RetentionPlan:
    """What would go by the rules, why and since when; what a hold keeps is told too. Changes nothing."""
    due = list(retention.plan(desk_of(request).database, caller.organization_id, as_of=at))
    going = Counter(action for action, each in due if each.held_by is None)
    shown = [Going.model_validate({**asdict(each), "action": action}) for action, each in due[:_PLANNED]]
    return RetentionPlan(counts=dict(going), data=shown)


def _record(desk: Desk, caller: Caller, kind: str, target: UUID) -> None:
    with desk.database.transaction(caller.organization_id) as connection:
        record(Work(connection, caller, desk), "erase", kind, target)


def _target(desk: Desk, caller: Caller, body: NewErasure) -> tuple[UUID, Any]:
    """The id of what is to be erased, and what erases it. Raises Missing."""
    with desk.database.transaction(caller.organization_id) as connection:
        if body.kind == "user":
            assert body.user_id is not None
            return body.user_id, erasures.erase_user
        if body.kind == "source":
            id = data_sources.find_any_by_name(connection, caller.organization_id, body.source or "")
            if id is None:
                raise collections.missing("source", "/v1/sources")
            return id, erasures.erase_source
        source = source_named(connection, caller, body.source or "")
        return document_id_at(Work(connection, caller, desk), source, body.path or ""), erasures.erase_document


def _select_holds(work: Work, page: HoldPage) -> list[LegalHold]:
    every = legal_holds.select_all(work.connection, work.organization_id)
    return [each for each in every if (each.released_at is not None) == page.is_released]


def _create_hold(work: Work, body: NewHold) -> Made[LegalHold]:
    source = source_named(work.connection, work.caller, body.source)
    document_id = None if body.path is None else document_id_at(work, source, body.path)
    id = legal_holds.place(
        work.connection, work.organization_id, name=body.name, reason=body.reason, placed_by=work.caller.name,
        source_id=None if document_id else source.id, document_id=document_id,
    )  # fmt: skip
    return Made(_get_hold(work, str(id)))


def _release_hold(work: Work, hold: LegalHold) -> None:
    """Release it: what it kept goes its way again. It is still there to be read."""
    legal_holds.release_one(work.connection, work.organization_id, hold.id, released_by=work.caller.name)


def _told_hold(work: Work, hold: LegalHold) -> HoldBody:
    return HoldBody.model_validate({**asdict(hold), "source": hold.source_name, "path": hold.file_path})


def _select_receipts(work: Work, page: ReceiptPage) -> list[Receipt]:
    found = erasure_receipts.select_all(work.connection, work.organization_id)
    last = 0 if page.after is None else _get_receipt(work, page.after).number
    return [receipt for receipt in found if receipt.number > last][: page.limit + 1]


def _told_receipt(work: Work, receipt: Receipt) -> ReceiptBody:
    return ReceiptBody.model_validate({**asdict(receipt), "id": str(receipt.number)})


_get_hold = by_key(legal_holds.select_all, "hold", "/v1/holds", key=lambda hold: hold.id)
_get_receipt = by_key(
    erasure_receipts.select_all, "receipt", "/v1/receipts", key=lambda receipt: receipt.number
)  # fmt: skip
HOLDS = Collection(
    name="holds", noun="hold", scope="administer", body=HoldBody, told=_told_hold, select=_select_holds,
    get=_get_hold, page=HoldPage, new=NewHold, create=_create_hold, remove=_release_hold,
)  # fmt: skip
RECEIPTS = Collection(
    name="receipts", noun="receipt", scope="administer", body=ReceiptBody, told=_told_receipt,
    select=_select_receipts, get=_get_receipt, key=lambda receipt: receipt.number, page=ReceiptPage, is_paged=True,
)  # fmt: skip
