"""The README's map shows the code as it is, and every file says what it is for."""

from __future__ import annotations

from tests.architecture import map as code_map
from tests.architecture.imports import ROOT, modules

TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if path.name != "__init__.py")
SQL = sorted((ROOT / "sql").glob("*/*.sql"))


def test_the_readmes_map_shows_the_code_as_it_is() -> None:
    drawn = code_map.BLOCK.search(code_map.README.read_text())
    assert drawn is not None, "README.md has no <!-- map --> … <!-- /map -->"
    assert drawn[0].strip() == code_map.draw().strip(), "the map in README.md is stale: run 'make map'"


def test_every_folder_on_the_map_is_described() -> None:
    assert code_map.folders() - set(code_map.FOLDERS) == set()


def test_the_first_line_of_every_file_says_what_it_is_for() -> None:
    files = [path for path in [*modules().values(), *TESTS, *SQL] if path.name != "__init__.py"]
    assert [
        path.relative_to(ROOT).as_posix()
        for path in files
        if not path.read_text().startswith(('"""', "-- ")) or len(code_map.first_sentence(path)) <= 10
    ] == []


def test_the_proof_of_a_noun_or_an_activity_stands_where_its_code_stands() -> None:
    """What resources/identity/users.py does is proved in tests/resources/identity/test_users.py and beside it."""
    folders = {path.parent.relative_to(ROOT / "tests") for path in TESTS if path.name.startswith("test_")}
    code = {path.parent.relative_to(ROOT) for path in modules().values()}
    assert {folder.as_posix() for folder in folders - code} <= {"architecture", "benchmarks", "journeys"}
