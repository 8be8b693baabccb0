"""Put a notification into the words of a message: JSON for a webhook, text for a mail. Pure."""

from __future__ import annotations

import json
from uuid import UUID

from resources.identity.records import Notification

SYNC_EVENTS = frozenset({"sync_completed"})


def is_error(event: str) -> bool:
    """Whether an event is trouble: those who want no errors are not told; the others are news of syncs."""
    return event not in SYNC_EVENTS


def as_json(notification: Notification, *, organization: str, delivery_id: UUID) -> bytes:
    """What a webhook is sent. `delivery` is the same when it is sent again, so that a receiver can tell."""
    return json.dumps(
        {
            "id": str(notification.id), "delivery": str(delivery_id), "organization": organization,
            "event": notification.event, "subject": notification.subject,
            "created_at": notification.created_at.isoformat(), "data": dict(notification.body),
        },
        ensure_ascii=False, sort_keys=True,
    ).encode()  # fmt: skip


def as_text(notification: Notification, *, organization: str) -> str:
    """What a mail says: the subject as a sentence, then what is known, a line each."""
    known = [f"{name.replace('_', ' ')}: {_shown(found)}" for name, found in notification.body.items()]
    return "\n".join(
        [
            notification.subject, "", *known, "",
            f"Organization {organization}; {notification.created_at:%Y-%m-%d %H:%M:%S %Z}; event {notification.event}.",
            "The same trouble is told once, until it is over.",
        ]
    )  # fmt: skip


def _shown(found: object) -> str:
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, default=str)
