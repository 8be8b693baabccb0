"""Two configurations on one question: won and lost by the metric, moved by the documents."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from resources.analytics.evaluations import Pair, Verdict

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("before", "after", "found_before", "found_after", "verdict"),
    [
        (0.5, 1.0, [ONE], [OTHER], "won"), (1.0, 0.5, [ONE], [OTHER], "lost"), (1.0, 1.0, [ONE], [ONE], "same"),
        (1.0, 1.0, [ONE, OTHER], [OTHER, ONE], "moved"), (None, None, [ONE], [], "moved"), (None, None, [], [], "same"),
        (0.3, 0.3 + 1e-12, [ONE], [ONE], "same"),
    ],
)  # fmt: skip
def test_a_question_is_won_lost_moved_or_the_same(
    before: float | None,
    after: float | None,
    found_before: Sequence[UUID],
    found_after: Sequence[UUID],
    verdict: Verdict,
) -> None:
    pair = Pair(UUID(int=9), "set", "Who?", found_before, found_after, None, None, before, after)
    assert pair.verdict == verdict
    assert (pair.difference is None) == (before is None)
