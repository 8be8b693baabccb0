"""How near two texts must be to count for one, what joining neighbours does: python -m benchmarks.duplicates FOLDER…

Each folder holds judged questions as `millrace evaluate` reads them. For each threshold: how many of the first passages
of real questions are taken for repetitions, though none is known to be one, and how many copies are found that
differ from a passage by a few words, by a number, or by their case and white space. Then, for as many passages as are
offered, how many of the answers' places stand whole in one of them, apart and joined.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from resources.bots.evaluation import evaluation_files, evaluation_folders, scoring
from resources.bots.question_sets import evaluation_judgments, evaluation_queries
from resources.bots.retrieval import ranking, retrieval
from resources.foundation.database import Database, Server, open_database
from resources.foundation.embedders import embedder_for
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings
from resources.knowledge.records import Found

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
DEPTH = 50
K = 8
SEED = 7


def tell(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        server = Server(Settings(home=Path(home)))
        migrate(server)
        with open_database(server, "millrace_pipeline", most=2) as database:
            for folder in asked.folders:
                _measure(database, folder, Path(home), asked.questions)
        server.close()


def _measure(database: Database, folder: Path, home: Path, most: int) -> None:
    embedder = embedder_for()
    judged = evaluation_files.read(folder)
    loaded = evaluation_folders.load(database, judged, home=home, embedder=embedder)
    id = loaded.organization_id
    with database.transaction(id) as connection:
        queries = evaluation_queries.select_all(connection, id, loaded.evaluation_set_id)
        known = evaluation_judgments.select_all(connection, id, loaded.evaluation_set_id)
    random.Random(SEED).shuffle(queries)  # noqa: S311
    queries = queries[:most]
    found: dict[object, list[Found]] = {}
    apart = together = spans = characters = longer = joins = 0
    for query, vector in zip(queries, embedder.embed([query.question for query in queries]), strict=True):
        sources = list(loaded.source_ids.values()) if query.data_source_id is None else [query.data_source_id]
        with database.transaction(id) as connection:
            found[query.id] = retrieval.find_candidates(
                connection,
                id,
                config=loaded.config,
                question=query.question,
                vector=vector,
                embedder=embedder,
                source_ids=sources,
                k=DEPTH,
                threshold=0.0,
            )
        offered = found[query.id][:K]
        joined = retrieval.joined(database, id, offered)
        joins += len(offered) - len(joined)
        characters += sum(len(hit.content) for hit in offered)
        longer += sum(len(hit.content) for hit in joined)
        for one in known:
            if one.evaluation_query_id == query.id and one.quote and one.grade:
                span = scoring.Span(str(one.document_id), one.quote, one.start_char)
                spans += 1
                apart += _holds(offered, span)
                together += _holds(joined, span)
    tell(f"{folder.name}: {len(queries)} questions, {loaded.counts.chunks} chunks")
    if spans:
        tell(
            f"  spans whole in one of {K}: apart {apart / spans:.4f}, joined {together / spans:.4f} of {spans}; "
            f"{joins / len(queries):.2f} joins a question, characters {characters / len(queries):,.0f} → "
            f"{longer / len(queries):,.0f}"
        )
    chunks = list({hit.chunk_id: hit for hits in found.values() for hit in hits}.values())
    for threshold in THRESHOLDS:
        ranking.NEAR = threshold
        collapsed = sum(len(hits) - len(ranking.distinct(hits, k=DEPTH)) for hits in found.values())
        tell(
            f"  {threshold:.1f}: {collapsed} of {sum(map(len, found.values()))} candidates collapsed; copies found: "
            + ", ".join(f"{name} {_found_copies(chunks[:300], edit):.2f}" for name, edit in EDITS.items())
        )


def _holds(passages: Sequence[Found], span: scoring.Span) -> bool:
    return any(
        scoring.holds(scoring.Passage(str(hit.document_id), hit.start_char, hit.content), span) for hit in passages
    )


def _found_copies(chunks: Sequence[Found], edit: Callable[[list[str], random.Random], list[str]]) -> float:
    draw = random.Random(SEED)  # noqa: S311
    caught = 0
    for chunk in chunks:
        words = edit(chunk.content.split(" "), draw)
        caught += len(ranking.distinct([chunk, replace(chunk, content=" ".join(words))], k=2)) == 1
    return caught / max(1, len(chunks))


def _words(share: float) -> Callable[[list[str], random.Random], list[str]]:
    return lambda words, draw: ["another" if draw.random() < share and not any(map(str.isdigit, word)) else word
                                for word in words]  # fmt: skip


EDITS: dict[str, Callable[[list[str], random.Random], list[str]]] = {
    "as it is": lambda words, _draw: words,
    "case": lambda words, _draw: [word.upper() for word in words],
    "1 % of words": _words(0.01),
    "3 % of words": _words(0.03),
    "5 % of words": _words(0.05),
    "10 % of words": _words(0.10),
    "a sentence before": lambda words, _draw: [
        *["This", "page", "was", "moved", "here", "from", "the", "old", "handbook."],
        *words,
    ],
    "another number": lambda words, _draw: [*words, "2027"],
}

if __name__ == "__main__":
    main()
