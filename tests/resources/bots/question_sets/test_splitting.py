"""A question stands on the same side, and bears the same id, wherever and however often it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.question_sets import splitting


@given(st.text(min_size=1), st.floats(0, 1))
def test_case_and_spacing_change_neither_the_side_nor_the_id(question: str, share: float) -> None:
    spaced = f"  {question.replace(' ', chr(9) + ' ')} "
    assert splitting.split_of(spaced, tune_share=share) == splitting.split_of(question, tune_share=share)
    assert splitting.id_of(spaced) == splitting.id_of(question)


def test_a_larger_share_takes_questions_to_the_tuning_side_and_gives_none_back() -> None:
    questions = [f"Who keeps sack number {number}?" for number in range(2_000)]
    sides = {
        share: {one for one in questions if splitting.split_of(one, tune_share=share) == "tune"}
        for share in (0, 0.25, 0.5, 1)
    }
    assert sides[0] < sides[0.25] < sides[0.5] < sides[1] == set(questions)
    assert len(sides[0.25]) / 2_000 == pytest.approx(0.25, abs=0.04)
    assert len({splitting.id_of(one) for one in questions}) == 2_000
