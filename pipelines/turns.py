"""Whose turn it is: which of the sources that are due share a run.

Values in, values out. A run costs some seconds before it does anything, so quick sources share one; a source that was
slow the last time has a run to itself, and one that waits behind another in a shared run is asked for again elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

from resources.knowledge.records import SourceListing
from resources.knowledge.sources.scheduling import is_due

PATIENCE = timedelta(minutes=5)
"""How long a source that was asked for may go unheard of before it is asked for again."""

SLOW_S = 60.0
MOST_IN_A_RUN = 20

Lane = Literal["quick", "slow", "waited"]
"""Runs of one lane follow one another; lanes run beside one another."""


@dataclass(frozen=True)
class Turn:
    """A run to ask for: its lane, and the partitions that it syncs one after the other."""

    lane: Lane
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A run that is under way: the partitions it was asked for, and since when it works; None while it waits itself."""

    keys: tuple[str, ...]
    working_for: timedelta | None


def turns(
    entries: Mapping[str, SourceListing], *, under_way: Sequence[Asked], asked_at: Mapping[str, datetime]
) -> list[Turn]:
    """The runs to ask for now. `asked_at`: when each partition was last asked for, as far as is remembered."""
    lanes: dict[Lane, list[str]] = {"quick": [], "slow": [], "waited": []}
    for name, entry in entries.items():
        if is_due(entry) and not entry.is_leased:
            lane = _lane(name, entry, under_way, asked_at.get(name))
            if lane is not None:
                lanes[lane].append(name)
    return [
        Turn(lane, keys)
        for lane, names in lanes.items()
        for keys in _parts(names, 1 if lane == "slow" else MOST_IN_A_RUN)
    ]


def _lane(name: str, entry: SourceListing, under_way: Sequence[Asked], asked_at: datetime | None) -> Lane | None:
    """Where to ask for a source that is due; None while an earlier request may still be heard."""
    waits = [run.working_for for run in under_way if name in run.keys]
    if any(wait is None or wait < PATIENCE for wait in waits):
        return None
    is_unheard = asked_at is not None and (entry.last_sync is None or entry.last_sync < asked_at)
    if asked_at is not None and is_unheard and entry.now < asked_at + PATIENCE:
        return None
    if waits:
        return "waited"
    return "slow" if (entry.took_s or 0.0) > SLOW_S else "quick"


def _parts(names: Iterable[str], most: int) -> Iterable[tuple[str, ...]]:
    rest = iter(names)
    while part := tuple(islice(rest, most)):
        yield part
