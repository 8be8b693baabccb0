"""The few ways in which a file gives no text, and the guard against containers that explode. Pure."""

from __future__ import annotations

import io
import zipfile
import zlib

MOST_UNPACKED_BYTES = 200 << 20
MOST_RATIO = 200
MOST_MEMBERS = 5_000
MOST_MEMBER_BYTES = 50 << 20
LEAST_EXPLOSION = 1 << 20  # a small file may be as hollow as it likes


class ParseError(Exception):
    """A file gives no text. `outcome` is what is recorded; the message is one line for the person."""

    outcome = "damaged"


class EmptyExtraction(ParseError):
    """The file was read, and there is no text in it."""

    outcome = "empty_extraction"


class UnsupportedEncrypted(ParseError):
    """The file can be opened only with a password."""

    outcome = "unsupported_encrypted"


class UnsupportedFormat(ParseError):
    """No parser reads files of this kind."""

    outcome = "unsupported_format"


class TypeMismatch(ParseError):
    """The file's name says one kind, its content another."""

    outcome = "type_mismatch"


class Damaged(ParseError):
    """The file does not hold to its format."""

    outcome = "damaged"


class TooLarge(ParseError):
    """Unpacked, the file would be larger than may be."""

    outcome = "too_large"


class TooDeep(ParseError):
    """The file stands in too many containers, one in the other."""

    outcome = "too_deep"


class NeedsOcr(ParseError):
    """The file shows pictures of text, on so many pages, and what reads them was not asked or is not installed."""

    outcome = "needs_ocr"

    def __init__(self, reason: str, *, pages: int = 1) -> None:
        super().__init__(reason)
        self.pages = pages


def opened_container(data: bytes) -> zipfile.ZipFile:
    """A zip container that is one document, of which all must be readable.

    Raises TooLarge, Damaged or UnsupportedEncrypted. A directory can lie, so the memory limit of the worker stays.
    """
    container = opened_zip(data)
    if any(member.flag_bits & 1 for member in container.infolist()):
        raise UnsupportedEncrypted("the container is encrypted: save it without a password")
    return container


def opened_zip(data: bytes) -> zipfile.ZipFile:
    """A zip container whose directory promises no more than is allowed. Raises TooLarge or Damaged."""
    try:
        container = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Damaged(f"the container cannot be opened: {error}") from error
    members = container.infolist()
    refuse_many(len(members))
    refuse_explosion(sum(member.file_size for member in members), len(data))
    return container


def refuse_many(members: int) -> None:
    """Raise TooLarge for more members than are read."""
    if members > MOST_MEMBERS:
        raise TooLarge(f"the container has {members:,} members, more than {MOST_MEMBERS:,}: split it")


def refuse_explosion(unpacked_bytes: int, packed_bytes: int) -> None:
    """Raise TooLarge where a container unpacks to more than may be, by itself or beside its own size."""
    is_hollow = unpacked_bytes > max(MOST_RATIO * packed_bytes, LEAST_EXPLOSION)
    if unpacked_bytes > MOST_UNPACKED_BYTES or is_hollow:
        times = unpacked_bytes // max(packed_bytes, 1)
        raise TooLarge(f"the container unpacks to {unpacked_bytes:,} bytes or more, {times:,} times its own size")


def member_bytes(container: zipfile.ZipFile, name: str) -> bytes:
    """One member unpacked. Raises Damaged when it is missing or broken."""
    try:
        return container.read(name)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Damaged(f"{name} in the container is missing or broken: {error}") from error
