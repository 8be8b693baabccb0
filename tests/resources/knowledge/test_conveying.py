"""A parse result survives the way through the pipe, and a forged one does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resources.knowledge import conveying, parsing
from resources.knowledge.conveying import ParseFailure

TEXT = "# Mühle 😀\n\nWords.\n\n- item\n".encode()


def sent(data: bytes, filename: str) -> tuple[dict[str, Any], bytes]:
    asked = conveying.request(media_type="", filename=filename, parser=None)
    header, body = conveying.answer(json.loads(json.dumps(asked)), data)
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
