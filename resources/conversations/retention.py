"""Retention of everything: what knowledge has rules for, and conversations by theirs; what jobs and commands call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from resources.bots.configurations import model_config_versions
from resources.conversations import promotions, retrieval_logs, sessions, source_issues
from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection, many, statements_for
from resources.identity import audit_log
from resources.identity.records import RetentionSettings
from resources.knowledge.records import Due
from resources.knowledge.retention import retention
from resources.knowledge.retention.retention import AT_ONCE, Retained
from resources.knowledge.sources.named_objects import YOUNG_S

SQL = statements_for(__name__)

PLANNED = 10_000
"""How many of a kind a plan lists."""


def _forget_sessions(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Conversations, and the questions out of them that nobody accepted for an evaluation set."""
    promotions.remove_of_sessions(connection, organization_id, ids)
    return sessions.remove(connection, organization_id, ids)


_RULES = {
    "forget conversations": SQL["select_old_sessions"],
    "forget retrievals": SQL["select_unanswered"],
    "forget issues": SQL["select_closed_issues"],
    "forget audit entries": SQL["select_old_audit_entries"],
}
_REMOVE: dict[str, Callable[[Connection, UUID, Sequence[UUID]], int]] = {
    "forget conversations": _forget_sessions,
    "forget retrievals": retrieval_logs.remove,
    "forget issues": source_issues.remove,
}
_DEFAULTS = RetentionSettings()


def plan(database: Database, organization_id: UUID, *, as_of: datetime | None = None) -> Iterator[tuple[str, Due]]:
    """What would go now, or at an instant, by action; what is kept by a legal hold is told too. Changes nothing."""
    with database.transaction(organization_id) as connection:
        for action in retention.ACTIONS:
            due = retention.select_due(
                connection, organization_id, action, as_of=as_of, even_held=True, at_most=PLANNED
            )  # fmt: skip
            yield from ((action, each) for each in due)
        for action in _RULES:
            due = _select(connection, organization_id, action, as_of=as_of, at_most=PLANNED)
            yield from ((action, each) for each in due)


def run(
    database: Database,
    organization_id: UUID,
    *,
    store: ObjectStore,
    as_of: datetime | None = None,
    young_s: float = YOUNG_S,
) -> Retained:
    """Let everything of an organization go whose time is over; see `resources.knowledge.retention.retention.run`."""
    retained = retention.run(
        database, organization_id, store=store, as_of=as_of, young_s=young_s,
        wanted_recipes=model_config_versions.select_wanted_recipes,
    )  # fmt: skip
    for action in _RULES:
        retained.done[action] += _forget(database, organization_id, action, as_of)
    retained.done = +retained.done
    return retained


def _forget(database: Database, organization_id: UUID, action: str, as_of: datetime | None) -> int:
    ended = 0
    while True:
        with database.transaction(organization_id) as connection:
            due = _select(connection, organization_id, action, as_of=as_of, at_most=AT_ONCE)
            # the database holds it against the rule once more, and so must know the same instant
            remove = _REMOVE.get(action) or partial(audit_log.forget, as_of=as_of)
            gone = remove(connection, organization_id, [each.id for each in due]) if due else 0
        if not gone:
            return ended
        ended += gone


def _select(
    connection: Connection, organization_id: UUID, action: str, *, as_of: datetime | None, at_most: int
) -> list[Due]:
    return many(
        connection, Due, _RULES[action], organization_id=organization_id, as_of=as_of, at_most=at_most,
        grace_days=_DEFAULTS.grace_days, audit_days=_DEFAULTS.audit_days,
    )  # fmt: skip
