"""Bring the same texts in with Millrace and its peers, interleaved, and print what it took: see README.md.

python -m benchmarks.ingest [FOLDER] --rounds 3 --json /tmp/ingest.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from benchmarks import corpora, measuring
from benchmarks.measuring import Failed, Run
from resources.foundation.embedded_server import EmbeddedServer

ROOT = Path(__file__).resolve().parents[1]
PEERS = Path(__file__).resolve().parent / ".peers" / "bin" / "python"
PHASES = ("first", "unchanged", "one_percent")
SHARE = 0.01
NEW_CONTENTS = b"select encode(content_hash, 'hex') from knowledge.embeddings"


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    corpus: Path | None
    limit: int | None
    rounds: int
    chunk_size: int
    chunk_overlap: int
    peers: Path
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a subject works in one round: a database, a folder of texts and a folder for what else it keeps."""

    database: str
    corpus: Path
    state: Path

    def arguments(self, options: Options) -> list[str]:
        """As the subjects take them."""
        return [
            "--database", self.database, "--corpus", str(self.corpus), "--state", str(self.state),
            "--chunk-size", str(options.chunk_size), "--chunk-overlap", str(options.chunk_overlap),
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        """For Millrace's own commands."""
        return {
            "PYTHONPATH": str(ROOT), "MILLRACE_HOME": str(self.state), "DATABASE_URL": self.database,
            "DO_NOT_TRACK": "1", "COCOINDEX_DISABLE_USAGE_TRACKING": "1", "COCOINDEX_DB": str(self.state / "cocoindex"),
        }  # fmt: skip


Command = Callable[[Place, Options], list[str]]


def _peer(module: str) -> Command:
    def command(place: Place, options: Options) -> list[str]:
        return [str(options.peers), "-m", f"benchmarks.subjects.{module}", *place.arguments(options)]

    return command


def _library(place: Place, options: Options) -> list[str]:
    return [sys.executable, "-m", "benchmarks.subjects.with_millrace", "sync", *place.arguments(options)]


def _through_dagster(_place: Place, _options: Options) -> list[str]:
    return [sys.executable, "-c", "from serving.cli import main; main()", "sync", "bench", "--json"]


SUBJECTS: Mapping[str, Command] = {
    "LlamaIndex": _peer("with_llamaindex"),
    "LangChain": _peer("with_langchain"),
    "CocoIndex": _peer("with_cocoindex"),
    "Millrace": _library,
    "millrace sync (Dagster)": _through_dagster,
}
OURS = ("Millrace", "millrace sync (Dagster)")


class Bench:
    """The server and the folders that all subjects share."""

    def __init__(self, options: Options, home: Path) -> None:
        self._options = options
        self._home = home
        self._server = EmbeddedServer(home / "postgres")
        self._server.attach()
        self.server_pid = int((self._server.data / "postmaster.pid").read_text().splitlines()[0])
        self._pristine = home / "corpus"
        self._pristine.mkdir()
        self.corpus_name = corpora.make(self._pristine, options.corpus, limit=options.limit)

    def corpus(self) -> dict[str, object]:
        """What is brought in."""
        files = [path for path in self._pristine.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        return {"name": self.corpus_name, "files": len(files), "megabytes": round(size / 1e6, 1)}

    def versions(self) -> dict[str, str]:
        """Of the database."""
        with psycopg.connect(self._server.url("postgres")) as connection:
            (server,) = connection.execute("show server_version").fetchone() or ("?",)
            (vector,) = connection.execute(
                "select default_version from pg_available_extensions where name = 'vector'"
            ).fetchone() or ("?",)
        return {"PostgreSQL": str(server), "pgvector": str(vector)}

    def round(self, number: int, subject: str) -> dict[str, Run]:
        """All phases of one subject in a database of its own."""
        place = self._place(number, subject)
        runs: dict[str, Run] = {}
        try:
            if subject in OURS:
                self._prepare(place)
            known: set[str] = set()
            for phase in PHASES:
                if phase == "one_percent":
                    corpora.change(place.corpus, share=SHARE, seed=number)
                runs[phase] = self._run(place, subject)
                if subject in OURS:
                    known = _check_embedded(place, known, runs[phase])
        finally:
            self._clear(place)
        return runs

    def close(self) -> None:
        """Stop the server."""
        self._server.detach()

    def _run(self, place: Place, subject: str) -> Run:
        with psycopg.connect(self._server.url("postgres"), autocommit=True) as connection:
            connection.execute("checkpoint")
        command = SUBJECTS[subject](place, self._options)
        return measuring.run(
            command, environment=place.environment(), folder=place.state, server_pid=self.server_pid
        )  # fmt: skip

    def _place(self, number: int, subject: str) -> Place:
        folder = self._home / f"round-{number}-{list(SUBJECTS).index(subject)}"
        (folder / "state").mkdir(parents=True)
        corpora.copy(self._pristine, folder / "corpus")
        name = f"bench_{folder.name.replace('-', '_')}"
        with psycopg.connect(self._server.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        with psycopg.connect(self._server.url(name), autocommit=True) as connection:
            connection.execute("create extension vector")
        address = f"postgresql://postgres@/{name}?host={self._server.socket_folder}&port={self._server.port}"
        return Place(address, folder / "corpus", folder / "state")

    def _prepare(self, place: Place) -> None:
        command = [sys.executable, "-m", "benchmarks.subjects.with_millrace", "prepare"]
        subprocess.run(
            [*command, *place.arguments(self._options)], check=True, cwd=place.state,
            env={**os.environ, **place.environment()},
        )  # fmt: skip

    def _clear(self, place: Place) -> None:
        with psycopg.connect(self._server.url("postgres"), autocommit=True) as connection:
            for name in (place.database.partition("@/")[2].partition("?")[0], "dagster"):
                connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        shutil.rmtree(place.corpus.parent)


def _check_embedded(place: Place, known: set[str], run: Run) -> set[str]:
    """Every text that was never seen is embedded once, and no other; the contents that are known now."""
    with psycopg.connect(place.database) as connection:
        now = {row[0] for row in connection.execute(NEW_CONTENTS)}
    if run.said.get("embedded") != len(now - known):
        raise Failed(f"{run.said.get('embedded')} texts were embedded where {len(now - known)} were new")
    return now


def measure(options: Options, home: Path) -> dict[str, object]:
    """All rounds; each begins with another subject, so that no one always goes first."""
    bench = Bench(options, home)
    runs: dict[str, list[dict[str, Run]]] = {subject: [] for subject in options.subjects}
    missing: dict[str, str] = {}
    load = [os.getloadavg()[0]]
    try:
        for number in range(1, options.rounds + 1):
            turn = (number - 1) % len(options.subjects)
            for subject in [*options.subjects[turn:], *options.subjects[:turn]]:
                if subject in missing:
                    continue
                if subject not in OURS and not options.peers.exists():
                    missing[subject] = "not installed: make bench-peers"
                    continue
                try:
                    runs[subject].append(bench.round(number, subject))
                    load.append(os.getloadavg()[0])
                except Failed as error:
                    missing[subject] = str(error)
                    continue
                _tell(number, subject, runs[subject][-1])
        return {
            "conditions": conditions(options, bench, load), "missing": missing,
            "medians": {subject: medians(found) for subject, found in runs.items() if found},
            "runs": {
                subject: [{phase: asdict(run) for phase, run in one.items()} for one in found]
                for subject, found in runs.items()
            },
        }  # fmt: skip
    finally:
        bench.close()


def conditions(options: Options, bench: Bench, load: Sequence[float]) -> dict[str, object]:
    """What a reader must know to compare."""
    return {
        "machine": platform.machine(), "processors": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load_median": round(statistics.median(load), 2), "load_largest": round(max(load), 2),
        "python": platform.python_version(), **bench.versions(), **_peer_versions(options.peers),
        "corpus": bench.corpus(), "chunk_size": options.chunk_size, "chunk_overlap": options.chunk_overlap,
        "rounds": options.rounds, "share_changed_deleted_added": SHARE,
    }  # fmt: skip


def medians(found: Sequence[Mapping[str, Run]]) -> dict[str, dict[str, object]]:
    """Of each phase: medians over the rounds, and what the subject said last."""
    return {
        phase: {
            **{
                name: round(statistics.median(getattr(one[phase], name) for one in found), 2)
                for name in ("wall_s", "cpu_s", "server_cpu_s", "peak_mb")
            },
            "wall_s_all": [round(one[phase].wall_s, 2) for one in found],
            "n": len(found), **{name: found[-1][phase].said.get(name) for name in ("embedded", "chunks")},
        }
        for phase in PHASES
    }  # fmt: skip


def table(result: Mapping[str, object]) -> str:
    """The medians, a line for each subject."""
    lines = [
        "| | first ingest, s | nothing changed, s | 1 % changed, s | its CPU s (server's) | peak MB | embedded |",
        "|---|---|---|---|---|---|---|",
    ]
    found = result["medians"]
    assert isinstance(found, dict)
    for subject, phases in found.items():
        first, unchanged, changed = (phases[phase] for phase in PHASES)
        lines.append(
            f"| {subject} | {first['wall_s']} | {unchanged['wall_s']} | {changed['wall_s']} "
            f"| {first['cpu_s']} ({first['server_cpu_s']}) | {first['peak_mb']:.0f} "
            f"| {first['embedded']}, {unchanged['embedded']}, {changed['embedded']} |"
        )
    missing = result["missing"]
    assert isinstance(missing, dict)
    lines += [f"| {subject} | {reason} | | | | | |" for subject, reason in missing.items()]
    return "\n".join(lines)


def _tell(number: int, subject: str, runs: Mapping[str, Run]) -> None:
    walls = ", ".join(f"{phase} {run.wall_s:.2f} s" for phase, run in runs.items())
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} round {number}, {subject}: {walls}\n")


def _peer_versions(python: Path) -> dict[str, str]:
    if not python.exists():
        return {}
    names = ["cocoindex", "langchain-core", "langchain-postgres", "llama-index-core"]
    asked = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    told = subprocess.run([str(python), "-c", asked, *names], capture_output=True, text=True, check=False)
    return dict(json.loads(told.stdout)) if told.returncode == 0 else {}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, help="a folder of .md, .rst and .txt files")
    parser.add_argument("--limit", type=int, help="so many files at most (or so many generated ones)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chunk-size", type=int, default=2000)
    parser.add_argument("--chunk-overlap", type=int, default=200)
    parser.add_argument("--only", action="append", choices=list(SUBJECTS), help="only this subject; may be repeated")
    parser.add_argument("--peers", type=Path, default=PEERS, help="the python of the peers' environment")
    parser.add_argument("--json", type=Path, help="where to write everything that was measured")
    parser.add_argument("--generated", action="store_true", help="a generated corpus, whatever lies here")
    asked = parser.parse_args()
    source = asked.corpus or (corpora.PEPS if corpora.PEPS.is_dir() and not asked.generated else None)
    options = Options(
        source, asked.limit, asked.rounds, asked.chunk_size, asked.chunk_overlap, asked.peers.absolute(),
        tuple(asked.only or SUBJECTS),
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as home:
        result = measure(options, Path(home))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1))
    sys.stdout.write(json.dumps(result["conditions"], indent=1) + "\n\n" + table(result) + "\n")


if __name__ == "__main__":
    main()
