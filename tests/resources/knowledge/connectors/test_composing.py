"""Records become documents: one path for each key, one text for each content."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.errors import Misconfigured
from resources.knowledge.connectors import composing

NOW = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
PARTS = st.lists(st.text("ab/%", min_size=1, max_size=4), min_size=2, max_size=2)
KEYS = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8"), min_size=1), st.integers(), st.booleans(), st.uuids(), st.dates(),
        st.datetimes(timezones=st.just(UTC)), st.decimals(allow_nan=False, allow_infinity=False), st.binary(),
    ),
    min_size=1,
)  # fmt: skip


@given(one=PARTS, other=PARTS)
def test_two_keys_never_share_a_path(one: list[str], other: list[str]) -> None:
    columns = ["a", "b"]
    same = composing.path_of(one, columns=columns) == composing.path_of(other, columns=columns)
    assert same == (one == other)


@given(key=KEYS)
def test_a_key_that_is_kept_comes_back_as_it_was(key: list[object]) -> None:
    back = composing.unpacked_key(composing.packed_key(key))
    assert back == key
    assert [type(part) for part in back] == [type(part) for part in key]


@pytest.mark.parametrize("key", [[None], [""], ["a", None], ["x" * 1001], ["a\0b"], ["a\nb"]])
def test_a_key_that_is_none_is_named(key: list[object]) -> None:
    with pytest.raises(Misconfigured, match="the key number, part"):
        composing.path_of(key, columns=["number", "part"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (3.0, "3.0"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))), "2026-01-01T10:00:00+00:00"),
        (datetime(2026, 1, 1, 12), "2026-01-01T12:00:00"),  # noqa: DTZ001
        (date(2026, 1, 1), "2026-01-01"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"rye", "rye"),
        (b"\xff\x00", "ff00"),
        ({"b": [1, None], "a": date(2026, 1, 1)}, '{"a": "2026-01-01", "b": [1, null]}'),
    ],
)
def test_a_value_is_told_in_one_way(value: object, text: str) -> None:
    assert composing.told(value) == text


def test_one_column_is_a_text_and_several_have_headings() -> None:
    row = {"name": "Rye\nbread", "body": " Bake it. ", "note": None, "grain": "rye"}
    assert composing.text_of(row, ["body"], title=None) == "Bake it.\n"
    assert composing.text_of(row, ["body", "note", "grain"], title="Rye\nbread") == (
        "# Rye bread\n\n## body\n\nBake it.\n\n## grain\n\nrye\n"
    )
    assert composing.text_of(row, ["note"], title=None) == ""


@pytest.mark.parametrize(
    ("changed", "young"),
    [
        (NOW, True),
        (NOW - timedelta(seconds=59), True),
        (NOW - timedelta(seconds=61), False),
        (NOW + timedelta(minutes=5), True),
        (NOW - timedelta(days=400), False),
        ((NOW + timedelta(hours=1, seconds=-5)).replace(tzinfo=None), True),  # of a zone that is an hour ahead
        ((NOW - timedelta(hours=5, minutes=30, seconds=-20)).replace(tzinfo=None), True),  # skewed, and behind
        ((NOW - timedelta(hours=5, minutes=37)).replace(tzinfo=None), False),
        ((NOW - timedelta(days=2)).replace(tzinfo=None), False),
        ("2026-11-22 17:29:58", True),
        ("2026-11-22T17:29:58Z", True),
        ("2026-10-22 17:30:00", False),
        (date(2026, 11, 22), True),
        (date(2026, 11, 1), False),
        ("2026-11-21", True),
        (int(NOW.timestamp()), True),
        (int(NOW.timestamp() * 1000) - 3_000, True),
        (int(NOW.timestamp()) - 3600, False),
        (42, False),
        (b"\x00\x01", False),
        ("version 7", False),
        (None, False),
    ],
)
def test_a_time_of_just_now_is_young_in_whatever_zone_it_was_meant(changed: object, young: bool) -> None:
    assert composing.is_young(changed, now=NOW) is young


def test_a_clock_without_a_zone_may_be_of_any_zone_too() -> None:
    for clock in (NOW, NOW + timedelta(hours=5, minutes=45), NOW - timedelta(hours=8)):
        assert composing.is_young(NOW - timedelta(seconds=5), now=clock.replace(tzinfo=None))
        assert not composing.is_young(NOW - timedelta(minutes=5), now=clock.replace(tzinfo=None))
