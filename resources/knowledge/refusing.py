"""The few ways in which a file gives no text, and the guard against containers that explode. Pure."""

from __future__ import annotations

import io
import zipfile
import zlib

MOST_UNPACKED_BYTES = 200 << 20
MOST_RATIO = 200
MOST_MEMBERS = 5_000


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


def opened_container(data: bytes) -> zipfile.ZipFile:
    """A zip container whose directory promises no more than is allowed.

    Raises TooLarge, Damaged or UnsupportedEncrypted. A directory can lie, so the memory limit of the worker stays.
    """
    try:
        container = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Damaged(f"the container cannot be opened: {error}") from error
    members = container.infolist()
    total = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS:
        raise TooLarge(f"the container has {len(members):,} members, more than {MOST_MEMBERS:,}")
    if total > MOST_UNPACKED_BYTES or total > MOST_RATIO * max(len(data), 1):
        raise TooLarge(f"the container unpacks to {total:,} bytes, {total // max(len(data), 1)} times its own size")
    if any(member.flag_bits & 1 for member in members):
        raise UnsupportedEncrypted("the container is encrypted: save it without a password")
    return container


def member_bytes(container: zipfile.ZipFile, name: str) -> bytes:
    """One member unpacked. Raises Damaged when it is missing or broken."""
    try:
        return container.read(name)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Damaged(f"{name} in the container is missing or broken: {error}") from error
