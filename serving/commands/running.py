"""Commands that run things: `migrate`, and `up`, which sets everything up, answers one question and then serves."""

from __future__ import annotations

import fcntl
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated
from uuid import UUID

import typer

from resources.bots import chatbots, sample
from resources.bots.evaluation import evaluation_runs, evaluation_scores
from resources.bots.evaluation.scoring import METRIC_NAMES
from resources.foundation import migrations
from resources.foundation.counting import counted
from resources.foundation.database import Database, Server
from resources.foundation.errors import Refused
from resources.foundation.settings import Settings
from resources.identity import organizations
from resources.knowledge.sources import data_sources, file_types
from serving.commands import overviews, questions, registration, sign_in, sources
from serving.commands.processes import Part, reload_dead_code, start_api, start_dagster
from serving.commands.reporting import AsJson, complain, console, print_json, print_table
from serving.commands.workplace import Workplace, open_migrated, open_workplace

_LOOK_EVERY_S = 20.0


def migrate(as_json: AsJson = False) -> None:
    """Bring the database to this version's schema; doing it again changes nothing."""
    server = Server(Settings.from_environment())
    try:
        applied = migrations.migrate(server)
    finally:
        server.close()
    if as_json:
        print_json({"applied": applied})
    else:
        console.print(f"Applied: {', '.join(applied)}" if applied else "The schema is up to date.")


def up(
    once: Annotated[bool, typer.Option("--once", help="Stop when the answer is printed.")] = False,
    source: Annotated[Path | None, typer.Option(help="Your own folder instead of the sample handbook.")] = None,
) -> None:
    """Set everything up, bring the first source in, answer one question, then serve until Ctrl-C.

    \b
    Examples:
        millrace up
        millrace up --source ../docs
        millrace up --once
    """
    settings = Settings.from_environment()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _interrupt)
    if not once:
        _require_free_ports(settings)
    console.print(f"Database: {f'embedded, in {settings.home}' if settings.is_embedded else 'DATABASE_URL'}")
    server = Server(settings)
    try:
        applied = migrations.migrate(server)
        if applied:
            console.print(f"Schema: {counted(len(applied), 'migration')} applied")
        with ExitStack() as running, open_migrated(server) as database:
            if not once:
                running.enter_context(only_one(settings.home))
            place = _furnished(settings, server, database)
            if once:
                raise typer.Exit(0 if _first_answer(place, source) else 1)
            starts = [start_api, start_dagster]
            # The first time Dagster waits until the source is in, or its sensor would bring it in at the same moment.
            early = starts if (settings.home / "dagster").is_dir() else starts[:1]
            parts = [running.enter_context(Part(settings, start)) for start in early]
            _first_answer(place, source)
            parts += [running.enter_context(Part(settings, start)) for start in starts[len(early) :]]
            _serve(place, parts)
    finally:
        server.close()


def _furnished(settings: Settings, server: Server, database: Database) -> Workplace:
    """The workplace of the configured organization, which is made where it is missing."""
    with database.directory() as connection:
        known = organizations.find_by_slug(connection, settings.organization)
    organization = known or organizations.create(database, settings.organization, settings.organization.title())
    with database.transaction(organization.id) as connection:
        file_types.seed(connection, organization.id)
    return open_workplace(settings, server, database)


def _first_answer(place: Workplace, source: Path | None) -> bool:
    """Bring the first source in and answer one question from it; whether nothing of it failed."""
    location = (source or sample.HANDBOOK).expanduser().absolute()
    registered = _find_registered(place, location) or registration.register(
        place, kind="file", config={"location": str(location)}
    )
    console.print(f"Source: {registered.name}, {registered.location}")
    reports, failed = sources.run_sync(place.settings, [registered.name])
    sources.print_sync(reports)
    if source is None and any(report.get("changed") or report.get("deleted") for report in reports):
        _evaluate_sample(place, registered)
    question = sample.FIRST_QUESTION if source is None else f"What is {registered.name} about?"
    questions.print_answer(question, questions.answer_to(place, question, registered.chatbot))
    return not failed


def _evaluate_sample(place: Workplace, registered: registration.Registered) -> None:
    """Measure retrieval on the sample's own questions, as Dagster's asset `retrieval_quality` does every night."""
    with place.database.transaction(place.organization_id) as connection:
        bot = questions.chosen_chatbot(connection, place.organization_id, registered.chatbot)
        asked = sample.load_questions(
            connection, place.organization_id, chatbot_id=bot.id, source_id=UUID(registered.id)
        )
    _, status = sources.run_pipeline(place.settings, "evaluate-retrieval")
    if status:
        log = place.settings.home / "logs" / "pipeline.log"
        complain(f"retrieval quality was not measured: the end of {log} says why; it is tried again every night")
        return
    with place.database.transaction(place.organization_id) as connection:
        latest, *_ = evaluation_runs.select_latest(connection, place.organization_id, asked.id)
        scores = evaluation_scores.select_all(connection, place.organization_id, latest.id)
    print_table(
        "Retrieval quality on the sample's questions",
        ["Metric", "Questions ", "Value ", "95 % from ", "to "],
        [
            (METRIC_NAMES.get(score.metric, score.metric), score.queries, score.value, score.low, score.high)
            for score in scores
        ],
    )


def _find_registered(place: Workplace, location: Path) -> registration.Registered | None:
    """The source of this folder, with the first chatbot that reads it."""
    with place.database.transaction(place.organization_id) as connection:
        for known in data_sources.select_all(connection, place.organization_id):
            if known.config.get("location") != str(location):
                continue
            for bot in chatbots.select_all(connection, place.organization_id):
                if known.id in chatbots.select_source_ids(connection, place.organization_id, bot.id):
                    return registration.Registered(
                        str(known.id), known.name, known.source_type, str(location), overviews.schedule(known),
                        known.sync_frequency, bot.name,
                    )  # fmt: skip
    return None


def _serve(place: Workplace, parts: list[Part]) -> None:
    """Wait until everything answers, say where, and stay until Ctrl-C or until a part cannot be kept alive."""
    settings = place.settings
    for part in parts:
        part.wait_until_ready()
    with place.database.transaction(place.organization_id) as connection:
        door = sign_in.link(settings, connection, place.organization_id)
    console.print()
    console.print(f"  Dagster UI   http://127.0.0.1:{settings.dagster_port}")
    console.print(f"  API          http://127.0.0.1:{settings.api_port}/v1   (a key: millrace key create)")
    console.print(f"  API docs     http://127.0.0.1:{settings.api_port}/docs")
    console.print(f"  Sign in      {door}", soft_wrap=True)
    console.print("  Ctrl-C stops all of it. The link works once, for 15 minutes: `millrace sign-in` makes another.")
    try:
        looked_at, was_dead = time.monotonic(), False
        while True:
            for part in parts:
                if ended := part.keep_alive(for_s=1.0):
                    complain(f"{ended}. It is started again")
            if time.monotonic() - looked_at > _LOOK_EVERY_S:
                embedded = place.server.embedded
                if embedded is not None and embedded.revive():
                    complain(
                        f"the embedded database had died, and is started again: the end of {embedded.log} says why"
                    )
                is_dead = reload_dead_code(settings)
                if is_dead and not was_dead:
                    complain("Dagster's code server had died, or its code did not load: it is started again")
                looked_at, was_dead = time.monotonic(), is_dead
    except KeyboardInterrupt:
        console.print("Stopping ...")


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Serve from this home alone: two clocks would sync the same sources. Raises Refused where another one does."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"another 'millrace up' serves {home}: stop that, or set MILLRACE_HOME") from None
        yield


def _require_free_ports(settings: Settings) -> None:
    for variable, port in {
        "MILLRACE_API_PORT": settings.api_port,
        "MILLRACE_DAGSTER_PORT": settings.dagster_port,
    }.items():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise Refused(f"port {port} is taken, perhaps by another 'millrace up': stop that, or set {variable}")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
