"""The floors of the house: who may import whom (the contracts are in pyproject.toml), and what serving does without."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from tests.architecture.imports import PACKAGES, ROOT, imports_of, modules, reached

HEAVY = ("unstructured", "great_expectations", "polars", "scipy", "dagster", "dagster_postgres", "spacy", "psycopg2")


def test_every_contract_between_the_floors_is_kept() -> None:
    # In a process of its own: it configures logging, and silences every logger that others have made.
    command = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True, no_logo=True))"
    linted = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout


def test_every_part_of_the_house_stands_on_a_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = {part for layer in contracts[0]["layers"] for part in layer.split(" | ")}
    parts = {name for name in modules() if name.count(".") == 1 and name.startswith("resources.")}
    assert floors == parts | {"pipelines", "serving"}


def test_serving_starts_without_the_heavy_libraries() -> None:
    """In a fresh interpreter, every module of serving: the API must be there in about a second."""
    names = sorted(name for name in modules() if name.split(".")[0] == "serving" and not name.endswith("__main__"))
    program = (
        "import importlib, json, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(json.dumps(sorted(set(sys.modules) & set({HEAVY!r}))))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("door", [name for name in modules() if name.split(".")[0] == "serving"])
def test_no_file_of_serving_reaches_a_heavy_library_when_it_is_imported(door: str) -> None:
    """The same from the text of the code, so that the answer names the way."""
    ways = {
        f"{module} imports {name}"
        for module, names in reached(door, at_start_only=True).items()
        for name in names
        if name.split(".")[0] in HEAVY
    }
    assert ways == set()


def test_nothing_imports_the_tests() -> None:
    wrong = {
        name for name, path in modules().items() for one in imports_of(path) if one.module.split(".")[0] == "tests"
    }
    assert wrong == set()


def test_packages_are_the_ones_that_are_built() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    assert set(built) == {f"{package}*" for package in (*PACKAGES, "sql")}
