"""Run a program from start to end and say what it took: seconds, processor seconds (the server's too), memory."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

_EVERY_S = 0.1


@dataclass(frozen=True)
class Run:
    """One program's run. `peak_mb`: the program with all its children, summed, sampled ten times a second."""

    wall_s: float
    cpu_s: float
    server_cpu_s: float
    peak_mb: float
    said: Mapping[str, object]


class Failed(Exception):
    """A program that did not end well, with its last words."""


def run(command: Sequence[str], *, environment: Mapping[str, str], folder: Path, server_pid: int) -> Run:
    """Run it and wait. Raises Failed with the end of what it wrote."""
    log = folder / "log"
    before = server_seconds(server_pid)
    with log.open("wb") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=errors
        )
        watching = _Watch(process.pid)
        said = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    peak = watching.end()
    if process.returncode != 0:
        raise Failed(f"{' '.join(command[:4])} ended with {process.returncode}: {log.read_text()[-2000:]}")
    time.sleep(0.3)  # the server reaps its processes, whose seconds count then
    return Run(
        wall, usage.ru_utime + usage.ru_stime, server_seconds(server_pid) - before,
        max(peak, usage.ru_maxrss / 1024), _last_object(said),
    )  # fmt: skip


class _Watch:
    """Adds up the memory of a process and its children until told to end."""

    def __init__(self, pid: int) -> None:
        self._peak = 0
        self._over = Event()
        self._thread = Thread(target=self._look, args=[pid], daemon=True)
        self._thread.start()

    def end(self) -> float:
        """The largest sum seen, in megabytes of 2^20 bytes."""
        self._over.set()
        self._thread.join()
        return self._peak / 2**20

    def _look(self, pid: int) -> None:
        while not self._over.wait(_EVERY_S):
            try:
                parent = psutil.Process(pid)
                members = [parent, *parent.children(recursive=True)]
            except psutil.Error:
                return
            total = 0
            for member in members:
                try:
                    total += member.memory_info().rss
                except psutil.Error:
                    continue
            self._peak = max(self._peak, total)


def server_seconds(pid: int) -> float:
    """Processor seconds of the database server's processes, those that ended included."""
    parent = psutil.Process(pid)
    times = parent.cpu_times()
    total = float(times.user + times.system + times.children_user + times.children_system)
    for child in parent.children():
        try:
            own = child.cpu_times()
        except psutil.Error:
            continue
        total += own.user + own.system
    return total


def _last_object(said: bytes) -> Mapping[str, object]:
    """The last JSON that was written, on one line or on several."""
    text = said.decode("utf-8", "replace").strip()
    for candidate in (text, text.rpartition("\n")[2]):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(found, list) and found:
            found = found[0]
        if isinstance(found, dict):
            return found
    return {}
