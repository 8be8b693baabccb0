"""Group vectors by meaning: the same groups for the same vectors, whatever order they come in. Pure.

Two steps, so that many fit into little memory and time. First the vectors that are nearly the same are taken together
(leaders, after Hartigan 1975), at a likeness that is lowered until few enough remain. Then these are joined by average
linkage (UPGMA, Sokal and Michener 1958), exactly: of unit vectors, the mean cosine between two groups is the product of
their means, so no matrix of all pairs is needed. The order is that of the nearest-neighbour chain (Benzécri 1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

MOST_LEADERS = 3_000
FIRST_LIKENESS = 0.9
_STEP = 0.2
_BLOCK = 1_024
_ROUNDS = 3
_FEW = 20
_USUAL_BACKGROUND = 0.1

Floats = NDArray[numpy.float32]
Numbers = NDArray[numpy.int64]


@dataclass(frozen=True)
class Grouped:
    """For each vector the number of its group, the largest first, -1 for none; and its cosine to the group's middle."""

    groups: Numbers
    likeness: Floats

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(self.groups.max(initial=-1)) + 1


def grouped(vectors: NDArray[numpy.floating], *, least: float, smallest: int = 2) -> Grouped:
    """Groups of `smallest` or more (n, dimension) vectors whose mean cosine is `least` or more.

    What lies alone, or is nearer to no group's middle than `least`, belongs to none. Half precision suffices; what is
    computed at once is a block of vectors against the leaders.
    """
    n = len(vectors)
    if n == 0:
        return Grouped(numpy.empty(0, numpy.int64), numpy.empty(0, numpy.float32))
    order = numpy.lexsort(vectors.T[:4])
    arranged = vectors[order]
    led, sums, sizes = _led(arranged, least)
    joined = _joined(sums, sizes, least)[led]
    settled, likeness = _settled(arranged, joined, least, smallest)
    groups, nearness = numpy.empty(n, numpy.int64), numpy.empty(n, numpy.float32)
    groups[order], nearness[order] = settled, likeness
    return Grouped(groups, nearness)


def background(vectors: Sequence[NDArray[numpy.floating]]) -> float:
    """The cosine of two of these vectors taken at random: the median of all pairs; of fewer than twenty, 0.1.

    Models differ much in it, from 0 to 0.7; what two texts have in common begins above it.
    """
    if len(vectors) < _FEW:
        return _USUAL_BACKGROUND
    units = _units(numpy.stack(vectors))
    return float(numpy.median((units @ units.T)[numpy.triu_indices(len(units), 1)]))


def _led(vectors: NDArray[numpy.floating], least: float) -> tuple[Numbers, Floats, Floats]:
    """The leader of each vector, and of each leader the sum of its vectors and how many they are."""
    led = numpy.arange(len(vectors))
    sums, sizes = _units(vectors), numpy.ones(len(vectors), numpy.float32)
    likeness = max(FIRST_LIKENESS, least)
    while True:
        to, sums, sizes = _lead(sums, sizes, likeness)
        led = to[led]
        if len(sums) <= MOST_LEADERS or likeness <= least:
            return led, sums, sizes
        likeness = max(least, likeness - _STEP)


def _lead(sums: Floats, sizes: Floats, likeness: float) -> tuple[Numbers, Floats, Floats]:
    """Give each vector to the nearest leader that is so like it; where there is none, it becomes one."""
    units = _units(sums)
    leaders = numpy.empty_like(units)
    to = numpy.empty(len(units), numpy.int64)
    count = 0
    for start in range(0, len(units), _BLOCK):
        block = units[start : start + _BLOCK]
        best = numpy.full(len(block), -1, numpy.int64)
        nearness = numpy.full(len(block), likeness, numpy.float32)
        for first in range(0, count, _BLOCK):
            cosines = block @ leaders[first : min(first + _BLOCK, count)].T
            nearest = cosines.argmax(axis=1)
            found = cosines[numpy.arange(len(block)), nearest]
            best = numpy.where(found >= nearness, first + nearest, best)
            nearness = numpy.maximum(found, nearness)
        among = block @ block.T
        for at in numpy.flatnonzero(best < 0):
            if best[at] < 0:
                leaders[count] = block[at]
                is_nearer = among[at] >= nearness
                is_nearer[:at] = False
                is_nearer[at] = True  # its own product with itself may fall a hair short
                best[is_nearer], nearness[is_nearer] = count, among[at, is_nearer]
                count += 1
        to[start : start + _BLOCK] = best
    return to, *_added(sums, sizes, to, count)


def _added(sums: Floats, sizes: Floats, to: Numbers, count: int) -> tuple[Floats, Floats]:
    """The sums and sizes of groups out of those of their parts."""
    order = numpy.argsort(to, kind="stable")
    starts = numpy.searchsorted(to[order], numpy.arange(count))
    return numpy.add.reduceat(sums[order], starts), numpy.add.reduceat(sizes[order], starts)


def _joined(sums: Floats, sizes: Floats, least: float) -> Numbers:
    """Average linkage of groups by their sums, up to where the mean cosine falls below `least`: the group of each."""
    count = len(sums)
    means = sums / sizes[:, None]
    cosines = means @ means.T
    numpy.fill_diagonal(cosines, -numpy.inf)
    weights = sizes.astype(numpy.float64)
    owner = numpy.arange(count)
    waiting = list(range(count - 1, -1, -1))
    chain: list[int] = []
    while waiting or chain:
        if not chain:
            start = waiting.pop()
            if owner[start] == start:
                chain.append(start)
            continue
        at = chain[-1]
        nearest = int(cosines[at].argmax())
        if len(chain) > 1 and cosines[at, chain[-2]] >= cosines[at, nearest]:
            nearest = chain[-2]
        if cosines[at, nearest] < least:  # nothing that is joined elsewhere comes nearer (the linkage is reducible)
            cosines[at], cosines[:, at] = -numpy.inf, -numpy.inf
            chain.pop()
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            _join(cosines, weights, at, nearest)
            owner[at] = nearest
            waiting.append(nearest)
        else:
            chain.append(nearest)
    while (owner != owner[owner]).any():
        owner = owner[owner]
    return owner


def _join(cosines: Floats, weights: NDArray[numpy.float64], gone: int, kept: int) -> None:
    """Put one group into another; the mean cosines to others are those of both, by their sizes."""
    share = weights[gone] / (weights[gone] + weights[kept])
    row = (share * cosines[gone] + (1 - share) * cosines[kept]).astype(numpy.float32)
    row[kept] = -numpy.inf
    cosines[kept], cosines[:, kept] = row, row
    cosines[gone], cosines[:, gone] = -numpy.inf, -numpy.inf
    weights[kept] += weights[gone]


def _settled(vectors: NDArray[numpy.floating], groups: Numbers, least: float, smallest: int) -> tuple[Numbers, Floats]:
    """Move each vector to the group whose middle is nearest, a few times; number the groups by their size."""
    likeness = numpy.zeros(len(vectors), numpy.float32)
    for _ in range(_ROUNDS):
        groups, count = _numbered(groups, smallest)
        if not count:
            return groups, likeness
        middles = _middles(vectors, groups, count)
        for start in range(0, len(vectors), _BLOCK):
            cosines = _units(vectors[start : start + _BLOCK]) @ middles.T
            nearest = cosines.argmax(axis=1)
            likeness[start : start + _BLOCK] = cosines[numpy.arange(len(nearest)), nearest]
            groups[start : start + _BLOCK] = nearest
        groups[likeness < least] = -1
    groups, _ = _numbered(groups, smallest)
    return groups, numpy.where(groups < 0, 0, likeness).astype(numpy.float32)


def _middles(vectors: NDArray[numpy.floating], groups: Numbers, count: int) -> Floats:
    middles = numpy.zeros((count, vectors.shape[1]), numpy.float32)
    for start in range(0, len(vectors), _BLOCK):
        of = groups[start : start + _BLOCK]
        numpy.add.at(middles, of[of >= 0], _units(vectors[start : start + _BLOCK][of >= 0]))
    return _units(middles)


def _numbered(groups: Numbers, smallest: int) -> tuple[Numbers, int]:
    """Number groups from 0 by size, then by their first member; those that are too small are none."""
    names, first, of, sizes = numpy.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    sizes = numpy.where((names < 0) | (sizes < smallest), 0, sizes)
    order = numpy.lexsort((first, -sizes))
    count = int((sizes > 0).sum())
    place = numpy.full(len(names), -1, numpy.int64)
    place[order[:count]] = numpy.arange(count)
    return place[of], count


def _units(vectors: NDArray[numpy.floating]) -> Floats:
    """The vectors at length 1."""
    lengths = numpy.linalg.norm(vectors.astype(numpy.float32), axis=1, keepdims=True)
    units: Floats = (vectors / numpy.maximum(lengths, 1e-12)).astype(numpy.float32)
    return units
