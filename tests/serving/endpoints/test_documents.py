"""Documents are pushed over HTTP, kept before the answer, told apart by organization, and taken back at once."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.knowledge.sources import data_sources
from serving.envelope import MOST_DOCUMENT_BYTES
from tests.factories.workshops import Workshop
from tests.serving.conftest import Office, Served, make_key


@pytest.fixture
def inbox(office: Office, database: Database, tmp_path: Path) -> Workshop:
    """An upload source of the office, over the store that the server writes to."""
    return Workshop(
        database, office.organization_id, tmp_path, open_inbox(database, office), ObjectStore(tmp_path / "objects")
    )


@pytest.fixture
def desk(served: Served, office: Office, database: Database, inbox: Workshop) -> httpx.Client:
    """A client that may manage."""
    return client(served, make_key(database, office.organization_id, "manage"))


def open_inbox(database: Database, office: Office) -> UUID:
    with database.transaction(office.organization_id) as connection:
        return data_sources.create(
            connection, office.organization_id, name="inbox", source_type="upload", config={}
        ).id  # fmt: skip


def client(served: Served, key: str) -> httpx.Client:
    return httpx.Client(base_url=f"{served.address}/v1/sources", headers={"Authorization": f"Bearer {key}"}, timeout=60)


def test_a_pushed_document_is_on_disk_when_it_is_answered_and_found_after_a_sync(
    desk: httpx.Client, inbox: Workshop
) -> None:
    answer = desk.put("/inbox/documents/rules/rye.md", content=b"Rye is ground on Mondays.")
    assert (answer.status_code, answer.json()["outcome"]) == (201, "created")
    assert inbox.store.get(inbox.organization_id, answer.json()["checksum"]) == b"Rye is ground on Mondays."
    inbox.sync()
    assert inbox.visible()["rules/rye.md"] == "Rye is ground on Mondays."
    state = desk.get("/inbox/documents/rules/rye.md").json()
    assert (state["state"], state["version"], state["chunks"]) == ("ready", 1, 1)


def test_to_push_the_same_again_changes_nothing(desk: httpx.Client, inbox: Workshop) -> None:
    desk.put("/inbox/documents/a.md", content=b"Rye.")
    answer = desk.put("/inbox/documents/a.md", content=b"Rye.")
    assert (answer.status_code, answer.json()["outcome"]) == (200, "unchanged")


def test_what_is_taken_back_is_found_no_more(desk: httpx.Client, inbox: Workshop) -> None:
    desk.put("/inbox/documents/a.md", content=b"Rye.")
    inbox.sync()
    assert "a.md" in inbox.visible()
    assert desk.delete("/inbox/documents/a.md").status_code == 204
    assert "a.md" not in inbox.visible()
    assert desk.delete("/inbox/documents/a.md").status_code == 404


def test_bytes_that_are_not_those_that_were_meant_are_refused(desk: httpx.Client, inbox: Workshop) -> None:
    meant = {"Content-Sha256": sha256(b"Rye.").hexdigest()}
    assert desk.put("/inbox/documents/a.md", content=b"Rye", headers=meant).status_code == 400
    assert desk.put("/inbox/documents/a.md", content=b"Rye.", headers=meant).status_code == 201


def test_what_is_there_is_not_replaced_by_who_wants_to_create(desk: httpx.Client, inbox: Workshop) -> None:
    only_new = {"If-None-Match": "*"}
    assert desk.put("/inbox/documents/a.md", content=b"Rye.", headers=only_new).status_code == 201
    assert desk.put("/inbox/documents/a.md", content=b"Oats.", headers=only_new).status_code == 409


def test_a_document_that_is_too_long_is_refused_as_it_comes(desk: httpx.Client, inbox: Workshop) -> None:
    def endless() -> object:
        for _ in range(MOST_DOCUMENT_BYTES // (1 << 20) + 1):
            yield b"x" * (1 << 20)

    answer = desk.put("/inbox/documents/a.md", content=endless())  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_long")
    assert desk.put("/inbox/documents/b.md", content=b"x" * (2 << 20)).status_code == 201


@pytest.mark.parametrize("path", ["%2e%2e/etc", "a//b", "a%00b", "a%0ab"])
def test_a_path_that_names_nothing_is_refused(desk: httpx.Client, inbox: Workshop, path: str) -> None:
    answer = desk.put(f"/inbox/documents/{path}", content=b"Rye.")
    assert answer.status_code in (400, 404)
    assert inbox.rows(b"select from knowledge.uploads") == []


def test_only_upload_sources_take_uploads(desk: httpx.Client) -> None:
    answer = desk.put("/handbook/documents/a.md", content=b"Rye.")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "refused")


def test_documents_are_listed_in_pages_with_how_each_stands(desk: httpx.Client, inbox: Workshop) -> None:
    for name in ("a.md", "b.md", "c.md"):
        desk.put(f"/inbox/documents/{name}", content=b"Rye of " + name.encode())
    desk.put("/inbox/documents/broken.pdf", content=b"%PDF-1.7 and nothing after it")
    inbox.sync()
    first = desk.get("/inbox/documents", params={"limit": 2}).json()
    rest = desk.get("/inbox/documents", params={"limit": 2, "after": first["last_id"]}).json()
    assert [one["path"] for one in first["data"] + rest["data"]] == ["a.md", "b.md", "broken.pdf", "c.md"]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    (failed,) = desk.get("/inbox/documents", params={"state": "failed"}).json()["data"]
    assert (failed["path"], failed["stage"]) == ("broken.pdf", "parsing")
    assert failed["reason"]


def test_a_kind_of_file_is_read_anew_by_another_parser(
    desk: httpx.Client, inbox: Workshop, served: Served, office: Office, database: Database
) -> None:
    desk.put(
        "/inbox/documents/a.html",
        content=b"<nav>Home</nav><main><p>" + b"Rye is ground on Mondays. " * 20 + b"</p></main>",
    )
    inbox.sync()
    kind = f"{served.address}/v1/file-types/html"
    assert desk.patch(kind, json={"parser": "article"}).status_code == 200
    assert [desk.post(f"{kind}/reread").json() for _ in range(2)] == [{"documents": 1}, {"documents": 0}]
    inbox.sync()
    state = desk.get("/inbox/documents/a.html").json()
    assert (state["state"], state["version"]) == ("ready", 2)
    chatter = httpx.Client(headers={"Authorization": f"Bearer {office.key}"}, timeout=60)
    assert chatter.post(f"{kind}/reread").status_code == 403


def test_a_key_without_the_scope_may_do_none_of_it(served: Served, office: Office, inbox: Workshop) -> None:
    chatter = client(served, office.key)
    for answer in (
        chatter.get("/inbox/documents"),
        chatter.put("/inbox/documents/a.md", content=b"Rye."),
        chatter.delete("/inbox/documents/a.md"),
    ):
        assert answer.status_code == 403
    assert inbox.rows(b"select from knowledge.uploads") == []


def test_another_organization_s_source_is_as_one_that_is_not_there(
    served: Served, inbox: Workshop, other_office: Office, database: Database
) -> None:
    stranger = client(served, make_key(database, other_office.organization_id, "manage"))
    for foreign, unknown in (
        (stranger.get("/inbox/documents"), stranger.get("/nowhere/documents")),
        (stranger.put("/inbox/documents/a.md", content=b"x"), stranger.put("/nowhere/documents/a.md", content=b"x")),
        (stranger.delete("/inbox/documents/a.md"), stranger.delete("/nowhere/documents/a.md")),
    ):
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
