"""What pages of analytics are made of: panels, each made of the questions that a filter counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

from resources.analytics import choices
from resources.analytics.records import Filter, Panel
from resources.foundation.statements import Connection

Values = ParamSpec("Values")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Look:
    """Somebody's look at a page under a filter: what several panels ask is asked once. See look_at."""

    connection: Connection
    organization_id: UUID
    wanted: Filter
    _known: dict[object, object] = field(default_factory=dict, repr=False, compare=False)

    def ask(
        self,
        question: Callable[Concatenate[Connection, UUID, Filter, Values], Answer],
        *values: Values.args,
        **named: Values.kwargs,
    ) -> Answer:
        """What the question gives for this filter; its further values must be hashable."""
        key = (question, values, tuple(sorted(named.items())))
        if key not in self._known:
            self._known[key] = question(self.connection, self.organization_id, self.wanted, *values, **named)
        return cast(Answer, self._known[key])


Make = Callable[[Look], Panel]


@dataclass(frozen=True)
class Page:
    """A page: its panels by key, in their order."""

    key: str
    title: str
    says: str
    panels: Mapping[str, Make]


def look_at(connection: Connection, organization_id: UUID, wanted: Filter) -> Look:
    """A look under this filter. Raises Missing where it names what is not there."""
    choices.require(connection, organization_id, wanted)
    return Look(connection, organization_id, wanted)
