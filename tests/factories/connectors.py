"""A source whose every word is written beforehand: what it lists, gives, refuses, and where its listing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from resources.foundation.errors import Unavailable
from resources.knowledge.connectors.protocol import Fetched, ItemGone
from resources.knowledge.records import Item, KnownItem


@dataclass
class ScriptedConnector:
    """Lists `listing` in order; `breaks_at`: so many items are named before it fails. What it was asked is kept."""

    listing: list[Item] = field(default_factory=list)
    contents: dict[str, Fetched | Exception] = field(default_factory=dict)
    breaks_at: int | None = None
    stops_because: str | None = None
    asked: list[tuple[str, KnownItem | None]] = field(default_factory=list)

    def items(self) -> Iterator[Item]:
        for place, item in enumerate(sorted(self.listing, key=lambda each: each.path)):
            if place == self.breaks_at:
                break
            yield item
        if self.breaks_at is not None:
            raise Unavailable("the source does not answer any more")

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        self.asked.append((item.path, known))
        content = self.contents.get(item.path, ItemGone(item.path))
        if isinstance(content, Exception):
            raise content
        return content

    def cut_short(self) -> str | None:
        return self.stops_because

    def close(self) -> None:
        """Nothing is held."""
