"""The journey of a folder through Dagster into rows, and what a second look at it costs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from uuid import UUID

import dagster as dg
import pytest

from pipelines.execution import House, sync
from resources.foundation.database import Database
from resources.foundation.errors import Missing
from resources.knowledge.records import DataSource
from resources.knowledge.sources import data_sources, reconciliation, training_jobs
from tests.factories.faults import FAULTS, plant

Event = dict[str, object]


def synced(house: House, capsys: pytest.CaptureFixture[str], *names: str) -> tuple[int, list[Event]]:
    """Sync sources of acme: the exit status and what was said."""
    capsys.readouterr()
    status = sync(house, "acme", names)
    said = capsys.readouterr().out.splitlines()
    return status, [json.loads(line) for line in said]


def counts(event: Event) -> dict[str, object]:
    """What a report counts, without what is nothing."""
    return {
        name: count
        for name, count in event.items()
        if name not in ("event", "source", "elapsed_s", "run_id", "reason") and count
    }


def contents(database: Database, organization_id: UUID) -> list[str]:
    """What readers can find."""
    with database.transaction(organization_id) as connection:
        rows = connection.execute("select content from knowledge.chunks where is_active order by content").fetchall()
    return [row[0] for row in rows]


def test_a_folder_becomes_chunks_with_vectors_and_an_edit_moves_only_itself(
    house: House, source: DataSource, folder: Path, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    status, events = synced(house, capsys)
    assert status == 0
    assert counts(events[-1]) == {"listed": 3, "changed": 3, "chunks": 3, "embedded": 3}
    assert {event["stage"] for event in events if event["event"] == "progress"} == {"fetching", "cutting", "embedding"}

    status, events = synced(house, capsys, "docs")
    assert (status, counts(events[-1])) == (0, {"listed": 3, "unchanged": 3})

    (folder / "rules.txt").write_text("Nobody enters the wheel pit.\n")
    (folder / "prices.csv").unlink()
    status, events = synced(house, capsys, "docs")
    assert counts(events[-1]) == {
        "listed": 2, "changed": 1, "unchanged": 1, "deleted": 1, "chunks": 1, "embedded": 1,
    }  # fmt: skip
    found = contents(house.database, organization_id)
    assert "Nobody enters the wheel pit." in found
    assert not any("rye" in content for content in found)
    with house.database.transaction(organization_id) as connection:
        jobs = training_jobs.select_latest(connection, organization_id, source_id=source.id)
        agreement = reconciliation.get(connection, organization_id, source.id)
    assert [job.status for job in jobs] == ["completed"] * 3
    assert jobs[0].dagster_run_id == events[-1]["run_id"]
    assert not any(agreement.faults.values())


def test_numbers_that_plot_are_kept_with_every_step(
    house: House, source: DataSource, capsys: pytest.CaptureFixture[str]
) -> None:
    synced(house, capsys)
    for asset, names in {
        "raw_documents": {"listed", "changed", "unchanged", "deleted", "failed", "elapsed_s", "documents_per_s"},
        "chunks": {"chunks", "failed", "elapsed_s", "chunks_per_s"},
        "embeddings": {"embedded", "reused", "failed", "elapsed_s", "vectors_per_s"},
    }.items():
        event = house.instance.get_latest_materialization_event(dg.AssetKey(asset))
        assert event is not None
        assert event.asset_materialization is not None
        assert event.asset_materialization.partition == "acme/docs"
        said = event.asset_materialization.metadata
        assert said["dagster/row_count"].value == 3
        assert names <= {name for name, entry in said.items() if isinstance(entry.value, int | float)}


def test_a_source_that_fails_is_told_and_holds_up_no_other(
    house: House, source: DataSource, folder: Path, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = folder.parent / "gone"
    gone.mkdir()
    (gone / "one.md").write_text("Once there.\n")
    with house.database.transaction(organization_id) as connection:
        data_sources.create(connection, organization_id, name="a gone one", config={"location": str(gone)})
    assert synced(house, capsys)[0] == 0
    shutil.rmtree(gone)
    status, events = synced(house, capsys)
    reports = {event["source"]: event for event in events if event["event"] in ("synced", "failed")}
    assert status == 1
    assert reports["docs"]["event"] == "synced"
    assert reports["a gone one"]["event"] == "failed"
    assert str(reports["a gone one"]["reason"]).startswith(str(gone))
    assert "Once there." in contents(house.database, organization_id)


def test_an_unreadable_file_is_counted_and_the_source_still_agrees(
    house: House, source: DataSource, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    status, events = synced(house, capsys)
    assert (status, events[-1]["event"]) == (0, "synced")
    assert counts(events[-1]) == {"listed": 4, "changed": 4, "failed": 1, "chunks": 3, "embedded": 3}


def test_a_name_that_is_no_source_is_refused_before_anything_runs(house: House, source: DataSource) -> None:
    with pytest.raises(Missing, match="nowhere"):
        sync(house, "acme", ["docs", "nowhere"])
    assert house.instance.get_runs_count() == 0


def test_an_organization_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(Missing, match="nobody"):
        sync(house, "nobody", [])


def test_rows_that_do_not_agree_fail_the_sync_that_finds_them(
    house: House, source: DataSource, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    synced(house, capsys)
    with house.database.transaction(organization_id) as connection:
        plant(connection, next(fault for fault in FAULTS if fault.found_as == "vectors_not_of_length_one"))
    status, events = synced(house, capsys)
    assert status == 1
    assert "1 vectors not of length one" in str(events[-1]["reason"])
