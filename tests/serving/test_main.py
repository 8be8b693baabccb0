"""The API as a process: it starts, answers, and goes when it is told to."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from time import monotonic, sleep

import httpx
from fastapi import FastAPI

from resources.foundation.database import Server
from serving.__main__ import uvicorn_config
from serving.logs import JsonLines
from tests.factories.ports import free_port

DEADLINE_SECONDS = 120


def start(url: str, home: Path, port: int) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": url, "MILLRACE_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "serving", "--port", str(port)], env=environment, stderr=subprocess.PIPE, text=True
    )


def test_it_serves_until_it_is_told_to_stop(server: Server, tmp_path: Path) -> None:
    port = free_port()
    process = start(server.admin_conninfo(), tmp_path, port)
    transport = httpx.HTTPTransport(retries=20)  # waits between tries for a server that is not there yet
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=DEADLINE_SECONDS) as client:
            deadline = monotonic() + DEADLINE_SECONDS
            # it listens before its models are loaded
            while (said := client.get("/readyz")).status_code == HTTPStatus.SERVICE_UNAVAILABLE:
                assert monotonic() < deadline, said.text
                sleep(0.05)
            assert said.json() == {"status": "ready"}
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=DEADLINE_SECONDS)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in log


def test_clients_and_proxies_end_idle_connections_before_the_server_does() -> None:
    longest_of_others_s = 60
    assert uvicorn_config(FastAPI(), port=0).timeout_keep_alive > longest_of_others_s


def test_without_a_schema_it_says_what_to_do_in_one_sentence(server: Server, tmp_path: Path) -> None:
    process = start(server.with_database("postgres").admin_conninfo(), tmp_path, free_port())
    _, log = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 1
    assert log.strip() == "millrace: the database has no schema yet: run 'millrace up', or 'millrace migrate'"


def test_lines_of_log_and_tracebacks_are_without_secrets() -> None:
    try:
        raise ValueError("no such user: postgresql://otto:grist@mill/db")
    except ValueError:
        record = logging.LogRecord("mill", logging.ERROR, "", 1, "asked with %s", ("sk-verysecret",), sys.exc_info())
    line = json.loads(JsonLines(["sk-verysecret"]).format(record))
    assert (line["level"], line["logger"], line["message"]) == ("error", "mill", "asked with ***")
    assert "ValueError: no such user: postgresql://mill/db" in line["traceback"]
    assert datetime.fromisoformat(line["at"]).tzinfo is not None
