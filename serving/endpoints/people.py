"""People and keys: who may come in, and what each may do. /v1/users, /v1/keys"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from resources.foundation.errors import Missing, Refused
from resources.identity import api_keys, knowledge_settings, memberships, people, users
from resources.identity.people import Person
from resources.identity.records import ApiKey, KnowledgeSettings, MemberRole, Scope
from serving import collections, singles
from serving.collections import Alphabetical, Collection, Made, Named, Work, by_id, given, left_out
from serving.singles import Single
from serving.wire_managing import Count, Days, Strict, Words

Username = Annotated[Words, Field(min_length=1, max_length=150)]
_ADDRESS = r"^[^@\s]+@[^@\s]+$"
# a pattern beside a validator is not described by itself
Email = Annotated[Words, Field(min_length=3, max_length=320, pattern=_ADDRESS, json_schema_extra={"pattern": _ADDRESS})]
FullName = Annotated[Words, Field(max_length=150)]
Role = Annotated[
    MemberRole | None, Field(description="What they may do; null: nothing. The last owner remains an owner.")
]


class UserBody(BaseModel):
    """Somebody in the organization, and what they may do there."""

    object: Literal["user"] = "user"
    id: UUID
    username: str
    email: str
    first_name: str
    last_name: str
    role: MemberRole | None
    rate_limit_per_hour: int | None
    rate_limit_per_day: int | None
    is_active: bool
    is_staff: bool
    is_superuser: bool
    created_by: UUID | None
    last_login_at: datetime | None
    created_at: datetime
    updated_at: datetime


class UserFields(BaseModel):
    """What may be said of a user. Whoever may do less then is signed out, and their keys that may do more end."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"role": "analyst"}]})
    username: Username = Field(default_factory=left_out)
    email: Email = Field(default_factory=left_out)
    first_name: FullName = Field(default_factory=left_out)
    last_name: FullName = Field(default_factory=left_out)
    role: Role = None
    rate_limit_per_hour: Count | None = Field(default=None, description="How often they may ask; of those with a role.")
    rate_limit_per_day: Count | None = None
    is_active: bool = Field(default_factory=left_out, description="False: they may not come in.")
    is_staff: bool = Field(default_factory=left_out)
    is_superuser: bool = Field(default_factory=left_out)


class NewUser(UserFields):
    """Somebody who is to come in. `millrace sign-in NAME` makes a link for them."""

    model_config = ConfigDict(
        **Strict, json_schema_extra={"examples": [{"username": "mia", "email": "mia@mill.example", "role": "engineer"}]}
    )
    username: Username
    email: Email


class UserPage(Alphabetical):
    """A page of users."""

    sort: Annotated[Literal["username", "-username"], Field(description="A hyphen: the other way round.")] = "username"  # type: ignore[assignment]
    role: MemberRole | None = None
    is_active: bool | None = None


class KeyBody(BaseModel):
    """A key of the API. Its text is told once, when it is made, and kept nowhere."""

    object: Literal["key"] = "key"
    id: UUID
    name: str
    scopes: list[Scope]
    user_id: UUID | None = Field(description="Whose it is; null: a program's.")
    rate_limit_per_hour: int | None
    rate_limit_per_day: int | None
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    key: str | None = Field(
        default=None, description="The text of the key: in the answer that makes it, and never again."
    )


class KeyFields(BaseModel):
    """What may be said of a key. To give it other scopes, make another one."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"rate_limit_per_hour": 600}]})
    name: Annotated[Words, Field(min_length=1, max_length=200)] = Field(default_factory=left_out)
    expires_at: AwareDatetime | None = None
    rate_limit_per_hour: Count | None = None
    rate_limit_per_day: Count | None = None


class NewKey(KeyFields):
    """A key to be made. Nobody gives one scopes that they lack, nor a person one that their role lacks."""

    model_config = ConfigDict(
        **Strict, json_schema_extra={"examples": [{"name": "phone", "scopes": ["chat", "search"]}]}
    )
    name: Annotated[Words, Field(min_length=1, max_length=200)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=5)] = ["chat"]
    user_id: UUID | None = Field(
        default=None, description="Whose it is: what they ask is theirs, and it ends with them."
    )


class KeyPage(Named):
    """A page of keys that are not revoked."""

    user_id: UUID | None = None


class KnowledgeSettingsBody(BaseModel):
    """A user's defaults for the sources and chatbots that they own. Null: as the product has it."""

    object: Literal["knowledge_settings"] = "knowledge_settings"
    default_embedding_model: str | None
    default_chunk_size: int | None
    default_chunk_overlap: int | None
    document_retention_days: int | None
    conversation_retention_days: int | None
    default_similarity_threshold: float | None
    max_search_results: int | None
    sync_notifications: bool
    error_notifications: bool


class KnowledgeSettingsFields(BaseModel):
    """What a user may choose."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"document_retention_days": 365}]})
    default_embedding_model: Annotated[Words, Field(min_length=1, max_length=200)] | None = None
    default_chunk_size: Annotated[int, Field(ge=100, le=20_000)] | None = None
    default_chunk_overlap: Annotated[int, Field(ge=0, le=10_000)] | None = None
    document_retention_days: Days | None = None
    conversation_retention_days: Days | None = None
    default_similarity_threshold: Annotated[float, Field(ge=-1, le=1)] | None = None
    max_search_results: Annotated[int, Field(ge=1, le=1000)] | None = None
    sync_notifications: bool = Field(default_factory=left_out)
    error_notifications: bool = Field(default_factory=left_out)


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, USERS)
    singles.add_to(app, KNOWLEDGE_SETTINGS)
    collections.add_to(app, KEYS)


_one_person = by_id(people.get, "user", "/v1/users")


def _get_person(work: Work, part: str) -> Person:
    if collections.id_of(part) is None:
        named = users.find_by_username(work.connection, work.organization_id, collections.text_of(part))
        if named is None:
            raise collections.missing("user", "/v1/users")
        part = str(named.id)
    return _one_person(work, part)


def _select_people(work: Work, page: UserPage) -> list[Person]:
    every = people.select_all(work.connection, work.organization_id)
    return [
        each for each in every if page.role in (None, each.role) and page.is_active in (None, each.user.is_active)
    ]  # fmt: skip


def _create_person(work: Work, body: NewUser) -> Made[Person]:
    made = users.create(
        work.connection, work.organization_id, username=body.username, email=body.email, created_by=work.caller.user_id
    )
    return Made(_change_person(work, Person(made, None), body))


def _change_person(work: Work, person: Person, body: UserFields) -> Person:
    values = given(body)
    limits = {name: values.pop(name) for name in ("rate_limit_per_hour", "rate_limit_per_day") if name in values}
    role = values.pop("role", person.role)
    changed = people.replace(
        work.connection, work.organization_id, Person(replace(person.user, **values), role)
    )  # fmt: skip
    if limits and role is None:
        raise Refused("a limit is kept with a role: give a role too, or leave the limits out")
    if limits and role is not None:
        present = memberships.find_role(work.connection, work.organization_id, person.id)
        per_hour, per_day = (
            limits.get(name, getattr(present, name)) for name in ("rate_limit_per_hour", "rate_limit_per_day")
        )
        memberships.set_rate_limits(
            work.connection, work.organization_id, person.id, per_hour=per_hour, per_day=per_day
        )  # fmt: skip
    return changed


def _remove_person(work: Work, person: Person) -> None:
    """They are signed out, and their keys and settings are gone; what they owned otherwise has no owner.

    To take away what they said too, erase them: POST /v1/erasures.
    """
    people.remove(work.connection, work.organization_id, person.id)


def _told_person(work: Work, person: Person) -> UserBody:
    limits = memberships.find_role(work.connection, work.organization_id, person.id)
    return UserBody.model_validate(
        {
            **asdict(person.user), "role": person.role,
            "rate_limit_per_hour": limits.rate_limit_per_hour if limits else None,
            "rate_limit_per_day": limits.rate_limit_per_day if limits else None,
        }
    )  # fmt: skip


def _select_keys(work: Work, page: KeyPage) -> list[ApiKey]:
    return [
        key
        for key in api_keys.select_all(work.connection, work.organization_id)
        if key.revoked_at is None and page.user_id in (None, key.user_id)
    ]


def _get_key(work: Work, part: str) -> ApiKey:
    key = _any_key(work, part)
    if key.revoked_at is not None:
        raise collections.missing("key", "/v1/keys")
    return key


def _create_key(work: Work, body: NewKey) -> Made[ApiKey]:
    _require_given(work, body)
    if body.expires_at is not None and body.expires_at <= datetime.now(UTC):
        raise Refused("expires_at is over already: give an instant to come, or leave it out")
    key, text = api_keys.create(
        work.connection, work.organization_id, **{**given(body), "scopes": body.scopes}
    )  # fmt: skip
    return Made(key, {"key": text})


def _require_given(work: Work, body: NewKey) -> None:
    """Raise Refused where the key could do what its maker, or the one whose it is, cannot."""
    beyond = sorted(set(body.scopes) - work.caller.scopes)
    if beyond:
        raise Refused(f"you have not the scope {beyond[0]!r} yourself, and give nobody what you lack")
    if body.user_id is None:
        return
    try:
        person = people.get(work.connection, work.organization_id, body.user_id)
    except Missing:
        raise collections.missing("user", "/v1/users") from None
    beyond = sorted(set(body.scopes) - person.scopes)
    if beyond:
        raise Refused(
            f"the user's role, {person.role or 'none'}, has not the scope {beyond[0]!r}: leave it out, or change that"
        )


def _change_key(work: Work, key: ApiKey, body: KeyFields) -> ApiKey:
    changed = replace(key, **given(body))
    api_keys.set_rate_limits(
        work.connection, work.organization_id, key.id, per_hour=changed.rate_limit_per_hour,
        per_day=changed.rate_limit_per_day,
    )  # fmt: skip
    return api_keys.replace(work.connection, work.organization_id, changed)


def _remove_key(work: Work, key: ApiKey) -> None:
    """It is refused from that moment."""
    api_keys.revoke(work.connection, work.organization_id, key.id)


def _told_key(work: Work, key: ApiKey) -> KeyBody:
    return KeyBody.model_validate({name: value for name, value in asdict(key).items() if name != "revoked_at"})


def _read_settings(work: Work, user_id: str) -> KnowledgeSettings:
    person = _get_person(work, user_id)
    return knowledge_settings.get(work.connection, work.organization_id, person.id)


def _change_settings(
    work: Work, user_id: str, settings: KnowledgeSettings, body: KnowledgeSettingsFields
) -> KnowledgeSettings:
    person = _get_person(work, user_id)
    changed = replace(settings, **given(body))
    knowledge_settings.replace(work.connection, work.organization_id, person.id, changed)
    return changed


_any_key = by_id(api_keys.get, "key", "/v1/keys")
USERS = Collection(
    name="users", noun="user", scope="administer", body=UserBody, told=_told_person, select=_select_people,
    get=_get_person, page=UserPage, new=NewUser, create=_create_person, changes=UserFields, change=_change_person,
    remove=_remove_person, passing=frozenset({"updated_at", "last_login_at"}),
)  # fmt: skip
KEYS = Collection(
    name="keys", noun="key", scope="administer", body=KeyBody, told=_told_key, select=_select_keys, get=_get_key,
    page=KeyPage, new=NewKey, create=_create_key, changes=KeyFields, change=_change_key, remove=_remove_key,
    passing=frozenset({"last_used_at"}),
)  # fmt: skip
KNOWLEDGE_SETTINGS: Single[KnowledgeSettings] = Single(
    address="/v1/users/{id}/knowledge-settings", noun="knowledge settings", tag="users", scope="administer",
    body=KnowledgeSettingsBody, read=_read_settings, told=lambda settings: KnowledgeSettingsBody(**asdict(settings)),
    changes=KnowledgeSettingsFields, change=_change_settings,
)  # fmt: skip
