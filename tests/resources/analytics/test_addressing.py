"""A filter is part of an address, and comes back from it as it was."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from resources.analytics.addressing import page_address, query_of
from resources.analytics.records import Filter

NAMES = st.none() | st.text(min_size=1, max_size=20).filter(lambda text: "\0" not in text and text.isprintable())


@given(chatbot=NAMES, source=NAMES, tag=NAMES, configuration=st.none() | st.integers(1, 99))
def test_what_is_asked_for_can_be_read_from_the_address(
    chatbot: str | None, source: str | None, tag: str | None, configuration: int | None
) -> None:
    wanted = Filter(
        date(2026, 11, 1), date(2026, 11, 8), chatbot=chatbot, source=source, tag=tag, configuration=configuration
    )
    asked = dict(parse_qsl(query_of(wanted), keep_blank_values=True))
    assert asked == {name: str(value) for name, value in wanted.parameters().items() if value is not None}


def test_a_page_is_led_to_with_a_part_of_the_filter_changed() -> None:
    wanted = Filter(date(2026, 11, 1), date(2026, 11, 8), chatbot="a&b")
    address = urlsplit(page_address("retrieval", wanted, anchor="scores", configuration=2))
    assert (address.path, address.fragment) == ("/analytics/retrieval", "scores")
    assert dict(parse_qsl(address.query)) == {
        "since": "2026-11-01", "until": "2026-11-08", "chatbot": "a&b", "configuration": "2",
    }  # fmt: skip
    assert page_address("overview", wanted).startswith("/analytics?")
