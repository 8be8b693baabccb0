"""Leases of runs whose processes are gone: they would expire by themselves, but nobody needs to wait for that."""

from __future__ import annotations

import dagster as dg

from pipelines import runs
from resources.foundation.database import Database
from resources.knowledge.intake import leases
from resources.knowledge.records import SourceListing


def free(instance: dg.DagsterInstance, database: Database, entry: SourceListing) -> bool:
    """Free the source when the run that it is leased to has ended without a word; whether that was so."""
    if not entry.is_leased or entry.leased_to is None or not runs.has_ended(instance, entry.leased_to):
        return False
    with database.transaction(entry.organization_id) as connection:
        return leases.free(connection, entry.organization_id, entry.id, holder=entry.leased_to)
