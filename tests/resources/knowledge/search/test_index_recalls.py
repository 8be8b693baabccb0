"""What was measured of an index is kept, and read back by its day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from resources.foundation.database import Database
from resources.knowledge.chunks import embedding_models
from resources.knowledge.search import index_recalls
from resources.knowledge.search.search_health import Recall


def test_a_measurement_is_found_on_its_day_alone(database: Database, organization_id: UUID) -> None:
    today = datetime.now(UTC).date()
    with database.transaction(organization_id) as connection:
        model = embedding_models.register(connection, organization_id, name="small", version="1", dimension=3)
        index_recalls.create(connection, organization_id, Recall(model.id, "small", 900, 30, 1.0, 0.987, 0.9999, 2))
        # a clock may strike midnight meanwhile
        found = index_recalls.select_days(connection, organization_id, since=today, until=today + timedelta(days=2))
        before = index_recalls.select_days(connection, organization_id, since=today - timedelta(days=9), until=today)
    [kept] = found
    assert (kept.model, kept.passages, kept.questions, kept.recall, kept.short) == ("small", 900, 30, 1.0, 2)
    assert kept.low <= kept.recall <= kept.high
    assert before == []
