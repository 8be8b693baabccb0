"""What questions came to, summed over spans of time and parts, from the daily metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import sqrt
from uuid import UUID

import numpy

from resources.analytics.records import Each, Filter, Sums
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)


@dataclass(frozen=True)
class _Row:
    """Sums and sums of squares; `seconds` are those of each answer, as float4 with the high byte first."""

    period: date
    by: str
    part: str | None
    questions: int
    due: int
    answered: int
    no_answer: int
    failed: int
    handed_over: int
    searches: int
    without_result: int
    seconds_n: int
    seconds_sum: float | None
    seconds_squares: float | None
    retrieval_n: int
    retrieval_sum: float | None
    retrieval_squares: float | None
    score_n: int
    score_sum: float | None
    score_squares: float | None
    prompt_n: int
    prompt_sum: float | None
    prompt_squares: float | None
    cost_n: int
    cost: Decimal | None
    cost_squares: float | None
    seconds: bytes | None


def select_sums(
    connection: Connection,
    organization_id: UUID,
    wanted: Filter,
    *,
    by: Sequence[str] = ("all",),
    each: Each | None = None,
    middle: date | None = None,
) -> list[Sums]:
    """The sums of each period and part, in their order: of days, weeks or months, or before `middle` and from it on."""
    rows = many(
        connection, _Row, SQL["select_sums"], organization_id=organization_id, by=list(by), each=each, middle=middle,
        **wanted.parameters(),
    )  # fmt: skip
    return [_sums(row) for row in rows]


def _sums(row: _Row) -> Sums:
    cost = None if row.cost is None else float(row.cost)
    median, most = _quantiles(row.seconds)
    return Sums(
        row.period, row.by, row.part, row.questions, row.due, row.answered, row.no_answer, row.failed, row.handed_over,
        row.searches, row.without_result,
        row.seconds_n, *_mean(row.seconds_n, row.seconds_sum, row.seconds_squares), median, most,
        row.retrieval_n, *_mean(row.retrieval_n, row.retrieval_sum, row.retrieval_squares),
        row.score_n, *_mean(row.score_n, row.score_sum, row.score_squares),
        row.prompt_n, *_mean(row.prompt_n, row.prompt_sum, row.prompt_squares),
        row.cost_n, *_mean(row.cost_n, cost, row.cost_squares), row.cost,
    )  # fmt: skip


def _mean(n: int, total: float | None, squares: float | None) -> tuple[float | None, float | None]:
    """The mean, and the standard deviation of a sample; None where they are not defined."""
    if total is None or squares is None or n == 0:
        return None, None
    if n < 2:
        return total / n, None
    return total / n, sqrt(max(0.0, squares - total * total / n) / (n - 1))


def _quantiles(packed: bytes | None) -> tuple[float | None, float | None]:
    """The median and the value that 95 of 100 do not exceed, between neighbours as percentile_cont has it."""
    if not packed:
        return None, None
    half, most = numpy.quantile(numpy.frombuffer(packed, dtype=">f4").astype(numpy.float64), (0.5, 0.95))
    return float(half), float(most)
