"""Whoever holds the secret can tell what Millrace sent from what a stranger sent, or sent again."""

from __future__ import annotations

import hashlib
import hmac

from resources.identity.signing import signature

BODY = b'{"event": "sync_failed"}'


def test_a_signature_is_what_the_manual_says() -> None:
    expected = hmac.new(b"grist", b"1000." + BODY, hashlib.sha256).hexdigest()
    assert signature(BODY, key="grist", at=1000) == f"t=1000,v1={expected}"
