"""Bytes become clean text, in whatever encoding they come."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.readers.decoding import clean, decode, is_text

GERMAN = "Die schöne Mühle rauscht am grünen Bach, und der Müller hört es gern. " * 4
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy, a mlynář to slyšel u řeky. " * 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_is_found(encoding: str) -> None:
    assert decode(GERMAN.encode(encoding)) == GERMAN


def test_central_european_text_is_told_from_western() -> None:
    assert decode(CZECH.encode("cp1250")) == CZECH


def test_a_declared_encoding_is_used_and_a_false_one_is_not() -> None:
    assert decode("мельница".encode("koi8-r"), declared="koi8-r") == "мельница"
    assert decode(GERMAN.encode(), declared="no-such-encoding") == GERMAN


def test_damaged_utf8_stays_utf8() -> None:
    assert decode(GERMAN.encode() + b"\xff\xfe" + GERMAN.encode()) == f"{GERMAN}\ufffd\ufffd{GERMAN}"


@given(st.binary(max_size=200))
def test_any_bytes_become_text_that_can_be_stored(data: bytes) -> None:
    text = decode(data)
    text.encode("utf-8")
    assert "\0" not in text
    assert "\r" not in text
    assert unicodedata.is_normalized("NFC", text)


def test_clean_replaces_what_a_database_refuses() -> None:
    assert clean("a\0b\ud800c\r\nd\re") == "ab\ufffdc\nd\ne"


def test_binary_is_no_text() -> None:
    assert not is_text(bytes(range(256)) * 4)
    assert is_text("mühle\n".encode("utf-16"))
