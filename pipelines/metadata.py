"""What a step of a sync says about itself, in numbers that plot. Names are the same from run to run."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from resources.foundation.database import Database
from resources.knowledge.records import SyncCounts
from resources.knowledge.sources import reconciliation
from resources.knowledge.sources.reconciliation import Countable

Metadata = dict[str, int | float | str]


@dataclass(frozen=True)
class Step:
    """Which counts belong to a step, which of them is its work (a rate is made of it), and what it leaves behind."""

    counts: tuple[str, ...]
    work: str
    leaves: Countable


RAW_DOCUMENTS = Step(("listed", "changed", "unchanged", "moved", "deleted", "held", "failed"), "listed", "documents")
CHUNKS = Step(("chunks", "failed"), "chunks", "chunks")
EMBEDDINGS = Step(("embedded", "reused", "failed"), "embedded", "vectors")


def told(
    step: Step, counts: SyncCounts, *, elapsed_s: float, database: Database, organization_id: UUID, source_id: UUID
) -> Metadata:
    """The counts of a step, how long it took and how much it did in a second, and how many rows there are now."""
    with database.transaction(organization_id) as connection:
        rows = reconciliation.count(connection, organization_id, source_id, what=step.leaves)
    numbers: Metadata = {name: int(getattr(counts, name)) for name in step.counts}
    return numbers | {
        "elapsed_s": round(elapsed_s, 3),
        f"{step.leaves}_per_s": round(getattr(counts, step.work) / elapsed_s, 1) if elapsed_s > 0 else 0.0,
        "dagster/row_count": rows,
    }
