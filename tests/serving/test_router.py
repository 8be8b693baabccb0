"""The whole router: who may go where, and that another organization's things are answered as if there were none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database
from resources.identity import api_keys
from resources.identity.records import SCOPES_OF_ROLE
from serving import authentication
from serving.app import create_app
from serving.authentication import Holder
from serving.house import House
from tests.factories.library import MILL, open_chatbot, shelve
from tests.factories.rows import ROWS, insert_rows, row_ids
from tests.serving.conftest import Served
from tests.serving.permissions import NAMED, PERMISSIONS

SCOPES = sorted(SCOPES_OF_ROLE["owner"])
# Addresses whose braces hold names of files or views of ours, the same for everybody.
OF_EVERYBODY = {
    "/static/{name}", "/docs/{name}", "/v1/analytics/views/{name}", "/analytics/{page}/{panel}.csv",
    "/analytics/{page}/{panel}.parquet",
}  # fmt: skip
# What is named in a body.
IN_BODIES: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/v1/chat/completions", {"model": "%", "messages": [{"role": "user", "content": "Who?"}]}, "default"),
    ("POST", "/v1/chat/completions",
     {"model": "mine", "session_id": "%", "messages": [{"role": "user", "content": "Who?"}]}, "sessions"),
    ("POST", "/v1/search", {"model": "%", "query": "Who?"}, "default"),
    ("POST", "/v1/embeddings", {"model": "%", "input": "Who?"}, "default"),
    ("POST", "/v1/feedback", {"message_id": "%", "feedback": "positive"}, "messages"),
    ("POST", "/v1/holds", {"name": "case 9", "source": "%"}, "handbook"),
    ("POST", "/v1/erasures", {"kind": "source", "source": "%", "reason": "asked"}, "handbook"),
    ("POST", "/v1/erasures", {"kind": "user", "user_id": "%", "reason": "asked"}, "users"),
    ("POST", "/v1/agents", {"chatbot": "%", "name": "two"}, "default"),
    ("POST", "/v1/configurations", {"chatbot": "%"}, "default"),
    ("POST", "/v1/question-sets", {"chatbot": "%", "name": "two"}, "default"),
    ("POST", "/v1/questions", {"set": "%", "external_id": "q", "question": "Who?"}, "evaluation_sets"),
    ("POST", "/v1/replays", {"message_id": "%", "configuration": 1}, "messages"),
    ("POST", "/v1/promotions", {"message_id": "%"}, "messages"),
    ("POST", "/v1/source-issues", {"source": "%", "words": "It is wrong."}, "handbook"),
]  # fmt: skip
# What is named in the query of an address.
IN_QUERIES: list[tuple[str, str]] = [
    (f"{address}?{name}={{}}", foreign)
    for address in ("/v1/analytics/overview", "/analytics", "/analytics/questions", "/analytics/gaps")
    for name, foreign in (("chatbot", "default"), ("source", "handbook"), ("tag", "safety"))
]
OTHER = uuid4()
# Each address is tried with one key that must do and one that must not, or in the campaign with keys of all scopes.
EVERY_KEY = pytest.mark.parametrize(
    "is_every_key",
    [pytest.param(False, id="two keys"), pytest.param(True, id="every key", marks=pytest.mark.campaign)],
)


@pytest.fixture
def keys(database: Database, organization_id: UUID) -> dict[str, str]:
    """A key for each scope, and one with all, of an organization that has a chatbot `mine`; another has everything."""
    source_id = shelve(database, organization_id, MILL, name="mine")
    open_chatbot(database, organization_id, source_id, name="mine")
    with database.transaction(OTHER) as connection:
        insert_rows(connection, OTHER)
    with database.transaction(organization_id) as connection:
        scopes: dict[str, list[str]] = {**{scope: [scope] for scope in SCOPES}, "all": list(SCOPES)}
        return {
            name: api_keys.create(connection, organization_id, name=name, scopes=wanted)[1]
            for name, wanted in scopes.items()
        }


@pytest.fixture
def app(database: Database) -> FastAPI:
    return create_app(House(database, ProviderModels()))


def routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    for route in app.routes:
        assert isinstance(route, APIRoute)
        for method in sorted(route.methods or ()):
            yield method, route


def test_every_address_asks_for_what_the_table_says(app: FastAPI) -> None:
    found: dict[str, dict[str, str]] = {}
    for method, route in routes(app):
        [permission] = authentication.declared(route)
        scope = permission.scope if isinstance(permission, Holder) else "anyone"
        found.setdefault(route.path, {})[method] = scope
    assert found == PERMISSIONS, "an address was added or changed: give it its line in tests/serving/permissions.py"


@EVERY_KEY
def test_every_address_lets_in_the_keys_of_its_scope_and_no_other(
    app: FastAPI, served: Served, keys: dict[str, str], is_every_key: bool
) -> None:
    wrong, turns = [], cycle(SCOPES)
    with httpx.Client(base_url=served.address, timeout=30, follow_redirects=False) as client:
        for method, route in routes(app):
            wanted = PERMISSIONS[route.path][method]
            path = route.path.replace("{path:path}", "a.md")
            for name in ("name", "session", "source", "id", "document"):
                path = path.replace(f"{{{name}}}", str(uuid4()))
            if wanted == "anyone":
                continue
            if method == "GET" or wanted == "manage":
                told = client.request(method, path).status_code
                if told != 401:
                    wrong.append(f"{method} {path} without a key: {told}")
            other = next(turns)
            for scope in SCOPES if is_every_key else {wanted, other}:
                if scope == wanted and (method, route.path) in (("GET", "/mcp"), ("DELETE", "/v1/budget")):
                    continue
                told = client.request(method, path, headers={"Authorization": f"Bearer {keys[scope]}"}).status_code
                if (told == 403) != (scope != wanted) or told in (401, 500):
                    wrong.append(f"{method} {path} with the scope {scope}: {told}")
    assert wrong == []


@EVERY_KEY
def test_what_belongs_to_another_organization_is_answered_as_what_nobody_has_and_stays_as_it_is(
    database: Database, app: FastAPI, served: Served, keys: dict[str, str], is_every_key: bool
) -> None:
    description, before = app.openapi(), _rows_of_other(database)
    told_apart, asked = [], 0
    with httpx.Client(base_url=served.address, timeout=30) as client:
        for method, route in routes(app):
            if "{" not in route.path or route.path in OF_EVERYBODY:
                continue
            prefix = route.path[: route.path.index("}") + 1]
            assert prefix in NAMED, f"say in NAMED what {prefix} is found by"
            body = _least_body(description, route.path, method)
            for name in ("all", PERMISSIONS[route.path][method]) if is_every_key else ("all",):
                for foreign, unknown in _pairs(*NAMED[prefix]):
                    answers = [
                        _answer(client, method, route.path, given, keys[name], body) for given in (foreign, unknown)
                    ]
                    asked += 1
                    if answers[0] != answers[1] or answers[0][0] not in (400, 404, 405):
                        told_apart.append((method, route.path, foreign, answers))
    assert told_apart == [], told_apart
    assert asked > 100
    assert _rows_of_other(database) == before


def test_what_a_body_names_of_another_organization_is_answered_as_what_nobody_has(
    served: Served, keys: dict[str, str]
) -> None:
    with httpx.Client(base_url=served.address, timeout=30) as client:
        for method, path, body, table in IN_BODIES:
            foreign, unknown = list(_pairs(table))[-1]
            answers = [
                _answer(client, method, path, given, keys["all"], _filled(body, given)) for given in (foreign, unknown)
            ]
            assert answers[0] == answers[1], (path, body)
            assert answers[0][0] in (400, 404), (path, answers)


def test_what_a_filter_names_of_another_organization_is_answered_as_what_nobody_has(
    served: Served, keys: dict[str, str]
) -> None:
    told_apart = []
    with httpx.Client(base_url=served.address, timeout=30) as client:
        for path, name in IN_QUERIES:
            foreign, unknown = list(_pairs(name))[-1]
            answers = [_answer(client, "GET", path, given, keys["all"], None) for given in (foreign, unknown)]
            if answers[0] != answers[1]:
                told_apart.append((path, name, answers))
    assert told_apart == []


def test_every_answer_protects_itself(served: Served, keys: dict[str, str]) -> None:
    key = {"Authorization": f"Bearer {keys['all']}", "Origin": "https://elsewhere.example"}
    with httpx.Client(base_url=served.address, timeout=30) as client:
        answers = [
            client.get("/healthz"), client.get("/nowhere"), client.get("/docs"), client.get("/docs/swagger-ui.css"),
            client.get("/static/millrace.css"), client.get("/static/none.css"), client.get("/sign-in"),
            client.post("/v1/sources", headers=key, content=b"{"), client.get("/v1/models", headers=key),
            client.post("/v1/models", headers=key), client.get("/", headers={"Accept": "text/html"}),
            client.options("/v1/models", headers={**key, "Access-Control-Request-Method": "GET"}),
            client.get("/healthz", headers={"X-Long": "x" * 17_000}), client.get("/openapi.json"),
            client.get("/sources/" + str(uuid4()), headers={**key, "Accept": "text/html"}),
        ]  # fmt: skip
    assert {answer.status_code for answer in answers} >= {200, 303, 400, 404, 405, 431}
    for answer in answers:
        headers = answer.headers
        told = (answer.request.url.path, answer.status_code)
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'", told
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'", told
        assert {policy["base-uri"], policy["object-src"], policy["frame-ancestors"]} == {"'none'"}, told
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff", told
        assert headers["referrer-policy"] == "no-referrer", told
        assert headers["cross-origin-opener-policy"] == "same-origin", told
        assert not [name for name in headers if name.startswith("access-control-")], told


def _rows_of_other(database: Database) -> list[object]:
    """Each row of the other organization, by its place and by who wrote it last."""
    with database.transaction(OTHER) as connection:
        return [
            connection.execute(f"select xmin::text, ctid::text from {table}".encode()).fetchall()  # noqa: S608
            for table in ROWS
        ]


def _pairs(table: str, *names: str) -> Iterator[tuple[str, str]]:
    """What the other organization has, and what looks like it and nobody has."""
    ids = row_ids(OTHER)
    if table in ids:
        yield str(ids[table]), str(uuid4())
    else:
        names = (table,)
    for name in names:
        yield name, "".join("q" if letter.isalpha() else "9" if letter.isdigit() else letter for letter in name)


def _answer(
    client: httpx.Client, method: str, path: str, given: str, key: str, body: object
) -> tuple[int, str, list[tuple[str, str]]]:
    """What is told, without what was asked for, and without what is of the request alone."""
    first, _, rest = path.partition("{")
    address = first + quote(given, safe="") + rest.partition("}")[2].replace("{path:path}", "rules.txt")
    answer = client.request(
        method, address if "{" in path else path, headers={"Authorization": f"Bearer {key}"}, json=body
    )
    told = (answer.text.replace(given, "?") if len(given) > 1 else answer.text).replace(
        answer.headers["x-request-id"], "?"
    )
    headers = [(name, value) for name, value in answer.headers.items() if name not in ("x-request-id", "date")]
    return answer.status_code, told, headers


def _filled(body: Any, given: str) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, given) for name, value in body.items()}
    return given if body == "%" else body


def _least_body(description: dict[str, Any], path: str, method: str) -> object:
    """The smallest body that the description allows, so that what is refused is not the body."""
    about = description["paths"].get(path.replace(":path", ""), {}).get(method.lower(), {})
    content = about.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    return _least(description, content["application/json"]["schema"])


def _least(description: dict[str, Any], schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _least(description, description["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    if "anyOf" in schema:
        return _least(description, schema["anyOf"][0])
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _least(description, properties[name]) for name in schema.get("required", [])}
    return {"string": "x", "integer": schema.get("minimum", 1), "number": 1, "boolean": True, "array": []}.get(
        str(kind)
    )
