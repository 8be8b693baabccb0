"""Which models a configuration may name, and whether two find the same. Pure: values in, problems in words out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from resources.bots.records import NewVersion
from resources.foundation.model_names import EMBEDDED_MODEL, EXTRACTIVE_MODEL

RERANKERS = ("none", "llm", "llm:MODEL", "rerank:MODEL", "local:/path/to/folder")
_PROVIDER = "set OPENAI_API_KEY or OPENAI_BASE_URL, or 'millrace provider-key set openai'"


@dataclass(frozen=True)
class Reach:
    """What is there to be asked: a provider of models, and an endpoint of rerankers of its own.

    `llm_model`: what answers where nothing is named.
    """

    has_provider: bool
    has_reranker: bool = False
    llm_model: str = EXTRACTIVE_MODEL


def problems(wanted: NewVersion, reach: Reach) -> list[str]:
    """Why a configuration cannot name these models, with those that it can; nothing where all may be there."""
    return [*_embedding(wanted.embedding_model, reach), *_answering(wanted.llm_model, reach),
            *_reranking(wanted.reranker_model, reach), *_advising(wanted)]  # fmt: skip


def _embedding(name: str, reach: Reach) -> Iterator[str]:
    if name != EMBEDDED_MODEL and not reach.has_provider:
        yield (
            f"there is no embedding model {name!r} here: without a provider there is {EMBEDDED_MODEL}; for another "
            f"one {_PROVIDER}"
        )


def _answering(name: str, reach: Reach) -> Iterator[str]:
    if name != EXTRACTIVE_MODEL and not reach.has_provider:
        yield (
            f"there is no model {name!r} here that answers: without a provider there is {EXTRACTIVE_MODEL}; for "
            f"another one {_PROVIDER}"
        )


def _reranking(name: str | None, reach: Reach) -> Iterator[str]:
    if name in (None, "none"):
        return
    kind, _, model = str(name).partition(":")
    is_known = kind in ("llm", "rerank", "local") and (bool(model.strip()) or name == "llm")
    if not is_known:
        yield f"there is no reranker {name!r}: {_listed(RERANKERS)} are known"
    elif kind == "llm" and not reach.has_provider:
        yield f"the reranker {name!r} needs a provider: {_PROVIDER}"
    elif kind == "rerank" and not (reach.has_provider or reach.has_reranker):
        yield f"the reranker {name!r} needs an endpoint: set MILLRACE_RERANK_BASE_URL, or {_PROVIDER}"
    elif kind == "local" and not model.startswith("/"):
        yield f"the reranker {name!r} is no folder: give its whole path"


def _advising(wanted: NewVersion) -> Iterator[str]:
    """The model that answers is asked in passing, too; the extractive answerer can only quote."""
    if wanted.llm_model != EXTRACTIVE_MODEL:
        return
    if wanted.query_understanding != "none":
        yield (
            f"{EXTRACTIVE_MODEL} cannot understand questions ({wanted.query_understanding!r}): name another llm_model, "
            "or 'none' for query_understanding"
        )
    if wanted.reranker_model == "llm":
        yield f"{EXTRACTIVE_MODEL} cannot rerank: name the model, as in llm:MODEL, or another llm_model"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def finds_the_same(one: NewVersion, other: NewVersion) -> bool:
    """Whether two configurations find the same for every question: only who answers differs, or in which words."""
    if _is_asked_before(one) or _is_asked_before(other):
        return one == other
    return replace(one, llm_model="", system_prompt=None) == replace(other, llm_model="", system_prompt=None)


def _is_asked_before(wanted: NewVersion) -> bool:
    """Whether the model that answers has a say in what is found."""
    return wanted.query_understanding != "none" or wanted.reranker_model == "llm"
