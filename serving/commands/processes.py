"""The long-lived processes that `millrace up` starts and stops: the API and Dagster, each with a log of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from resources.foundation.errors import Unavailable
from resources.foundation.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
_READY_WITHIN_S = 300
_STOPPED_WITHIN_S = 15


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
        lines = filter(None, map(_said, self.log.read_text(errors="replace").splitlines()))
        last = " / ".join(list(lines)[-3:]) or "it said nothing"
        raise Unavailable(f"{self.name} ended with status {status}: {last} (its log is {self.log})")


def _said(line: str) -> str:
    """The words of a line of log: the API's lines are JSON, and those of requests have none."""
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
    with log.open("wb") as output:
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
