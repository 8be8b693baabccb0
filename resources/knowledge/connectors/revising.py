"""Tell whether a page changed since it was last read, by the words of its server (RFC 9110 8.8 and 13). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,400}"|[\x21\x23-\x7e]{1,400}')
_ETAG, _MODIFIED = "etag ", "modified "
# A time of a second's precision proves nothing for a page that may have changed twice within it (RFC 9110 8.8.2.2).
_LEAST_AGE = timedelta(seconds=60)


def revision_of(headers: Mapping[str, str]) -> str | None:
    """What an answer says of its state, as documents keep it; None where it says nothing that can be relied on.

    Header names in lower case.
    """
    tag = headers.get("etag", "").strip()
    if _ENTITY_TAG.fullmatch(tag):
        return _ETAG + tag
    modified, date = _time(headers.get("last-modified")), _time(headers.get("date"))
    if modified is None or date is None or date - modified < _LEAST_AGE:
        return None
    return _MODIFIED + headers["last-modified"].strip()


def conditions(revision: str | None) -> dict[str, str]:
    """The headers by which a page is asked for only if it is not in this state any more."""
    if revision is not None and revision.startswith(_ETAG):
        return {"If-None-Match": revision.removeprefix(_ETAG)}
    if revision is not None and revision.startswith(_MODIFIED):
        return {"If-Modified-Since": revision.removeprefix(_MODIFIED)}
    return {}


def _time(text: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)
