"""Search in 100,000 and 1,000,000 chunks: how fast, how near to the exact answer, and whether k rows always come.

    python -m benchmarks.search PARAGRAPHS.jsonl.gz --chunks 100000 --chunks 1000000 --keep DIR --json OUT

Everything is asked through the product's own functions, within its pool. Half of the questions are 3 to 12 words
that stand together in some paragraph; half are random words and, for meaning alone, random vectors. Words and meaning
are fused as they are where the embedded model serves.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from uuid import UUID

import numpy
import psutil
from numpy.typing import NDArray

from benchmarks import libraries
from benchmarks.libraries import RULE, SHARES, WHOLE, Library
from benchmarks.measuring import server_seconds
from resources.foundation.database import Database, Server, open_database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.settings import Settings
from resources.knowledge.records import Found
from resources.knowledge.search import search, vector_indexes

K = 10
CLIENTS = 8
Ask = Callable[["Question", int], list[Found]]


@dataclass(frozen=True)
class Question:
    """What is asked, and its vector."""

    text: str
    vector: NDArray[numpy.float32]


@dataclass(frozen=True)
class Scope:
    """What a caller may see: an organization, and one of its sources or all."""

    name: str
    organization_id: UUID
    model_id: UUID
    source_ids: list[UUID] | None


@dataclass(frozen=True)
class Line:
    """What was measured of one scope, way of searching and kind of questions. Times in milliseconds."""

    chunks: int
    scope: str
    way: str
    kind: str
    questions: int
    rows: int
    recall: float
    p50: float
    p95: float
    p99: float
    server_cpu: float
    clients_p50: float
    clients_p95: float
    per_second: float


def main(arguments: Sequence[str] | None = None) -> list[Line]:
    """Build what is not there yet, measure and print."""
    chosen = parse(arguments)
    with tempfile.TemporaryDirectory(prefix="millrace-search-") as scratch:
        server = Server(Settings(home=chosen.keep or Path(scratch)))
        try:
            lines = measure(server, chosen)
        finally:
            server.close()
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(line) for line in lines], indent=1))
    return lines


def measure(server: Server, chosen: argparse.Namespace) -> list[Line]:
    """A library of each size, in a database of its own on this server, asked in each scope and way."""
    lines: list[Line] = []
    for chunks in chosen.chunks:
        _say(_conditions())
        lines += _measure(server, chosen.paragraphs, chunks, chosen)
    return lines


def _measure(server: Server, path: Path, chunks: int, chosen: argparse.Namespace) -> list[Line]:
    name = f"scale_{chunks}"
    started = time.perf_counter()
    library = libraries.build(server, name, path, chunks)
    _say(f"{chunks:,} chunks: built or found in {time.perf_counter() - started:,.0f} s")
    named = server.with_database(name)
    with open_database(named, "millrace_pipeline") as database:
        for slug, organization_id in library.organizations.items():
            started = time.perf_counter()
            for model, step in vector_indexes.keep(
                named, database, organization_id, pays_from=chosen.indexed_from
            ).items():
                _say(f"{slug}: {step} the index of {model}: {time.perf_counter() - started:,.0f} s")
            with database.transaction(organization_id) as connection:
                _say(f"{slug}: {vector_indexes.select_all(connection, organization_id)}")
    texts, noise = _questions(path, chosen.questions)
    pid = int((server.embedded.data / "postmaster.pid").read_text().split()[0]) if server.embedded else None
    lines = []
    # as the pipeline, which may take its time: comparing a million vectors can take longer than the API waits
    with open_database(named, "millrace_pipeline", most=CLIENTS) as database:
        for scope in _scopes(library):
            if chosen.scopes and scope.name not in chosen.scopes:
                continue
            for kind, questions in (("words of a paragraph", texts), ("random words and vectors", noise)):
                for way, ask in (("words and meaning", _hybrid(database, scope)), ("meaning", _dense(database, scope))):
                    lines.append(_line(chunks, scope, way, kind, questions, ask, pid, chosen))
                    _say(_row(lines[-1]))
    return lines


def _line(
    chunks: int, scope: Scope, way: str, kind: str, questions: Sequence[Question], ask: Ask, pid: int | None,
    chosen: argparse.Namespace,
) -> Line:  # fmt: skip
    for question in questions[:10]:
        ask(question, search.BREADTH)
    before = server_seconds(pid) if pid else 0.0
    times, answers = [], []
    for question in questions:
        started = time.perf_counter()
        answers.append(ask(question, search.BREADTH))
        times.append((time.perf_counter() - started) * 1000)
    cpu = (server_seconds(pid) - before) * 1000 / len(questions) if pid else 0.0
    recalls = [
        _recall(found, ask(question, 0), way)
        for question, found in islice(zip(questions, answers, strict=True), chosen.against)
    ]
    many, per_second = _by_many(questions, ask, chosen.load)
    p50, p95, p99 = (float(numpy.percentile(times, q)) for q in (50, 95, 99))
    many_p50, many_p95 = (float(numpy.percentile(many, q)) for q in (50, 95))
    return Line(
        chunks, scope.name, way, kind, len(questions), min(map(len, answers)), float(numpy.mean(recalls)),
        p50, p95, p99, cpu, many_p50, many_p95, per_second,
    )  # fmt: skip


def _by_many(questions: Sequence[Question], ask: Ask, load: int) -> tuple[list[float], float]:
    """The times when eight ask at once, and how many questions are answered in a second."""

    def one(question: Question) -> float:
        started = time.perf_counter()
        ask(question, search.BREADTH)
        return (time.perf_counter() - started) * 1000

    asked = list(islice(cycle(questions), max(len(questions), load)))
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(one, asked[: 2 * CLIENTS]))
        started = time.perf_counter()
        times = list(clients.map(one, asked))
        return times, len(asked) / (time.perf_counter() - started)


def _recall(found: Sequence[Found], exact: Sequence[Found], way: str) -> float:
    """The share of the ten exact answers that were found; of meaning alone, others that are as near count too."""
    if not exact:
        return 1.0
    if way == "meaning":
        least = min(hit.dense_score for hit in exact) - 1e-6
        return min(1.0, sum(hit.dense_score >= least for hit in found) / len(exact))
    return len({hit.chunk_id for hit in found} & {hit.chunk_id for hit in exact}) / len(exact)


def _hybrid(database: Database, scope: Scope) -> Ask:
    def ask(question: Question, breadth: int) -> list[Found]:
        with database.transaction(scope.organization_id) as connection:
            return search.hybrid(
                connection, scope.organization_id, question=question.text, vector=question.vector,
                recipe_name=RULE.name, embedding_model_id=scope.model_id, source_ids=scope.source_ids, k=K,
                breadth=breadth, is_steady=EMBEDDED_MODEL in search.STEADY_MODELS,
            )  # fmt: skip

    return ask


def _dense(database: Database, scope: Scope) -> Ask:
    def ask(question: Question, breadth: int) -> list[Found]:
        with database.transaction(scope.organization_id) as connection:
            return search.dense(
                connection, scope.organization_id, vector=question.vector, recipe_name=RULE.name,
                embedding_model_id=scope.model_id, source_ids=scope.source_ids, k=K, breadth=breadth,
            )  # fmt: skip

    return ask


def _scopes(library: Library) -> Iterator[Scope]:
    whole = (library.organizations[WHOLE], library.models[WHOLE])
    yield Scope("100 %", *whole, list(library.sources.values()))
    for name, share in sorted(SHARES.items(), key=lambda one: -one[1]):
        yield Scope(f"filter of {100 * share:g} %", *whole, [library.sources[name]])
    for name, share in sorted(SHARES.items(), key=lambda one: -one[1]):
        yield Scope(
            f"tenant of {100 * share:g} %", library.organizations[name], library.models[name], [library.sources[name]]
        )


def _questions(path: Path, count: int) -> tuple[list[Question], list[Question]]:
    chance = random.Random(5)  # noqa: S311
    model = EmbeddedModel()
    sampled = libraries.texts_of(path, max(count, 50), seed=5)
    spans, vocabulary = [], []
    for text in sampled:
        words = text.split()
        vocabulary += words
        length = chance.randint(3, 12)
        start = chance.randint(0, max(0, len(words) - length))
        spans.append(" ".join(words[start : start + length]))
    vectors = model.embed(spans)
    texts = [Question(text, vector) for text, vector in zip(spans, vectors, strict=True)][:count]
    points = numpy.random.default_rng(5).normal(size=(count, model.dimension)).astype(numpy.float32)
    points /= numpy.linalg.norm(points, axis=1, keepdims=True)
    noise = [Question(" ".join(chance.choices(vocabulary, k=chance.randint(3, 12))), point) for point in points]
    return texts, noise


HEADING = (
    "| chunks | who sees | search | questions | recall@10 | rows | p50 | p95 | p99 | server CPU "
    "| 8 clients: p50 | p95 | q/s |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def _row(line: Line) -> str:
    return (
        f"| {line.chunks:,} | {line.scope} | {line.way} | {line.questions} {line.kind} | {line.recall:.3f} "
        f"| {line.rows} | {line.p50:.1f} | {line.p95:.1f} | {line.p99:.1f} | {line.server_cpu:.1f} "
        f"| {line.clients_p50:.1f} | {line.clients_p95:.1f} | {line.per_second:.0f} |"
    )


def _conditions() -> str:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB; load before: {load}; k = {K}, breadth = {search.BREADTH}, "
        f"at least {search.ENOUGH}; times in ms\n{HEADING}"
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("paragraphs", type=Path, help='lines of {"id", "title", "text"}, gzipped')
    parser.add_argument("--chunks", type=int, action="append", help="how many; may be repeated (100,000)")
    parser.add_argument("--questions", type=int, default=200, help="of each kind")
    parser.add_argument("--against", type=int, default=100, help="how many of them are held against the exact answer")
    parser.add_argument("--scopes", action="append", help="only these, such as '100 %%'")
    parser.add_argument("--load", type=int, default=10 * CLIENTS, help="how many eight clients ask at least")
    parser.add_argument("--indexed-from", type=int, default=vector_indexes.PAYS_FROM, help="index so many vectors")
    parser.add_argument("--keep", type=Path, help="a folder that keeps the databases for the next time")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    chosen.chunks = chosen.chunks or [100_000]
    return chosen


if __name__ == "__main__":
    main()
