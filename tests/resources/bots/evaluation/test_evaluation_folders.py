"""A folder of judged questions: read with care, carried through intake, asked, reported, cleared away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from resources.bots.evaluation import evaluation_files, evaluation_folders, evaluation_runs, evaluation_scores
from resources.bots.question_sets import evaluation_sets
from resources.foundation.database import Database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.errors import Missing, Refused
from resources.identity import organizations

CORPUS = [
    {"id": "grain/1", "title": "Grain", "text": "The miller weighs every load of grain before it is tipped."},
    {"id": "sluice", "title": "Sluice", "text": "  The sluice gate is greased every second Monday by the engineer."},
    {"id": "shop", "title": "", "text": "Rye flour costs three euros for a kilogram."},
]
QUERIES = [
    {"id": "q1", "text": "Who weighs the grain?"},
    {"id": "q2", "text": "When is the sluice gate greased?"},
    {"id": "q3", "text": "Nobody knows the answer to this."},
]
QRELS = [("q1", "grain/1", 1), ("q2", "sluice", 2), ("q2", "shop", 0)]
SPANS = [{"query_id": "q2", "doc_id": "sluice", "start": 29, "end": 49, "text": "every second Monday "}]


def write(
    folder: Path,
    *,
    corpus: Iterable[Mapping[str, Any]] = CORPUS,
    queries: Iterable[Mapping[str, Any]] = QUERIES,
    qrels: Iterable[tuple[object, ...]] = QRELS,
    spans: Iterable[Mapping[str, Any]] = SPANS,
) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in [("corpus", corpus), ("queries", queries), ("spans", spans)]:
        (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in qrels)]
    (folder / "qrels.tsv").write_text("\n".join(lines) + "\n")
    return folder


def test_a_folder_is_measured_and_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    heard: list[str] = []
    report = evaluation_folders.evaluate(
        database, write(tmp_path / "Mill Questions"), home=tmp_path / "home", embedder=EmbeddedModel(),
        progress=lambda stage, done, total: heard.append(stage),
    )  # fmt: skip
    assert (report.name, report.documents, report.failed, report.queries) == ("Mill Questions", 3, 0, 2)
    assert report.ndcg_at_10 == evaluation_folders.Estimate(1.0, 1.0, 1.0)
    assert report.recall_at_5 == report.recall_at_100 == report.mrr_at_10 == report.ndcg_at_10
    assert report.span_recall == evaluation_folders.Estimate(1.0, 1.0, 1.0)
    assert report.ingest_documents_per_s is not None
    assert report.ingest_documents_per_s > 0
    assert report.query_p50_ms is not None
    assert report.query_p95_ms is not None
    assert report.query_p50_ms <= report.query_p95_ms
    assert report.slices == {}
    assert report.organization is None
    assert "asking" in heard
    with database.directory() as connection:
        assert organizations.select_all(connection) == []
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []


def test_what_is_kept_is_not_brought_in_again_and_has_a_history(database: Database, tmp_path: Path) -> None:
    folder, home = write(tmp_path / "mill"), tmp_path / "home"
    for run in range(2):
        report = evaluation_folders.evaluate(database, folder, home=home, embedder=EmbeddedModel(), keep=True)
        assert (report.ingest_documents_per_s is None) == (run == 1)
        assert report.organization == "evaluation-mill"
    with database.directory() as connection:
        organization = organizations.find_by_slug(connection, "evaluation-mill")
    assert organization is not None
    with database.transaction(organization.id) as connection:
        chosen = evaluation_sets.select_all(connection, organization.id)[0]
        runs = evaluation_runs.select_latest(connection, organization.id, chosen.id)
        scores = evaluation_scores.select_all(connection, organization.id, runs[0].id)
    assert [run.queries for run in runs] == [2, 2]
    assert {(score.slice, score.metric): score.value for score in scores}["", "ndcg_at_10"] == 1.0


def test_a_corpus_that_changed_is_brought_up_to_date(database: Database, tmp_path: Path) -> None:
    home = tmp_path / "home"
    evaluation_folders.evaluate(
        database, write(tmp_path / "mill"), home=home, embedder=EmbeddedModel(), keep=True
    )  # fmt: skip
    smaller = write(tmp_path / "mill", corpus=CORPUS[:2], qrels=QRELS[:2], queries=QUERIES[:2])
    report = evaluation_folders.evaluate(database, smaller, home=home, embedder=EmbeddedModel(), keep=True)
    assert (report.documents, report.queries) == (2, 2)
    assert report.ndcg_at_10 == evaluation_folders.Estimate(1.0, 1.0, 1.0)


def test_each_language_is_a_source_of_its_own_and_a_slice(database: Database, tmp_path: Path) -> None:
    corpus = [
        {"id": "en/1", "title": "Mill", "text": "Wheel 77 turns in the river.", "lang": "en"},
        {"id": "de/1", "title": "Mühle", "text": "Rad 77 dreht sich im Fluss.", "lang": "de"},
    ]
    queries = [
        {"id": "en/q", "text": "What turns? 77", "lang": "en"},
        {"id": "de/q", "text": "Was dreht sich? 77", "lang": "de"},
    ]
    folder = write(
        tmp_path / "two", corpus=corpus, queries=queries, qrels=[("en/q", "en/1", 1), ("de/q", "de/1", 1)], spans=[]
    )
    report = evaluation_folders.evaluate(database, folder, home=tmp_path / "home", embedder=EmbeddedModel())
    assert sorted(report.slices) == ["de", "en"]
    assert [(part.queries, part.ndcg_at_10) for part in report.slices.values()] == [
        (1, evaluation_folders.Estimate(1.0, 1.0, 1.0))
    ] * 2
    assert report.span_recall is None


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"corpus": [*CORPUS, CORPUS[0]]}, r"corpus.jsonl has two lines with the id 'grain/1'"),
        ({"corpus": [{"id": "a", "text": 7}]}, r"corpus.jsonl line 1: 'text' must be a string, not 7"),
        ({"queries": [*QUERIES, {"id": "q4", "text": " "}]}, r"queries.jsonl line 4: 'text' is empty"),
        ({"qrels": [*QRELS, ("q9", "shop", 1)]}, r"qrels.tsv line 5: queries.jsonl has no query 'q9'"),
        ({"qrels": [("q1", "nowhere", 1)]}, r"qrels.tsv line 2: corpus.jsonl has no document 'nowhere'"),
        ({"qrels": [("q1", "shop", "much")]}, r"qrels.tsv line 2: 'much' is no score"),
        ({"qrels": [("q1", "shop")]}, r"qrels.tsv line 2: it has 2 fields"),
        ({"qrels": []}, r"qrels.tsv has no judgment"),
        ({"spans": [SPANS[0] | {"start": 30}]}, r"spans.jsonl line 1: document sluice does not say"),
        ({"spans": [SPANS[0] | {"doc_id": "shop"}]}, r"spans.jsonl line 1: qrels.tsv does not say that document shop"),
        ({"spans": [SPANS[0] | {"end": "49"}]}, r"spans.jsonl line 1: 'end' must be a number of characters"),
    ],
)
def test_a_bad_line_is_refused_by_file_line_and_reason(
    tmp_path: Path, files: dict[str, list[Any]], complaint: str
) -> None:
    with pytest.raises(Refused, match=complaint):
        evaluation_files.read(write(tmp_path / "bad", **files))


def test_broken_json_and_missing_files_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "bad")
    (folder / "queries.jsonl").write_text('{"id": "q1", "text": "a"}\n{"id": \n')
    with pytest.raises(Refused, match=r"queries.jsonl line 2: Expecting value"):
        evaluation_files.read(folder)
    (folder / "queries.jsonl").unlink()
    with pytest.raises(Missing, match=r"queries.jsonl is missing"):
        evaluation_files.read(folder)


@pytest.mark.campaign
def test_scifact_reaches_the_quality_that_was_measured(database: Database, tmp_path: Path, shared_data: Path) -> None:
    """300 claims against 5,183 abstracts; BM25 alone has 0.68, the embedded vectors alone 0.53."""
    report = evaluation_folders.evaluate(
        database, shared_data / "retrieval" / "scifact", home=tmp_path, embedder=EmbeddedModel()
    )
    assert (report.documents, report.failed, report.queries) == (5183, 0, 300)
    assert report.ndcg_at_10 is not None
    assert report.ndcg_at_10.value >= 0.70
    assert report.span_recall is not None
    assert report.span_recall.value >= 0.85
