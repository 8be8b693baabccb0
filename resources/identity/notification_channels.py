"""Channels: where an organization is told of what happens. Whole addresses and signing secrets are sealed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args
from uuid import UUID, uuid4

from psycopg.errors import UniqueViolation

from resources.foundation import web
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.secrets import Keyring, KeyUse, Place, Rewrapped, SealedSecret, keep_keys
from resources.foundation.statements import Connection, find, many, one, run, statements_for
from resources.identity.records import ChannelKind, Event, NotificationChannel

SQL = statements_for(__name__)

_SECRET_BYTES = 32


@dataclass(frozen=True)
class Address:
    """Where a channel leads; `signing_secret` signs what a webhook is sent."""

    target: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    name: str,
    kind: ChannelKind,
    target: str,
    events: Sequence[str] = (),
    keyring: Keyring,
    allowed_hosts: frozenset[str] = frozenset(),
) -> tuple[NotificationChannel, str]:
    """A channel, and the secret that signs what its webhook is sent ('' for mail), which is not shown again.

    No events: all of them. Raises Refused for an address or event that makes no sense, Conflict for a taken name.
    """
    unknown = sorted(set(events) - set(get_args(Event)))
    if unknown:
        raise Refused(f"there is no event {unknown[0]!r}: there are {', '.join(get_args(Event))}")
    if not 1 <= len(name) <= 100:
        raise Refused("a channel's name has 1 to 100 characters")
    shown = _shown(kind, target, allowed_hosts)
    id, secret = uuid4(), secrets.token_urlsafe(_SECRET_BYTES) if kind == "webhook" else ""
    content = json.dumps({"target": target, "signing_secret": secret}).encode()
    try:
        with connection.transaction():
            keep_keys(connection)
            channel = one(
                connection, NotificationChannel, SQL["create"], missing=f"channel {name!r} was not created",
                organization_id=organization_id, id=id, name=name, kind=kind, destination=shown,
                sealed=keyring.seal(content, _place(organization_id, id)), events=sorted(set(events)),
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"there is a channel {name!r} already: choose another name, or remove that one") from None
    return channel, secret


def select_all(connection: Connection, organization_id: UUID) -> list[NotificationChannel]:
    """The channels of the organization by name."""
    return many(connection, NotificationChannel, SQL["select_all"], organization_id=organization_id)


def find_by_name(connection: Connection, organization_id: UUID, name: str) -> NotificationChannel | None:
    """The channel that bears a name."""
    return find(connection, NotificationChannel, SQL["find_by_name"], organization_id=organization_id, name=name)


def get(connection: Connection, organization_id: UUID, id: UUID) -> NotificationChannel:
    """A channel by id; raises Missing."""
    return one(
        connection, NotificationChannel, SQL["get"], missing=f"there is no channel {id}",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def get_address(connection: Connection, organization_id: UUID, id: UUID, *, keyring: Keyring) -> Address:
    """Where a channel leads. Raises Missing, or Misconfigured when its address cannot be opened."""
    found = one(
        connection, SealedSecret, SQL["find_sealed"], missing=f"there is no channel {id}",
        organization_id=organization_id, id=id,
    )  # fmt: skip
    return Address(**json.loads(keyring.open(found.sealed, _place(organization_id, id))))


def set_active(connection: Connection, organization_id: UUID, name: str, *, is_active: bool) -> None:
    """Whether anything is delivered through the channel from now on. Raises Missing."""
    if run(connection, SQL["set_active"], organization_id=organization_id, name=name, is_active=is_active) == 0:
        raise Missing(_missing(name))


def replace(connection: Connection, organization_id: UUID, channel: NotificationChannel) -> NotificationChannel:
    """Give a channel the name, events and activity of this record. Raises Missing, Conflict for a taken name."""
    try:
        with connection.transaction():
            return one(
                connection, NotificationChannel, SQL["set"], missing=f"there is no channel {channel.id}",
                organization_id=organization_id, id=channel.id, name=channel.name,
                events=sorted(set(channel.events)), is_active=channel.is_active,
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"there is a channel {channel.name!r} already: choose another name") from None


def remove(connection: Connection, organization_id: UUID, name: str) -> None:
    """Take a channel away, with what waits to be delivered through it. Raises Missing."""
    if run(connection, SQL["remove"], organization_id=organization_id, name=name) == 0:
        raise Missing(_missing(name))


def rewrap(
    connection: Connection, organization_id: UUID, *, keyring: Keyring, after: UUID, most: int
) -> list[Rewrapped]:
    """Wrap addresses anew that another than the first key of the ring wraps, of rows after this id."""
    waiting = many(
        connection, SealedSecret, SQL["select_to_rewrap"],
        organization_id=organization_id, key_id=keyring.key_ids[0], after=after, most=most,
    )  # fmt: skip
    outcomes = keyring.rewrap_all(waiting, lambda id: _place(organization_id, id))
    for each in outcomes:
        if each.sealed is not None:
            run(connection, SQL["set_sealed"], organization_id=organization_id, id=each.id, sealed=each.sealed)
    return outcomes


def count_by_key(connection: Connection, organization_id: UUID) -> list[KeyUse]:
    """Which keys wrap addresses of channels, and how many each."""
    return many(connection, KeyUse, SQL["count_by_key"], organization_id=organization_id)


def _shown(kind: ChannelKind, target: str, allowed_hosts: frozenset[str]) -> str:
    if kind == "webhook":
        web.checked(target, allowed_hosts)
        return web.shown(target)
    local, _, host = target.rpartition("@")
    if not local or not host or not target.isprintable() or " " in target or "," in target:
        raise Refused(f"{target!r} is no e-mail address")
    return target


def _place(organization_id: UUID, id: UUID) -> Place:
    return Place(organization_id, "identity.notification_channels", id, "sealed")


def _missing(name: str) -> str:
    return f"there is no channel {name!r}: 'millrace notify list' shows them"
