"""A plan of real parsers and the real model, and the sync through Dagster that does what it said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipelines import plans
from pipelines.execution import House, sync
from resources.foundation.errors import Missing
from resources.knowledge.records import DataSource

COUNTS = ("listed", "unchanged", "moved", "failed", "chunks", "embedded", "reused", "deleted", "held")


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    report: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return report


def test_a_sync_does_what_its_plan_said(
    house: House, source: DataSource, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for change in ("nothing", "an edit"):
        if change == "an edit":
            (folder / "rules.txt").write_text("Nobody enters the wheel pit.\n")
            (folder / "prices.csv").unlink()
            (folder / "broken.pdf").write_bytes(b"%PDF-1.7 this is no PDF")
        assert plans.plan(house, "acme", []) == 0
        planned = said(capsys)
        assert sync(house, "acme", ["docs"]) == 0
        done = said(capsys)
        assert {name: planned[name] for name in COUNTS} == {name: done[name] for name in COUNTS}
        assert int(str(planned["new"])) + int(str(planned["changed"])) == done["changed"]
        assert (planned["cost"], planned["is_estimate"], planned["intervals"]) == (0.0, False, {})
        assert (planned["seconds"] is None) == (change == "nothing")


def test_a_source_that_cannot_be_listed_has_no_plan(
    house: House, source: DataSource, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(folder)
    assert plans.plan(house, "acme", ["docs"]) == 1
    assert said(capsys)["event"] == "failed"
    with pytest.raises(Missing):
        plans.plan(house, "acme", ["nowhere"])
