"""Tokens that prove who somebody is: an id that finds a row, a secret of which the row keeps the digest only."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from uuid import UUID, uuid4

_SECRET_BYTES = 32  # 43 characters: far more than can be guessed, so a plain SHA-256 is enough (OWASP ASVS 6.5.2)
_TOKEN = re.compile(r"(?P<id>[0-9a-f]{32})_(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Token:
    """A token as its holder has it."""

    id: UUID
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """How it is written: `<id>_<secret>`."""
        return f"{self.id.hex}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """What is kept of the secret: its SHA-256."""
        return hashlib.sha256(self.secret.encode()).digest()

    def proves(self, digest: bytes) -> bool:
        """Whether this is the token of which the digest was kept; takes as long for a wrong one."""
        return hmac.compare_digest(digest, self.digest)


def new() -> Token:
    """A token that nobody has had."""
    return Token(uuid4(), secrets.token_urlsafe(_SECRET_BYTES))


def parsed(text: str, *, prefix: str = "") -> Token | None:
    """The token that is written there; None where it is none."""
    match = _TOKEN.fullmatch(text.removeprefix(prefix)) if text.startswith(prefix) else None
    return None if match is None else Token(UUID(match["id"]), match["secret"])
