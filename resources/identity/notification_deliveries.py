"""Deliveries: who is to be told of a notification, and how that goes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from resources.foundation.statements import Connection, many, run, statements_for
from resources.identity.records import DeliveryStatus, NotificationDelivery

SQL = statements_for(__name__)


@dataclass(frozen=True)
class Claimed:
    """A delivery that is ours for a while. It leads through a channel, or to a user by mail."""

    id: UUID
    notification_id: UUID
    channel_id: UUID | None
    user_id: UUID | None
    attempts: int


@dataclass(frozen=True)
class _Waiting:
    organization_id: UUID


def address(
    connection: Connection,
    organization_id: UUID,
    *,
    notification_id: UUID,
    event: str,
    is_error: bool,
    owner_id: UUID | None,
) -> None:
    """Deliver a notification through all channels that want it, and to the users who do.

    These are its owner (a user) where it has one, else those who run the organization: its owners, admins, engineers.
    """
    run(
        connection, SQL["address_channels"],
        organization_id=organization_id, notification_id=notification_id, event=event,
    )  # fmt: skip
    run(
        connection, SQL["address_users"],
        organization_id=organization_id, notification_id=notification_id, is_error=is_error, owner_id=owner_id,
    )  # fmt: skip


def address_channel(connection: Connection, organization_id: UUID, *, notification_id: UUID, channel_id: UUID) -> None:
    """Deliver a notification through one channel alone."""
    run(
        connection, SQL["address_channel"],
        organization_id=organization_id, notification_id=notification_id, channel_id=channel_id,
    )  # fmt: skip


def claim(connection: Connection, organization_id: UUID, *, most: int, seconds: float) -> list[Claimed]:
    """Deliveries that are due, ours for so long: who dies with them loses nothing, they are due again then."""
    return many(
        connection, Claimed, SQL["claim"], organization_id=organization_id, most=most, seconds=seconds
    )  # fmt: skip


def finish(
    connection: Connection, organization_id: UUID, id: UUID, *, status: DeliveryStatus, reason: str | None = None
) -> None:
    """End a delivery: delivered, failed (given up) or skipped."""
    run(connection, SQL["finish"], organization_id=organization_id, id=id, status=status, reason=reason)


def postpone(connection: Connection, organization_id: UUID, id: UUID, *, seconds: float, reason: str) -> None:
    """Try a delivery again later."""
    run(connection, SQL["postpone"], organization_id=organization_id, id=id, seconds=seconds, reason=reason)


def select_of(connection: Connection, organization_id: UUID, notification_id: UUID) -> list[NotificationDelivery]:
    """The deliveries of a notification, by whom they reach."""
    return many(
        connection, NotificationDelivery, SQL["select_of"],
        organization_id=organization_id, notification_id=notification_id,
    )  # fmt: skip


def select_organizations(connection: Connection) -> list[UUID]:
    """The organizations with deliveries that are due, in a directory transaction of the pipeline's role."""
    return [waiting.organization_id for waiting in many(connection, _Waiting, SQL["select_organizations"])]
