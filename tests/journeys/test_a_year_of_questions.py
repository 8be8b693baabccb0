"""An analyst looks at a year in which four things went wrong, and finds each by following what the pages say.

MILLRACE_SCREENSHOTS=/tmp/shots pytest tests/journeys/test_a_year_of_questions.py -m campaign
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from benchmarks import traffic
from benchmarks.traffic import Year
from resources.analytics import daily_metrics, gaps
from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database, Server, open_database
from resources.identity import memberships, sign_in_links, users
from serving.house import House
from tests.serving.conftest import running

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
expect.set_options(timeout=60_000)
pytestmark = [pytest.mark.campaign, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")]


@pytest.fixture
def year(server: Server, database: Database) -> Year:
    """Forty questions a day until yesterday; its days are summed, and what found no answer is gathered."""
    today = datetime.now(UTC).date()
    with psycopg.connect(server.admin_conninfo()) as admin:
        year = traffic.plant(admin, "a-year", questions=16_000, until=today)
    own = year.organization_id
    daily_metrics.refresh(database, own, as_of=datetime.now(UTC))
    gaps.refresh(database, own, since=year.since, until=year.until)
    return year


@pytest.fixture
def page(server: Server, database: Database, year: Year) -> Iterator[Page]:
    """A window of an analyst, who may see numbers and nothing else; it must see no fault."""
    own = year.organization_id
    with database.transaction(own) as connection:
        user = users.create(connection, own, username="ada", email="ada@mill.example")
        memberships.set_role(connection, own, user.id, "analyst")
        token = sign_in_links.create(connection, own, user.id)
    faults: list[str] = []
    with (
        open_database(server, "millrace_api", most=1) as asking,
        running(House(asking, ProviderModels())) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(base_url=served.address, viewport=SIZES["wide"]).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(120_000)  # the machine may be busy
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.goto(f"/sign-in?token={token}")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Your question")).to_be_visible()
        yield page
        browser.close()
    assert faults == []


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures of each step are put."""
    folder = Path(os.environ.get("MILLRACE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_the_pages_lead_to_each_of_four_faults(page: Page, year: Year, shots: Path) -> None:
    # a configuration was bad for a week: the overview says what got worse, and which part it comes from
    week(page, *year.bad_week)
    found = finding(page, "No answer")
    expect(found).to_contain_text("handbook #2")
    shoot(page, shots, "1-bad-week")
    found.get_by_role("link", name="handbook #2").first.click()
    expect(page).to_have_url(re.compile("configuration=2"))
    shoot(page, shots, "2-its-configuration")

    # a source was not synced: it is named now, and the page of sources says that its answers are disliked
    page.goto("/analytics")
    shoot(page, shots, "3-now")
    stale = page.locator("#changes .findings > li.bad").filter(has_text="The source prices")
    expect(stale).to_contain_text("misses its times")
    stale.get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("prices is stale")
    shoot(page, shots, "4-the-stale-source")

    # a topic came up that no document treats: more searches find nothing, and the gaps name it
    week(page, year.topic_since, year.topic_since + timedelta(days=28))
    expect(finding(page, "Found nothing")).to_be_visible()
    shoot(page, shots, "5-more-find-nothing")
    page.get_by_role("link", name="Gaps").first.click()
    expect(page.locator("#topics")).to_contain_text(traffic.TOPIC)
    shoot(page, shots, "6-the-topic")

    # a prompt made answers dear: their cost rose with a configuration
    week(page, year.dear_since + timedelta(days=1), year.dear_since + timedelta(days=8))
    found = finding(page, "Cost of an answer")
    expect(found).to_contain_text("support #2")
    shoot(page, shots, "7-dearer")
    found.get_by_role("link").first.click()
    shoot(page, shots, "8-what-it-costs")


def week(page: Page, since: date, until: date) -> None:
    page.goto(f"/analytics?since={since}&until={until}")


def finding(page: Page, words: str) -> Locator:
    """What the overview says of a metric that changed beyond chance."""
    return page.locator("#changes .findings > li.bad").filter(has_text=words).first


def shoot(page: Page, folder: Path, name: str) -> None:
    """A picture of the page, wide and narrow, light and dark; it must fit into the window."""
    page.wait_for_load_state("load")
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(300)
            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), f"{name} is too wide ({size})"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(SIZES["wide"])  # type: ignore[arg-type]
