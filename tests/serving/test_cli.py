"""The command line keeps tracebacks from people, also those of faults that nobody foresaw."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

FAULT = """
from serving import cli
@cli.app.command("break")
def fault() -> None:
    raise ZeroDivisionError("the stones are too far apart: sk-verysecret at https://otto:grist@mill.example/a?key=b")
cli.main()
"""


def test_a_fault_is_one_sentence_and_its_details_are_in_a_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAULT, "break"],
        env={**os.environ, "MILLRACE_HOME": str(tmp_path), "OPENAI_API_KEY": "sk-verysecret"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "this is a fault of Millrace (ZeroDivisionError)" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    details = (tmp_path / "logs" / "errors.log").read_text()
    assert "Traceback" in details
    assert "the stones are too far apart: *** at https://mill.example/a" in details.splitlines()[-1]
    assert not [secret for secret in ("sk-verysecret", "grist", "key=b") if secret in details]


def test_ctrl_c_stops_a_command_with_a_word() -> None:
    stopped = FAULT.replace("ZeroDivisionError", "KeyboardInterrupt")
    done = subprocess.run([sys.executable, "-c", stopped, "break"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "millrace: stopped\n")


def test_a_wrong_address_of_the_database_is_told_without_its_password(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from serving.cli import main; main()", "status"],
        env={**os.environ, "MILLRACE_HOME": str(tmp_path), "DATABASE_URL": "postgresql://mill:grist@[::1/mill"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "DATABASE_URL is no address of a database" in " ".join(done.stderr.split())
    assert "grist" not in done.stderr


def test_the_version_is_told_without_a_database(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from serving.cli import main; main()", "--version"],
        env={**os.environ, "MILLRACE_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, ["millrace", version("millrace")])
    assert list(tmp_path.iterdir()) == []


FULL = """
import errno
from serving import cli
@cli.app.command("fill")
def fill() -> None:
    cli.console.print("grain › flour [ocr]", markup=False)
    raise OSError(errno.ENOSPC, "No space left on device", "/mill/objects/a")
cli.main()
"""


def test_a_full_disk_is_no_fault_and_a_terminal_of_another_encoding_shows_what_it_can(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, "fill"],
        env={**os.environ, "MILLRACE_HOME": str(tmp_path), "PYTHONIOENCODING": "latin-1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "grain ? flour [ocr]\n")
    assert done.stderr == "millrace: /mill/objects/a: No space left on device; free some space, and do it again\n"
