"""The page of an upload source in a real browser: files come in parts, go on after a break, and tell how they stand.

Needs Chromium, and npm for axe-core; is skipped where they are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.knowledge.sources import data_sources, partial_uploads
from tests.factories.workshops import Workshop
from tests.fixtures.axe import grave_findings
from tests.serving.conftest import Office, Served
from tests.serving.endpoints.test_documents import open_inbox
from tests.serving.test_browser import (
    CHROMIUM,
    NARROW,
    Enter,
    Watched,
    chromium,  # noqa: F401
    enter,  # noqa: F401
    too_wide,
    watched,  # noqa: F401
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")
PART = 1 << 20


@pytest.fixture
def inbox(office: Office, database: Database, tmp_path: Path) -> Workshop:
    """An upload source of the office, over the store that the server writes to, and a folder to upload from."""
    folder = tmp_path / "to upload"
    folder.mkdir()
    return Workshop(
        database, office.organization_id, folder, open_inbox(database, office), ObjectStore(tmp_path / "objects")
    )


@pytest.fixture
def forgiving(watched: Watched) -> Iterator[Watched]:  # noqa: F811
    """Where requests fail on purpose, which the browser notes."""
    yield watched
    watched.faults[:] = [fault for fault in watched.faults if "Failed to load resource" not in fault]


def look(page: Page, inbox: Workshop) -> None:
    """Go to the page of the source."""
    page.goto(f"{page.url.partition('/sources')[0].rstrip('/')}/sources/{inbox.source_id}")


def choose(page: Page, inbox: Workshop, *names: str) -> None:
    page.get_by_label("Choose files").set_input_files([inbox.folder / name for name in names])


def said(page: Page, name: str) -> Locator:
    """What is said of a file."""
    return page.locator("#pushed > li").filter(has_text=name).locator("p")


def test_files_are_chosen_and_followed_until_they_can_be_found_or_it_is_known_why_not(
    enter: Enter,  # noqa: F811
    served: Served,
    office: Office,
    inbox: Workshop,
    forgiving: Watched,
) -> None:
    inbox.write("rye.md", "Rye is ground on Mondays.")
    inbox.write("torn.pdf", "%PDF-1.7 torn")
    inbox.write("engine.bin", bytes(range(256)) * (5 * PART // 512))  # two parts and a half
    with (inbox.folder / "huge.txt").open("wb") as file:
        file.truncate(51 * PART)
    page = enter(served, office)
    look(page, inbox)
    broken = 0

    def cut_once(route: Route) -> None:
        nonlocal broken
        if route.request.headers.get("upload-offset") == str(PART) and not broken:
            broken += 1
            route.abort()
        else:
            route.continue_()

    page.route("**/uploads/*", cut_once)
    choose(page, inbox, "rye.md", "torn.pdf", "engine.bin", "huge.txt")
    expect(said(page, "huge.txt")).to_contain_text("A document has one byte to 50 MiB; 53,477,376 bytes were announced")
    expect(page.get_by_text("3 documents came.")).to_be_visible()
    expect(said(page, "rye.md")).to_have_text("It came, and waits for the next sync.")
    assert broken == 1
    inbox.sync()
    expect(said(page, "rye.md")).to_have_text("It can be found.")
    expect(said(page, "torn.pdf")).to_contain_text("save it again, and let the source bring it anew")
    expect(said(page, "engine.bin")).to_contain_text("Save it in a format that is read")
    # the page below tells the same by itself
    expect(page.locator("#documents ~ table").first).to_contain_text("rye.md")
    expect(page.get_by_role("button", name="Try again: torn.pdf")).to_be_visible()
    assert inbox.visible()["rye.md"] == "Rye is ground on Mondays."
    assert grave_findings(page) == []
    page.get_by_role("button", name="Try all again").click()
    expect(page.get_by_text("Failed at", exact=False).first).to_contain_text("0 times")
    page.get_by_role("link", name="rye.md", exact=True).click()
    page.wait_for_url("**/documents/*")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("No: it was deleted")).to_be_visible()
    assert "rye.md" not in inbox.visible()


def test_what_was_cut_off_goes_on_from_there_when_the_file_is_chosen_again(
    enter: Enter,  # noqa: F811
    served: Served,
    office: Office,
    inbox: Workshop,
    forgiving: Watched,
) -> None:
    for name in ("engine.bin", "other.bin"):
        inbox.write(name, name.encode() + bytes(5 * PART // 2))
    page = enter(served, office, size=NARROW, color_scheme="dark", has_touch=True)
    look(page, inbox)
    page.context.route("**/uploads/*", begins_or_breaks)
    choose(page, inbox, "engine.bin", "other.bin")
    expect(said(page, "engine.bin")).to_have_text("The line broke off. It goes on by itself.")
    assert too_wide(page) == []
    assert grave_findings(page) == []
    again = page.context.new_page()
    forgiving.watch(again, urlsplit(served.address).netloc)
    again.goto(page.url)
    page.close()
    expect(again.get_by_text("Not whole yet: 1")).to_be_visible()
    expect(again.locator("li[data-path]")).to_contain_text("1.0 MiB of 2.5 MiB came")
    assert too_wide(again) == []
    again.context.unroute_all()
    offsets: list[str] = []
    again.on("request", lambda asked: offsets.append(asked.headers.get("upload-offset", "")))
    choose(again, inbox, "engine.bin")
    expect(again.get_by_text("1 document came.")).to_be_visible()
    assert [offset for offset in offsets if offset] == [str(PART), str(2 * PART)]
    again.get_by_role("button", name="Sync now").click()
    expect(again.get_by_text("Not whole yet")).to_have_count(0)


def begins_or_breaks(route: Route) -> None:
    """Let the first part through, and no other."""
    if route.request.headers.get("upload-offset", "0") == "0":
        route.continue_()
    else:
        route.abort()


def test_a_source_is_paused_and_resumed_and_what_is_not_whole_is_discarded_by_keyboard(
    enter: Enter,  # noqa: F811
    served: Served,
    office: Office,
    inbox: Workshop,
) -> None:
    with inbox.database.transaction(inbox.organization_id) as connection:
        source = data_sources.get(connection, inbox.organization_id, inbox.source_id)
        partial_uploads.begin(connection, inbox.organization_id, source, path="letters/mia.pdf", file_size=99)
    page = enter(served, office)
    look(page, inbox)
    with page.expect_file_chooser() as chooser:
        page.get_by_label("Choose files").press("Enter")
    assert chooser.value.is_multiple()
    page.get_by_role("button", name="Discard: letters/mia.pdf").press("Enter")
    expect(page.get_by_text("Not whole yet")).to_have_count(0)
    page.wait_for_load_state()
    page.get_by_role("button", name="Pause").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Pause").press("Enter")
    expect(page.locator("#state")).to_contain_text("paused")
    page.wait_for_load_state()
    page.get_by_role("button", name="Resume").press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
