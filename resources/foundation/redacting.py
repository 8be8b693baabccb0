"""Take secrets out of what other software says, before it is shown or kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_SHORTEST = 4  # a shorter one would blacken half of the words
_USER_INFORMATION = re.compile(r"(\b[\w+.-]+://)[^\s/]+@")
_QUERY = re.compile(r"(\b[\w+.-]+://[^\s?\"']*)\?[^\s\"']*")


def redacted(text: str, secrets: Iterable[str]) -> str:
    """The first line of the text, as `without_secrets` leaves it: what is told in a sentence."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "no reason was given")
    return without_secrets(line, secrets)


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without these values, plain or URL-encoded, and without users and queries of URLs."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            for form in (secret, quote(secret, safe=""), quote_plus(secret)):
                text = text.replace(form, "***")
    return _QUERY.sub(r"\1", _USER_INFORMATION.sub(r"\1", text))
