"""Measure retrieval on folders of judged questions: by words, by meaning and fused, through the product's own intake.

python -m benchmarks.retrieval ../shared/data/retrieval/scifact --json /tmp/retrieval.json
python -m benchmarks.retrieval ../shared/data/retrieval/xquad --half report --limit 300
python -m benchmarks.retrieval ../shared/data/retrieval/chroma-chunking --spans --sizes 400,800,1600
python -m benchmarks.retrieval ../shared/data/retrieval/scifact \\
    --model all-MiniLM-L6-v2 --base-url http://127.0.0.1:8765/v1 --lexical-weight 0.5

A folder holds corpus.jsonl, queries.jsonl, qrels.tsv and maybe spans.jsonl. Each is loaded into a database of its own
on the embedded server. `--half` keeps the questions whose id (without what is before its last slash) has an even
(`tune`) or odd (`report`) first byte of SHA-256: what was tuned on the one half is reported on the other.
`--spans` counts characters instead of documents, as Chroma's evaluation of chunkers does (Smith and Troynikov 2024).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import numpy

from resources.bots.evaluation import evaluation_files, evaluation_folders, scoring
from resources.bots.evaluation.evaluation_files import JudgedFolder
from resources.bots.evaluation.evaluation_folders import Loaded
from resources.bots.question_sets import evaluation_judgments, evaluation_queries
from resources.bots.records import EvaluationJudgment, EvaluationQuery
from resources.foundation.database import Database, Server, open_database
from resources.foundation.embedders import embedder_for
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Embedder, Vectors
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings
from resources.foundation.statements import Connection
from resources.knowledge.chunks import embedding_models
from resources.knowledge.intake import intake
from resources.knowledge.readers import workers
from resources.knowledge.records import ChunkingRule, Found, Recipe
from resources.knowledge.search import search

METRICS = ("ndcg_at_10", "recall_at_10", "recall_at_100", "mrr_at_10")
FIRST = 5
AT_ONCE = 256
Ways = dict[str, list[Found]]
Place = tuple[int, int]


@dataclass(frozen=True)
class Bench:
    """What is asked of which passages, and by which means."""

    database: Database
    loaded: Loaded
    embedder: Embedder
    model_id: UUID
    rule: ChunkingRule
    lexical_weight: float
    queries: Sequence[EvaluationQuery]
    judgments: Mapping[UUID, list[EvaluationJudgment]]


def is_in_half(id: str, half: str) -> bool:
    """Whether a question belongs to a half: `all`, `tune` or `report`; the same question in any language alike."""
    is_even = sha256(id.rsplit("/", 1)[-1].encode()).digest()[0] % 2 == 0
    return half == "all" or is_even == (half == "tune")


def limited(queries: Iterable[EvaluationQuery], limit: int | None) -> list[EvaluationQuery]:
    """At most so many of each slice, those whose id's checksum is lowest."""
    members: dict[str | None, list[EvaluationQuery]] = defaultdict(list)
    for query in queries:
        members[query.slice].append(query)
    drawn = (sorted(each, key=lambda query: sha256(query.external_id.encode()).digest()) for each in members.values())
    return [query for each in drawn for query in each[:limit]]


@contextmanager
def installation() -> Iterator[tuple[Path, Database]]:
    """A home and a database that go when this ends."""
    with tempfile.TemporaryDirectory(prefix="millrace-retrieval-") as folder:
        home = Path(folder)
        server = Server(Settings(home=home))
        try:
            migrate(server)
            with open_database(server, "millrace_pipeline") as database:
                yield home, database
        finally:
            server.close()


def prepared(
    database: Database,
    home: Path,
    judged: JudgedFolder,
    embedder: Embedder,
    rule: ChunkingRule,
    options: argparse.Namespace,
) -> Bench:
    """Load a folder, cut and embedded by the rule."""
    loaded = evaluation_folders.load(database, judged, home=home, embedder=embedder)
    organization_id = loaded.organization_id
    with database.transaction(organization_id) as connection:
        model = embedding_models.register(
            connection, organization_id, name=embedder.name, version=embedder.version, dimension=embedder.dimension
        )
    if rule != loaded.config.preparation.rule:
        with workers.parsers(count=2) as parsers:
            for source_id in loaded.source_ids.values():
                intake.sync(
                    database, organization_id, source_id, store=ObjectStore(home / "objects"), parsers=parsers,
                    recipes=[(Recipe(rule, model.id), embedder)],
                )  # fmt: skip
    judgments: dict[UUID, list[EvaluationJudgment]] = defaultdict(list)
    with database.transaction(organization_id) as connection:
        for judgment in evaluation_judgments.select_all(connection, organization_id, loaded.evaluation_set_id):
            judgments[judgment.evaluation_query_id].append(judgment)
        queries = evaluation_queries.select_all(connection, organization_id, loaded.evaluation_set_id)
    asked = [query for query in queries if query.id in judgments and is_in_half(query.external_id, options.half)]
    return Bench(
        database, loaded, embedder, model.id, rule, options.lexical_weight, limited(asked, options.limit), judgments
    )


def answers(bench: Bench, *, k: int) -> Iterator[tuple[EvaluationQuery, Ways]]:
    """Each question with what is found for it in each way, the k best passages, best first."""
    for first in range(0, len(bench.queries), AT_ONCE):
        batch = bench.queries[first : first + AT_ONCE]
        vectors = bench.embedder.embed([query.question for query in batch])
        for query, vector in zip(batch, vectors, strict=True):
            with bench.database.transaction(bench.loaded.organization_id) as connection:
                yield query, _ways(bench, connection, query, vector, k)
        sys.stderr.write(f"\r{first + len(batch)} of {len(bench.queries)} questions")
    sys.stderr.write("\n")


def _ways(bench: Bench, connection: Connection, query: EvaluationQuery, vector: Vectors, k: int) -> Ways:
    sources = None if query.data_source_id is None else [query.data_source_id]
    ask = partial(
        search.hybrid, connection, bench.loaded.organization_id, recipe_name=bench.rule.name, source_ids=sources, k=k
    )
    return {
        "words": ask(question=query.question, vector=None, embedding_model_id=None, lexical_weight=1.0),
        "meaning": ask(question="", vector=vector, embedding_model_id=bench.model_id, lexical_weight=0.0),
        "fused": ask(
            question=query.question, vector=vector, embedding_model_id=bench.model_id,
            lexical_weight=bench.lexical_weight, is_steady=bench.embedder.name in search.STEADY_MODELS,
        ),
    }  # fmt: skip


def by_documents(bench: Bench) -> dict[str, object]:
    """The metrics of each way, over all questions and each slice; and how far fused is from the better of its parts."""
    outcomes: dict[str, list[scoring.Outcome]] = defaultdict(list)
    for query, ways in answers(bench, k=search.DEPTH):
        grades: dict[str, int] = {}
        for one in bench.judgments[query.id]:
            grades[str(one.document_id)] = max(one.grade, grades.get(str(one.document_id), 0))
        for way, found in ways.items():
            passages = [scoring.Passage(str(hit.document_id), hit.start_char, hit.content) for hit in found]
            outcomes[way].append(scoring.Outcome(str(query.id), query.slice, passages, grades, [], 0.0))
    report: dict[str, object] = {"chunks": bench.loaded.counts.chunks}
    for way, asked in outcomes.items():
        report[way] = {
            f"{score.slice or 'all'} {score.metric}": (score.queries, score.value, score.low, score.high)
            for score in scoring.scores(asked)
            if score.metric in METRICS
        }
    report["fused less better part"] = _differences(outcomes)
    return report


def _differences(outcomes: Mapping[str, Sequence[scoring.Outcome]]) -> dict[str, object]:
    """Of nDCG@10, question by question: fused less the part that is better on the slice, with its 95 % interval."""
    values = {way: scoring.per_query(asked)["ndcg_at_10"] for way, asked in outcomes.items()}
    differences: dict[str, object] = {}
    slices = sorted({one.slice for one in outcomes["fused"] if one.slice})
    for name in ["", *slices]:
        ids = [one.query for one in outcomes["fused"] if not name or one.slice == name]
        better = max(("words", "meaning"), key=lambda way: numpy.mean([values[way][id] for id in ids]))
        paired = [values["fused"][id] - values[better][id] for id in ids]
        differences[name or "all"] = (better, float(numpy.mean(paired)), *(scoring.interval(paired) or ()))
    return differences


# By characters, as Chroma's evaluation counts.


def by_characters(bench: Bench) -> dict[str, object]:
    """Recall, precision, IoU of the five best passages, and precision where all that matter were found (omega)."""
    passages = _all_passages(bench)
    rows: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    omegas: list[float] = []
    for query, ways in answers(bench, k=FIRST):
        wanted: dict[UUID, list[Place]] = defaultdict(list)
        for one in bench.judgments[query.id]:
            if one.quote and one.start_char is not None:
                wanted[one.document_id].append((one.start_char, one.start_char + len(one.quote)))
        if not wanted:
            continue
        for way, found in ways.items():
            rows[way].append(
                character_scores(wanted, [(hit.document_id, hit.start_char, hit.end_char) for hit in found])
            )
        omegas.append(_omega(wanted, passages))
    sizes = [end - start for places in passages.values() for start, end in places]
    report: dict[str, object] = {
        "rule": bench.rule.name, "chunks": len(sizes), "mean characters": round(float(numpy.mean(sizes))),
        "precision omega": _told(omegas),
    }  # fmt: skip
    for way, scores in rows.items():
        for place, metric in enumerate(("recall", "precision", "IoU")):
            report[f"{way} {metric}"] = _told([row[place] for row in scores])
    return report


def character_scores(
    wanted: Mapping[UUID, Sequence[Place]], found: Sequence[tuple[UUID, int, int]]
) -> tuple[float, float, float]:
    """Recall, precision and intersection over union of the characters found; a passage counts whole, wherever it is."""
    total = sum(end - start for places in wanted.values() for start, end in places)
    covered = sum(
        length_of_union(
            (max(start, first), min(end, last))
            for one, start, end in found
            if one == document
            for first, last in places
            if max(start, first) < min(end, last)
        )
        for document, places in wanted.items()
    )
    taken = sum(end - start for _, start, end in found)
    return covered / total, covered / taken if taken else 0.0, covered / (taken + total - covered)


def length_of_union(places: Iterable[Place]) -> int:
    """How many characters lie in at least one of these places."""
    length, reached = 0, 0
    for start, end in sorted(places):
        length += max(0, end - max(start, reached))
        reached = max(reached, end)
    return length


def _omega(wanted: Mapping[UUID, Sequence[Place]], passages: Mapping[UUID, Sequence[Place]]) -> float:
    """Precision of exactly the passages that hold anything that is wanted."""
    holding = [
        (document, start, end)
        for document, places in wanted.items()
        for start, end in passages[document]
        if any(max(start, first) < min(end, last) for first, last in places)
    ]
    return character_scores(wanted, holding)[1]


def _all_passages(bench: Bench) -> dict[UUID, list[Place]]:
    passages: dict[UUID, list[Place]] = defaultdict(list)
    with bench.database.transaction(bench.loaded.organization_id) as connection:
        for document_id, start, end in connection.execute(
            "select document_id, start_char, end_char from knowledge.chunks where is_active and recipe = %s",
            [bench.rule.name],
        ):
            passages[document_id].append((start, end))
    return passages


def _told(values: Sequence[float]) -> tuple[int, float, float, float, float]:
    """Number, mean, the 95 % interval of the mean, standard deviation."""
    low, high = scoring.interval(values) or (0.0, 0.0)
    return len(values), float(numpy.mean(values)), low, high, float(numpy.std(values))


def main() -> None:
    """As the module says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--spans", action="store_true", help="count characters of the answers' places")
    parser.add_argument("--sizes", default=str(ChunkingRule.size), help="chunk sizes in characters, parted by commas")
    parser.add_argument("--half", choices=("all", "tune", "report"), default="all")
    parser.add_argument("--limit", type=int, help="so many questions of each language at most")
    parser.add_argument("--lexical-weight", type=float, default=search.LEXICAL_WEIGHT)
    parser.add_argument("--model", help="another embedding model, at --base-url")
    parser.add_argument("--base-url", help="an OpenAI-compatible server of embeddings; its key is not asked for")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    embedder = embedder_for(
        model=options.model, base_url=options.base_url, api_key="none" if options.base_url else None
    )
    measure: Callable[[Bench], dict[str, object]] = by_characters if options.spans else by_documents
    reports: dict[str, object] = {}
    for folder in options.folders:
        judged = evaluation_files.read(folder)
        with installation() as (home, database):
            for size in map(int, options.sizes.split(",")):
                bench = prepared(database, home, judged, embedder, ChunkingRule(size), options)
                report = {"questions": len(bench.queries)} | measure(bench)
                reports[f"{judged.name} {size}"] = report
                sys.stdout.write(f"{judged.name} {size} {json.dumps(report, indent=1)}\n")
                sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(reports, indent=1) + "\n")


if __name__ == "__main__":
    main()
