"""Hold a listing against what is known of a source's items. Pure: both come in order, pairs go out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from resources.knowledge.records import Item, KnownItem


def side_by_side(items: Iterator[Item], known: Iterator[KnownItem]) -> Iterator[tuple[Item | None, KnownItem | None]]:
    """Both in ascending order of their paths; what one of them lacks is None."""
    item, row = next(items, None), next(known, None)
    while item is not None or row is not None:
        if row is None or (item is not None and item.path < row.file_path):
            yield item, None
            item = next(items, None)
        elif item is None or row.file_path < item.path:
            yield None, row
            row = next(known, None)
        else:
            yield item, row
            item, row = next(items, None), next(known, None)


def seen(item: Item, known: KnownItem | None) -> Literal["unchanged", "failed"] | None:
    """What the listing alone can tell: the item is as it was. None: its bytes must be looked at."""
    if known is None or known.is_deleted or known.is_due or not _is_as_it_was(item, known):
        return None
    return "failed" if known.is_failing and not known.is_ignored else "unchanged"


def _is_as_it_was(item: Item, known: KnownItem) -> bool:
    """By the source's own word for its state where it has one, else by size and time, else never."""
    if item.revision is not None:
        return item.revision == known.revision
    if item.modified_ns is None or item.modified_ns != known.modified_ns:
        return False
    return item.size is None or item.size == known.file_size
