"""How often keys and people may ask is set and shown by commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from resources.foundation.database import Database, Server
from resources.foundation.errors import Missing, Refused
from resources.identity import allowances, api_keys, organizations, sign_in_links
from serving.cli import app

Run = Callable[..., Result]


@pytest.fixture
def millrace(server: Server, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, on a database of its own."""
    organizations.create(database, "default", "Default")
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_limits_are_set_with_a_key_or_later_and_listed_with_what_is_left(millrace: Run, database: Database) -> None:
    made = json.loads(millrace("key", "create", "--name", "kiosk", "--per-hour", "60", "--json").stdout)
    with database.directory() as connection:
        caller = api_keys.holder(connection, made["key"])
    assert caller is not None
    assert (caller.rate_limit_per_hour, caller.rate_limit_per_day) == (60, None)
    with database.transaction(caller.organization_id) as connection:
        sign_in_links.ensure_owner(connection, caller.organization_id)
        wanted = allowances.limits(caller.key_id or caller.organization_id, per_hour=60, per_day=None, whose="it")
        allowances.take(connection, caller.organization_id, wanted)
    assert "owner may ask 200 times a day" in millrace("limit", "set", "--user", "owner", "--per-day", "200").stdout
    assert json.loads(millrace("limit", "list", "--json").stdout) == [
        {"kind": "key", "name": "kiosk", "per_hour": 60, "left_this_hour": 59, "per_day": None, "left_today": None},
        {"kind": "person", "name": "owner", "per_hour": None, "left_this_hour": None, "per_day": 200,
         "left_today": 200},
    ]  # fmt: skip
    assert "kiosk may ask without limit" in millrace("limit", "set", "--key", "kiosk").stdout
    assert "60 times an hour" not in millrace("key", "list").stdout


def test_a_limit_belongs_to_somebody_who_is_there(millrace: Run) -> None:
    assert isinstance(millrace("limit", "set", "--per-hour", "5").exception, Refused)
    assert isinstance(millrace("limit", "set", "--key", "x", "--per-hour", "5").exception, Missing)
    assert isinstance(millrace("limit", "set", "--user", "x", "--per-hour", "5").exception, Missing)
    assert millrace("limit", "set", "--key", "x", "--per-hour", "0").exit_code == 2
