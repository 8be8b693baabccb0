"""Nothing wrong passes `checked`; a speech counts what was heard."""

from collections.abc import Generator

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.inference import Ending, Speech, UnsoundVectors, checked

NUMBERS = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=4, max_size=4)


@given(st.lists(NUMBERS.filter(any), max_size=5))
def test_sound_vectors_come_back_with_length_one(rows: list[list[float]]) -> None:
    vectors = checked(rows, count=len(rows), dimension=4)
    assert vectors.shape == (len(rows), 4)
    assert vectors.dtype == numpy.float32
    assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize(
    "rows",
    [
        [[1.0, 2.0]],
        [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]],
        [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]],
        [[1.0, 2.0], [1.0]],
        [[1.0, 2.0], [float("nan"), 1.0]],
        [[1.0, 2.0], [float("inf"), 1.0]],
        [[1.0, 2.0], [0.0, 0.0]],
        [[1.0, 2.0], [None, 1.0]],
        [[1.0, 2.0], None],
        [[1.0, 2.0], ["word", 1.0]],
        [[1.0, 2.0], [10**400, 1.0]],
        [],
        None,
    ],
)
def test_vectors_that_must_not_be_stored_are_named(rows: object) -> None:
    with pytest.raises(UnsoundVectors):
        checked(rows, count=2, dimension=2)


def _words(*words: str, ending: Ending) -> Generator[str, None, Ending]:
    yield from words
    return ending


def test_a_speech_that_ended_tells_the_models_own_count() -> None:
    speech = Speech(_words("Hello ", "you", ending=Ending("stop", 7, 2)), prompt_tokens=99)
    assert "".join(speech) == "Hello you" == speech.text
    assert (speech.usage.prompt_tokens, speech.usage.completion_tokens, speech.usage.is_estimated) == (7, 2, False)
    assert next(speech, None) is None
    assert speech.finish_reason == "stop"


def test_a_speech_that_was_left_early_estimates_what_was_heard() -> None:
    speech = Speech(_words("Hello dear ", "you", ending=Ending("stop", 7, 2)), prompt_tokens=9)
    assert next(speech) == "Hello dear "
    speech.close()
    assert next(speech, None) is None
    assert (speech.usage.prompt_tokens, speech.usage.completion_tokens, speech.usage.is_estimated) == (9, 3, True)
    assert speech.finish_reason is None
