"""What a step of a sync says about itself, in numbers that plot. Names are the same from run to run."""

from __future__ import annotations

from collections.abc import Mapping

from resources.knowledge.records import SyncCounts

_SAID: Mapping[str, tuple[str, ...]] = {
    "raw_documents": ("listed", "changed", "unchanged", "deleted", "failed"),
    "chunks": ("chunks", "failed"),
    "embeddings": ("embedded", "reused", "failed"),
}
_WORKED_ON = {"raw_documents": "listed", "chunks": "chunks", "embeddings": "embedded"}
_TABLES = {
    "raw_documents": "knowledge.document_versions",
    "chunks": "knowledge.chunks",
    "embeddings": "knowledge.embeddings",
}

Metadata = dict[str, int | float | str]


def sync_metadata(asset: str, counts: SyncCounts, elapsed_s: float) -> Metadata:
    """The counts that belong to this step, how long it took and how much it did in a second."""
    said: Metadata = {name: int(getattr(counts, name)) for name in _SAID[asset]}
    worked_on = _WORKED_ON[asset]
    unit = "documents" if worked_on == "listed" else worked_on
    return said | {
        "elapsed_s": round(elapsed_s, 3),
        f"{unit}_per_s": round(getattr(counts, worked_on) / elapsed_s, 1) if elapsed_s > 0 else 0.0,
        "dagster/table_name": _TABLES[asset],
    }
