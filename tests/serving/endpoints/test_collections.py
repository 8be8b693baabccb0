"""Every entity is managed in the same way. One table, one row an entity: whoever adds an entity adds its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from resources.bots import starter
from resources.foundation.database import Database
from resources.identity import api_keys
from resources.identity.records import Scope
from tests.conftest import make_organization
from tests.serving.conftest import Served

Body = dict[str, Any]


@dataclass(frozen=True)
class Entity:
    """How an entity is made and changed in these tests. `make` gives the body of the n-th one."""

    name: str
    make: Callable[[int], Body] | None
    change: Body | None
    scope: Scope = "manage"
    may_be_removed: bool = True
    refused: Body | None = None
    has_unique_name: bool = True
    filtered: Mapping[str, str] = field(default_factory=dict)


# fmt: off
ENTITIES = [
    Entity("tags", lambda n: {"name": f"label {n}"}, {"description": "what customers read"}, refused={"name": ""}),
    Entity(
        "chatbots", lambda n: {"name": f"bot {n}", "temperature": 0.5}, {"show_citations": False, "description": "x"},
        refused={"temperature": 3},
    ),
    Entity(
        "agents",
        lambda n: {
            "chatbot": "handbook", "name": f"agent {n}", "type": "pre-canned", "canned_answers": {"Open?": "At nine."},
        },
        {
            "top_p": 0.5, "domain_keywords": ["lock"], "use_all_sources": False, "file_types": ["markdown"],
            "model_name": "small", "rate_limit_per_hour": 5, "canned_answers": {"Closed?": "At five."},
        },
        refused={"max_tokens": 0},
    ),
    Entity(
        "file-types", lambda n: {"name": f"kind {n}", "extensions": [f"end{n}"], "parser": "markdown"},
        {"category": "notes", "mime_types": ["text/x-note"], "is_active": False}, refused={"extensions": ["a b"]},
    ),
    Entity(
        "users", lambda n: {"username": f"person{n}", "email": f"p{n}@mill.example", "role": "analyst"},
        {"first_name": "Mia", "role": "engineer", "rate_limit_per_hour": 9}, scope="administer",
        refused={"email": "nobody"},
    ),
    Entity(
        "keys", lambda n: {"name": f"phone {n}", "scopes": ["administer"]},
        {"name": "tablet", "rate_limit_per_day": 9}, scope="administer", refused={"scopes": ["fly"]},
    ),
    Entity(
        "sources", lambda n: {"name": f"inbox {n}", "type": "upload", "chatbots": ["handbook"]},
        {"description": "what comes in", "sync_frequency": 600, "retention_days": 90, "cron": "0 5 * * *"},
        refused={"sync_frequency": 1},
    ),
    Entity(
        "configurations",
        lambda n: {"chatbot": "handbook", "chunk_size": 500 + n, "description": "shorter"}, None,
        refused={"retrieval_k": 0}, may_be_removed=False, has_unique_name=False,
    ),
    Entity(
        "question-sets", lambda n: {"chatbot": "handbook", "name": f"set {n}"},
        {"name": "customers", "description": "what customers ask"}, refused={"name": ""},
    ),
    Entity("questions", None, None),
    Entity(
        "prices", lambda n: {"model": f"maker/model-{n}", "input": "0.5", "since": "2999-01-01"},
        {"output": "1.25", "since": "2999-02-01"}, scope="administer", refused={"input": "-1"},
    ),
    Entity(
        "channels", lambda n: {"name": f"channel {n}", "kind": "email", "target": "office@mill.example"},
        {"events": ["sync_failed"], "is_active": False}, scope="administer", refused={"kind": "smoke"},
    ),
    Entity("audit", None, None, scope="administer"),
    Entity("receipts", None, None, scope="administer"),
    Entity("holds", None, None, scope="administer"),
    Entity("provider-keys", None, None, scope="administer"),
]
# fmt: on
MADE = [pytest.param(entity, id=entity.name) for entity in ENTITIES if entity.make]


@dataclass(frozen=True)
class Desk:
    """What a test works with: clients of an organization, one for each scope."""

    served: Served
    database: Database
    organization_id: UUID

    def client(self, *scopes: Scope) -> httpx.Client:
        with self.database.transaction(self.organization_id) as connection:
            _, text = api_keys.create(
                connection, self.organization_id, name=f"{'-'.join(scopes)} {uuid4()}", scopes=scopes
            )
        return httpx.Client(
            base_url=f"{self.served.address}/v1", headers={"Authorization": f"Bearer {text}"}, timeout=30
        )


@pytest.fixture
def desk(served: Served, organization_id: UUID, database: Database) -> Desk:
    """An organization with a chatbot, and nothing that it could read."""
    return _furnished(served, database, organization_id)


def _furnished(served: Served, database: Database, organization_id: UUID) -> Desk:
    with database.transaction(organization_id) as connection:
        starter.ensure_chatbot(
            connection, organization_id, name="handbook", embedding_model="wordllama-256", llm_model="extractive"
        )  # fmt: skip
    return Desk(served, database, organization_id)


@pytest.mark.parametrize("entity", MADE)
def test_the_life_of_an_entity(desk: Desk, entity: Entity) -> None:
    client, address = desk.client(entity.scope), f"/{entity.name}"
    made = _made(client, entity, 1)
    one = f"{address}/{_key(made)}"
    read = client.get(one)
    assert read.status_code == 200, read.text
    shown = read.json()
    # what is told once is told no more
    assert {name for name, value in made.items() if shown[name] != value} <= {"key", "signing_secret"}
    if entity.has_unique_name:
        again = client.post(address, json=entity.make(1) if entity.make else {})
        assert again.status_code == 409, again.text
    if entity.refused is not None and entity.make is not None:
        refused = client.post(address, json={**entity.make(2), **entity.refused})
        assert refused.status_code == 400, refused.text
        assert refused.json()["error"]["param"].startswith(next(iter(entity.refused)))
    unknown = client.post(address, json={**(entity.make(2) if entity.make else {}), "colour": "red"})
    assert (unknown.status_code, unknown.json()["error"]["param"]) == (400, "colour")
    tag = read.headers["ETag"]
    if entity.change is not None:
        changed = client.patch(one, json=entity.change, headers={"If-Match": tag})
        assert changed.status_code == 200, changed.text
        assert {name: changed.json()[name] for name in entity.change} == entity.change
        kept = {name for name in shown if name not in entity.change} - {"updated_at"}
        assert {name: changed.json()[name] for name in kept} == {name: shown[name] for name in kept}
        assert client.get(one).headers["ETag"] == changed.headers["ETag"] != tag
        assert client.patch(one, json=entity.change, headers={"If-Match": tag}).status_code == 412
        if entity.may_be_removed:
            assert client.delete(one, headers={"If-Match": tag}).status_code == 412
        tag = changed.headers["ETag"]
    if entity.may_be_removed:
        gone = client.delete(one, headers={"If-Match": tag})
        assert gone.status_code == 204, gone.text
        assert client.get(one).status_code == 404
        assert client.delete(one).status_code == 404
        assert _key(made) not in [_key(each) for each in _pages(client, address)]


@pytest.mark.parametrize("entity", MADE)
def test_the_same_request_with_the_same_key_makes_one_thing(desk: Desk, entity: Entity) -> None:
    client, address, make = desk.client(entity.scope), f"/{entity.name}", entity.make
    assert make is not None
    before = len(_pages(client, address))
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: client.post(address, json=make(1), headers={"Idempotency-Key": "once"}), range(4))
        )
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({_key(answer.json()) for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotency-Replayed", "") for answer in answers) == ["", "true", "true", "true"]
    assert len(_pages(client, address)) == before + 1
    other = client.post(address, json=make(2), headers={"Idempotency-Key": "once"})
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    # what failed was not made, and may be tried again under its key
    assert client.post(address, json={"colour": 1}, headers={"Idempotency-Key": "two"}).status_code == 400
    assert client.post(address, json=make(3), headers={"Idempotency-Key": "two"}).status_code == 201


@pytest.mark.parametrize("entity", MADE)
def test_pages_are_complete_while_others_are_made(desk: Desk, entity: Entity) -> None:
    client, address = desk.client(entity.scope), f"/{entity.name}"
    made = {_key(_made(client, entity, n)) for n in range(5)}
    known = {_key(each) for each in _pages(client, address)}
    assert made <= known
    seen: list[str] = []
    after: str | None = None
    for number in range(20, 60):
        page = client.get(address, params={"limit": 2, **({"after": after} if after else {})})
        assert page.status_code == 200, page.text
        seen += [_key(each) for each in page.json()["data"]]
        after = page.json()["last_id"]
        if not page.json()["has_more"]:
            break
        if number < 23:
            _made(client, entity, number)
    assert len(seen) == len(set(seen))
    assert known <= set(seen)


@pytest.mark.parametrize("entity", MADE)
def test_another_organization_s_is_as_one_that_is_not_there(
    desk: Desk, entity: Entity
) -> None:  # fmt: skip
    other = _furnished(desk.served, desk.database, make_organization(desk.database, "other"))
    foreign = _key(_made(other.client(entity.scope), entity, 7))
    client = desk.client(entity.scope)
    for method, body in (("GET", None), ("PATCH", entity.change), ("DELETE", None)):
        if (method == "PATCH" and body is None) or (method == "DELETE" and not entity.may_be_removed):
            continue
        answers = [
            client.request(method, f"/{entity.name}/{id}", json=body) for id in (foreign, uuid4(), "nobody's", "%00")
        ]
        assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert other.client(entity.scope).get(f"/{entity.name}/{foreign}").status_code == 200


@pytest.mark.parametrize("entity", [pytest.param(entity, id=entity.name) for entity in ENTITIES])
def test_without_the_scope_nothing_is_told(desk: Desk, entity: Entity) -> None:
    scopes: set[Scope] = {"chat", "search", "manage", "analyze", "administer"}
    client = desk.client(*(scopes - {entity.scope}))
    for method, address in (
        ("GET", ""), ("POST", ""), ("GET", f"/{uuid4()}"), ("PATCH", f"/{uuid4()}"), ("DELETE", f"/{uuid4()}"),
    ):  # fmt: skip
        answer = client.request(method, f"/{entity.name}{address}", json={} if method in ("POST", "PATCH") else None)
        assert answer.status_code in (403, 405), (method, answer.text)


@pytest.mark.parametrize("entity", MADE)
def test_who_did_what_stands_in_the_audit_log(desk: Desk, entity: Entity) -> None:
    client, auditor = desk.client(entity.scope), desk.client("administer")
    made = _made(client, entity, 1)
    one = f"/{entity.name}/{_key(made)}"
    expected = ["create"]
    if entity.change is not None:
        assert client.patch(one, json=entity.change).status_code == 200
        expected.append("change")
    if entity.may_be_removed:
        assert client.delete(one).status_code == 204
        expected.append("remove")
    entries = auditor.get("/audit", params={"entity_id": _key(made)}).json()["data"]
    assert [entry["action"] for entry in reversed(entries)] == expected
    assert {entry["door"] for entry in entries} == {"key"}
    if entity.change is not None:
        assert entries[-2]["changed"] == sorted(entity.change)


def _made(client: httpx.Client, entity: Entity, n: int) -> Body:
    assert entity.make is not None
    answer = client.post(f"/{entity.name}", json=entity.make(n))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1/{entity.name}/{_key(answer.json())}"
    return dict(answer.json())


def _key(body: Body) -> str:
    return str(body["id"])


def _pages(client: httpx.Client, address: str) -> list[Body]:
    found: list[Body] = []
    after: str | None = None
    while True:
        page = client.get(address, params={"limit": 200, **({"after": after} if after else {})})
        assert page.status_code == 200, page.text
        found += page.json()["data"]
        after = page.json()["last_id"]
        if not page.json()["has_more"]:
            return found
