"""The embedded model gives WordLlama's own vectors, without padding, offline, for every text there is."""

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.foundation.embedded_model import EmbeddedModel, _batches

MODEL = EmbeddedModel()
TEXTS = ["Who pays the miller?", "a", "日本の首都は東京です。", "x" * 5000, "naïve café 🧿", " ", "\n", "word " * 900]


@pytest.fixture(scope="module")
def padded() -> object:
    level, handlers = logging.root.level, list(logging.root.handlers)
    import wordllama

    # its import configures the root logger
    logging.root.setLevel(level)
    logging.root.handlers[:] = handlers
    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)


def test_vectors_are_those_of_the_padded_original(padded: object) -> None:
    theirs = padded.embed(TEXTS, norm=True)  # type: ignore[attr-defined]
    assert numpy.abs(MODEL.embed(TEXTS) - theirs).max() < 1e-5


@settings(max_examples=40)
@given(texts=st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=9))
def test_any_texts_get_the_vectors_of_the_padded_original(padded: object, texts: list[str]) -> None:
    theirs = padded.embed(texts, norm=True)  # type: ignore[attr-defined]
    assert numpy.abs(MODEL.embed(texts) - theirs).max() < 1e-5


@settings(max_examples=60)
@given(st.lists(st.text(st.characters(), max_size=30), max_size=9))
def test_every_text_has_a_vector_of_length_one(texts: list[str]) -> None:
    vectors = MODEL.embed(texts)
    assert vectors.shape == (len(texts), 256)
    assert vectors.dtype == numpy.float32
    assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_company_changes_no_vector() -> None:
    together = MODEL.embed(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert numpy.array_equal(MODEL.embed([text])[0], vector)


def test_the_empty_text_stands_apart_and_is_not_zero() -> None:
    empty, words = MODEL.embed(["", "Who pays the miller?"])
    assert empty[0] == 1.0
    assert abs(float(empty @ words)) < 0.3


def test_half_a_character_does_not_stop_a_batch() -> None:
    assert numpy.array_equal(MODEL.embed(["\ud800 miller"])[0], MODEL.embed(["? miller"])[0])


def test_a_long_document_is_summed_in_pieces() -> None:
    long = "The miller grinds corn at the mill. " * 6000
    short = "The miller grinds corn at the mill. " * 60
    assert float(MODEL.embed([long])[0] @ MODEL.embed([short])[0]) > 0.9999


def test_threads_share_one_model() -> None:
    fresh = EmbeddedModel()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(fresh.embed, [TEXTS] * 8))
    assert all(numpy.array_equal(answer, MODEL.embed(TEXTS)) for answer in answers)


@given(st.lists(st.integers(0, 60_000), max_size=200))
def test_batches_are_bounded_and_lose_nothing(lengths: list[int]) -> None:
    texts = ["x" * length for length in lengths]
    batches = list(_batches(texts))
    assert [text for batch in batches for text in batch] == texts
    assert all(len(batch) <= 64 and (len(batch) == 1 or sum(map(len, batch)) <= 200_000) for batch in batches)


def test_making_it_loads_nothing() -> None:
    import subprocess

    code = (
        "import sys; from resources.foundation.embedders import embedder_for; embedder_for();"
        "embedder_for(model='remote', base_url='http://127.0.0.1:1');"
        "sys.exit(bool({'tokenizers', 'safetensors', 'openai', 'wordllama'} & sys.modules.keys()))"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
