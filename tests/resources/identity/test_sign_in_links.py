"""A link lets one person in once; what they may do is what their role says, for as long as they have it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from resources.foundation.database import Database, Server, open_database
from resources.identity import browser_sessions, memberships, sign_in_links, tokens, users
from resources.identity.records import SCOPES_OF_ROLE, Caller
from tests.conftest import make_organization


@pytest.fixture
def mia(database: Database, organization_id: UUID) -> UUID:
    """An analyst."""
    with database.transaction(organization_id) as connection:
        user = users.create(connection, organization_id, username="mia", email="mia@mill.example")
        memberships.set_role(connection, organization_id, user.id, "analyst")
    return user.id


def _link(database: Database, organization_id: UUID, user_id: UUID) -> str:
    with database.transaction(organization_id) as connection:
        return sign_in_links.create(connection, organization_id, user_id)


def _who(database: Database, cookie: str) -> Caller | None:
    with database.directory() as connection:
        return browser_sessions.holder(connection, cookie)


def test_a_link_lets_its_person_in_as_what_they_are(
    server: Server, database: Database, organization_id: UUID, mia: UUID
) -> None:
    link = _link(database, organization_id, mia)
    with open_database(server, "millrace_api", most=1) as api:
        cookie = sign_in_links.consume(api, link, browser="Lynx")
        assert cookie is not None
        caller = _who(api, cookie)
    assert caller is not None
    assert (caller.organization_id, caller.user_id, caller.name, caller.key_id) == (organization_id, mia, "mia", None)
    assert caller.scopes == SCOPES_OF_ROLE["analyst"]
    with database.transaction(organization_id) as connection:
        assert users.get(connection, organization_id, mia).last_login_at is not None
        assert [s.browser for s in browser_sessions.select_open(connection, organization_id, mia)] == ["Lynx"]


def test_of_many_who_use_a_link_at_once_one_comes_in(database: Database, organization_id: UUID, mia: UUID) -> None:
    link = _link(database, organization_id, mia)
    with ThreadPoolExecutor(8) as pool:
        cookies = list(pool.map(lambda _: sign_in_links.consume(database, link), range(16)))
    assert sum(cookie is not None for cookie in cookies) == 1


@pytest.mark.parametrize("text", ["", "x", "a" * 32 + "_" + "b" * 43, "0123456789abcdef" * 2 + "_" + "Q" * 43])
def test_what_is_no_link_lets_nobody_in(database: Database, mia: UUID, text: str) -> None:
    assert sign_in_links.consume(database, text) is None
    assert _who(database, text) is None


def test_the_right_id_with_a_wrong_secret_lets_nobody_in(database: Database, organization_id: UUID, mia: UUID) -> None:
    link = _link(database, organization_id, mia)
    forged = f"{link[:33]}{tokens.new().secret}"
    assert sign_in_links.consume(database, forged) is None
    cookie = sign_in_links.consume(database, link)
    assert cookie is not None
    assert _who(database, f"{cookie[:33]}{tokens.new().secret}") is None


def test_a_newer_link_ends_the_older(database: Database, organization_id: UUID, mia: UUID) -> None:
    older, newer = _link(database, organization_id, mia), _link(database, organization_id, mia)
    assert sign_in_links.consume(database, older) is None
    assert sign_in_links.consume(database, newer) is not None


@pytest.mark.parametrize(
    "change",
    [
        b"update identity.sign_in_links set expires_at = now()",
        b"update identity.users set is_active = false",
    ],
)
def test_a_link_that_is_too_old_or_of_somebody_who_left_works_no_more(
    database: Database, organization_id: UUID, mia: UUID, change: bytes
) -> None:
    link = _link(database, organization_id, mia)
    with database.transaction(organization_id) as connection:
        connection.execute(change)
    assert sign_in_links.consume(database, link) is None


@pytest.mark.parametrize(
    "change",
    [
        b"update identity.users set is_active = false",
        b"delete from identity.memberships",
        b"update identity.browser_sessions set expires_at = now()",
        b"update identity.browser_sessions set ended_at = now()",
        b"delete from identity.users",
    ],
)
def test_who_left_or_signed_out_is_signed_in_no_more(
    database: Database, organization_id: UUID, mia: UUID, change: bytes
) -> None:
    cookie = sign_in_links.consume(database, _link(database, organization_id, mia))
    assert cookie is not None
    assert _who(database, cookie) is not None
    with database.transaction(organization_id) as connection:
        connection.execute(change)
    assert _who(database, cookie) is None


def test_another_role_counts_at_once(database: Database, organization_id: UUID, mia: UUID) -> None:
    cookie = sign_in_links.consume(database, _link(database, organization_id, mia))
    assert cookie is not None
    with database.transaction(organization_id) as connection:
        memberships.set_role(connection, organization_id, mia, "member")
    caller = _who(database, cookie)
    assert caller is not None
    assert caller.scopes == {"chat", "search"}


def test_an_organization_without_people_gets_an_owner_once(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        first = sign_in_links.ensure_owner(connection, organization_id)
        again = sign_in_links.ensure_owner(connection, organization_id)
        role = memberships.find_role(connection, organization_id, first.id)
    assert first.id == again.id
    assert role is not None
    assert role.role == "owner"


def test_sessions_of_another_organization_are_not_its_business(
    database: Database, organization_id: UUID, mia: UUID
) -> None:
    sign_in_links.consume(database, _link(database, organization_id, mia))
    other = make_organization(database, "other")
    with database.transaction(other) as connection:
        assert browser_sessions.select_open(connection, other, mia) == []
        assert browser_sessions.end_of_user(connection, other, mia) == 0


def test_links_and_sessions_that_are_long_over_are_forgotten(
    database: Database, organization_id: UUID, mia: UUID
) -> None:
    sign_in_links.consume(database, _link(database, organization_id, mia))
    with database.transaction(organization_id) as connection:
        connection.execute("update identity.sign_in_links set used_at = now() - interval '2 days'")
        connection.execute("update identity.browser_sessions set ended_at = now() - interval '31 days'")
    _link(database, organization_id, mia)
    with database.transaction(organization_id) as connection:
        counts = connection.execute(
            "select (select count(*) from identity.sign_in_links), (select count(*) from identity.browser_sessions)"
        ).fetchone()
    assert counts == (1, 0)
