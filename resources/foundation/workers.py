"""Bounded worker processes: untrusted input is worked on where it can do no harm, and for no longer than it may.

A pool keeps a few warm children (worker_child.py). Each has an empty environment, a folder of its own, its own session,
limits on time, memory and files, and no network where the kernel allows that. Requests and answers are length-prefixed
JSON and raw bytes, never pickle. A child that fails is replaced; none outlives its parent, even one killed by SIGKILL.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from resources.foundation.errors import Unavailable
from resources.foundation.worker_child import FRAME, peak_bytes

LOGGER = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = "millrace-worker-"
_START_SECONDS = 60.0
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What a child may use: wall clock and processor seconds for one request, the rest at any time.

    After `requests` of ordinary wear it is replaced, since libraries leak and what broke silently must not last.
    """

    wall_seconds: float = 60.0
    processor_seconds: int = 45
    memory_bytes: int = 2 << 30
    file_bytes: int = 256 << 20
    processes: int = 16
    answer_bytes: int = 512 << 20
    requests: int = 50


@dataclass(frozen=True)
class Answer:
    """What the child's function returned. It comes from where hostile input was read: check it before use.

    `peak_bytes`: the most memory that the child held for this request; 0 where it cannot be told.
    """

    header: Mapping[str, Any]
    body: bytes
    peak_bytes: int = 0


@dataclass(frozen=True)
class Failure:
    """Why there is no answer, in one line."""

    outcome: Literal["timeout", "memory", "crashed"]
    reason: str
    peak_bytes: int = 0


_NOTHING = Failure("crashed", "the worker ended without an answer")


class _Died(Exception):
    """The child closed its pipe or broke the protocol."""


class _TookTooLong(Exception):
    """The time for this request is over."""


class Worker:
    """One child process. Not thread-safe: a pool hands it to one thread at a time."""

    def __init__(self, task: str, limits: Limits, environment: Mapping[str, str]) -> None:
        self.limits = limits
        self.wear = 0.0
        self.is_sound = True
        self._ending = threading.Lock()
        self.folder = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-")
        self._errors = open(os.path.join(self.folder, "stderr"), "w+b")  # noqa: SIM115  lives as long as the child
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "resources.foundation.worker_child", task, _child_limits(limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            cwd=self.folder,
            env=_environment(self.folder, environment),
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin.fileno(), self._process.stdout.fileno()
        for pipe in (self._requests, self._answers):
            with suppress(OSError, AttributeError):  # roomier pipes save changes between the processes
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _READ_BYTES)
        os.set_blocking(self._requests, False)
        os.set_blocking(self._answers, False)
        self.network_refusal = self._hello()

    @property
    def process_id(self) -> int:
        return self._process.pid

    def answers(self, request: Mapping[str, Any], data: bytes, *, patience: float = 1.0) -> Iterator[Answer | Failure]:
        """One request, and its answer; or all of them, of a function that gives many.

        The time that the caller takes between two of them is not counted. After a failure, or when the caller stops
        before the end, the child is of no more use: close it and start another.
        """
        seconds = self.limits.wall_seconds * patience
        deadline = time.monotonic() + seconds
        try:
            self._send(json.dumps({**request, "patience": patience}).encode("ascii"), data, deadline)
            has_more = True
            while has_more:
                header, body = self._receive(deadline)
                _log_notes(header)
                has_more = header.get("more") is True
                is_end = header.get("end") is True
                self.is_sound = not has_more and (is_end or "answer" in header)
                if not is_end:
                    paused = time.monotonic()
                    yield self._result(header, body)
                    deadline += time.monotonic() - paused
        except _TookTooLong:
            peak = peak_bytes(self.process_id)
            self.kill()
            yield Failure("timeout", f"stopped after {seconds:g} s", peak)
        except _Died:
            yield self._cause_of_death()

    def _result(self, header: Mapping[str, Any], body: bytes) -> Answer | Failure:
        stated = header.get("peak_bytes")
        peak = stated if isinstance(stated, int) else 0
        if isinstance(answer := header.get("answer"), dict):
            return Answer(answer, body, peak)
        outcome: Literal["memory", "crashed"] = "memory" if header.get("failure") == "memory" else "crashed"
        return Failure(outcome, " ".join(str(header.get("reason")).split())[:500], peak)

    def kill(self) -> None:
        """End the child and whatever it may have started. Any thread may call this, more than once."""
        with self._ending:  # once it is waited for, its number may belong to somebody else
            if self._process.returncode is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def close(self) -> None:
        """Kill the child and remove its folder."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _hello(self) -> str | None:
        try:
            header, _ = self._receive(time.monotonic() + _START_SECONDS)
        except (_Died, _TookTooLong) as error:
            cause = self._cause_of_death().reason
            self.close()
            raise Unavailable(f"a worker process did not start: {cause}") from error
        refusal = header.get("network_refusal")
        return None if refusal is None else str(refusal)

    def _cause_of_death(self) -> Failure:
        self.kill()
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return Failure("timeout", f"stopped after {self.limits.processor_seconds} s of processor time")
        last_words = self._last_words()
        if "MemoryError" in last_words or "bad_alloc" in last_words or "memory" in last_words.lower():
            return Failure("memory", f"the worker ran out of memory: {last_words}")
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        return Failure("crashed", f"the worker {how}{': ' if last_words else ''}{last_words}")

    def _last_words(self) -> str:
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 2_000))
        lines = self._errors.read().decode("utf-8", "replace").strip().split("\n")
        return lines[-1].strip()[:300]

    def _send(self, header: bytes, body: bytes, deadline: float) -> None:
        for part in (FRAME.pack(len(header), len(body)) + header, body):
            rest = memoryview(part)
            while rest:
                _wait_for(self._requests, select.POLLOUT, deadline)
                try:
                    rest = rest[os.write(self._requests, rest) :]
                except BrokenPipeError as error:
                    raise _Died from error

    def _receive(self, deadline: float) -> tuple[dict[str, Any], bytes]:
        header_bytes, body_bytes = FRAME.unpack(self._read(FRAME.size, deadline))
        if header_bytes + body_bytes > self.limits.answer_bytes:
            raise _Died
        header = self._read(header_bytes, deadline)
        body = self._read(body_bytes, deadline)
        try:
            decoded = json.loads(header)
        except (ValueError, RecursionError) as error:
            raise _Died from error
        if not isinstance(decoded, dict):
            raise _Died
        return decoded, body

    def _read(self, count: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            _wait_for(self._answers, select.POLLIN, deadline)
            part = os.read(self._answers, min(_READ_BYTES, count - len(parts)))
            if not part:
                raise _Died
            parts += part
        return bytes(parts)


@dataclass
class WorkerPool:
    """A few children for one function: `task` is "module:function", called as function(request, data).

    The function returns a JSON object and bytes. Threads may ask at once; each waits for a free child. Children start
    when first needed, from a thread that lives as long as the pool: the kernel ends a child with the thread that
    started it.
    """

    task: str
    count: int = 2
    limits: Limits = field(default_factory=Limits)
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(self.count):
            self._places.put(None)
        self._workers: set[Worker] = set()
        self._lock = threading.Lock()
        self._is_closed = False
        self._has_swept = False
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="worker-starter")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(
        self, request: Mapping[str, Any], data: bytes = b"", *, wear: float = 1.0, patience: float = 1.0
    ) -> Answer | Failure:
        """Let a free child answer. Raises Unavailable when no child can be started or the pool is closed.

        `wear` is how much this request counts towards the replacement of the child; `patience` how many times the
        usual time it may take.
        """
        with self._lent(wear) as worker:
            return next(worker.answers(request, data, patience=patience), _NOTHING)

    def stream(self, request: Mapping[str, Any], data: bytes = b"", *, wear: float = 1.0) -> Iterator[Answer | Failure]:
        """Let a free child answer many times. A failure is the last of them; who stops early loses the child."""
        with self._lent(wear) as worker:
            yield from worker.answers(request, data)

    @contextmanager
    def _lent(self, wear: float) -> Iterator[Worker]:
        worker = self._places.get()
        try:
            worker = worker or self._start()
            worker.is_sound = False  # a child in an unknown state serves nobody else
            yield worker
            worker.wear += wear
            if not worker.is_sound or worker.wear >= self.limits.requests:
                self._drop(worker)
                worker = None
        except BaseException:
            if worker is not None:
                self._drop(worker)
            worker = None
            raise
        finally:
            self._places.put(worker)

    def network_is_closed(self) -> bool:
        """Whether the children have no network. Starts one child, if none runs."""
        worker = self._places.get()
        try:
            worker = worker or self._start()
            return worker.network_refusal is None
        finally:
            self._places.put(worker)

    def process_ids(self) -> list[int]:
        """The children that run now."""
        with self._lock:
            return [worker.process_id for worker in self._workers]

    def close(self) -> None:
        """End every child; requests under way fail, and waiting ones are told that the pool is closed."""
        with self._lock:
            self._is_closed = True
            workers = list(self._workers)
        for worker in workers:
            worker.kill()
        for place in [self._places.get() for _ in range(self.count)]:
            if place is not None:
                self._drop(place)
            self._places.put(None)
        self._starter.shutdown()

    def _start(self) -> Worker:
        if self._is_closed:
            raise Unavailable("the worker pool is closed: open a new one")
        if not self._has_swept:
            self._has_swept = True
            _sweep()
        worker = self._starter.submit(Worker, self.task, self.limits, self.environment).result()
        with self._lock:
            self._workers.add(worker)
            is_late = self._is_closed
        if is_late:
            self._drop(worker)
            raise Unavailable("the worker pool was closed meanwhile: open a new one")
        if worker.network_refusal is not None:
            _warn_once(f"worker processes keep their network: the kernel refuses ({worker.network_refusal})")
        return worker

    def _drop(self, worker: Worker) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.close()


def _child_limits(limits: Limits) -> str:
    return json.dumps(
        {
            "processor_seconds": limits.processor_seconds,
            "memory_bytes": limits.memory_bytes,
            "file_bytes": limits.file_bytes,
            "processes": limits.processes,
        }
    )


def _environment(folder: str, more: Mapping[str, str]) -> dict[str, str]:
    """All that a child gets to see: no secret, no proxy, no address of a database."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "PYTHONPATH": str(_ROOT),
        "DO_NOT_TRACK": "true",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **more,
    }


def _sweep() -> None:
    """Remove the folders of parents that were killed and could not."""
    if not os.path.exists("/proc/self"):
        return  # elsewhere than on Linux nobody can tell so simply who lives
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        parent = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if parent.isdigit() and not os.path.exists(f"/proc/{parent}"):
            shutil.rmtree(folder, ignore_errors=True)


def _wait_for(descriptor: int, event: int, deadline: float) -> None:
    waiting = select.poll()
    waiting.register(descriptor, event)
    left = deadline - time.monotonic()
    if left <= 0 or not waiting.poll(left * 1000):
        raise _TookTooLong


def _log_notes(header: Mapping[str, Any]) -> None:
    notes = header.get("notes")
    for note in notes[:20] if isinstance(notes, list) else []:
        _warn_once(str(note)[:500])


_warned: set[str] = set()


def _warn_once(message: str) -> None:
    if message not in _warned and len(_warned) < 1_000:
        _warned.add(message)
        LOGGER.warning("%s", message)
