"""Connections: which server, as which role, for which organization. The one place where they are opened."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from typing import Literal
from uuid import UUID

import psycopg
from pgvector.psycopg import register_vector
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from resources.foundation.embedded_server import EmbeddedServer
from resources.foundation.errors import Misconfigured, Unavailable
from resources.foundation.settings import Settings
from resources.foundation.statements import Connection

Role = Literal["millrace_api", "millrace_pipeline"]

DATABASE_NAME = "millrace"
OLDEST_PGVECTOR = (0, 8, 0)
SOUND_PGVECTOR = (0, 8, 4)  # 0.8.2 to 0.8.4 mended faults of HNSW builds and vacuum
OLDEST_POSTGRESQL = 150000

# A process that sleeps in the middle of a transaction keeps its locks: the server ends such a session.
_SESSION = {
    "millrace_api": {
        "statement_timeout": "15s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "1min",
    },
    "millrace_pipeline": {
        "statement_timeout": "30min", "lock_timeout": "60s", "idle_in_transaction_session_timeout": "2min",
    },
}  # fmt: skip

_LASTING = "select set_config('millrace.organization_id', %s, true)"
_FLEETING = "select set_config('millrace.organization_id', %s, true), set_config('synchronous_commit', 'off', true)"


class DatabaseAway(Unavailable):
    """No connection could be had for as long as anybody waits for one: to try again at once would wait as long."""


class Server:
    """The PostgreSQL server in use: the embedded one (attached for the life of this object), or the operator's."""

    def __init__(self, settings: Settings, *, database: str | None = None) -> None:
        self.embedded = None
        if settings.is_embedded:
            self.embedded = EmbeddedServer(settings.home / "postgres", settings.postgres_port).attach()
        self._database_url = _sound(settings.database_url or "")
        self._database = database or (DATABASE_NAME if settings.is_embedded else None)

    def with_database(self, name: str) -> Server:
        """The same server, another database on it."""
        other = copy(self)
        other._database = name
        return other

    def admin_conninfo(self) -> str:
        """How the operator connects (to migrate, never to serve)."""
        if self.embedded is not None:
            return self.embedded.url(self._database or DATABASE_NAME)
        return make_conninfo(self._database_url, **({"dbname": self._database} if self._database else {}))

    def conninfo(self, role: Role) -> str:
        """How a part of the product connects: as its own role, which owns nothing and is bound by the policies."""
        options = " ".join(f"-c {name}={value}" for name, value in _SESSION[role].items())
        if self.embedded is not None:
            return make_conninfo(self.embedded.url(self._database or DATABASE_NAME, user=role), options=options)
        return make_conninfo(self.admin_conninfo(), options=f"{options} -c role={role}")

    def close(self) -> None:
        """Let go of the embedded server, if it is that."""
        if self.embedded is not None:
            self.embedded.detach()


class Database:
    """A pool of connections of one role. Every transaction belongs to one organization, or says that it does not."""

    def __init__(
        self, conninfo: str, *, most: int = 8, application: str = "millrace", patience_s: float = 30
    ) -> None:  # fmt: skip
        self._pool = ConnectionPool(
            make_conninfo(conninfo, application_name=application, connect_timeout=10),
            min_size=0, max_size=most, timeout=patience_s, open=True, configure=_configure,
            check=_require_alive, max_idle=300,
            # the pool waits twice as long after each try: who asks later begins anew, soon after the server is back
            reconnect_timeout=patience_s,
        )  # fmt: skip

    @contextmanager
    def transaction(self, organization_id: UUID) -> Iterator[Connection]:
        """A transaction that sees and writes one organization's rows; commits on leaving, rolls back on an error."""
        with self._connection() as connection, connection.transaction():
            connection.execute("select set_config('millrace.organization_id', %s, true)", [str(organization_id)])
            yield connection

    @contextmanager
    def exchange(self, organization_id: UUID, *, is_lasting: bool = True) -> Iterator[Connection]:
        """As `transaction`, with less waiting: a statement goes before the last one's answer.

        What fails is raised where a result is next fetched, at the latest when the transaction ends; nothing is
        committed then. So no error may be mended inside: there are no savepoints here that hold one.
        `is_lasting` False: the server does not wait for its disk. All see what was written, but a crash may lose it,
        unless something lasting was committed afterwards.
        """
        # psycopg's own transaction would wait four times, which here the commit does alone; the pool rolls back
        with self._connection() as connection, connection.pipeline() as pipeline:
            connection.execute("begin")
            connection.execute(_LASTING if is_lasting else _FLEETING, [str(organization_id)])
            try:
                yield connection
            except BaseException:
                # until then the server passes over all that follows an error, and would pass over the rollback
                with suppress(psycopg.Error):
                    pipeline.sync()
                raise
            connection.execute("commit")

    @contextmanager
    def directory(self) -> Iterator[Connection]:
        """A transaction of no organization: it sees no tenant's rows, only what the directory functions answer."""
        with self._connection() as connection, connection.transaction():
            connection.execute("select set_config('millrace.organization_id', '', true)")
            yield connection

    @contextmanager
    def look_up(self) -> Iterator[Connection]:
        """As `directory`, for a single statement, which is a transaction by itself."""
        # each transaction that names an organization forgets it at its end: here none is named
        with self._connection() as connection:
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with self._pool.connection() as connection:
                try:
                    yield connection
                except psycopg.OperationalError as error:
                    if not connection.broken:
                        raise
                    said = next(iter(str(error).splitlines()), "without a word")
                    raise Unavailable(
                        f"the database ended the connection ({said}): what it had accepted is kept; try again when it "
                        "runs"
                    ) from error
        except PoolTimeout as error:
            raise DatabaseAway(f"the database gave no connection in time ({error}): is it running?") from error

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_database(server: Server, role: Role, *, most: int = 8, patience_s: float = 30) -> Database:
    """A pool for a part of the product. Raises Misconfigured when its role could pass over the policies."""
    database = Database(server.conninfo(role), most=most, application=role, patience_s=patience_s)
    with database.directory() as connection:
        row = connection.execute(
            "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
        ).fetchone()
    if row is None or row[0]:
        database.close()
        raise Misconfigured(f"the role {role} may bypass row-level security: take superuser and bypassrls from it")
    return database


def require_versions(connection: Connection) -> tuple[int, tuple[int, ...]]:
    """The versions of PostgreSQL (as 180004) and pgvector (as (0, 8, 5)); Misconfigured where they are too old."""
    server = connection.info.server_version
    if server < OLDEST_POSTGRESQL:
        raise Misconfigured(f"PostgreSQL {server // 10000} is too old: Millrace needs 15 or newer")
    row = connection.execute(
        "select default_version, installed_version from pg_available_extensions where name = 'vector'"
    ).fetchone()
    if row is None:
        raise Misconfigured(
            "this PostgreSQL has no pgvector: install the extension's package (0.8.4 or newer) on the server"
        )
    text = row[1] or row[0]
    version = tuple(int(part) for part in text.split("."))
    if version < OLDEST_PGVECTOR:
        raise Misconfigured(
            f"pgvector {text} is too old: install 0.8.4 or newer, then run 'alter extension vector update'"
        )
    return server, version


def _sound(url: str) -> str:
    """The address, if it is one; libpq's own complaint would repeat the password."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise Misconfigured(
            "DATABASE_URL is no address of a database: write postgresql://user:password@host:5432/name, and signs "
            "such as @, / and % in a password as %40, %2F and %25"
        ) from None
    return url


def _require_alive(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Raise OperationalError where the server has ended the connection.

    A server that is gone, or says good-bye, makes the socket readable; one of which nothing is to be read is not asked.
    That saves a round trip in each transaction.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN | select.POLLRDHUP)
    if waiting.poll(0):
        ConnectionPool.check_connection(connection)


def _configure(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    # transactions are begun by the methods above, and by nothing else
    connection.autocommit = True
    register_vector(connection)
