"""The folders of this machine that an operator opens to sources (MILLRACE_FILE_ROOTS); unset, all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from resources.foundation.errors import Refused


def require_allowed(location: str | Path, roots: Iterable[Path]) -> None:
    """Raise Refused for a path that leads outside the roots, links resolved. No roots: every path is allowed."""
    real, allowed = os.path.realpath(location), [os.path.realpath(root) for root in roots]
    if allowed and not any(real == root or real.startswith(os.path.join(root, "")) for root in allowed):
        raise Refused(f"{location} lies outside the folders that sources may read: MILLRACE_FILE_ROOTS names those")
