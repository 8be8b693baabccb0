"""Sources that are a query of a database: each row is a document. Read in batches, never written to."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from resources.foundation.errors import Conflict, Misconfigured, Refused, Unavailable
from resources.foundation.redacting import redacted
from resources.foundation.settings import Settings
from resources.knowledge.connectors import composing, configuring, file_roots, locating
from resources.knowledge.connectors.configuring import DatabaseConfig
from resources.knowledge.connectors.protocol import Connector, Fetched, ItemFailed, ItemGone, Means
from resources.knowledge.connectors.spools import Spool, Spooled
from resources.knowledge.records import DataSource, Item, KnownItem

if TYPE_CHECKING:
    import sqlalchemy as sa

_CONNECT_S = 10
_MOST_AHEAD = 64
_CREDENTIALS = ("password", "username")
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
# Servers elsewhere; all others may read the files of the machine that they run on, which is this one.
_SERVERS = ("postgresql", "mysql", "mariadb", "mssql", "oracle")

# What keeps a session from writing and from running for ever, for each dialect. Not statements of the product's own
# database: those stand in sql/queries.
_SESSION: dict[str, tuple[str, ...]] = {
    "postgresql": (
        "set transaction isolation level repeatable read, read only",
        "select set_config('statement_timeout', cast(:milliseconds as text), true)",
    ),
    "mysql": ("set session transaction read only", "set session max_execution_time = :milliseconds"),
    "mariadb": ("set session transaction read only", "set session max_statement_time = :seconds"),
    "oracle": ("set transaction read only",),
}


def open_connector(source: DataSource, means: Means) -> Connector:
    """A database source by its configuration. Raises Misconfigured, Refused."""
    roots = Settings.from_environment().file_roots
    credentials = locating.released(source.source_type, source.config, means.credentials)
    return from_config(source.config, credentials, roots=roots)


def from_config(
    config: Mapping[str, object], credentials: Mapping[str, str], *, roots: Iterable[Path] = ()
) -> DatabaseConnector:
    """Config: what configuring.DatabaseConfig has. Raises Misconfigured, Refused."""
    asked = configuring.database_config(config)
    unknown = sorted(set(credentials) - set(_CREDENTIALS))
    if unknown:
        raise Misconfigured(f"a database source takes no credential {unknown[0]!r}, only {', '.join(_CREDENTIALS)}")
    return DatabaseConnector(asked, _engine(asked, credentials, tuple(roots)), secrets=credentials.values())


class DatabaseConnector:
    """The rows of a query.

    With a column that tells when a row was changed, a sync lists keys and those times and fetches the rows that
    changed; without, it reads all rows and tells by their content. Either way all keys are listed, in one transaction
    that sees one state of the database: a row that is not among them is gone.
    """

    def __init__(self, asked: DatabaseConfig, engine: sa.Engine, *, secrets: Iterable[str] = ()) -> None:
        self._asked = asked
        self._engine = engine
        self._secrets = tuple(secrets)
        self._spool: Spool | None = None
        self._clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._turn = Lock()
        self._ahead: dict[str, dict[str, object]] = {}
        self._depth = 1

    def items(self) -> Iterator[Item]:
        """The listing is taken whole before its first item is given: one that breaks off gives none."""
        asked = self._asked
        self._spool = spool = Spool()
        wanted = [asked.updated_at] if asked.updated_at else asked.text
        try:
            with self._session() as connection:
                self._clock = _clock(connection)
                select = self._select([*asked.key, *asked.metadata, *wanted, *([asked.title] if asked.title else [])])
                for rows in self._batches(connection, select):
                    spool.put(self._spooled(row) for row in rows)
        except Conflict as error:
            raise Misconfigured(f"the key {', '.join(asked.key)} is not unique: {error}") from None
        yield from spool.items()

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        if item.size is not None and item.size > self._asked.max_bytes:
            raise self._too_large(item.path, item.size)
        spooled = self._spool.find(item.path) if self._spool is not None else None
        if self._spool is None or spooled is None:
            raise ItemGone(item.path)
        if spooled.data is not None:
            return _fetched(spooled.data, item.revision, item.title)
        with self._turn:
            row = self._ahead.pop(item.path, None) or self._read_ahead(self._spool, item.path)
        if row is None:
            raise ItemGone(item.path)
        data = self._text(row).encode("utf-8", "replace")
        if len(data) > self._asked.max_bytes:
            raise self._too_large(item.path, len(data))
        return _fetched(data, self._revision(row), self._title(row))

    def cut_short(self) -> None:
        """A listing that is not whole raises."""

    def close(self) -> None:
        """Let go of the connections and of the listing."""
        self._engine.dispose()
        if self._spool is not None:
            self._spool.close()

    def _spooled(self, row: Mapping[str, object]) -> Spooled:
        asked, key = self._asked, [row[column] for column in self._asked.key]
        path = composing.path_of(key, columns=asked.key)
        metadata, title = composing.metadata_of(row, asked.metadata), self._title(row)
        if asked.updated_at:
            revision = composing.told(row[asked.updated_at]) or None
            return Spooled(Item(path, None, None, revision, title, None, metadata), composing.packed_key(key))
        text = self._text(row)
        data = text.encode("utf-8", "replace")
        item = Item(path, len(data), None, composing.revision_of(text, metadata), title, None, metadata)
        return Spooled(item, None, data if len(data) <= asked.max_bytes else b"")

    def _read_ahead(self, spool: Spool, path: str) -> dict[str, object] | None:
        """A row by its path, and some that follow it: as many more each time as long as those are asked for too."""
        self._depth = 1 if self._ahead else min(2 * self._depth, _MOST_AHEAD)
        keys = spool.keys_from(path, at_most=self._depth)
        try:
            self._ahead = self._by_keys([composing.unpacked_key(key) for key in keys.values()])
        except (Unavailable, Misconfigured) as error:
            self._ahead = {}
            raise ItemFailed("unreadable", f"row {path} cannot be read: {error}") from None
        return self._ahead.pop(path, None)

    def _by_keys(self, keys: Sequence[Sequence[object]]) -> dict[str, dict[str, object]]:
        """Rows by their paths, as they are now."""
        import sqlalchemy as sa

        asked = self._asked
        more = [name for name in (asked.updated_at, asked.title) if name]
        select = self._select([*asked.key, *asked.text, *asked.metadata, *more])
        columns = [select.selected_columns[name] for name in asked.key]

        def bound(value: object) -> sa.BindParameter[Any]:
            # of no type: the driver knows best how a value that came from the database goes back there
            return sa.bindparam(None, value, type_=sa.types.NullType(), unique=True)

        if len(columns) == 1:
            condition: sa.ColumnElement[bool] = columns[0].in_([bound(key[0]) for key in keys])
        else:
            condition = sa.or_(
                *(sa.and_(*(c == bound(v) for c, v in zip(columns, key, strict=True))) for key in keys)
            )  # fmt: skip
        with self._session() as connection:
            rows = [row for some in self._batches(connection, select.where(condition)) for row in some]
        return {composing.path_of([row[name] for name in asked.key], columns=asked.key): row for row in rows}

    def _select(self, columns: Sequence[str]) -> sa.Select[Any]:
        """These columns of the query, which stands in parentheses: whatever it is, it can only select."""
        import sqlalchemy as sa

        unique = list(dict.fromkeys(columns))
        # a colon begins no parameter here
        query = sa.text(self._asked.query.replace(":", "\\:"))
        inner = query.columns(*(sa.column(name) for name in unique)).subquery("source_query")
        return sa.select(*(inner.c[name] for name in unique))

    def _batches(self, connection: sa.Connection, select: sa.Select[Any]) -> Iterator[list[dict[str, object]]]:
        """The rows of a statement, some at a time, with the values that the driver gives."""
        import polars as pl

        names = [str(name) for name in select.selected_columns.keys()]  # noqa: SIM118
        frames = pl.read_database(
            select, connection, iter_batches=True, batch_size=self._asked.batch_size,
            # polars would guess types from the first rows, and change or refuse values of others
            schema_overrides=dict.fromkeys(names, pl.Object),
        )  # fmt: skip
        for frame in frames:
            yield frame.rename(dict(zip(frame.columns, names, strict=True))).rows(named=True)

    @contextmanager
    def _session(self) -> Iterator[sa.Connection]:
        """A connection that only reads; what it did is rolled back in any case. Its errors come without secrets."""
        import sqlalchemy as sa

        try:
            with self._engine.connect() as connection:
                for statement in _SESSION.get(self._engine.dialect.name, ()):
                    times = {"milliseconds": self._asked.timeout_s * 1000, "seconds": self._asked.timeout_s}
                    wanted = {name: value for name, value in times.items() if f":{name}" in statement}
                    connection.execute(sa.text(statement), wanted)
                if self._engine.dialect.name == "sqlite":
                    _limit(connection, self._asked.timeout_s)
                yield connection.execution_options(stream_results=True, max_row_buffer=self._asked.batch_size)
                connection.rollback()
        except sa.exc.SQLAlchemyError as error:
            raise self._told(error) from None

    def _told(self, error: sa.exc.SQLAlchemyError) -> Unavailable | Misconfigured:
        import sqlalchemy as sa

        cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
        reason = redacted(str(cause), self._secrets)
        where = f"the database {self._engine.url.host or self._engine.url.database}"
        is_query = isinstance(error, sa.exc.ProgrammingError | sa.exc.DataError | sa.exc.NotSupportedError)
        if is_query or "no such " in reason or "syntax error" in reason:
            return Misconfigured(f"{where} refuses the query: {reason}; nothing was deleted")
        return Unavailable(f"{where} cannot be read: {reason}; nothing was deleted")

    def _text(self, row: Mapping[str, object]) -> str:
        return composing.text_of(row, self._asked.text, title=self._title(row))

    def _title(self, row: Mapping[str, object]) -> str | None:
        return composing.told(row[self._asked.title]).strip() or None if self._asked.title else None

    def _revision(self, row: Mapping[str, object]) -> str | None:
        """When the row changed, unless that is so short ago that it might change again and not show it."""
        changed = row[self._asked.updated_at] if self._asked.updated_at else None
        if changed is None or composing.is_young(changed, now=self._clock()):
            return None
        return composing.told(changed)

    def _too_large(self, path: str, size: int) -> ItemFailed:
        return ItemFailed("too_large", f"row {path} has {size:,} bytes, more than {self._asked.max_bytes:,}")


def _fetched(data: bytes, revision: str | None, title: str | None) -> Fetched:
    return Fetched(data, None, revision, media_type="text/markdown", filename="row.md", title=title)


def _engine(asked: DatabaseConfig, credentials: Mapping[str, str], roots: Sequence[Path]) -> sa.Engine:
    """Connections to a database, with the password that the URL must not carry."""
    import sqlalchemy as sa

    try:
        url = sa.make_url(asked.url)
    except (sa.exc.ArgumentError, ValueError):
        raise Misconfigured("url of a database source is no address as postgresql://user@host/database") from None
    url = url.set(
        drivername=_DRIVERS.get(url.drivername.replace("+psycopg2", ""), url.drivername),
        username=credentials.get("username", url.username), password=credentials.get("password"),
    )  # fmt: skip
    _require_allowed(url, roots)
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": 2, "max_overflow": 2}
    if url.get_backend_name() == "sqlite":
        options["creator"] = _sqlite_opener(url)
    elif url.get_backend_name() in ("postgresql", "mysql", "mariadb"):
        options["connect_args"] = {"connect_timeout": _CONNECT_S}
    try:
        return sa.create_engine(url, **options)
    except sa.exc.NoSuchModuleError:
        raise Misconfigured(f"there is no SQLAlchemy dialect {url.drivername!r} here: install its package") from None
    except ImportError as error:
        raise Misconfigured(f"{url.drivername} needs the package {error.name}: pip install {error.name}") from None


def _require_allowed(url: sa.URL, roots: Sequence[Path]) -> None:
    """Raise Refused for what leads into this machine outside the roots, where there are any."""
    backend = url.get_backend_name()
    if backend == "sqlite":
        file_roots.require_allowed(url.database or "/", roots)
    elif roots and backend not in _SERVERS:
        raise Refused(f"{backend} runs in this process and may read its files: MILLRACE_FILE_ROOTS forbids it")
    elif backend == "postgresql":
        host = url.host or str(url.query.get("host", "/"))
        if host.startswith("/"):
            file_roots.require_allowed(host, roots)


def _sqlite_opener(url: sa.URL) -> Callable[[], sqlite3.Connection]:
    path = url.database or ""
    if not path.startswith("/") or url.query or url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise Misconfigured("a SQLite source names an absolute path, and nothing else: sqlite:////srv/shop.db")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=30, check_same_thread=False)
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        return connection

    return connect


def _limit(connection: sa.Connection, seconds: int) -> None:
    """SQLite knows no time limit: it asks now and then whether to go on."""
    deadline = time.monotonic() + seconds
    raw: Any = connection.connection.driver_connection
    raw.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)


def _clock(connection: sa.Connection) -> Callable[[], datetime]:
    """The database's clock from now on, without asking it again."""
    import sqlalchemy as sa

    now, read_at = connection.scalar(sa.select(sa.func.now())), time.monotonic()
    if isinstance(now, str):
        now = datetime.fromisoformat(re.sub(r"Z$", "+00:00", now))
    start = now if isinstance(now, datetime) else datetime.now(UTC)
    return lambda: start + timedelta(seconds=time.monotonic() - read_at)
