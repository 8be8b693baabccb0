"""The audit log: who changed what, by which door, in the transaction that changed it. Names of fields, never values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from resources.foundation.statements import Connection, many, one, run, statements_for, value
from resources.identity.records import Actor, AuditEntry

SQL = statements_for(__name__)


def record(
    connection: Connection,
    organization_id: UUID,
    actor: Actor,
    *,
    action: str,
    entity: str,
    entity_id: object,
    changed: Iterable[str] = (),
) -> None:
    """Keep that somebody did this; `changed` are the names of the fields that were given."""
    run(
        connection, SQL["create"],
        organization_id=organization_id, user_id=actor.user_id, key_id=actor.key_id, door=actor.door, action=action,
        entity=entity, entity_id=str(entity_id), changed=sorted(changed),
    )  # fmt: skip


def hold(connection: Connection, organization_id: UUID, *, entity: str, entity_id: object) -> None:
    """Let whoever else would manage this thing wait until the transaction ends."""
    connection.execute(SQL["hold"], {"organization_id": organization_id, "entity": entity, "entity_id": str(entity_id)})


def forget(
    connection: Connection, organization_id: UUID, ids: Sequence[UUID], *, as_of: datetime | None = None
) -> int:  # fmt: skip
    """Take entries away that the rule of the organization no longer keeps; how many. Others stay, whoever asks."""
    given = list(ids)
    before: int = value(connection, SQL["count"], organization_id=organization_id, ids=given)
    run(connection, SQL["forget"], organization_id=organization_id, ids=given, as_of=as_of)
    left: int = value(connection, SQL["count"], organization_id=organization_id, ids=given)
    return before - left


def get(connection: Connection, organization_id: UUID, id: UUID) -> AuditEntry:
    """One entry; raises Missing."""
    return one(
        connection, AuditEntry, SQL["get"], missing=f"there is no entry {id} in the audit log",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_page(
    connection: Connection,
    organization_id: UUID,
    *,
    at_most: int,
    after: AuditEntry | None = None,
    entity: str | None = None,
    entity_id: str | None = None,
    action: str | None = None,
    user_id: UUID | None = None,
    oldest_first: bool = False,
) -> list[AuditEntry]:
    """The latest entries first, those after an entry only, and of these things, doings and people only."""
    return many(
        connection, AuditEntry, SQL["select_page"],
        organization_id=organization_id, at_most=at_most, after_at=after.at if after else None,
        after_id=after.id if after else None, entity=entity, entity_id=entity_id, action=action, user_id=user_id,
        oldest_first=oldest_first,
    )  # fmt: skip
