"""The pages of analytics without a browser: who may see them, what their addresses ask for, and what they hand out."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from lxml import html

from resources.analytics.pages import PAGES
from resources.foundation.database import Database
from serving import plotting
from tests.serving.conftest import Office, Served, make_key
from tests.serving.endpoints.test_sign_in import browser, link

PAGE = {"Accept": "text/html,application/xhtml+xml"}
ADDRESSES = ["/analytics", *(f"/analytics/{key}" for key in PAGES if key != "overview"), "/analytics/configurations"]
DOWNLOADS = [(page.key, panel) for page in PAGES.values() for panel in page.panels]


@pytest.fixture
def asked(served: Served, office: Office, database: Database) -> httpx.Client:
    """An analyst's key, where one question was answered and another was not."""
    client = served.client(office.key)
    for question in ("How often is the sluice gate greased?", "Who wrote Hamlet, prince of Denmark?"):
        client.chat.completions.create(model="handbook", messages=[{"role": "user", "content": question}])
    key = make_key(database, office.organization_id, "analyze")
    return httpx.Client(
        base_url=served.address, headers={"Authorization": f"Bearer {key}"} | PAGE, timeout=30, follow_redirects=False
    )


def tiles(page: httpx.Response) -> dict[str, str]:
    """What the tiles say: the value by its title."""
    found = html.fromstring(page.text).xpath("//div[contains(@class, 'tile')]")
    return {
        _words(tile.xpath("string(dt//summary)")): _words(tile.xpath("string(dd[contains(@class, 'value')])"))
        for tile in found
    }


def _words(text: str) -> str:
    return " ".join(text.split())


def test_analysts_see_the_pages_members_do_not(served: Served, database: Database, office: Office) -> None:
    with browser(served, link(database, office, "member")) as client:
        assert {client.get(address, headers=PAGE).status_code for address in ADDRESSES} == {403}
    with browser(served, link(database, office, "analyst")) as client:
        for address in ADDRESSES:
            answer = client.get(address, headers=PAGE)
            assert answer.status_code == 200, (address, answer.text)
            assert "/analytics" in html.fromstring(answer.text).xpath("//nav[@aria-label='Pages']//a/@href")


def test_the_tiles_say_what_the_api_says(asked: httpx.Client) -> None:
    page = asked.get("/analytics?period=1")
    today = datetime.now(UTC).date()
    told = asked.get("/v1/analytics/overview", params={"since": str(today), "until": str(today + timedelta(days=1))})
    now = {change["key"]: change["now"]["value"] for change in told.json()["changes"]}
    shown = tiles(page)
    assert shown["Questions"] == str(int(now["questions"])) == "2"
    assert shown["Answered"] == f"{100 * now['answered_rate']:.1f} %" == "50.0 %"
    assert shown["Liked"] == "–"
    assert now["liked_rate"] is None


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        ("period=1", "2"), ("period=7", "0"), ("", "0"), ("period=1&chatbot=&agent=&configuration=&source=&tag=", "2"),
        ("period=1&chatbot=handbook&configuration=1&language=en", None), ("since=2020-01-01&until=2020-02-01", "0"),
    ],
)  # fmt: skip
def test_the_address_says_which_questions_are_counted(asked: httpx.Client, query: str, counted: str | None) -> None:
    page = asked.get(f"/analytics?{query}")
    assert page.status_code in ((200,) if counted else (200, 404))
    if counted:
        assert tiles(page)["Questions"] == counted


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("period=5", 400, "there is no period"), ("since=yesterday", 400, "is no day"),
        ("since=2026-01-02&until=2026-01-01", 400, "before until"), ("configuration=x", 400, "by its number"),
        ("chatbot=handbok", 404, "there is no chatbot"), ("chatbot=%00", 404, "there is no chatbot"),
        ("chatbot=" + "x" * 300, 400, ""),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_to_people_on_a_page(
    asked: httpx.Client, query: str, status: int, said: str
) -> None:
    for address in ("/analytics", "/analytics/overview/questions.csv"):
        answer = asked.get(f"{address}?{query}")
        assert answer.status_code == status
        assert said in answer.text.lower()
        assert "Traceback" not in answer.text


def test_every_table_can_be_taken_away(asked: httpx.Client) -> None:
    for page, panel in DOWNLOADS:
        told = asked.get(f"/analytics/{page}/{panel}.csv?period=1")
        assert told.status_code == 200, (page, panel, told.text)
        assert told.headers["content-type"] == "text/csv; charset=utf-8"
        assert f'filename="{page}-{panel}.csv"' in told.headers["content-disposition"]
        assert next(csv.reader(io.StringIO(told.text)))
    packed = asked.get("/analytics/overview/questions.parquet?period=1")
    assert packed.content[:4] == packed.content[-4:] == b"PAR1"
    rows = list(csv.DictReader(io.StringIO(asked.get("/analytics/overview/questions.csv?period=1").text)))
    assert [(row["chatbot"], row["questions"]) for row in rows] == [("handbook", "2")]
    assert asked.get("/analytics/overview/nothing.csv").status_code == 404
    assert asked.get("/analytics/nothing/questions.parquet").status_code == 404


def test_another_organization_sees_nothing_of_it(
    served: Served, database: Database, asked: httpx.Client, other_office: Office
) -> None:
    assert other_office.chatbot.name == "kettles"
    for address in ADDRESSES:
        assert "kettles" not in asked.get(f"{address}?period=1").text, address
    foreign, unknown = (asked.get(f"/analytics?chatbot={name}") for name in ("kettles", "kettlez"))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text.replace("kettles", "NAME") == unknown.text.replace("kettlez", "NAME")
    with browser(served, link(database, other_office)) as client:
        assert tiles(client.get("/analytics?period=1", headers=PAGE))["Questions"] == "0"
        for address in ADDRESSES:
            assert "Hamlet" not in client.get(f"{address}?period=1", headers=PAGE).text, address


def test_two_configurations_are_named_or_there_is_nothing_to_compare(asked: httpx.Client) -> None:
    page = asked.get("/analytics/configurations")
    assert "handbook has one configuration" in page.text
    assert asked.get("/analytics/configurations?first=1&second=9").status_code == 404
    assert asked.get("/analytics/configurations?first=1&second=1").status_code == 200
    assert asked.get("/analytics/configurations?chatbot=nobody").status_code == 404
    assert asked.get("/analytics/configurations?first=x").status_code == 400


def test_the_script_of_charts_comes_packed_and_for_ever(served: Served) -> None:
    with httpx.Client(base_url=served.address, timeout=60) as client:
        request = client.build_request("GET", f"/static/{plotting.NAME}", headers={"Accept-Encoding": "gzip"})
        packed = client.send(request, stream=True)
        body = b"".join(packed.iter_raw())
        plain = client.get(f"/static/{plotting.NAME}", headers={"Accept-Encoding": "identity"})
        other = client.get("/static/plotly-0.0.1.js")
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    assert gzip.decompress(body) == plain.content
    assert len(body) < len(plain.content) / 2
    assert other.status_code == 404
    # what our pages hold so that it writes no style into them
    assert f'getElementById("{plotting.STYLED}")'.encode() in plain.content
    assert b"no-inline-styles" in plain.content


def test_a_page_has_no_script_of_its_own_and_carries_its_numbers_as_text(asked: httpx.Client) -> None:
    parsed: Any = html.fromstring(asked.get("/analytics?period=1").text)
    assert not [script for script in parsed.xpath("//script") if (script.text or "").strip()]
    figures = parsed.xpath("//figure[@data-chart]")
    assert figures
    assert all(figure.get("aria-label") for figure in figures)
    boards = parsed.xpath("//section[contains(@class, 'board')]")
    assert [board.get("id") for board in boards] == list(PAGES["overview"].panels)
    for board in boards:
        assert board.xpath(".//summary[starts-with(normalize-space(), 'What this means')]")
        assert board.xpath(".//a[contains(@href, '.csv?')]")
        assert board.xpath(".//a[contains(@href, '.parquet?')]")
