"""Spools: what a source listed, on disk instead of in memory, to be had back in the order of the paths or one by one.

A spool is a private SQLite file without a name, which the system removes as soon as it is closed or its process ends.
It holds no rows of the product.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from resources.foundation.errors import Conflict, Unavailable
from resources.knowledge.records import Item

_PAGE = 500
_MEMORY_KIB = 8192

# A table of a private scratch file, not of the product's database.
_CREATE = "create table spooled (path blob primary key, item text not null, key text, data blob) without rowid"
_PUT = "insert into spooled (path, item, key, data) values (?, ?, ?, ?)"
_GET = "select item, key, data from spooled where path = ?"
_PAGE_OF_ITEMS = "select path, item from spooled where path > ? order by path limit ?"
_PAGE_OF_KEYS = "select path, key from spooled where path >= ? order by path limit ?"


@dataclass(frozen=True)
class Spooled:
    """An item, the key by which its source knows it, and its bytes where the listing brought them."""

    item: Item
    key: str | None = None
    data: bytes | None = field(default=None, repr=False)


class Spool:
    """Items by path. Several threads may read it."""

    def __init__(self) -> None:
        self._lock = Lock()
        # without a name the file is private, and gone when it is closed; SQLite compares text by code points
        self._file = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        for setting in ("journal_mode = off", "synchronous = off", f"cache_size = -{_MEMORY_KIB}"):
            self._file.execute(f"pragma {setting}")
        self._file.execute(_CREATE)

    def put(self, some: Iterable[Spooled]) -> None:
        """Keep some more. Raises Conflict naming a path that was there before; the spool is of no use afterwards."""
        with self._lock:
            for each in some:
                try:
                    self._file.execute(_PUT, (_bytes(each.item.path), _line(each.item), each.key, each.data))
                except sqlite3.IntegrityError:
                    raise Conflict(f"{each.item.path!r} is listed twice") from None
                except sqlite3.OperationalError as error:
                    raise Unavailable(f"there is no room for a listing in the temporary folder: {error}") from error

    def items(self) -> Iterator[Item]:
        """All items, ascending by path (by code points)."""
        after = b""
        while True:
            page = self._read(_PAGE_OF_ITEMS, after, _PAGE)
            yield from (_item(_text(path), line) for path, line in page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def find(self, path: str) -> Spooled | None:
        """What was kept under a path."""
        for line, key, data in self._read(_GET, _bytes(path)):
            return Spooled(_item(path, line), key, data)
        return None

    def keys_from(self, path: str, *, at_most: int) -> dict[str, str]:
        """The paths from this one on, and the keys by which the source knows them."""
        return {_text(path): key for path, key in self._read(_PAGE_OF_KEYS, _bytes(path), at_most)}

    def close(self) -> None:
        """Let go of the file, which removes it."""
        with self._lock:
            self._file.close()

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._file.execute(statement, values).fetchall()


def _bytes(path: str) -> bytes:
    """UTF-8 has the order of the code points; a name that is no valid text keeps its lone surrogates."""
    return path.encode("utf-8", "surrogatepass")


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogatepass")


def _line(item: Item) -> str:
    return json.dumps(
        [item.size, item.modified_ns, item.revision, item.title, item.address, dict(item.metadata)], ensure_ascii=True
    )


def _item(path: str, line: str) -> Item:
    size, modified_ns, revision, title, address, metadata = json.loads(line)
    return Item(path, size, modified_ns, revision, title, address, metadata)
