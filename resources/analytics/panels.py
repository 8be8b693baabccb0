"""What pages of analytics are made of: panels, each made of the questions that a filter counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from resources.analytics.records import Filter, Panel
from resources.foundation.statements import Connection

Make = Callable[[Connection, UUID, Filter], Panel]


@dataclass(frozen=True)
class Page:
    """A page: its panels by key, in their order."""

    key: str
    title: str
    says: str
    panels: Mapping[str, Make]
