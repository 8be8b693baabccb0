"""Filters as JSON says them: what is understood, what is refused, and that the refusal names the place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.errors import Refused
from resources.knowledge.search import filtering
from resources.knowledge.search.filtering import AllOf, AnyOf, Field, Named, NoneOf
from tests.factories.filters import filters, hostile_filters


def test_keys_hold_together_and_values_are_alternatives() -> None:
    read = filtering.parsed({"tags": ["a", "b"], "languages": "EN"}).part
    assert read == AllOf((Named("tag", ("a", "b")), Named("language", ("en",))))


def test_no_filter_and_an_empty_one_let_everything_through() -> None:
    assert filtering.parsed(None) == filtering.parsed({}) == filtering.EVERYTHING
    assert filtering.EVERYTHING.wanted is None


def test_two_filters_hold_together_and_everything_adds_nothing() -> None:
    one, two = filtering.parsed({"tags": "a"}), filtering.parsed({"sources": "b"})
    assert (one & two).part == AllOf((Named("tag", ("a",)), Named("source", ("b",))))
    assert one & filtering.EVERYTHING == filtering.EVERYTHING & one == one
    assert filtering.of_file_types([]) == filtering.EVERYTHING


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("mill", Field("team", "text", "in", ("mill",))),
        (True, Field("team", "text", "in", ("true",))),
        (3, Field("team", "number", "in", (3,))),
        ({"in": ["x", 3]}, AnyOf((Field("team", "text", "in", ("x",)), Field("team", "number", "in", (3,))))),
        ({"ne": "x"}, NoneOf(Field("team", "text", "in", ("x",)))),
        ({"exists": False}, NoneOf(Field("team"))),
        ({"gte": 3}, Field("team", "number", "gte", (3,))),
        ({"lt": "m"}, Field("team", "text", "lt", ("m",))),
        ({"contains": "il"}, Field("team", "text", "contains", ("il",))),
    ],
)
def test_a_field_is_compared_by_the_kind_of_its_value(value: object, part: object) -> None:
    assert filtering.parsed({"fields": {"team": value}}).part == part


def test_what_is_to_be_less_and_looks_like_a_day_is_one() -> None:
    for value in ({"lt": "2026-01-31"}, {"lt": {"date": "2026-01-31T00:00:00Z"}}):
        read = filtering.parsed({"fields": {"due": value}}).part
        assert isinstance(read, Field)
        assert (read.kind, str(read.values[0])) == ("date", "2026-01-31 00:00:00+00:00")


def test_a_day_is_meant_to_its_end_and_an_instant_to_itself() -> None:
    wanted = [filtering.parsed({"until": said}).wanted for said in ("2026-01-31", "2026-01-31T10:00:00+02:00")]
    assert [one["value"] for one in wanted if one] == ["2026-02-01T00:00:00+00:00", "2026-01-31T08:00:00.000001+00:00"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"tag": "a"}, r"filter\.tag: no such key; there are sources, tags, file_types"),
        ({"and": [{}, {"organization_id": "x"}]}, r"filter\.and\[1\]\.organization_id: no such key"),
        ({"fields": {"team": {"like": "x"}}}, r"filter\.fields\.team\.like: no such comparison; there are eq, ne"),
        ({"fields": {"team": {"in": "x"}}}, r"filter\.fields\.team\.in: must be a list"),
        ({"fields": {"team": {"lt": True}}}, "true and false have no order"),
        ({"fields": {"team": None}}, r"filter\.fields\.team\.eq: must be a text, a number"),
        ({"fields": {"": "x"}}, "a field's name"),
        ({"fields": {"pages": float("nan")}}, "must be a number between"),
        ({"fields": {"pages": {"lt": 10**400}}}, "must be a number between"),
        ({"fields": {}}, "must be an object of fields"),
        ({"tags": []}, "a list of 1 to 100"),
        ({"tags": ["x"] * 101}, "a list of 1 to 100"),
        ({"tags": "x" * 1025}, "1 to 1024 characters"),
        ({"tags": "zero\0byte"}, "without zero bytes"),
        ({"tags": "\ud800"}, "must be a text"),
        ({"since": "yesterday"}, r"filter\.since: must be a day or an instant"),
        ({"since": "2026-02-31"}, r"filter\.since: must be a day or an instant"),
        ({"until": "9999-12-31"}, "too late"),
        ({"paths": "/"}, "names no path"),
        ({"paths": "[z-a]"}, "makes no sense"),
        ({"paths": "*" * 21}, "20 wildcards"),
        ({"or": []}, "list of 1 to 50"),
        ({"or": [{}]}, "would let everything through"),
        ({"not": {}}, "would let nothing through"),
        ({"or": [{"tags": "a"}] * 51}, "list of 1 to 50"),
        ({"or": [{"and": [{"tags": "a"}] * 30}] * 2}, "at most 50 conditions"),
        ({"not": {"not": {"not": {"not": {"not": {"tags": "a"}}}}}}, "at most 5 deep"),
        (["tags"], "filter: must be an object"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(value: object, message: str) -> None:
    with pytest.raises(Refused, match=message):
        filtering.parsed(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["and", "or", "not", "fields", "tags", "since", "paths", "x"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(json_values | filters | hostile_filters)
def test_whatever_comes_is_a_filter_or_refused_in_one_sentence(value: object) -> None:
    refusal = ""
    try:
        filtering.parsed(value)
    except Refused as error:
        refusal = str(error)
    assert not refusal or (refusal.startswith("filter") and len(refusal) < 400)
