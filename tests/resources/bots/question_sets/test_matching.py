"""A document is found by what people call it, or it is told why not; a quote is found however its lines break."""

from __future__ import annotations

from uuid import uuid4

import pytest

from resources.bots.question_sets import matching
from resources.bots.question_sets.matching import Shelf, Unmatched
from resources.bots.records import KnownDocument

SOURCE, OTHER = uuid4(), uuid4()


def known(path: str, title: str, *, source: str = "handbook") -> KnownDocument:
    return KnownDocument(uuid4(), SOURCE if source == "handbook" else OTHER, source, path, title, uuid4())


RULES = known("staff/rules.md", "House rules")
TRAVEL = known("staff/travel.md", "Travel")
OLD_TRAVEL = known("travel.md", "Travel, until 2020", source="archive")
COPY = known("copies/rules.md", "House rules (copy)", source="archive")
SHELF = Shelf([RULES, TRAVEL, OLD_TRAVEL, COPY])


@pytest.mark.parametrize(
    ("name", "source", "meant"),
    [
        pytest.param(str(RULES.id), None, RULES, id="by its id"),
        ("staff/rules.md", None, RULES),
        ("house  RULES", None, RULES),
        ("rules.md", "archive", COPY),
        ("archive:copies/rules.md", None, COPY),
        ("archive:rules", None, COPY),
        ("travel.md", None, OLD_TRAVEL),
        ("Travel", None, TRAVEL),
    ],
)
def test_a_document_is_found_by_what_people_call_it(name: str, source: str | None, meant: KnownDocument) -> None:
    assert SHELF.match(name, source=source) == meant


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("rules.md", None, "'rules.md' may be handbook:staff/rules.md or archive:copies/rules.md: write source:path"),
        ("attic.md", None, "there is no document 'attic.md'"),
        ("staff/rules.md", "archive", "there is no document 'staff/rules.md' in source 'archive'"),
        ("", None, "there is no document ''"),
    ],
)
def test_what_is_not_found_or_not_plain_is_said(name: str, source: str | None, said: str) -> None:
    with pytest.raises(Unmatched) as unmatched:
        SHELF.match(name, source=source)
    assert str(unmatched.value) == said


def test_a_quote_is_found_where_it_is_expected_else_first_and_over_line_ends() -> None:
    text = "The owl hunts.\nAt night the owl\n  hunts mice."
    assert matching.find_quote(text, "owl") == ("owl", 4)
    assert matching.find_quote(text, "owl", start=28) == ("owl", 28)
    assert matching.find_quote(text, "owl", start=7) == ("owl", 4)
    assert matching.find_quote(text, "the owl hunts") == ("the owl\n  hunts", 24)
    assert matching.find_quote(text, "the cat hunts") is None
    assert matching.find_quote(text, "  ") is None
