"""Change model, chunk size and back under questions: python -m benchmarks.configurations FOLDER --chunks 20000

Eight clients ask through the API, each its next question when it has the answer to the last one and a moment has
passed, while configurations are built beside the active one, killed, built on, activated and taken back. Counted:
requests that failed or found nothing, answers whose passages or vector were made by another recipe than the version
that they name, the longest time without any answer, and how long answers take while it builds against calm.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from threading import Event, Lock
from typing import LiteralString
from uuid import UUID

import httpx
import psycopg

from benchmarks import corpora
from resources.bots import chatbots
from resources.bots.configurations import builds, model_config_versions
from resources.bots.evaluation import readiness
from resources.bots.evaluation.readiness import Terms
from resources.bots.records import ModelConfigVersion, NewVersion
from resources.foundation.database import Database, Server, open_database
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings
from resources.identity import api_keys, organizations
from resources.knowledge.sources import data_sources
from tests.fixtures.openai_server import OpenAIServer

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = 8
DIMENSION = 96
OTHER_MODEL = "bench-96"
SMALLER = 800
ORGANIZATION, BOT = "default", "bench"
CHARACTERS_PER_CHUNK = 1_100
_MIXED = """
    select count(*)
    from conversations.retrieval_logs l
    join bots.model_config_versions v on v.organization_id = l.organization_id and v.id = l.model_config_version_id
    join knowledge.embedding_models m
        on (m.organization_id, m.name, m.version) = (v.organization_id, v.embedding_model, v.embedding_model_version)
    left join conversations.messages a on a.organization_id = l.organization_id and a.id = l.message_id
    where vector_dims(l.query_embedding) <> m.dimension
       or (a.id is not null and (a.metadata->>'model_config_version')::integer <> v.number)
       or exists (select from unnest(l.retrieved_chunk_ids) found
                  left join knowledge.chunks c on c.organization_id = l.organization_id and c.id = found
                  where c.id is null or (c.chunk_size, c.chunk_overlap) <> (v.chunk_size, v.chunk_overlap)
                     or not exists (select from knowledge.embeddings e
                                    where e.organization_id = c.organization_id and e.embedding_model_id = m.id
                                      and e.content_hash = c.content_hash))
"""


@dataclass(frozen=True)
class Asked:
    """A request: when it began (seconds of the clock), how long it took, what was wrong with it, in which phase."""

    began: float
    seconds: float
    failure: str | None
    phase: str


@dataclass
class Built:
    """A configuration that was built: what it made, over all its runs, and how long they took with those killed."""

    name: str
    number: int
    killed: int
    seconds: float
    seconds_of_last_run: float | None
    foreseen_seconds: float | None
    foreseen_megabytes: float | None
    megabytes: float
    chunks: int
    vectors: int
    last_run_made: Mapping[str, int | None] = field(default_factory=dict)
    missing: int = 0
    activated_ms: float | None = None


class CheapServer(OpenAIServer):
    """The provider of the tests, quick enough for tens of thousands of passages."""

    def vector(self, text: str) -> list[float]:
        """Hash each word to a place."""
        numbers = [0.01] * self.dimension
        for word in text.lower().split():
            place, sign = _place(word)
            numbers[place % self.dimension] += sign
        return numbers


@lru_cache(200_000)
def _place(word: str) -> tuple[int, float]:
    number = sum(ord(letter) * 31**at for at, letter in enumerate(word[:12]))
    return number, 1.0 if number % 7 else -1.0


class Crowd:
    """Clients that ask all the while; what they got."""

    def __init__(self, address: str, key: str, questions: Sequence[str], pause_s: float) -> None:
        self.asked: list[Asked] = []
        self.phase = "calm"
        self._address, self._key, self._questions, self._pause_s = address, key, questions, pause_s
        self._over, self._noting = Event(), Lock()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask until the end of the block."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(self._ask, number) for number in range(CLIENTS)]
            try:
                yield
            finally:
                self._over.set()
        for client in clients:
            client.result()

    def wait(self, answers: int) -> None:
        """Until so many more came."""
        wanted = len(self.asked) + answers
        while len(self.asked) < wanted:
            time.sleep(0.05)

    def _ask(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311  questions, not secrets
        with httpx.Client(
            base_url=self._address, headers={"Authorization": f"Bearer {self._key}"}, timeout=60, trust_env=False
        ) as client:
            while not self._over.wait(self._pause_s):
                question = chance.choice(self._questions)
                phase, began = self.phase, time.perf_counter()
                failure = self._failure(client, question)
                if phase == self.phase:
                    asked = Asked(began, time.perf_counter() - began, failure, phase)
                else:
                    asked = Asked(began, time.perf_counter() - began, failure, "between")
                with self._noting:
                    self.asked.append(asked)

    def _failure(self, client: httpx.Client, question: str) -> str | None:
        body = {"model": BOT, "messages": [{"role": "user", "content": question}]}
        try:
            answer = client.post("/v1/chat/completions", json=body)
        except httpx.HTTPError as error:
            return type(error).__name__
        return None if answer.status_code == 200 else f"{answer.status_code}: {answer.text[:200]}"


class Bench:
    """An installation of its own, with a corpus, the API, and a provider of another model."""

    def __init__(self, home: Path, provider: OpenAIServer) -> None:
        self.home = home
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("MILLRACE_", "OPENAI_"))},
            "PYTHONPATH": str(ROOT), "MILLRACE_HOME": str(home), "OPENAI_BASE_URL": provider.base_url,
            "OPENAI_API_KEY": "sk-bench", "MILLRACE_EMBEDDING_MODEL": "wordllama-256",
            "MILLRACE_CHAT_MODEL": "extractive",
        }  # fmt: skip
        self.server = Server(Settings.from_environment(self._environment))
        migrate(self.server)
        self._opened = open_database(self.server, "millrace_pipeline")
        self.database: Database = self._opened.__enter__()
        with self.database.directory() as connection:
            known = organizations.find_by_slug(connection, ORGANIZATION)
        self.organization_id: UUID = (known or organizations.create(self.database, ORGANIZATION, "Bench")).id

    def close(self) -> None:
        """Let the server go."""
        self._opened.__exit__(None, None, None)
        self.server.close()

    def bring_in(self, folder: Path) -> ModelConfigVersion:
        """Register the folder with a chatbot that reads it, and sync it; the active version."""
        from resources.bots import starter

        with self.database.transaction(self.organization_id) as connection:
            source = data_sources.create(
                connection, self.organization_id, name=BOT, config={"location": str(folder)}, auto_sync=False
            )
            bot = starter.ensure_chatbot(
                connection, self.organization_id, name=BOT, embedding_model="wordllama-256", llm_model="extractive"
            )
            chatbots.attach_source(connection, self.organization_id, bot.id, source.id)
        self.pipeline("sync", "--organization", ORGANIZATION, BOT).wait_well()
        with self.database.transaction(self.organization_id) as connection:
            return model_config_versions.get_active(connection, self.organization_id, bot.id)

    def key(self) -> str:
        """A key for the API."""
        with self.database.transaction(self.organization_id) as connection:
            _, text = api_keys.create(connection, self.organization_id, name="bench", scopes=["chat"])
        return text

    def one(self, statement: LiteralString, *values: object) -> int:
        """A number that the database knows."""
        with psycopg.connect(self.server.admin_conninfo()) as connection:
            row = connection.execute(statement, values).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def column(self, statement: LiteralString) -> list[str]:
        """Texts that the database knows."""
        with psycopg.connect(self.server.admin_conninfo()) as connection:
            return [str(row[0]) for row in connection.execute(statement)]

    def pipeline(self, *arguments: str) -> Running:
        """The pipeline's door, as the command line uses it."""
        return Running([sys.executable, "-m", "pipelines", *arguments], self._environment, self.home / "pipeline.log")

    @contextmanager
    def api(self, port: int) -> Iterator[str]:
        """The API; its address once it is ready."""
        running = Running(
            [sys.executable, "-m", "serving", "--port", str(port)], self._environment, self.home / "api.log"
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _until(lambda: _is_ready(address) or running.has_ended)
            yield address
        finally:
            running.end()


class Running:
    """A process that was started here."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                command, env=dict(environment), cwd=ROOT, stdout=said, stderr=said, start_new_session=True
            )

    @property
    def has_ended(self) -> bool:
        """Whether it is over."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """SIGKILL, as a machine that loses its power would."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Ask it to end, and wait."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)

    def wait_well(self) -> None:
        """Raises RuntimeError where it ends otherwise than with 0."""
        if self._process.wait() != 0:
            raise RuntimeError(f"it ended with {self._process.returncode}: {self._log.read_text()[-2000:]}")


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", timeout=2, trust_env=False).status_code < 500
    except httpx.HTTPError:
        return False


def _until(holds: Callable[[], bool], *, every_s: float = 0.2) -> None:
    while not holds():
        time.sleep(every_s)


def _size(bench: Bench) -> int:
    return bench.one(
        "select pg_total_relation_size('knowledge.chunks') + pg_total_relation_size('knowledge.embeddings')"
    )


def _built(bench: Bench, crowd: Crowd, name: str, wanted: NewVersion, base: ModelConfigVersion, kills: int) -> Built:
    """Make a version, build it with so many kills on the way, activate it, and let questions come by it."""
    organization_id, database = bench.organization_id, bench.database
    with database.transaction(organization_id) as connection:
        version = model_config_versions.create(connection, organization_id, base.chatbot_id, wanted)
    forecast = builds.foresee(database, organization_id, version)
    size = _size(bench)
    crowd.phase = f"building: {name}"
    started = time.perf_counter()
    work = forecast.foreseen.chunks + forecast.foreseen.embedded
    done_before = _pieces(bench)
    for kill in range(1, kills + 1):
        running = bench.pipeline("build-configuration", "--organization", ORGANIZATION, str(version.id))
        goal = done_before + work * kill / (kills + 1)
        _until(lambda goal=goal, running=running: _pieces(bench) >= goal or running.has_ended)  # type: ignore[misc]
        if running.has_ended:
            raise RuntimeError("the build was over before it could be killed: take more chunks")
        running.kill()
    bench.pipeline("build-configuration", "--organization", ORGANIZATION, str(version.id)).wait_well()
    seconds = time.perf_counter() - started
    with database.transaction(organization_id) as connection:
        version = model_config_versions.get(connection, organization_id, version.id)
        missing = builds.count_missing(connection, organization_id, version)
        record = builds.select_of_version(connection, organization_id, version.id)[0]
    built = Built(
        name, version.number, kills, seconds, record.seconds, forecast.seconds,
        None if forecast.bytes is None else forecast.bytes / 1e6, (_size(bench) - size) / 1e6,
        forecast.foreseen.chunks, forecast.foreseen.embedded,
        {"chunks": record.chunks, "vectors": record.vectors, "reused": record.reused}, missing,
    )  # fmt: skip
    built.activated_ms = _activate(bench, version)
    crowd.phase = f"after: {name}"
    crowd.wait(4 * CLIENTS)
    return built


def _pieces(bench: Bench) -> int:
    return bench.one("select (select count(*) from knowledge.chunks) + (select count(*) from knowledge.embeddings)")


def _activate(bench: Bench, version: ModelConfigVersion) -> float:
    """Let it serve; in milliseconds. A chatbot without questions has nothing to be measured by."""
    started = time.perf_counter()
    with bench.database.transaction(bench.organization_id) as connection:
        version = model_config_versions.get(connection, bench.organization_id, version.id)
        readiness.activate(
            connection, bench.organization_id, version, terms=Terms(is_unmeasured=True), activated_by="bench"
        )
    return 1000 * (time.perf_counter() - started)


def _rolled_back(bench: Bench, crowd: Crowd, chatbot_id: UUID) -> float:
    crowd.phase = "after: rollback"
    started = time.perf_counter()
    with bench.database.transaction(bench.organization_id) as connection:
        readiness.roll_back(connection, bench.organization_id, chatbot_id, activated_by="bench")
    elapsed = 1000 * (time.perf_counter() - started)
    crowd.wait(4 * CLIENTS)
    return elapsed


def measure(
    folder: Path | None, *, chunks: int, home: Path, port: int, pause_s: float, calm_s: float
) -> dict[str, object]:
    """All of it; the report."""
    with CheapServer(dimension=DIMENSION) as provider:
        bench = Bench(home / "millrace", provider)
        try:
            return _measured(bench, _corpus(folder, home, chunks), port=port, pause_s=pause_s, calm_s=calm_s)
        finally:
            bench.close()


def _measured(bench: Bench, corpus: Path, *, port: int, pause_s: float, calm_s: float) -> dict[str, object]:
    load = os.getloadavg()[0]
    first = bench.bring_in(corpus)
    count = bench.one("select count(*) from knowledge.chunks where is_active")
    questions = _questions(bench)
    values = model_config_versions.values_of(first)
    other = replace(values, embedding_model=OTHER_MODEL)
    smaller = replace(other, chunk_size=SMALLER, chunk_overlap=0)
    former_model = replace(smaller, embedding_model=values.embedding_model)
    # one more than at first, so that it is another version
    former_size = replace(values, retrieval_k=values.retrieval_k + 1)
    with bench.api(port) as address:
        crowd = Crowd(address, bench.key(), questions, pause_s)
        with crowd.asking():
            crowd.wait(2 * CLIENTS)
            crowd.asked.clear()
            _rest(crowd, "calm", calm_s)
            built = [
                _built(bench, crowd, "another model", other, first, 1),
                _built(bench, crowd, "and smaller chunks", smaller, first, 2),
                _built(bench, crowd, "back to the first model", former_model, first, 0),
                _built(bench, crowd, "and to the first size", former_size, first, 0),
            ]  # fmt: skip
            rollback_ms = [_rolled_back(bench, crowd, first.chatbot_id) for _ in range(2)]
            _rest(crowd, "calm again", calm_s)
    return {
        "chunks": count, "load": [load, os.getloadavg()[0]], "clients": CLIENTS, "pause_s": pause_s,
        "answers": len(crowd.asked), "failures": [one.failure for one in crowd.asked if one.failure],
        "found_nothing": bench.one(
            "select count(*) from conversations.retrieval_logs where retrieved_chunk_ids = '{}'"
        ),
        "logged": bench.one("select count(*) from conversations.retrieval_logs"), "mixed": bench.one(_MIXED),
        "versions_that_answered": bench.column(
            "select distinct v.number from conversations.retrieval_logs l join bots.model_config_versions v "
            "on v.id = l.model_config_version_id order by 1"
        ),
        "longest_gap_s": _longest_gap(crowd.asked), "phases": _phases(crowd.asked),
        "builds": [asdict(one) for one in built], "rollback_ms": rollback_ms,
    }  # fmt: skip


def _rest(crowd: Crowd, phase: str, seconds: float) -> None:
    crowd.phase = phase
    time.sleep(seconds)


def _corpus(folder: Path | None, home: Path, chunks: int) -> Path:
    """As many files as make about so many chunks."""
    corpus = home / "corpus"
    corpus.mkdir()
    if folder is None:
        corpora.generate(corpus, documents=max(2, chunks // 18))
        return corpus
    everything = home / "everything"
    everything.mkdir()
    corpora.make(everything, folder)
    paths = sorted(path for path in everything.rglob("*") if path.is_file())
    random.Random(1).shuffle(paths)  # noqa: S311  a corpus, not a secret
    taken = 0
    for path in paths:
        if taken >= chunks * CHARACTERS_PER_CHUNK:
            break
        taken += path.stat().st_size
        target = corpus / path.relative_to(everything)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    return corpus


def _questions(bench: Bench) -> list[str]:
    """A few words that stand one after another in a passage."""
    contents = bench.column(
        "select content from knowledge.chunks where is_active order by hashtextextended(id::text, 1) limit 400"
    )
    chance = random.Random(2)  # noqa: S311
    questions = []
    for content in contents:
        words = [word for word in content.split() if word.isalpha()]
        if len(words) >= 8:
            first = chance.randrange(len(words) - 7)
            questions.append(" ".join(words[first : first + 8]))
    return questions


def _longest_gap(asked: Sequence[Asked]) -> float:
    """The longest time in which no client had an answer."""
    ends = sorted(one.began + one.seconds for one in asked if one.failure is None)
    return max((after - before for before, after in pairwise(ends)), default=0.0)


def _phases(asked: Sequence[Asked]) -> dict[str, dict[str, float]]:
    """How long answers took in each phase, in milliseconds."""
    found: dict[str, list[float]] = {}
    for one in asked:
        found.setdefault(one.phase, []).append(1000 * one.seconds)
    return {
        phase: {"answers": len(times), "p50_ms": _quantile(times, 0.5), "p95_ms": _quantile(times, 0.95),
                "p99_ms": _quantile(times, 0.99), "most_ms": max(times)}
        for phase, times in found.items()
    }  # fmt: skip


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(report: Mapping[str, object]) -> None:
    """Print it as Markdown."""
    phases, made, failures = report["phases"], report["builds"], report["failures"]
    assert isinstance(phases, dict)
    assert isinstance(made, list)
    assert isinstance(failures, list)
    lines = [
        f"{report['chunks']:,} chunks, {report['clients']} clients, load {report['load']}",
        f"{report['answers']:,} answers: {len(failures)} failed, {report['found_nothing']} found nothing, "
        f"{report['mixed']} mixed; the longest time without one {report['longest_gap_s']:.2f} s",
        "\n| Phase | Answers | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|",
    ]
    for phase, times in phases.items():
        figures = " | ".join(f"{times[name]:.0f}" for name in ("p50_ms", "p95_ms", "p99_ms"))
        lines.append(f"| {phase} | {times['answers']:,} | {figures} |")
    lines.append(
        "\n| Build | Killed | Seconds (foreseen) | Passages | Vectors | Missing | MB (foreseen) | Activated ms |"
    )
    lines.append("|---|---|---|---|---|---|---|---|")
    for one in made:
        lines.append(
            f"| {one['name']} | {one['killed']} | {one['seconds']:.1f} ({_known(one['foreseen_seconds'])}) "
            f"| {one['chunks']:,} | {one['vectors']:,} | {one['missing']} "
            f"| {one['megabytes']:.0f} ({_known(one['foreseen_megabytes'])}) | {one['activated_ms']:.0f} |"
        )
    print("\n".join(lines))  # noqa: T201


def _known(number: float | None) -> str:
    return "?" if number is None else f"{number:.0f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit status 1 where an answer failed or was mixed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.configurations", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="texts to bring in; generated ones unless given")
    parser.add_argument("--chunks", type=int, default=20_000, help="about so many")
    parser.add_argument("--port", type=int, default=8765, help="of the API, on loopback")
    parser.add_argument("--pause", type=float, default=0.25, help="seconds between a client's questions")
    parser.add_argument("--calm", type=float, default=30.0, help="seconds of calm before and after")
    parser.add_argument("--json", type=Path, help="where the report goes")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as home:
        report = measure(
            given.folder, chunks=given.chunks, home=Path(home), port=given.port, pause_s=given.pause, calm_s=given.calm
        )
    if given.json:
        given.json.write_text(json.dumps(report, indent=1, default=str))
    show(report)
    return 1 if report["failures"] or report["mixed"] or report["found_nothing"] else 0


if __name__ == "__main__":
    sys.exit(main())
