"""Sources that are a folder, or one file, of this machine. Files elsewhere: remote_file_connector."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from resources.foundation.errors import Unavailable
from resources.foundation.settings import Settings
from resources.knowledge.choosing import Choice
from resources.knowledge.connectors import configuring, file_roots, locating, remote_file_connector
from resources.knowledge.connectors.protocol import Connector, Fetched, ItemFailed, ItemGone, Means
from resources.knowledge.records import DataSource, Item, KnownItem

READ_ATTEMPTS = 3
# An edit within the clock tick of the one before leaves the time of the file as it was: such a time proves nothing.
UNTRUSTED_AGE_NS = 2_000_000_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# not blocking, not following: a pipe or a link may have taken the file's place
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


def open_connector(source: DataSource, means: Means) -> Connector:
    """A file source by its configuration. Raises Misconfigured, and Refused for a place outside the allowed roots."""
    roots = Settings.from_environment().file_roots
    if locating.is_address(str(source.config.get("location", ""))):
        credentials = locating.released(source.source_type, source.config, means.credentials)
        return remote_file_connector.from_config(source.config, credentials, roots=roots)
    return FileConnector.from_config(source.config, roots=roots)


class FileConnector:
    """A folder, or one file.

    Left out: what begins with a dot, what is no regular file, symbolic links to folders (what they lead to inside the
    root is listed there) and links to files outside the root. Every folder is entered and every file opened by way of
    its parent's descriptor, never through a link: what takes a folder's place meanwhile leads nowhere.
    """

    def __init__(self, root: Path, choice: Choice, *, max_bytes: int, allows_hard_links: bool = True) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self._choice = choice
        self._allows_hard_links = allows_hard_links

    @classmethod
    def from_config(cls, config: Mapping[str, object], *, roots: Iterable[Path] = ()) -> FileConnector:
        """Config: location, include, exclude, max_bytes. Raises Misconfigured, Refused."""
        asked, allowed = configuring.file_config(config), tuple(roots)
        file_roots.require_allowed(asked.location, allowed)
        # a second name of a file may have been made by somebody who cannot read the first
        return cls(Path(asked.location), asked.choice, max_bytes=asked.max_bytes, allows_hard_links=not allowed)

    def items(self) -> Iterator[Item]:
        try:
            status = self.root.stat()
            if stat.S_ISREG(status.st_mode):
                yield Item(self.root.name, status.st_size, status.st_mtime_ns)
                return
            descriptor = os.open(self.root, _FOLDER)
        except OSError as error:
            raise Unavailable(f"{self.root} cannot be listed: {error.strerror}; nothing was changed") from error
        yield from self._below(descriptor, "", os.path.realpath(self.root))

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        path = self._place(item)
        if item.size is not None and item.size > self.max_bytes:
            raise ItemFailed("too_large", f"{item.path} has {item.size:,} bytes, more than {self.max_bytes:,}")
        for _ in range(READ_ATTEMPTS):
            fetched = self._read(path, item)
            if fetched is not None:
                return fetched
        raise ItemFailed("changing", f"{item.path} changed while it was read, {READ_ATTEMPTS} times: it is tried again")

    def cut_short(self) -> None:
        """A folder is always listed whole."""

    def close(self) -> None:
        """Nothing is held."""

    def _below(self, folder: int, prefix: str, real_root: str) -> Iterator[Item]:
        """What is below an open folder, which is closed afterwards."""
        try:
            for entry in self._entries(folder, prefix):
                path = prefix + entry.name
                if not self._choice.enters(path):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from self._below(self._enter(folder, path), path + "/", real_root)
                    continue
                status = _status(entry, str(self.root / path), real_root)
                if status is not None and self._choice.takes(path):
                    yield Item(path, status.st_size, status.st_mtime_ns)
        finally:
            os.close(folder)

    def _enter(self, folder: int, path: str) -> int:
        try:
            return os.open(path.rpartition("/")[2], _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
        except OSError as error:
            raise self._unlisted(path, error) from error

    def _entries(self, folder: int, prefix: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                # "a/b" stands between "a.b" and "a0" in the order of whole paths
                return sorted(entries, key=lambda e: e.name + "/" if e.is_dir(follow_symlinks=False) else e.name)
        except OSError as error:
            raise self._unlisted(prefix, error) from error

    def _unlisted(self, path: str, error: OSError) -> Unavailable:
        return Unavailable(f"{self.root / path} cannot be listed: {error.strerror}; nothing was deleted")

    def _place(self, item: Item) -> str:
        """The file's path below the real root, with links resolved, or the path of the one file."""
        try:
            item.path.encode()
        except UnicodeEncodeError:
            raise ItemFailed("unsupported_name", "the file's name is not valid UTF-8: rename it") from None
        if self.root.is_file():
            return os.path.realpath(self.root)
        real_root = os.path.join(os.path.realpath(self.root), "")
        try:
            real = os.path.realpath(self.root / item.path)
        except OSError:  # a link on the way went while it was read
            raise ItemGone(item.path) from None
        if not real.startswith(real_root):
            raise ItemGone(item.path)
        return real

    def _read(self, path: str, item: Item) -> Fetched | None:
        """None when the file changed meanwhile."""
        try:
            descriptor = self._open(path)
        except FileNotFoundError:
            raise ItemGone(item.path) from None
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.ENOTDIR}:  # a link, or a file, took the place of a folder on the way
                raise ItemGone(item.path) from None
            raise ItemFailed("unreadable", f"{item.path} cannot be opened: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise ItemGone(item.path)
            if before.st_nlink > 1 and not self._allows_hard_links:
                raise ItemFailed(
                    "linked", f"{item.path} has another name (a hard link), which may lie outside the folders allowed"
                )
            try:
                data = file.read(self.max_bytes + 1)
            except OSError as error:
                raise ItemFailed("unreadable", f"{item.path} cannot be read: {error.strerror}") from error
            after = os.fstat(file.fileno())
        if len(data) > self.max_bytes:
            raise ItemFailed("too_large", f"{item.path} has more than {self.max_bytes:,} bytes")
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
            return None
        is_fresh = 0 <= time.time_ns() - after.st_mtime_ns < UNTRUSTED_AGE_NS
        return Fetched(data, None if is_fresh else after.st_mtime_ns)

    def _open(self, path: str) -> int:
        """Open a file whose path has no links in it, folder by folder from the root, following none."""
        if self.root.is_file():
            return os.open(path, _FILE)
        *folders, name = Path(path).relative_to(os.path.realpath(self.root)).parts
        with _opened(os.open(os.path.realpath(self.root), _FOLDER | os.O_NOFOLLOW)) as descriptors:
            for folder in folders:
                descriptors.append(os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptors[-1]))
            return os.open(name, _FILE, dir_fd=descriptors[-1])


@contextmanager
def _opened(first: int) -> Iterator[list[int]]:
    """Descriptors that are closed at the end."""
    descriptors = [first]
    try:
        yield descriptors
    finally:
        for descriptor in descriptors:
            with suppress(OSError):
                os.close(descriptor)


def _status(entry: os.DirEntry[str], path: str, real_root: str) -> os.stat_result | None:
    """The size and time of a regular file; None for everything else, and for what is gone by now."""
    try:
        if entry.is_symlink() and not os.path.realpath(path).startswith(os.path.join(real_root, "")):
            return None
        status = entry.stat()
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ELOOP, errno.ENOTDIR}:
            return None
        raise Unavailable(f"{path} cannot be listed: {error.strerror}; nothing was deleted") from error
    return status if stat.S_ISREG(status.st_mode) else None
