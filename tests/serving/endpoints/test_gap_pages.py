"""From the page of gaps to a topic, from there to its questions and to what lies nearest; unknown to everybody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from lxml import html

from resources.analytics import gaps
from resources.foundation.database import Database
from tests.factories.asked_questions import LEAVE, SLUICE, ask
from tests.serving.conftest import Office, Served, make_key
from tests.serving.endpoints.test_question_pages import api
from tests.serving.endpoints.test_sign_in import browser, link

EVIL = "What of parental leave <script>alert(1)</script>?"


@pytest.fixture
def asked(database: Database, office: Office) -> list[str]:
    """The answers to questions about parental leave, which no document mentions, and about the sluice; gathered."""
    return vainly_ask(database, office)


def vainly_ask(database: Database, office: Office) -> list[str]:
    """Ask, and gather what was asked."""
    day = datetime.now(UTC).date() - timedelta(days=2)
    answers = ask(database, office.chatbot, office.organization_id, (*LEAVE, EVIL), day=day)
    ask(database, office.chatbot, office.organization_id, SLUICE, day=day)
    gaps.refresh(database, office.organization_id, since=day, until=day + timedelta(days=1))
    return [str(answer) for answer in answers]


def topic_of(page: str) -> str:
    """The address of the first topic that a page leads to, without its filter."""
    found = [str(one) for one in html.fromstring(page).xpath("//a/@href") if "/gaps/topics/" in str(one)]
    return found[0].partition("?")[0]


def test_an_analyst_is_led_from_the_gaps_to_a_topic_and_its_questions(
    served: Served, database: Database, office: Office, asked: list[str]
) -> None:
    with browser(served, link(database, office, "analyst")) as client:
        page = client.get("/analytics/gaps?period=7")
        assert "parental, leave: asked 7 times" in page.text
        shown = client.get(topic_of(page.text) + "?period=7")
        assert shown.status_code == 200
        tree = html.fromstring(shown.text)
        assert tree.xpath("string(//h1)") == "parental, leave"
        addresses = {str(one) for one in tree.xpath("//a/@href")}
        assert {f"/analytics/questions/{answer}" for answer in asked} <= addresses
        assert any(one.startswith("/documents/") for one in addresses)
        assert any(one.startswith("/sources/") for one in addresses)
        assert "&lt;script&gt;alert(1)" in shown.text
        told = {client.get(one).status_code for one in addresses if "questions/" in one or "/documents/" in one}
        assert told == {200}


def test_the_tables_of_a_topic_can_be_taken_away(
    served: Served, database: Database, office: Office, asked: list[str]
) -> None:
    with browser(served, link(database, office, "analyst")) as client:
        topic = topic_of(client.get("/analytics/gaps?period=7").text)
        rows = client.get(f"{topic}/asked.csv?period=7").text.splitlines()
        assert rows[0].startswith("asked_at,question,topic")
        assert len(rows) == 1 + len(asked)
        assert client.get(f"{topic}/near.parquet").content[:4] == b"PAR1"
        assert client.get(f"{topic}/asked.csv?period=1").text.count("\n") == 1
        assert client.get(f"{topic}/nothing.csv").status_code == 404


def test_a_topic_of_another_organization_is_as_unknown_as_none(
    served: Served, database: Database, office: Office, other_office: Office, asked: list[str]
) -> None:
    vainly_ask(database, other_office)
    with api(served, make_key(database, other_office.organization_id, "analyze")) as client:
        theirs = topic_of(client.get("/analytics/gaps?period=7").text)
    nobodys = f"/analytics/gaps/topics/{uuid4()}"
    with browser(served, link(database, office)) as client:
        for rest in ("", "/asked.csv", "/near.parquet"):
            found, unknown = client.get(theirs + rest), client.get(nobodys + rest)
            assert found.status_code == unknown.status_code == 404
            assert found.text.replace(theirs[-36:], "") == unknown.text.replace(nobodys[-36:], "")
        assert client.get("/analytics/gaps/topics/none").status_code == 404
    with api(served, office.key) as client:
        assert client.get(theirs).status_code == 403


def test_before_anything_was_asked_the_pages_say_so(served: Served, database: Database, office: Office) -> None:
    with browser(served, link(database, office, "analyst")) as client:
        assert "the first ones are within the hour" in client.get("/analytics/gaps").text
        assert client.get("/analytics/sources").status_code == 200
        assert "No budget bounds what is spent" in client.get("/analytics/cost").text
