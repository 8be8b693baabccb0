"""How many active chunks a recipe has in each language, and how long they are: what BM25 measures a chunk against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.foundation.statements import Connection, many, run, statements_for, value
from resources.knowledge.chunks import lexeme_frequencies

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


def begin_change(connection: Connection, organization_id: UUID, *, chunks: int) -> None:
    """Say, in the transaction that changes chunks and before it touches them, about how many change (in this sync).

    Where they are many, all are counted anew after the sync, which costs as much as they are; else the counts follow,
    by `count_in` and `count_out`. Locks as `set_stale` does.
    """
    run(connection, SQL["lock_shared"], organization_id=organization_id)
    run(connection, SQL["set_stale_where_many"], organization_id=organization_id, chunks=chunks)


def count_in(
    connection: Connection, organization_id: UUID, *, version_ids: Sequence[UUID], recipes: Sequence[str]
) -> None:
    """Before chunks of these versions are shown: count them too, unless a whole count is due anyway."""
    counted = [recipe for recipe in _counted(connection, organization_id) if recipe in recipes]
    if counted:
        shown = {"version_ids": list(version_ids), "recipes": counted}
        run(connection, SQL["count_in"], organization_id=organization_id, **shown)
        lexeme_frequencies.count_in(connection, organization_id, version_ids=version_ids, recipes=counted)


def count_out(
    connection: Connection,
    organization_id: UUID,
    *,
    document_ids: Sequence[UUID],
    kept_version_ids: Sequence[UUID] = (),
    leaves_vectors: bool = False,
) -> None:
    """Before visible chunks of these documents go, except those of some versions: count them no more.

    `leaves_vectors`: their vectors stay for now, and the next sync is to look for unused ones.
    """
    counted = _counted(connection, organization_id)
    if counted:
        gone = {"document_ids": list(document_ids), "kept_version_ids": list(kept_version_ids), "recipes": counted}
        run(connection, SQL["count_out"], organization_id=organization_id, **gone)
        lexeme_frequencies.count_out(
            connection, organization_id, document_ids=document_ids, kept_version_ids=kept_version_ids, recipes=counted
        )
    if leaves_vectors:
        run(connection, SQL["set_loose"], organization_id=organization_id)


def leaves_vectors(connection: Connection, organization_id: UUID) -> bool:
    """Whether chunks went whose vectors may be left, unused."""
    return bool(value(connection, SQL["has_loose"], organization_id=organization_id))


def set_tight(connection: Connection, organization_id: UUID) -> None:
    """The vectors that nothing uses are gone."""
    run(connection, SQL["set_tight"], organization_id=organization_id)


def select_stale(connection: Connection, organization_id: UUID, *, recipes: Sequence[str]) -> list[str]:
    """The recipes that must be counted or weighed again; of `recipes` also those never counted."""
    rows = connection.execute(
        SQL["select_stale"],
        {"organization_id": organization_id, "recipes": list(recipes), "tolerance": TOLERANCE},
    )
    return [row[0] for row in rows]


def _counted(connection: Connection, organization_id: UUID) -> list[str]:
    return [row[0] for row in connection.execute(SQL["select_counted"], {"organization_id": organization_id})]


def _weigh_again(connection: Connection, organization_id: UUID, recipe_name: str, drift: Drift) -> int:
    values = {
        "organization_id": organization_id,
        "recipe": recipe_name,
        "language": drift.language,
        "average_length": drift.average_length,
    }
    run(connection, SQL["set_average_length"], **values)
    return run(connection, SQL["set_weights"], **values)
