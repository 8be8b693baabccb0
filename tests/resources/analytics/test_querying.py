"""SQL that is shown: what a filter asks, in words that PostgreSQL reads as they were meant, and what it cannot ask."""

from __future__ import annotations

from datetime import date

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.analytics.querying import conditions, literal
from resources.analytics.records import Filter
from resources.foundation.database import Server

WEEK = Filter(date(2026, 11, 1), date(2026, 11, 8))


@settings(max_examples=50)
@given(
    text=st.text(max_size=30).filter(lambda text: "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text))
)
def test_a_text_comes_through_as_it_is(template_server: Server, text: str) -> None:
    with psycopg.connect(template_server.admin_conninfo()) as connection:
        assert connection.execute(f"select {literal(text)}".encode()).fetchone() == (text,)


def test_a_view_is_asked_for_the_days_and_what_is_named() -> None:
    wanted = Filter(WEEK.since, WEEK.until, chatbot="it's", configuration=2)
    assert conditions(wanted) == (
        "day >= date '2026-11-01' and day < date '2026-11-08' and chatbot = 'it''s' and configuration = 2"
    )
    assert conditions(WEEK, day="") == "true"
    assert "'safety' = any (tags)" in conditions(Filter(WEEK.since, WEEK.until, tag="safety"))


def test_what_a_view_does_not_tell_apart_is_said() -> None:
    wanted = Filter(WEEK.since, WEEK.until, chatbot="mill", agent="desk", tag="safety")
    assert conditions(wanted, day="", names=("chatbot",)) == (
        "chatbot = 'mill'  /* the agent and the tag of the filter cannot be asked for here */"
    )
