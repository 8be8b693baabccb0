"""A file named for an activity computes: values in, values out. Nothing that it reaches touches the world outside."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT, modules, reached

# What reaches the database, the network, the clock, the machine, or chance.
OUTSIDE = {
    "psycopg", "psycopg_pool", "pgvector", "sqlite3", "os", "sys", "socket", "ssl", "http", "httpx", "requests",
    "urllib.request", "asyncio", "openai", "subprocess", "multiprocessing", "threading", "concurrent", "signal",
    "shutil", "tempfile", "glob", "fcntl", "psutil", "platform", "time", "random", "secrets", "dagster", "fastapi",
    "starlette", "fsspec", "logging.handlers",
}  # fmt: skip
# Values of these may pass; what they can do outside may not.
READS_THE_CLOCK = {"now", "utcnow", "today", "fromtimestamp", "uuid1", "uuid4"}
READS_A_FILE = {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "rglob"}
PATHS_THAT_READ = {"Path", "PosixPath"}


def is_gerund(module: str) -> bool:
    """Whether a file is named for an activity: chunking, and the family reading_…, but not training_jobs."""
    name = module.split(".")[-1]
    return name.endswith("ing") or name.startswith("reading_")


GERUNDS = [name for name in modules() if name.split(".")[0] == "resources" and is_gerund(name)]


def impurities(module: str, root: Path = ROOT) -> list[str]:
    """Every way in which a module, or one that it reaches, touches the world outside."""
    known = modules(root)
    found = []
    for reached_module, names in reached(module, root).items():
        found += [f"{reached_module} imports {name}" for name in sorted(names) if _is_outside(name)]
        found += [f"{reached_module} calls {name}" for name in _calls_outside(known[reached_module])]
    return sorted(found)


@pytest.mark.parametrize("module", GERUNDS)
def test_a_file_named_for_an_activity_is_pure(module: str) -> None:
    assert impurities(module) == []


def test_there_are_files_named_for_an_activity() -> None:
    assert "resources.knowledge.chunks.chunking" in GERUNDS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import psycopg", "resources.milling imports psycopg"),
        ("from os import environ", "resources.milling imports os"),
        ("def f():\n    from time import sleep", "resources.milling imports time"),
        ("from datetime import datetime\nx = datetime.now()", "resources.milling calls datetime.now"),
        ("import uuid\nx = uuid.uuid4()", "resources.milling calls uuid.uuid4"),
        ("def f(p): return p.read_text()", "resources.milling calls p.read_text"),
        ("from pathlib import Path\nx = Path('.')", "resources.milling calls Path"),
        ("def f(p): return open(p)", "resources.milling calls open"),
        ("from resources.stones import turn", "resources.stones imports socket"),
    ],
)
def test_a_touch_of_the_world_is_noticed(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "milling.py").write_text(text)
    (tmp_path / "resources" / "stones.py").write_text("import socket")
    assert said in impurities("resources.milling", tmp_path)


def test_values_of_time_and_names_of_files_may_pass(tmp_path: Path) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "milling.py").write_text(
        "from datetime import datetime, timedelta\nfrom pathlib import PurePosixPath\n"
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import psycopg\n"
        "def due(at: datetime) -> datetime: return at + timedelta(days=1)\n"
        "def name(path: str) -> str: return PurePosixPath(path).name\n"
    )
    assert impurities("resources.milling", tmp_path) == []


def _is_outside(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in OUTSIDE for length in range(1, len(parts) + 1))


def _calls_outside(path: Path) -> set[str]:
    called = {node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
    names = {node.id for node in called if isinstance(node, ast.Name)} & ({"open", "input", "print"} | PATHS_THAT_READ)
    return names | {
        ast.unparse(node)
        for node in called
        if isinstance(node, ast.Attribute) and node.attr in READS_THE_CLOCK | READS_A_FILE
    }
