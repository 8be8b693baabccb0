"""Hold the configuration of a source to what its kind understands, before it is kept and again before it is used.

Secrets are no part of a configuration: they are credentials, which are sealed. A URL that carries one is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from resources.foundation.errors import Misconfigured
from resources.knowledge.choosing import Choice
from resources.knowledge.connectors import web_configuring
from resources.knowledge.connectors.asking import Asked, require_no_secret
from resources.knowledge.connectors.locating import OBJECT_STORES, inner_location, is_address, protocol_of
from resources.knowledge.connectors.querying import single_select

DEFAULT_MAX_BYTES = 50 << 20
DEFAULT_BATCH_SIZE = 1000
DEFAULT_TIMEOUT_S = 600

_FILE_KEYS = ("location", "include", "exclude", "max_bytes")
_STORE_KEYS = ("endpoint_url", "region", "account_name", "host_key", "anonymous")
_DATABASE_KEYS = (
    "url", "query", "key", "text", "metadata", "title", "updated_at", "batch_size", "timeout_s", "max_bytes",
)  # fmt: skip


@dataclass(frozen=True)
class FileConfig:
    """A file source. `location`: an absolute path, or an address such as s3://bucket/folder."""

    location: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_bytes: int = DEFAULT_MAX_BYTES
    endpoint_url: str | None = None
    region: str | None = None
    account_name: str | None = None
    host_key: str | None = None
    anonymous: bool = False

    @property
    def choice(self) -> Choice:
        """Which items are taken."""
        return Choice(self.include, self.exclude)


@dataclass(frozen=True)
class DatabaseConfig:
    """A database source: each row of `query` is a document, known by its `key` columns, made of its `text` columns.

    `updated_at` names the column that changes whenever a row does; without it all rows are read at each sync.
    """

    url: str
    query: str
    key: tuple[str, ...]
    text: tuple[str, ...]
    metadata: tuple[str, ...] = ()
    title: str | None = None
    updated_at: str | None = None
    batch_size: int = DEFAULT_BATCH_SIZE
    timeout_s: int = DEFAULT_TIMEOUT_S
    max_bytes: int = DEFAULT_MAX_BYTES


def checked(source_type: str, config: Mapping[str, object]) -> dict[str, object]:
    """The configuration as it is kept: only what its kind knows, lists as lists. Raises Misconfigured."""
    if source_type not in _CHECKS:
        raise Misconfigured(f"there are no sources of type {source_type!r}, only of {', '.join(sorted(_CHECKS))}")
    _CHECKS[source_type](config)
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in config.items()
        if value not in (None, "", [], ())
    }


def file_config(config: Mapping[str, object]) -> FileConfig:
    """Of a file source. Raises Misconfigured."""
    asked = Asked("file", config)
    location = asked.text(
        "location", needed="the absolute path of a folder or file, or an address as s3://bucket/folder"
    )
    is_away = is_address(location)
    asked.knows((*_FILE_KEYS, *_STORE_KEYS) if is_away else _FILE_KEYS)
    if is_away:
        _require_store(location)
    elif not location.startswith("/"):
        raise Misconfigured(f"location of a file source is an absolute path or an address, not {location!r}")
    found = FileConfig(
        location, asked.texts("include"), asked.texts("exclude"), asked.number("max_bytes", DEFAULT_MAX_BYTES),
        asked.find("endpoint_url"), asked.find("region"), asked.find("account_name"), asked.find("host_key"),
        asked.truth("anonymous"),
    )  # fmt: skip
    if found.endpoint_url is not None:
        require_no_secret("endpoint_url", found.endpoint_url)
        if urlsplit(found.endpoint_url).scheme not in ("http", "https"):
            raise Misconfigured(f"endpoint_url of a file source is no http(s) address: {found.endpoint_url!r}")
    _ = found.choice
    return found


def database_config(config: Mapping[str, object]) -> DatabaseConfig:
    """Of a database source. Raises Misconfigured."""
    asked = Asked("database", config)
    asked.knows(_DATABASE_KEYS)
    url = asked.text("url", needed="an address as postgresql://user@host/database, without the password")
    require_no_secret("url", url)
    if "://" not in url:
        raise Misconfigured("url of a database source is an address as postgresql://user@host/database")
    found = DatabaseConfig(
        url, single_select(asked.text("query", needed="a SELECT")), asked.texts("key"), asked.texts("text"),
        asked.texts("metadata"), asked.find("title"), asked.find("updated_at"),
        asked.number("batch_size", DEFAULT_BATCH_SIZE), asked.number("timeout_s", DEFAULT_TIMEOUT_S),
        asked.number("max_bytes", DEFAULT_MAX_BYTES),
    )  # fmt: skip
    for name, columns in {"key": found.key, "text": found.text}.items():
        if not columns:
            raise Misconfigured(f"{name} of a database source names at least one column of its query")
        if len(set(columns)) < len(columns):
            raise Misconfigured(f"{name} of a database source names a column twice: {', '.join(columns)}")
    return found


def _require_store(location: str) -> None:
    """Only what is named here is reached: protocols that lead into this machine, or to other protocols, are not."""
    protocol, where = protocol_of(location), location
    if protocol == "zip":
        where = inner_location(location)
        if where.startswith("/"):
            return
        protocol = protocol_of(where)
    if protocol in ("http", "https"):
        raise Misconfigured("pages and files of the web are sources of type web, or api, not of type file")
    if protocol not in OBJECT_STORES or "::" in where:
        known = ", ".join(f"{name}://" for name in (*OBJECT_STORES, "zip"))
        raise Misconfigured(f"a file source cannot lie at {protocol or where}:…; it may at {known} or at a path")
    require_no_secret("location", where)
    if not urlsplit(where).netloc:
        raise Misconfigured(f"location {where!r} names no bucket, container or host")


def _any(_config: Mapping[str, object]) -> None:
    """Its connector looks at it."""


_CHECKS: dict[str, Callable[[Mapping[str, object]], object]] = {
    "file": file_config,
    "database": database_config,
    "web": web_configuring.web_config,
    "api": web_configuring.api_config,
    "upload": _any,
}
