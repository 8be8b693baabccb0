"""Allowances: how often a key, a person or an agent may ask in an hour and a day, and how much of that is left.

The generic cell rate algorithm (ITU-T I.371), in one statement: who may ask 60 times an hour may ask 60 times at once,
and then once a minute. Nothing but one instant is kept of each limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.foundation.counting import counted
from resources.foundation.errors import TooMany
from resources.foundation.statements import Connection, many, run, statements_for

SQL = statements_for(__name__)

HOUR_S, DAY_S = 3600, 86400
MOST = 1_000_000
_SPANS = {HOUR_S: "an hour", DAY_S: "a day"}


@dataclass(frozen=True)
class Limit:
    """`most` questions in `span_s` seconds. `whose` begins the sentence that tells of it: `this key`."""

    subject_id: UUID
    span_s: int
    most: int
    whose: str


@dataclass(frozen=True)
class Allowance:
    """What is used of a limit: it is whole again after `busy_s` seconds without a question."""

    subject_id: UUID
    span_s: int
    most: int
    busy_s: float

    @property
    def left(self) -> int:
        """How many questions may be asked at once now."""
        return max(0, min(self.most, math.floor((self.span_s - self.busy_s) * self.most / self.span_s + 1e-6)))

    @property
    def wait_s(self) -> float:
        """After how many seconds one question more may be asked; 0 for now."""
        return max(0.0, self.busy_s + self.span_s / self.most - self.span_s)


class LimitReached(TooMany):
    """A limit is used up. `allowance` is of the one that takes longest to have room again."""

    def __init__(self, limit: Limit, allowance: Allowance) -> None:
        wait_s = max(1, math.ceil(allowance.wait_s))
        allowed = f"{limit.whose} may ask {counted(limit.most, 'time')} {_SPANS[limit.span_s]}"
        super().__init__(f"{allowed}: the next time in {_duration(wait_s)}", retry_after_s=wait_s)
        self.allowance = allowance


def limits(subject_id: UUID, *, per_hour: int | None, per_day: int | None, whose: str) -> list[Limit]:
    """The limits of a key, a person or an agent; none where there are none."""
    spans = ((HOUR_S, per_hour), (DAY_S, per_day))
    return [Limit(subject_id, span_s, most, whose) for span_s, most in spans if most is not None]


def take(connection: Connection, organization_id: UUID, wanted: Sequence[Limit]) -> list[Allowance]:
    """Count a question against all of these limits; what is left of each.

    Raises LimitReached where one is used up: then it is counted against none. Exactly as many pass as may, however many
    ask at once; who asks at the same time waits for the end of this transaction, so let it be short.
    """
    if not wanted:
        return []
    values = {
        "subject_ids": [limit.subject_id for limit in wanted], "spans_s": [limit.span_s for limit in wanted],
        "mosts": [limit.most for limit in wanted],
    }  # fmt: skip
    with connection.transaction():
        taken = many(connection, Allowance, SQL["take"], organization_id=organization_id, **values)
        passed = {(one.subject_id, one.span_s) for one in taken}
        refused = {
            (limit.subject_id, limit.span_s): limit
            for limit in wanted
            if (limit.subject_id, limit.span_s) not in passed
        }
        if refused:
            used = _used(connection, organization_id, wanted)
            worst = max((one for one in used if (one.subject_id, one.span_s) in refused), key=lambda one: one.wait_s)
            raise LimitReached(refused[worst.subject_id, worst.span_s], worst)
    return taken


def select_of(connection: Connection, organization_id: UUID, subject_ids: Iterable[UUID]) -> list[Allowance]:
    """What is used of the limits of these keys, people or agents, as far as they asked at all."""
    return many(connection, Allowance, SQL["select_of"], organization_id=organization_id, subject_ids=list(subject_ids))


def remove_idle(connection: Connection, organization_id: UUID) -> int:
    """Forget limits of which nothing was used for a day; how many."""
    return run(connection, SQL["remove_idle"], organization_id=organization_id)


def _used(connection: Connection, organization_id: UUID, wanted: Sequence[Limit]) -> list[Allowance]:
    """As it is, by the limits as they are now: they may have been changed since they were last counted against."""
    mosts = {(limit.subject_id, limit.span_s): limit.most for limit in wanted}
    return [
        Allowance(one.subject_id, one.span_s, mosts.get((one.subject_id, one.span_s), one.most), one.busy_s)
        for one in select_of(connection, organization_id, {limit.subject_id for limit in wanted})
    ]


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes" if seconds < 2 * HOUR_S else f"{math.ceil(seconds / HOUR_S)} hours"
