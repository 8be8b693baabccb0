"""Ways to what sources hold: list their items, fetch the bytes of one. Each kind has a file of its own."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import Refused
from resources.foundation.files import ObjectStore
from resources.knowledge.records import DataSource, Item, KnownItem

DEFAULT_MAX_BYTES = 50 << 20


class ItemFailed(Exception):
    """One item cannot be fetched now; nothing is said about the others. `outcome` is what is recorded."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


class ItemGone(Exception):
    """The item was there when the source was listed, and is there no more."""


class ItemRemoved(ItemGone):
    """The item is listed still, and its source says for good that it is no more: a page that answers 404, for instance.

    It is followed as if it were listed no more.
    """


class ItemUnchanged(Exception):
    """The source says that the item is as it was when it was last read: its revision still holds."""


@dataclass(frozen=True)
class Fetched:
    """The bytes of an item and what was true of it when they were read.

    `modified_ns` and `revision` None: look again next time. `media_type` '' where the source does not say; `filename`
    is the name that tells the kind of file, None where the end of the item's path is one. `title` and `address` (where
    a person finds it) None: as the item has them, or as the parser finds them.
    """

    data: bytes
    modified_ns: int | None = None
    revision: str | None = None
    media_type: str = ""
    filename: str | None = None
    title: str | None = None
    address: str | None = None


class Connector(Protocol):
    """A way to a source. It is opened for one sync and closed after it."""

    def items(self) -> Iterator[Item]:
        """All items, ascending by path (by code points). Raises Unavailable as soon as the listing is not whole."""
        ...

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        """The bytes of an item; several threads call it. `known` is what the last sync knew of it.

        Raises ItemFailed, ItemGone, ItemRemoved, ItemUnchanged.
        """
        ...

    def cut_short(self) -> str | None:
        """Asked after items() ended: why it stopped on purpose before all was named; None where it named all.

        What a listing that was cut short did not name is not taken for gone.
        """
        ...

    def close(self) -> None:
        """Let go of connections and temporary files."""
        ...


@dataclass(frozen=True)
class Means:
    """What a connector may need beside its source's configuration. Credentials are never shown."""

    database: Database
    organization_id: UUID
    store: ObjectStore
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


def connector_for(source: DataSource, means: Means) -> Connector:
    """The way to a source by its type; Misconfigured for a configuration that makes no sense."""
    if source.source_type not in _OPENERS:
        raise Refused(f"source {source.name!r}: there is no way to sources of type {source.source_type!r}")
    module = importlib.import_module(f"resources.knowledge.connectors.{_OPENERS[source.source_type]}")
    opener: Callable[[DataSource, Means], Connector] = module.open_connector
    return opener(source, means)


# The modules are imported when needed: some of them reach for heavy libraries.
_OPENERS = {
    "file": "file_connector",
    "web": "web_connector",
    "database": "database_connector",
    "api": "api_connector",
    "upload": "upload_connector",
}
