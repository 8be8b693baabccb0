"""A source is due at the instants that its owner means, on the days on which the clocks are changed too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.errors import Refused
from resources.knowledge.sources.scheduling import (
    PATIENCE,
    checked_cron,
    checked_zone,
    due_at,
    is_due,
    is_overdue,
    next_sync,
    overdue_from,
    upcoming,
)
from tests.factories.listings import NOON, listing

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
MOMENT = timedelta(seconds=1)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]
CRONS = ["*/5 * * * *", "0 * * * *", "30 2 * * *", "0,30 1-3 * * *", "15 */6 * * *", "0 7 * * 1-5", "59 23 L * *"]
moments = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def due(*, after: datetime, cron: str, zone: str = "Europe/Berlin", count: int = 1) -> list[str]:
    """The next times on the clocks of the zone, with what they differ from UTC."""
    times = islice(upcoming(after, frequency_s=3600, cron=cron, time_zone=zone), count)
    return [time.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M %z") for time in times]


@given(moments, st.integers(10, 10**7))
def test_an_interval_begins_at_the_last_sync(last: datetime, seconds: int) -> None:
    assert next_sync(last, frequency_s=seconds, cron=None, time_zone="UTC") == last + timedelta(seconds=seconds)


@given(moments, st.sampled_from(CRONS), st.sampled_from(ZONES))
def test_times_lie_ahead_and_follow_one_another(last: datetime, cron: str, zone: str) -> None:
    times = list(islice(upcoming(last, frequency_s=10, cron=cron, time_zone=zone), 6))
    assert all(earlier < later for earlier, later in zip([last, *times], times, strict=False))
    assert all(time.tzinfo is UTC for time in times)


@given(moments, st.sampled_from(CRONS), st.sampled_from(ZONES), st.integers(0, 300))
def test_a_source_that_was_synced_when_it_was_due_is_due_at_the_next_time(
    last: datetime, cron: str, zone: str, late_s: int
) -> None:
    first, second = islice(upcoming(last, frequency_s=10, cron=cron, time_zone=zone), 2)
    late = min(first + timedelta(seconds=late_s), second - timedelta(seconds=1))
    assert next_sync(late, frequency_s=10, cron=cron, time_zone=zone) == second


@given(moments, st.sampled_from(ZONES), st.integers(0, 59))
def test_an_hourly_source_is_never_more_than_two_hours_behind(last: datetime, zone: str, minute: int) -> None:
    time = next_sync(last, frequency_s=10, cron=f"{minute} * * * *", time_zone=zone)
    assert time - last <= timedelta(hours=2)


def test_seven_in_the_morning_is_seven_in_winter_and_in_summer() -> None:
    friday = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)
    assert due(after=friday, cron="0 7 * * *", count=3) == [
        "03-28 07:00 +0100",
        "03-29 07:00 +0200",
        "03-30 07:00 +0200",
    ]


def test_a_time_that_the_clocks_jump_over_falls_on_the_first_one_after_it() -> None:
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert due(after=saturday, cron="30 2 * * *", count=2) == ["03-29 03:00 +0200", "03-30 02:30 +0200"]


def test_a_time_that_comes_twice_is_kept_once() -> None:
    saturday = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    assert due(after=saturday, cron="30 2 * * *", count=2) == ["10-25 02:30 +0200", "10-26 02:30 +0100"]


def test_a_sync_in_the_second_pass_of_an_hour_that_comes_twice_is_not_followed_by_a_time_that_is_over() -> None:
    second_pass = datetime(2026, 10, 25, 2, 20, tzinfo=BERLIN, fold=1)
    assert due(after=second_pass, cron="30 2 * * *") == ["10-26 02:30 +0100"]


def test_what_recurs_within_the_hour_recurs_in_both_passes() -> None:
    before = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert due(after=before, cron="*/30 * * * *", count=4) == [
        "10-25 02:30 +0200", "10-25 02:00 +0100", "10-25 02:30 +0100", "10-25 03:00 +0100",
    ]  # fmt: skip


def test_blanks_in_an_expression_do_not_matter() -> None:
    assert checked_cron(" 0  7 * *\t1-5 ") == "0 7 * * 1-5"


@pytest.mark.parametrize("cron", ["", "hourly", "* * * *", "* * * * * *", "61 * * * *", "0 25 * * *", "0 0 30 2 *"])
def test_what_is_no_expression_is_refused_with_an_example(cron: str) -> None:
    with pytest.raises(Refused, match="every working day at seven"):
        checked_cron(cron)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Europe", "../../etc/passwd", "/etc/localtime", "a\0b"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(Refused, match="Europe/Berlin"):
        checked_zone(zone)


def test_a_source_is_overdue_when_it_has_missed_more_than_three_times() -> None:
    noon = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert overdue_from(noon, frequency_s=3600, cron=None, time_zone="UTC") == noon + timedelta(hours=4)
    assert overdue_from(noon, frequency_s=3600, cron="0 7 * * *", time_zone="UTC") == noon + timedelta(days=3, hours=19)


def test_a_source_that_is_synced_every_few_seconds_is_given_time() -> None:
    noon = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert overdue_from(noon, frequency_s=10, cron=None, time_zone="UTC") == noon + timedelta(seconds=10) + PATIENCE


@given(st.integers(10, 10**6), st.integers(-(10**6), 10**6))
def test_a_source_is_due_exactly_when_its_frequency_has_passed(frequency: int, late_s: int) -> None:
    synced_at = NOON - timedelta(seconds=frequency + late_s)
    assert is_due(listing(sync_frequency=frequency, last_sync=synced_at)) == (late_s >= 0)


def test_a_source_with_a_cron_is_due_by_that_and_not_by_its_frequency() -> None:
    weekdays = listing(cron="0 12 * * 1-5", time_zone="Europe/Berlin", last_sync=NOON - timedelta(days=2), now=NOON)
    assert NOON.strftime("%A") == "Sunday"
    assert not is_due(weekdays)
    assert is_due(listing(cron="0 13 * * *", time_zone="Europe/Berlin", last_sync=NOON - HOUR))
    assert not is_due(listing(cron="1 13 * * *", time_zone="Europe/Berlin", last_sync=NOON - HOUR))


@pytest.mark.parametrize("broken", [{"cron": "every now and then"}, {"cron": "0 0 * * *", "time_zone": "Mars/Olympus"}])
def test_a_clock_that_cannot_be_read_gives_way_to_the_frequency(broken: dict[str, str]) -> None:
    assert due_at(listing(last_sync=NOON, **broken)) == NOON + HOUR


def test_a_source_that_is_held_back_is_never_due() -> None:
    assert is_due(listing())
    assert not is_due(listing(auto_sync=False))
    assert not is_due(listing(status="inactive"))
    assert not is_due(listing(status="inactive", is_asked_for=True))


def test_a_source_that_failed_is_due_again() -> None:
    assert is_due(listing(status="error", last_sync=NOON - 2 * HOUR))


def test_a_source_that_somebody_asked_for_is_due_whatever_its_clock_says() -> None:
    assert is_due(listing(auto_sync=False, is_asked_for=True, last_sync=NOON - MOMENT))


def test_a_source_is_overdue_when_it_missed_more_than_three_times_and_nobody_works_on_it() -> None:
    late = listing(last_sync=NOON - 4 * HOUR)
    assert is_overdue(late)
    assert not is_overdue(listing(last_sync=NOON - 4 * HOUR + MOMENT))
    for changes in ({"is_leased": True}, {"auto_sync": False}, {"status": "inactive"}):
        assert not is_overdue(listing(last_sync=NOON - 4 * HOUR, **changes))


def test_a_source_that_was_never_synced_is_overdue_in_time() -> None:
    assert not is_overdue(listing(created_at=NOON - 3 * HOUR))
    assert is_overdue(listing(created_at=NOON - 4 * HOUR))
