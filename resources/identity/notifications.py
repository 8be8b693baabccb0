"""Notifications: what happened and who is to be told, kept together with what happened; couriers.py tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from resources.foundation.statements import Connection, many, one, run, statements_for
from resources.identity import notification_deliveries, wording
from resources.identity.records import Event, Notification

SQL = statements_for(__name__)

_LONGEST_SUBJECT = 300


@dataclass(frozen=True)
class _Raised:
    id: UUID
    is_new: bool


def raise_event(
    connection: Connection,
    organization_id: UUID,
    *,
    event: Event,
    subject: str,
    body: Mapping[str, object],
    dedup_key: str | None = None,
    owner_id: UUID | None = None,
) -> bool:
    """Tell people what happened, as soon as this transaction commits; whether it was news.

    `subject` is a sentence; `body` values that JSON can hold, and no secret. While the trouble of a `dedup_key` is not
    closed (`close_event`), saying it again only counts. `owner_id`: the user whom it concerns, such as a source's.
    """
    raised = one(
        connection, _Raised, SQL["raise_event"], missing="the notification was not kept",
        organization_id=organization_id, event=event, subject=subject[:_LONGEST_SUBJECT], body=Jsonb(dict(body)),
        dedup_key=dedup_key,
    )  # fmt: skip
    if raised.is_new:
        notification_deliveries.address(
            connection, organization_id, notification_id=raised.id, event=event, is_error=wording.is_error(event),
            owner_id=owner_id,
        )  # fmt: skip
    return raised.is_new


def close_event(connection: Connection, organization_id: UUID, *, dedup_key: str) -> bool:
    """The trouble of the key is over: when it comes again, it is news. Whether there was any."""
    return run(connection, SQL["close_event"], organization_id=organization_id, dedup_key=dedup_key) > 0


def raise_test(connection: Connection, organization_id: UUID, *, channel_id: UUID) -> UUID:
    """A notification that only tries a channel; its id."""
    raised = one(
        connection, _Raised, SQL["raise_event"], missing="the notification was not kept",
        organization_id=organization_id, event="test", subject="This is a test of a notification channel",
        body=Jsonb({}), dedup_key=None,
    )  # fmt: skip
    notification_deliveries.address_channel(
        connection, organization_id, notification_id=raised.id, channel_id=channel_id
    )  # fmt: skip
    return raised.id


def get(connection: Connection, organization_id: UUID, id: UUID) -> Notification:
    """A notification; raises Missing."""
    return one(
        connection, Notification, SQL["get"], missing=f"there is no notification {id}",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_latest(connection: Connection, organization_id: UUID, *, limit: int = 20) -> list[Notification]:
    """The latest notifications, the newest first."""
    return many(connection, Notification, SQL["select_latest"], organization_id=organization_id, limit=limit)


def select_open(connection: Connection, organization_id: UUID, *, event: Event) -> list[Notification]:
    """The trouble of a kind that is not over, the newest first."""
    return many(connection, Notification, SQL["select_open"], organization_id=organization_id, event=event)


def remove_old(connection: Connection, organization_id: UUID, *, days: int) -> int:
    """Forget notifications that are over and that nobody waits for, so many days after they were last raised."""
    return run(connection, SQL["remove_old"], organization_id=organization_id, days=days)


def remove_of_source(connection: Connection, organization_id: UUID, source_id: UUID) -> int:
    """Forget what was told of a source, which is being erased; how many notifications."""
    return run(connection, SQL["remove_of_source"], organization_id=organization_id, source_id=str(source_id))
