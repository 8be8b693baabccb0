"""How many active chunks a recipe has in each language, and how long they are: what BM25 measures a chunk against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.foundation.statements import Connection, many, run, statements_for
from resources.knowledge import lexeme_frequencies

SQL = statements_for(__name__)

TOLERANCE = 0.05


@dataclass(frozen=True)
class Drift:
    """A language whose average length, in lexemes, is no longer the one its weights were made with."""

    language: str
    average_length: float


def presume(
    connection: Connection, organization_id: UUID, *, version_ids: Sequence[UUID], recipes: Sequence[str]
) -> None:
    """Before these versions are shown: know an average length for each of their languages.

    Where none was counted yet it is that of all chunks that are there, shown or not: a first sync has cut all its
    documents by then, so that their weights are right at once.
    """
    unknown = connection.execute(
        SQL["select_unknown"],
        {"organization_id": organization_id, "version_ids": list(version_ids), "recipes": list(recipes)},
    ).fetchall()
    for recipe, language in unknown:
        run(connection, SQL["presume"], organization_id=organization_id, recipe=recipe, language=language)


def refresh(connection: Connection, organization_id: UUID, recipe_name: str) -> int:
    """Count a recipe's chunks and lexemes again, after a sync changed them; the number of chunks weighed again.

    The weights hold the average length of their language. They are made again only when it has moved by more than 5 %.
    It waits for the transactions that change chunks, and those that begin meanwhile wait for it: none is missed.
    """
    run(connection, SQL["lock"], organization_id=organization_id)
    lexeme_frequencies.count(connection, organization_id, recipe_name=recipe_name)
    drifts = many(
        connection,
        Drift,
        SQL["count_chunks"],
        organization_id=organization_id,
        recipe=recipe_name,
        tolerance=TOLERANCE,
    )
    return sum(_weigh_again(connection, organization_id, recipe_name, drift) for drift in drifts)


def refresh_plans(connection: Connection) -> None:
    """Let the planner know how large the tables have become, of all organizations; it would search by guesses else."""
    run(connection, SQL["refresh_plans"])


def set_stale(connection: Connection, organization_id: UUID, *, recipes: Sequence[str] | None = None) -> None:
    """Say, in the transaction that changes chunks and before it touches them, that these recipes must be counted again.

    None stands for all recipes. So a sync that is killed between its last chunk and the count is made good by the next.
    Take `embeddings.lock` before, as all who change chunks do: so two of them never wait for each other's count.
    """
    run(connection, SQL["lock_shared"], organization_id=organization_id)
    run(
        connection, SQL["set_stale"], organization_id=organization_id,
        recipes=None if recipes is None else list(recipes),
    )  # fmt: skip


def select_stale(connection: Connection, organization_id: UUID, *, recipes: Sequence[str]) -> list[str]:
    """The recipes whose chunks changed since they were counted; of `recipes` also those never counted."""
    rows = connection.execute(SQL["select_stale"], {"organization_id": organization_id, "recipes": list(recipes)})
    return [row[0] for row in rows]


def _weigh_again(connection: Connection, organization_id: UUID, recipe_name: str, drift: Drift) -> int:
    values = {
        "organization_id": organization_id,
        "recipe": recipe_name,
        "language": drift.language,
        "average_length": drift.average_length,
    }
    run(connection, SQL["set_average_length"], **values)
    return run(connection, SQL["set_weights"], **values)
