"""Commands about the state of things: what is there and what failed (`status`); is the set-up right (`doctor`)."""

from __future__ import annotations

import platform
import shutil
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Literal

import psycopg
import typer
from rich.text import Text

from resources.analytics import alerts
from resources.foundation.counting import counted
from resources.foundation.database import SOUND_PGVECTOR, Database, Server, open_database, require_versions
from resources.foundation.errors import MillraceError, Misconfigured
from resources.foundation.migrations import require_schema
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.settings import Settings
from resources.identity import organizations
from resources.knowledge.documents import sync_failures
from resources.knowledge.search import vector_indexes
from resources.knowledge.search.vector_indexes import VectorIndex
from resources.knowledge.sources import training_jobs
from serving.commands import overviews
from serving.commands.reporting import AsJson, complain, console, print_json, print_table
from serving.commands.workplace import workplace

_SHOWN_FAILURES = 20
_GIB = 1024**3


def status(as_json: AsJson = False) -> None:
    """Show what is there, what is waiting, what failed and why, and the versions."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        sources = overviews.select_all(connection, place.organization_id)
        failures = sync_failures.select_all(connection, place.organization_id)
        jobs = training_jobs.select_latest(connection, place.organization_id, at_most=10)
        indexes = vector_indexes.select_all(connection, place.organization_id)
        worse = alerts.select_open(connection, place.organization_id)
        server_version, pgvector_version = require_versions(connection)
    versions = {
        "millrace": version("millrace"),
        "python": platform.python_version(),
        "postgresql": f"{server_version // 10000}.{server_version % 10000}",
        "pgvector": ".".join(map(str, pgvector_version)),
        "dagster": version("dagster"),
        "embedding_model": place.settings.embedding_model,
        "chat_model": place.settings.chat_model,
    }
    if as_json:
        print_json(
            {
                "sources": sources,
                "failures": failures,
                "syncs": jobs,
                "indexes": _indexes(indexes),
                "alerts": [{"says": one.subject, "since": one.created_at, **one.body} for one in worse],
                "versions": versions,
            }
        )
        return
    print_table(
        "Sources",
        ["Name", "Type", "Schedule", "State", "Next sync", "Documents ", "Waiting ", "Failing ", "Parked ", "Ignored ",
         "Held ", "Chunks ", "Vectors ", "Last sync"],
        [(s.name, s.type, s.schedule, _state(s), s.next_sync, s.documents, s.waiting, s.failing, s.parked, s.ignored,
          s.held, s.chunks, s.vectors, s.last_sync) for s in sources],
    )  # fmt: skip
    for source in sources:
        if source.is_overdue:
            complain(
                f"source {source.name} is overdue: it missed more than three of its times; is 'millrace up' running?"
            )
        if source.held:
            waits = counted(source.held, "deletion waits", "deletions wait")
            complain(f"source {source.name}: {waits} for your word; 'millrace deletions list' shows which")
    names = {source.id: source.name for source in sources}
    print_table(
        "Latest syncs",
        ["Source", "Status", "Changed ", "Moved ", "Deleted ", "Held ", "Failed ", "Embedded ", "Reused ", "Started",
         "Reason"],
        [
            (names.get(job.data_source_id), job.status, job.changed, job.moved, job.deleted, job.held, job.failed,
             job.embedded, job.reused, job.started_at, job.reason)
            for job in jobs
        ],
    )  # fmt: skip
    if failures:
        print_table(
            f"Failures ({min(len(failures), _SHOWN_FAILURES)} of {len(failures)})",
            ["Source", "File", "Stage", "Outcome", "Reason", "Attempts ", "Next attempt"],
            [(names.get(f.data_source_id), f.file_path, f.stage, f.outcome, f.reason, f.attempts,
              f.next_attempt_at if f.state == "retrying" else f.state)
             for f in failures[:_SHOWN_FAILURES]],
        )  # fmt: skip
    for alert in worse:
        complain(f"{alert.subject}; see {alert.body.get('look_at', '/analytics')}")
    for problem in filter(None, map(vector_indexes.problem_of, indexes)):
        complain(problem)
    console.print("Versions: " + ", ".join(f"{name} {number}" for name, number in versions.items()))


def _indexes(indexes: Sequence[VectorIndex]) -> list[dict[str, object]]:
    """Each model's vectors, whether searches walk an index of them, and what is wrong with it."""
    return [
        {"model": index.model, "vectors": index.vectors, "is_indexed": index.serves,
         "index_bytes": index.index_bytes, "problem": vector_indexes.problem_of(index)}
        for index in indexes
    ]  # fmt: skip


def _state(source: overviews.Overview) -> str:
    """The state of a source in a few words, with how far it is and why it failed."""
    words: str = source.state
    if source.state == "processing" and source.stage is not None:
        words = f"{source.stage} {source.done:,} of {source.total:,}"
        if source.time_left_s is not None:
            words += f", {_rounded(source.time_left_s)} left"
    if source.reason is not None:
        words += f": {source.reason}"
    return f"{words} (overdue)" if source.is_overdue else words


def _rounded(amount_s: float) -> str:
    minutes, seconds = divmod(round(amount_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


@dataclass(frozen=True)
class Finding:
    """What one check of `doctor` found, and how to mend it."""

    check: str
    result: Literal["ok", "warning", "failure"]
    says: str
    remedy: str = ""


def doctor(as_json: AsJson = False) -> None:
    """Check the set-up and say how to mend what is wrong."""
    settings = Settings.from_environment()
    findings = [_python(), _disk(settings), *_ports(settings), *_database(settings), _models(settings), _sandbox()]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        colours = {"ok": "green", "warning": "yellow", "failure": "red"}
        for finding in findings:
            console.print(
                Text.assemble((f"{finding.result:8}", colours[finding.result]), f"{finding.check}: ", finding.says)
            )
            if finding.remedy:
                console.print(f"         → {finding.remedy}", markup=False)
    if any(finding.result == "failure" for finding in findings):
        raise typer.Exit(1)


def _python() -> Finding:
    number = platform.python_version()
    if number.startswith("3.11."):
        return Finding("Python", "ok", number)
    return Finding(
        "Python", "failure", f"{number} is not supported", "install Python 3.11 and run 'make clean install'"
    )


def _disk(settings: Settings) -> Finding:
    where = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(where).free / _GIB
    says = f"{free:.1f} GiB free for {settings.home}"
    if free < 1:
        return Finding("Disk", "failure", says, "free some space, or set MILLRACE_HOME to another disk")
    if free < 5:
        return Finding("Disk", "warning", says, "large sources will not fit; MILLRACE_HOME may name another disk")
    return Finding("Disk", "ok", says)


def _ports(settings: Settings) -> list[Finding]:
    wanted = {
        "API": (settings.api_port, "MILLRACE_API_PORT"),
        "Dagster": (settings.dagster_port, "MILLRACE_DAGSTER_PORT"),
    }
    return [_port(name, port, variable) for name, (port, variable) in wanted.items()]


def _port(name: str, port: int, variable: str) -> Finding:
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    if taken:
        says = f"port {port} is in use: by a running 'millrace up', or by another program"
        return Finding(f"{name} port", "warning", says, f"if it is another program, set {variable}")
    return Finding(f"{name} port", "ok", f"{port} is free")


def _database(settings: Settings) -> list[Finding]:
    kind = "embedded" if settings.is_embedded else "DATABASE_URL"
    try:
        server = Server(settings)
    except MillraceError as error:
        return [Finding("Database", "failure", str(error), "see the log it names, or set DATABASE_URL")]
    try:
        require_schema(server)
        with psycopg.connect(server.admin_conninfo(), connect_timeout=10) as connection:
            number, pgvector = require_versions(connection)
        open_database(server, "millrace_api", most=1).close()
        with open_database(server, "millrace_pipeline", most=1) as database:
            indexes = _index_problems(database)
    except Misconfigured as error:  # it names its own remedy
        return [Finding("Database", "failure", str(error))]
    except MillraceError as error:
        remedy = f"see {settings.home / 'postgres' / 'log'}" if settings.is_embedded else "check DATABASE_URL"
        return [Finding("Database", "failure", str(error), remedy)]
    finally:
        server.close()
    findings = [Finding("Database", "ok", f"{kind}, PostgreSQL {number // 10000}.{number % 10000}, roles in place")]
    text = ".".join(map(str, pgvector))
    if pgvector < SOUND_PGVECTOR:
        findings.append(Finding("pgvector", "warning", f"{text} has known faults of HNSW", "install 0.8.4 or newer"))
    else:
        findings.append(Finding("pgvector", "ok", text))
    return [*findings, Finding("Schema", "ok", "up to date"), *indexes]


def _index_problems(database: Database) -> list[Finding]:
    """What is wrong with the indexes of vectors, in every organization."""
    with database.directory() as connection:
        found = organizations.select_all(connection)
    problems: list[Finding] = []
    for organization in found:
        with database.transaction(organization.id) as connection:
            indexes = vector_indexes.select_all(connection, organization.id)
        for problem in filter(None, map(vector_indexes.problem_of, indexes)):
            says, _, remedy = problem.partition(": ")
            problems.append(Finding("Vector indexes", "warning", f"{organization.slug}: {says}", remedy))
    return problems or [Finding("Vector indexes", "ok", "none is missing, and all are whole")]


def _models(settings: Settings) -> Finding:
    from resources.foundation.embedders import embedder_for

    try:
        embedder = embedder_for(
            model=settings.embedding_model, base_url=settings.openai_base_url, api_key=settings.openai_api_key
        )
        if settings.embedding_model == EMBEDDED_MODEL:
            embedder.embed(["a test"])
            return Finding("Models", "ok", f"{embedder.name}, {embedder.dimension} dimensions, embedded")
        vector = embedder.embed(["a test"])
    except MillraceError as error:
        remedy = "check OPENAI_API_KEY, OPENAI_BASE_URL and MILLRACE_EMBEDDING_MODEL; unset them for the embedded model"
        return Finding("Models", "failure", str(error), remedy)
    return Finding("Models", "ok", f"{embedder.name} answers with {vector.shape[1]} dimensions")


def _sandbox() -> Finding:
    from resources.knowledge.readers.workers import parsers

    with parsers(count=1) as pool:
        is_closed = pool.network_is_closed()
    if is_closed:
        return Finding("Parsers", "ok", "run in processes of their own, bounded and without network")
    says = "run in bounded processes, but this kernel lets them reach the network"
    return Finding(
        "Parsers", "warning", says, "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
    )
