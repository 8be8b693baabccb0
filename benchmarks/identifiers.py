"""Ask for identifiers as they are written (`C2043`, `PEP 703`, `/INCREMENTAL`), and see whether their page comes first.

python -m benchmarks.identifiers FOLDER --files 3000 --questions 60 --json /tmp/identifiers.json

The questions are made by rule from the headings of Markdown and reST files: an identifier that stands in a heading of
exactly one file is asked for, bare and within a sentence by turns, and that file is what must be found. Of names such
as `getUserName` the words are asked for, too.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from resources.foundation.database import Database, Server, open_database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.files import ObjectStore
from resources.foundation.migrations import migrate
from resources.foundation.proportions import wilson
from resources.foundation.settings import Settings
from resources.identity import organizations
from resources.knowledge.chunks import embedding_models
from resources.knowledge.intake import intake
from resources.knowledge.readers import workers
from resources.knowledge.records import ChunkingRule, Found, Recipe
from resources.knowledge.search import search
from resources.knowledge.sources import data_sources

SUFFIXES = (".md", ".rst")
SENTENCES = ("{}", "What is {}?", "{}", "How do I use {} and when?")
KINDS: Mapping[str, re.Pattern[str]] = {
    "code": re.compile(r"(?<![\w/:-])[A-Z]{1,4}\d{3,5}(?![\w-])"),
    "scoped": re.compile(r"(?<![\w:])\w+(?:::\w+)+(?![\w:])"),
    "option": re.compile(r"(?:(?<=\s)|^)(?:/|--?)[A-Za-z][\w:+-]*"),
    "underscored": re.compile(r"(?<![\w/.:-])\w*[A-Za-z0-9]?_\w*[A-Za-z]\w*(?![\w/.:-])"),
    "dotted": re.compile(r"(?<![\w./:-])[A-Za-z_]\w+(?:\.[A-Za-z_]\w+)+(?![\w./:-])"),
    "numbered": re.compile(r"^PEP \d+"),
    "camel": re.compile(r"(?<![\w:./-])(?:[a-z]{2,}(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){3,})(?![\w:./])"),
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HEADING = re.compile(r"^#{1,3} +(.+?) *#*$", re.MULTILINE)
_PEP = re.compile(r"^(PEP): (\d+)$", re.MULTILINE)
_ESCAPES = re.compile(r"\\(.)|[`*]")


@dataclass(frozen=True)
class Question:
    """What is asked, the file (below the folder) that must be found, and what kind of identifier it is."""

    text: str
    path: str
    kind: str


Search = Callable[[Question], list[Found]]


def questions(folder: Path, paths: Sequence[Path], *, of_each_kind: int, seed: int) -> list[Question]:
    """Identifiers that stand in a heading of exactly one file; of each kind so many at most, drawn by chance."""
    places: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in paths:
        for heading in _headings(path.read_text(errors="replace")):
            for kind, found in _identifiers(heading):
                places[kind, found].add(str(path.relative_to(folder)))
    chance = random.Random(seed)  # noqa: S311  a sample, not a secret
    asked = []
    for kind in KINDS:
        unique = sorted(
            (name, next(iter(where))) for (one, name), where in places.items() if one == kind and len(where) == 1
        )
        chosen = chance.sample(unique, min(of_each_kind, len(unique)))
        asked += [
            Question(SENTENCES[number % len(SENTENCES)].format(name), path, kind)
            for number, (name, path) in enumerate(chosen)
        ]
        if kind == "camel":
            asked += [Question(_HUMP.sub(" ", name).lower(), path, "camel by parts") for name, path in chosen]
    return asked


def _headings(text: str) -> Iterator[str]:
    for heading in _HEADING.findall(text):
        yield _ESCAPES.sub(r"\1", heading)
    for name, number in _PEP.findall(text[:400]):
        yield f"{name} {number}"


def _identifiers(heading: str) -> Iterator[tuple[str, str]]:
    """At most one of each heading: the first kind that it has."""
    for kind, pattern in KINDS.items():
        if match := pattern.search(heading):
            yield kind, match[0]
            return


def measure(asked: Iterable[Question], find: Search) -> dict[str, dict[str, object]]:
    """Of each kind and of all: the share that was found first and among ten, with 95 % Wilson intervals."""
    ranks: dict[str, list[int | None]] = defaultdict(list)
    for question in asked:
        hits = find(question)
        rank = next((place for place, hit in enumerate(hits, start=1) if hit.file_path == question.path), None)
        ranks[question.kind].append(rank)
        ranks["all"].append(rank)
    return {
        kind: {
            "n": len(each),
            "recall_at_1": _share([rank == 1 for rank in each]),
            "recall_at_10": _share([rank is not None for rank in each]),
        }
        for kind, each in ranks.items()
    }


def _share(hits: Sequence[bool]) -> tuple[float, float, float]:
    """The share and its interval."""
    low, high = wilson(sum(hits), len(hits))
    return round(statistics.fmean(hits), 3), round(low, 3), round(high, 3)


def run(folder: Path, *, files: int, of_each_kind: int, seed: int) -> dict[str, object]:
    """Bring a sample of the folder's files in, through the product's own intake, and ask."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    random.Random(seed).shuffle(paths)  # noqa: S311
    paths = sorted(paths[:files])
    asked = questions(folder, paths, of_each_kind=of_each_kind, seed=seed)
    with tempfile.TemporaryDirectory(prefix="millrace-identifiers-") as home:
        corpus = Path(home) / "corpus"
        for path in paths:
            target = corpus / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        server = Server(Settings(home=Path(home) / "millrace"))
        try:
            migrate(server)
            with open_database(server, "millrace_pipeline") as database:
                return _measured(database, Path(home), corpus, asked)
        finally:
            server.close()


def _measured(database: Database, home: Path, corpus: Path, asked: Sequence[Question]) -> dict[str, object]:
    model, rule = EmbeddedModel(), ChunkingRule()
    organization_id = organizations.create(database, "bench", "Bench").id
    with database.transaction(organization_id) as connection:
        source = data_sources.create(connection, organization_id, name="bench", config={"location": str(corpus)})
        row = embedding_models.register(
            connection, organization_id, name=model.name, version=model.version, dimension=model.dimension
        )
    started = time.perf_counter()
    with workers.parsers(count=2) as parsers:
        counts = intake.sync(
            database, organization_id, source.id, store=ObjectStore(home / "objects"), parsers=parsers,
            recipes=[(Recipe(rule, row.id), model)],
        )  # fmt: skip
    seconds = time.perf_counter() - started

    def by_words(question: Question) -> list[Found]:
        with database.transaction(organization_id) as connection:
            return search.lexical(
                connection, organization_id, question=question.text, recipe_name=rule.name, source_ids=None, k=10
            )

    def fused(question: Question) -> list[Found]:
        vector = model.embed([question.text])[0]
        with database.transaction(organization_id) as connection:
            return search.hybrid(
                connection, organization_id, question=question.text, vector=vector, recipe_name=rule.name,
                embedding_model_id=row.id, source_ids=None, k=10,
            )  # fmt: skip

    return {
        "chunks": counts.chunks, "ingest_s": round(seconds, 1), "sizes": _sizes(database, organization_id),
        "words": measure(asked, by_words), "fused": measure(asked, fused),
    }  # fmt: skip


def _sizes(database: Database, organization_id: UUID) -> dict[str, int]:
    """Bytes of a chunk on average, of its lexemes, weights and content; how many lexemes there are in all."""
    with database.transaction(organization_id) as connection:
        row = connection.execute(
            "select avg(pg_column_size(lexemes))::integer, avg(pg_column_size(weights))::integer, "
            "avg(pg_column_size(content))::integer, (select count(*)::integer from knowledge.lexeme_frequencies), "
            "pg_relation_size('knowledge.chunks_lexemes')::integer from knowledge.chunks"
        ).fetchone()
    return dict(zip(("lexemes", "weights", "content", "distinct", "gin"), row or (), strict=True))


def main() -> None:
    """As the module says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--questions", type=int, default=60, help="of each kind, at most")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = run(options.folder, files=options.files, of_each_kind=options.questions, seed=options.seed)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
