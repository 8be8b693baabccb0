"""Where Dagster keeps its history: the database `dagster` on the server that Millrace uses.

Dagster's own PostgreSQL storage, which first finds the server: the embedded one is started by whichever process needs
it first (webserver, daemon, code server, run), and stops with the last of them. Because the address is found and not
configured, it stands in no file and in no process's arguments.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dagster import DagsterEventType, DagsterInstance
from dagster._core.instance.utils import RUNLESS_RUN_ID
from dagster._core.storage.event_log import SqlEventLogStorage, SqlEventLogStorageTable
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, delete, func, select

from resources.bindings import house_server
from resources.foundation.database import Server
from resources.foundation.migrations import create_database

DATABASE_NAME = "dagster"


class HouseStorage(DagsterPostgresStorage):
    """Runs, events and schedules in a database of their own beside the product's."""

    @classmethod
    def config_type(cls) -> dict[str, object]:
        """Nothing to configure."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> HouseStorage:
        """Called by Dagster in each process that opens the instance."""
        server = house_server()
        create_database(server, DATABASE_NAME)
        return cls(address(server), inst_data=inst_data)


def address(server: Server) -> str:
    """The SQLAlchemy address of Dagster's database on this server, by the driver that dagster-postgres brings."""
    parts = conninfo_to_dict(server.with_database(DATABASE_NAME).admin_conninfo())
    host = str(parts.pop("host", ""))
    by_socket = host.startswith("/")
    # history need not survive a power cut to the last second: what a sync did is in the product's own tables
    parts["options"] = f"{parts.get('options', '')} -c synchronous_commit=off".strip()
    url = URL.create(
        "postgresql+psycopg2",
        username=_text(parts.pop("user", None)),
        password=_text(parts.pop("password", None)),
        host=None if by_socket else host or None,
        port=int(port) if (port := parts.pop("port", None)) else None,
        database=_text(parts.pop("dbname", None)),
        query={name: str(value) for name, value in parts.items()} | ({"host": host} if by_socket else {}),
    )
    return url.render_as_string(hide_password=False)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def forget_checks(instance: DagsterInstance, before: datetime) -> int:
    """Delete results of asset checks from before an instant; how many. The latest of each check and partition stays.

    Dagster keeps them for good, with those that its sensors told, though their runs are deleted.
    """
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return 0
    results, events = AssetCheckExecutionsTable, SqlEventLogStorageTable
    latest = select(func.max(results.c.id)).group_by(results.c.asset_key, results.c.check_name, results.c.partition)
    moment = before.astimezone(UTC).replace(tzinfo=None)
    with storage.index_connection() as connection:
        gone = connection.execute(
            delete(results).where(results.c.create_timestamp < moment, results.c.id.not_in(latest.scalar_subquery()))
        ).rowcount
        told = select(results.c.evaluation_event_storage_id).where(results.c.evaluation_event_storage_id.is_not(None))
        connection.execute(
            delete(events).where(
                events.c.run_id == RUNLESS_RUN_ID,
                events.c.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION.value,
                events.c.timestamp < moment,
                events.c.id.not_in(told.scalar_subquery()),
            )
        )
    return int(gone)
