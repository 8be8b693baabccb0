"""A key opens its own organization, is shown once, and can be revoked."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.identity import api_keys
from resources.identity.records import ApiKey, Caller


def _make(database: Database, organization_id: UUID, expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    with database.transaction(organization_id) as connection:
        return api_keys.create(
            connection, organization_id, name="phone", scopes=["search", "chat"], expires_at=expires_at
        )


def _holder(database: Database, text: str) -> Caller | None:
    with database.directory() as connection:
        return api_keys.holder(connection, text)


def test_a_key_leads_to_its_organization_and_scopes(database: Database, organization_id: UUID) -> None:
    key, text = _make(database, organization_id)
    assert text.startswith(f"mr_{key.id.hex}_")
    assert len(text.removeprefix(f"mr_{key.id.hex}_")) == 43
    assert _holder(database, text) == Caller(organization_id, key.id, None, "phone", frozenset({"chat", "search"}))


def test_the_api_itself_can_ask_who_holds_a_key_and_remember_its_use(
    server: Server, database: Database, organization_id: UUID
) -> None:
    key, text = _make(database, organization_id)
    with open_database(server, "millrace_api", most=1) as api:
        caller = _holder(api, text)
        assert caller is not None
        with api.transaction(caller.organization_id) as connection:
            assert api_keys.touch(connection, caller.organization_id, key.id)


def test_only_the_digest_of_the_secret_is_kept(database: Database, organization_id: UUID) -> None:
    key, text = _make(database, organization_id)
    secret = text.removeprefix(f"mr_{key.id.hex}_")
    with database.transaction(organization_id) as connection:
        row = connection.execute("select digest, k::text from identity.api_keys k").fetchone()
    assert row is not None
    assert row[0] == hashlib.sha256(secret.encode()).digest()
    assert secret not in row[1]


def test_a_wrong_secret_opens_nothing(database: Database, organization_id: UUID) -> None:
    _, text = _make(database, organization_id)
    other = "B" if text[-1] == "A" else "A"
    assert _holder(database, text[:-1] + other) is None


@pytest.mark.parametrize(
    "text", ["", "mr_", "sk-12345", "mr_" + "0" * 32 + "_" + "A" * 43, "mr_" + "g" * 32 + "_" + "A" * 43, "mr_'; --"]
)
def test_what_is_no_key_opens_nothing(database: Database, organization_id: UUID, text: str) -> None:
    _make(database, organization_id)
    assert _holder(database, text) is None


def test_something_before_or_after_a_key_makes_it_no_key(database: Database, organization_id: UUID) -> None:
    _, text = _make(database, organization_id)
    for changed in (text + "\n", " " + text, text + "A", text.upper(), text.replace("mr_", "mr__")):
        assert _holder(database, changed) is None


def test_a_revoked_key_opens_nothing(database: Database, organization_id: UUID) -> None:
    key, text = _make(database, organization_id)
    for _ in range(2):
        with database.transaction(organization_id) as connection:
            api_keys.revoke(connection, organization_id, key.id)
    assert _holder(database, text) is None


def test_an_expired_key_opens_nothing(database: Database, organization_id: UUID) -> None:
    now = datetime.now(UTC)
    _, text = _make(database, organization_id, expires_at=now - timedelta(seconds=1))
    assert _holder(database, text) is None


def test_a_key_is_touched_once_a_minute(database: Database, organization_id: UUID) -> None:
    key, _ = _make(database, organization_id)
    with database.transaction(organization_id) as connection:
        assert api_keys.touch(connection, organization_id, key.id)
        assert not api_keys.touch(connection, organization_id, key.id)
        connection.execute("update identity.api_keys set last_used_at = last_used_at - interval '61 seconds'")
        assert api_keys.touch(connection, organization_id, key.id)
        assert api_keys.get(connection, organization_id, key.id).last_used_at is not None


def test_a_taken_name_is_a_conflict(database: Database, organization_id: UUID) -> None:
    key, _ = _make(database, organization_id)
    with database.transaction(organization_id) as connection:
        with pytest.raises(Conflict, match="'phone'"):
            api_keys.create(connection, organization_id, name="phone", scopes=["chat"])
        assert api_keys.select_all(connection, organization_id) == [key]


def test_an_unknown_scope_is_refused(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection, pytest.raises(Refused, match="chat, search, manage,"):
        api_keys.create(connection, organization_id, name="phone", scopes=["everything"])


def test_a_key_that_is_not_there_cannot_be_revoked(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        with pytest.raises(Missing):
            api_keys.revoke(connection, organization_id, uuid4())
        with pytest.raises(Missing):
            api_keys.get(connection, organization_id, uuid4())
