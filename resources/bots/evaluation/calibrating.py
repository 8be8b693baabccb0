"""Choose a threshold below which "I don't know" is right more often than wrong. Pure: scored questions in, curve out.

The threshold is chosen on one half of the questions and reported on the other; a question's half follows from its
words. Choice: Youden's J (1950), the threshold at which the share of answerable questions that are answered and the
share of unanswerable ones that are refused add up to most. It takes both errors for equally frequent, which they are
not where nearly all questions have an answer: so a cautious one is told beside it, the highest at which a refusal is
right more often than wrong although only one question in twenty has none.

Area under the curve with DeLong's interval (DeLong, DeLong and Clarke-Pearson 1988); shares with Wilson's (1927). All
intervals are of 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy
from numpy.typing import NDArray

from resources.bots.question_sets import splitting
from resources.foundation import proportions

STEPS = 20
# So rare questions without an answer are presumed to be, for the cautious threshold.
PRIOR = 0.05
# Below this area (its interval's lower end) a threshold refuses nearly as many good questions as bad ones.
WORTHWHILE = 0.8

Numbers = NDArray[numpy.float64]


@dataclass(frozen=True)
class Trial:
    """A question that was asked: whether the documents answer it, and how sure each score was that they do."""

    question: str
    is_answerable: bool
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Share:
    """A share of `n` questions with its interval; `value` None for none."""

    n: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Point:
    """What a threshold does: the share of answerable questions at or above it, and of unanswerable ones below."""

    threshold: float
    answered: Share
    refused: Share


@dataclass(frozen=True)
class Curve:
    """How a score separates, on the reporting half. `area`: the chance that an answerable question scores higher.

    `chosen` and `cautious` are at thresholds that the tuning half chose; `cautious` None: no threshold is right more
    often than wrong. `is_worthwhile`: whether the area's interval begins at 0.8.
    """

    score: str
    area: Share
    chosen: Point
    cautious: Point | None
    points: tuple[Point, ...]

    @property
    def is_worthwhile(self) -> bool:
        """Whether a threshold on this score is worth having."""
        return self.area.low is not None and self.area.low >= WORTHWHILE


@dataclass(frozen=True)
class Calibration:
    """The curves of all scores, and how many questions chose and how many report."""

    tuned_on: int
    reported_on: int
    curves: tuple[Curve, ...]


def calibrated(trials: Sequence[Trial]) -> Calibration | None:
    """Return the curves of each score; None where a half lacks questions with an answer, or without one."""
    tuning = [trial for trial in trials if is_for_tuning(trial.question)]
    reporting = [trial for trial in trials if not is_for_tuning(trial.question)]
    if any(len({trial.is_answerable for trial in half}) < 2 for half in (tuning, reporting)):
        return None
    names = list(trials[0].scores)
    return Calibration(len(tuning), len(reporting), tuple(_curve(name, tuning, reporting) for name in names))


def is_for_tuning(question: str) -> bool:
    """Return whether the question belongs to the half that chooses; so do those that tune elsewhere (splitting.py)."""
    return splitting.split_of(question, tune_share=0.5) == "tune"


def youden(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """Return the threshold at which most are treated rightly, the lowest of several: midway between two scores."""
    good, bad = numpy.sort(numpy.asarray(answerable)), numpy.sort(numpy.asarray(unanswerable))
    thresholds = numpy.unique(numpy.concatenate([good, bad]))
    answered = 1 - numpy.searchsorted(good, thresholds, side="left") / len(good)
    refused = numpy.searchsorted(bad, thresholds, side="left") / len(bad)
    best = int(numpy.argmax(answered + refused))
    return float(thresholds[best] + thresholds[max(0, best - 1)]) / 2


def cautious(answerable: Sequence[float], unanswerable: Sequence[float], *, prior: float = PRIOR) -> float | None:
    """Return the highest threshold whose refusals are right more often than wrong where a share `prior` has no answer.

    None where there is none.
    """
    good, bad = numpy.sort(numpy.asarray(answerable)), numpy.sort(numpy.asarray(unanswerable))
    thresholds = numpy.unique(numpy.concatenate([good, bad]))
    wrong = (1 - prior) * numpy.searchsorted(good, thresholds, side="left") / len(good)
    right = prior * numpy.searchsorted(bad, thresholds, side="left") / len(bad)
    fit = numpy.flatnonzero(right > wrong)
    return float(thresholds[fit[-1]]) if len(fit) else None


def point(threshold: float, answerable: Sequence[float], unanswerable: Sequence[float]) -> Point:
    """Return what the threshold does to these scores."""
    answered = sum(score >= threshold for score in answerable)
    refused = sum(score < threshold for score in unanswerable)
    return Point(threshold, wilson(answered, len(answerable)), wilson(refused, len(unanswerable)))


def wilson(part: int, n: int) -> Share:
    """Return the share of `part` in n with Wilson's score interval."""
    return Share(n, part / n, *proportions.wilson(part, n)) if n else Share(0, None, None, None)


def area(answerable: Sequence[float], unanswerable: Sequence[float]) -> Share:
    """Return the area under the curve with DeLong's interval; ties count half."""
    good, bad = numpy.asarray(answerable, dtype=numpy.float64), numpy.asarray(unanswerable, dtype=numpy.float64)
    above_bad, above_good = _below(bad, good), 1 - _below(good, bad)
    value = float(above_bad.mean())
    spread = sum(float(part.var(ddof=1)) / len(part) if len(part) > 1 else 0.0 for part in (above_bad, above_good))
    half = proportions.Z * sqrt(spread)
    return Share(len(good) + len(bad), value, max(0.0, value - half), min(1.0, value + half))


def _below(others: Numbers, scores: Numbers) -> Numbers:
    """For each score the share of the others that are lower, equal ones by half."""
    ordered = numpy.sort(others)
    lower = numpy.searchsorted(ordered, scores, side="left")
    through = numpy.searchsorted(ordered, scores, side="right")
    shares: Numbers = (lower + through) / (2 * len(ordered))
    return shares


def _curve(name: str, tuning: Sequence[Trial], reporting: Sequence[Trial]) -> Curve:
    threshold = youden(*_parted(name, tuning))
    good, bad = _parted(name, reporting)
    low, high = min([*good, *bad]), max([*good, *bad])
    steps = [low + (high - low) * step / STEPS for step in range(STEPS + 1)]
    careful = cautious(*_parted(name, tuning))
    return Curve(
        name, area(good, bad), point(threshold, good, bad),
        None if careful is None else point(careful, good, bad),
        tuple(point(step, good, bad) for step in steps),
    )  # fmt: skip


def _parted(name: str, trials: Sequence[Trial]) -> tuple[list[float], list[float]]:
    return (
        [trial.scores[name] for trial in trials if trial.is_answerable],
        [trial.scores[name] for trial in trials if not trial.is_answerable],
    )
