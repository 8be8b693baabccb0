"""Data sources: where documents come from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from uuid import UUID

from psycopg.errors import CheckViolation, UniqueViolation
from psycopg.types.json import Jsonb

from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.secrets import KeyUse, SealedSecret
from resources.foundation.statements import Connection, find, many, one, run, statements_for, value
from resources.knowledge.chunks import embeddings, text_statistics
from resources.knowledge.documents import documents, sync_failures, withdrawals
from resources.knowledge.records import DataSource
from resources.knowledge.sources import scheduling, training_jobs

SQL = statements_for(__name__)


@dataclasses.dataclass(frozen=True)
class _Owned:
    name: str
    user_id: UUID | None


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    name: str,
    source_type: str = "file",
    config: Mapping[str, object],
    sync_frequency: int = 3600,
    cron: str | None = None,
    time_zone: str = "UTC",
    auto_sync: bool = True,
    deletion_share: float = 0.3,
    deletion_floor: int = 20,
    user_id: UUID | None = None,
    description: str = "",
) -> DataSource:
    """A source. `sync_frequency` in seconds; `cron` in its `time_zone` instead, where it is given.

    Raises Conflict for a name that is taken, Refused for values out of range. An error aborts the transaction.
    """
    try:
        return one(
            connection, DataSource, SQL["create"], missing=f"source {name!r} was not created",
            organization_id=organization_id, user_id=user_id, name=name, description=description,
            source_type=source_type, config=Jsonb(dict(config)), auto_sync=auto_sync, sync_frequency=sync_frequency,
            cron=None if cron is None else scheduling.checked_cron(cron),
            time_zone=scheduling.checked_zone(time_zone).key, deletion_share=deletion_share,
            deletion_floor=deletion_floor,
        )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"a source {name!r} exists already: choose another name, or sync that one") from None
    except CheckViolation as error:
        raise Refused(f"source {name!r} cannot be made: {_rule(error)}") from None


def replace(connection: Connection, organization_id: UUID, source: DataSource) -> DataSource:
    """Give a source the values of this record, but for its name, type and last sync; how it is now.

    A record is changed by dataclasses.replace(source, cron="0 7 * * *", time_zone="Europe/Berlin"). Raises Missing;
    Refused for values out of range, which aborts the transaction.
    """
    try:
        return one(
            connection, DataSource, SQL["set"], missing=f"there is no source {source.id} in this organization",
            organization_id=organization_id, id=source.id, description=source.description,
            config=Jsonb(source.config), auto_sync=source.auto_sync, status=source.status,
            sync_frequency=source.sync_frequency,
            cron=None if source.cron is None else scheduling.checked_cron(source.cron),
            time_zone=scheduling.checked_zone(source.time_zone).key, deletion_share=source.deletion_share,
            deletion_floor=source.deletion_floor,
        )  # fmt: skip
    except CheckViolation as error:
        raise Refused(f"source {source.name!r} cannot be changed: {_rule(error)}") from None


def pause(connection: Connection, organization_id: UUID, id: UUID) -> DataSource:
    """Sync the source no more by itself, until it is resumed. Raises Missing."""
    source = get(connection, organization_id, id)
    return replace(connection, organization_id, dataclasses.replace(source, status="inactive"))


def resume(connection: Connection, organization_id: UUID, id: UUID) -> DataSource:
    """Let a paused source be synced by itself again. Raises Missing."""
    source = get(connection, organization_id, id)
    status = "active" if source.status == "inactive" else source.status
    return replace(connection, organization_id, dataclasses.replace(source, status=status))


def get(connection: Connection, organization_id: UUID, id: UUID) -> DataSource:
    """A source; raises Missing."""
    return one(
        connection, DataSource, SQL["get"], missing=f"there is no source {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def find_by_name(connection: Connection, organization_id: UUID, name: str) -> DataSource | None:
    """The source that bears the name."""
    return find(connection, DataSource, SQL["find_by_name"], organization_id=organization_id, name=name)


def select_all(connection: Connection, organization_id: UUID) -> list[DataSource]:
    """The sources of the organization by name."""
    return many(connection, DataSource, SQL["select_all"], organization_id=organization_id)


def hold(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Keep the source from being removed until the transaction ends; raises Missing when it is removed already."""
    if value(connection, SQL["hold"], organization_id=organization_id, id=id) is None:
        raise Missing(f"source {id} has been removed")


def set_synced(connection: Connection, organization_id: UUID, id: UUID, *, has_failed: bool = False) -> None:
    """A sync of the source ended now. A failed one counts too: it is due again after its frequency, not at once."""
    run(connection, SQL["set_synced"], organization_id=organization_id, id=id, has_failed=has_failed)


def get_owner(connection: Connection, organization_id: UUID, id: UUID) -> tuple[str, UUID | None]:
    """The source's name and the user who owns it, if anybody does; of a removed source too. Raises Missing."""
    owned = one(
        connection, _Owned, SQL["get_owner"], missing=f"there is no source {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip
    return owned.name, owned.user_id


def set_credentials(connection: Connection, organization_id: UUID, id: UUID, sealed: bytes | None) -> None:
    """Keep sealed credentials with the source, or none (credentials.py seals and opens them). Raises Missing."""
    if run(connection, SQL["set_credentials"], organization_id=organization_id, id=id, credentials=sealed) == 0:
        raise Missing(f"there is no source {id} in this organization")


def find_credentials(connection: Connection, organization_id: UUID, id: UUID) -> bytes | None:
    """The sealed credentials of the source."""
    sealed: bytes | None = value(connection, SQL["find_credentials"], organization_id=organization_id, id=id)
    return sealed


def select_credentials_to_rewrap(
    connection: Connection, organization_id: UUID, *, key_id: str, after: UUID, most: int
) -> list[SealedSecret]:
    """Sealed credentials that another key wraps, of sources after this id, locked until the transaction ends."""
    return many(
        connection, SealedSecret, SQL["select_credentials_to_rewrap"],
        organization_id=organization_id, key_id=key_id, after=after, most=most,
    )  # fmt: skip


def count_credentials_by_key(connection: Connection, organization_id: UUID) -> list[KeyUse]:
    """Which keys wrap credentials, removed sources' too, and how many each."""
    return many(connection, KeyUse, SQL["count_credentials_by_key"], organization_id=organization_id)


def remove(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Take the source away, and its documents, chunks and the vectors that nothing else uses. Raises Missing."""
    if run(connection, SQL["remove"], organization_id=organization_id, id=id) == 0:
        raise Missing(f"there is no source {id} in this organization")
    gone = documents.select_ids_of_source(connection, organization_id, id)
    withdrawals.withdraw(connection, organization_id, gone, reason="removed")
    embeddings.remove_unused(connection, organization_id)
    sync_failures.remove_of_source(connection, organization_id, id)
    training_jobs.end_open(connection, organization_id, id)
    training_jobs.end_queued(connection, organization_id, id, reason="the source was removed")
    training_jobs.record_cleanup(connection, organization_id, id, deleted=len(gone))
    for recipe in text_statistics.select_stale(connection, organization_id, recipes=()):
        text_statistics.refresh(connection, organization_id, recipe)


def hold_alone(connection: Connection, organization_id: UUID, id: UUID) -> str:
    """Wait for those who write for the source, and keep others from it until the transaction ends; its name.

    Removed sources too. Raises Missing.
    """
    name = value(connection, SQL["hold_alone"], organization_id=organization_id, id=id)
    if name is None:
        raise Missing(f"there is no source {id} in this organization")
    return str(name)


def is_present(connection: Connection, organization_id: UUID, id: UUID) -> bool:
    """Whether the source is there, not removed."""
    return find(connection, DataSource, SQL["get"], organization_id=organization_id, id=id) is not None


def find_any_by_name(connection: Connection, organization_id: UUID, name: str) -> UUID | None:
    """The source of a name, or else the last one that bore it and was removed."""
    found: UUID | None = value(connection, SQL["find_any_by_name"], organization_id=organization_id, name=name)
    return found


def set_retention_days(connection: Connection, organization_id: UUID, id: UUID, days: int | None) -> None:
    """Keep the source's documents for so many days after their content changed; None: as its owner says. Missing."""
    if run(connection, SQL["set_retention_days"], organization_id=organization_id, id=id, retention_days=days) == 0:
        raise Missing(f"there is no source {id} in this organization")


def erase(connection: Connection, organization_id: UUID, id: UUID) -> int:
    """Take a removed source away for good, with the history of its syncs; 0 where none was removed under that id."""
    return run(connection, SQL["erase"], organization_id=organization_id, id=id)


def _rule(error: CheckViolation) -> str:
    broken = error.diag.constraint_name or ""
    if broken.endswith("name_check"):
        return "a name has 1 to 100 letters, digits, spaces, '.', '_' or '-', and begins with a letter or digit"
    if broken.endswith("sync_frequency_check"):
        return "it can be synced every 10 seconds at most"
    if broken.endswith("deletion_share_check"):
        return "the share of its documents that a sync may delete is a number between 0 and 1"
    if broken.endswith("deletion_floor_check"):
        return "the number of documents that a sync may always delete is 0 or more"
    if broken.endswith("status_check"):
        return "its status is one of active, inactive, error"
    if broken.endswith("source_type_check"):
        return "its type is one of file, web, database, api, upload"
    return broken
