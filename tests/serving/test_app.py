"""Every address: its permission, its failures, its headers, and the limits on what it reads."""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
import sys
from logging.handlers import QueueHandler
from queue import Queue

import httpx
import pytest
from fastapi import FastAPI

from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Misconfigured
from resources.identity import api_keys
from serving import authentication
from serving.app import create_app
from serving.envelope import MOST_BODY_BYTES
from serving.house import House
from tests.serving.conftest import PLACE, Office, Served, make_key, running

LEAKS = re.compile(r"Traceback|psycopg|site-packages|select |insert |\.py\b|" + re.escape(PLACE), re.IGNORECASE)


def test_every_route_declares_its_permission(database: Database) -> None:
    app = create_app(House(database, ProviderModels()))
    public = {
        route.path  # type: ignore[attr-defined]
        for route in app.routes
        if authentication.declared(route) == [authentication.anyone]
    }
    assert all(len(authentication.declared(route)) == 1 for route in app.routes)
    assert public == {
        "/healthz", "/readyz", "/docs", "/docs/{name}", "/openapi.json", "/static/{name}", "/sign-in", "/sign-out",
    }  # fmt: skip


def test_a_route_without_a_permission_is_not_served() -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.get("/v1/secrets")(lambda: "all of them")
    with pytest.raises(Misconfigured, match="/v1/secrets"):
        authentication.require_declared(app.routes)


def test_the_api_starts_without_what_only_pipelines_need() -> None:
    heavy = ["unstructured", "great_expectations", "polars", "dagster", "pandas", "spacy", "openai", "wordllama"]
    program = f"import serving.__main__, sys; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_failures_have_openais_shape_and_tell_nothing_of_the_inside(served: Served, office: Office) -> None:
    key = {"Authorization": f"Bearer {office.key}"}
    chat = f"{served.address}/v1/chat/completions"
    exchanges = [
        (httpx.get(f"{served.address}/nowhere", timeout=60), 404, "unknown_url"),
        (httpx.get(chat, timeout=60), 405, "method_not_allowed"),
        (httpx.post(chat, json={}, timeout=60), 401, "missing_api_key"),
        (httpx.post(chat, json={}, headers={"Authorization": "Basic bWlsbA=="}, timeout=60), 401, "missing_api_key"),
        (httpx.post(chat, json={}, headers={"Authorization": "Bearer ' or 1=1"}, timeout=60), 401, "invalid_api_key"),
        (httpx.post(chat, content=b"{", headers=key, timeout=60), 400, "invalid_value"),
        (httpx.post(chat, content=b"\xff\xfe", headers=key, timeout=60), 400, None),
        (httpx.post(chat, content=b"[" * 100_000, headers=key, timeout=60), 400, None),
        (httpx.post(chat, json=[], headers=key, timeout=60), 400, "invalid_value"),
        (httpx.post(chat, json=None, headers=key, timeout=60), 400, "invalid_value"),
        (httpx.get(f"{served.address}/v1/models/%00", headers=key, timeout=60), 404, "model_not_found"),
        (httpx.get(f"{served.address}/v1/models/..%2f..%2fetc", headers=key, timeout=60), 404, None),
        (httpx.get(f"{served.address}/docs/..%2f..%2fapp.py", timeout=60), 404, "unknown_url"),
    ]  # fmt: skip
    for response, status, code in exchanges:
        error = response.json()["error"]
        assert (response.status_code, set(error)) == (status, {"message", "type", "param", "code"})
        assert code in (None, error["code"])
        assert not LEAKS.search(response.text)


def test_lone_surrogates_and_nul_in_a_question_are_no_fault_of_the_server(served: Served, office: Office) -> None:
    key = {"Authorization": f"Bearer {office.key}", "Content-Type": "application/json"}
    for said in (r"\ud800", r"\u0000", r"a\u0000b"):
        content = b'{"model": "handbook", "messages": [{"role": "user", "content": "%s"}]}' % said.encode()
        response = httpx.post(f"{served.address}/v1/chat/completions", content=content, headers=key, timeout=60)
        assert response.status_code in (200, 400)


def test_a_body_beyond_a_mebibyte_is_refused_whether_its_length_is_told_or_not(served: Served, office: Office) -> None:
    key = {"Authorization": f"Bearer {office.key}", "Content-Type": "application/json"}
    chat = f"{served.address}/v1/chat/completions"
    body = json.dumps({"model": "handbook", "messages": [{"role": "user", "content": "x" * MOST_BODY_BYTES}]}).encode()
    told = httpx.post(chat, content=body, headers=key, timeout=60)
    untold = httpx.post(
        chat, content=(body[at : at + 65536] for at in range(0, len(body), 65536)), headers=key, timeout=60
    )
    assert (told.status_code, untold.status_code) == (413, 413)
    assert told.json()["error"]["code"] == "body_too_long"


@pytest.mark.parametrize(
    "request_line", [b"GET /healthz HTTP", b"GET /v1/models?limit=\xff HTTP/9.9", b"\x16\x03\x01\x00"]
)
def test_what_is_no_request_is_told_so_as_every_failure_is(served: Served, request_line: bytes) -> None:
    host, port = served.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(request_line + b"\r\nHost: mill\r\n\r\n")
        head, _, body = b"".join(iter(lambda: connection.recv(4096), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"x-content-type-options: nosniff" in head.lower()
    assert json.loads(body)["error"]["code"] == "unreadable"


def test_headers_beyond_16_kib_are_refused(served: Served) -> None:
    host, port = served.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: mill\r\nX-Long: " + b"x" * 40_000 + b"\r\n\r\n")
        assert connection.recv(1024).split(b" ")[1] in (b"400", b"431")
    assert httpx.get(f"{served.address}/healthz", headers={"X-Long": "x" * 17_000}, timeout=60).status_code in (
        400,
        431,
    )


def test_every_response_bears_an_id_and_the_headers_that_protect(served: Served) -> None:
    for path in ("/healthz", "/nowhere", "/docs", "/v1/models"):
        headers = httpx.get(f"{served.address}{path}", timeout=60).headers
        assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_behind_a_proxy_that_speaks_https_browsers_are_told_to_stay_with_it(served: Served) -> None:
    plain = httpx.get(f"{served.address}/healthz", timeout=60)
    secured = httpx.get(f"{served.address}/healthz", headers={"X-Forwarded-Proto": "https"}, timeout=60)
    assert "strict-transport-security" not in plain.headers
    assert secured.headers["strict-transport-security"] == "max-age=31536000"


def test_pages_of_the_origins_that_the_operator_names_may_ask_with_a_key_and_no_others(
    server: Server, office: Office
) -> None:
    page, stranger = "https://app.example", "https://elsewhere.example"
    with open_database(server, "millrace_api", most=1) as database:
        house = House(database, ProviderModels(), page_origins=frozenset({page}))
        with running(house) as served, httpx.Client(base_url=served.address, timeout=30) as client:
            wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
            before = client.options("/v1/chat/completions", headers={"Origin": page, **wish})
            refused = client.options("/v1/chat/completions", headers={"Origin": stranger, **wish})
            key = {"Authorization": f"Bearer {office.key}"}
            told = client.get("/v1/models", headers={"Origin": page, **key})
            hidden = client.get("/v1/models", headers={"Origin": stranger, **key})
            failed = client.get("/v1/models", headers={"Origin": page})
    assert (before.status_code, before.headers["access-control-allow-headers"]) == (200, "authorization")
    assert refused.status_code == 400
    assert told.headers["access-control-allow-origin"] == failed.headers["access-control-allow-origin"] == page
    assert "X-Request-Id" in told.headers["access-control-expose-headers"]
    assert failed.status_code == 401
    for each in (before, told, failed):
        assert "access-control-allow-credentials" not in each.headers
    assert "access-control-allow-origin" not in hidden.headers
    assert "access-control-allow-origin" not in refused.headers


def test_the_log_has_a_line_for_each_request_without_question_or_key(
    served: Served, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    lines: Queue[logging.LogRecord] = Queue()
    caplog.set_level("INFO", logger="millrace.access")
    caplog.set_level("WARNING", logger="httpx")  # the client's own line holds the address
    access = logging.getLogger("millrace.access")
    access.addHandler(handler := QueueHandler(lines))
    httpx.post(
        f"{served.address}/v1/chat/completions?api_key=secret",
        json={"model": "handbook", "messages": [{"role": "user", "content": "Where is the purple key?"}]},
        headers={"Authorization": f"Bearer {office.key}"},
        timeout=60,
    )
    line = json.loads(lines.get(timeout=60).getMessage())
    access.removeHandler(handler)
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/chat/completions", 200)
    assert line["organization"] == str(office.organization_id)
    assert not re.search("purple|secret|mr_", "\n".join(record.getMessage() for record in caplog.records))


def test_what_only_the_operator_can_mend_is_told_plainly_and_found_in_the_log_by_the_request_s_id(
    database: Database, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    key = make_key(database, office.organization_id, "manage")
    with running(House(database, ProviderModels())) as without_a_desk:
        answer = httpx.get(
            f"{without_a_desk.address}/v1/sources", headers={"Authorization": f"Bearer {key}"}, timeout=60
        )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (503, "misconfigured")
    assert error["message"].startswith("The server is not set up for this yet.")
    [logged] = [record for record in caplog.records if record.name == "serving.failures"]
    assert answer.headers["x-request-id"] in logged.getMessage()
    assert "opened without its desk" in logged.getMessage()


def test_a_key_is_marked_as_used_and_refused_once_it_is_revoked(
    database: Database, served: Served, office: Office
) -> None:
    key = {"Authorization": f"Bearer {office.key}"}
    assert httpx.get(f"{served.address}/v1/models", headers=key, timeout=60).status_code == 200
    with database.transaction(office.organization_id) as connection:
        [known] = api_keys.select_all(connection, office.organization_id)
        assert known.last_used_at is not None
        api_keys.revoke(connection, office.organization_id, known.id)
    refused = httpx.get(f"{served.address}/v1/models", headers=key, timeout=60)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


def test_models_are_the_callers_chatbots(served: Served, office: Office, other_office: Office) -> None:
    client = served.client(office.key)
    [model] = client.models.list().data
    assert (model.id, model.object, model.owned_by) == ("handbook", "model", "acme")
    assert client.models.retrieve("handbook") == model
    assert [model.id for model in served.client(other_office.key).models.list().data] == ["kettles"]


def test_the_server_says_that_it_lives_and_that_it_can_answer(served: Served) -> None:
    assert httpx.get(f"{served.address}/healthz", timeout=60).json() == {"status": "ok"}
    assert httpx.get(f"{served.address}/readyz", timeout=60).json() == {"status": "ready"}


def test_the_documentation_needs_no_other_server(served: Served) -> None:
    page = httpx.get(f"{served.address}/docs", timeout=60).text
    assert not re.search("https?://", page)
    for path in re.findall('(?:src|href)="(/[^"]+)"', page):
        file = httpx.get(f"{served.address}{path}", timeout=60)
        assert (file.status_code, len(file.content) > 100) == (200, True)
    description = httpx.get(f"{served.address}/openapi.json", timeout=60).json()
    asking = description["paths"]["/v1/chat/completions"]["post"]
    assert asking["security"]
    assert description["components"]["schemas"]["ChatRequest"]["examples"]
    assert "citations" in description["components"]["schemas"]["ChatCompletion"]["properties"]
