"""Notification channels: where people are told of what happens, by webhook or mail. /v1/channels"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from resources.identity import notification_channels
from resources.identity.records import ChannelKind, Event, NotificationChannel
from serving import collections
from serving.collections import Collection, Made, Named, Work, by_id_or_name, given, left_out
from serving.wire_managing import Name, Strict, Words

Events = Annotated[list[Event], Field(max_length=20, description="Those that are told of; none: all.")]


class ChannelBody(BaseModel):
    """A channel. `destination` is what may be shown of its address; the rest is sealed."""

    object: Literal["channel"] = "channel"
    id: UUID
    name: str
    kind: ChannelKind
    destination: str
    events: list[Event]
    is_active: bool
    created_at: datetime
    signing_secret: str | None = Field(
        default=None, description="Of a webhook: signs what it is sent. In the answer that makes it, and never again."
    )


class ChannelFields(BaseModel):
    """What may be said of a channel. For another address, make another channel."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"is_active": False}]})
    name: Name = Field(default_factory=left_out)
    events: Events = Field(default_factory=left_out)
    is_active: bool = Field(default_factory=left_out)


class NewChannel(ChannelFields):
    """A channel to be made."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={"examples": [{"name": "office", "kind": "email", "target": "office@mill.example"}]},
    )
    name: Name
    kind: ChannelKind
    target: Annotated[
        Words, Field(min_length=1, max_length=2000, repr=False, description="A webhook's or mail address.")
    ]


class ChannelPage(Named):
    """A page of channels."""

    kind: ChannelKind | None = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, CHANNELS)


def _select(work: Work, page: ChannelPage) -> list[NotificationChannel]:
    every = notification_channels.select_all(work.connection, work.organization_id)
    return [each for each in every if page.kind in (None, each.kind)]


def _create(work: Work, body: NewChannel) -> Made[NotificationChannel]:
    values = given(body)
    is_active = values.pop("is_active", True)
    made, secret = notification_channels.create(
        work.connection, work.organization_id, **values, keyring=work.desk.keyring,
        allowed_hosts=work.desk.allowed_hosts,
    )  # fmt: skip
    if not is_active:
        made = notification_channels.replace(work.connection, work.organization_id, replace(made, is_active=False))
    return Made(made, {"signing_secret": secret or None})


def _change(work: Work, channel: NotificationChannel, body: ChannelFields) -> NotificationChannel:
    return notification_channels.replace(
        work.connection, work.organization_id, replace(channel, **given(body))
    )  # fmt: skip


def _remove(work: Work, channel: NotificationChannel) -> None:
    """What waits to be delivered through it goes too."""
    notification_channels.remove(work.connection, work.organization_id, channel.name)


def _told(work: Work, channel: NotificationChannel) -> ChannelBody:
    return ChannelBody.model_validate(asdict(channel))


CHANNELS = Collection(
    name="channels", noun="channel", scope="administer", body=ChannelBody, told=_told, select=_select,
    get=by_id_or_name(notification_channels.select_all, "channel", "/v1/channels"), page=ChannelPage, new=NewChannel,
    create=_create, changes=ChannelFields, change=_change, remove=_remove,
)  # fmt: skip
