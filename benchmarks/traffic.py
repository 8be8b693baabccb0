"""A year of traffic: plausible questions, answers, thumbs and costs, with four faults planted that analysts must find.

    python -m benchmarks.traffic --questions 1000000 --keep DIR --json OUT

The same seed gives the same year; one that is kept in DIR already is only asked about. Faults: a bad configuration
served for a week; a source was not synced for a third of the year, and its answers are disliked; a topic came up that
no document treats; a prompt made answers dear.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import numpy
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from resources.analytics import daily_metrics, overviews, views
from resources.analytics.pages import PAGES
from resources.analytics.panels import Page, look_at
from resources.analytics.records import Filter
from resources.bots.agents.recognising import digest
from resources.foundation.database import Database, Server, open_database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.inference import Embedder
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings
from resources.foundation.statements import Connection
from resources.knowledge.records import ChunkingRule

SOURCES = ("handbook", "machines", "safety", "recipes", "contracts", "prices")
STALE = "prices"
TOPIC = "parental leave"
DOCUMENTS = 200  # of each source; every tenth is never cited
DAYS = 364
_REASONS = ("wrong", "out of date", "not what I asked", "too long")


@dataclass(frozen=True)
class Year:
    """What was planted, and when. Days are counted from `since`."""

    organization_id: UUID
    since: date
    until: date
    questions: int
    bad_week: tuple[date, date]
    stale_since: date
    topic_since: date
    dear_since: date

    def week_of(self, first: date) -> Filter:
        """The seven days from then on."""
        return Filter(first, first + timedelta(days=7))


@dataclass(frozen=True)
class _World:
    """The ids of what is asked and answered from."""

    chatbots: Sequence[UUID]
    agents: Sequence[UUID]
    configurations: Sequence[Sequence[UUID]]
    sources: Sequence[UUID]
    documents: Sequence[Sequence[UUID]]
    versions: Sequence[Sequence[UUID]]


def plant(connection: Connection, slug: str, *, questions: int, until: date, seed: int = 17) -> Year:
    """Fill a new organization with the year that ends before `until`; as a superuser, whom no policy holds."""
    random = numpy.random.default_rng(seed)
    ids = _ids(random)
    year = year_of(next(ids), questions=questions, until=until)
    world = _settle(connection, year, slug, ids)
    # Everything that is said refers to what is there: to look that up for each row would take most of the time.
    connection.execute("set local session_replication_role = replica")
    _converse(connection, year, world, random, ids)
    _spend(connection, year)
    connection.execute("set local session_replication_role = origin")
    connection.execute("analyze")
    return year


def year_of(organization_id: UUID, *, questions: int, until: date) -> Year:
    """The year that ends before `until`, with the days of its faults."""
    since = until - timedelta(days=DAYS)
    return Year(
        organization_id=organization_id, since=since, until=until, questions=questions,
        bad_week=(since + timedelta(days=140), since + timedelta(days=147)), stale_since=since + timedelta(days=240),
        topic_since=since + timedelta(days=280), dear_since=since + timedelta(days=322),
    )  # fmt: skip


def _ids(random: numpy.random.Generator) -> Iterator[UUID]:
    while True:
        block = random.bytes(16 * 4096)
        for start in range(0, len(block), 16):
            yield UUID(bytes=block[start : start + 16], version=4)


def _settle(connection: Connection, year: Year, slug: str, ids: Iterator[UUID]) -> _World:
    """The organization with its sources, documents, chatbots and configurations."""
    own = year.organization_id
    first = datetime.combine(year.since, datetime.min.time(), UTC)
    last = datetime.now(UTC)  # all but one source are in step when somebody looks
    world = _World(
        chatbots=[next(ids), next(ids)], agents=[next(ids), next(ids)],
        configurations=[[next(ids), next(ids)], [next(ids), next(ids)]], sources=[next(ids) for _ in SOURCES],
        documents=[[next(ids) for _ in range(DOCUMENTS)] for _ in SOURCES],
        versions=[[next(ids) for _ in range(DOCUMENTS)] for _ in SOURCES],
    )  # fmt: skip
    _copy(connection, "identity.organizations", "id, slug, name", [(own, slug, "The mill")])
    stale = datetime.combine(year.stale_since, datetime.min.time(), UTC)
    _copy(
        connection, "knowledge.data_sources", "organization_id, id, name, source_type, last_sync, created_at",
        [(own, id, name, "file", stale if name == STALE else last, first)
         for id, name in zip(world.sources, SOURCES, strict=True)],
    )  # fmt: skip
    languages = ["en", "de"]
    _copy(
        connection, "knowledge.documents",
        "organization_id, id, data_source_id, title, original_filename, file_path, file_size, status, language, "
        "created_at",
        [(own, id, world.sources[of], f"{SOURCES[of]} {at}", f"{at}.md", f"{at}.md", 2000, "ready",
          languages[at % 5 == 0], first) for of, some in enumerate(world.documents) for at, id in enumerate(some)],
    )  # fmt: skip
    _copy(
        connection, "knowledge.document_versions",
        "organization_id, id, document_id, number, checksum, file_size, status, text, valid_from, created_at",
        [(own, version, id, 1, f"{at:064x}", 2000, "ready", _text(SOURCES[of], at), first, first)
         for of, (some, theirs) in enumerate(zip(world.documents, world.versions, strict=True))
         for at, (id, version) in enumerate(zip(some, theirs, strict=True))],
    )  # fmt: skip
    connection.execute(
        "update knowledge.documents d set current_version_id = v.id from knowledge.document_versions v "
        "where d.organization_id = %s and v.organization_id = d.organization_id and v.document_id = d.id",
        [own],
    )
    _copy(
        connection, "knowledge.training_jobs",
        "organization_id, id, data_source_id, status, tokens, cost, embedded, completed_at, created_at",
        [(own, next(ids), id, "completed", 40_000, "0.0008", 100, at, at)
         for id, name in zip(world.sources, SOURCES, strict=True) for week in range(DAYS // 7)
         if (at := first + timedelta(weeks=week)) < (stale if name == STALE else last)],
    )  # fmt: skip
    _copy(
        connection,
        "bots.chatbots",
        "organization_id, id, name, created_at",
        [(own, world.chatbots[0], "handbook", first), (own, world.chatbots[1], "support", first)],
    )
    _copy(
        connection,
        "bots.agents",
        "organization_id, id, chatbot_id, name",
        [(own, world.agents[0], world.chatbots[0], "answers"), (own, world.agents[1], world.chatbots[1], "desk")],
    )
    _copy(
        connection, "bots.model_config_versions",
        "organization_id, id, chatbot_id, number, embedding_model, llm_model, chunk_size, chunk_overlap, status",
        [(own, id, chatbot, number, EmbeddedModel.name, "mill-large", 1600, 0,
          "active" if number == (1 if chatbot == world.chatbots[0] else 2) else "retired")
         for chatbot, some in zip(world.chatbots, world.configurations, strict=True)
         for number, id in enumerate(some, start=1)],
    )  # fmt: skip
    _index(connection, year, next(ids))
    return world


def _text(source: str, number: int) -> str:
    return f"As the mill does it: {source}, number {number}."


def _index(connection: Connection, year: Year, model_id: UUID) -> None:
    """A passage for each document, with its words and its vector, so that questions have something near."""
    own, model = year.organization_id, EmbeddedModel()
    texts = [_text(source, at) for source in SOURCES for at in range(DOCUMENTS)]
    connection.execute(
        "insert into knowledge.chunks (organization_id, id, data_source_id, document_id, document_version_id, recipe, "
        "chunk_index, chunk_size, chunk_overlap, content, start_char, end_char, token_count, content_hash, language, "
        "lexemes, lexeme_count, weights, is_active) "
        "select v.organization_id, v.id, d.data_source_id, d.id, v.id, %s, 0, 1600, 0, v.text, 0, length(v.text), 10, "
        "  sha256(v.text::bytea), 'english', to_tsvector('english', v.text), 5, "
        "  knowledge.lexical_weights(to_tsvector('english', v.text), 5, 5), true "
        "from knowledge.document_versions v "
        "join knowledge.documents d on d.organization_id = v.organization_id and d.id = v.document_id "
        "where v.organization_id = %s",
        [ChunkingRule().name, own],
    )
    _copy(
        connection, "knowledge.embedding_models", "organization_id, id, name, version, dimension",
        [(own, model_id, model.name, model.version, model.dimension)],
    )  # fmt: skip
    _copy(
        connection, "knowledge.embeddings", "organization_id, embedding_model_id, content_hash, embedding",
        [(own, model_id, sha256(text.encode()).digest(), _written(vector))
         for text, vector in zip(texts, model.embed(texts), strict=True)],
    )  # fmt: skip


def _written(vector: NDArray[numpy.float32]) -> str:
    return "[" + ",".join(f"{x:.4f}" for x in vector) + "]"


def _spend(connection: Connection, year: Year) -> None:
    """What all of it cost, as budgets count it: a sum for each day, and one for each sync."""
    connection.execute(
        "insert into identity.expenses (organization_id, id, kind, model, tokens, cost, is_settled, created_at) "
        "select organization_id, md5(day::text || 'answers')::uuid, 'answer', 'mill-large', tokens, cost, true, "
        "  day::timestamp at time zone 'UTC' + interval '12 hours' "
        "from (select organization_id, (created_at at time zone 'UTC')::date as day, sum(tokens_used) as tokens, "
        "        sum(cost) as cost from conversations.usage where organization_id = %(own)s group by 1, 2) u "
        "union all "
        "select organization_id, id, 'embedding', %(model)s, tokens, cost, true, created_at "
        "from knowledge.training_jobs where organization_id = %(own)s",
        {"own": year.organization_id, "model": EmbeddedModel.name},
    )
    connection.execute(
        "insert into identity.model_prices (organization_id, model, since, input, output) "
        "values (%(own)s, 'mill-large', '-infinity', 0.5, 1.5), (%(own)s, 'mill-large', '2999-01-01', 0.4, 1.2)",
        {"own": year.organization_id},
    )
    connection.execute(
        "insert into identity.budgets (organization_id, amount, currency) "
        "select organization_id, round(sum(cost) / 6, 2), 'EUR' from conversations.usage "
        "where organization_id = %s group by 1",
        [year.organization_id],
    )


@dataclass(frozen=True)
class _Drawn:
    """What chance said of every question; arrays of one length."""

    at: NDArray[numpy.int64]
    day: NDArray[numpy.int64]
    chatbot: NDArray[numpy.int64]
    number: NDArray[numpy.int64]
    source: NDArray[numpy.int64]
    document: NDArray[numpy.int64]
    outcome: NDArray[numpy.str_]
    score: NDArray[numpy.float64]
    seconds: NDArray[numpy.float64]
    retrieval: NDArray[numpy.float64]
    prompt: NDArray[numpy.int64]
    spoken: NDArray[numpy.int64]
    thumb: NDArray[numpy.int64]


def _draw(year: Year, random: numpy.random.Generator) -> _Drawn:
    n = year.questions
    days = numpy.arange(DAYS)
    weekday = (days + year.since.weekday()) % 7
    weight = numpy.where(weekday < 5, 1.0, 0.25) * (1 + days / DAYS)
    day = numpy.sort(random.choice(days, n, p=weight / weight.sum()))
    hour = numpy.clip(random.normal(13, 3, n), 0, 23.99)
    chatbot = (random.random(n) < 0.4).astype(numpy.int64)
    bad = numpy.array([(one - year.since).days for one in year.bad_week])
    is_bad = (chatbot == 0) & (day >= bad[0]) & (day < bad[1])
    is_dear = (chatbot == 1) & (day >= (year.dear_since - year.since).days)
    number = numpy.where(is_bad | is_dear, 1, 0)
    share = numpy.array([0.25, 0.2, 0.15, 0.15, 0.1, 0.15])
    source = random.choice(len(SOURCES), n, p=share)
    is_stale = (source == SOURCES.index(STALE)) & (day >= (year.stale_since - year.since).days)
    is_topic = (random.random(n) < 0.08) & (day >= (year.topic_since - year.since).days)
    source = numpy.where(is_topic, -1, source)
    cited = DOCUMENTS - DOCUMENTS // 10
    document = numpy.minimum(cited - 1, (cited * random.power(0.5, n)).astype(numpy.int64))
    chance = random.random(n)
    silent = numpy.where(is_topic, 0.97, numpy.where(is_bad, 0.40, 0.08))
    outcome = numpy.select(
        [chance < silent, chance < silent + 0.01, chance > 0.99, chance > 0.985, chance > 0.975],
        ["no_answer", "failed", "turned_away", "cancelled", "handed_over"], "answered",
    )  # fmt: skip
    score = numpy.clip(random.normal(numpy.where(is_bad, 0.42, 0.62), 0.1), 0.01, 1)
    seconds = random.lognormal(0.4, 0.5, n) + numpy.where(is_dear, 0.4, 0)
    retrieval = numpy.minimum(0.8 * seconds, random.lognormal(-3, 0.4, n))
    prompt = (random.normal(1800, 250, n) * numpy.where(is_dear, 3, 1)).astype(numpy.int64).clip(100)
    spoken = random.normal(180, 50, n).astype(numpy.int64).clip(5)
    liked = numpy.select([is_stale, is_bad, outcome == "no_answer"], [0.35, 0.5, 0.2], 0.85)
    has_thumb = (random.random(n) < 0.1) & (outcome != "turned_away")
    thumb = numpy.where(has_thumb, numpy.where(random.random(n) < liked, 1, -1), 0)
    return _Drawn(
        at=((day * 24 + hour) * 3600 * 1_000_000).astype(numpy.int64), day=day, chatbot=chatbot, number=number,
        source=source, document=document, outcome=outcome, score=score, seconds=seconds, retrieval=retrieval,
        prompt=prompt, spoken=spoken, thumb=thumb,
    )  # fmt: skip


def _converse(
    connection: Connection, year: Year, world: _World, random: numpy.random.Generator, ids: Iterator[UUID]
) -> None:
    """All that was said, in blocks that fit into memory."""
    drawn = _draw(year, random)
    vectors = _Vectors(EmbeddedModel())
    for start in range(0, year.questions, 20_000):
        tables: dict[str, list[tuple[object, ...]]] = {name: [] for name in _COLUMNS}
        for at in range(start, min(start + 20_000, year.questions)):
            _converse_once(tables, at, year, world, drawn, vectors, ids)
        for name, rows in tables.items():
            _copy(connection, name, _COLUMNS[name], rows)


class _Vectors:
    """The vectors of questions as they are written, each text embedded once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, str] = {}

    def of(self, text: str) -> str:
        """The vector of a text."""
        if text not in self._known:
            self._known[text] = _written(self._embedder.embed([text])[0])
        return self._known[text]


_COLUMNS = {
    "conversations.sessions": "organization_id, id, chatbot_id, agent_id, title, created_at, updated_at",
    "conversations.messages": "organization_id, id, session_id, role, content, reply_to_id, created_at, updated_at",
    "conversations.interactions": "organization_id, id, session_id, agent_id, question_id, answer_id, question_digest, "
    "results, question_at, answer_at, created_at",
    "conversations.usage": "organization_id, id, chatbot_id, agent_id, message_id, model, prompt_tokens, "
    "completion_tokens, cost, response_time, created_at",
    "conversations.retrieval_logs": "organization_id, id, chatbot_id, session_id, message_id, model_config_version_id, "
    "query, query_embedding, retrieved_chunk_ids, retrieved_document_ids, similarity_scores, lexical_scores, "
    "dense_scores, retrieval_threshold, retrieval_k, elapsed_ms, created_at",
    "conversations.citations": "organization_id, id, message_id, citation_index, document_id, document_version_id, "
    "chunk_id, quote, start_char, end_char, created_at",
    "conversations.message_feedback": "organization_id, id, message_id, feedback, reason, created_at, updated_at",
}


def _converse_once(
    tables: dict[str, list[tuple[object, ...]]],
    at: int,
    year: Year,
    world: _World,
    drawn: _Drawn,
    vectors: _Vectors,
    ids: Iterator[UUID],
) -> None:
    """One question with its answer and all that is kept of both."""
    own = year.organization_id
    bot, source, document, outcome = (
        int(drawn.chatbot[at]), int(drawn.source[at]), int(drawn.document[at]), str(drawn.outcome[at])
    )  # fmt: skip
    session, question, answer = next(ids), next(ids), next(ids)
    asked = datetime.combine(year.since, datetime.min.time(), UTC) + timedelta(microseconds=int(drawn.at[at]))
    answered = asked + timedelta(seconds=float(drawn.seconds[at]))
    chatbot, agent = world.chatbots[bot], world.agents[bot]
    topic = TOPIC if source < 0 else SOURCES[source]
    words = f"What about {topic}, number {document}?"
    tables["conversations.sessions"].append((own, session, chatbot, agent, words, asked, answered))
    tables["conversations.messages"].append((own, question, session, "user", words, None, asked, asked))
    said = "The documents do not say." if outcome == "no_answer" else f"As it is done with {topic} [1]."
    tables["conversations.messages"].append((own, answer, session, "assistant", said, question, answered, answered))
    tables["conversations.interactions"].append(
        (own, next(ids), session, agent, question, answer, digest(words), json.dumps({"outcome": outcome}),
         asked, answered, asked)
    )  # fmt: skip
    prompt, spoken = int(drawn.prompt[at]), int(drawn.spoken[at])
    is_turned_away = outcome == "turned_away"
    tables["conversations.usage"].append(
        (own, next(ids), chatbot, agent, answer, "mill-large", 0 if is_turned_away else prompt,
         0 if is_turned_away else spoken, 0 if is_turned_away else round((prompt * 0.5 + spoken * 1.5) / 1e6, 6),
         float(drawn.seconds[at]), answered)
    )  # fmt: skip
    if is_turned_away:
        return
    found = [] if source < 0 else [world.documents[source][(document + step) % DOCUMENTS] for step in range(3)]
    scores = [float(drawn.score[at]) * share for share in (1.0, 0.9, 0.8)][: len(found)]
    chunks = [next(ids) for _ in found]
    tables["conversations.retrieval_logs"].append(
        (own, next(ids), chatbot, session, answer, world.configurations[bot][int(drawn.number[at])], words,
         vectors.of(words), chunks, found, scores, scores, scores, 0.3, 8, 1000 * float(drawn.retrieval[at]),
         asked)
    )  # fmt: skip
    if outcome == "answered" and found:
        tables["conversations.citations"].append(
            (own, next(ids), answer, 1, found[0], world.versions[source][document], chunks[0], "As the mill", 0, 11,
             answered)
        )  # fmt: skip
    if drawn.thumb[at]:
        reason = None if drawn.thumb[at] > 0 else _REASONS[at % len(_REASONS)]
        feedback = "positive" if drawn.thumb[at] > 0 else "negative"
        tables["conversations.message_feedback"].append(
            (own, next(ids), answer, feedback, reason, answered + timedelta(minutes=1), answered + timedelta(minutes=1))
        )


def _copy(connection: Connection, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns.split(", "))
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(*table.split(".")), names)
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def _server(folder: Path) -> Iterator[Server]:
    server = Server(Settings(home=folder))
    try:
        migrate(server)
        yield server
    finally:
        server.close()


def measure(database: Database, year: Year) -> dict[str, float]:
    """Seconds of what pages ask for, the best of three; every page and view over the whole year and its last week."""
    whole = Filter(year.since, year.until)
    week = year.week_of(year.until - timedelta(days=7))
    own = year.organization_id
    asked: dict[str, Callable[[Connection], object]] = {
        "overview, a week": lambda connection: overviews.get(connection, own, week),
        "overview, a week of a source": lambda connection: overviews.get(connection, own, replace(week, source=STALE)),
        "series, a year by day": lambda connection: overviews.series(connection, own, whole, each="day"),
        "series, a year by week and configuration": lambda connection: overviews.series(
            connection, own, whole, each="week", by="configuration"
        ),
        "breakdown, a year by source": lambda connection: overviews.breakdown(connection, own, whole, by="source"),
    }
    for key, page in PAGES.items():
        asked[f"the page {key}, a year"] = lambda connection, page=page: _make(connection, own, page, whole)  # type: ignore[misc]
        asked[f"the page {key}, a week"] = lambda connection, page=page: _make(connection, own, page, week)  # type: ignore[misc]
    for name in views.NAMES:
        asked[f"{name}, a year"] = lambda connection, name=name: views.select_rows(connection, own, name, whole)  # type: ignore[misc]
        asked[f"{name}, a week"] = lambda connection, name=name: views.select_rows(connection, own, name, week)  # type: ignore[misc]
    return {name: min(_seconds(database, own, ask) for _ in range(3)) for name, ask in asked.items()}


def _make(connection: Connection, organization_id: UUID, page: Page, wanted: Filter) -> None:
    """All panels of a page, one after the other, as it is served."""
    look = look_at(connection, organization_id, wanted)
    for make in page.panels.values():
        make(look)


def _seconds(database: Database, organization_id: UUID, ask: Callable[[Connection], object]) -> float:
    started = time.perf_counter()
    with database.transaction(organization_id) as connection:
        ask(connection)
    return time.perf_counter() - started


def _kept(server: Server, *, questions: int, until: date) -> Year | None:
    """The year that was planted into this folder before; it must have been of the same days."""
    with psycopg.connect(server.admin_conninfo()) as connection:
        row = connection.execute("select id from identity.organizations where slug = 'a-year'").fetchone()
    return None if row is None else year_of(row[0], questions=questions, until=until)


def main() -> None:
    """Plant a year, and say how long it takes to ask of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200_000)
    parser.add_argument("--until", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--keep", type=Path, help="keep the server's folder here")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, _server(arguments.keep or Path(scratch)) as server:
        year = _kept(server, questions=arguments.questions, until=arguments.until)
        if year is None:
            started = time.perf_counter()
            with psycopg.connect(server.admin_conninfo()) as connection:
                year = plant(
                    connection, "a-year", questions=arguments.questions, until=arguments.until, seed=arguments.seed
                )
            with psycopg.connect(server.admin_conninfo(), autocommit=True) as connection:
                connection.execute("vacuum (analyze)")
            print(f"planted in {time.perf_counter() - started:.0f} s", file=sys.stderr)  # noqa: T201
        with open_database(server, "millrace_pipeline", most=1) as database:
            started = time.perf_counter()
            summed = daily_metrics.refresh(database, year.organization_id, as_of=datetime.now(UTC))
            print(f"{len(summed)} days summed in {time.perf_counter() - started:.1f} s", file=sys.stderr)  # noqa: T201
        with open_database(server, "millrace_api", most=1) as database:
            took = measure(database, year)
    for name, seconds in took.items():
        print(f"{seconds:8.3f}  {name}", file=sys.stderr)  # noqa: T201
    if arguments.json:
        arguments.json.write_text(json.dumps({"year": asdict(year), "seconds": took}, default=str, indent=1))


if __name__ == "__main__":
    main()
