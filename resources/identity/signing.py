"""Sign what a webhook is sent, so that its receiver can tell it from a stranger's. Pure."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "Millrace-Signature"


def signature(body: bytes, *, key: str, at: int) -> str:
    """`t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "t.body">`; the time is signed, so that nothing old is replayed.

    The form is that of Stripe's webhooks (https://docs.stripe.com/webhooks#verify-manually).
    """
    digest = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
