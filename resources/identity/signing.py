"""Sign what a webhook is sent, so that its receiver can tell it from a stranger's. Pure."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "Millrace-Signature"


def signature(body: bytes, *, key: str, at: int) -> str:
    """`t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "t.body">`; the time is signed, so that nothing old is replayed.

    The form is that of Stripe's webhooks (https://docs.stripe.com/webhooks#verify-manually).
    """
    return f"t={at},v1={_digest(body, key, at)}"


def is_signed(body: bytes, header: str, *, key: str, now: int, tolerance_s: int = 300) -> bool:
    """Whether the header is a fresh signature of the body: what a receiver checks."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at = parts.get("t", "")
    if not at.isdecimal() or abs(now - int(at)) > tolerance_s:
        return False
    return hmac.compare_digest(_digest(body, key, int(at)), parts.get("v1", ""))


def _digest(body: bytes, key: str, at: int) -> str:
    return hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
