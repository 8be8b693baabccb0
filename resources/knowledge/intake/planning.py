"""Reckon what a sync will do from a part of what it will look at. Pure: values in, values out.

Sums are estimated by their ratio to the sizes where all sizes are known, else by their mean, with the variance of a
simple random sample without replacement (Cochran, Sampling Techniques, 3rd ed., chapters 2 and 6). The largest are
looked into for certain: few large documents would make every interval too narrow. What is chosen evenly from a list by
path is at least as even as chance, wherever neighbours resemble each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Generic, TypeVar

from resources.foundation.proportions import Z
from resources.knowledge.records import TrainingJob

Each = TypeVar("Each")


@dataclass(frozen=True)
class Estimate:
    """A number, and the bounds of its 95 % interval; all the same where nothing was left to chance."""

    value: float
    low: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> Estimate:
        """A number that is known."""
        return cls(value, value, value)

    def __add__(self, other: Estimate) -> Estimate:
        """The sum of two that were drawn independently: their variances add up."""
        value = self.value + other.value
        down = sqrt((self.value - self.low) ** 2 + (other.value - other.low) ** 2)
        up = sqrt((self.high - self.value) ** 2 + (other.high - other.value) ** 2)
        return Estimate(value, value - down, value + up)

    def times(self, factor: float) -> Estimate:
        """So many times the number."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True)
class Draw(Generic[Each]):
    """What is looked into: the `largest` for certain, the `drawn` for all `of` others.

    `sizes` of the drawn, and `size_of_others` of all others; None where not all are known, and then none is certain.
    """

    largest: Sequence[Each]
    drawn: Sequence[Each]
    of: int
    sizes: Sequence[int] | None
    size_of_others: int


def draw(items: Sequence[Each], at_most: int, *, sizes: Sequence[int] | None = None) -> Draw[Each]:
    """Choose at most so many: a quarter of them are the largest, where sizes are known; all where there are no more."""
    if len(items) <= at_most:
        return Draw([], items, len(items), None, 0)
    if sizes is None:
        return Draw([], evenly(items, at_most), len(items), None, 0)
    by_size = sorted(range(len(items)), key=lambda place: sizes[place], reverse=True)
    certain = at_most // 4
    others = sorted(by_size[certain:])
    drawn = evenly(others, at_most - certain)
    return Draw(
        [items[place] for place in by_size[:certain]], [items[place] for place in drawn], len(others),
        [sizes[place] for place in drawn], sum(sizes[place] for place in others),
    )  # fmt: skip


def evenly(items: Sequence[Each], at_most: int) -> list[Each]:
    """At most so many of the items, at equal distances, the first distance halved; all where there are no more."""
    count = len(items)
    if count <= at_most:
        return list(items)
    return [items[(2 * n + 1) * count // (2 * at_most)] for n in range(at_most)]


def total(drawn: Sequence[float], *, of: int, sizes: Sequence[int] | None = None, size_of_all: int = 0) -> Estimate:
    """The sum over all `of` items, from those that were drawn; `sizes` of the drawn where all items' sizes are known.

    At least what was seen, however wide the interval is. Raises ValueError for nothing drawn of something.
    """
    count, seen = len(drawn), sum(drawn)
    if count == of:
        return Estimate.exactly(seen)
    if count == 0:
        raise ValueError("nothing was drawn")
    factor = 1.0
    if sizes is not None and sum(sizes) > 0:
        drawn_size = sum(sizes)
        rate = seen / drawn_size
        value = rate * size_of_all
        # each is held against the rate of all others, and the drawn may be larger or smaller than the rest
        rests = [
            (one - rate * size) / max(1 - size / drawn_size, 1 / count) for one, size in zip(drawn, sizes, strict=True)
        ]
        factor = (size_of_all / of) / (drawn_size / count)
    else:
        value = of * seen / count
        rests = [one - seen / count for one in drawn]
    spread = sqrt(sum(rest**2 for rest in rests) / max(count - 1, 1))
    margin = Z * factor * of * spread * sqrt((1 - count / of) / count)
    return Estimate(max(value, seen), max(value - margin, seen), max(value + margin, seen))


def seconds(jobs: Iterable[TrainingJob], *, listed: int, chunks: Estimate) -> Estimate | None:
    """How long the sync takes at the rates of former ones that ended well; None where there is no such rate yet."""
    ended = [job for job in jobs if job.status == "completed" and job.started_at and job.completed_at]
    working = [job for job in ended if job.chunks + job.embedded > 0]
    resting = [job for job in ended if job.chunks + job.embedded == 0]
    if chunks.value > 0:
        made = sum(max(job.chunks, job.embedded) for job in working)
        return chunks.times(sum(map(_took, working)) / made) if made else None
    looked = sum(job.listed for job in resting)
    return Estimate.exactly(listed * sum(map(_took, resting)) / looked) if looked else None


def _took(job: TrainingJob) -> float:
    assert job.started_at is not None
    assert job.completed_at is not None
    return (job.completed_at - job.started_at).total_seconds()
