"""Version comparisons: how the answers of two versions of a chatbot to the same questions differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from resources.bots.records import Comparison, VersionComparison
from resources.foundation.statements import Connection, many, run_many, statements_for

SQL = statements_for(__name__)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    baseline_id: UUID,
    candidate_id: UUID,
    found: Sequence[tuple[UUID | None, Comparison]],
) -> None:
    """Keep a comparison: by set, and without one over all sets together. All of it in one transaction."""
    whose = {"organization_id": organization_id, "baseline_id": baseline_id, "candidate_id": candidate_id}
    rows = [whose | {"evaluation_set_id": set_id} | asdict(comparison) for set_id, comparison in found]
    run_many(connection, SQL["create"], rows)


def select_latest(
    connection: Connection, organization_id: UUID, *, baseline_id: UUID, candidate_id: UUID
) -> list[VersionComparison]:
    """The newest comparison of two versions: over all sets together first, then by set."""
    return many(
        connection, VersionComparison, SQL["select_latest"],
        organization_id=organization_id, baseline_id=baseline_id, candidate_id=candidate_id,
    )  # fmt: skip
