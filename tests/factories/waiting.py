"""To wait for what another thread, process or server brings about, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 120.0


def wait_until(is_so: Callable[[], object]) -> None:
    """Return as soon as it is so. Raises AssertionError where that takes two minutes."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, f"it did not come to that within {PATIENCE_S:g} s"
        time.sleep(0.02)
