"""A source is asked for when its time has come; quick ones together, slow ones alone, none behind another for long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipelines.turns import MOST_IN_A_RUN, PATIENCE, Asked, Turn, turns
from resources.knowledge.records import SourceListing
from tests.factories.listings import NOON, listing

HOUR = timedelta(hours=1)
MOMENT = timedelta(seconds=1)


def planned(
    entries: Mapping[str, SourceListing],
    *under_way: Asked,
    asked_at: Mapping[str, datetime] | None = None,
) -> list[Turn]:
    """The runs to ask for."""
    return turns(entries, under_way=under_way, asked_at=asked_at or {})


@given(st.integers(0, 70))
def test_quick_sources_share_runs_and_each_has_one_turn(count: int) -> None:
    entries = {f"acme/{number}": listing() for number in range(count)}
    asked = planned(entries)
    assert sorted(key for turn in asked for key in turn.keys) == sorted(entries)
    assert all(turn.lane == "quick" and len(turn.keys) <= MOST_IN_A_RUN for turn in asked)
    assert len(asked) == -(-count // MOST_IN_A_RUN)


def test_a_source_that_was_slow_the_last_time_runs_alone() -> None:
    entries = {"acme/a": listing(), "acme/b": listing(took_s=61.0), "acme/c": listing(took_s=3.0)}
    assert planned(entries) == [Turn("quick", ("acme/a", "acme/c")), Turn("slow", ("acme/b",))]


def test_a_source_that_is_worked_on_is_not_asked_for() -> None:
    assert planned({"acme/docs": listing(is_leased=True)}) == []


def test_a_source_whose_run_has_not_begun_is_not_asked_for_again_however_long_it_waits() -> None:
    assert planned({"acme/docs": listing()}, Asked(("acme/docs",), None), asked_at={"acme/docs": NOON - HOUR}) == []


def test_a_source_that_waits_too_long_behind_another_in_its_run_is_asked_for_elsewhere() -> None:
    entries = {"acme/first": listing(is_leased=True), "acme/second": listing()}
    shared = ("acme/first", "acme/second")
    assert planned(entries, Asked(shared, PATIENCE - MOMENT)) == []
    assert planned(entries, Asked(shared, PATIENCE)) == [Turn("waited", ("acme/second",))]
    assert planned(entries, Asked(shared, HOUR), Asked(("acme/second",), None)) == []
    assert planned(entries, Asked(shared, HOUR), Asked(("acme/second",), MOMENT)) == []


def test_a_request_that_led_to_nothing_is_made_again_after_five_minutes() -> None:
    entries = {"acme/docs": listing()}
    assert planned(entries, asked_at={"acme/docs": NOON - PATIENCE + MOMENT}) == []
    assert planned(entries, asked_at={"acme/docs": NOON - PATIENCE}) != []


def test_a_source_that_was_synced_since_it_was_asked_for_may_be_due_again_at_once() -> None:
    often = listing(sync_frequency=10, last_sync=NOON - timedelta(seconds=10))
    assert planned({"acme/docs": often}, asked_at={"acme/docs": NOON - timedelta(seconds=12)}) != []
