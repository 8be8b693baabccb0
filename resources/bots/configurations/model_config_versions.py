"""Configurations of chatbots: frozen recipes, numbered; one of each chatbot is active.

A draft is built beside the active version (builds.py), measured against it (comparisons.py) and activated in one
statement; the one that served stays ready for a while, so that going back is one statement too. Which state follows
which is kept by the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from uuid import UUID

from psycopg.errors import CheckViolation, IntegrityConstraintViolation

from resources.bots.records import ModelConfigVersion, NewVersion, Preparation, QueryUnderstanding
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.statements import Connection, find, many, one, run, statements_for, value
from resources.knowledge.records import ChunkingRule

SQL = statements_for(__name__)

SOAK_DAYS = 30
"""So long a version that served is kept ready, and one command leads back to it."""

OFF_TOPIC_THRESHOLDS: Mapping[str, float] = {EMBEDDED_MODEL: 0.08}
"""The share of BM25's most below which a question is off topic, by the embedding model that it was calibrated with."""


def off_topic_default(embedding_model: str) -> float:
    """What is off topic with a model; 0, nothing, where nobody measured: other models may find what no word tells."""
    return OFF_TOPIC_THRESHOLDS.get(embedding_model, 0.0)


def ensure_active(
    connection: Connection,
    organization_id: UUID,
    chatbot_id: UUID,
    *,
    embedding_model: str,
    llm_model: str,
    reranker_model: str | None = None,
    retrieval_k: int = 8,
    similarity_threshold: float = 0.0,
    lexical_weight: float = 0.7,
    chunk_size: int = ChunkingRule.size,
    chunk_overlap: int = ChunkingRule.overlap,
    system_prompt: str | None = None,
    off_topic_threshold: float | None = None,
    query_understanding: QueryUnderstanding = "none",
    max_per_document: int | None = None,
) -> ModelConfigVersion:
    """The version with these values, active from now on and unasked: the one that has them already, else a new one.

    For a chatbot that has none yet; whoever changes one asks readiness.adopt. `off_topic_threshold` None: as it was
    calibrated for the embedding model. Raises Missing for an unknown chatbot, Refused for values out of range.
    """
    _lock(connection, organization_id, chatbot_id)
    wanted = NewVersion(
        embedding_model, llm_model, reranker_model, retrieval_k, similarity_threshold, lexical_weight, chunk_size,
        chunk_overlap, system_prompt,
        off_topic_default(embedding_model) if off_topic_threshold is None else off_topic_threshold,
        query_understanding, max_per_document,
    )  # fmt: skip
    version = ensure(connection, organization_id, chatbot_id, wanted)
    if not version.active:
        activate(connection, organization_id, version)
    return get_active(connection, organization_id, chatbot_id)


def ensure(connection: Connection, organization_id: UUID, chatbot_id: UUID, wanted: NewVersion) -> ModelConfigVersion:
    """The version with these values: the one that has them already, the active one first, else a new draft."""
    _lock(connection, organization_id, chatbot_id)
    equal = value(
        connection, SQL["find_equal"], organization_id=organization_id, chatbot_id=chatbot_id, **asdict(wanted)
    )
    if equal is None:
        return _create(connection, organization_id, chatbot_id, wanted)
    return get(connection, organization_id, equal)


def create(
    connection: Connection,
    organization_id: UUID,
    chatbot_id: UUID,
    wanted: NewVersion,
    *,
    created_by: str | None = None,
    description: str = "",
) -> ModelConfigVersion:
    """The next version of a chatbot, a draft. Raises Missing for no chatbot, Refused for values out of range."""
    _lock(connection, organization_id, chatbot_id)
    return _create(
        connection, organization_id, chatbot_id, wanted, created_by=created_by, description=description
    )  # fmt: skip


def get(connection: Connection, organization_id: UUID, id: UUID) -> ModelConfigVersion:
    """A version; raises Missing."""
    return one(
        connection, ModelConfigVersion, SQL["select"], missing=f"there is no configuration {id} in this organization",
        organization_id=organization_id, chatbot_id=None, id=id, number=None,
    )  # fmt: skip


def get_numbered(connection: Connection, organization_id: UUID, chatbot_id: UUID, number: int) -> ModelConfigVersion:
    """A version of a chatbot by its number; raises Missing."""
    return one(
        connection, ModelConfigVersion, SQL["select"],
        missing=f"the chatbot has no configuration {number}: 'millrace config list' shows those it has",
        organization_id=organization_id, chatbot_id=chatbot_id, id=None, number=number,
    )  # fmt: skip


def get_active(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> ModelConfigVersion:
    """The recipe that the chatbot answers by; raises Missing where it has none."""
    return one(
        connection, ModelConfigVersion, SQL["get_active"],
        missing=f"chatbot {chatbot_id} has no active configuration: 'millrace config create' makes one",
        organization_id=organization_id, chatbot_id=chatbot_id,
    )  # fmt: skip


def find_active(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> ModelConfigVersion | None:
    """The recipe that the chatbot answers by; None where it has none."""
    return find(
        connection, ModelConfigVersion, SQL["get_active"], organization_id=organization_id, chatbot_id=chatbot_id
    )


def find_former(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> ModelConfigVersion | None:
    """The version that served last before the active one; None where none is kept ready any more."""
    former = value(connection, SQL["find_former"], organization_id=organization_id, chatbot_id=chatbot_id)
    return None if former is None else get(connection, organization_id, former)


def select_all(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> list[ModelConfigVersion]:
    """All recipes that the chatbot ever had, the oldest first."""
    return many(
        connection, ModelConfigVersion, SQL["select"], organization_id=organization_id, chatbot_id=chatbot_id, id=None,
        number=None,
    )  # fmt: skip


def activate(
    connection: Connection,
    organization_id: UUID,
    version: ModelConfigVersion,
    *,
    activated_by: str | None = None,
    forced_reason: str | None = None,
) -> None:
    """Questions are answered by this version from now on; the one until now is kept ready for SOAK_DAYS.

    One statement. Whether the version is fit to serve is asked before (readiness.py); where it was activated all the
    same, `forced_reason` is kept.
    """
    _lock(connection, organization_id, version.chatbot_id)
    with _following(version):
        run(
            connection, SQL["activate"], organization_id=organization_id, chatbot_id=version.chatbot_id, id=version.id,
            activated_by=activated_by, forced_reason=forced_reason, soak_days=SOAK_DAYS,
        )  # fmt: skip


def set_building(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> ModelConfigVersion:
    """Let its passages and vectors be made and kept in step, as syncs do from now on. It is frozen from here.

    One that was evaluated stays so. Raises Conflict for the active one, which is always kept in step.
    """
    if version.active:
        raise Conflict(f"configuration {version.number} is the active one: syncs keep it ready")
    with _following(version):
        run(connection, SQL["set_building"], organization_id=organization_id, id=version.id)
    return get(connection, organization_id, version.id)


def bind(connection: Connection, organization_id: UUID, *, model: str, model_version: str) -> list[ModelConfigVersion]:
    """Keep which version of a model the recipes with its name are bound to; the successors of those that cannot serve.

    Vectors of two versions are never compared. Where the model at hand is another version than the active recipe was
    made by (the product was upgraded, say), that recipe gets a successor with the same values, active from now on;
    what else was made by the former version is retired.
    """
    bound = {"model": model, "model_version": model_version}
    run(connection, SQL["set_embedding_version"], organization_id=organization_id, **bound)
    outdated = connection.execute(SQL["select_outdated"], {"organization_id": organization_id, **bound}).fetchall()
    successors = [
        _succeed(connection, organization_id, get(connection, organization_id, id), model_version)
        for (id,) in outdated
    ]  # fmt: skip
    if successors:
        run(connection, SQL["set_embedding_version"], organization_id=organization_id, **bound)
    run(
        connection, SQL["retire_outdated"], organization_id=organization_id, **bound,
        problem=f"its model {model} is another version here now: 'millrace config create --from' makes one with that",
    )  # fmt: skip
    return [get(connection, organization_id, one.id) for one in successors]


def set_built(connection: Connection, organization_id: UUID, id: UUID, *, problem: str | None = None) -> None:
    """Its passages and vectors are all there; or why they are not, in words that a person can act on."""
    run(connection, SQL["set_built"], organization_id=organization_id, id=id, problem=problem)


def set_evaluated(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> None:
    """It was measured beside the active one. Raises Conflict for a draft."""
    if version.status == "draft":
        raise Conflict(f"configuration {version.number} is a draft: build it first")
    run(connection, SQL["set_evaluated"], organization_id=organization_id, id=version.id)


def retire(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> None:
    """Keep nothing of it ready any more: retention takes away what nobody else needs. Raises Conflict when active."""
    if run(connection, SQL["retire"], organization_id=organization_id, id=version.id) == 0:
        raise Conflict(f"configuration {version.number} is the active one: activate another one first")


def select_active_for_source(
    connection: Connection, organization_id: UUID, source_id: UUID, *, default: Preparation | None = None
) -> list[Preparation]:
    """How the source must be made ready: for each chatbot that reads it, without repetition.

    A source that no chatbot reads is made ready by the default, so that it can be searched.
    """
    wanted = many(
        connection, Preparation, SQL["select_active_for_source"], organization_id=organization_id, source_id=source_id
    )
    return wanted or [default or Preparation()]


def select_kept_for_source(
    connection: Connection, organization_id: UUID, source_id: UUID
) -> list[ModelConfigVersion]:  # fmt: skip
    """The versions that a source is kept ready for: those that serve first, then what is built or may come back."""
    return many(
        connection, ModelConfigVersion, SQL["select_kept_for_source"],
        organization_id=organization_id, source_id=source_id,
    )  # fmt: skip


def select_wanted_recipes(connection: Connection, organization_id: UUID) -> list[str]:
    """The names of the recipes whose chunks are to be kept: as `chunks.recipe` has them.

    What serves, what is being built, and what served until lately; what no chatbot reads is cut by the default.
    """
    rows = connection.execute(SQL["select_wanted_sizes"], {"organization_id": organization_id})
    wanted = [ChunkingRule(size, overlap) for size, overlap in rows]
    return [rule.name for rule in dict.fromkeys([Preparation().rule, *wanted])]


def values_of(version: ModelConfigVersion) -> NewVersion:
    """The values of a version, to make the next one from."""
    return NewVersion(**{field.name: getattr(version, field.name) for field in fields(NewVersion)})


def changed(version: ModelConfigVersion, changes: Mapping[str, object]) -> NewVersion:
    """The values of a version but for these; another embedding model has another threshold for what is off topic.

    That one stays as it is only where somebody chose it.
    """
    wanted = replace(values_of(version), **changes)  # type: ignore[arg-type]
    is_chosen = version.off_topic_threshold != off_topic_default(version.embedding_model)
    if wanted.embedding_model == version.embedding_model or is_chosen or "off_topic_threshold" in changes:
        return wanted
    return replace(wanted, off_topic_threshold=off_topic_default(wanted.embedding_model))


def _lock(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> None:
    if value(connection, SQL["lock_chatbot"], organization_id=organization_id, chatbot_id=chatbot_id) is None:
        raise Missing(f"there is no chatbot {chatbot_id} in this organization")


def _create(
    connection: Connection,
    organization_id: UUID,
    chatbot_id: UUID,
    wanted: NewVersion,
    *,
    created_by: str | None = None,
    description: str = "",
) -> ModelConfigVersion:
    try:
        with connection.transaction():
            id: UUID = value(
                connection, SQL["create"], organization_id=organization_id, chatbot_id=chatbot_id,
                created_by=created_by, description=description, **asdict(wanted),
            )  # fmt: skip
            return get(connection, organization_id, id)
    except CheckViolation as error:
        rule = (error.diag.constraint_name or "").removeprefix("model_config_versions_").removesuffix("_check")
        raise Refused(f"this configuration cannot be made: {rule} is out of range") from None


def _succeed(
    connection: Connection, organization_id: UUID, former: ModelConfigVersion, model_version: str
) -> ModelConfigVersion:
    _lock(connection, organization_id, former.chatbot_id)
    successor = _create(
        connection, organization_id, former.chatbot_id, values_of(former),
        description=f"{former.embedding_model} is {model_version} here now, no longer {former.embedding_model_version}",
    )  # fmt: skip
    activate(connection, organization_id, successor)
    return successor


@contextmanager
def _following(version: ModelConfigVersion) -> Iterator[None]:
    """The database knows which state follows which."""
    try:
        yield
    except IntegrityConstraintViolation as error:
        raise Conflict(f"configuration {version.number}: {error.diag.message_primary}") from None
