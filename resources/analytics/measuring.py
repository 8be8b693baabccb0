"""From sums to metrics with their 95 % intervals. Pure.

Shares have Wilson's score interval (1927). Means have Student's t interval, from their standard deviation: it goes over
thousands of answers, where the mean is as good as normal; for a few, the interval is wide, and wider than it should be
where values are skewed. What is not defined is None: a rate of no cases, a mean of nothing, an interval of one.
"""

from __future__ import annotations

from math import sqrt

from resources.analytics.records import Measure, Sums, Thumbs
from resources.foundation.proportions import Z, wilson

_SMALL = {1: 12.7062047, 2: 4.3026527, 3: 3.1824463, 4: 2.7764451}


def measures(sums: Sums | None, thumbs: Thumbs | None) -> list[Measure]:
    """Every metric, in the order of its definitions; of nothing, where nothing was asked."""
    given, positive = (thumbs.given, thumbs.positive) if thumbs else (0, 0)
    if sums is None:
        return [*_of_nothing(), *_liked(given, positive)]
    return [
        Measure("questions", sums.questions, sums.questions),
        share("answered_rate", sums.answered, sums.due),
        share("no_answer_rate", sums.no_answer, sums.due),
        share("failed_rate", sums.failed, sums.due),
        share("handed_over_rate", sums.handed_over, sums.due),
        *_liked(given, positive),
        Measure("thumb_rate", given / sums.due if sums.due else None, sums.due),
        mean("seconds", sums.seconds_n, sums.seconds_mean, sums.seconds_deviation),
        Measure("seconds_median", sums.seconds_median, sums.seconds_n),
        Measure("seconds_95", sums.seconds_95, sums.seconds_n),
        mean("retrieval_seconds", sums.retrieval_n, sums.retrieval_mean, sums.retrieval_deviation),
        share("without_result_rate", sums.without_result, sums.searches),
        mean("best_score", sums.score_n, sums.score_mean, sums.score_deviation),
        mean("prompt_tokens", sums.prompt_n, sums.prompt_mean, sums.prompt_deviation),
        mean("cost_per_answer", sums.cost_n, sums.cost_mean, sums.cost_deviation),
        Measure("cost", None if sums.cost is None else float(sums.cost), sums.cost_n),
    ]


def share(key: str, part: int, n: int) -> Measure:
    """A share of n cases with Wilson's interval."""
    if n == 0:
        return Measure(key, None, 0)
    return Measure(key, part / n, n, *wilson(part, n))


def mean(key: str, n: int, value: float | None, deviation: float | None) -> Measure:
    """A mean of n values with Student's t interval."""
    if value is None or deviation is None or n < 2:
        return Measure(key, value, n)
    half = t_quantile(n - 1) * deviation / sqrt(n)
    return Measure(key, value, n, value - half, value + half)


def t_quantile(freedom: int) -> float:
    """The 97.5 % quantile of Student's t: Cornish and Fisher's expansion (1937), a table below five."""
    if freedom in _SMALL:
        return _SMALL[freedom]
    z, v = Z, freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


def _liked(given: int, positive: int) -> list[Measure]:
    return [share("liked_rate", positive, given)]


def _of_nothing() -> list[Measure]:
    undefined = (
        "answered_rate", "no_answer_rate", "failed_rate", "handed_over_rate", "thumb_rate", "seconds", "seconds_median",
        "seconds_95", "retrieval_seconds", "without_result_rate", "best_score", "prompt_tokens", "cost_per_answer",
        "cost",
    )  # fmt: skip
    return [Measure("questions", 0, 0), *(Measure(key, None, 0) for key in undefined)]
