"""Read from the code itself what every module imports, at its start or inside its functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("pipelines", "resources", "serving")


@dataclass(frozen=True)
class Import:
    """A module that is imported, and whether that happens as soon as the importer is."""

    module: str
    is_at_start: bool


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    """The imports of a file; those for the type checker alone are left out. `from x import y` counts as x and x.y."""
    return tuple(_imports(ast.parse(path.read_text()), is_at_start=True))


def reached(start: str, root: Path = ROOT, *, at_start_only: bool = False) -> dict[str, set[str]]:
    """The product's modules that a module reaches, itself included, each with everything that it imports."""
    known = modules(root)
    found: dict[str, set[str]] = {}
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found[module] = {one.module for one in imports_of(known[module]) if one.is_at_start or not at_start_only}
        waiting.extend(name for name in found[module] if name in known)
    return found


def _imports(node: ast.AST, *, is_at_start: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, is_at_start) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute here"
        yield Import(node.module or "", is_at_start)
        yield from (Import(f"{node.module}.{alias.name}", is_at_start) for alias in node.names)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    else:
        later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from _imports(child, is_at_start=is_at_start and not later)
