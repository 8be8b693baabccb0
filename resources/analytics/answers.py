"""What questions came to, summed over spans of time and parts, from the daily metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil, floor, sqrt
from uuid import UUID

import numpy
from numpy.typing import NDArray
from psycopg.rows import class_row

from resources.analytics.records import Each, Filter, Sums
from resources.foundation.statements import Connection, statements_for

SQL = statements_for(__name__)

Scores = NDArray[numpy.float32]
_Pair = tuple[float | None, float | None]
_TOTALS = {"cost": "cost"}


@dataclass(frozen=True)
class _Row:
    """Sums and sums of squares; `seconds` are those of each answer, as float4 with the high byte first."""

    period: date
    chatbot: str | None
    agent: str | None
    configuration: int | None
    model: str | None
    source: str | None
    language: str | None
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
    values = {**wanted.parameters(), "organization_id": organization_id, "by": list(by), "each": each, "middle": middle}
    with connection.cursor(row_factory=class_row(_Row), binary=True) as cursor:
        rows = cursor.execute(SQL["select_sums"], values).fetchall()
    groups: dict[tuple[date, str, str | None], list[_Row]] = defaultdict(list)
    for dimension in by:
        for row in rows:
            groups[(row.period, dimension, _part(row, dimension))].append(row)
    quantiles: dict[tuple[int, ...], _Pair] = {}  # parts that come to the same, as where there is but one model
    return [
        _sums(*key, groups[key], quantiles)
        for key in sorted(groups, key=lambda key: (key[0], key[1], key[2] is None, key[2] or ""))
    ]


def select_scores(connection: Connection, organization_id: UUID, wanted: Filter) -> tuple[Scores, Scores]:
    """The best scores of the searches of a filter that found something: of those answered, and of those not."""
    values = {**wanted.parameters(), "organization_id": organization_id}
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(SQL["select_scores"], values).fetchone()
    answered, unanswered = row or (None, None)
    return _unpacked(answered), _unpacked(unanswered)


def _part(row: _Row, dimension: str) -> str | None:
    if dimension == "all":
        return None
    if dimension == "configuration":
        return None if row.chatbot is None or row.configuration is None else f"{row.chatbot} #{row.configuration}"
    part: str | None = getattr(row, dimension)
    return part


def _sums(
    period: date, by: str, part: str | None, rows: Sequence[_Row], quantiles: dict[tuple[int, ...], _Pair]
) -> Sums:
    alike = tuple(map(id, rows))
    if alike not in quantiles:
        quantiles[alike] = _quantiles(b"".join(row.seconds or b"" for row in rows))
    costs = [row.cost for row in rows if row.cost is not None]
    cost = sum(costs, Decimal(0)) if costs else None
    seconds, retrieval, score, prompt, priced = (
        _mean(rows, name) for name in ("seconds", "retrieval", "score", "prompt", "cost")
    )
    half, most = quantiles[alike]
    return Sums(
        period, by, part, _count(rows, "questions"), _count(rows, "due"), _count(rows, "answered"),
        _count(rows, "no_answer"), _count(rows, "failed"), _count(rows, "handed_over"), _count(rows, "searches"),
        _count(rows, "without_result"), seconds[0], seconds[1], seconds[2], half, most,
        retrieval[0], retrieval[1], retrieval[2], score[0], score[1], score[2], prompt[0], prompt[1], prompt[2],
        priced[0], priced[1], priced[2], cost,
    )  # fmt: skip


def _count(rows: Sequence[_Row], name: str) -> int:
    return sum(getattr(row, name) for row in rows)


def _mean(rows: Sequence[_Row], name: str) -> tuple[int, float | None, float | None]:
    """Over how many, the mean, and the standard deviation of a sample; None where they are not defined."""
    n = sum(getattr(row, f"{name}_n") for row in rows)
    total = sum(float(getattr(row, _TOTALS.get(name, f"{name}_sum")) or 0) for row in rows)
    squares = sum(getattr(row, f"{name}_squares") or 0.0 for row in rows)
    if n == 0:
        return 0, None, None
    return n, total / n, sqrt(max(0.0, squares - total * total / n) / (n - 1)) if n > 1 else None


def _quantiles(packed: bytes) -> _Pair:
    """The median and the value that 95 of 100 do not exceed, between neighbours as percentile_cont has it."""
    if not packed:
        return None, None
    seconds = _unpacked(packed)
    at = [quantile * (len(seconds) - 1) for quantile in (0.5, 0.95)]
    seconds.partition(sorted({rank for place in at for rank in (floor(place), ceil(place))}))
    half, most = (
        float(seconds[floor(place)]) + (place - floor(place)) * float(seconds[ceil(place)] - seconds[floor(place)])
        for place in at
    )
    return half, most


def _unpacked(packed: bytes | None) -> Scores:
    return numpy.frombuffer(packed or b"", dtype=">f4").astype(numpy.float32)
