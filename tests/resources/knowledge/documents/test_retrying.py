"""An item is tried again as long as that has sense, ever more seldom, and then waits for a change or a person."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.documents.retrying import Attempt, State, after_failure, lies_in_item, wait_after


def test_a_network_may_mend_and_a_torn_file_does_not() -> None:
    assert lies_in_item("parsing", "damaged")
    assert lies_in_item("parsing", "timeout")
    assert lies_in_item("embedding", "refused")
    assert lies_in_item("fetching", "too_large")
    assert not lies_in_item("fetching", "server_error")
    assert not lies_in_item("fetching", "unreadable")
    assert not lies_in_item("parsing", "bytes_lost")
    assert not lies_in_item("listing", "failed")


def test_attempts_are_counted_anew_when_the_reason_lies_elsewhere() -> None:
    assert after_failure(stage="parsing", outcome="damaged", before=("fetching", "unreadable", 40, "retrying")) == (
        Attempt(1, "retrying", timedelta(minutes=1))
    )
    assert after_failure(stage="fetching", outcome="unreadable", before=("parsing", "damaged", 7, "parked")) == (
        Attempt(1, "retrying", timedelta(minutes=1))
    )


@given(attempts=st.integers(0, 10_000), state=st.sampled_from(["retrying", "parked"]))
def test_what_may_pass_is_never_given_up(attempts: int, state: State) -> None:
    told = after_failure(stage="fetching", outcome="unreadable", before=("fetching", "unreadable", attempts, state))
    assert told.state == "retrying"
    assert timedelta(minutes=1) <= told.wait <= timedelta(days=1)


@given(attempts=st.integers(0, 10_000), outcome=st.sampled_from(["damaged", "unreadable"]))
def test_what_is_ignored_stays_ignored(attempts: int, outcome: str) -> None:
    before: tuple[str, str, int, State] = ("fetching", "unreadable", attempts, "ignored")
    assert after_failure(stage="fetching", outcome=outcome, before=before).state == "ignored"


@given(st.integers(0, 60))
def test_waits_never_shrink(attempts: int) -> None:
    assert wait_after(attempts) <= wait_after(attempts + 1) <= timedelta(days=1)
