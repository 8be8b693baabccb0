"""The HTTP door under load: what an answer costs beside search and model, answers per second, slow streams, overload.

    python -m benchmarks.serve --minutes 2 --json /tmp/serve.json

The server is a process of its own, as `millrace up` starts it, over the embedded PostgreSQL with eight organizations
that have the sample handbook each; the model is another process that answers at once, or a word in two seconds.
Clients, server, database and model share the machine's processors: times of many clients are of all of these.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psutil

from benchmarks.subjects.with_millrace import SOURCE, prepare, sync
from resources.bots.sample import HANDBOOK, QUESTIONS
from resources.conversations.records import Prompt
from resources.foundation.database import Server, open_database
from resources.foundation.openai_provider import RemoteSpeaker
from resources.foundation.settings import Settings
from resources.identity import api_keys, organizations
from resources.knowledge.records import ChunkingRule

ORGANIZATIONS = 8
WORDS = ("The", " first", " passage", " says", " so", " [1].")
SLOW = "slow"
LEAST_ANSWERS = 20
MOST = 390


@dataclass(frozen=True)
class Office:
    """An organization, a key of it, and the address of the server."""

    id: UUID
    key: str
    address: str


@dataclass
class Load:
    """What came of many questions. Times in milliseconds, of those that were answered."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    ids: list[str] = field(default_factory=list)
    refused_in: list[float] = field(default_factory=list)

    def told(self, seconds: float) -> dict[str, object]:
        """The figures of a table's row."""
        return {
            "answered": len(self.took), "per_second": round(len(self.took) / seconds, 1),
            "p50_ms": quantile(self.took, 0.5), "p95_ms": quantile(self.took, 0.95),
            "p99_ms": quantile(self.took, 0.99),
            "refused_p99_ms": quantile(self.refused_in, 0.99), "statuses": dict(self.statuses),
        }  # fmt: skip


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value that this share of the values does not exceed; None of too few."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


async def ask(client: httpx.AsyncClient, office: Office, question: str, load: Load, *, model: str = SOURCE) -> None:
    """One question, in one piece."""
    started = time.perf_counter()
    try:
        answer = await client.post(
            f"{office.address}/v1/chat/completions", headers={"Authorization": f"Bearer {office.key}"},
            json={"model": model, "messages": [{"role": "user", "content": question}]},
        )  # fmt: skip
    except httpx.HTTPError as error:
        load.statuses[type(error).__name__] += 1
        return
    took = 1000 * (time.perf_counter() - started)
    load.statuses[str(answer.status_code)] += 1
    if answer.status_code == 200:
        load.took.append(took)
        load.ids.append(str(UUID(answer.json()["id"].removeprefix("chatcmpl-"))))
    else:
        load.refused_in.append(took)


async def closed(offices: Sequence[Office], questions: Sequence[str], *, clients: int, seconds: float) -> Load:
    """So many clients ask one question after the other for so long."""
    load, deadline = Load(), time.monotonic() + seconds

    async def one(number: int) -> None:
        at = number * 7
        async with httpx.AsyncClient(timeout=120) as client:
            while time.monotonic() < deadline or (clients == 1 and len(load.took) < LEAST_ANSWERS):
                await ask(client, offices[number % len(offices)], questions[at % len(questions)], load)
                at += 1

    await asyncio.gather(*(one(number) for number in range(clients)))
    return load


async def opened(
    offices: Sequence[Office], questions: Sequence[str], *, per_second: float, seconds: float, api: psutil.Process
) -> tuple[Load, list[float]]:
    """Questions come at this rate, whatever becomes of the earlier ones; and the server's memory in MB meanwhile."""
    load, memory, under_way = Load(), [], set()
    started = time.monotonic()
    sent = 0

    async def one(number: int) -> None:
        # a client for each: a pool of hundreds of connections looks through all of them for each request
        client = idle.pop()
        await ask(client, offices[number % len(offices)], questions[number % len(questions)], load)
        idle.append(client)

    async with AsyncExitStack() as clients:
        idle = [await clients.enter_async_context(httpx.AsyncClient(timeout=120, verify=False)) for _ in range(MOST)]  # noqa: S501
        while (now := time.monotonic() - started) < seconds:
            while sent < now * per_second:
                if len(under_way) >= MOST:
                    load.statuses["not sent"] += 1
                else:
                    task = asyncio.create_task(one(sent))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                sent += 1
            if len(memory) < now:
                memory.append(api.memory_info().rss / 2**20)
            await asyncio.sleep(0.02)
        await asyncio.gather(*under_way)
    return load, memory


async def stream(client: httpx.AsyncClient, office: Office, statuses: Counter[str], under_way: list[int]) -> None:
    """A slow stream, read to its end."""
    try:
        async with client.stream(
            "POST", f"{office.address}/v1/chat/completions", headers={"Authorization": f"Bearer {office.key}"},
            json={"model": SLOW, "stream": True, "messages": [{"role": "user", "content": "Who is on call at night?"}]},
        ) as answer:  # fmt: skip
            under_way[0] += answer.status_code == 200
            text = b"".join([part async for part in answer.aiter_bytes()])
            is_whole = b"[DONE]" in text and b"says" in text
            statuses[f"{answer.status_code} {'whole' if is_whole else 'not whole'}"] += 1
            under_way[0] -= answer.status_code == 200
    except httpx.HTTPError as error:
        statuses[type(error).__name__] += 1


async def streams(offices: Sequence[Office], questions: Sequence[str], *, count: int) -> dict[str, object]:
    """So many slow streams at once, and what others wait meanwhile."""
    statuses: Counter[str] = Counter()
    under_way, most = [0], 0
    others, lists = Load(), []
    limits = httpx.Limits(max_connections=count + 10)
    async with httpx.AsyncClient(timeout=300, limits=limits) as client, httpx.AsyncClient(timeout=120) as probe:
        tasks = []
        for number in range(count):
            tasks.append(asyncio.create_task(stream(client, offices[number % len(offices)], statuses, under_way)))
            # they come within seconds, as the searches before the first word need the processors
            await asyncio.sleep(0.05)
        while not all(task.done() for task in tasks):
            most = max(most, under_way[0])
            started = time.perf_counter()
            await probe.get(f"{offices[0].address}/v1/models", headers={"Authorization": f"Bearer {offices[0].key}"})
            lists.append(1000 * (time.perf_counter() - started))
            await ask(probe, offices[len(lists) % len(offices)], questions[len(lists) % len(questions)], others)
            await asyncio.sleep(0.2)
        await asyncio.gather(*tasks)
    return {
        "streams": count, "at_once": most, "statuses": dict(statuses), "others_answered": others.told(1)["answered"],
        "others_p50_ms": quantile(others.took, 0.5), "others_p95_ms": quantile(others.took, 0.95),
        "list_p50_ms": quantile(lists, 0.5), "list_p95_ms": quantile(lists, 0.95),
    }  # fmt: skip


def beside(server: Server, office: Office, load: Load, model_ms: float) -> dict[str, object]:
    """What each answer took beside the search that it rests on, whose time is in its log, and beside the model too.

    `model_ms`: what the model takes over HTTP where nothing else is done, the median.
    """
    with (
        open_database(server, "millrace_pipeline", most=1) as database,
        database.transaction(office.id) as connection,
    ):
        searched = {
            str(row[0]): float(row[1])
            for row in connection.execute("select message_id, elapsed_ms from conversations.retrieval_logs")
        }
    rest = [took - searched[id] for took, id in zip(load.took, load.ids, strict=True) if id in searched]
    return {
        "answers": len(rest), "whole_p50_ms": quantile(load.took, 0.5), "whole_p95_ms": quantile(load.took, 0.95),
        "search_p50_ms": quantile([searched[id] for id in load.ids if id in searched], 0.5),
        "beside_p50_ms": quantile(rest, 0.5), "beside_p95_ms": quantile(rest, 0.95), "model_p50_ms": round(model_ms, 1),
        "beside_both_p50_ms": quantile([one - model_ms for one in rest], 0.5),
        "beside_both_p95_ms": quantile([one - model_ms for one in rest], 0.95),
    }  # fmt: skip


def model_alone(base_url: str, times: int = 200) -> float:
    """Milliseconds, the median, that the model takes for a prompt of 6,000 characters, asked as the product does."""
    speaker = RemoteSpeaker("fake", base_url=base_url, api_key="sk-bench")
    prompt = Prompt("Who?", (), (), "Answer.", "word " * 1200, "", 0.0)
    took = []
    for _ in range(times):
        started = time.perf_counter()
        list(speaker.speak(prompt))
        took.append(1000 * (time.perf_counter() - started))
    return statistics.median(took)


def logged(log: Path, since: int) -> dict[str, object]:
    """What the server itself took, by its log from a byte on: clients count what they wait for a processor, too.

    Of those that were answered until the server had read all of them.
    """
    took: dict[int, list[float]] = {200: [], 503: []}
    with log.open("rb") as lines:
        lines.seek(since)
        for line in lines:
            if b'"ms"' in line and (b"/v1/chat/completions" in line or b'"status": 503' in line):
                told = json.loads(line)
                took.setdefault(told.get("status", 0), []).append(float(told.get("ms", 0)))
    return {
        f"{who}_by_the_server_{name}_ms": quantile(took[status], share)
        for who, status in (("answered", 200), ("refused", 503))
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }


def processor_ms(process: psutil.Process) -> float:
    """Milliseconds of processor that a process took until now, with its children, those that have ended too."""
    times = process.cpu_times()
    own = times.user + times.system + times.children_user + times.children_system
    return 1000 * own + sum(1000 * sum(child.cpu_times()[:2]) for child in process.children())


async def metered(
    processes: Mapping[str, psutil.Process], offices: Sequence[Office], questions: Sequence[str], *, clients: int,
    seconds: float,
) -> tuple[Load, dict[str, object]]:  # fmt: skip
    """As `closed`, and what each of these processes took of the processor for an answer."""
    before = {name: processor_ms(process) for name, process in processes.items()}
    load = await closed(offices, questions, clients=clients, seconds=seconds)
    answers = max(1, len(load.took))
    return load, {
        f"{name}_cpu_ms": round((processor_ms(process) - before[name]) / answers, 1)
        for name, process in processes.items()
    }


def slope(memory: Sequence[float]) -> float:
    """MB an hour by which the memory grows, of a value a second, by least squares; the first fifth is warming up."""
    told = memory[len(memory) // 5 :]
    return round(3600 * statistics.linear_regression(range(len(told)), told).slope, 1) if len(told) > 1 else 0.0


async def measure(
    server: Server, offices: Sequence[Office], options: argparse.Namespace, api: psutil.Process, base_url: str
) -> Any:
    """All of it, in order."""
    questions = [json.loads(line)["text"] for line in QUESTIONS.read_text().splitlines()]
    report: dict[str, object] = {}
    home = Path(api.environ()["MILLRACE_HOME"])
    postmaster = int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
    processes = {"server": api, "database": psutil.Process(postmaster)}
    await closed(offices[:1], questions, clients=1, seconds=3)  # what is loaded at the first question
    if not options.overload_only:
        load, cpu = await metered(processes, offices[:1], questions, clients=1, seconds=options.seconds)
        report["one client"] = say("one client", {**beside(server, offices[0], load, model_alone(base_url)), **cpu})
    capacity = 1.0
    for clients in (8,) if options.overload_only else (8, 64):
        load, cpu = await metered(processes, offices, questions, clients=clients, seconds=options.seconds)
        report[f"{clients} clients"] = say(f"{clients} clients", {**load.told(options.seconds), **cpu})
        capacity = max(capacity, len(load.took) / options.seconds)
    if not options.overload_only:
        report["streams"] = say("streams", await streams(offices, questions, count=options.streams))
    seconds = 60 * options.minutes
    before, log = api.memory_info().rss / 2**20, home / "api.log"
    written = log.stat().st_size
    load, memory = await opened(offices, questions, per_second=3 * capacity, seconds=seconds, api=api)
    started = time.monotonic()
    rested = await closed(offices[:1], questions, clients=1, seconds=5)
    third = max(1, len(memory) // 3)
    report["overload"] = say("overload", {
        **load.told(seconds), **logged(log, written), "asked_per_second": round(3 * capacity, 1),
        "memory_before_mb": round(before),
        "memory_first_third_mb": round(sum(memory[:third]) / third), "memory_last_third_mb":
        round(sum(memory[-third:]) / third), "memory_slope_mb_an_hour": slope(memory), "lives": api.is_running(),
        "after_p50_ms": quantile(rested.took, 0.5),
        "recovered_within_s": round(time.monotonic() - started, 1),
    })  # fmt: skip
    return report


def say(name: str, told: dict[str, object]) -> dict[str, object]:
    """Print a row."""
    sys.stdout.write(f"{name}: {json.dumps(told)}\n")
    sys.stdout.flush()
    return told


@contextmanager
def provider() -> Iterator[str]:
    """The model as a process of its own; the address of its API."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.serve", "--provider", str(port)])
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


async def speak(port: int) -> None:
    """Answer chats as streams: at once, or a word a second for the model that is called slow."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(next(iter(re.findall(rb"(?i)content-length: (\d+)", head)), b"0"))
                asked = json.loads(await reader.readexactly(length) or b"{}")
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                )
                for word in WORDS:
                    _send(writer, {"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]})
                    if asked.get("model") == SLOW:
                        await writer.drain()
                        await asyncio.sleep(2)
                _send(writer, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
                _send(writer, {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 6}})
                data = b"data: [DONE]\n\n"
                writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", port, backlog=1000) as server:
        await server.serve_forever()


def _send(writer: asyncio.StreamWriter, said: dict[str, object]) -> None:
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "fake", **said}
    data = f"data: {json.dumps(chunk)}\n\n".encode()
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))


@contextmanager
def api(settings: Settings, base_url: str) -> Iterator[tuple[str, psutil.Process]]:
    """The server as a process of its own."""
    port = free_port()
    environment = {
        **os.environ, "MILLRACE_HOME": str(settings.home), "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "sk-bench",
        "MILLRACE_EMBEDDING_MODEL": settings.embedding_model, "MILLRACE_CHAT_MODEL": "fake",
    }  # fmt: skip
    with (settings.home / "api.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "serving", "--port", str(port)], env=environment, stderr=log
        )  # fmt: skip
        try:
            wait_for(port)
            address = f"http://127.0.0.1:{port}"
            while httpx.get(f"{address}/readyz", timeout=30).status_code != 200:
                time.sleep(0.1)
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until somebody listens there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on {port}")


def furnish(settings: Settings, server: Server) -> list[tuple[UUID, str]]:
    """The organizations with the handbook, a chatbot that answers at once, and one that is slow; and a key of each."""
    from resources.bots import chatbots, starter
    from resources.bots.configurations import model_config_versions
    from resources.knowledge.sources import data_sources

    made = []
    for number in range(ORGANIZATIONS):
        own, rule = replace(settings, organization=f"office-{number}"), ChunkingRule()
        prepare(own, HANDBOOK, rule)
        sync(own, rule)
        with open_database(server, "millrace_pipeline", most=1) as database:
            with database.directory() as connection:
                organization = organizations.find_by_slug(connection, own.organization)
            assert organization is not None
            with database.transaction(organization.id) as connection:
                source = data_sources.find_by_name(connection, organization.id, SOURCE)
                assert source is not None
                bot = starter.ensure_chatbot(
                    connection, organization.id, name=SLOW, embedding_model=own.embedding_model, llm_model=SLOW
                )  # fmt: skip
                model_config_versions.ensure_active(
                    connection, organization.id, bot.id, embedding_model=own.embedding_model, llm_model=SLOW,
                    chunk_size=rule.size, chunk_overlap=rule.overlap,
                )  # fmt: skip
                chatbots.attach_source(connection, organization.id, bot.id, source.id)
                _, key = api_keys.create(connection, organization.id, name="bench", scopes=["chat"])
        made.append((organization.id, key))
    return made


def main() -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2, help="at three times capacity")
    parser.add_argument("--seconds", type=float, default=15, help="for each number of clients")
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--overload-only", action="store_true", help="8 clients, then three times what they got")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--provider", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.provider:
        asyncio.run(speak(options.provider))
        return
    with tempfile.TemporaryDirectory(prefix="millrace-serve-") as folder:
        settings = Settings(home=Path(folder), chat_model="fake")
        server = Server(settings)
        try:
            keys = furnish(settings, server)
            with provider() as base_url, api(settings, base_url) as (address, process):
                offices = [Office(id, key, address) for id, key in keys]
                report = asyncio.run(measure(server, offices, options, process, base_url))
        finally:
            server.close()
    if options.json:
        options.json.write_text(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
