"""Evaluate a folder of judged questions: carry it through the product's own intake, ask, report, and clear away."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from resources.bots import chatbots
from resources.bots.configurations import model_config_versions
from resources.bots.evaluation import evaluation_files, retrieval_quality
from resources.bots.evaluation.evaluation_files import AnswerSpan, CorpusDocument, JudgedFolder
from resources.bots.question_sets import evaluation_judgments, evaluation_queries, evaluation_sets
from resources.bots.records import EvaluationJudgment, Measurement, ModelConfigVersion, NewQuery
from resources.foundation.database import Database
from resources.foundation.errors import Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Embedder, Reranker
from resources.identity import organizations
from resources.knowledge.chunks import embedding_models
from resources.knowledge.documents import document_versions, documents
from resources.knowledge.intake import intake
from resources.knowledge.readers import workers
from resources.knowledge.records import Recipe, SyncCounts
from resources.knowledge.sources import data_sources

Progress = Callable[[str, int, int], None]
CHATBOT = "evaluation"
ANSWERER = "extractive"
_SAFE = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class Estimate:
    """A mean over questions with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Scores:
    """What was measured over some questions; None where it is not defined for them. Times in milliseconds."""

    queries: int
    ndcg_at_10: Estimate | None
    recall_at_5: Estimate | None
    recall_at_10: Estimate | None
    recall_at_100: Estimate | None
    mrr_at_10: Estimate | None
    span_recall: Estimate | None
    query_p50_ms: float | None
    query_p95_ms: float | None


@dataclass(frozen=True)
class Evaluation:
    """The report on a folder. Rates are of bringing it in, None where nothing had changed since the last time.

    `organization` is the slug under which it was kept, None where it was cleared away. `span_recall`: the share of
    questions of which an answer's words stand, whole and in their place, in one of the first five chunks.
    """

    name: str
    organization: str | None
    documents: int
    failed: int
    chunks: int
    queries: int
    ndcg_at_10: Estimate | None
    recall_at_5: Estimate | None
    recall_at_10: Estimate | None
    recall_at_100: Estimate | None
    mrr_at_10: Estimate | None
    span_recall: Estimate | None
    ingest_documents_per_s: float | None
    ingest_chunks_per_s: float | None
    query_p50_ms: float | None
    query_p95_ms: float | None
    slices: Mapping[str, Scores]


@dataclass(frozen=True)
class Loaded:
    """A folder that was brought in: where it is, its source for each language ('' for none), how long that took."""

    organization_id: UUID
    slug: str
    evaluation_set_id: UUID
    source_ids: Mapping[str, UUID]
    config: ModelConfigVersion
    counts: SyncCounts
    elapsed_s: float


def evaluate(
    database: Database,
    folder: Path,
    *,
    home: Path,
    embedder: Embedder,
    reranker: Reranker | None = None,
    keep: bool = False,
    progress: Progress | None = None,
) -> Evaluation:
    """Load the folder, measure the retrieval of an active configuration on it, and clear it away unless it is kept.

    What was kept is brought up to date by the next evaluation of a folder of that name. `home` is the folder of the
    installation (MILLRACE_HOME). Raises Missing or Refused for what is wrong with the folder.
    """
    judged = evaluation_files.read(folder)
    with cleared_away(database, judged, home=home, keep=keep):
        loaded = load(database, judged, home=home, embedder=embedder, reranker=reranker, progress=progress)
        measurement = retrieval_quality.measure(
            database, loaded.organization_id, loaded.evaluation_set_id, loaded.config, embedder=embedder,
            reranker=reranker, progress=progress,
        )  # fmt: skip
    return _report(judged, loaded, measurement, keep=keep)


def load(
    database: Database,
    judged: JudgedFolder,
    *,
    home: Path,
    embedder: Embedder,
    reranker: Reranker | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Make the corpus a source (one for each language, where that is said) of a scratch organization, and sync it.

    Each document is written as a Markdown file, its title as heading, so that the whole way of a document is taken.
    """
    slug = _slug(judged.name)
    organization_id = _organization(database, slug, judged.name)
    root = _root(home, slug)
    by_language: dict[str, list[CorpusDocument]] = {}
    for document in judged.documents.values():
        by_language.setdefault(document.language or "", []).append(document)
    for language, members in by_language.items():
        _write(root / (language or "all"), members)
    with database.transaction(organization_id) as connection:
        chatbot = chatbots.find_by_name(connection, organization_id, CHATBOT) or chatbots.create(
            connection, organization_id, name=CHATBOT
        )
        config = model_config_versions.ensure_active(
            connection, organization_id, chatbot.id, embedding_model=embedder.name, llm_model=ANSWERER,
            reranker_model=reranker.name if reranker else None,
        )  # fmt: skip
        sources: dict[str, UUID] = {}
        for language in by_language:
            name = language or "all"
            source = data_sources.find_by_name(connection, organization_id, name) or data_sources.create(
                connection, organization_id, name=name, config={"location": str(root / name)}, auto_sync=False
            )
            chatbots.attach_source(connection, organization_id, chatbot.id, source.id)
            sources[language] = source.id
        model = embedding_models.register(
            connection, organization_id, name=embedder.name, version=embedder.version, dimension=embedder.dimension
        )
    started = time.perf_counter()
    counts = SyncCounts()
    store = ObjectStore(home / "objects")
    with workers.parsers(count=2) as parsers:
        for source_id in sources.values():
            counts += intake.sync(
                database, organization_id, source_id, store=store, parsers=parsers,
                recipes=[(Recipe(config.preparation.rule, model.id), embedder)], progress=progress,
            )  # fmt: skip
    elapsed_s = time.perf_counter() - started
    set_id = _judge(database, organization_id, chatbot.id, judged, sources)
    return Loaded(organization_id, slug, set_id, sources, config, counts, elapsed_s)


def _organization(database: Database, slug: str, name: str) -> UUID:
    with database.directory() as connection:
        known = organizations.find_by_slug(connection, slug)
    return (known or organizations.create(database, slug, f"Evaluation of {name}"[:200])).id


@contextmanager
def cleared_away(database: Database, judged: JudgedFolder, *, home: Path, keep: bool) -> Iterator[None]:
    """Clear away what is loaded of the folder meanwhile, unless it is kept."""
    try:
        yield
    finally:
        if not keep:
            remove(database, _slug(judged.name), home=home)


def remove(database: Database, slug: str, *, home: Path) -> None:
    """Clear a scratch organization away: its rows, its stored bytes and the files that were written for it."""
    with database.directory() as connection:
        known = organizations.find_by_slug(connection, slug)
    if known is not None:
        with database.transaction(known.id) as connection:
            organizations.remove(connection, known.id)
        ObjectStore(home / "objects").remove_all(known.id)
    shutil.rmtree(_root(home, slug), ignore_errors=True)


def _write(folder: Path, members: Sequence[CorpusDocument]) -> None:
    """One file for each document; a file that says the same already is left alone, one too many is taken away."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {_file_name(document.id): _markdown(document) for document in members}
        for path in folder.iterdir():
            if path.name not in wanted:
                path.unlink()
        for name, data in wanted.items():
            path = folder / name
            if not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)
    except OSError as error:
        raise Unavailable(f"the corpus cannot be written to {folder}: {error}") from error


def _judge(
    database: Database, organization_id: UUID, chatbot_id: UUID, judged: JudgedFolder, sources: Mapping[str, UUID]
) -> UUID:
    """The evaluation set with its questions, and what is known of them."""
    queries = [
        NewQuery(question.id, question.text, question.language, sources.get(question.language or ""))
        for question in judged.asked
    ]
    with database.transaction(organization_id) as connection:
        evaluation_set = evaluation_sets.ensure(
            connection, organization_id, chatbot_id=chatbot_id, name=judged.name, description=f"{judged.name}, loaded"
        )
        evaluation_queries.replace(connection, organization_id, evaluation_set.id, queries)
        rows = evaluation_queries.select_all(connection, organization_id, evaluation_set.id)
    query_ids = {row.external_id: row.id for row in rows}
    document_ids, shifts = _places(database, organization_id, judged, sources)
    judgments = [
        EvaluationJudgment(query_ids[query_id], document_ids[document_id], grade)
        for (query_id, document_id), grade in judged.grades.items()
    ]
    for span in judged.spans:
        grade = judged.grades[span.query_id, span.document_id]
        judgments.append(
            EvaluationJudgment(
                query_ids[span.query_id], document_ids[span.document_id], grade, span.text, _start(span, shifts)
            )
        )
    with database.transaction(organization_id) as connection:
        evaluation_judgments.replace(connection, organization_id, evaluation_set.id, judgments)
    return evaluation_set.id


def _start(span: AnswerSpan, shifts: Mapping[str, int]) -> int | None:
    shift = shifts.get(span.document_id)
    return None if shift is None else span.start + shift


def _places(
    database: Database, organization_id: UUID, judged: JudgedFolder, sources: Mapping[str, UUID]
) -> tuple[dict[str, UUID], dict[str, int]]:
    """The row of each document, and at which character of its version's text the corpus's text begins.

    The latter only for documents with spans, and only where the text stands in the version as it was given.
    """
    names = {(sources[one.language or ""], _file_name(one.id)): one.id for one in judged.documents.values()}
    with_spans = {span.document_id for span in judged.spans}
    ids: dict[str, UUID] = {}
    shifts: dict[str, int] = {}
    for source_id in sources.values():
        with database.transaction(organization_id) as connection:
            for row in documents.select_of_source(connection, organization_id, source_id):
                id = names.get((source_id, row.file_path))
                if id is None:
                    continue
                ids[id] = row.id
                if id in with_spans and row.current_version_id is not None:
                    text = document_versions.get_text(connection, organization_id, row.current_version_id)
                    shift = text.find(judged.documents[id].text.strip())
                    if shift >= 0:
                        given = judged.documents[id].text
                        shifts[id] = shift - (len(given) - len(given.lstrip()))
    return ids, shifts


def _report(judged: JudgedFolder, loaded: Loaded, measurement: Measurement, *, keep: bool) -> Evaluation:
    overall = _scores(measurement, "")
    rate = 1 / loaded.elapsed_s if loaded.counts.changed else None
    return Evaluation(
        name=judged.name,
        organization=loaded.slug if keep else None,
        documents=len(judged.documents),
        failed=loaded.counts.failed,
        chunks=loaded.counts.chunks,
        ingest_documents_per_s=loaded.counts.changed * rate if rate else None,
        ingest_chunks_per_s=loaded.counts.chunks * rate if rate else None,
        slices={name: _scores(measurement, name) for name in sorted({one.slice for one in measurement.scores} - {""})},
        **vars(overall),
    )


def _scores(measurement: Measurement, slice: str) -> Scores:
    def estimate(metric: str) -> Estimate | None:
        score = measurement.score(metric, slice)
        if score.value is None or score.low is None or score.high is None:
            return None
        return Estimate(score.value, score.low, score.high)

    return Scores(
        queries=measurement.score("query_p50_ms", slice).queries,
        ndcg_at_10=estimate("ndcg_at_10"),
        recall_at_5=estimate("recall_at_5"),
        recall_at_10=estimate("recall_at_10"),
        recall_at_100=estimate("recall_at_100"),
        mrr_at_10=estimate("mrr_at_10"),
        span_recall=estimate("span_recall_at_5"),
        query_p50_ms=measurement.score("query_p50_ms", slice).value,
        query_p95_ms=measurement.score("query_p95_ms", slice).value,
    )


def _markdown(document: CorpusDocument) -> bytes:
    title = " ".join(document.title.split())
    return (f"# {title}\n\n{document.text}" if title else document.text).encode("utf-8", errors="replace")


def _file_name(id: str) -> str:
    """A name that any file system takes, the same for the same id; ids that differ differ in their digest."""
    plain = _SAFE.sub("-", id).strip("-")[:60]
    return f"{plain or 'document'}-{sha256(id.encode('utf-8', errors='replace')).hexdigest()[:10]}.md"


def _slug(name: str) -> str:
    return f"evaluation-{_SAFE.sub('-', name).strip('-').lower() or 'folder'}"[:60].rstrip("-")


def _root(home: Path, slug: str) -> Path:
    return home / "evaluations" / slug
