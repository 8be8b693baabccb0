"""Read from a source's location what it says: its kind, a name, where a person finds it, whom its secrets go to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from resources.foundation.errors import Misconfigured, Refused
from resources.knowledge.connectors.crawling import canonical, host_of

OBJECT_STORES = {
    "s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "abfs": "azure", "abfss": "azure", "az": "azure",
    "sftp": "sftp", "ssh": "sftp",
}  # fmt: skip
"""The protocols of file sources away from this machine, and the family of each. zip is one of files inside a file."""

HOST_CREDENTIAL = "host"
"""Among the credentials of a source: the host that they were given for. They go to no other.

With http:// before it where they were given for a site without encryption; else they never go to one in clear.
"""

_IN_CLEAR = "http://"

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?=:|//)", re.IGNORECASE)
_DATABASES = ("postgresql", "postgres", "mysql", "mariadb", "sqlite", "mssql", "oracle", "duckdb", "clickhouse")
_LOCATION_KEYS = {"file": ("location",), "database": ("url",), "api": ("url",), "web": ("sitemap", "url")}


def is_address(location: str) -> bool:
    """Whether a location is an address with a protocol, rather than a path."""
    return _SCHEME.match(location) is not None


def protocol_of(location: str) -> str:
    """The protocol of an address: 's3' of s3://bucket; '' of a path."""
    found = _SCHEME.match(location)
    return found[1].lower() if found else ""


def inner_location(location: str) -> str:
    """Where the archive of a zip address lies: an absolute path, or an address of its own."""
    rest = location.partition(":")[2]
    return rest[1:] if rest.startswith(":") else rest.removeprefix("//")


def kind_of(location: str) -> str:
    """The type of the source at a location: web, database, or file. Raises Refused."""
    protocol = protocol_of(location)
    if protocol in ("http", "https"):
        return "web"
    if protocol.partition("+")[0] in _DATABASES:
        return "database"
    if protocol == "file":
        raise Refused("a file or folder of this machine is named by its path, without file://")
    return "file"


def name_of(location: str) -> str:
    """What a source at a path or address may be called; '' where nothing in it is a name."""
    parts = urlsplit(location) if is_address(location) else None
    path = unquote(parts.path) if parts else location
    last = path.rstrip("/").rpartition("/")[2] or (parts.hostname or "" if parts else "")
    if parts is None or protocol_of(location) in ("zip", *OBJECT_STORES):
        last = re.sub(r"(?<=.)\.[A-Za-z0-9]{1,5}$", "", last)
    name = re.sub(r"[^\w .-]+", "-", last).strip("-. ")
    return re.sub(r"\.{2,}", ".", name)[:100]


def place_of(source_type: str, config: Mapping[str, object]) -> str:
    """Where a source lies, for a person to read; '' where it lies nowhere, as one that documents are pushed into."""
    found = next((config[key] for key in _LOCATION_KEYS.get(source_type, ()) if config.get(key)), None)
    if found is None and source_type == "web":
        crawl, urls = config.get("crawl"), config.get("urls")
        found = crawl.get("start") if isinstance(crawl, Mapping) else urls
    if isinstance(found, list | tuple):
        found = f"{found[0]} and {len(found) - 1} more" if len(found) > 1 else found[0] if found else None
    return str(found or "")


def home_of(source_type: str, config: Mapping[str, object]) -> str:
    """The host that the credentials of a source are for; '' where they go to none."""
    place = place_of(source_type, config).partition(" and ")[0]
    if source_type in ("web", "api"):
        return home_of_site(place) if place else ""
    if source_type == "database" and place:
        return _server(place)
    if source_type == "file" and is_address(place):
        where = inner_location(place) if protocol_of(place) == "zip" else place
        family = OBJECT_STORES.get(protocol_of(where), "")
        if family == "sftp":
            return _server(where)
        account = config.get("account_name") or urlsplit(where).netloc.partition("@")[2]
        return str(config.get("endpoint_url") or (account if family == "azure" else family))
    return ""


def home_of_site(address: str) -> str:
    """What credentials for an address of the web are given for: its host, and that it is reached in clear if it is."""
    found = canonical(address) or address
    return (_IN_CLEAR if found.startswith(_IN_CLEAR) else "") + host_of(found)


def require_home(credentials: Mapping[str, str], home: str) -> None:
    """Raises Misconfigured where credentials were given for another host than this, or for it encrypted alone.

    Whoever can change an address shall not learn secrets by it. A site that is encrypted by now is the same.
    """
    given_for = credentials.get(HOST_CREDENTIAL, "")
    if given_for not in (home, _IN_CLEAR + home):
        raise Misconfigured(
            f"the credentials were given for {given_for or 'no host'}, and the source is at {home} now: give them "
            "again for this host"
        )


def bound(source_type: str, config: Mapping[str, object], credentials: Mapping[str, str]) -> dict[str, str]:
    """Credentials with the host that they are given for."""
    home = home_of(source_type, config)
    return {**credentials, HOST_CREDENTIAL: home} if credentials and home else dict(credentials)


def released(source_type: str, config: Mapping[str, object], credentials: Mapping[str, str]) -> dict[str, str]:
    """Credentials without the host that they are for. Raises Misconfigured where the source is at another now."""
    home = home_of(source_type, config)
    if credentials and home:
        require_home(credentials, home)
    return {name: value for name, value in credentials.items() if name != HOST_CREDENTIAL}


def _server(address: str) -> str:
    """Host and port, and what follows a question mark, which may name another host."""
    parts = urlsplit(address)
    return parts.netloc.rpartition("@")[2] + (f"?{parts.query}" if parts.query else "") or parts.path
