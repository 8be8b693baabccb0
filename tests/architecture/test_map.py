"""The README's map shows the code as it is, and every file says what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import map as code_map
from tests.architecture.imports import ROOT, modules

TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if path.name != "__init__.py")
SQL = sorted((ROOT / "sql").glob("*/*.sql"))


def test_the_readmes_map_shows_the_code_as_it_is() -> None:
    drawn = code_map.BLOCK.search(code_map.README.read_text())
    assert drawn is not None, "README.md has no <!-- map --> … <!-- /map -->"
    assert drawn[0] == code_map.draw(), "the map in README.md is stale: run 'make map'"


def test_every_folder_on_the_map_is_described() -> None:
    assert code_map.folders() - set(code_map.FOLDERS) == set()


@pytest.mark.parametrize(
    "path",
    [path for path in [*modules().values(), *TESTS, *SQL] if path.name != "__init__.py"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_the_first_line_of_a_file_says_what_it_is_for(path: Path) -> None:
    assert path.read_text().startswith(('"""', "-- "))
    assert len(code_map.first_sentence(path)) > 10


def test_tests_stand_where_the_code_stands() -> None:
    """The proof of resources/knowledge/chunks.py is tests/resources/knowledge/test_chunks.py."""
    misplaced = [
        path.relative_to(ROOT).as_posix()
        for path in TESTS
        if path.relative_to(ROOT).parts[1] in ("pipelines", "resources", "serving")
        and path.name.startswith("test_")
        and not _proved_by(path)
    ]
    assert misplaced == []


def _proved_by(test: Path) -> bool:
    """A file of that name, a folder of it, or several files of a family: test_reading proves reading_plain."""
    folder = ROOT / test.parent.relative_to(ROOT / "tests")
    name = test.stem.removeprefix("test_")
    return any(folder.glob(f"{name}.py")) or any(folder.glob(f"{name}_*.py")) or (folder / name).is_dir()
