"""Read records: JSON, JSON lines and subtitles, as text that a person could read. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from resources.knowledge.readers.assembling import Draft, Reading
from resources.knowledge.readers.decoding import decode
from resources.knowledge.readers.reading_plain import read_text

_TIMING = re.compile(r"^\s*(?:\d+:)?\d+:\d+[.,]\d+\s+-->.*$", re.MULTILINE)
_VOICE = re.compile(r"<v(?:\.[^ >]*)? ([^>]+)>")
_TAGS = re.compile(r"</?[a-z0-9.]*(?: [^>]*)?>", re.IGNORECASE)
_ASIDES = ("WEBVTT", "NOTE", "STYLE", "REGION")


def read_json(data: bytes) -> Reading:
    """One paragraph for each record of a list or each key of an object, a line `path: value` for each value.

    What is no JSON is read as plain text.
    """
    text = decode(data)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return read_text(data)
    draft = Draft()
    _add_records(draft, value)
    title = value.get("title") if isinstance(value, dict) else None
    return draft.reading(title=title if isinstance(title, str) else None)


def read_jsonl(data: bytes) -> Reading:
    """A paragraph for each line; a line that is no JSON stays as it is."""
    draft = Draft()
    for line in decode(data).split("\n"):
        try:
            draft.add("paragraph", _lines(json.loads(line)))
        except (ValueError, RecursionError):
            draft.add("paragraph", line)
    return draft.reading()


def _add_records(draft: Draft, value: object) -> None:
    if isinstance(value, list):
        for record in value:
            draft.add("paragraph", _lines(record))
    elif isinstance(value, dict):
        for key, inner in value.items():
            draft.add("paragraph", _lines({key: inner}))
    else:
        draft.add("paragraph", _lines(value))


def _lines(record: object) -> str:
    return "\n".join(f"{path}: {value}" if path else value for path, value in _values(record))


def _values(record: object) -> Iterator[tuple[str, str]]:
    """Every value with its path, in order, without recursion."""
    waiting: list[tuple[str, object]] = [("", record)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{path}.{key}" if path else str(key), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(path, inner) for inner in reversed(value)]
        elif value is not None:
            yield path, value if isinstance(value, str) else json.dumps(value)


def read_vtt(data: bytes) -> Reading:
    """What is said in subtitles (WebVTT, SubRip), a line for each cue, the speaker first; times and notes left out."""
    draft = Draft()
    for cue in decode(data).split("\n\n"):
        lines = cue.strip().split("\n")
        timed = next((number for number, line in enumerate(lines) if _TIMING.match(line)), None)
        if timed is None and cue.strip().startswith(_ASIDES):
            continue
        said = " ".join(lines[timed + 1 :] if timed is not None else lines)
        draft.add("list_item", " ".join(_TAGS.sub("", _VOICE.sub(r"\1: ", said)).split()))
    return draft.reading()
