"""The README's map of the code. `python -m tests.architecture.map` draws it anew, in its place.

It stands between `<!-- map -->` and `<!-- /map -->`: a line for each folder, with what is said of it here, and below
it a line for each file, with the first sentence of its docstring or of its first SQL comment.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten

from tests.architecture.imports import ROOT

README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=<!-- map -->\n).*(?=<!-- /map -->)", re.DOTALL)

FOLDERS = {
    "pipelines": "the Dagster door: what runs, when, and what is checked afterwards",
    "pipelines/assets": "one file for each asset",
    "resources": "what the product has, and the means to reach it; each folder may use those named before it",
    "resources/foundation": "settings, database, models, files: the ground floor",
    "resources/identity": "who: organizations, users, keys",
    "resources/knowledge": "what is known",
    "resources/knowledge/chunks": "texts are cut, and made findable by words and by vectors",
    "resources/knowledge/documents": "items of sources, their versions, what failed with them, and their going",
    "resources/knowledge/sources": "where documents come from and when, and what is pushed",
    "resources/knowledge/connectors": "ways to what sources hold: files, the web, databases, APIs, what is pushed",
    "resources/knowledge/readers": "bytes of any format become one text with places in it, in bounded workers",
    "resources/knowledge/search": "what is found, within what may be seen, and whether that is all there is to find",
    "resources/knowledge/retention": "what must go, what must stay, and the proof of it",
    "resources/knowledge/intake": "the way of a source into what readers see, in steps that can be killed anywhere",
    "resources/bots": "who answers: chatbots, and files that declare them",
    "resources/bots/agents": "the parts of a chatbot that take a question, and which of them does",
    "resources/bots/configurations": "frozen recipes of retrieval, and what is built for them",
    "resources/bots/retrieval": "what a configuration finds for a question",
    "resources/bots/question_sets": "questions with known answers: brought in, generated, reviewed, split",
    "resources/bots/evaluation": "how well a configuration finds, whether it may serve, and what changed",
    "resources/conversations": "what was asked and answered, from what",
    "resources/conversations/answering": "a question on its way to an answer that is verified and kept",
    "resources/analytics": "how well it answers, and what changed: metrics, filters, the views that analysts ask",
    "resources/analytics/pages": "the panels of each page that analysts look at",
    "resources/sample": "a small handbook and questions about it, to try everything with",
    "serving": "the HTTP door and the command line",
    "serving/commands": "one file for each family of commands",
    "serving/dashboard": "the pages that people look at",
    "serving/endpoints": "one file for each family of addresses",
    "sql/migrations": "numbered, forward only, applied once",
    "sql/views": "views and functions, created or replaced on each migrate",
    "sql/queries": "the named statements of each noun: knowledge/chunks.sql belongs to chunks.py of that domain",
    "tests/architecture": "the rules of the house as tests: floors, purity, statements, isolation, this map",
    "tests/benchmarks": "mirrors benchmarks: that they count rightly",
    "tests/factories": "rows to try things with",
    "tests/fixtures": "stand-ins for what is outside: a provider of models",
    "tests/journeys": "whole ways of a person through the product",
    "tests/pipelines": "mirrors pipelines",
    "tests/resources": "mirrors resources: knowledge/test_chunks.py proves resources/knowledge/chunks/chunks.py",
    "tests/serving": "mirrors serving",
}
WITHOUT_FILES = {"resources/sample", "sql/queries"}  # described as a whole


def draw() -> str:
    """The map, fenced."""
    return "```text\n" + "\n".join(_lines()) + "\n```\n"


def folders() -> set[str]:
    """The folders that hold code, or SQL that is not statements, and so deserve a line."""
    code = {path.parent for top in ("pipelines", "resources", "serving") for path in (ROOT / top).rglob("*.py")}
    others = {path.parent for path in (ROOT / "sql").glob("*/*.sql")} | {
        path for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()
    }
    return {path.relative_to(ROOT).as_posix() for path in code | others} | WITHOUT_FILES


def first_sentence(path: Path) -> str:
    """What a file says that it is for."""
    if path.suffix == ".py":
        said = ast.get_docstring(ast.parse(path.read_text())) or ""
    else:
        lines = path.read_text().splitlines()
        said = " ".join(line.removeprefix("--").strip() for line in lines[:3] if line.startswith("--"))
    paragraph = " ".join(said.split("\n\n")[0].split())
    match = re.match(r".+?[.?!](?=\s|$)", paragraph)
    return (match[0] if match else paragraph).rstrip(".")


def main() -> None:
    """Put the map into the README, or print it where the README has no place for it."""
    if README.exists() and BLOCK.search(README.read_text()):
        README.write_text(BLOCK.sub(lambda _: draw(), README.read_text()))
    else:
        print(draw())  # noqa: T201


def _lines() -> Iterator[str]:
    for folder in sorted(folders()):
        yield _line(f"{folder}/", FOLDERS.get(folder, ""))
        if folder not in WITHOUT_FILES and not folder.startswith("tests"):
            files = sorted([*(ROOT / folder).glob("*.py"), *(ROOT / folder).glob("*.sql")])
            yield from (_line(f"  {one.name}", first_sentence(one)) for one in files if one.name != "__init__.py")


def _line(name: str, says: str) -> str:
    return f"{name:<34} {shorten(says, 110, placeholder=' …')}"


if __name__ == "__main__":
    main()
