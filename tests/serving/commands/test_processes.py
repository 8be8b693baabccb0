"""A part that ends says so in words, whatever its log is written in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from resources.foundation.errors import Unavailable
from serving.commands.processes import Process

LOG = """{"level": "error", "message": "the stones stand still"}
{"level": "info", "route": "/readyz", "status": 200}
millrace: the mill is closed
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
