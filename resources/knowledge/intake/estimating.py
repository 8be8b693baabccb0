"""Estimate how long a stage of a sync will take, from how long it took until now."""

from __future__ import annotations

from datetime import timedelta

from resources.knowledge.records import TrainingJob

_TOO_SOON = timedelta(seconds=2)


def time_left(job: TrainingJob) -> timedelta | None:
    """Until the end of the present stage, at the rate of that stage; None where nothing can be said.

    Later stages are not counted: what they will find to do is not known before. A rate needs two seconds to show.
    """
    if job.status != "processing" or job.stage_started_at is None:
        return None
    return remaining(job.done, job.total, job.now - job.stage_started_at)


def remaining(done: int, total: int, elapsed: timedelta) -> timedelta | None:
    """How long the rest takes at the rate until now; None before there is a rate, or where it takes a million years."""
    if done <= 0 or elapsed < _TOO_SOON:
        return None
    try:
        return elapsed * (max(total - done, 0) / done)
    except OverflowError:
        return None
