"""Read an archive's table of contents; its members become documents of their own (unpacking.py). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from resources.knowledge.readers.assembling import Draft, Reading
from resources.knowledge.readers.unpacking import (
    BETWEEN,
    is_tar,
    safe_name,
    tar_files,
    unpacked_stream,
    zip_files,
    zip_name,
)


def read_zip(data: bytes) -> Reading:
    """The names and sizes of a zip's files."""
    return _listed((zip_name(info), info.file_size) for info in zip_files(data))


def read_tar(data: bytes) -> Reading:
    """The names and sizes of a tar's files, packed or not; a packed file that is no tar says only its size."""
    plain = unpacked_stream(data)
    if is_tar(plain):
        return _listed((info.name, info.size) for _, info in tar_files(plain))
    return _listed([("content", len(plain))] if plain else [])


def _listed(files: Iterable[tuple[str, int]]) -> Reading:
    draft = Draft()
    for name, size in files:
        shown = safe_name(name)
        if shown is not None:
            draft.add("list_item", f"{shown.replace(BETWEEN, '/')} ({size:,} bytes)")
    return draft.reading()
