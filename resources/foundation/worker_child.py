"""The inside of a bounded worker process: give up what is not needed, then answer requests until the pipe closes.

Started by workers.py as `python -m resources.foundation.worker_child MODULE:FUNCTION LIMITS`. Imports stay lean: a
fresh child must answer at once. Nothing that came over the pipe is ever unpickled or executed.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import json
import logging
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

FRAME = struct.Struct(">IQ")  # lengths in bytes: JSON header, raw body
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
# By machine: what the kernel calls it (AUDIT_ARCH_…), and the number of its call `socket`.
_SOCKET_CALLS = {"x86_64": (0xC000_003E, 41), "aarch64": (0xC000_00B7, 198)}


class _Notes(logging.Handler):
    """Keeps warnings, so that the parent can log them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def taken(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


def main() -> None:
    """Bound this process, say hello, and serve one request after the other."""
    task, limits = sys.argv[1], json.loads(sys.argv[2])
    network, sockets = _close_network(), _close_sockets()
    refusal = network and sockets
    _die_with_parent()
    _limit(limits, has_own_user_namespace=network is None)
    requests, answers = _private_pipes()
    notes = _Notes()
    logging.getLogger("resources").addHandler(notes)
    module, _, name = task.partition(":")
    function = getattr(importlib.import_module(module), name)
    _send(answers, {"network_refusal": refusal}, b"")
    while (frame := _receive(requests)) is not None:
        _forget_peak()
        _allow_processor(int(limits["processor_seconds"] * frame[0].pop("patience", 1)))
        for header, body in _answers(function, *frame):
            header["notes"], header["peak_bytes"] = notes.taken(), peak_bytes()
            _send(answers, header, body)
    os._exit(0)


def _answers(function: Any, request: dict[str, Any], data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """One answer; or, of a function that gives an iterator, one after the other and then an end."""
    try:
        result = function(request, data)
        if isinstance(result, tuple):
            yield {"answer": result[0]}, result[1]
            return
        for answer, body in result:
            yield {"answer": answer, "more": True}, body
        yield {"end": True}, b""
    except MemoryError:
        yield {"failure": "memory", "reason": "more memory was needed than a worker may have"}, b""
    except Exception as error:  # noqa: BLE001  hostile input makes libraries raise anything at all
        yield {"failure": "crashed", "reason": f"{type(error).__name__}: {error}"[:500]}, b""


def peak_bytes(process_id: int | str = "self") -> int:
    """The most memory that a process held at once, in bytes, since it forgot its peak; 0 where it cannot be told."""
    try:
        with open(f"/proc/{process_id}/status") as status:
            return next((int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def _forget_peak() -> None:
    """So that each request is told its own (linux/Documentation/filesystems/proc.rst, clear_refs)."""
    with suppress(OSError), open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")


def _close_network() -> str | None:
    """Move into an own, empty network; the reason where the kernel refuses."""
    if sys.platform != "linux":
        return "only Linux can"
    libc = ctypes.CDLL(None, use_errno=True)
    for flags in (_CLONE_NEWUSER | _CLONE_NEWNET, _CLONE_NEWNET):
        if libc.unshare(flags) == 0:
            return None
    return os.strerror(ctypes.get_errno())


def _close_sockets() -> str | None:
    """Refuse this process every socket, unix ones too (the database has one); the reason where it cannot.

    A seccomp filter (linux/Documentation/userspace-api/seccomp_filter.rst): wrong machine, end; `socket`, EACCES.
    """
    if sys.platform != "linux" or os.uname().machine not in _SOCKET_CALLS:
        return "no filter is known for this machine"
    machine, socket_call = _SOCKET_CALLS[os.uname().machine]
    load, equal, give = 0x20, 0x15, 0x06  # BPF: load a word, jump if equal, return
    steps = [
        (load, 0, 0, 4), (equal, 1, 0, machine), (give, 0, 0, 0x8000_0000),
        (load, 0, 0, 0), (equal, 0, 1, socket_call),
        (give, 0, 0, 0x0005_0000 | errno.EACCES), (give, 0, 0, 0x7FFF_0000),
    ]  # fmt: skip
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    described = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    if (
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        and libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, described, 0, 0) == 0
    ):
        return None
    return os.strerror(ctypes.get_errno())


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(limits: dict[str, int], *, has_own_user_namespace: bool) -> None:
    wanted = {
        resource.RLIMIT_AS: limits["memory_bytes"],
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 256,
    }
    if has_own_user_namespace:  # elsewhere it would count every process of this user
        wanted[resource.RLIMIT_NPROC] = limits["processes"]
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _allow_processor(seconds: int) -> None:
    """The limit counts from the start of the process, so it moves along with each request."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The two pipes under new numbers, so that a library's print cannot spoil the protocol."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, answers


def _receive(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    start = pipe.read(FRAME.size)
    if len(start) < FRAME.size:
        return None
    header_bytes, body_bytes = FRAME.unpack(start)
    header, body = pipe.read(header_bytes), pipe.read(body_bytes)
    return (json.loads(header), body) if len(body) == body_bytes else None


def _send(pipe: IO[bytes], header: dict[str, Any], body: bytes) -> None:
    encoded = json.dumps(header).encode("ascii")
    pipe.write(FRAME.pack(len(encoded), len(body)) + encoded)
    pipe.write(body)
    pipe.flush()


if __name__ == "__main__":
    main()
