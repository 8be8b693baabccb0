"""Whoever holds the secret can tell what Millrace sent from what a stranger sent, or sent again."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from resources.identity.signing import is_signed, signature

BODY = b'{"event": "sync_failed"}'
HEADER = signature(BODY, key="grist", at=1000)


def test_a_signature_is_what_the_manual_says() -> None:
    expected = hmac.new(b"grist", b"1000." + BODY, hashlib.sha256).hexdigest()
    assert f"t=1000,v1={expected}" == HEADER
    assert is_signed(BODY, HEADER, key="grist", now=1100)


@pytest.mark.parametrize(
    ("body", "header", "key", "now"),
    [
        (BODY + b" ", HEADER, "grist", 1000),
        (BODY, HEADER, "flour", 1000),
        (BODY, HEADER, "grist", 1301),
        (BODY, HEADER.replace("t=1000", "t=1300"), "grist", 1301),
        (BODY, "", "grist", 1000),
        (BODY, "v1=,t=", "grist", 1000),
        (BODY, "t=soon,v1=00", "grist", 1000),
    ],
)
def test_what_is_changed_strange_or_old_is_not_signed(body: bytes, header: str, key: str, now: int) -> None:
    assert not is_signed(body, header, key=key, now=now)
