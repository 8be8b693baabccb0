"""What waits for somebody's word is listed over HTTP, and decided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from resources.foundation.database import Database
from tests.factories.workshops import Workshop, make_workshop
from tests.serving.conftest import Office, Served, make_key


@pytest.fixture
def workshop(database: Database, office: Office, tmp_path: Path) -> Workshop:
    """A folder with three documents, synced; then all of them are gone."""
    workshop = make_workshop(database, office.organization_id, tmp_path, name="docs")
    for name in "abc":
        workshop.write(f"{name}.md", f"Rye of {name}.")
    workshop.sync()
    return workshop


@pytest.fixture
def desk(served: Served, office: Office, database: Database) -> Iterator[httpx.Client]:
    """A client that may manage."""
    key = make_key(database, office.organization_id, "manage")
    with httpx.Client(
        base_url=f"{served.address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60
    ) as client:
        yield client


def empty(workshop: Workshop) -> None:
    for file in workshop.folder.iterdir():
        file.unlink()
    workshop.sync()


def documents_of(workshop: Workshop) -> set[str]:
    return {path for path in workshop.visible() if path in ("a.md", "b.md", "c.md")}


def test_deletions_that_wait_are_listed_with_their_documents_and_can_be_approved(
    desk: httpx.Client, workshop: Workshop
) -> None:
    empty(workshop)
    (batch,) = desk.get("/deletions", params={"source": "docs"}).json()["data"]
    assert (batch["source"], batch["documents"], batch["known"]) == ("docs", 3, 3)
    assert desk.get(f"/deletions/{batch['id']}").json()["paths"] == ["a.md", "b.md", "c.md"]
    assert documents_of(workshop) == {"a.md", "b.md", "c.md"}
    assert desk.post(f"/deletions/{batch['id']}/approve").json() == {"documents": 3}
    assert documents_of(workshop) == set()
    assert desk.post(f"/deletions/{batch['id']}/approve").status_code == 409


def test_rejected_deletions_are_not_asked_about_again(desk: httpx.Client, workshop: Workshop) -> None:
    empty(workshop)
    (batch,) = desk.get("/deletions").json()["data"]
    rejected = desk.post(f"/deletions/{batch['id']}/reject").json()
    assert (rejected["status"], rejected["decided_by"]) == ("rejected", "for manage")
    workshop.sync()
    assert desk.get("/deletions").json()["data"] == []
    assert documents_of(workshop) == {"a.md", "b.md", "c.md"}


def test_a_failure_is_listed_with_its_reason_and_ignored_or_tried_again(desk: httpx.Client, workshop: Workshop) -> None:
    workshop.write("broken.pdf", b"%PDF-1.7 and nothing after it")
    workshop.sync()
    (failure,) = desk.get("/failures", params={"source": "docs"}).json()["data"]
    assert (failure["path"], failure["stage"], failure["state"]) == ("broken.pdf", "parsing", "retrying")
    assert failure["reason"]
    assert desk.post(f"/failures/{failure['id']}/ignore").json() == {"documents": 1}
    assert desk.get("/failures", params={"state": "retrying"}).json()["data"] == []
    assert desk.post(f"/failures/{failure['id']}/retry").json() == {"documents": 1}
    (again,) = desk.get("/failures").json()["data"]
    assert again["state"] == "retrying"


def test_failures_deletions_and_syncs_are_read_page_by_page(desk: httpx.Client, workshop: Workshop) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        workshop.write(name, b"%PDF-1.7 and nothing after it")
    workshop.sync()
    workshop.sync()
    read = {address: walked(desk, address) for address in ("/failures", "/sources/docs/syncs")}
    assert sorted(failure["path"] for failure in read["/failures"]) == ["a.pdf", "b.pdf", "c.pdf"]
    assert len({sync["id"] for sync in read["/sources/docs/syncs"]}) == 3
    one = read["/failures"][0]
    assert desk.get(f"/failures/{one['id']}").json() == one
    empty(workshop)
    (batch,) = walked(desk, "/deletions")
    for address in ("/failures", "/deletions", "/sources/docs/syncs"):
        assert desk.get(address, params={"after": str(uuid4())}).status_code == 404
        assert desk.get(address, params={"stat": "waiting"}).status_code == 400
    assert desk.get(f"/deletions/{batch['id']}").headers["ETag"]


def walked(desk: httpx.Client, address: str) -> list[dict[str, Any]]:
    """All of a list, read two at once, with each page in the shape that all lists have."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = desk.get(address, params={"limit": 2} | ({"after": after} if after else {})).json()
        assert set(page) == {"object", "data", "first_id", "last_id", "has_more"}
        assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])
        found += page["data"]
        after = page["last_id"]
        if not page["has_more"]:
            return found


def test_what_is_not_there_or_another_organization_s_is_answered_alike(
    served: Served, desk: httpx.Client, workshop: Workshop, other_office: Office, database: Database
) -> None:
    workshop.write("broken.pdf", b"%PDF-1.7 and nothing after it")
    empty(workshop)
    (batch,) = desk.get("/deletions").json()["data"]
    key = make_key(database, other_office.organization_id, "manage")
    stranger = httpx.Client(base_url=f"{served.address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60)
    for verb in ("approve", "reject"):
        foreign = stranger.post(f"/deletions/{batch['id']}/{verb}")
        unknown = stranger.post(f"/deletions/{uuid4()}/{verb}")
        assert (foreign.status_code, unknown.status_code) == (404, 404)
        assert foreign.text.replace(batch["id"], "") == unknown.text.replace(unknown.request.url.path.split("/")[3], "")
    assert stranger.post(f"/failures/{uuid4()}/retry").status_code == 404
    assert documents_of(workshop) == {"a.md", "b.md", "c.md"}
