"""What is estimated from a part is near the whole, and says how near."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.intake.planning import Estimate, draw, evenly, seconds, total
from resources.knowledge.records import TrainingJob

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def job(
    *, took_s: float, chunks: int = 0, embedded: int = 0, listed: int = 0, status: str = "completed"
) -> TrainingJob:
    return TrainingJob(
        id=uuid4(), data_source_id=uuid4(), status=status, dagster_run_id=None, stage=None, done=0, total=0,
        stage_started_at=None, listed=listed, changed=0, unchanged=0, moved=0, deleted=0, held=0, failed=0,
        chunks=chunks, embedded=embedded, reused=0, tokens=0, cost=None, reason=None, created_at=NOW, started_at=NOW,
        completed_at=NOW + timedelta(seconds=took_s), now=NOW,
    )  # fmt: skip


@given(st.integers(0, 500), st.integers(1, 50))
def test_a_choice_is_in_order_without_repetition_and_never_too_large(count: int, at_most: int) -> None:
    chosen = evenly(range(count), at_most)
    assert len(chosen) == min(count, at_most)
    assert chosen == sorted(set(chosen))
    gaps = [after - before for before, after in pairwise(chosen)]
    assert not gaps or max(gaps) - min(gaps) <= 1


@given(st.lists(st.integers(0, 1000), max_size=30))
def test_what_was_read_whole_is_known(values: list[int]) -> None:
    assert total(values, of=len(values), sizes=values, size_of_all=sum(values)) == Estimate.exactly(sum(values))


@pytest.mark.parametrize("knows_sizes", [True, False])
def test_intervals_hold_the_truth_about_as_often_as_they_say(knows_sizes: bool) -> None:
    """Of 1,000 populations of documents, most of them small and few large, whose passages follow their sizes."""
    drawing = random.Random(7)  # noqa: S311
    held, widths = 0, 0.0
    for _ in range(1_000):
        sizes = [int(drawing.lognormvariate(8, 1)) + 1 for _ in range(600)]
        passages = [size / 1200 * drawing.uniform(0.7, 1.3) + 1 for size in sizes]
        found = draw(passages, 200, sizes=sizes if knows_sizes else None)  # their order is that of chance
        others = total(found.drawn, of=found.of, sizes=found.sizes, size_of_all=found.size_of_others)
        guess = Estimate.exactly(sum(found.largest)) + others
        held += guess.low <= sum(passages) <= guess.high
        widths += (guess.high - guess.low) / guess.value
    assert (930 if knows_sizes else 900) <= held <= 980
    assert widths / 1_000 < (0.06 if knows_sizes else 0.3)


def test_sums_of_estimates_are_nearer_than_their_bounds_added() -> None:
    assert Estimate(10, 7, 13) + Estimate(20, 16, 24) == Estimate(30, 25, 35)
    assert Estimate(10, 7, 13) + Estimate.exactly(5) == Estimate(15, 12, 18)
    assert Estimate(10, 7, 13).times(2) == Estimate(20, 14, 26)


def test_time_is_told_by_syncs_that_ended_well_and_did_such_work() -> None:
    jobs = [
        job(took_s=10, chunks=100, embedded=50), job(took_s=20, embedded=200), job(took_s=2, listed=1000),
        job(took_s=999, chunks=1, status="failed"),
    ]  # fmt: skip
    assert seconds(jobs, listed=5, chunks=Estimate(50, 40, 60)) == Estimate(5, 4, 6)
    assert seconds(jobs, listed=5_000, chunks=Estimate.exactly(0)) == Estimate.exactly(10)
    assert seconds(jobs[2:], listed=5, chunks=Estimate.exactly(50)) is None
    assert seconds([], listed=5, chunks=Estimate.exactly(0)) is None
