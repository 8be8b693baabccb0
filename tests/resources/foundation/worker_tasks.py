"""What the workers of test_workers.py are asked to do: each a way in which a task can go."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

Result: TypeAlias = tuple[dict[str, Any], bytes]


def answer(request: dict[str, Any], data: bytes) -> Result | Iterator[Result]:
    """Do what the request names."""
    task: Callable[[dict[str, Any], bytes], Result | Iterator[Result]] = TASKS[request["do"]]
    return task(request, data)


def _echo(request: dict[str, Any], data: bytes) -> Result:
    return request, data


def _print(request: dict[str, Any], data: bytes) -> Result:
    print("noise from a library", flush=True)  # noqa: T201
    os.system("echo more noise")  # noqa: S605, S607
    return {"stdin": sys.stdin.read()}, b""


def _raise(request: dict[str, Any], data: bytes) -> Result:
    raise KeyError("a\nb")


def _recurse(request: dict[str, Any], data: bytes) -> Result:
    return _recurse(request, data)


def _sleep(request: dict[str, Any], data: bytes) -> Result:
    time.sleep(60)
    return {}, b""


def _spin(request: dict[str, Any], data: bytes) -> Result:
    while True:
        pass


def _swallow(request: dict[str, Any], data: bytes) -> Result:
    return {"length": len(bytearray(8 << 30))}, b""


def _segfault(request: dict[str, Any], data: bytes) -> Result:
    ctypes.string_at(0)
    return {}, b""


def _leave(request: dict[str, Any], data: bytes) -> Result:
    os._exit(7)


def _spawn(request: dict[str, Any], data: bytes) -> Result:
    child = subprocess.Popen(["/bin/sleep", "60"])
    if request.get("then") == "hang":
        time.sleep(60)
    return {"process_id": child.pid}, b""


def _connect(request: dict[str, Any], data: bytes) -> Result:
    try:
        with socket.socket(socket.AF_UNIX if "path" in request else socket.AF_INET) as connection:
            connection.settimeout(2)
            connection.connect(request.get("path") or ("127.0.0.1", request["port"]))
    except OSError as error:
        return {"error": errno.errorcode[error.errno or 0]}, b""
    return {"error": None}, b""


def _surroundings(request: dict[str, Any], data: bytes) -> Result:
    names = [int(name) for name in os.listdir("/proc/self/fd")]
    descriptors = [os.readlink(f"/proc/self/fd/{n}") for n in names if n > 2 and os.path.lexists(f"/proc/self/fd/{n}")]
    try:
        with open(f"/proc/{os.getppid()}/environ", "rb") as environment:
            parent = len(environment.read())
    except OSError:
        parent = -1
    found = {
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "descriptors": descriptors,
        "parent_environment_bytes": parent,
        "modules": len(sys.modules),
    }
    return found, b""


def _write(request: dict[str, Any], data: bytes) -> Result:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("big", "wb") as file:
        file.truncate(1 << 40)
    return {}, b""


def _count(request: dict[str, Any], data: bytes) -> Iterator[Result]:
    for number in range(request["to"]):
        if number == request.get("fails_at"):
            raise ValueError("no further")
        time.sleep(request.get("pause", 0))
        yield {"number": number}, data * number


def _hold(request: dict[str, Any], data: bytes) -> Result:
    return {"length": len(bytes(1) * request["bytes"])}, b""


TASKS = {name.lstrip("_"): task for name, task in list(globals().items()) if name.startswith("_") and callable(task)}
