"""What operators see: lines of log, ids of requests, metrics, traces. None of them tells a question or a name."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from logging.handlers import QueueHandler
from queue import Queue
from threading import Thread
from typing import Any

import httpx
import pytest

from resources.conversations.answering.models import ProviderModels
from resources.foundation import tracing
from resources.foundation.database import Database, Server, open_database
from serving.house import House
from serving.logs import JsonLines
from tests.conftest import make_organization
from tests.fixtures.openai_server import OpenAIServer, failing
from tests.serving.conftest import Office, Serve, Served, make_key, make_office, running

QUESTION = {"model": "handbook", "messages": [{"role": "user", "content": "How often is the sluice gate greased?"}]}


def ask(served: Served, key: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
    return httpx.post(f"{served.address}/v1/chat/completions", json={**QUESTION, **more}, headers=headers, timeout=30)


def test_a_request_keeps_the_id_that_it_came_with_if_that_may_be_logged(served: Served) -> None:
    def answered(id: str) -> str:
        return httpx.get(f"{served.address}/healthz", headers={"X-Request-Id": id}, timeout=60).headers["x-request-id"]

    assert answered("checkout-7f3a.2") == "checkout-7f3a.2"
    for odd in ("short", "x" * 65, 'a"} {"level": "error', "a b c d e f g h"):
        assert re.fullmatch("[0-9a-f]{32}", answered(odd))


def test_lines_of_log_are_json_with_the_request_s_id(served: Served, office: Office) -> None:
    lines: Queue[logging.LogRecord] = Queue()
    handler = QueueHandler(lines)
    handler.setFormatter(JsonLines(["grist-and-chaff"]))
    access = logging.getLogger("millrace.access")
    before = access.level
    access.setLevel(logging.INFO)
    access.addHandler(handler)
    ask(served, office.key, headers={"X-Request-Id": "checkout-1"})
    line = json.loads(lines.get(timeout=60).msg)
    access.removeHandler(handler)
    access.setLevel(before)
    assert (line["request"], line["route"], line["status"]) == ("checkout-1", "/v1/chat/completions", 200)
    assert {"at", "level", "logger", "ms", "organization", "key"} <= set(line)
    assert "sluice" not in json.dumps(line)


def test_metrics_count_requests_and_answers_and_name_nobody(database: Database, served: Served, office: Office) -> None:
    for _ in range(2):
        assert ask(served, office.key).status_code == 200
    ask(served, "mr_wrong")
    key = make_key(database, office.organization_id, "administer")
    told = httpx.get(f"{served.address}/metrics", headers={"Authorization": f"Bearer {key}"}, timeout=60)
    assert told.headers["content-type"].startswith("text/plain; version=")
    assert 'millrace_requests_total{method="POST",route="/v1/chat/completions",status="200"} 2.0' in told.text
    assert 'millrace_requests_total{method="POST",route="/v1/chat/completions",status="401"} 1.0' in told.text
    assert 'millrace_answers_total{outcome="answered",speaker="extractive"} 2.0' in told.text
    assert "millrace_requests_under_way 1.0" in told.text  # this one
    assert "millrace_answers_under_way 0.0" in told.text
    assert "millrace_retrieval_seconds_count 2.0" in told.text
    assert "process_resident_memory_bytes" in told.text
    for secret in (str(office.organization_id), "acme", "handbook", "mr_", "sluice"):
        assert secret not in told.text


def test_metrics_are_for_administrators_unless_the_operator_opens_them(
    server: Server, served: Served, office: Office
) -> None:
    assert httpx.get(f"{served.address}/metrics", timeout=60).status_code == 401
    assert (
        httpx.get(
            f"{served.address}/metrics", headers={"Authorization": f"Bearer {office.key}"}, timeout=60
        ).status_code
        == 403
    )
    with (
        open_database(server, "millrace_api", most=1) as database,
        running(House(database, ProviderModels(), are_metrics_open=True)) as opened,
    ):
        assert httpx.get(f"{opened.address}/metrics", timeout=60).status_code == 200


class Collector:
    """Takes spans by OTLP over HTTP, as a collector of OpenTelemetry does."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Stay silent."""

        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self._thread = Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @contextmanager
    def listening(self) -> Iterator[str]:
        self._thread.start()
        try:
            yield f"http://127.0.0.1:{self._listener.server_address[1]}"
        finally:
            self._listener.shutdown()
            self._listener.server_close()
            self._thread.join()

    def spans(self) -> list[Any]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        found = []
        for body in self.bodies:
            request = ExportTraceServiceRequest.FromString(body)
            found += [span for of in request.resource_spans for scope in of.scope_spans for span in scope.spans]
        return found


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def test_a_trace_leads_from_the_request_through_retrieval_to_the_provider(
    serve: Serve, database: Database, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = Collector()
    office_of_model = make_office(database, make_organization(database, "mill"), name="spoken", llm_model="gpt-mill")
    with OpenAIServer() as provider, collector.listening() as endpoint:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        served = serve(ProviderModels(base_url=provider.base_url, api_key="sk-test"))
        with tracing.collected(endpoint):
            parent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
            ask(served, office_of_model.key, model="spoken", stream=True, headers=parent)
            provider.script(failing(401))
            ask(served, office_of_model.key, model="spoken")
    by_name: dict[str, list[Any]] = {}
    for span in collector.spans():
        by_name.setdefault(span.name, []).append(span)
    [first, second] = sorted(by_name["POST /v1/chat/completions"], key=lambda span: span.start_time_unix_nano)
    assert first.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert first.parent_span_id.hex() == "b7ad6b7169203331"
    assert attributes(first)["http.response.status_code"] == 200
    of_first = {name: span for name, spans in by_name.items() for span in spans if span.trace_id == first.trace_id}
    assert of_first["retrieve"].parent_span_id == first.span_id
    for part in ("embeddings wordllama-256", "search"):
        assert of_first[part].parent_span_id == of_first["retrieve"].span_id
    call = of_first["chat gpt-mill"]
    assert call.parent_span_id == first.span_id
    assert attributes(call) | {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-mill"} == attributes(call)
    assert attributes(call)["gen_ai.usage.output_tokens"] > 0
    [failed] = [span for span in by_name["chat gpt-mill"] if span.trace_id == second.trace_id]
    assert attributes(failed)["error.type"] == "Misconfigured"
    everything = b"".join(collector.bodies)
    for told in (b"sluice", b"handbook", b"acme", str(office.organization_id).encode(), b"sk-test", b"mr_"):
        assert told not in everything


def test_without_a_collector_nothing_of_opentelemetry_is_loaded() -> None:
    program = (
        "import serving.__main__, sys\nfrom resources.foundation import tracing\n"
        "with tracing.collected(None), tracing.step('x'): tracing.begin('y').end()\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
