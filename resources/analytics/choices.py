"""What filters may name: chatbots, agents, configurations, models, sources, tags and languages."""

from __future__ import annotations

from uuid import UUID

from resources.analytics.records import Choice, Filter
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)


def select_all(connection: Connection, organization_id: UUID) -> list[Choice]:
    """All of them, by kind and name."""
    return many(connection, Choice, SQL["select_all"], organization_id=organization_id)


def require(connection: Connection, organization_id: UUID, wanted: Filter) -> None:
    """Raise Missing where a filter names what is not there: else a slip of the pen would look like a quiet week.

    A model may have spoken that no configuration names (any more), so that is not looked up.
    """
    known = {(choice.kind, choice.name) for choice in select_all(connection, organization_id)}
    for kind in ("chatbot", "agent", "configuration", "source", "tag", "language"):
        named = getattr(wanted, kind)
        if named is not None and (kind, str(named)) not in known:
            there = ", ".join(name for of, name in sorted(known) if of == kind)[:300] or "none"
            raise Missing(f"there is no {kind} {str(named)!r} in this organization; there are: {there}")
