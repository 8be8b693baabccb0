"""Take the members out of archives and mailboxes, one by one, bounded in number, size and sum. Pure.

Run it in a bounded worker. A member's name is a word and never a place: nothing here touches a disk.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from resources.knowledge.readers.refusing import (
    MOST_MEMBER_BYTES,
    MOST_UNPACKED_BYTES,
    Damaged,
    ParseError,
    TooLarge,
    UnsupportedEncrypted,
    UnsupportedFormat,
    opened_zip,
    refuse_explosion,
    refuse_many,
)

BETWEEN = "!/"
DEEPEST = 3

_LONGEST_PART, _LONGEST_NAME = 120, 400
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DRIVE = re.compile(r"^[A-Za-z]:")
_LEFT_OUT = {"__MACOSX", "Thumbs.db", "desktop.ini"}
_BLOCK = 512
_MOST_TAR_HEADERS = 20_000
_OPENERS: tuple[tuple[bytes, Callable[[io.BytesIO], io.BufferedIOBase]], ...] = (
    (b"\x1f\x8b", lambda packed: gzip.GzipFile(fileobj=packed)),
    (b"BZh", lambda packed: bz2.BZ2File(packed)),
    (b"\xfd7zXZ", lambda packed: lzma.LZMAFile(packed)),  # noqa: SIM115  closed by who opens it
)


@dataclass(frozen=True)
class Member:
    """One file of a container, under a name that is safe to show. `refusal`: why there are no bytes of it."""

    name: str
    data: bytes = b""
    media_type: str = ""
    refusal: ParseError | None = None


Unpacker = Callable[[bytes, str], Iterator[Member]]


def members(unpacker: str, data: bytes, filename: str) -> Iterator[Member]:
    """The members of a container, each under a name of its own; hidden files, links and devices are left out.

    Raises a ParseError for the container as a whole, at its start or after some members: then none of them counts.
    """
    taken: dict[str, bytes] = {}
    unpacked, entries = 0, 0
    for member in UNPACKERS[unpacker](data, filename):
        entries += 1
        refuse_many(entries)
        unpacked += len(member.data)
        refuse_explosion(unpacked, len(data))
        name = safe_name(member.name)
        if name is None:
            continue
        checksum = sha256(member.data).digest()
        if taken.get(name) == checksum:
            continue
        if name in taken:
            name = marked(name, checksum.hex()[:8])
        taken[name] = checksum
        yield Member(name, member.data, member.media_type, member.refusal)


def may_hold_members(unpacker: str, data: bytes) -> bool:
    """Whether it is worth a worker's time to look: most mail has nothing attached, and shows it."""
    if unpacker != "eml":
        return True
    words = data.lower()
    return any(sign in words for sign in (b"multipart/", b"message/rfc822", b"content-disposition", b"name="))


def safe_name(name: str) -> str | None:
    """A relative path without steps up, drive, control characters or excess; None for what nobody means to read."""
    words = unicodedata.normalize("NFC", _UNSEEN.sub("\ufffd", name.replace("\\", "/")))
    parts = [part.strip() for part in _DRIVE.sub("", words).split("/")]
    parts = [part for part in parts if part not in ("", ".", "..")]
    if not parts or any(part in _LEFT_OUT or part.startswith(".") for part in parts):
        return None
    safe = "/".join(_shortened(part, _LONGEST_PART) for part in parts)
    return safe if len(safe) <= _LONGEST_NAME else _shortened(parts[-1], _LONGEST_PART, mark=_digest(safe))


def marked(name: str, mark: str) -> str:
    """The name with a mark before its extension, to tell it from another of the same name."""
    folder, slash, last = name.rpartition("/")
    suffix = PurePosixPath(last).suffix
    return f"{folder}{slash}{last.removesuffix(suffix)}~{mark}{suffix}"


def _shortened(part: str, most: int, *, mark: str | None = None) -> str:
    if len(part) <= most and mark is None:
        return part
    suffix = PurePosixPath(part).suffix[:16]
    return f"{part[: most - len(suffix) - 9]}~{mark or _digest(part)}{suffix}"


def _digest(words: str) -> str:
    return sha256(words.encode("utf-8", "replace")).hexdigest()[:8]


def _zip(data: bytes, _filename: str) -> Iterator[Member]:
    container = opened_zip(data)
    for info in _files(container):
        try:
            yield Member(zip_name(info), _zip_bytes(container, info))
        except ParseError as error:
            yield Member(zip_name(info), refusal=error)


def zip_files(data: bytes) -> list[zipfile.ZipInfo]:
    """What a zip says of its files. Raises TooLarge, Damaged; UnsupportedEncrypted where none of them can be read."""
    return _files(opened_zip(data))


def _files(container: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    files = [info for info in container.infolist() if _is_file(info)]
    if files and all(info.flag_bits & 1 for info in files):
        raise UnsupportedEncrypted("the archive is encrypted: save it without a password")
    return files


def zip_name(info: zipfile.ZipInfo) -> str:
    """The name of a member; one that is not marked as UTF-8, and is, gets read so all the same."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _is_file(info: zipfile.ZipInfo) -> bool:
    """Links and devices point elsewhere and are nothing by themselves."""
    mode = info.external_attr >> 16
    return not info.is_dir() and (not stat.S_IFMT(mode) or stat.S_ISREG(mode))


def _zip_bytes(container: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.flag_bits & 1:
        raise UnsupportedEncrypted("this member is encrypted: save it without a password")
    _refuse_large(info.file_size)
    try:
        return container.read(info)
    except NotImplementedError as error:
        raise UnsupportedFormat(f"this member is packed in a way that is not read: {error}") from error
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise Damaged(f"this member is broken: {error}") from error


def _refuse_large(size: int) -> None:
    if size > MOST_MEMBER_BYTES:
        raise TooLarge(f"this member has {size:,} bytes, more than {MOST_MEMBER_BYTES:,}")


def _tar(data: bytes, filename: str) -> Iterator[Member]:
    """A tar, packed or not; what is packed and no tar is one file, named like its container without the ending."""
    plain = unpacked_stream(data)
    if not is_tar(plain):
        yield _sized(PurePosixPath(filename).stem or "content", plain, "")
        return
    for archive, info in tar_files(plain):
        try:
            _refuse_large(info.size)
            content = archive.extractfile(info)
            yield Member(info.name, content.read() if content else b"")
        except TooLarge as error:
            yield Member(info.name, refusal=error)
        except (tarfile.TarError, OSError, EOFError, ValueError) as error:
            raise Damaged(f"the archive is broken: {error}") from error


def is_tar(data: bytes) -> bool:
    """Whether these bytes, no longer packed, are a tar archive."""
    return data[257:262] == b"ustar"


def unpacked_stream(data: bytes) -> bytes:
    """What gzip, bzip2 or xz packed; the bytes themselves where none did. Raises TooLarge, Damaged."""
    opener = next((opener for magic, opener in _OPENERS if data.startswith(magic)), None)
    if opener is None:
        return data
    plain = bytearray()
    try:
        with closing(opener(io.BytesIO(data))) as stream:
            while part := stream.read(1 << 20):
                plain += part
                refuse_explosion(len(plain), len(data))
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        raise Damaged(f"the file is not readable as packed: {error}") from error
    return bytes(plain)


def tar_files(plain: bytes) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """The regular files of a tar. Raises Damaged when it breaks off: what it lacks must not pass for removed."""
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            for number, info in enumerate(archive, 1):
                if number > _MOST_TAR_HEADERS:
                    raise TooLarge(f"the archive has more than {_MOST_TAR_HEADERS:,} entries: split it")
                total += info.size if info.isreg() else 0
                if total > MOST_UNPACKED_BYTES:
                    raise TooLarge(f"the archive unpacks to more than {MOST_UNPACKED_BYTES:,} bytes: split it")
                if info.isreg():
                    yield archive, info
            end = archive.offset
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise Damaged(f"the archive is broken: {error}") from error
    if plain[end : end + _BLOCK] != bytes(_BLOCK):
        raise Damaged("the archive breaks off before its end")


def _eml(data: bytes, _filename: str) -> Iterator[Member]:
    from resources.knowledge.readers.reading_mail import attachments

    for name, content, media_type in attachments(data):
        yield _sized(name, content, media_type)


def _mbox(data: bytes, _filename: str) -> Iterator[Member]:
    from resources.knowledge.readers.reading_mail import message_name, messages

    for message in messages(data):
        yield _sized(message_name(message), message, "message/rfc822")


def _msg(data: bytes, _filename: str) -> Iterator[Member]:
    from resources.knowledge.readers.reading_office import outlook_attachments

    for name, content, media_type in outlook_attachments(data):
        yield _sized(name, content, media_type)


def _sized(name: str, content: bytes, media_type: str) -> Member:
    try:
        _refuse_large(len(content))
    except TooLarge as error:
        return Member(name, refusal=error)
    return Member(name, content, media_type)


# By the name of the parser that reads the container's own text.
UNPACKERS: dict[str, Unpacker] = {"zip": _zip, "tar": _tar, "eml": _eml, "mbox": _mbox, "msg": _msg}
