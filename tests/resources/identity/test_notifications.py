"""What happened is kept with what happened, told once while it lasts, and to those who want to know."""

from __future__ import annotations

from uuid import UUID

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.secrets import Key, Keyring
from resources.foundation.web import NotPermitted
from resources.identity import (
    knowledge_settings,
    memberships,
    notification_channels,
    notification_deliveries,
    notifications,
    users,
)
from resources.identity.records import Event, KnowledgeSettings, MemberRole, NotificationChannel

RING = Keyring.of(Key("old", b"o" * 32))
HOOK = "https://hooks.example/services/T0/grist-token"


def test_trouble_is_told_once_until_it_is_over(database: Database, organization_id: UUID) -> None:
    _channel(database, organization_id)
    assert [_raise(database, organization_id, key="docs") for _ in range(3)] == [True, False, False]
    assert _raise(database, organization_id, key="other")
    assert _times(database, organization_id) == [1, 3]
    with database.transaction(organization_id) as connection:
        assert notifications.close_event(connection, organization_id, dedup_key="docs")
        assert not notifications.close_event(connection, organization_id, dedup_key="docs")
    assert _raise(database, organization_id, key="docs")


def test_news_without_a_key_is_told_each_time(database: Database, organization_id: UUID) -> None:
    assert [_raise(database, organization_id, key=None) for _ in range(2)] == [True, True]


def test_what_is_rolled_back_is_not_told(database: Database, organization_id: UUID) -> None:
    _channel(database, organization_id)
    with database.transaction(organization_id) as connection, connection.transaction(force_rollback=True):
        notifications.raise_event(connection, organization_id, event="sync_failed", subject="Torn", body={})
    assert _recipients(database, organization_id) == []


def test_a_channel_gets_the_events_that_it_wants(database: Database, organization_id: UUID) -> None:
    _channel(database, organization_id, name="all")
    _channel(database, organization_id, name="errors", events=["sync_failed", "source_overdue"])
    _channel(database, organization_id, name="off")
    with database.transaction(organization_id) as connection:
        notification_channels.set_active(connection, organization_id, "off", is_active=False)
    _raise(database, organization_id, event="sync_failed")
    assert _recipients(database, organization_id) == ["all", "errors"]
    _raise(database, organization_id, event="sync_completed")
    assert _recipients(database, organization_id) == ["all"]


def test_a_user_gets_mail_about_syncs_and_errors_as_their_settings_say(
    database: Database, organization_id: UUID
) -> None:
    """Those who run the organization, unless they switched it off."""
    wants: dict[str, tuple[MemberRole, bool, bool]] = {
        "both": ("owner", True, True), "syncs": ("admin", True, False), "errors": ("engineer", False, True),
        "neither": ("owner", False, False), "reader": ("member", True, True),
    }  # fmt: skip
    for name, (role, of_syncs, of_errors) in wants.items():
        _user(database, organization_id, name, role, KnowledgeSettings(
            sync_notifications=of_syncs, error_notifications=of_errors))  # fmt: skip
    _user(database, organization_id, "unasked", "engineer", None)
    _raise(database, organization_id, event="sync_failed")
    assert _recipients(database, organization_id) == [f"{name}@mill.example" for name in ("both", "errors", "unasked")]
    _raise(database, organization_id, event="sync_completed")
    assert _recipients(database, organization_id) == [f"{name}@mill.example" for name in ("both", "syncs", "unasked")]


def test_what_concerns_an_owner_is_mailed_to_the_owner_alone(database: Database, organization_id: UUID) -> None:
    _user(database, organization_id, "admin", "admin", None)
    owner = _user(database, organization_id, "mia", "member", None)
    _raise(database, organization_id, owner_id=owner)
    assert _recipients(database, organization_id) == ["mia@mill.example"]
    with database.transaction(organization_id) as connection:
        connection.execute("update identity.users set is_active = false where id = %s", [owner])
    _raise(database, organization_id, owner_id=owner)
    assert _recipients(database, organization_id) == []


def test_a_channel_shows_the_host_and_nothing_of_the_token(database: Database, organization_id: UUID) -> None:
    channel, secret = _channel(database, organization_id)
    assert channel.destination == "hooks.example"
    with database.transaction(organization_id) as connection:
        row = connection.execute("select c::text, sealed from identity.notification_channels c").fetchone()
        address = notification_channels.get_address(connection, organization_id, channel.id, keyring=RING)
    assert row is not None
    assert b"grist" not in row[1]
    assert b"grist".hex() not in row[0]
    assert "grist" not in row[0]
    assert secret not in row[0]
    assert (address.target, address.signing_secret) == (HOOK, secret)
    assert "grist" not in repr(address)


@pytest.mark.parametrize(
    "target", ["", "hooks.example", "ftp://hooks.example/x", "https://user:grist@hooks.example/x", "http://hooks.example:81/"]
)  # fmt: skip
def test_an_address_that_is_not_fetched_is_refused(database: Database, organization_id: UUID, target: str) -> None:
    with database.transaction(organization_id) as connection, pytest.raises(NotPermitted) as refused:
        notification_channels.create(
            connection, organization_id, name="chat", kind="webhook", target=target, keyring=RING
        )  # fmt: skip
    assert "grist" not in str(refused.value)


@pytest.mark.parametrize("target", ["", "mia", "mia@", "@mill.example", "a@b.c,d@e.f", "a@b.c\nBcc: d@e.f"])
def test_what_is_no_mail_address_is_refused(database: Database, organization_id: UUID, target: str) -> None:
    with database.transaction(organization_id) as connection, pytest.raises(Refused):
        notification_channels.create(
            connection, organization_id, name="office", kind="email", target=target, keyring=RING
        )  # fmt: skip


def test_an_unknown_event_is_refused_and_a_taken_name_is_a_conflict(database: Database, organization_id: UUID) -> None:
    with pytest.raises(Refused, match="no event 'rain': there are sync_completed"):
        _channel(database, organization_id, events=["rain"])
    _channel(database, organization_id)
    with pytest.raises(Conflict, match="'chat'"):
        _channel(database, organization_id)


def test_a_removed_channel_takes_along_what_waits(database: Database, organization_id: UUID) -> None:
    _channel(database, organization_id)
    _raise(database, organization_id)
    with database.transaction(organization_id) as connection:
        notification_channels.remove(connection, organization_id, "chat")
        assert notification_channels.select_all(connection, organization_id) == []
        with pytest.raises(Missing, match="'chat'"):
            notification_channels.remove(connection, organization_id, "chat")
    assert _recipients(database, organization_id) == []


def test_old_news_is_forgotten_and_trouble_that_lasts_is_not(database: Database, organization_id: UUID) -> None:
    _raise(database, organization_id, key="over")
    _raise(database, organization_id, key="lasting")
    _raise(database, organization_id, key=None)
    with database.transaction(organization_id) as connection:
        notifications.close_event(connection, organization_id, dedup_key="over")
        assert notifications.remove_old(connection, organization_id, days=90) == 0
        connection.execute("update identity.notifications set last_raised_at = now() - interval '91 days'")
        assert notifications.remove_old(connection, organization_id, days=90) == 2
        assert len(notifications.select_latest(connection, organization_id)) == 1


def _channel(
    database: Database, organization_id: UUID, *, name: str = "chat", events: list[str] | None = None
) -> tuple[NotificationChannel, str]:
    with database.transaction(organization_id) as connection:
        return notification_channels.create(
            connection, organization_id, name=name, kind="webhook", target=HOOK, events=events or [], keyring=RING
        )  # fmt: skip


def _raise(
    database: Database,
    organization_id: UUID,
    *,
    key: str | None = None,
    event: Event = "sync_failed",
    owner_id: UUID | None = None,
) -> bool:
    with database.transaction(organization_id) as connection:
        return notifications.raise_event(
            connection, organization_id, event=event, subject="Source docs was not synced",
            body={"source": "docs"}, dedup_key=key, owner_id=owner_id,
        )  # fmt: skip


def _user(
    database: Database, organization_id: UUID, name: str, role: MemberRole, settings: KnowledgeSettings | None
) -> UUID:
    with database.transaction(organization_id) as connection:
        user = users.create(connection, organization_id, username=name, email=f"{name}@mill.example")
        memberships.set_role(connection, organization_id, user.id, role)
        if settings is not None:
            knowledge_settings.replace(connection, organization_id, user.id, settings)
    return user.id


def _times(database: Database, organization_id: UUID) -> list[int]:
    with database.transaction(organization_id) as connection:
        return [one.times for one in notifications.select_latest(connection, organization_id)]


def _recipients(database: Database, organization_id: UUID) -> list[str]:
    """Whom the latest notification reaches."""
    with database.transaction(organization_id) as connection:
        latest = notifications.select_latest(connection, organization_id, limit=1)
        return [
            delivery.recipient
            for one in latest
            for delivery in notification_deliveries.select_of(connection, organization_id, one.id)
        ]
