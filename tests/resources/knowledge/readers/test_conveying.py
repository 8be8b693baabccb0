"""A parse result survives the way through the pipe, and a forged one does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resources.knowledge.readers import conveying, parsing, workers
from resources.knowledge.readers.conveying import ParseFailure, Unpacked
from resources.knowledge.records import Parsed
from tests.factories import files

TEXT = "# Mühle 😀\n\nWords.\n\n- item\n".encode()


def sent(data: bytes, filename: str) -> tuple[dict[str, Any], bytes]:
    asked = conveying.request(media_type="", filename=filename, parser=None)
    sent = conveying.answer(json.loads(json.dumps(asked)), data)
    assert isinstance(sent, tuple)
    header, body = sent
    return json.loads(json.dumps(header)), body


def test_a_result_arrives_as_it_left() -> None:
    assert conveying.received(*sent(TEXT, "a.md")) == parsing.parse(TEXT, media_type="", filename="a.md")


def test_a_refusal_arrives_with_its_outcome_and_reason() -> None:
    failure = conveying.received(*sent(b"", "a.md"))
    assert failure == ParseFailure("empty_extraction", "a.md: there is nothing in this file")


@pytest.mark.parametrize(
    "forged",
    [
        {"elements": [["paragraph", 0, 999, None, None]]},
        {"elements": [["paragraph", 5, 8, None, None], ["paragraph", 0, 6, None, None]]},
        {"elements": [["script", 0, 1, None, None]]},
        {"elements": [["paragraph", "0", 1, None, None]]},
        {"title": 7},
        {"parser": None},
    ],
)
def test_what_no_sound_child_would_send_is_refused(forged: dict[str, Any]) -> None:
    header, body = sent(TEXT, "a.md")
    with pytest.raises(ValueError, match=r"no element|overlap|no text"):
        conveying.received({**header, **forged}, body)


def members_sent(data: bytes, filename: str, unpacker: str) -> list[tuple[dict[str, Any], bytes]]:
    asked = conveying.unpacking_request(filename=filename, unpacker=unpacker, file_types=parsing.DEFAULT_FILE_TYPES)
    sent = conveying.answer(json.loads(json.dumps(asked)), data)
    assert not isinstance(sent, tuple)
    return [(json.loads(json.dumps(header)), body) for header, body in sent]


def test_members_arrive_with_the_names_of_their_types_or_the_reasons_why_they_are_not_read() -> None:
    archive = files.zipped({"a/one.md": TEXT, "b.exe": b"MZ\x90\x00", "c.pdf": "no pdf"})
    arrived = [conveying.received_member(*sent) for sent in members_sent(archive, "a.zip", "zip")]
    assert arrived[0] == Unpacked("a/one.md", TEXT, "markdown")
    assert [(m.name, m.data, m.failure.outcome) for m in arrived[1:] if isinstance(m, Unpacked) and m.failure] == [
        ("b.exe", b"", "unsupported_format"),
        ("c.pdf", b"", "damaged"),
    ]


def test_what_unpacks_into_too_much_arrives_as_the_failure_of_the_whole() -> None:
    archive = files.zipped({"a.txt": "a", "b.txt": bytes(3 << 20)})
    *_, last = [conveying.received_member(*sent) for sent in members_sent(archive, "a.zip", "zip")]
    assert isinstance(last, ParseFailure)
    assert last.outcome == "too_large"


@pytest.mark.parametrize("name", ["../a.txt", "/a.txt", "a\n.txt", "", ".a", 7, None])
def test_a_name_that_no_sound_child_would_send_is_refused(name: object) -> None:
    with pytest.raises(ValueError, match=r"no name|no text"):
        conveying.received_member({"outcome": "member", "name": name, "file_type": "text"}, b"")


def test_a_bounded_worker_unpacks_and_goes_on_to_parse() -> None:
    archive = files.zipped({"a.md": TEXT, "b.md": TEXT})
    types = parsing.DEFAULT_FILE_TYPES
    with workers.parsers(count=1) as pool:
        found = list(pool.unpack(archive, filename="a.zip", unpacker="zip", file_types=types))
        assert found == [Unpacked("a.md", TEXT, "markdown"), Unpacked("b.md", TEXT, "markdown")]
        before = pool.process_ids()
        (failure,) = pool.unpack(b"PK", filename="a.zip", unpacker="zip", file_types=types)
        assert isinstance(failure, ParseFailure)
        assert failure.outcome == "damaged"
        assert isinstance(pool.parse(TEXT, media_type="", filename="a.md"), Parsed)
        assert pool.process_ids() == before
        assert pool.peak_bytes > 1 << 20
