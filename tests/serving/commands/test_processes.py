"""A part that ends says so in words, whatever its log is written in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from resources.foundation.errors import Unavailable
from resources.foundation.settings import Settings
from serving.commands.processes import Part, Process
from tests.factories.ports import free_port

LOG = """{"level": "error", "message": "the stones stand still"}
{"level": "info", "route": "/readyz", "status": 200}
\x1b[32mmillrace\x1b[0m: the mill is closed
"""


def test_a_part_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text(LOG)
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as child:
        part = Process("API", child, "http://127.0.0.1:1", log)
        with pytest.raises(Unavailable) as error:
            part.require_alive(for_s=60)
    assert str(error.value) == (
        f"API ended with status 3: the stones stand still / millrace: the mill is closed (its log is {log})"
    )


@contextmanager
def file_server(settings: Settings) -> Iterator[Process]:
    port = free_port()
    log = settings.home / "server.log"
    log.write_text("the gate fell\n")
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with subprocess.Popen(command, cwd=settings.home, stderr=subprocess.DEVNULL) as child:
        yield Process("Gate", child, f"http://127.0.0.1:{port}/", log)
        child.kill()


def test_a_part_that_served_is_started_again_where_it_is_killed(tmp_path: Path) -> None:
    with Part(Settings(home=tmp_path), file_server, served_s=0) as part:
        part.wait_until_ready()
        assert part.keep_alive(for_s=0.01) is None
        part.process.child.kill()
        assert part.keep_alive(for_s=60) == (
            f"Gate ended with status -9: the gate fell (its log is {tmp_path / 'server.log'})"
        )
        assert httpx.get(part.process.address).is_success
    assert part.process.child.returncode == -9


def test_a_part_that_ends_at_once_is_not_started_again(tmp_path: Path) -> None:
    with Part(Settings(home=tmp_path), file_server, served_s=3600) as part:
        part.process.child.kill()
        with pytest.raises(Unavailable, match="the gate fell"):
            part.keep_alive(for_s=60)
