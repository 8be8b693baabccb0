"""A data engineer at the command line: from an empty folder to a cited answer, an edit, a removal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from resources.foundation.database import Server
from resources.foundation.settings import Settings
from serving.cli import main

Millrace = Callable[..., "subprocess.CompletedProcess[str]"]
UNSET = ("DATABASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "DAGSTER_HOME")


@pytest.fixture(scope="module")
def millrace(server_folder: Path) -> Iterator[Millrace]:
    """Runs a command as a person would, in a home of its own, with nothing configured.

    From the first `up` on the database stays up, as it does beside `millrace up` without `--once`.
    """
    home = server_folder / "house"
    kept: list[Server] = []
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-c", "from serving.cli import main; main()", *arguments],
            env={**environment, "MILLRACE_HOME": str(home)}, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        if arguments[0] == "up" and not kept:
            kept.append(Server(Settings(home=home)))
        return done

    yield run
    for server in kept:
        server.close()


def report(done: subprocess.CompletedProcess[str], status: int = 0) -> Any:
    """What a command reported with --json."""
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def test_before_anything_is_set_up_the_remedy_is_named(millrace: Millrace) -> None:
    done = millrace("status")
    assert done.returncode == 1
    assert "run 'millrace up'" in done.stderr
    assert "Traceback" not in done.stderr


def test_up_once_answers_from_the_sample_and_a_second_time_does_no_work_twice(millrace: Millrace) -> None:
    first = millrace("up", "--once")
    assert first.returncode == 0, first.stderr
    assert "0.38 euros a kilometre" in first.stdout
    assert "people/travel-expenses.md" in first.stdout
    assert first.stdout.index("nDCG@10") < first.stdout.index("recall@10")
    second = millrace("up", "--once")
    assert second.returncode == 0, second.stderr
    assert "0.38 euros a kilometre" in second.stdout
    syncs = report(millrace("status", "--json"))["syncs"]
    assert [(sync["changed"], sync["embedded"]) for sync in syncs] == [(0, 0), (15, syncs[1]["embedded"])]


def test_a_folder_is_followed_and_an_edit_is_found(millrace: Millrace, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "boats.md").write_text("# Boats\n\nThe ferry Marigold leaves at seven every morning.\n")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 this is no PDF")
    added = report(millrace("source", "add", str(folder), "--every", "15m", "--json"))
    assert (added["name"], added["every_s"], added["chatbot"]) == ("notes", 900, "notes")

    (synced,) = report(millrace("sync", "notes", "--json"), status=3)
    assert (synced["listed"], synced["changed"], synced["failed"], synced["embedded"]) == (2, 2, 1, 1)
    (failure,) = report(millrace("status", "--json"))["failures"]
    assert (failure["file_path"], failure["stage"]) == ("broken.pdf", "parsing")

    answered = report(millrace("ask", "When does the ferry leave?", "--chatbot", "notes", "--json"))
    assert "leaves at seven" in answered["text"]
    (citation,) = answered["citations"]
    assert citation["location"] == "boats.md"

    assert report(millrace("failures", "ignore", "--all", "--json")) == {"ignored": 1}
    (folder / "boats.md").write_text("# Boats\n\nThe ferry Marigold leaves at nine every morning.\n")
    (synced,) = report(millrace("sync", "notes", "--json"))
    assert (synced["changed"], synced["unchanged"], synced["deleted"]) == (1, 1, 0)
    (found,) = report(millrace("search", "ferry Marigold", "--chatbot", "notes", "--json"))
    assert "nine" in found["content"]

    assert millrace("source", "remove", "notes", "--yes").returncode == 0
    assert report(millrace("search", "ferry Marigold", "--chatbot", "notes", "--json")) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["source", "add", "/no/such/folder"], "there is no file or folder '/no/such/folder'"),
        (["source", "add", ".", "--every", "soon"], "--every 'soon'"),
        (["source", "remove", "nothing", "--yes"], "there is no source 'nothing'"),
        (["sync", "nothing"], "no source 'nothing'"),
        (["ask", "Anything?", "--chatbot", "nobody"], "there is no chatbot 'nobody'"),
        (["key", "revoke", "x"], "'x' is no key's id"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_wrong_use_is_told_in_a_sentence_with_status_2(
    millrace: Millrace,
    server_folder: Path,
    arguments: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """In this process, in the house that `millrace` has set up: to start one takes far longer than to be refused."""
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MILLRACE_HOME", str(server_folder / "house"))
    monkeypatch.setattr(sys, "argv", ["millrace", *arguments])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with pytest.raises(SystemExit) as left:
        main()
    said = capfd.readouterr().err
    assert left.value.code == 2
    assert says in " ".join(said.split())
    assert "Traceback" not in said


def test_doctor_finds_this_house_in_order(millrace: Millrace) -> None:
    findings = {finding["check"]: finding for finding in report(millrace("doctor", "--json"))}
    assert findings["Database"]["result"] == "ok"
    assert findings["Schema"]["result"] == "ok"
    assert findings["Models"]["result"] == "ok"
