"""`python -m serving [--port N]`: the HTTP API, on loopback."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Collection
from types import FrameType
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from resources.foundation.errors import MillraceError
from resources.foundation.redacting import without_secrets
from resources.foundation.settings import Settings
from serving.app import create_app
from serving.backroom import open_backroom
from serving.envelope import MOST_HEADER_BYTES
from serving.house import opened

GRACE_SECONDS = 10
LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"


class Redacting(logging.Formatter):
    """Lines of log, tracebacks too, without what the settings hold in secret."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__(LINE)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record), self._secrets)


def main() -> int:
    """Serve until stopped; exit status 1 with one sentence where that cannot begin."""
    parser = argparse.ArgumentParser(prog="python -m serving", description="Serve the API on 127.0.0.1.")
    parser.add_argument("--port", type=int, help="default: MILLRACE_API_PORT, or 8000")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format=LINE, stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # uvicorn ends well on both signals, then sends them again: that must not end the process before the house closes
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    try:
        settings = Settings.from_environment()
        for handler in logging.getLogger().handlers:
            handler.setFormatter(Redacting(settings.secrets))
        with opened(settings) as house, open_backroom(house):
            port = settings.api_port if arguments.port is None else arguments.port
            uvicorn.Server(uvicorn_config(create_app(house), port=port)).run()
    except MillraceError as error:
        print(f"millrace: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def uvicorn_config(app: FastAPI, *, port: int) -> uvicorn.Config:
    """How the application is served: loopback only, bounded headers, no access log of uvicorn's own."""
    # its lines hold query strings, where careless clients put keys; the envelope writes better ones
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Config(
        app, host="127.0.0.1", port=port, http="h11", loop="asyncio", ws="none", lifespan="on", access_log=False,
        log_config=None, server_header=False, h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
