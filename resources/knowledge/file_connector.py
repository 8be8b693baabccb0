"""Sources that are a folder, or one file, of this machine."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from resources.foundation.errors import Misconfigured, Unavailable
from resources.knowledge.connectors import DEFAULT_MAX_BYTES, Connector, Fetched, ItemFailed, ItemGone, Means
from resources.knowledge.records import DataSource, Item, KnownItem

READ_ATTEMPTS = 3
# An edit within the clock tick of the one before leaves the time of the file as it was: such a time proves nothing.
UNTRUSTED_AGE_NS = 2_000_000_000


def open_connector(source: DataSource, _means: Means) -> Connector:
    """A file source by its configuration. Raises Misconfigured."""
    return FileConnector.from_config(source.config)


class FileConnector:
    """A folder, or one file.

    Left out: what begins with a dot, what is no regular file, symbolic links to folders (what they lead to inside the
    root is listed there) and links to files outside the root. `include` and `exclude` are glob patterns on the path
    below the root; one without a slash is held against the name at any depth; `**` crosses folders.
    """

    def __init__(self, root: Path, *, include: Sequence[str] = (), exclude: Sequence[str] = (), max_bytes: int) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self._included = _matcher(include) if include else _everything
        self._excluded = _matcher(exclude) if exclude else _nothing

    @classmethod
    def from_config(cls, config: Mapping[str, object]) -> FileConnector:
        """Config: location, include, exclude, max_bytes. Raises Misconfigured."""
        location = config.get("location")
        if not isinstance(location, str) or not os.path.isabs(location):
            raise Misconfigured(
                f"a file source needs the absolute path of a folder or file as location, not {location!r}"
            )
        max_bytes = config.get("max_bytes", DEFAULT_MAX_BYTES)
        if not isinstance(max_bytes, int) or max_bytes <= 0:
            raise Misconfigured(f"max_bytes of a file source is a positive number of bytes, not {max_bytes!r}")
        return cls(
            Path(location), include=_patterns(config, "include"), exclude=_patterns(config, "exclude"),
            max_bytes=max_bytes,
        )  # fmt: skip

    def items(self) -> Iterator[Item]:
        try:
            status = self.root.stat()
        except OSError as error:
            raise Unavailable(f"{self.root} cannot be listed: {error.strerror}; nothing was changed") from error
        if stat.S_ISREG(status.st_mode):
            yield Item(self.root.name, status.st_size, status.st_mtime_ns)
        else:
            yield from self._below(self.root, "", self.root.resolve())

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        path = self._place(item)
        if item.size is not None and item.size > self.max_bytes:
            raise ItemFailed("too_large", f"{item.path} has {item.size:,} bytes, more than {self.max_bytes:,}")
        for _ in range(READ_ATTEMPTS):
            fetched = self._read(path, item)
            if fetched is not None:
                return fetched
        raise ItemFailed("changing", f"{item.path} changed while it was read, {READ_ATTEMPTS} times: it is tried again")

    def close(self) -> None:
        """Nothing is held."""

    def _below(self, folder: Path, prefix: str, real_root: Path) -> Iterator[Item]:
        for entry in self._entries(folder):
            path = prefix + entry.name
            if entry.name.startswith(".") or self._excluded(path):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._below(folder / entry.name, path + "/", real_root)
                continue
            status = _status(entry, real_root)
            if status is not None and self._included(path):
                yield Item(path, status.st_size, status.st_mtime_ns)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                # "a/b" stands between "a.b" and "a0" in the order of whole paths
                return sorted(entries, key=lambda e: e.name + "/" if e.is_dir(follow_symlinks=False) else e.name)
        except OSError as error:
            raise Unavailable(f"{folder} cannot be listed: {error.strerror}; nothing was deleted") from error

    def _place(self, item: Item) -> str:
        try:
            item.path.encode()
        except UnicodeEncodeError:
            raise ItemFailed("unsupported_name", "the file's name is not valid UTF-8: rename it") from None
        if self.root.is_file():
            return os.path.realpath(self.root)
        real = os.path.realpath(self.root / item.path)
        if not real.startswith(os.path.join(os.path.realpath(self.root), "")):
            raise ItemGone(item.path)
        return real

    def _read(self, path: str, item: Item) -> Fetched | None:
        """None when the file changed meanwhile."""
        try:
            # not blocking, not following: a pipe or a link may have taken the file's place
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise ItemGone(item.path) from None
        except OSError as error:
            raise ItemFailed("unreadable", f"{item.path} cannot be opened: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise ItemGone(item.path)
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


def _status(entry: os.DirEntry[str], real_root: Path) -> os.stat_result | None:
    """The size and time of a regular file; None for everything else, and for what is gone by now."""
    try:
        if entry.is_symlink():
            real = os.path.realpath(entry.path)
            if not real.startswith(os.path.join(real_root, "")):
                return None
        status = entry.stat()
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ELOOP, errno.ENOTDIR}:
            return None
        raise Unavailable(f"{entry.path} cannot be listed: {error.strerror}; nothing was deleted") from error
    return status if stat.S_ISREG(status.st_mode) else None


def _patterns(config: Mapping[str, object], key: str) -> list[str]:
    patterns = config.get(key) or []
    if not isinstance(patterns, list | tuple) or not all(isinstance(pattern, str) and pattern for pattern in patterns):
        raise Misconfigured(f"{key} of a file source is a list of glob patterns, not {patterns!r}")
    return list(patterns)


def _everything(_path: str) -> bool:
    return True


def _nothing(_path: str) -> bool:
    return False


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path, or a folder above it, fits one of the patterns."""
    anchored = [_expression(p.strip("/")) for p in patterns if "/" in p.strip("/")]
    by_name = [_expression(p.strip("/")) for p in patterns if "/" not in p.strip("/")]
    alternatives = []
    if anchored:
        alternatives.append(f"(?:{'|'.join(anchored)})(?:/.*)?")
    if by_name:
        alternatives.append(f"(?:.*/)?(?:{'|'.join(by_name)})(?:/.*)?")
    try:
        expression = re.compile("|".join(alternatives), re.DOTALL)
    except re.error as error:
        raise Misconfigured(f"the patterns {list(patterns)} make no sense: {error}") from error
    return lambda path: expression.fullmatch(path) is not None


def _expression(pattern: str) -> str:
    """A glob pattern as a regular expression: ? and * within a name, ** across folders, [abc] and [!abc]."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[!?[^\]/]+\])", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(known.get(part) or _set(part) or re.escape(part) for part in parts)


def _set(part: str) -> str:
    if len(part) < 3 or not (part.startswith("[") and part.endswith("]")):
        return ""
    inner, sign = (part[2:-1], "^/") if part.startswith("[!") else (part[1:-1], "")
    return f"[{sign}{inner.replace(chr(92), chr(92) * 2).replace('^', chr(92) + '^')}]"
