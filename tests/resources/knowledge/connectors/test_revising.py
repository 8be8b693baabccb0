"""Whether a page changed is asked for by what its server said of it, where that can be relied on."""

from __future__ import annotations

import pytest

from resources.knowledge.connectors.revising import conditions, revision_of

DATE, AN_HOUR_BEFORE, JUST_BEFORE = (
    f"Sun, 01 Mar 2026 {time} GMT" for time in ("12:00:00", "11:00:00", "11:59:30")
)  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"etag": '"abc"'}, {"If-None-Match": '"abc"'}),
        ({"etag": 'W/"abc"', "last-modified": AN_HOUR_BEFORE, "date": DATE}, {"If-None-Match": 'W/"abc"'}),
        ({"etag": "unquoted"}, {"If-None-Match": "unquoted"}),
        ({"last-modified": AN_HOUR_BEFORE, "date": DATE}, {"If-Modified-Since": AN_HOUR_BEFORE}),
        ({"last-modified": JUST_BEFORE, "date": DATE}, {}),
        ({"last-modified": AN_HOUR_BEFORE}, {}),
        ({"last-modified": "yesterday", "date": DATE}, {}),
        ({"etag": 'a"b c'}, {}),
        ({"etag": '"' + "x" * 9000 + '"'}, {}),
        ({}, {}),
    ],
)
def test_a_page_is_asked_for_by_its_revision(headers: dict[str, str], asked: dict[str, str]) -> None:
    assert conditions(revision_of(headers)) == asked


def test_other_revisions_ask_for_nothing() -> None:
    assert conditions(None) == conditions("sha256 abc") == conditions("lastmod 2026-03-01") == {}
