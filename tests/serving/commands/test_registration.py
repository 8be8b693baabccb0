"""Sources of every kind are registered, shown and changed by commands, and their secrets are never seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner, Result

from resources.foundation.database import Database, Server
from resources.foundation.errors import MillraceError, Missing, Refused
from resources.identity import organizations
from resources.knowledge.connectors import credentials
from resources.knowledge.sources import data_sources
from serving.cli import app
from serving.commands.workplace import workplace

Run = Callable[..., Result]


@pytest.fixture
def millrace(server: Server, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, on a database of its own."""
    organizations.create(database, "default", "Default")
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CANARY", "canary-secret-1")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, list(arguments), input=typed)

    return run


def report(result: Result) -> Any:
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def test_the_location_tells_the_kind_and_the_name(millrace: Run, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    rows = ["--query", "select * from articles", "--key", "id", "--text", "body"]
    expected = {
        ("notes",): ("file", "notes", str(tmp_path / "notes")),
        ("s3://mill/docs/handbook",): ("file", "handbook", "s3://mill/docs/handbook"),
        ("https://mill.example/",): ("web", "mill.example", "https://mill.example/"),
        ("https://mill.example/a/map.xml", "--sitemap"): ("web", "map.xml", "https://mill.example/a/map.xml"),
        ("https://mill.example/wiki/", "--crawl", "--depth", "2"): ("web", "wiki", "https://mill.example/wiki/"),
        ("postgresql://miller@db.example/shop", *rows): ("database", "shop", "postgresql://miller@db.example/shop"),
        ("https://api.example/tickets", "--type", "api", "--key", "id", "--text", "body"): (
            "api", "tickets", "https://api.example/tickets",
        ),
        ("--type", "upload", "--name", "inbox"): ("upload", "inbox", ""),
    }  # fmt: skip
    made = [report(millrace("source", "add", *arguments, "--json")) for arguments in expected]
    assert [(one["type"], one["name"], one["location"]) for one in made] == list(expected.values())
    listed = report(millrace("source", "list", "--json"))
    assert {(one["type"], one["name"], one["location"]) for one in listed} == set(expected.values())


def test_secrets_come_from_a_prompt_a_file_or_a_variable_and_are_shown_nowhere(
    millrace: Run, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "token.txt").write_text("canary-secret-2\n")
    given = ["--credential", "key=env:CANARY", "--credential", "token=@token.txt", "--credential", "secret"]
    added = millrace("source", "add", "s3://mill/docs", *given, "--json", typed="canary-secret-3\n")
    shown = millrace("source", "show", "docs", "--json")
    assert report(shown)["has_credentials"] is True
    assert "canary" not in added.output + shown.output + millrace("source", "list").output
    with psycopg.connect(server.admin_conninfo()) as connection:
        row = connection.execute("select s::text from knowledge.data_sources s").fetchone()
    assert row is not None
    assert "canary" not in row[0]
    assert b"canary".hex() not in row[0]


NONSENSE: list[tuple[list[str], str]] = [
    (["s3://mill", "--credential", "key=canary-secret"], "not written on the command line"),
    (["s3://mill", "--credential", "key=env:NOWHERE"], "there is nothing in env:NOWHERE"),
    (["s3://mill", "--credential", "key=@nowhere.txt"], "there is nothing in nowhere.txt"),
    (["postgresql://miller:canary-secret@db.example/shop", "--query", "select 1", "--key", "a", "--text", "b"],
     "carries a password"),
    (["postgresql://db.example/shop", "--query", "drop table x", "--key", "a", "--text", "b"], "one SELECT"),
    (["postgresql://db.example/shop"], "needs a SELECT as query"),
    (["file:///etc"], "named by its path"),
    (["zip::file:///etc/x.zip"], "cannot lie at file"),
    (["s3://mill", "--query", "select 1"], "has no 'query'"),
    ([], "say where the source is"),
    ([""], "say where the source is"),
    (["s3://mill", "--set", "max_bytes"], "write NAME=VALUE"),
    (["s3://mill", "--set", "max_bytes=many"], "positive whole number"),
    (["s3://mill", "--cron", "never"], "never"),
]  # fmt: skip


def test_what_makes_no_sense_is_refused_and_nothing_is_made(millrace: Run) -> None:
    for arguments, says in NONSENSE:
        result = millrace("source", "add", *arguments)
        assert isinstance(result.exception, Refused), arguments
        assert says in str(result.exception)
        assert "canary" not in str(result.exception)
    assert report(millrace("source", "list", "--json")) == []


def test_a_source_is_changed_in_what_is_named_and_in_nothing_else(millrace: Run) -> None:
    report(millrace("source", "add", "https://mill.example/wiki/", "--crawl", "--exclude", "*.pdf", "--json"))
    before = report(millrace("source", "show", "wiki", "--json"))
    report(millrace("source", "set", "wiki", "--cron", "0 5 * * *", "--time-zone", "Europe/Berlin", "--json"))
    report(millrace("source", "set", "wiki", "--set", "crawl.depth=4", "--unset", "exclude", "--json"))
    changed = report(millrace("source", "set", "wiki", "--pause", "--deletion-share", "0.5", "--json"))
    assert changed["schedule"] == "0 5 * * * Europe/Berlin"
    assert changed["config"] == {"crawl": {"start": "https://mill.example/wiki/", "depth": 4}}
    assert (changed["status"], changed["deletion_share"]) == ("inactive", 0.5)
    back = report(millrace("source", "set", "wiki", "--resume", "--every", "2h", "--by-hand", "--json"))
    assert (back["status"], back["auto_sync"], back["schedule"]) == ("active", False, "by hand")
    assert {**back, "auto_sync": True} | {
        "schedule": "every 1h",
        "deletion_share": 0.3,
        "config": before["config"],
    } == before


def test_what_cannot_be_changed_is_refused_and_all_stays_as_it_was(millrace: Run) -> None:
    report(millrace("source", "add", "https://mill.example/wiki/", "--json"))
    before = report(millrace("source", "show", "wiki", "--json"))
    for arguments in (
        ["--set", "url=ftp://x"],
        ["--unset", "nothing"],
        ["--cron", "never"],
        ["--set", "crawl.depth=1"],
    ):
        assert isinstance(millrace("source", "set", "wiki", "--pause", *arguments).exception, MillraceError)
    assert isinstance(millrace("source", "set", "nobody", "--pause").exception, Missing)
    assert report(millrace("source", "show", "wiki", "--json")) == before


def test_credentials_that_were_given_for_another_host_are_not_kept_beside_new_ones(millrace: Run) -> None:
    rows = ["--query", "select 1", "--key", "a", "--text", "b"]
    given = ["--credential", "username=env:CANARY", "--credential", "password=env:CANARY"]
    report(millrace("source", "add", "postgresql://db.example/shop", *rows, *given, "--json"))

    def names() -> set[str]:
        with workplace() as place, place.database.transaction(place.organization_id) as connection:
            (source,) = data_sources.select_all(connection, place.organization_id)
            return set(credentials.get(connection, place.organization_id, source.id, keyring=place.keyring))

    assert names() == {"username", "password", "host"}
    report(millrace("source", "set", "shop", "--credential", "password=env:CANARY", "--json"))
    assert names() == {"username", "password", "host"}
    report(millrace("source", "set", "shop", "--set", "url=postgresql://thief.example/shop", "--json"))
    report(millrace("source", "set", "shop", "--credential", "password=env:CANARY", "--json"))
    assert names() == {"password", "host"}
    assert report(millrace("source", "set", "shop", "--forget-credentials", "--json"))["has_credentials"] is False
