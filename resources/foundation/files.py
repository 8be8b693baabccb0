"""The object store: bytes kept under their own checksum, in one folder for each organization."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from resources.foundation.errors import Missing, Unavailable

_ASIDE = ".writing-"
_CHECKSUM_LENGTH = 64


class ObjectStore:
    """Bytes on this machine's disk. What is stored never changes; storing it twice does nothing twice."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, organization_id: UUID, data: bytes) -> str:
        """Keep the bytes for good (they survive a power cut) and return their SHA-256 in hexadecimal.

        Raises Unavailable when the disk does not take them.
        """
        checksum = sha256(data).hexdigest()
        path = self._path(organization_id, checksum)
        with _named_after(self.root):
            if path.is_file() and path.stat().st_size == len(data):
                # whoever sweeps leaves young bytes alone: these are about to be named by a row again
                with suppress(FileNotFoundError):
                    os.utime(path)
            if not (path.is_file() and path.stat().st_size == len(data)):
                _make_folder(path.parent, self.root)
                _write(path, data)
        return checksum

    def get(self, organization_id: UUID, checksum: str) -> bytes:
        """The bytes of a checksum. Raises Missing when they are gone, Unavailable when the disk gives others back."""
        path = self._path(organization_id, checksum)
        try:
            with _named_after(self.root):
                data = path.read_bytes()
        except FileNotFoundError:
            raise Missing(
                f"the stored bytes {checksum[:12]}… are not in {self.root}: sync their source again"
            ) from None
        if sha256(data).hexdigest() != checksum:
            raise Unavailable(f"the stored bytes {path} are damaged: remove that file and sync their source again")
        return data

    def remove(self, organization_id: UUID, checksum: str, *, older_than_s: float = 0) -> int | None:
        """Take the bytes of a checksum away for good; how many they were, None where none are or they are younger.

        Raises Unavailable when the disk refuses.
        """
        path = self._path(organization_id, checksum)
        with _named_after(self.root):
            try:
                found = path.stat()
                if older_than_s and time.time() - found.st_mtime < older_than_s:
                    return None
                path.unlink()
            except FileNotFoundError:
                return None
        return found.st_size

    def size(self, organization_id: UUID, checksum: str) -> int | None:
        """How many bytes are kept under a checksum; None where none are."""
        try:
            return self._path(organization_id, checksum).stat().st_size
        except FileNotFoundError:
            return None

    def select_checksums(self, organization_id: UUID, *, older_than_s: float) -> Iterator[str]:
        """The checksums of what is kept since at least so long."""
        for path in self._files(organization_id, older_than_s):
            if len(path.name) == _CHECKSUM_LENGTH:
                yield path.name

    def remove_torn(self, organization_id: UUID, *, older_than_s: float) -> int:
        """Take away what was never written to its end, as by a killed process; how many files."""
        torn = [path for path in self._files(organization_id, older_than_s) if path.name.startswith(_ASIDE)]
        with _named_after(self.root):
            for path in torn:
                path.unlink(missing_ok=True)
        return len(torn)

    def _files(self, organization_id: UUID, older_than_s: float) -> Iterator[Path]:
        before = time.time() - older_than_s
        for folder in sorted((self.root / str(organization_id)).glob("??")):
            for path in sorted(folder.iterdir()):
                with suppress(FileNotFoundError):
                    if path.is_file() and path.stat().st_mtime <= before:
                        yield path

    def remove_all(self, organization_id: UUID) -> None:
        """Take away everything that an organization keeps here. Raises Unavailable when the disk refuses."""
        folder = self.root / str(organization_id)
        with _named_after(self.root):
            if folder.exists():
                shutil.rmtree(folder)

    def _path(self, organization_id: UUID, checksum: str) -> Path:
        return self.root / str(organization_id) / checksum[:2] / checksum


@contextmanager
def _named_after(root: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        remedy = "free some space" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "check its permissions"
        raise Unavailable(f"the object store {root} does not work: {error.strerror}; {remedy}") from error


def _make_folder(folder: Path, root: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    while folder != root.parent:
        folder = folder.parent
        _sync_folder(folder)


def _write(path: Path, data: bytes) -> None:
    # a file is whole under its name or not there at all: written aside, flushed, then renamed
    descriptor, aside = tempfile.mkstemp(prefix=_ASIDE, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(aside)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
