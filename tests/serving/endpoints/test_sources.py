"""Sources are made, changed, synced and removed over HTTP; none reaches into this machine, no secret comes back."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from resources.foundation.database import Database
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.knowledge.connectors import credentials
from resources.knowledge.sources import data_sources
from tests.serving.conftest import Office, Served, make_key


@pytest.fixture
def desk(served: Served, office: Office, database: Database) -> httpx.Client:
    """A client that may manage."""
    key = make_key(database, office.organization_id, "manage")
    return httpx.Client(base_url=f"{served.address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60)


SITE = {"name": "site", "type": "web", "config": {"url": "https://example.org/"}, "chatbots": ["handbook"]}


def test_a_source_is_made_and_shown_with_its_schedule(desk: httpx.Client) -> None:
    made = desk.post("/sources", json={**SITE, "cron": "0 5 * * *", "time_zone": "Europe/Berlin"})
    assert made.status_code == 201, made.text
    shown = desk.get("/sources/site").json()
    assert (shown["type"], shown["cron"], shown["time_zone"]) == ("web", "0 5 * * *", "Europe/Berlin")
    assert shown["holds"]["documents"] == 0
    assert {one["name"] for one in desk.get("/sources").json()["data"]} == {"handbook", "site"}


def test_a_name_that_is_taken_is_a_conflict(desk: httpx.Client) -> None:
    assert desk.post("/sources", json=SITE).status_code == 201
    assert desk.post("/sources", json=SITE).status_code == 409


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"name": "x", "type": "web", "config": {"url": "ftp://example.org"}}, "https://"),
        ({"name": "x", "type": "web", "config": {"nonsense": 1}}, "nonsense"),
        ({"name": "x", "type": "upload", "cron": "when I like"}, "when I like"),
        ({"name": "x", "type": "upload", "time_zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"name": "..", "type": "upload"}, "name"),
        ({"name": "x", "type": "carrier pigeon"}, "type"),
        ({"name": "x", "type": "upload", "sync_frequency": 1}, "10"),
        ({"name": "x", "type": "upload", "colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(desk: httpx.Client, body: dict[str, object], says: str) -> None:
    answer = desk.post("/sources", json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert says in f"{error['message']} {error['param']}"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "type": "file", "config": {"location": "/etc"}},
        {"name": "x", "type": "database", "config": {"url": "postgresql://postgres@/millrace"}},
    ],
)
def test_no_key_makes_a_source_that_reaches_into_this_machine(desk: httpx.Client, body: dict[str, object]) -> None:
    answer = desk.post("/sources", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "refused")
    assert "operator" in answer.json()["error"]["message"]


def test_nor_leads_one_that_the_operator_made_elsewhere(desk: httpx.Client) -> None:
    assert desk.patch("/sources/handbook", json={"config": {"location": "/etc"}}).status_code == 400
    assert desk.put("/sources/handbook/credentials", json={"values": {"token": "x"}}).status_code == 400
    assert desk.patch("/sources/handbook", json={"sync_frequency": 600}).json()["sync_frequency"] == 600


def test_only_what_is_given_changes(desk: httpx.Client) -> None:
    desk.post("/sources", json={**SITE, "cron": "0 5 * * *"})
    changed = desk.patch("/sources/site", json={"deletion_share": 0.5, "is_paused": True}).json()
    assert (changed["deletion_share"], changed["status"], changed["cron"]) == (0.5, "inactive", "0 5 * * *")
    back = desk.patch("/sources/site", json={"is_paused": False, "cron": ""}).json()
    assert (back["status"], back["cron"], back["deletion_share"]) == ("active", None, 0.5)


def test_credentials_go_in_and_never_come_out(
    desk: httpx.Client, office: Office, database: Database, tmp_path: Path
) -> None:
    desk.post("/sources", json=SITE)
    secret = "hunter2-and-more"  # noqa: S105
    assert desk.put("/sources/site/credentials", json={"values": {"token": secret}}).status_code == 204
    assert secret not in desk.get("/sources/site").text + desk.get("/sources").text
    keyring = Keyring.from_settings(Settings(home=tmp_path))
    with database.transaction(office.organization_id) as connection:
        source = data_sources.find_by_name(connection, office.organization_id, "site")
        assert source is not None
        kept = credentials.get(connection, office.organization_id, source.id, keyring=keyring)
    assert kept["token"] == secret


def test_a_sync_that_is_asked_for_waits_once(desk: httpx.Client) -> None:
    desk.post("/sources", json={"name": "inbox", "type": "upload"})
    first, second = desk.post("/sources/inbox/sync"), desk.post("/sources/inbox/sync")
    assert (first.status_code, first.json()["status"]) == (202, "queued")
    assert second.json()["id"] == first.json()["id"]
    assert [one["id"] for one in desk.get("/sources/inbox/syncs").json()["data"]] == [first.json()["id"]]


def test_a_removed_source_is_there_no_more(desk: httpx.Client) -> None:
    assert desk.delete("/sources/handbook").status_code == 204
    assert desk.get("/sources/handbook").status_code == 404
    assert desk.delete("/sources/handbook").status_code == 404


def test_another_organization_s_source_is_as_one_that_is_not_there(
    served: Served, other_office: Office, desk: httpx.Client, database: Database
) -> None:
    desk.post("/sources", json={"name": "inbox", "type": "upload"})
    key = make_key(database, other_office.organization_id, "manage")
    stranger = httpx.Client(base_url=f"{served.address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60)
    for method, path, body in (
        ("GET", "/sources/{}", None),
        ("PATCH", "/sources/{}", {"is_paused": True}),
        ("DELETE", "/sources/{}", None),
        ("PUT", "/sources/{}/credentials", {"values": {}}),
        ("POST", "/sources/{}/sync", None),
        ("GET", "/sources/{}/syncs", None),
    ):
        foreign = stranger.request(method, path.format("inbox"), json=body)
        unknown = stranger.request(method, path.format("nowhere"), json=body)
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
