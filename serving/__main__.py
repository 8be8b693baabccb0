"""`python -m serving [--port N]`: the HTTP API, on loopback."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from types import FrameType
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from resources.foundation import tracing
from resources.foundation.errors import MillraceError
from resources.foundation.settings import Settings
from serving.app import create_app
from serving.backroom import open_backroom
from serving.house import opened
from serving.logs import JsonLines
from serving.patience import PatientProtocol

GRACE_SECONDS = 10
# Longer than clients and proxies keep a connection (httpx 5 s, most proxies 60): who ends it last meets no question on
# its way. With 5 s here too, a busy server broke some of the connections on which a question came at that very moment.
IDLE_SECONDS = 75
SWITCH_SECONDS = 0.001


def main() -> int:
    """Serve until stopped; exit status 1 with one sentence where that cannot begin."""
    parser = argparse.ArgumentParser(prog="python -m serving", description="Serve the API on 127.0.0.1.")
    parser.add_argument("--port", type=int, help="default: MILLRACE_API_PORT, or 8000")
    arguments = parser.parse_args()
    # the thread of the loop waits so long for each of the others that computes: it is to answer soon under load, too
    sys.setswitchinterval(SWITCH_SECONDS)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    _write_json(JsonLines())
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # uvicorn ends well on both signals, then sends them again: that must not end the process before the house closes
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    try:
        settings = Settings.from_environment()
        _write_json(JsonLines(settings.secrets))
        with tracing.collected(settings.traces_endpoint), opened(settings) as house, open_backroom(house):
            port = settings.api_port if arguments.port is None else arguments.port
            uvicorn.Server(uvicorn_config(create_app(house), port=port)).run()
    except MillraceError as error:
        print(f"millrace: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _write_json(lines: JsonLines) -> None:
    for handler in logging.getLogger().handlers:
        handler.setFormatter(lines)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def uvicorn_config(app: FastAPI, *, port: int) -> uvicorn.Config:
    """How the application is served: loopback only, bounded headers, no access log of uvicorn's own."""
    # its lines hold query strings, where careless clients put keys; the envelope writes better ones
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Config(
        app, host="127.0.0.1", port=port, http=PatientProtocol, loop="uvloop", ws="none", lifespan="on",
        access_log=False, log_config=None, server_header=False, timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
