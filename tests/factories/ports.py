"""Ports that nobody listens at."""

from __future__ import annotations

import random
import socket


def free_port() -> int:
    """A port of loopback that is free, and below those that the system gives away: it stays free for who asked."""
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", random.randrange(20_000, 30_000)))  # noqa: S311
            except OSError:
                continue
            return int(probe.getsockname()[1])
