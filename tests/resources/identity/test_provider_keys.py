"""An organization's own key at a provider is kept sealed, used by it alone, and at the address it was set for."""

from __future__ import annotations

from uuid import UUID

import pytest

from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Misconfigured, Missing, Refused
from resources.foundation.secrets import Key, Keyring
from resources.identity import provider_keys
from resources.identity.provider_keys import Own
from tests.conftest import make_organization

OLD, NEW = Key("old", b"o" * 32), Key("new", b"n" * 32)
RING = Keyring.of(OLD)
ELSEWHERE = "http://elsewhere.example/v1"


def opened(
    database: Database, organization_id: UUID, ring: Keyring = RING, *, address: str | None = None
) -> str | None:
    """The organization's own key, as it is used; None where it has none."""
    own = Own[str | None](None, str, keyring=ring, address=address, provider="openai")
    return own.of(database, organization_id)


def test_a_key_opens_for_its_organization_and_is_listed_without_what_it_is(
    database: Database, organization_id: UUID
) -> None:
    other = make_organization(database, "other")
    _set(database, organization_id, "sk-grist\n")
    assert opened(database, organization_id) == "sk-grist"
    assert opened(database, other) is None
    with database.transaction(organization_id) as connection:
        (listed,) = provider_keys.select_all(connection, organization_id)
    assert "grist" not in repr(listed)


def test_the_row_shows_nothing_of_it(database: Database, organization_id: UUID) -> None:
    _set(database, organization_id, "sk-grist")
    with database.transaction(organization_id) as connection:
        row = connection.execute("select k::text, ciphertext from identity.provider_keys k").fetchone()
    assert row is not None
    assert b"sk-grist".hex() not in row[0]
    assert b"sk-grist" not in row[1]


def test_a_new_key_takes_the_place_of_the_old(database: Database, organization_id: UUID) -> None:
    for secret in ("sk-one", "sk-two"):
        _set(database, organization_id, secret)
    with database.transaction(organization_id) as connection:
        assert len(provider_keys.select_all(connection, organization_id)) == 1
    assert opened(database, organization_id) == "sk-two"


def test_a_key_is_not_sent_to_another_address_than_it_was_set_for(database: Database, organization_id: UUID) -> None:
    _set(database, organization_id, "sk-grist")
    with pytest.raises(Misconfigured, match="set it again"):
        opened(database, organization_id, address=ELSEWHERE)


@pytest.mark.parametrize("secret", ["", "  \n", "two words", "sk-\x00", "schlüssel", "line\nline"])
def test_what_is_no_key_is_refused_without_repeating_it(database: Database, organization_id: UUID, secret: str) -> None:
    with pytest.raises(Refused) as refused:
        _set(database, organization_id, secret)
    assert not secret.strip() or secret not in str(refused.value)


def test_a_provider_that_nothing_asks_is_refused(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection, pytest.raises(Refused, match="'cohere'"):
        provider_keys.replace(connection, organization_id, provider="cohere", text="c", keyring=RING)


def test_a_removed_key_is_gone(database: Database, organization_id: UUID) -> None:
    _set(database, organization_id, "sk-grist")
    with database.transaction(organization_id) as connection:
        provider_keys.remove(connection, organization_id, provider="openai")
        assert provider_keys.select_all(connection, organization_id) == []
        with pytest.raises(Missing, match="no key of openai"):
            provider_keys.remove(connection, organization_id, provider="openai")


def test_an_organization_uses_its_own_key_from_the_moment_it_is_set_until_it_is_removed(
    server: Server, database: Database, organization_id: UUID
) -> None:
    """As the API does it, in its own role."""
    other = make_organization(database, "other")
    made: list[str] = []
    own = Own[str]("the house's", lambda secret: made.append(secret) or f"with {secret}", keyring=RING,  # type: ignore[func-returns-value]
                   address=None, provider="openai")  # fmt: skip
    with open_database(server, "millrace_api", most=1) as api:
        assert own.of(api, organization_id) == "the house's"
        _set(database, organization_id, "sk-one")
        assert [own.of(api, organization_id) for _ in range(3)] == ["with sk-one"] * 3
        assert own.of(api, other) == "the house's"
        _set(database, organization_id, "sk-two")
        assert own.of(api, organization_id) == "with sk-two"
        with database.transaction(organization_id) as connection:
            provider_keys.remove(connection, organization_id, provider="openai")
        assert own.of(api, organization_id) == "the house's"
    assert made == ["sk-one", "sk-two"]


def test_a_key_that_cannot_be_opened_is_told_and_the_houses_is_not_used_instead(
    database: Database, organization_id: UUID
) -> None:
    _set(database, organization_id, "sk-grist")
    own = Own[str]("the house's", str, keyring=Keyring.of(NEW), address=None, provider="openai")
    with pytest.raises(Misconfigured, match="'old', which is not in"):
        own.of(database, organization_id)


def test_keys_are_wrapped_anew_for_the_first_key_of_the_ring(database: Database, organization_id: UUID) -> None:
    _set(database, organization_id, "sk-grist")
    with database.transaction(organization_id) as connection:
        both = Keyring.of(NEW, OLD)
        first = provider_keys.rewrap(connection, organization_id, keyring=both, after=UUID(int=0), most=10)
        assert [one.problem for one in first] == [None]
        assert provider_keys.rewrap(connection, organization_id, keyring=both, after=UUID(int=0), most=10) == []
        assert [(use.key_id, use.secrets) for use in provider_keys.count_by_key(connection, organization_id)] == [
            ("new", 1)
        ]
    assert opened(database, organization_id, Keyring.of(NEW)) == "sk-grist"


def _set(database: Database, organization_id: UUID, text: str) -> None:
    with database.transaction(organization_id) as connection:
        provider_keys.replace(connection, organization_id, provider="openai", text=text, keyring=RING)
