"""Credentials of sources: sealed in the row of the source, opened only by what fetches from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from resources.foundation.secrets import Keyring, KeyUse, Place, Rewrapped, keep_keys
from resources.foundation.statements import Connection
from resources.knowledge.connectors import locating
from resources.knowledge.sources import data_sources


def replace(
    connection: Connection, organization_id: UUID, source_id: UUID, values: Mapping[str, str], *, keyring: Keyring
) -> None:
    """Keep these, such as {"password": …}, in place of any there were; none at all removes them. Raises Missing.

    They are kept with the host that the source is at now, and go to no other.
    """
    sealed = None
    if values:
        keep_keys(connection)
        source = data_sources.get(connection, organization_id, source_id)
        kept = locating.bound(source.source_type, source.config, values)
        sealed = keyring.seal(json.dumps(kept).encode(), _place(organization_id, source_id))
    data_sources.set_credentials(connection, organization_id, source_id, sealed)


def get(connection: Connection, organization_id: UUID, source_id: UUID, *, keyring: Keyring) -> dict[str, str]:
    """The credentials by name; {} where the source has none. Raises Misconfigured when they cannot be opened."""
    sealed = data_sources.find_credentials(connection, organization_id, source_id)
    if sealed is None:
        return {}
    opened: dict[str, str] = json.loads(keyring.open(sealed, _place(organization_id, source_id)))
    return opened


def has_any(connection: Connection, organization_id: UUID, source_id: UUID) -> bool:
    """Whether the source has credentials; needs no key."""
    return data_sources.find_credentials(connection, organization_id, source_id) is not None


def remove(connection: Connection, organization_id: UUID, source_id: UUID) -> None:
    """Forget the credentials of a source. Raises Missing."""
    data_sources.set_credentials(connection, organization_id, source_id, None)


def rewrap(
    connection: Connection, organization_id: UUID, *, keyring: Keyring, after: UUID, most: int
) -> list[Rewrapped]:
    """Wrap credentials anew that another than the first key of the ring wraps, of sources after this id."""
    waiting = data_sources.select_credentials_to_rewrap(
        connection, organization_id, key_id=keyring.key_ids[0], after=after, most=most
    )
    outcomes = keyring.rewrap_all(waiting, lambda id: _place(organization_id, id))
    for each in outcomes:
        if each.sealed is not None:
            data_sources.set_credentials(connection, organization_id, each.id, each.sealed)
    return outcomes


def count_by_key(connection: Connection, organization_id: UUID) -> list[KeyUse]:
    """Which keys wrap credentials, and how many each."""
    return data_sources.count_credentials_by_key(connection, organization_id)


def _place(organization_id: UUID, source_id: UUID) -> Place:
    return Place(organization_id, "knowledge.data_sources", source_id, "credentials")
