"""Rotation of the keys that seal secrets: wrap everything anew, tell what uses which key, retire one that nothing uses.

Small transactions, each of which leaves every secret openable with the keys of the ring: a rotation that is killed is
simply run again. Secrets themselves are not opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from resources.foundation.counting import counted
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Misconfigured, Missing
from resources.foundation.secrets import VARIABLE, Keyring, KeyUse, Rewrapped, await_sealers
from resources.foundation.statements import Connection
from resources.identity import notification_channels, organizations, provider_keys
from resources.knowledge.connectors import credentials

BATCH = 50
_FIRST = UUID(int=0)

Progress = Callable[[str, int, int], None]
"""Told how far the rotation is: its name, how many secrets are done, how many are known by now."""


class _Holder(Protocol):
    """A module whose rows hold sealed secrets."""

    def rewrap(
        self, connection: Connection, organization_id: UUID, *, keyring: Keyring, after: UUID, most: int
    ) -> list[Rewrapped]: ...

    def count_by_key(self, connection: Connection, organization_id: UUID) -> list[KeyUse]: ...


HOLDERS: tuple[_Holder, ...] = (credentials, provider_keys, notification_channels)


@dataclass(frozen=True)
class Rotated:
    """What a rotation did, and what it could not wrap anew."""

    key_id: str
    rewrapped: int
    problems: tuple[str, ...]


@dataclass(frozen=True)
class KeyState:
    """A key and what it wraps. A key that wraps something and is not in the ring is lost, and so is that."""

    key_id: str | None
    secrets: int
    is_first: bool
    is_in_ring: bool


def rotate(database: Database, keyring: Keyring, *, progress: Progress | None = None) -> Rotated:
    """Wrap every secret of every organization anew with the first key of the ring."""
    if not keyring.key_ids:
        raise Misconfigured("there is no key yet, since there is no secret yet: nothing is to be rotated")
    rewrapped, problems = 0, []
    for batch in _batches(database, keyring):
        rewrapped += sum(each.sealed is not None for each in batch)
        problems += [each.problem for each in batch if each.problem is not None]
        if progress is not None:
            progress("secrets", rewrapped, rewrapped + len(problems))
    return Rotated(keyring.key_ids[0], rewrapped, tuple(problems))


def select_states(database: Database, keyring: Keyring) -> list[KeyState]:
    """The keys of the ring, then those that are missing from it, and how many secrets each wraps."""
    uses = _uses(database)
    ring = keyring.key_ids
    missing = sorted((id for id in uses if id not in ring), key=str)
    return [KeyState(id, uses[id], id == ring[0], True) for id in ring] + [
        KeyState(id, uses[id], False, False) for id in missing
    ]


def retire(database: Database, keyring: Keyring, key_id: str) -> bool:
    """Take a key out of the ring's file; False where the ring is the operator's, who takes it out of the setting.

    Raises Missing for a key that is not in the ring, Conflict for the first one and for one that wraps anything.
    """
    ring = keyring.key_ids
    if key_id not in ring:
        raise Missing(f"there is no key {key_id!r} in the ring: 'millrace secrets status' shows the keys")
    if key_id == ring[0]:
        remedy = "run 'millrace secrets rotate --new-key'" if keyring.file else f"put another one first in {VARIABLE}"
        raise Conflict(f"key {key_id!r} is the one that encrypts: first {remedy}")
    with database.directory() as connection:
        await_sealers(connection)
    used = _uses(database)[key_id]
    if used:
        raise Conflict(f"key {key_id!r} still encrypts {counted(used, 'secret')}: run 'millrace secrets rotate' first")
    if keyring.file is None:
        return False
    keyring.file.remove(key_id)
    return True


def _batches(database: Database, keyring: Keyring) -> Iterator[list[Rewrapped]]:
    for organization_id in _organizations(database):
        for holder in HOLDERS:
            after = _FIRST
            while True:
                with database.transaction(organization_id) as connection:
                    batch = holder.rewrap(connection, organization_id, keyring=keyring, after=after, most=BATCH)
                if batch:
                    yield batch
                if len(batch) < BATCH:
                    break
                after = batch[-1].id


def _uses(database: Database) -> Counter[str | None]:
    uses: Counter[str | None] = Counter()
    for organization_id in _organizations(database):
        with database.transaction(organization_id) as connection:
            for holder in HOLDERS:
                uses.update({use.key_id: use.secrets for use in holder.count_by_key(connection, organization_id)})
    return uses


def _organizations(database: Database) -> list[UUID]:
    with database.directory() as connection:
        return [organization.id for organization in organizations.select_all(connection)]
