"""The checks of one source fail where somebody should look: rows that disagree, many failing items, held deletions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import dagster as dg
import pytest

from pipelines import checks
from pipelines.execution import House, sync
from pipelines.storage import forget_checks
from resources.knowledge.intake import deletions
from resources.knowledge.records import DataSource
from resources.knowledge.sources import data_sources
from tests.factories.listings import NOON, listing


def many(folder: Path, count: int) -> None:
    """So many documents, one of which cannot be read."""
    for number in range(count - 1):
        (folder / f"{number}.txt").write_text(f"Rule {number}: nobody enters the wheel pit.\n")
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")


@pytest.mark.parametrize(("count", "passes"), [(1, False), (30, True)])
def test_failing_items_fail_the_check_where_they_are_more_than_one_in_twenty(
    house: House, source: DataSource, folder: Path, count: int, passes: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    many(folder, count)
    assert sync(house, "acme", []) == 0
    found = checks.success(house.database, "acme/docs")
    assert found.passed is passes
    assert found.severity == dg.AssetCheckSeverity.WARN
    assert found.metadata["failing"].value == 1


def test_deletions_that_wait_fail_the_check_until_somebody_decides(
    house: House, source: DataSource, organization_id: UUID, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sync(house, "acme", []) == 0
    assert checks.decision(house.database, "acme/docs").passed
    for path in folder.iterdir():
        path.unlink()
    assert sync(house, "acme", []) == 0
    assert '"held": 3' in capsys.readouterr().out
    found = checks.decision(house.database, "acme/docs")
    assert not found.passed
    assert found.metadata["held"].value == 3
    assert "millrace deletions approve" in str(found.description)
    with house.database.transaction(organization_id) as connection:
        (batch,) = deletions.select_waiting(connection, organization_id)
        deletions.reject(connection, organization_id, batch.id, decided_by="ada")
    assert checks.decision(house.database, "acme/docs").passed


def test_sources_that_are_overdue_are_named_with_their_times() -> None:
    late = listing(last_sync=NOON - timedelta(hours=6))
    found = checks.punctuality([late])
    assert not found.passed
    assert found.description == "overdue: acme/docs"
    table = found.metadata["sources"]
    assert isinstance(table, dg.TableMetadataValue)
    (record,) = table.records
    assert record.data == {
        "source": "acme/docs", "due": "2026-11-22T07:00:00+00:00", "last_sync": "2026-11-22T06:00:00+00:00",
        "times": "every 3600 s",
    }  # fmt: skip
    assert checks.punctuality([]).passed


def test_old_results_are_forgotten_but_for_the_latest_of_each_source(
    house: House, source: DataSource, organization_id: UUID, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with house.database.transaction(organization_id) as connection:
        data_sources.create(connection, organization_id, name="more", config={"location": str(folder)})
    for _ in range(3):
        assert sync(house, "acme", []) == 0
        house.instance.report_runless_asset_event(checks.evaluation_of_punctuality([]))
    later = datetime.now(UTC) + timedelta(hours=1)
    assert forget_checks(house.instance, datetime.now(UTC) - timedelta(hours=1)) == 0
    assert forget_checks(house.instance, later) == 2 * (2 * len(checks.source_checks) + 1)
    assert forget_checks(house.instance, later) == 0
    key = dg.AssetCheckKey(dg.AssetKey("data_sources"), "sources_on_time")
    history = house.instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    assert len(history) == 1
