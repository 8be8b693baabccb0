"""The long-lived processes that `millrace up` starts and stops: the API and Dagster, each with a log of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from resources.foundation.errors import Unavailable
from resources.foundation.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
_READY_WITHIN_S = 300
_STOPPED_WITHIN_S = 15
_SERVED_S = 60.0
_LONGEST_LOG = 50 * 1024 * 1024
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Process:
    """A part that was started: where it says that it is ready, and where it writes."""

    name: str
    child: subprocess.Popen[bytes]
    address: str
    log: Path

    def wait_until_ready(self) -> None:
        """Wait until it answers. Raises Unavailable with the end of its log when it does not."""
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline:
            self.require_alive(for_s=0.1)
            try:
                if httpx.get(self.address, timeout=2).is_success:
                    return
            except httpx.HTTPError:
                continue
        raise Unavailable(f"{self.name} did not answer within {_READY_WITHIN_S} s; its log is {self.log}")

    def require_alive(self, *, for_s: float) -> None:
        """Wait that long; raises Unavailable when it ends in the meantime."""
        try:
            status = self.child.wait(for_s)
        except subprocess.TimeoutExpired:
            return
        raise Unavailable(f"{self.name} ended with status {status}: {last_words(self.log)} (its log is {self.log})")


class Part:
    """A process that is started again where it ends after it served for a while: its end may have come from outside.

    One that ends sooner would only end again.
    """

    def __init__(
        self, settings: Settings, start: Callable[[Settings], AbstractContextManager[Process]],
        *, served_s: float = _SERVED_S,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._start = start
        self._served_s = served_s
        self._running = ExitStack()
        self._began = 0.0
        self.process: Process

    def __enter__(self) -> Part:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def wait_until_ready(self) -> None:
        """Wait until it answers. Raises Unavailable with the end of its log when it does not."""
        self.process.wait_until_ready()

    def keep_alive(self, *, for_s: float) -> str | None:
        """Wait that long; what it ended with where it had to be started again. Raises Unavailable for a bad start."""
        try:
            self.process.require_alive(for_s=for_s)
        except Unavailable as error:
            if time.monotonic() - self._began < self._served_s:
                raise
            self._running.close()  # with all that it left behind
            self._begin()
            self.wait_until_ready()
            return str(error)
        return None

    def _begin(self) -> None:
        self.process = self._running.enter_context(self._start(self._settings))
        self._began = time.monotonic()


def last_words(log: Path, most: int = 3) -> str:
    """The last lines of a log that say something."""
    lines = filter(None, map(_said, log.read_text(errors="replace").splitlines()))
    return " / ".join(list(lines)[-most:]) or "it said nothing"


def _said(line: str) -> str:
    """The words of a line of log: the API's lines are JSON, and those of requests have none."""
    line = _COLOUR.sub("", line)
    try:
        return str(json.loads(line).get("message", ""))
    except (ValueError, AttributeError):
        return line.strip()


@contextmanager
def start_api(settings: Settings) -> Iterator[Process]:
    """The HTTP door, for as long as the context lasts."""
    address = f"http://127.0.0.1:{settings.api_port}/healthz"
    with _started(settings, "API", [sys.executable, "-m", "serving"], address) as process:
        yield process


@contextmanager
def start_dagster(settings: Settings) -> Iterator[Process]:
    """Dagster's UI, daemon and code server, for as long as the context lasts."""
    place = ["-w", str(ROOT / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(settings.dagster_port)]
    address = f"http://127.0.0.1:{settings.dagster_port}/server_info"
    environment = {"DAGSTER_HOME": str(settings.home / "dagster")}
    with _started(
        settings, "Dagster", [sys.executable, "-m", "dagster", "dev", *place], address, environment
    ) as process:
        yield process


def reload_dead_code(settings: Settings) -> bool:
    """Let Dagster start its code server again if that died, which it does not by itself; whether it had to be told.

    Until then no sensor ticks and no run begins, while the UI looks well.
    """
    address = f"http://127.0.0.1:{settings.dagster_port}/graphql"
    try:
        answer = httpx.post(address, json={"query": _CODE}, timeout=60).json()
        entries = answer["data"]["workspaceOrError"]["locationEntries"]
        dead = [
            entry["name"]
            for entry in entries
            if (entry["locationOrLoadError"] or {}).get("__typename") == "PythonError"
        ]
        for name in dead:
            httpx.post(address, json={"query": _RELOAD, "variables": {"name": name}}, timeout=60)
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False
    return bool(dead)


_CODE = "{ workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError { __typename } } } } }"
_RELOAD = "mutation ($name: String!) { reloadRepositoryLocation(repositoryLocationName: $name) { __typename } }"


@contextmanager
def _started(
    settings: Settings,
    name: str,
    command: Sequence[str],
    address: str,
    environment: dict[str, str] | None = None,
) -> Iterator[Process]:
    log = settings.home / "logs" / f"{name.lower()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LONGEST_LOG:
        log.unlink()
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "MILLRACE_HOME": str(settings.home), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches `up` alone, which stops the others in order
        )
    try:
        yield Process(name, child, address, log)
    finally:
        _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started: asked first, then made to."""
    if child.poll() is None:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_STOPPED_WITHIN_S)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
