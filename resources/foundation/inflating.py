"""Decompress what comes in pieces, up to a bound: a small bomb must not become a large memory. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

GZIP_MAGIC = b"\x1f\x8b"
_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_AT_ONCE = 1 << 16


class TooMuch(Exception):
    """More comes out than may."""


class Torn(Exception):
    """The bytes are not what their encoding says, or end in the middle."""


def inflated(pieces: Iterable[bytes], *, encoding: str, most: int) -> bytes:
    """The content of `pieces`, at most `most` bytes of it. `encoding`: gzip, deflate, or identity ('' too).

    Raises TooMuch as soon as there is more, before it is all unpacked; Torn; ValueError for any other encoding.
    """
    content = bytearray()
    for piece in _unpacked(pieces, encoding.strip().lower()):
        content += piece
        if len(content) > most:
            raise TooMuch
    return bytes(content)


def _unpacked(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    if encoding in ("", "identity"):
        yield from pieces
        return
    if encoding not in _WINDOW:
        raise ValueError(f"the encoding {encoding[:40]!r} is not known")
    machine = None
    for piece in pieces:
        if machine is None:
            machine = zlib.decompressobj(_window(encoding, piece))
        yield from _pressed_out(machine, piece)
    if machine is not None and not machine.eof:
        raise Torn("it ends in the middle")


def _window(encoding: str, start: bytes) -> int:
    """Many servers send "deflate" without the zlib header that RFC 9110 8.4.1.2 asks for."""
    has_no_header = encoding == "deflate" and start and start[0] & 0x0F != 8
    return -15 if has_no_header else _WINDOW[encoding]


def _pressed_out(machine: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    waiting = piece
    while waiting and not machine.eof:
        try:
            out = machine.decompress(waiting, _AT_ONCE)
        except zlib.error as error:
            raise Torn("it is damaged") from error
        waiting = machine.unconsumed_tail
        yield out
        if not out and not waiting:
            return
