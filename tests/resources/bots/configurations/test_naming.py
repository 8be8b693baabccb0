"""A configuration names models that can be asked, and is told which those are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from resources.bots.configurations import naming
from resources.bots.configurations.naming import Reach
from resources.bots.records import NewVersion

HERE = NewVersion("wordllama-256", "extractive")
ALONE, PROVIDED = Reach(has_provider=False), Reach(has_provider=True)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (replace(HERE, embedding_model="wordlama"), "no embedding model 'wordlama' here: .* there is wordllama-256"),
        (replace(HERE, llm_model="gpt"), "no model 'gpt' here that answers: .* there is extractive"),
        (replace(HERE, reranker_model="llm:judge"), "'llm:judge' needs a provider"),
        (replace(HERE, reranker_model="rerank:x"), "'rerank:x' needs an endpoint"),
        (replace(HERE, reranker_model="local:model"), "is no folder"),
        (replace(HERE, reranker_model="cohere"), "no reranker 'cohere': none, llm, .* and local:/path/to/folder"),
        (replace(HERE, reranker_model="rerank:"), "no reranker 'rerank:'"),
    ],
)
def test_what_is_not_there_is_named_beside_what_is(wanted: NewVersion, says: str) -> None:
    [problem] = naming.problems(wanted, ALONE)
    assert re.search(says, problem)


@pytest.mark.parametrize("reranker", [None, "none", "llm", "llm:judge", "rerank:x", "local:/models/judge"])
def test_a_provider_may_have_any_model(reranker: str | None) -> None:
    assert naming.problems(NewVersion("any", "any", reranker), PROVIDED) == []


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (replace(HERE, query_understanding="standalone"), "extractive cannot understand questions"),
        (replace(HERE, reranker_model="llm"), "extractive cannot rerank"),
    ],
)
def test_what_only_a_model_that_writes_can_do_is_not_asked_of_the_extractive_answerer(
    wanted: NewVersion, says: str
) -> None:
    [problem] = naming.problems(wanted, PROVIDED)
    assert says in problem
    assert naming.problems(replace(wanted, llm_model="any"), PROVIDED) == []


def test_what_the_embedded_models_do_needs_no_provider() -> None:
    assert naming.problems(HERE, ALONE) == []
    assert naming.problems(replace(HERE, reranker_model="rerank:x"), Reach(False, has_reranker=True)) == []


def test_two_recipes_find_the_same_unless_the_model_that_answers_has_a_say_in_it() -> None:
    assert naming.finds_the_same(HERE, replace(HERE, llm_model="gpt", system_prompt="Be brief."))
    assert not naming.finds_the_same(HERE, replace(HERE, retrieval_k=3))
    judged = replace(HERE, reranker_model="llm")
    assert not naming.finds_the_same(judged, replace(judged, llm_model="gpt"))
    understood = replace(HERE, query_understanding="standalone")
    assert not naming.finds_the_same(understood, replace(understood, llm_model="gpt"))
