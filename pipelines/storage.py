"""Where Dagster keeps its history: the database `dagster` on the server that Millrace uses.

Dagster's own PostgreSQL storage, which first finds the server: the embedded one is started by whichever process needs
it first (webserver, daemon, code server, run), and stops with the last of them. Because the address is found and not
configured, it stands in no file and in no process's arguments.
"""

from __future__ import annotations

from typing import Any

from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

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
