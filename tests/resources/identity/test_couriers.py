"""Deliveries reach real servers, signed; what does not arrive is tried again later, and not for ever."""

from __future__ import annotations

import json
import time
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from resources.foundation.database import Database, Server
from resources.foundation.mail import Mailer
from resources.foundation.secrets import Key, Keyring
from resources.foundation.settings import Settings
from resources.foundation.web import Web
from resources.identity import memberships, notification_channels, notification_deliveries, notifications, users
from resources.identity.couriers import BACK_OFF_S, Courier, Delivered
from resources.identity.records import NotificationDelivery
from resources.identity.signing import HEADER, signature
from tests.conftest import make_organization
from tests.fixtures.mail_server import MailServer
from tests.fixtures.webhook_server import WebhookServer

RING = Keyring.of(Key("old", b"o" * 32))


def test_a_webhook_is_told_signed_and_once(database: Database, organization_id: UUID) -> None:
    with WebhookServer() as server:
        secret = _hook(database, organization_id, server)
        _raise(database, organization_id)
        courier = _courier(server)
        assert courier.deliver_all(database) == Delivered(delivered=1)
        assert courier.deliver_all(database) == Delivered()
    (received,) = server.received
    assert received.path == "/services/grist-token"
    assert received.headers["content-type"] == "application/json"
    header = received.headers[HEADER.lower()]
    at = int(header.partition(",")[0].removeprefix("t="))
    assert abs(time.time() - at) < 60
    assert header == signature(received.body, key=secret, at=at)
    said = json.loads(received.body)
    (delivery,) = _deliveries(database, organization_id)
    assert said["event"] == "sync_failed"
    assert said["organization"] == "acme"
    assert said["data"] == {"source": "docs", "reason": "it is dark"}
    assert said["delivery"] == str(delivery.id)
    assert delivery.status == "delivered"
    assert delivery.delivered_at is not None


def test_what_does_not_arrive_is_tried_again_and_then_given_up(database: Database, organization_id: UUID) -> None:
    with WebhookServer() as server:
        _hook(database, organization_id, server)
        server.statuses.extend([500] * (len(BACK_OFF_S) + 1))
        _raise(database, organization_id)
        courier = _courier(server)
        for _ in BACK_OFF_S:
            assert courier.deliver(database, organization_id) == Delivered(postponed=1)
            assert courier.deliver(database, organization_id) == Delivered()
            _let_time_pass(database, organization_id)
        assert courier.deliver(database, organization_id) == Delivered(failed=1)
        _let_time_pass(database, organization_id)
        assert courier.deliver(database, organization_id) == Delivered()
    (delivery,) = _deliveries(database, organization_id)
    assert (delivery.status, delivery.attempts) == ("failed", len(BACK_OFF_S) + 1)
    assert delivery.last_error == "the webhook answered 500"
    assert "grist" not in repr(delivery)


def test_the_second_attempt_may_succeed(database: Database, organization_id: UUID) -> None:
    with WebhookServer() as server:
        _hook(database, organization_id, server)
        server.statuses.append(503)
        _raise(database, organization_id)
        courier = _courier(server)
        assert courier.deliver(database, organization_id) == Delivered(postponed=1)
        _let_time_pass(database, organization_id)
        assert courier.deliver(database, organization_id) == Delivered(delivered=1)
    first, second = (json.loads(received.body)["delivery"] for received in server.received)
    assert first == second


def test_a_courier_that_dies_on_the_way_loses_nothing(database: Database, organization_id: UUID) -> None:
    with WebhookServer() as server:
        _hook(database, organization_id, server)
        _raise(database, organization_id)
        with database.transaction(organization_id) as connection:
            assert len(notification_deliveries.claim(connection, organization_id, most=9, seconds=300)) == 1
        courier = _courier(server)
        assert courier.deliver(database, organization_id) == Delivered()
        _let_time_pass(database, organization_id)
        assert courier.deliver(database, organization_id) == Delivered(delivered=1)


def test_one_delivery_is_claimed_and_no_more_however_the_database_joins(
    server: Server, database: Database, organization_id: UUID
) -> None:
    """Where statistics call the table empty, it may be read first and what is due chosen anew for each of its rows."""
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as admin:
        admin.execute("vacuum analyze identity.notification_deliveries")
    with WebhookServer() as webhooks:
        for name in ("chat", "mill", "shop"):
            _hook(database, organization_id, webhooks, name=name)
        _raise(database, organization_id)
    with database.transaction(organization_id) as connection:
        assert len(notification_deliveries.claim(connection, organization_id, most=1, seconds=300)) == 1
    assert sorted(one.attempts for one in _deliveries(database, organization_id)) == [0, 0, 1]


def test_a_webhook_on_a_private_address_is_not_asked(database: Database, organization_id: UUID) -> None:
    """It was allowed when it was added; now it is not."""
    with WebhookServer() as server:
        _hook(database, organization_id, server)
        _raise(database, organization_id)
        courier = Courier(keyring=RING, web=Web(), mailer=None)
        assert courier.deliver(database, organization_id) == Delivered(postponed=1)
    assert server.received == []


def test_a_channel_whose_key_is_lost_says_so_and_others_are_served(database: Database, organization_id: UUID) -> None:
    with WebhookServer() as server:
        _hook(database, organization_id, server, name="lost", ring=Keyring.of(Key("lost", b"l" * 32)))
        _hook(database, organization_id, server)
        _raise(database, organization_id)
        assert _courier(server).deliver(database, organization_id) == Delivered(delivered=1, postponed=1)
    errors = {one.recipient: one.last_error for one in _deliveries(database, organization_id)}
    assert errors["chat"] is None
    assert "'lost', which is not in MILLRACE_SECRET_KEYS" in str(errors["lost"])


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_user_and_a_channel_are_mailed(database: Database, organization_id: UUID, tmp_path: Path) -> None:
    with database.transaction(organization_id) as connection:
        mia = users.create(connection, organization_id, username="mia", email="mia@mill.example")
        memberships.set_role(connection, organization_id, mia.id, "engineer")
        notification_channels.create(
            connection, organization_id, name="office", kind="email", target="office@mill.example", keyring=RING
        )  # fmt: skip
    _raise(database, organization_id)
    with MailServer() as server:
        settings = Settings(home=tmp_path, smtp_url=f"smtp://127.0.0.1:{server.port}", mail_from="mill@mill.example")
        courier = Courier(keyring=RING, web=Web(), mailer=Mailer.from_settings(settings))
        assert courier.deliver(database, organization_id) == Delivered(delivered=2)
    assert {message["To"] for message in server.received} == {"mia@mill.example", "office@mill.example"}
    message = server.received[0]
    assert message["Subject"] == "[Millrace acme] Source docs was not synced"
    assert "reason: it is dark" in message.get_content()


def test_without_a_mail_server_mail_is_skipped_and_does_not_pile_up(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        notification_channels.create(
            connection, organization_id, name="office", kind="email", target="office@mill.example", keyring=RING
        )  # fmt: skip
    _raise(database, organization_id)
    courier = Courier(keyring=RING, web=Web(), mailer=None)
    assert courier.deliver(database, organization_id) == Delivered(skipped=1)
    (delivery,) = _deliveries(database, organization_id)
    assert delivery.last_error == "there is no mail server: set MILLRACE_SMTP_URL"


def test_each_organization_is_told_its_own(database: Database, organization_id: UUID) -> None:
    other = make_organization(database, "other")
    with WebhookServer() as server:
        for one in (organization_id, other):
            _hook(database, one, server)
        _raise(database, organization_id)
        assert _courier(server).deliver_all(database) == Delivered(delivered=1)
        _raise(database, other)
        assert _courier(server).deliver_all(database) == Delivered(delivered=1)
    assert [json.loads(received.body)["organization"] for received in server.received] == ["acme", "other"]


def _hook(
    database: Database, organization_id: UUID, server: WebhookServer, *, name: str = "chat", ring: Keyring = RING
) -> str:
    with database.transaction(organization_id) as connection:
        _, secret = notification_channels.create(
            connection, organization_id, name=name, kind="webhook", keyring=ring,
            target=f"http://{server.host}/services/grist-token", allowed_hosts=frozenset({server.host}),
        )  # fmt: skip
    return secret


def _raise(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        notifications.raise_event(
            connection, organization_id, event="sync_failed", subject="Source docs was not synced",
            body={"source": "docs", "reason": "it is dark"},
        )  # fmt: skip


def _courier(server: WebhookServer) -> Courier:
    return Courier(keyring=RING, web=Web(allowed_hosts={server.host}), mailer=None)


def _let_time_pass(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        connection.execute("update identity.notification_deliveries set next_attempt_at = now()")


def _deliveries(database: Database, organization_id: UUID) -> list[NotificationDelivery]:
    with database.transaction(organization_id) as connection:
        (latest,) = notifications.select_latest(connection, organization_id, limit=1)
        return notification_deliveries.select_of(connection, organization_id, latest.id)
