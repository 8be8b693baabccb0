"""What an organization settles: its name, retention, budget, provider keys. /v1/organization, /v1/settings"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from resources.foundation.errors import Conflict, Missing
from resources.identity import audit_log, budgets, organizations, provider_keys, retention_settings
from resources.identity.records import (
    Budget,
    BudgetAction,
    Caller,
    Organization,
    ProviderKey,
    RetentionSettings,
)
from serving import collections, singles
from serving.authentication import Holder
from serving.collections import (
    Chronological,
    Collection,
    IdempotencyKey,
    IfMatch,
    Listed,
    Made,
    Page,
    Work,
    by_id,
    by_key,
    etag,
    given,
    listed,
    made_before,
    record,
    require_match,
    set_made,
)
from serving.failures import refusals
from serving.house import desk_of
from serving.singles import Single
from serving.wire_managing import Amount, Days, Money, Name, Strict, Words

MayAdminister = Annotated[Caller, Depends(Holder("administer"))]
MayAnalyze = Annotated[Caller, Depends(Holder("analyze"))]


class OrganizationBody(BaseModel):
    """The organization whose key or page this is."""

    object: Literal["organization"] = "organization"
    id: str
    slug: str
    name: str


class OrganizationFields(BaseModel):
    """What may be said of the organization."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"name": "The Mill"}]})
    name: Annotated[Words, Field(min_length=1, max_length=200)] = ""


class RetentionBody(BaseModel):
    """How long things are kept, in days, where no source and no owner says otherwise. Null: until they are removed."""

    object: Literal["retention_settings"] = "retention_settings"
    document_days: int | None = Field(description="From the last change of a document's content.")
    version_days: int | None = Field(description="From when another version took its place.")
    conversation_days: int | None = Field(description="From the last word.")
    history_days: int = Field(description="Of syncs and runs, from their end.")
    grace_days: int = Field(description="Between a document's deletion and its end.")
    audit_days: int = Field(description="Of the audit log, from when something was done.")


class RetentionFields(BaseModel):
    """How long things are to be kept."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"conversation_days": 90}]})
    document_days: Days | None = None
    version_days: Days | None = None
    conversation_days: Days | None = None
    history_days: Days = Field(default_factory=collections.left_out)
    grace_days: Annotated[int, Field(ge=0, le=36_500)] = Field(default_factory=collections.left_out)
    audit_days: Days = Field(default_factory=collections.left_out)


class ProviderKeyBody(BaseModel):
    """That there is a key at a provider of models. It can be written, never read."""

    object: Literal["provider_key"] = "provider_key"
    id: str = Field(description="The provider.")
    provider: str
    created_at: datetime


class ProviderKeyFields(BaseModel):
    """Another key in place of the one there is."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"key": "sk-example"}]})
    key: Annotated[Words, Field(min_length=1, max_length=1000, repr=False)] = Field(
        default_factory=collections.left_out
    )


class NewProviderKey(ProviderKeyFields):
    """The organization's own key at a provider, used instead of the installation's."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"provider": "openai", "key": "sk-example"}]})
    provider: Name
    key: Annotated[Words, Field(min_length=1, max_length=1000, repr=False)]


class ProviderKeyPage(Page):
    """A page of provider keys."""

    sort: Annotated[Literal["provider", "-provider"], Field(description="A hyphen: the other way round.")] = "provider"


class BudgetBody(BaseModel):
    """What may be spent on models in this month (of UTC), and what was."""

    object: Literal["budget"] = "budget"
    amount: Amount
    currency: str
    action: BudgetAction = Field(description="When it is reached: block waits, ask waits for an approval.")
    approved: Amount = Field(description="What was allowed in addition this month.")
    spent: Amount
    left: Amount


class NewBudget(BaseModel):
    """What may be spent in a month from now on; what was spent in this one counts."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"amount": "25", "action": "ask"}]})
    amount: Money
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"
    action: BudgetAction = "block"


class NewApproval(BaseModel):
    """More for this month; sources that wait for money go on by themselves."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"amount": "2.50"}]})
    amount: Annotated[Money, Field(gt=0)]


class ApprovalBody(BaseModel):
    """What somebody allowed beyond the budget."""

    object: Literal["approval"] = "approval"
    id: UUID
    amount: Amount
    approved_by: str
    created_at: datetime


class ApprovalPage(Chronological):
    """A page of approvals."""

    month: Annotated[date | None, Field(description="Those of the month (of UTC) of this day.")] = None
    approved_by: Annotated[Words | None, Field(max_length=200)] = None


class ApprovalList(Listed[ApprovalBody]):
    """A page of approvals."""


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    singles.add_to(app, ORGANIZATION)
    singles.add_to(app, RETENTION)
    collections.add_to(app, PROVIDER_KEYS)
    about: dict[str, Any] = {"tags": ["budget"], "responses": refusals(400, 401, 403, 404, 409, 412, 422, 503)}
    app.get("/v1/budget", summary="The budget of this month", **about)(get_budget)
    app.put("/v1/budget", summary="Set the budget", **about)(set_budget)
    app.delete("/v1/budget", summary="Remove the budget", status_code=204, **about)(remove_budget)
    app.get("/v1/budget/approvals", summary="What was approved", **about)(list_approvals)
    app.post("/v1/budget/approvals", summary="Approve more for this month", status_code=201, **about)(approve_budget)


def get_budget(request: Request, response: Response, caller: MayAnalyze) -> BudgetBody:
    """The budget as it stands in this month; there is none where nothing bounds what is spent."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        shown = _told_budget(budgets.find_of_month(connection, caller.organization_id))
    response.headers["ETag"] = etag(shown, _SPENDING)
    return shown


def set_budget(
    body: NewBudget, request: Request, response: Response, caller: MayAdminister, if_match: IfMatch = None
) -> BudgetBody:
    """Say what may be spent in a month. A sync that reaches it ends and loses nothing."""
    desk, whose = desk_of(request), caller.organization_id
    with desk.database.transaction(whose) as connection:
        audit_log.hold(connection, whose, entity="budget", entity_id="own")
        if if_match is not None:
            require_match(if_match, etag(_told_budget(budgets.find_of_month(connection, whose)), _SPENDING))
        budgets.replace(connection, whose, amount=body.amount, currency=body.currency, action=body.action)
        record(Work(connection, caller, desk), "change", "budget", "own", frozenset(body.model_fields_set))
        shown = _told_budget(budgets.find_of_month(connection, whose))
    response.headers["ETag"] = etag(shown, _SPENDING)
    return shown


def remove_budget(request: Request, caller: MayAdminister, if_match: IfMatch = None) -> None:
    """Nothing bounds what is spent from then on."""
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        audit_log.hold(connection, caller.organization_id, entity="budget", entity_id="own")
        shown = _told_budget(budgets.find_of_month(connection, caller.organization_id))
        require_match(if_match, etag(shown, _SPENDING))
        budgets.remove(connection, caller.organization_id)
        record(Work(connection, caller, desk), "remove", "budget", "own")


def list_approvals(request: Request, caller: MayAnalyze, page: Annotated[ApprovalPage, Query()]) -> ApprovalList:
    """What was allowed in addition to the budget: each counts for the month (of UTC) in which it was."""
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        found = budgets.select_approvals(
            connection, caller.organization_id, month=page.month, approved_by=page.approved_by,
            after=_get_approval(Work(connection, caller, desk), page.after) if page.after else None,
            oldest_first=page.oldest_first, at_most=page.limit + 1,
        )  # fmt: skip
    return listed(
        ApprovalList, found, page.limit, tell=lambda each: ApprovalBody.model_validate(asdict(each))
    )  # fmt: skip


_get_approval = by_id(budgets.get_approval, "approval", "/v1/budget/approvals")


def approve_budget(
    body: NewApproval,
    request: Request,
    response: Response,
    caller: MayAdminister,
    idempotency_key: IdempotencyKey = None,
) -> BudgetBody:
    """Allow more in this month, where the budget asks when it is reached."""
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        work = Work(connection, caller, desk)
        found = budgets.find_of_month(connection, caller.organization_id)
        shown = _told_budget(found)
        if made_before(work, idempotency_key, "budget/approvals", body, response) is not None:
            return shown
        if found is not None and found.action != "ask":
            raise Conflict("this budget asks nobody when it is reached: raise it, or set its action to 'ask'")
        approved = budgets.approve(
            connection, caller.organization_id, amount=body.amount, approved_by=caller.name
        )  # fmt: skip
        record(work, "approve", "budget", "own", ["amount"])
        set_made(work, idempotency_key, "own")
    return _told_budget(approved)


_SPENDING = frozenset({"approved", "spent", "left"})


def _told_budget(budget: Budget | None) -> BudgetBody:
    if budget is None:
        raise Missing("there is no budget: PUT /v1/budget makes one")
    return BudgetBody.model_validate({**asdict(budget), "left": budget.left})


def _read_organization(work: Work, part: str) -> Organization:
    return organizations.get(work.connection, work.organization_id)


def _change_organization(work: Work, part: str, known: Organization, body: OrganizationFields) -> Organization:
    return organizations.set_name(work.connection, work.organization_id, body.name)


def _read_retention(work: Work, part: str) -> RetentionSettings:
    return retention_settings.get(work.connection, work.organization_id)


def _change_retention(work: Work, part: str, known: RetentionSettings, body: RetentionFields) -> RetentionSettings:
    changed = replace(known, **given(body))
    retention_settings.replace(work.connection, work.organization_id, changed)
    return changed


def _select_provider_keys(work: Work, page: ProviderKeyPage) -> list[ProviderKey]:
    return provider_keys.select_all(work.connection, work.organization_id)


_get_provider_key = by_key(
    provider_keys.select_all, "provider key", "/v1/provider-keys", key=lambda key: key.provider
)  # fmt: skip


def _create_provider_key(work: Work, body: NewProviderKey) -> Made[ProviderKey]:
    if any(key.provider == body.provider for key in _select_provider_keys(work, ProviderKeyPage())):
        raise Conflict(f"there is a key of {body.provider!r} already: change that one")
    return Made(_keep(work, body.provider, body.key))


def _change_provider_key(work: Work, key: ProviderKey, body: ProviderKeyFields) -> ProviderKey:
    return _keep(work, key.provider, body.key)


def _keep(work: Work, provider: str, text: str) -> ProviderKey:
    return provider_keys.replace(
        work.connection, work.organization_id, provider=provider, text=text, keyring=work.desk.keyring,
        address=work.desk.provider_address,
    )  # fmt: skip


def _remove_provider_key(work: Work, key: ProviderKey) -> None:
    """The installation's key is used from that moment."""
    provider_keys.remove(work.connection, work.organization_id, provider=key.provider)


def _told_provider_key(work: Work, key: ProviderKey) -> ProviderKeyBody:
    return ProviderKeyBody(id=key.provider, provider=key.provider, created_at=key.created_at)


def _told_organization(organization: Organization) -> OrganizationBody:
    return OrganizationBody(id=str(organization.id), slug=organization.slug, name=organization.name)


ORGANIZATION: Single[Organization] = Single(
    address="/v1/organization", noun="organization", tag="organization", scope="administer", body=OrganizationBody,
    read=_read_organization, told=_told_organization, changes=OrganizationFields, change=_change_organization,
)  # fmt: skip
RETENTION: Single[RetentionSettings] = Single(
    address="/v1/settings/retention", noun="retention settings", tag="retention", scope="administer",
    body=RetentionBody, read=_read_retention, told=lambda rules: RetentionBody(**asdict(rules)),
    changes=RetentionFields, change=_change_retention,
)  # fmt: skip
PROVIDER_KEYS = Collection(
    name="provider-keys", noun="provider key", scope="administer", body=ProviderKeyBody, told=_told_provider_key,
    select=_select_provider_keys, get=_get_provider_key, key=lambda key: key.provider, page=ProviderKeyPage,
    new=NewProviderKey, create=_create_provider_key, changes=ProviderKeyFields, change=_change_provider_key,
    remove=_remove_provider_key,
)  # fmt: skip
