"""Bring a database to the schema of this version: numbered files once, views and functions each time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from resources.foundation.counting import counted
from resources.foundation.database import DATABASE_NAME, Server, require_versions
from resources.foundation.errors import Misconfigured, Unavailable
from resources.foundation.statements import SQL_FOLDER, Connection

_NAME = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")
_LOCK = 7_262_118_493  # any number that is ours: one migration of a database at a time


@dataclass(frozen=True)
class Migration:
    """A numbered file that is applied once and never edited afterwards."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file, kept in the ledger."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations(folder: Path = SQL_FOLDER / "migrations") -> list[Migration]:
    """All migrations in order. Raises Misconfigured on a gap or a misnamed file."""
    found = []
    for number, path in enumerate(sorted(folder.glob("*.sql")), start=1):
        match = _NAME.match(path.name)
        if match is None or int(match[1]) != number:
            raise Misconfigured(f"migration {path.name} is misnamed: the next number is {number:04d}")
        found.append(Migration(number, match[2], path.read_text()))
    return found


def require_schema(server: Server) -> None:
    """Raise Misconfigured or Unavailable, with what to do, unless the database has the schema of this version."""
    try:
        with psycopg.connect(server.admin_conninfo(), connect_timeout=10) as connection:
            has_ledger = connection.execute("select to_regclass('public.millrace_migrations') is not null").fetchone()
            ledger = set(_ledger(connection)) if has_ledger == (True,) else set()
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise Unavailable(f"the database does not answer: {_first_line(error)}") from error
        ledger = set()
    wanted = {migration.number for migration in migrations()}
    if not ledger:
        raise Misconfigured("the database has no schema yet: run 'millrace up', or 'millrace migrate'")
    if ledger - wanted:
        raise Misconfigured(
            f"the database was migrated by a newer Millrace, to migration {max(ledger)}, and this one knows "
            f"{max(wanted)}: run the newer one, or restore a backup from before"
        )
    if wanted - ledger:
        raise Misconfigured(
            f"the database was made by an older Millrace, and lacks {counted(len(wanted - ledger), 'migration')}: "
            "back it up, then run 'millrace migrate', or 'millrace up'"
        )


def migrate(server: Server) -> list[str]:
    """Create the embedded database where it is missing and apply what is new; the names of what was applied."""
    if server.embedded is not None:
        create_database(server, DATABASE_NAME)
    try:
        with psycopg.connect(server.admin_conninfo()) as connection:
            require_versions(connection)
            return apply(connection, migrations())
    except psycopg.errors.LockNotAvailable as error:
        raise Unavailable("another process uses the database: stop every 'millrace up', and do it again") from error
    except psycopg.OperationalError as error:
        raise Unavailable(f"the database does not answer ({_first_line(error)}): is DATABASE_URL right?") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise Misconfigured(
            f"the user of DATABASE_URL may not set up the database ({_first_line(error)}): "
            "it must own the database and be able to create roles, and the vector extension must be allowed or there"
        ) from error


def apply(connection: Connection, wanted: Iterable[Migration]) -> list[str]:
    """Apply what the ledger does not have yet, in one transaction, then the views. Raises Misconfigured on edits."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        connection.execute("set local lock_timeout = '30s'")
        connection.execute("set local client_min_messages = warning")
        connection.execute(
            "create table if not exists public.millrace_migrations (number integer primary key, name text not null, "
            "checksum text not null, applied_at timestamptz not null default now())"
        )
        connection.execute("comment on table public.millrace_migrations is 'Which migrations this database has had.'")
        ledger = _ledger(connection)
        done = [_apply_one(connection, migration, ledger) for migration in wanted]
        for path in sorted((SQL_FOLDER / "views").glob("*.sql")):
            connection.execute(path.read_bytes())
    return [name for name in done if name is not None]


def _ledger(connection: Connection) -> dict[int, str]:
    """The checksums of the migrations that the database has had, by number."""
    return dict(connection.execute("select number, checksum from public.millrace_migrations").fetchall())


def _apply_one(connection: Connection, migration: Migration, ledger: dict[int, str]) -> str | None:
    label = f"{migration.number:04d}_{migration.name}"
    if migration.number in ledger:
        if ledger[migration.number] != migration.checksum:
            raise Misconfigured(
                f"migration {label} was changed after it was applied here: restore the file, "
                "and put the change into a new migration"
            )
        return None
    connection.execute(migration.text.encode())
    connection.execute("reset role")
    connection.execute(
        "insert into public.millrace_migrations (number, name, checksum) values (%s, %s, %s)",
        [migration.number, migration.name, migration.checksum],
    )
    return label


def has_database(server: Server, name: str) -> bool:
    """Whether the server has a database of that name."""
    with psycopg.connect(server.with_database("postgres").admin_conninfo(), autocommit=True) as connection:
        return connection.execute("select from pg_database where datname = %s", [name]).fetchone() is not None


def create_database(server: Server, name: str) -> None:
    """Create a database on the server where it is missing."""
    with psycopg.connect(server.with_database("postgres").admin_conninfo(), autocommit=True) as connection:
        if connection.execute("select from pg_database where datname = %s", [name]).fetchone() is None:
            try:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            except psycopg.errors.DuplicateDatabase:
                return


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
