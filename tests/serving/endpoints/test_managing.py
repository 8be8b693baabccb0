"""What is peculiar to an entity that is managed over HTTP: who may give what to whom, what ends with what."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from resources.bots.configurations import configuration_requests
from resources.foundation.database import Database
from resources.identity import browser_sessions
from tests.serving.conftest import Office, Served, make_key
from tests.serving.endpoints.test_collections import Desk


@pytest.fixture
def desk(served: Served, office: Office, database: Database) -> Desk:
    return Desk(served, database, office.organization_id)


@pytest.fixture
def admin(desk: Desk) -> httpx.Client:
    """Somebody who administers and manages."""
    return desk.client("administer", "manage", "chat", "analyze")


def person(admin: httpx.Client, name: str, role: str | None) -> str:
    made = admin.post("/users", json={"username": name, "email": f"{name}@mill.example", "role": role})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_an_owner_remains(admin: httpx.Client) -> None:
    mia = person(admin, "mia", "owner")
    for change in ({"role": "admin"}, {"role": None}, {"is_active": False}):
        refused = admin.patch(f"/users/{mia}", json=change)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict"), change
    assert admin.delete("/users/mia").status_code == 409
    person(admin, "zoe", "owner")
    assert admin.patch("/users/mia", json={"role": "analyst"}).json()["role"] == "analyst"
    assert admin.delete("/users/zoe").status_code == 409


def test_who_may_do_less_is_signed_out_and_keys_that_may_do_more_end(admin: httpx.Client, desk: Desk) -> None:
    mia = person(admin, "mia", "engineer")
    keys = {
        scope: admin.post("/keys", json={"name": scope, "scopes": [scope], "user_id": mia}).json()["key"]
        for scope in ("chat", "manage")
    }
    with desk.database.transaction(desk.organization_id) as connection:
        cookie = browser_sessions.create(connection, desk.organization_id, mia)  # type: ignore[arg-type]

    def is_let_in(headers: dict[str, str], address: str) -> bool:
        return httpx.get(f"{desk.served.address}/v1/{address}", headers=headers, timeout=60).status_code == 200

    def answers() -> list[bool]:
        chat, manage = ({"Authorization": f"Bearer {keys[scope]}"} for scope in ("chat", "manage"))
        return [is_let_in(chat, "models"), is_let_in(manage, "sources"),
                is_let_in({"Cookie": f"millrace_session={cookie}"}, "models")]  # fmt: skip

    assert answers() == [True, True, True]
    assert admin.patch(f"/users/{mia}", json={"role": "member"}).status_code == 200
    assert answers() == [True, False, False]
    assert admin.patch(f"/users/{mia}", json={"is_active": False}).status_code == 200
    assert answers() == [False, False, False]
    assert admin.delete(f"/users/{mia}").status_code == 204
    assert [key["name"] for key in admin.get("/keys").json()["data"] if key["user_id"] == mia] == []


def test_nobody_gives_a_key_what_they_lack(admin: httpx.Client) -> None:
    refused = admin.post("/keys", json={"name": "more", "scopes": ["search"]})
    assert (refused.status_code, "search" in refused.json()["error"]["message"]) == (400, True)
    mia = person(admin, "mia", "member")
    assert admin.post("/keys", json={"name": "hers", "scopes": ["manage"], "user_id": mia}).status_code == 400
    made = admin.post("/keys", json={"name": "hers", "scopes": ["chat"], "user_id": mia})
    assert made.json()["key"].startswith("mr_")
    again = (
        admin.post("/keys", json={"name": "once", "scopes": ["chat"]}, headers={"Idempotency-Key": "k"}),
        admin.post("/keys", json={"name": "once", "scopes": ["chat"]}, headers={"Idempotency-Key": "k"}),
    )
    assert (again[0].json()["key"] is None, again[1].json()["key"] is None) == (False, True)
    assert made.json()["key"] not in admin.get("/keys").text + admin.get("/audit").text


def test_what_there_is_one_of_is_read_and_changed(admin: httpx.Client) -> None:
    mia = person(admin, "mia", "member")
    for address, change in (
        ("/organization", {"name": "The Mill"}),
        ("/settings/retention", {"conversation_days": 90, "document_days": None}),
        (f"/users/{mia}/knowledge-settings", {"default_chunk_size": 800, "sync_notifications": False}),
    ):
        read = admin.get(address)
        tag = read.headers["ETag"]
        changed = admin.patch(address, json=change, headers={"If-Match": tag})
        assert changed.status_code == 200, changed.text
        assert admin.get(address).json() == {**read.json(), **change}
        assert admin.patch(address, json=change, headers={"If-Match": tag}).status_code == 412
    assert admin.get("/users/nobody/knowledge-settings").status_code == 404


def test_a_budget_is_set_approved_and_removed(admin: httpx.Client) -> None:
    assert admin.get("/budget").status_code == 404
    assert admin.put("/budget", json={"amount": "25", "currency": "EUR"}).json()["left"] == "25"
    assert admin.post("/budget/approvals", json={"amount": "2"}).status_code == 409
    admin.put("/budget", json={"amount": "25", "currency": "EUR", "action": "ask"})
    assert admin.post("/budget/approvals", json={"amount": "2.50"}).json()["left"] == "27.5"
    admin.post("/budget/approvals", json={"amount": "1"})
    admin.post("/budget/approvals", json={"amount": "2"})
    [latest] = (page := admin.get("/budget/approvals?limit=1").json())["data"]
    assert (latest["amount"], page["has_more"]) == ("2", True)
    rest = admin.get(f"/budget/approvals?after={page['last_id']}").json()
    assert [each["amount"] for each in rest["data"]] == ["1", "2.5"]
    oldest = admin.get("/budget/approvals?sort=created_at&limit=2").json()
    after = admin.get(f"/budget/approvals?sort=created_at&after={oldest['last_id']}").json()
    assert [each["amount"] for each in oldest["data"] + after["data"]] == ["2.5", "1", "2"]
    assert admin.get("/budget/approvals?month=2001-01-31").json()["data"] == []
    assert admin.get("/budget/approvals?approved_by=nobody").json()["data"] == []
    assert len(admin.get(f"/budget/approvals?month={datetime.now(UTC).date()}").json()["data"]) == 3
    assert admin.get(f"/budget/approvals?after={uuid4()}").status_code == 404
    assert admin.delete("/budget").status_code == 204
    assert admin.delete("/budget").status_code == 404


def test_a_price_follows_another_and_what_holds_is_found(admin: httpx.Client) -> None:
    now = admin.post("/prices", json={"model": "maker/small", "input": "0.02"}).json()
    then = admin.post("/prices", json={"model": "maker/small", "input": "0.03", "since": "2999-01-01"}).json()
    other = admin.post("/prices", json={"model": "a", "input": "1", "since": "2999-01-01"}).json()
    assert (now["state"], then["state"], then["since"]) == ("current", "coming", "2999-01-01")
    assert [each["id"] for each in admin.get("/prices").json()["data"]] == [other["id"], now["id"], then["id"]]
    of_model = admin.get("/prices", params={"model": "maker/small", "sort": "-model"}).json()["data"]
    assert [each["id"] for each in of_model] == [then["id"], now["id"]]
    assert [each["id"] for each in admin.get("/prices?state=current").json()["data"]] == [now["id"]]
    late = admin.post("/prices", json={"model": "a", "input": "1", "since": "2001-01-01"})
    assert (late.status_code, "that day is over" in late.text) == (400, True)
    assert admin.patch(f"/prices/{other['id']}", json={"since": "2001-01-01"}).status_code == 400


def test_a_kind_of_file_goes_where_nothing_needs_it(admin: httpx.Client) -> None:
    kind = admin.post("/file-types", json={"name": "recipe", "extensions": ["recipe"], "parser": "markdown"}).json()
    agent = admin.post("/agents", json={"chatbot": "handbook", "name": "cook", "file_types": ["recipe"],
                                        "type": "user-facing"})  # fmt: skip
    assert agent.status_code == 201, agent.text
    used = admin.delete(f"/file-types/{kind['id']}")
    assert (used.status_code, "take it from 'cook' first" in used.text) == (409, True)
    assert admin.delete(f"/agents/{agent.json()['id']}").status_code == 204
    brought = admin.delete("/file-types/markdown")
    assert (brought.status_code, "make it inactive" in brought.text) == (409, True)
    assert admin.delete("/file-types/recipe").status_code == 204
    assert admin.get("/file-types/recipe").status_code == 404


def test_a_provider_key_goes_in_and_never_comes_out(admin: httpx.Client) -> None:
    secret = "sk-hunter2-and-more"  # noqa: S105
    made = admin.post("/provider-keys", json={"provider": "openai", "key": secret})
    assert made.status_code == 201, made.text
    assert admin.post("/provider-keys", json={"provider": "openai", "key": secret}).status_code == 409
    assert admin.post("/provider-keys", json={"provider": "nobody!", "key": secret}).status_code == 400
    changed = admin.patch("/provider-keys/openai", json={"key": f"{secret}2"})
    assert secret not in made.text + changed.text + admin.get("/provider-keys").text + admin.get("/audit").text
    assert admin.delete("/provider-keys/openai").status_code == 204


def test_a_hold_keeps_a_document_until_it_is_released_and_an_erasure_leaves_a_receipt(admin: httpx.Client) -> None:
    path = admin.get("/sources/handbook/documents").json()["data"][0]["path"]
    held = admin.post("/holds", json={"name": "case 12", "source": "handbook", "path": path})
    assert held.status_code == 201, held.text
    assert admin.post("/holds", json={"name": "case 12", "source": "handbook", "path": path}).status_code == 409
    wish = {"kind": "document", "source": "handbook", "path": path, "reason": "asked for"}
    refused = admin.post("/erasures", json=wish)
    assert (refused.status_code, "case 12" in refused.text) == (400, True)
    assert admin.delete(f"/holds/{held.json()['id']}").status_code == 204
    assert admin.get("/holds").json()["data"] == []
    assert len(admin.get("/holds?is_released=true").json()["data"]) == 1
    assert admin.delete(f"/holds/{held.json()['id']}").status_code == 409
    erased = admin.post("/erasures", json=wish)
    assert erased.status_code == 201, erased.text
    numbers = erased.json()["receipts"]
    assert [each["number"] for each in admin.get("/receipts").json()["data"]] == numbers
    assert admin.get("/receipts/verification").json()["is_whole"]
    assert admin.get(f"/receipts/{numbers[0]}").json()["reason"] == "asked for"
    assert admin.post("/erasures", json={**wish, "user_id": "x"}).status_code == 400
    assert admin.get("/retention/plan").json()["object"] == "retention_plan"
    assert [entry["action"] for entry in admin.get("/audit?entity=document").json()["data"]] == ["erase"]


def test_questions_are_put_into_a_set_reviewed_and_removed(admin: httpx.Client) -> None:
    chosen = admin.post("/question-sets", json={"chatbot": "handbook", "name": "customers"}).json()["id"]
    path = admin.get("/sources/handbook/documents").json()["data"][0]["path"]
    ids = []
    for n in range(3):
        made = admin.post(
            "/questions",
            json={"set": chosen, "external_id": f"q{n}", "question": f"What of {n}?", "answers": [{"document": path}]},
        )
        assert made.status_code == 201, made.text
        ids.append(made.json()["id"])
    first = admin.get(f"/questions?set={chosen}&limit=2").json()
    rest = admin.get(f"/questions?set={chosen}&limit=2&after={first['last_id']}").json()
    assert [each["id"] for each in first["data"] + rest["data"]] == ids
    one = f"/questions/{ids[0]}"
    assert admin.get(one).json()["answers"][0]["document"] == path
    assert admin.patch(one, json={"state": "rejected", "split": "tune"}).json()["state"] == "rejected"
    assert admin.get(f"/questions?set={chosen}&state=rejected").json()["data"][0]["split"] == "tune"
    unknown = admin.post("/questions", json={"set": chosen, "external_id": "x", "question": "?",
                                             "answers": [{"document": "nowhere.md"}]})  # fmt: skip
    assert unknown.status_code == 400
    assert admin.delete(one).status_code == 204
    assert admin.get(one).status_code == 404
    assert admin.get(f"/question-sets/{chosen}").json()["questions"] == 2


def test_a_configuration_is_asked_to_be_built_once_and_serves_by_the_gate(admin: httpx.Client, desk: Desk) -> None:
    active = admin.get("/configurations?chatbot=handbook&status=active").json()["data"][0]
    same = admin.post("/configurations", json={"chatbot": "handbook", "llm_model": "extractive", "description": "b"})
    assert same.status_code == 201, same.text
    other = admin.post("/configurations", json={"chatbot": "handbook", "chunk_size": 500}).json()["id"]
    asked = [admin.post(f"/configurations/{other}/build") for _ in range(2)]
    assert [each.status_code for each in asked] == [202, 202]
    assert asked[0].json()["id"] == asked[1].json()["id"]
    with desk.database.directory() as connection:
        waiting = configuration_requests.select_waiting(connection)
    assert [(str(each.version_id), each.job) for each in waiting] == [(other, "build")]
    assert admin.get(f"/configurations/{other}").json()["requests"][0]["begun_at"] is None
    assert admin.post(f"/configurations/{other}/evaluate").status_code == 409
    assert admin.post(f"/configurations/{active['id']}/build").status_code == 409
    refused = admin.post(f"/configurations/{other}/activate")
    assert (refused.status_code, "built" in refused.text) == (400, True), refused.text
    activated = admin.post(f"/configurations/{same.json()['id']}/activate")
    assert (activated.status_code, activated.json()["status"]) == (200, "active"), activated.text
    back = admin.post("/chatbots/handbook/rollback")
    assert (back.status_code, back.json()["id"]) == (200, active["id"]), back.text
    assert admin.post("/configurations", json={"chatbot": "handbook", "llm_model": "gpt-9"}).status_code == 400


def test_what_one_organization_names_another_does_not_have(desk: Desk, other_office: Office) -> None:
    mine = desk.client("manage")
    refused = mine.patch("/chatbots/handbook", json={"sources": ["kettles-source"]})
    unknown = mine.patch("/chatbots/handbook", json={"sources": ["nobody's"]})
    assert refused.status_code == unknown.status_code == 404
    other = httpx.Client(
        base_url=f"{desk.served.address}/v1",
        headers={"Authorization": f"Bearer {make_key(desk.database, other_office.organization_id, 'manage')}"},
        timeout=60,
    )
    assert other.get("/chatbots/handbook").status_code == 404
