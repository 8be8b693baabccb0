"""Addresses of pages of analytics: a filter is part of them, so that what somebody looks at can be shared. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from resources.analytics.records import Filter


def query_of(wanted: Filter) -> str:
    """A filter as the query of an address."""
    return urlencode({name: str(value) for name, value in wanted.parameters().items() if value is not None})


def page_address(page: str, wanted: Filter, *, anchor: str = "", **changes: Any) -> str:
    """The address of a page under a filter, with some of its parts changed."""
    path = "/analytics" if page == "overview" else f"/analytics/{quote(page)}"
    return f"{path}?{query_of(replace(wanted, **changes))}" + (f"#{anchor}" if anchor else "")
