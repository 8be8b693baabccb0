"""Sources that are files elsewhere: object stores and SFTP servers, and the members of a zip, all through fsspec."""

from __future__ import annotations

import errno
import importlib
import io
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from resources.foundation.errors import Conflict, MillraceError, Misconfigured, Refused, Unavailable
from resources.foundation.redacting import redacted
from resources.knowledge.choosing import Choice
from resources.knowledge.connectors import configuring, file_roots, locating
from resources.knowledge.connectors.configuring import FileConfig
from resources.knowledge.connectors.protocol import Connector, Fetched, ItemFailed, ItemGone
from resources.knowledge.connectors.spools import Spool, Spooled
from resources.knowledge.records import Item, KnownItem

READ_ATTEMPTS = 3
# Times of whole seconds, by a clock that is not ours: a younger one does not prove that the file is as it was.
UNTRUSTED_AGE_NS = 120_000_000_000
_CONNECT_S = 10
_READ_S = 60
_FRESH: dict[str, Any] = {"use_listings_cache": False}

# How s3fs passes on what an S3 server answers.
_REMEDIES = {
    errno.ENOSYS: "it does not know this request; is endpoint_url the address of an S3 server?",
    errno.EINVAL: "it takes the request for wrong; are endpoint_url, region and credentials right?",
    getattr(errno, "EREMCHG", errno.ENOENT): "the bucket is elsewhere; set region, or endpoint_url",
    errno.EBUSY: "it is busy, and asked again at the next sync",
    getattr(errno, "EREMOTEIO", errno.EIO): "it failed, and is asked again at the next sync",
}

FileSystem = Any
Info = Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """What a store says of a file."""

    size: int | None
    modified_ns: int | None
    revision: str | None

    def agrees(self, other: State) -> bool:
        """Whether both are of the same content: their revisions tell where both have one, else size and time."""
        if self.revision is not None and other.revision is not None:
            return self.revision == other.revision
        return (self.size, self.modified_ns) == (other.size, other.modified_ns)


@dataclass(frozen=True)
class Store:
    """A kind of file system: what it needs, how it is opened and listed, what may go wrong there.

    `revision` names what it tells of a file that changes with the content. `errors` are dotted names, beside OSError.
    """

    package: str
    extra: str | None
    credentials: tuple[str, ...]
    arguments: Callable[[FileConfig, Mapping[str, str]], dict[str, Any]]
    list: Callable[[FileSystem, str], Iterator[list[Info]]]
    revision: str | None
    errors: tuple[str, ...]
    is_for_threads: bool = True
    kind: str | None = None  # its class, where the one that fsspec knows does more than reading needs


def from_config(
    config: Mapping[str, object], credentials: Mapping[str, str], *, roots: Iterable[Path] = ()
) -> Connector:
    """Config: location and what else configuring.FileConfig has. Raises Misconfigured, Refused, Unavailable."""
    asked = configuring.file_config(config)
    location, protocol = asked.location, locating.protocol_of(asked.location)
    if protocol != "zip":
        store = _store_of(location)
        system, root = _open(store, asked, location, credentials)
        return RemoteFileConnector(
            system, root, asked.choice, store=store, max_bytes=asked.max_bytes, secrets=credentials.values(),
            scheme=f"{protocol}://",
        )  # fmt: skip
    archive = _archive(asked, credentials, tuple(roots))
    return RemoteFileConnector(
        archive, "", asked.choice, store=_ZIP, max_bytes=asked.max_bytes, secrets=credentials.values()
    )


class RemoteFileConnector:
    """The files below a root of a file system, or the one file there. Hidden and excluded ones are left out."""

    def __init__(
        self,
        system: FileSystem,
        root: str,
        choice: Choice,
        *,
        store: Store,
        max_bytes: int,
        secrets: Iterable[str] = (),
        scheme: str = "",
    ) -> None:
        self.max_bytes = max_bytes
        self._system = system
        self._root = root.rstrip("/")
        self._is_folder = root != self._root or not root
        self._choice = choice
        self._store = store
        self._secrets = tuple(secrets)
        self._scheme = scheme
        self._errors = _errors_of(store)
        self._spool: Spool | None = None
        self._turn: AbstractContextManager[object] = nullcontext() if store.is_for_threads else threading.Lock()

    def items(self) -> Iterator[Item]:
        """The listing is taken whole before its first item is given: one that breaks off gives none."""
        self._spool = spool = Spool()
        try:
            with self._turn:
                for page in self._pages():
                    spool.put(kept for kept in map(self._spooled, page) if kept is not None)
        except Conflict as error:
            raise self._unlisted(str(error)) from None
        except self._errors as error:  # its words may hold addresses and keys: they are not carried on
            raise self._unlisted(self._reason(error)) from None
        yield from spool.items()

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        if item.size is not None and item.size > self.max_bytes:
            raise ItemFailed("too_large", f"{item.path} has {item.size:,} bytes, more than {self.max_bytes:,}")
        before = State(item.size, item.modified_ns, item.revision)
        try:
            for _ in range(READ_ATTEMPTS):
                data, after = self._read(item, is_empty=before.size == 0)
                if after.agrees(before) and after.size in (None, len(data)):
                    return Fetched(data, _trusted(after), after.revision, address=item.address)
                before = after
        except FileNotFoundError:
            raise ItemGone(item.path) from None
        except self._errors as error:
            reason = self._reason(error)
            outcome = "unsupported_encrypted" if "is encrypted" in reason else "unreadable"
            raise ItemFailed(outcome, f"{item.path} cannot be read: {reason}") from None
        raise ItemFailed("changing", f"{item.path} changed while it was read, {READ_ATTEMPTS} times: it is tried again")

    def cut_short(self) -> None:
        """A listing that is not whole raises."""

    def close(self) -> None:
        """Let go of the listing, and of the archive where it is one."""
        if self._spool is not None:
            self._spool.close()
        if self._store is _ZIP:
            self._system.close()

    def _pages(self) -> Iterator[list[Info]]:
        """What is below the root; or the one file that the root is. What is not there raises."""
        info = self._system.info(self._root)
        if info["type"] == "file" and not self._is_folder:
            yield [info]
        else:
            yield from self._store.list(self._system, self._root)

    def _spooled(self, info: Info) -> Spooled | None:
        full = str(info["name"])
        path = full[len(self._root) + 1 :] if self._root else full.removeprefix("/")
        if full == self._root:
            path = full.rpartition("/")[2]
        if info["type"] != "file" or not path or path.endswith("/") or not self._choice.takes(path):
            return None
        state = self._state(info)
        address = f"{self._scheme}{full}" if self._scheme else None
        return Spooled(Item(path, state.size, state.modified_ns, state.revision, address=address), key=full)

    def _read(self, item: Item, *, is_empty: bool) -> tuple[bytes, State]:
        """A file's bytes, one more than is allowed at most, and its state after they were read."""
        spooled = self._spool.find(item.path) if self._spool is not None else None
        full = spooled.key if spooled and spooled.key else f"{self._root}/{item.path}".lstrip("/")
        with self._turn:
            # a part of nothing cannot be asked for
            data = b"" if is_empty else self._system.cat_file(full, start=0, end=self.max_bytes + 1)
            after = self._state(self._system.info(full))
        if len(data) > self.max_bytes:
            raise ItemFailed("too_large", f"{item.path} has more than {self.max_bytes:,} bytes")
        return data, after

    def _state(self, info: Info) -> State:
        revision = info.get(self._store.revision) if self._store.revision else None
        times = (info.get(name) for name in ("LastModified", "last_modified", "mtime", "updated"))
        return State(
            info.get("size"), next((_nanoseconds(at) for at in times if at), None),
            str(revision).strip('"') if revision not in (None, "") else None,
        )  # fmt: skip

    def _unlisted(self, reason: str) -> Unavailable:
        return Unavailable(f"{self._scheme}{self._root} cannot be listed: {reason}; nothing was deleted")

    def _reason(self, error: Exception) -> str:
        return _reason(error, self._secrets)


def _trusted(state: State) -> int | None:
    """The time of a file where it proves that it did not change since: always beside a revision."""
    if state.modified_ns is None or state.revision is not None:
        return state.modified_ns
    return state.modified_ns if abs(time.time_ns() - state.modified_ns) > UNTRUSTED_AGE_NS else None


def _nanoseconds(at: object) -> int | None:
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    if isinstance(at, datetime):
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return round(at * 1_000_000) * 1000 if isinstance(at, int | float) else None


def _reason(error: Exception, secrets: Iterable[str]) -> str:
    """What a store said, and what can be done about it."""
    if isinstance(error, FileNotFoundError):
        return "it is not there"
    said = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    remedy = _REMEDIES.get(error.errno or 0, "") if isinstance(error, OSError) else ""
    if isinstance(error, PermissionError):
        remedy = "are the credentials right, and may they list and read there?"
    return redacted(said, secrets).rstrip(".") + (f": {remedy}" if remedy else "")


def _errors_of(store: Store) -> tuple[type[Exception], ...]:
    return (OSError, ValueError, *(_named(dotted) for dotted in store.errors))


def _named(dotted: str) -> Any:
    """What a module holds, by its dotted name."""
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _store_of(location: str) -> Store:
    """The store of a location, with its library at hand. Raises Misconfigured."""
    store = _STORES[locating.OBJECT_STORES[locating.protocol_of(location)]]
    try:
        importlib.import_module(store.package)
    except ImportError:
        remedy = f"pip install 'millrace[{store.extra}]'" if store.extra else f"pip install {store.package}"
        raise Misconfigured(f"{location} is read through the package {store.package}: {remedy}") from None
    return store


def _open(store: Store, asked: FileConfig, location: str, credentials: Mapping[str, str]) -> tuple[FileSystem, str]:
    """The file system of a location, never one that another source opened, and the root in it."""
    import fsspec

    unknown = sorted(set(credentials) - set(store.credentials))
    if unknown:
        raise Misconfigured(f"{location} takes no credential {unknown[0]!r}, only {', '.join(store.credentials)}")
    kind = _named(store.kind) if store.kind else fsspec.get_filesystem_class(locating.protocol_of(location))
    arguments = {**kind._get_kwargs_from_urls(location), **store.arguments(asked, credentials)}
    try:
        system = kind(**arguments, skip_instance_cache=True)
    except MillraceError:
        raise
    except _errors_of(store) as error:
        where = urlsplit(location).netloc
        raise Unavailable(f"{where} cannot be reached: {_reason(error, credentials.values())}") from None
    root = str(kind._strip_protocol(location))
    return system, root + "/" if location.endswith("/") and not root.endswith("/") else root


def _archive(asked: FileConfig, credentials: Mapping[str, str], roots: tuple[Path, ...]) -> FileSystem:
    """A zip file as a file system. Raises Unavailable where it cannot be opened, Refused where it may not be."""
    import fsspec

    where = locating.inner_location(asked.location)
    store = _ZIP if where.startswith("/") else _store_of(where)
    kind = fsspec.get_filesystem_class("zip")
    try:
        if where.startswith("/"):
            file_roots.require_allowed(where, roots)
            file: io.BufferedIOBase = open(where, "rb")  # noqa: SIM115 (the archive closes it)
        else:
            system, root = _open(store, asked, where, credentials)
            file = system.open(root, "rb")
        return kind(fo=file)
    except (*_errors_of(store), *_errors_of(_ZIP)) as error:
        raise Unavailable(f"{where} cannot be listed: {_reason(error, credentials.values())}") from None


def _list_of_s3(system: FileSystem, root: str) -> Iterator[list[Info]]:
    """Page by page, so that a bucket of any size is listed in the memory of one page."""
    bucket, _, folder = root.partition("/")
    asked: dict[str, str] = {"Bucket": bucket, "Prefix": f"{folder}/" if folder else ""}
    while True:
        page = system.call_s3("list_objects_v2", **asked)
        yield [
            {**each, "name": f"{bucket}/{each['Key']}", "size": each["Size"], "type": "file"}
            for each in page.get("Contents", ())
        ]
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


def _list_flat(system: FileSystem, root: str) -> Iterator[list[Info]]:
    """What a store lists without folders, at once."""
    yield list(system.find(root, detail=True).values())


def _list_by_folders(system: FileSystem, root: str) -> Iterator[list[Info]]:
    """Folder by folder; fsspec's own walk would pass over one that cannot be listed. Links are not followed."""
    waiting = [root]
    while waiting:
        entries = system.ls(waiting.pop(), detail=True)
        waiting.extend(entry["name"] for entry in entries if entry["type"] == "directory")
        yield [entry for entry in entries if entry["type"] == "file"]


def _list_of_sftp(system: FileSystem, root: str) -> Iterator[list[Info]]:
    """Folder by folder, asking for one part of each at a time.

    fsspec's own `ls` asks for fifty parts ahead, and paramiko (5.1) then waits for ever now and then. What is stuck
    otherwise ends as well: the connection waits for no answer longer than a minute.
    """
    system.ftp.get_channel().settimeout(_READ_S)
    waiting = [root or "/"]
    while waiting:
        folder = waiting.pop()
        entries = [system._decode_stat(entry, folder) for entry in system.ftp.listdir_attr(folder)]
        waiting.extend(str(entry["name"]) for entry in entries if entry["type"] == "directory")
        yield [entry for entry in entries if entry["type"] == "file"]


def _for_s3(asked: FileConfig, credentials: Mapping[str, str]) -> dict[str, Any]:
    if bool(credentials.get("key")) != bool(credentials.get("secret")):
        raise Misconfigured(f"{asked.location} needs both credentials, key and secret")
    return {
        **_FRESH,
        "anon": asked.anonymous,
        "key": credentials.get("key"),
        "secret": credentials.get("secret"),
        "token": credentials.get("token"),
        "endpoint_url": asked.endpoint_url or credentials.get("endpoint_url"),
        "client_kwargs": {"region_name": asked.region} if asked.region else {},
        "config_kwargs": {"connect_timeout": _CONNECT_S, "read_timeout": _READ_S, "retries": {"max_attempts": 1}},
    }


def _for_google(asked: FileConfig, credentials: Mapping[str, str]) -> dict[str, Any]:
    token: object = "anon" if asked.anonymous else None
    if "token" in credentials:
        try:
            token = json.loads(credentials["token"])
        except ValueError:
            token = None
        if not isinstance(token, dict) or not (
            {"client_email", "private_key"} <= set(token) or "refresh_token" in token
        ):
            raise Misconfigured("the credential token is no key of a service account: give its JSON file") from None
    return {**_FRESH, "token": token, **({"endpoint_url": asked.endpoint_url} if asked.endpoint_url else {})}


def _for_azure(asked: FileConfig, credentials: Mapping[str, str]) -> dict[str, Any]:
    account = {"account_name": asked.account_name} if asked.account_name else {}
    return {
        **_FRESH,
        **account,
        **credentials,
        "anon": asked.anonymous,
        "connection_timeout": _CONNECT_S,
        "read_timeout": _READ_S,
    }


def _for_sftp(asked: FileConfig, credentials: Mapping[str, str]) -> dict[str, Any]:
    import paramiko

    host = urlsplit(asked.location).hostname or ""
    given: dict[str, Any] = {name: credentials[name] for name in ("username", "password") if name in credentials}
    if "private_key" in credentials:
        given["pkey"] = _private_key(credentials["private_key"], credentials.get("passphrase"))
    has_own = bool({"password", "pkey"} & set(given))
    return {
        **given, "timeout": _CONNECT_S, "banner_timeout": _CONNECT_S, "auth_timeout": _CONNECT_S,
        "look_for_keys": not has_own, "allow_agent": not has_own,
        "host_key_policy": _pinned(paramiko.MissingHostKeyPolicy, host, asked.host_key),
    }  # fmt: skip


def _pinned(policy: type[Any], host: str, expected: str | None) -> Any:
    """Takes the one host key that the source names by its SHA-256 fingerprint, as `ssh-keygen -lf` tells it."""

    class Pinned(policy):  # type: ignore[misc]
        def missing_host_key(self, client: object, hostname: str, key: Any) -> None:
            if key.fingerprint != expected:
                raise Refused(
                    f"the server {host} shows the host key {key.fingerprint}, and the source names "
                    f"{expected or 'none'}: if that is the server's, set host_key to it"
                )

    return Pinned()


def _private_key(text: str, passphrase: str | None) -> Any:
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text), password=passphrase)
        except (paramiko.SSHException, ValueError):
            continue
    raise Misconfigured("the credential private_key is no private key that can be read, or its passphrase is wrong")


_STORES: dict[str, Store] = {
    "s3": Store(
        "s3fs", None, ("key", "secret", "token", "endpoint_url"), _for_s3, _list_of_s3, "ETag",
        ("botocore.exceptions.BotoCoreError", "botocore.exceptions.ClientError", "aiohttp.ClientError"),
    ),
    "gs": Store(
        "gcsfs", "gs", ("token",), _for_google, _list_flat, "generation",
        ("gcsfs.retry.HttpError", "google.auth.exceptions.GoogleAuthError", "aiohttp.ClientError", "builtins.KeyError"),
        kind="gcsfs.core.GCSFileSystem",
    ),
    "azure": Store(
        "adlfs", "azure",
        ("account_key", "sas_token", "connection_string", "tenant_id", "client_id", "client_secret"),
        _for_azure, _list_flat, "etag", ("azure.core.exceptions.AzureError",),
    ),
    "sftp": Store(
        "paramiko", "sftp", ("username", "password", "private_key", "passphrase"), _for_sftp, _list_of_sftp, None,
        ("paramiko.SSHException",), is_for_threads=False,
    ),
}  # fmt: skip
_ZIP = Store(
    "zipfile", None, (), lambda _asked, _credentials: {}, _list_by_folders, "CRC",
    ("zipfile.BadZipFile", "zlib.error", "builtins.RuntimeError", "builtins.EOFError"),
)  # fmt: skip
