"""When a source is due: at intervals, or by a cron expression in a time zone. Instants go in and out, in UTC.

A cron expression has five fields (minute, hour, day, month, weekday) and is read as Debian's cron reads it, through
cronsim: where the clocks go forward, a time that does not exist falls on the first that does; where they go back, a
time that comes twice is kept once, and one that recurs within the hour is kept each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from resources.foundation.errors import Refused
from resources.knowledge.records import SourceListing

MISSED_TICKS = 3
"""A source is overdue when it has missed more times than these."""

PATIENCE = timedelta(minutes=15)
"""Nothing is overdue sooner than this after it was due: a sync that runs every few seconds waits for its turn."""

_EXAMPLES = "'0 7 * * 1-5' is every working day at seven, '*/20 * * * *' every twenty minutes"


def due_at(entry: SourceListing) -> datetime:
    """When the source is, or was, to be synced: at once when it never was."""
    if entry.last_sync is None:
        return entry.created_at
    cron, zone = _clock(entry.cron, entry.time_zone)
    return next_sync(entry.last_sync, frequency_s=entry.sync_frequency, cron=cron, time_zone=zone)


def is_due(entry: SourceListing) -> bool:
    """Whether the source is to be synced now: by its clock, or because somebody asked for it."""
    if entry.status == "inactive":
        return False
    return entry.is_asked_for or (entry.auto_sync and due_at(entry) <= entry.now)


def is_overdue(entry: SourceListing) -> bool:
    """Whether the source missed more than three of its times, and nobody works on it.

    A sync that takes long is no alarm while it lives: its lease is renewed as long as its process is there.
    """
    if entry.status == "inactive" or not entry.auto_sync or entry.is_leased:
        return False
    if due_at(entry) > entry.now:
        return False
    cron, zone = _clock(entry.cron, entry.time_zone)
    since = entry.last_sync or entry.created_at
    return overdue_from(since, frequency_s=entry.sync_frequency, cron=cron, time_zone=zone) <= entry.now


def next_sync(last_sync: datetime, *, frequency_s: int, cron: str | None, time_zone: str) -> datetime:
    """The first instant after `last_sync` at which the source is due: by its cron, else `frequency_s` seconds later."""
    return next(upcoming(last_sync, frequency_s=frequency_s, cron=cron, time_zone=time_zone))


def overdue_from(last_sync: datetime, *, frequency_s: int, cron: str | None, time_zone: str) -> datetime:
    """The instant from which a source that was last synced then is overdue: it has missed more than three times."""
    times = list(islice(upcoming(last_sync, frequency_s=frequency_s, cron=cron, time_zone=time_zone), MISSED_TICKS + 1))
    return max(times[-1], times[0] + PATIENCE)


def upcoming(after: datetime, *, frequency_s: int, cron: str | None, time_zone: str) -> Iterator[datetime]:
    """The instants after `after` at which a source is due, each later than the one before."""
    if cron is None:
        return _intervals(after, timedelta(seconds=frequency_s))
    return _ticks(after, cron, checked_zone(time_zone))


def checked_cron(cron: str) -> str:
    """The expression, its blanks made single. Raises Refused with what is wrong with it."""
    expression = " ".join(cron.split())
    if len(expression.split(" ")) != 5:
        raise Refused(f"cron {cron!r} has not five fields (minute, hour, day, month, weekday): {_EXAMPLES}")
    try:
        next(CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        raise Refused(f"cron {cron!r} is none: {str(error).lower()}; {_EXAMPLES}") from None
    except StopIteration:
        raise Refused(f"cron {cron!r} names a day that never comes: {_EXAMPLES}") from None
    return expression


def checked_zone(time_zone: str) -> ZoneInfo:
    """The time zone of a name like 'Europe/Berlin'. Raises Refused for one that is none."""
    try:
        return ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise Refused(
            f"there is no time zone {time_zone!r}: name one like 'UTC', 'Europe/Berlin' or 'America/New_York'"
        ) from None


def _intervals(after: datetime, step: timedelta) -> Iterator[datetime]:
    while True:
        after += step
        yield after


def _ticks(after: datetime, cron: str, zone: ZoneInfo) -> Iterator[datetime]:
    latest = after.astimezone(UTC)
    # In an hour that comes twice cronsim begins at its first pass, and names times that are over.
    for tick in CronSim(cron, after.astimezone(zone)):
        instant = tick.astimezone(UTC)
        if instant > latest:
            latest = instant
            yield instant


@lru_cache(maxsize=4096)
def _clock(cron: str | None, time_zone: str) -> tuple[str | None, str]:
    """A source's cron and zone. Where they cannot be read, its frequency counts: it is synced all the same."""
    try:
        checked_zone(time_zone)
        return (None if cron is None else checked_cron(cron)), time_zone
    except Refused:
        return None, "UTC"
