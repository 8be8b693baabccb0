"""What tombstones say of a source's items: which must not be brought back. Pure: hashes in, verdicts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from uuid import UUID

from resources.knowledge.records import Item, Tombstone

Verdict = Literal["withheld", "look", "welcome"]
"""withheld: it stays out; look: its bytes tell; welcome: no tombstone stands in its way."""


@dataclass(frozen=True)
class Withheld:
    """The tombstones of one source, for one sync."""

    source_id: UUID
    by_path: Mapping[bytes, Tombstone]
    contents: frozenset[bytes]

    def by_listing(self, item: Item) -> Verdict:
        """What the listing alone can tell of an item."""
        stone = self.by_path.get(path_hash(self.source_id, item.path))
        if stone is None:
            return "welcome"
        if stone.kind == "erased":
            return "withheld"
        return "withheld" if stone.state_hash is not None and stone.state_hash == state_hash(item) else "look"

    def by_content(self, path: str, checksum: str | None) -> Verdict:
        """What the bytes tell: an erased path stays out whatever it says, and erased bytes wherever they stand.

        `checksum` None: nobody could read them.
        """
        stone = self.by_path.get(path_hash(self.source_id, path))
        if stone is not None and stone.kind == "erased":
            return "withheld"
        if checksum is None:
            return "welcome" if stone is None else "withheld"
        content = content_hash(self.source_id, checksum)
        is_known = content in self.contents or (stone is not None and content in stone.content_hashes)
        return "withheld" if is_known else "welcome"


def withheld(source_id: UUID, stones: Iterable[Tombstone]) -> Withheld:
    """Gather the tombstones of a source."""
    known = list(stones)
    erased = {content for stone in known if stone.kind == "erased" for content in stone.content_hashes}
    return Withheld(source_id, {stone.path_hash: stone for stone in known}, frozenset(erased))


def path_hash(source_id: UUID, path: str) -> bytes:
    """What a tombstone keeps of a path: SHA-256, salted with the source, so that two sources cannot be compared."""
    return sha256(b"path\0" + source_id.bytes + path.encode("utf-8", "surrogateescape")).digest()


def content_hash(source_id: UUID, checksum: str) -> bytes:
    """What a tombstone keeps of bytes, from their SHA-256 in hexadecimal."""
    return sha256(b"content\0" + source_id.bytes + bytes.fromhex(checksum)).digest()


def state_hash(item: Item) -> bytes | None:
    """What a tombstone keeps of a listing: its revision, or else its size and time; None where it has neither."""
    return stated(item.revision, item.size, item.modified_ns)


def stated(revision: str | None, size: int | None, modified_ns: int | None) -> bytes | None:
    """As `state_hash`, of a document as it was seen last."""
    if revision is not None:
        return sha256(b"revision\0" + revision.encode("utf-8", "surrogateescape")).digest()
    if modified_ns is None:
        return None
    return sha256(f"seen\0{size}\0{modified_ns}".encode()).digest()
