"""A folder with questions that its documents do not answer shows what a similarity threshold would refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from resources.bots.evaluation import calibration
from resources.foundation.database import Database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.errors import Refused
from resources.identity import organizations

THINGS = ["sluice", "granary", "turbine", "wheel", "millstone", "hopper", "bakery", "ledger", "weighbridge", "stable"]


def write_folder(folder: Path, *, strangers: int) -> Path:
    folder.mkdir()
    corpus = [
        {"id": thing, "title": thing.title(), "text": f"The {thing} of the mill is inspected by its {thing} keeper."}
        for thing in THINGS
    ] + [{"id": f"n{number}", "title": "", "text": f"Rain fell on day {number} of May."} for number in range(15)]
    asked = [{"id": f"q{thing}", "text": f"Who inspects the {thing} of the mill?"} for thing in THINGS]
    unasked = [
        {"id": f"u{number}", "text": f"Which comet orbits Neptune number {number}?", "answerable": False}
        for number in range(strangers)
    ]
    for name, lines in (("corpus", corpus), ("queries", [*asked, *unasked])):
        (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (folder / "qrels.tsv").write_text("query\tdocument\tscore\n" + "".join(f"q{one}\t{one}\t1\n" for one in THINGS))
    return folder


def test_questions_about_other_things_are_told_from_those_that_are_answered(database: Database, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mill", strangers=10)
    done: list[tuple[str, int, int]] = []
    told = calibration.calibrate(
        database, folder, home=tmp_path / "home", embedder=EmbeddedModel(), progress=lambda *step: done.append(step)
    )
    assert [curve.score for curve in told.curves] == ["meaning", "words", "both"]
    assert told.tuned_on + told.reported_on == 20
    for curve in told.curves:
        assert curve.area.value == 1.0
        assert curve.chosen.refused.value == 1.0
        assert curve.chosen.answered.n + curve.chosen.refused.n == told.reported_on
        assert 0 < curve.chosen.threshold <= 1
    assert done[-1] == ("asking", 20, 20)
    with database.directory() as connection:
        assert organizations.find_by_slug(connection, "evaluation-mill") is None


def test_without_unanswerable_questions_there_is_nothing_to_calibrate_on(database: Database, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mill", strangers=0)
    with pytest.raises(Refused, match='"answerable": false'):
        calibration.calibrate(database, folder, home=tmp_path / "home", embedder=EmbeddedModel())
    few = write_folder(tmp_path / "few", strangers=1)
    with pytest.raises(Refused, match="too few questions"):
        calibration.calibrate(database, few, home=tmp_path / "home", embedder=EmbeddedModel())
