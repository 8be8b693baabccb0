"""Keys of organizations at providers of models: sealed at rest, never shown again, used instead of the house's."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID, uuid4

from psycopg.errors import UniqueViolation

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Misconfigured, Missing, Refused
from resources.foundation.model_names import OPENAI_ADDRESS
from resources.foundation.secrets import Keyring, KeyUse, Place, Rewrapped, SealedSecret, keep_keys
from resources.foundation.statements import Connection, find, many, one, run, statements_for
from resources.identity.records import ProviderKey

SQL = statements_for(__name__)

PROVIDERS = ("openai",)
Thing = TypeVar("Thing")
_MOST_KEPT = 100


@dataclass(frozen=True)
class OpenedKey:
    """A provider's key, as the provider wants it. `id` is another whenever the key was replaced."""

    id: UUID
    text: str = field(repr=False)


def replace(
    connection: Connection,
    organization_id: UUID,
    *,
    provider: str,
    text: str,
    keyring: Keyring,
    address: str = OPENAI_ADDRESS,
) -> ProviderKey:
    """Keep the organization's key at a provider, in place of any it had.

    It is bound to the address that it is meant for, and is never sent to another. Raises Refused for a provider that
    nothing here can ask and for a key that is no single line; Conflict where it is being set elsewhere too.
    """
    _require_known(provider)
    id = uuid4()
    content = json.dumps({"key": _one_line(text), "address": address}).encode()
    try:
        with connection.transaction():
            keep_keys(connection)
            run(connection, SQL["remove"], organization_id=organization_id, provider=provider)
            return one(
                connection, ProviderKey, SQL["create"], missing=f"the key of {provider} was not kept",
                organization_id=organization_id, id=id, provider=provider,
                ciphertext=keyring.seal(content, _place(organization_id, id)),
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"the key of {provider} was set by somebody else at the same moment: set it again") from None


def select_all(connection: Connection, organization_id: UUID) -> list[ProviderKey]:
    """The keys of the organization, without anything of what they are."""
    return many(connection, ProviderKey, SQL["select_all"], organization_id=organization_id)


def remove(connection: Connection, organization_id: UUID, *, provider: str) -> None:
    """Forget the organization's key at a provider: the installation's is used from now on. Raises Missing."""
    if run(connection, SQL["remove"], organization_id=organization_id, provider=provider) == 0:
        raise Missing(f"there is no key of {provider} in this organization: 'millrace provider-key list' shows them")


def rewrap(
    connection: Connection, organization_id: UUID, *, keyring: Keyring, after: UUID, most: int
) -> list[Rewrapped]:
    """Wrap keys anew that another than the first key of the ring wraps, of rows after this id; what became of them."""
    waiting = many(
        connection, SealedSecret, SQL["select_to_rewrap"],
        organization_id=organization_id, key_id=keyring.key_ids[0], after=after, most=most,
    )  # fmt: skip
    outcomes = keyring.rewrap_all(waiting, lambda id: _place(organization_id, id))
    for each in outcomes:
        if each.sealed is not None:
            run(
                connection, SQL["set_ciphertext"],
                organization_id=organization_id, id=each.id, ciphertext=each.sealed,
            )  # fmt: skip
    return outcomes


def count_by_key(connection: Connection, organization_id: UUID) -> list[KeyUse]:
    """Which keys wrap the organization's provider keys, and how many each."""
    return many(connection, KeyUse, SQL["count_by_key"], organization_id=organization_id)


class Own(Generic[Thing]):
    """What an organization uses with its own key, made once and kept while the key is the same.

    Whoever has no key of their own uses what the installation shares. The database is asked each time, so that a key
    that is replaced or removed counts at once; nothing of it is opened again while it is the same.
    """

    def __init__(
        self, shared: Thing, make: Callable[[str], Thing], *, keyring: Keyring, address: str | None, provider: str
    ) -> None:
        self._shared = shared
        self._make = make
        self._keyring = keyring
        self._address = address or OPENAI_ADDRESS
        self._provider = provider
        self._making = Lock()
        self._kept: OrderedDict[UUID, tuple[UUID, Thing]] = OrderedDict()

    def of(self, database: Database, organization_id: UUID) -> Thing:
        """What this organization uses. Raises Misconfigured when its key cannot be opened: no other is used then."""
        with database.exchange(organization_id) as connection:
            return self.within(connection, organization_id)

    def within(self, connection: Connection, organization_id: UUID) -> Thing:
        """As `of`, in the caller's transaction."""
        found = find(connection, SealedSecret, SQL["find"], organization_id=organization_id, provider=self._provider)
        with self._making:
            if found is None:
                self._kept.pop(organization_id, None)
                return self._shared
            kept = self._kept.get(organization_id)
            if kept is None or kept[0] != found.id:
                key = _opened(organization_id, found, self._keyring, self._address)
                kept = self._kept[organization_id] = (key.id, self._make(key.text))
            self._kept.move_to_end(organization_id)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return kept[1]


def _opened(organization_id: UUID, found: SealedSecret, keyring: Keyring, address: str) -> OpenedKey:
    content = json.loads(keyring.open(found.sealed, _place(organization_id, found.id)))
    if content["address"] != address:
        raise Misconfigured(
            "the organization's provider key was set for another address than OPENAI_BASE_URL names now, and is not "
            "sent there: set it again with 'millrace provider-key set', or set the address back"
        )
    return OpenedKey(found.id, content["key"])


def _place(organization_id: UUID, id: UUID) -> Place:
    return Place(organization_id, "identity.provider_keys", id, "ciphertext")


def _require_known(provider: str) -> None:
    if provider not in PROVIDERS:
        raise Refused(f"nothing here asks {provider!r}: keys are kept for {', '.join(PROVIDERS)} and what speaks alike")


def _one_line(text: str) -> str:
    secret = text.strip()
    if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise Refused("a provider's key is one word of visible ASCII characters: nothing was kept")
    return secret
