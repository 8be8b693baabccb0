"""Configurations of chatbots: frozen recipes, numbered; one of each chatbot is active."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from psycopg.errors import CheckViolation

from resources.bots.records import ModelConfigVersion, Preparation
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection, find, many, one, run, statements_for, value
from resources.knowledge.records import ChunkingRule

SQL = statements_for(__name__)

_WAY_BACK_DAYS = 30


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
) -> ModelConfigVersion:
    """The version with these values, active from now on: the one that has them already, else a new one.

    Raises Missing for an unknown chatbot, Refused for values out of range.
    """
    if value(connection, SQL["lock_chatbot"], organization_id=organization_id, chatbot_id=chatbot_id) is None:
        raise Missing(f"there is no chatbot {chatbot_id} in this organization")
    recipe = {
        "embedding_model": embedding_model, "llm_model": llm_model, "reranker_model": reranker_model,
        "retrieval_k": retrieval_k, "similarity_threshold": similarity_threshold, "lexical_weight": lexical_weight,
        "chunk_size": chunk_size, "chunk_overlap": chunk_overlap,
    }  # fmt: skip
    whose = {"organization_id": organization_id, "chatbot_id": chatbot_id}
    version = find(connection, ModelConfigVersion, SQL["find_equal"], **whose, **recipe)
    if version is None:
        version = _create(connection, whose, recipe)
    if not version.active:
        run(connection, SQL["deactivate"], **whose)
        run(connection, SQL["activate"], **whose, id=version.id)
    return get_active(connection, organization_id, chatbot_id)


def get_active(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> ModelConfigVersion:
    """The recipe that the chatbot answers by; raises Missing where it has none."""
    return one(
        connection, ModelConfigVersion, SQL["get_active"],
        missing=f"chatbot {chatbot_id} has no active configuration: run 'millrace up', or ensure_active one",
        organization_id=organization_id, chatbot_id=chatbot_id,
    )  # fmt: skip


def select_all(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> list[ModelConfigVersion]:
    """All recipes that the chatbot ever had, the oldest first."""
    return many(
        connection, ModelConfigVersion, SQL["select_all"], organization_id=organization_id, chatbot_id=chatbot_id
    )


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


def select_wanted_recipes(connection: Connection, organization_id: UUID) -> list[str]:
    """The names of the recipes whose chunks are to be kept: as `chunks.recipe` has them.

    A chatbot that changed in the last 30 days can still go back; what no chatbot reads is cut by the default.
    """
    rows = connection.execute(SQL["select_wanted_sizes"], {"organization_id": organization_id, "days": _WAY_BACK_DAYS})
    wanted = [ChunkingRule(size, overlap) for size, overlap in rows]
    return [rule.name for rule in dict.fromkeys([Preparation().rule, *wanted])]


def _create(connection: Connection, whose: Mapping[str, object], recipe: Mapping[str, object]) -> ModelConfigVersion:
    try:
        with connection.transaction():
            return one(
                connection, ModelConfigVersion, SQL["create"], missing="the configuration was not created",
                **whose, **recipe,
            )  # fmt: skip
    except CheckViolation as error:
        rule = (error.diag.constraint_name or "").removeprefix("model_config_versions_").removesuffix("_check")
        raise Refused(f"this configuration cannot be made: {rule} is out of range") from None
