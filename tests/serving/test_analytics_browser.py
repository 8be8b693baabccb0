"""The pages of analytics in a real browser: drawn charts, filters that live in the address, downloads, nothing grave.

Needs Chromium, and npm for axe-core; is skipped where they are missing.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import Page, expect

from benchmarks import traffic
from resources.analytics import daily_metrics
from resources.analytics.pages import PAGES
from resources.bots import chatbots
from resources.foundation.database import Database, Server
from tests.fixtures.axe import grave_findings
from tests.serving.conftest import Office, Served
from tests.serving.test_browser import (
    CHROMIUM,
    Enter,
    chromium,  # noqa: F401
    enter,  # noqa: F401
    too_wide,
    watched,  # noqa: F401
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")
WIDE, NARROW, SMALLEST = {"width": 1280, "height": 800}, {"width": 390, "height": 800}, {"width": 320, "height": 640}
ADDRESSES = ["/analytics", *(f"/analytics/{key}" for key in PAGES if key != "overview"), "/analytics/configurations"]


@pytest.fixture
def year(database: Database, server: Server) -> Office:
    """A year of few questions until today, with its faults."""
    until = datetime.now(UTC).date()
    with psycopg.connect(server.admin_conninfo()) as admin:
        planted = traffic.plant(admin, "a-year", questions=1500, until=until)
    with database.transaction(planted.organization_id) as connection:
        chatbot = chatbots.find_by_name(connection, planted.organization_id, "handbook")
    assert chatbot is not None
    shown = {until - timedelta(days=back) for back in range(1, 125)}
    daily_metrics.refresh(database, planted.organization_id, as_of=datetime.now(UTC), days=shown)
    return Office(planted.organization_id, chatbot, "")


def look(page: Page, address: str) -> None:
    """Go to a page and wait until its charts are drawn."""
    page.goto(address)
    drawn(page)


def drawn(page: Page) -> None:
    expect(page.locator("figure[data-chart]:not([data-drawn])")).to_have_count(0, timeout=30_000)


def opened(page: Page) -> None:
    """All that is one click away."""
    page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")


def test_with_nothing_asked_each_page_says_so_and_is_whole(enter: Enter, served: Served, office: Office) -> None:  # noqa: F811
    page = enter(served, office, size=SMALLEST, color_scheme="dark")
    page.get_by_role("link", name="Analytics").click()
    page.wait_for_url("**/analytics")
    expect(page.locator(".tile .value").first).to_have_text("0")
    expect(page.locator(".tile .value").nth(1)).to_have_text("–")
    expect(page.get_by_text("Nothing was counted under this filter.").first).to_be_visible()
    for address in ADDRESSES:
        look(page, f"{served.address}{address}")
        opened(page)
        assert too_wide(page) == [], address


def test_one_question_is_seen_drawn_and_taken_away(
    enter: Enter, served: Served, office: Office, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    served.client(office.key).chat.completions.create(
        model="handbook", messages=[{"role": "user", "content": "How often is the sluice gate greased?"}]
    )
    page = enter(served, office, size=NARROW)
    look(page, f"{served.address}/analytics")
    page.locator("select[name=period]").select_option("today so far")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/analytics?period=1")
    drawn(page)
    expect(page.locator(".tile .value").first).to_have_text("1")
    expect(page.locator("#questions .barlayer .point")).to_have_count(1)
    with page.expect_download() as taken:
        page.locator("#questions").get_by_role("link", name="CSV").click()
    taken.value.save_as(tmp_path / "questions.csv")
    [row] = csv.DictReader((tmp_path / "questions.csv").open())
    assert (row["chatbot"], row["questions"]) == ("handbook", "1")
    for address in ADDRESSES:
        look(page, f"{served.address}{address}?period=1")
        assert too_wide(page) == [], address


@pytest.mark.campaign
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")])
def test_every_page_of_a_year_is_whole_and_nothing_keeps_people_from_using_it(
    enter: Enter, served: Served, year: Office, size: dict[str, int], scheme: str  # noqa: F811
) -> None:  # fmt: skip
    page = enter(served, year, size=size, color_scheme=scheme)
    for address in ADDRESSES:
        for period in ("30", "365"):
            look(page, f"{served.address}{address}?period={period}")
        opened(page)
        assert too_wide(page) == [], address
        assert grave_findings(page) == [], address


def test_an_analyst_filters_and_takes_away(
    enter: Enter, served: Served, year: Office, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    page = enter(served, year, size=WIDE)
    look(page, f"{served.address}/analytics")
    page.locator("input[name=since]").fill(str(datetime.now(UTC).date() - timedelta(days=60)))
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**since=**")
    asked = int(page.locator(".tile .value").first.inner_text().replace(",", ""))
    page.locator("select[name=chatbot]").select_option("support")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**chatbot=support**")
    query = parse_qs(urlsplit(page.url).query)
    assert set(query) == {"since", "until", "chatbot"}, "the address says what was chosen and no more"
    assert 0 < int(page.locator(".tile .value").first.inner_text().replace(",", "")) < asked
    page.get_by_role("navigation", name="Analytics").get_by_role("link", name="Retrieval").click()
    page.wait_for_url("**/analytics/retrieval?**")
    assert parse_qs(urlsplit(page.url).query)["chatbot"] == ["support"], "a filter goes with its reader"
    expect(page.locator("#drift")).to_be_visible()
    page.get_by_text("More", exact=True).click()
    page.locator("select[name=agent]").select_option("desk")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#scores .left")).to_have_text("Not narrowed by agent: these numbers do not tell that apart.")

    look(page, f"{served.address}/analytics?period=30")
    for kind, begins in (("CSV", b"day,"), ("Parquet", b"PAR1")):
        with page.expect_download() as taken:
            page.locator("#outcomes").get_by_role("link", name=kind).click()
        taken.value.save_as(tmp_path / kind)
        assert (tmp_path / kind).read_bytes().startswith(begins)
    page.locator("#outcomes summary", has_text="SQL").click()
    expect(page.locator("#outcomes code")).to_contain_text("from analytics.answers")
    page.locator("#outcomes").get_by_role("button", name="Copy").click()
    expect(page.locator("#outcomes .sql button")).to_contain_text("ed")


def test_charts_take_the_colours_of_the_page_and_can_be_left_by_keyboard(
    enter: Enter, served: Served, office: Office, organization_id: UUID  # noqa: F811
) -> None:  # fmt: skip
    served.client(office.key).chat.completions.create(
        model="handbook", messages=[{"role": "user", "content": "How often is the sluice gate greased?"}]
    )
    page = enter(served, office, size=WIDE, color_scheme="light")
    look(page, f"{served.address}/analytics?period=1")
    bar = page.locator("#questions .barlayer path").first
    light = bar.evaluate("each => getComputedStyle(each).fill")
    page.emulate_media(color_scheme="dark")
    expect(bar).not_to_have_css("fill", light)
    assert grave_findings(page) == []
    names = []
    for _ in range(60):
        page.keyboard.press("Tab")
        names.append(page.evaluate("(document.activeElement.textContent || '').trim()"))
    assert names[0] == "Skip to the content"
    for wanted in ("Overview", "Show", "What this means: Questions, by chatbot", "SQL: Questions, by chatbot"):
        assert any(name.startswith(wanted) for name in names), wanted
