"""One way for all that is managed: changes are guarded, creations may be sent again, lists are sorted both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database
from resources.identity import api_keys
from serving.app import create_app
from serving.house import House
from tests.serving.conftest import Office, Served

TUS = "parts of uploads are guarded by their offset (tus), and one that is begun twice expires"
# Why something may be changed without an If-Match.
UNGUARDED = {
    "PUT /v1/sources/{source}/credentials": "what is set can never be read",
    "PUT /v1/sources/{source}/documents/{path}": "it is content: If-None-Match and Content-Sha256 guard it",
    "DELETE /v1/sources/{source}/documents/{path}": "it is content",
    "PATCH /v1/sources/{source}/uploads/{id}": TUS,
    "DELETE /v1/sources/{source}/uploads/{id}": TUS,
}
# Why something may be made without an Idempotency-Key.
UNREPEATED = {
    "POST /v1/sources/{source}/uploads": TUS,
    "POST /v1/erasures": "what is erased is not there to be erased again; its receipts are listed",
}
# Why a list of pages has one order only.
UNSORTED = {
    "/v1/sessions/{session}": "a conversation is read from its beginning",
    "/v1/sources/{source}/syncs": "the latest are what is asked for",
    "/v1/sources/{source}/documents": "by path, as documents are addressed",
    "/v1/questions": "by their ids, as a file has them",
    "/v1/receipts": "a chain has one order",
    "/v1/analytics/views/{name}": "a view has its own order",
}


@pytest.fixture
def app(database: Database) -> FastAPI:
    return create_app(House(database, ProviderModels()))


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any], set[str]]]:
    for path, methods in app.openapi()["paths"].items():
        for method, about in methods.items():
            yield method.upper(), path, about, {each["name"].lower() for each in about.get("parameters", ())}


def test_whatever_is_changed_or_removed_may_be_guarded_by_what_was_read(app: FastAPI) -> None:
    unguarded = {
        f"{method} {path}"
        for method, path, _, parameters in operations(app)
        if method in ("PUT", "PATCH", "DELETE") and "if-match" not in parameters
    }
    assert unguarded == set(UNGUARDED)


def test_whatever_is_made_may_be_asked_for_again_without_making_two(app: FastAPI) -> None:
    unrepeated = {
        f"{method} {path}"
        for method, path, about, parameters in operations(app)
        if method == "POST" and "201" in about["responses"] and "idempotency-key" not in parameters
    }
    assert unrepeated == set(UNREPEATED)


def test_every_list_of_pages_can_be_sorted(app: FastAPI) -> None:
    lists = {path: names for method, path, _, names in operations(app) if method == "GET" and "limit" in names}
    assert all("after" in names for path, names in lists.items() if path != "/v1/analytics/views/{name}")
    assert {path for path, names in lists.items() if "sort" not in names} == set(UNSORTED)


@pytest.fixture
def manager(database: Database, served: Served, office: Office) -> Iterator[httpx.Client]:
    """A client that may do everything, where three questions were asked, answered and judged."""
    with database.transaction(office.organization_id) as connection:
        _, key = api_keys.create(
            connection, office.organization_id, name="all", scopes=["chat", "manage", "analyze", "administer"]
        )
    with httpx.Client(base_url=served.address, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        for number in range(3):
            said = {"model": "handbook", "messages": [{"role": "user", "content": f"What is in hall {number}?"}]}
            answer = client.post("/v1/chat/completions", json=said).json()
            client.post("/v1/feedback", json={"message_id": answer["id"], "feedback": "positive"})
            client.post("/v1/source-issues", json={"source": "handbook", "words": f"hall {number} is missing"})
        yield client


def test_what_happened_is_read_from_either_end_page_by_page(manager: httpx.Client) -> None:
    for path, by in (
        ("sessions", "updated_at"), ("feedback", "created_at"), ("source-issues", "created_at"),
        ("audit", "at"),
    ):  # fmt: skip
        latest_first = manager.get(f"/v1/{path}").json()["data"]
        assert len(latest_first) >= 3, path
        for sort, expected in ((f"-{by}", latest_first), (by, latest_first[::-1])):
            read: list[object] = []
            after: str | None = None
            while len(read) < 10:
                query: dict[str, str | int] = {"limit": 1, "sort": sort, **({"after": after} if after else {})}
                page = manager.get(f"/v1/{path}", params=query).json()
                read += page["data"]
                after = page["last_id"]
                if not page["has_more"]:
                    break
            assert read == expected, (path, sort)


def test_a_conversation_that_somebody_else_has_changed_is_not_changed_or_removed(manager: httpx.Client) -> None:
    one = f"/v1/sessions/{manager.get('/v1/sessions').json()['data'][0]['id']}"
    tag = manager.get(one).headers["ETag"]
    renamed = manager.patch(one, json={"title": "The halls"}, headers={"If-Match": tag})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "The halls")
    assert renamed.headers["ETag"] == manager.get(one).headers["ETag"] != tag
    late = manager.patch(one, json={"title": "Halls"}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["error"]["code"]) == (412, "changed_since")
    assert manager.delete(one, headers={"If-Match": tag}).status_code == 412
    assert manager.delete(one, headers={"If-Match": renamed.headers["ETag"]}).status_code == 204


def test_a_document_s_last_day_that_somebody_else_has_set_is_not_set_over(manager: httpx.Client) -> None:
    one = "/v1/sources/handbook/documents/sluice.md"
    tag = manager.get(one).headers["ETag"]
    first = manager.patch(one, json={"expires_at": "2999-01-31T00:00:00Z"}, headers={"If-Match": tag})
    late = manager.patch(one, json={"expires_at": None}, headers={"If-Match": tag})
    assert (first.status_code, late.status_code) == (200, 412)
    assert first.headers["ETag"] == manager.get(one).headers["ETag"]


def test_what_a_person_answers_is_said_once_however_often_it_is_sent(manager: httpx.Client) -> None:
    one = f"/v1/sessions/{manager.get('/v1/sessions').json()['data'][0]['id']}"
    before = len(manager.get(one).json()["messages"])
    said = [
        manager.post(f"{one}/answers", json={"content": "I have seen to it."}, headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    assert [each.status_code for each in said] == [201, 201]
    assert said[0].json()["id"] == said[1].json()["id"]
    assert said[1].headers["Idempotency-Replayed"] == "true"
    assert len(manager.get(one).json()["messages"]) == before + 1
    other = manager.post(f"{one}/answers", json={"content": "Not yet."}, headers={"Idempotency-Key": "once"})
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")


def test_more_is_approved_once_however_often_it_is_sent(manager: httpx.Client) -> None:
    manager.put("/v1/budget", json={"amount": "10", "action": "ask"})
    for key, approved in (("a", "2.5"), ("a", "2.5"), ("b", "5")):
        more = manager.post("/v1/budget/approvals", json={"amount": "2.50"}, headers={"Idempotency-Key": key})
        assert more.status_code == 201
        assert float(more.json()["approved"]) == float(approved)
    tag = manager.get("/v1/budget").headers["ETag"]
    manager.put("/v1/budget", json={"amount": "20"})
    assert manager.delete("/v1/budget", headers={"If-Match": tag}).status_code == 412
