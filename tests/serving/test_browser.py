"""The pages in a real browser: a person's whole way, by keyboard alone too, on a phone and on a desk.

Needs Chromium (`chromium`, `chromium-browser` or `google-chrome` on the path); is skipped where there is none.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from psycopg.types.json import Jsonb

from resources.conversations import message_feedback
from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database
from resources.knowledge.documents import sync_failures
from resources.knowledge.sources import tags
from tests.factories.library import MILL, open_chatbot, shelve
from tests.fixtures.hostile_words import HOSTILE_WORDS
from tests.fixtures.openai_server import OpenAIServer, breaking_off, speaking_for_ever
from tests.serving.conftest import Office, Serve, Served, make_office
from tests.serving.endpoints.test_sign_in import link

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 320, "height": 640}
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"
# A machine that does much else takes its time; who fails waits so long, nobody else.
expect.set_options(timeout=60_000)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Watched:
    """What a browser must not have seen at the end: faults of scripts, other hosts, dialogs of scripts."""

    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page, host: str) -> None:
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: self.faults.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda asked: None if _is_own(asked.url, host) else self.faults.append(f"asked {asked.url}"),
        )


Enter = Callable[..., Page]


@pytest.fixture
def watched() -> Watched:
    """What the windows of this test saw that they must not see."""
    return Watched()


@pytest.fixture
def enter(chromium: Browser, serve: Serve, database: Database, watched: Watched) -> Iterator[Enter]:
    """Sign in somebody of an office, in a window of their own; whatever that window must not see fails the test.

    It asks for `serve` so that the windows are closed before the server stops: a page may still be loading.
    """
    contexts: list[BrowserContext] = []

    def sign_in(served: Served, office: Office, *, size: dict[str, int] = WIDE, **options: object) -> Page:
        context = chromium.new_context(viewport=size, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)  # the machine may be busy
        watched.watch(page, urlsplit(served.address).netloc)
        page.goto(f"{served.address}/sign-in?token={link(database, office)}")
        page.get_by_role("button", name="Sign in").click()
        # the page's script has begun
        expect(page.get_by_label("Your question")).to_be_focused()
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert watched.faults == []


def _is_own(url: str, host: str) -> bool:
    return url.startswith("data:") or urlsplit(url).netloc == host


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def answered(page: Page, count: int = 1) -> None:
    """Wait until so many answers are whole."""
    expect(page.locator(".answer .tools")).to_have_count(count)


def too_wide(page: Page) -> list[str]:
    """What makes the page wider than the window; nothing where all can be read without scrolling sideways."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth + 1 ? [] : [
        `${document.documentElement.scrollWidth}`, ...[...document.querySelectorAll("body *")]
        .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
        .map((each) => `${each.tagName}.${each.className}: ${each.textContent.slice(0, 40)}`)]"""
    )
    return found


def test_a_quote_is_shown_without_its_marks_and_keeps_what_only_looks_like_them(
    enter: Enter, served: Served, office: Office
) -> None:
    quoted = "- The **Gatehouse** and `--all`, see [the rota](rota.md): 2**3**4, __init__, calls[name](event), <b>"
    shown = enter(served, office).evaluate(
        """async (quoted) => {
        const { renderQuote } = await import("/static/markdown.js");
        const paragraph = document.createElement("p");
        paragraph.append(...renderQuote(quoted));
        return paragraph.innerHTML; }""",
        quoted,
    )
    assert shown == (
        "- The <strong>Gatehouse</strong> and <code>--all</code>, see the rota: 2**3**4, __init__, "
        "calls[name](event), &lt;b&gt;"
    )


def test_a_person_asks_reads_the_source_says_what_it_is_worth_and_comes_back(
    enter: Enter, served: Served, office: Office
) -> None:
    page = enter(served, office)
    ask(page, "When is the sluice gate greased?")
    answered(page)
    expect(page.locator(".answer .prose")).to_contain_text("greased every second Monday")
    expect(page.locator(".note")).to_contain_text("word for word")

    page.locator("a.marker").first.click()
    panel = page.get_by_role("complementary", name="Source")
    expect(panel.locator("mark").first).to_contain_text("greased every second Monday")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator("a.marker").first).to_be_focused()

    page.get_by_role("button", name="This did not help").click()
    page.get_by_role("button", name="Outdated").click()
    expect(page.locator(".thanks")).to_contain_text("that is noted")

    ask(page, "When is the shop open?")
    answered(page, 2)
    address = page.url
    assert re.search(r"\?session=[0-9a-f-]{36}$", address)

    page.goto(address)
    answered(page, 2)
    expect(page.get_by_role("button", name="This did not help").first).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name=re.compile("Rename")).click()
    page.get_by_role("textbox", name="Rename").fill("About grease")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="About grease")).to_be_visible()
    page.get_by_role("button", name=re.compile("Delete")).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("What you ask is kept here.")).to_be_visible()
    expect(page.get_by_role("heading", name="New conversation")).to_be_visible()


def test_a_person_sees_why_something_is_found_and_asks_for_a_sync(
    enter: Enter, served: Served, database: Database, office: Office
) -> None:
    page = enter(served, office)
    page.get_by_role("link", name="Search").click()
    page.wait_for_url("**/search")
    page.get_by_label("Question or words").fill("turbine in a flood")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".result").first).to_contain_text("In a flood the sluice is opened fully")
    expect(page.locator(".result").first.get_by_label("Meaning")).to_be_visible()
    page.locator(".result a").first.click()
    expect(page.locator("mark#passage")).to_be_in_viewport()
    page.get_by_label("Show where passages begin").check()
    expect(page.locator(".begins").first).to_be_visible()

    page.get_by_role("link", name="Sources", exact=True).first.click()
    page.wait_for_url("**/sources")
    with page.expect_response(lambda response: response.url.endswith("/v1/sources/handbook/sync")) as asked:
        page.get_by_role("button", name="Sync now: handbook").click()
    assert asked.value.status == 202
    expect(page.locator(".state").first).to_have_text("queued")
    page.get_by_role("link", name="handbook").click()
    page.get_by_label("Path or title").fill("shop")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="shop", exact=True).click()
    expect(page.get_by_text("What the source said last can be found.")).to_be_visible()
    with database.transaction(office.organization_id) as connection:
        queued = connection.execute(
            "select count(*) from knowledge.training_jobs where organization_id = %s and status = 'queued'",
            [office.organization_id],
        ).fetchone()
    assert queued == (1,)


def test_everything_in_the_chat_can_be_done_by_keyboard_alone(enter: Enter, served: Served, office: Office) -> None:
    page = enter(served, office)
    page.keyboard.type("When is the shop open?")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("And on Sundays?")
    assert page.get_by_label("Your question").input_value() == "When is the shop open?\nAnd on Sundays?"
    page.keyboard.press("Enter")
    answered(page)

    seen: list[str] = []
    page.reload()
    answered(page)
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            str(page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent).trim()"))
        )
        if seen[-1].startswith("Source 1"):
            break
    assert seen[0] == "Skip to the content"
    assert [name for name in seen if name in ("Chat", "Search", "Sources", "New conversation")] == [
        "Chat", "Search", "Sources", "New conversation",
    ]  # fmt: skip
    assert any(name.startswith("Rename") for name in seen)
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Source").locator("mark").first).to_be_visible()
    page.keyboard.press("Escape")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.ariaLabel") == "This helped":
            break
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="This helped")).to_have_attribute("aria-pressed", "true")


def test_on_a_phone_nothing_is_cut_off_and_a_citation_is_a_page_of_its_own(
    enter: Enter, served: Served, office: Office
) -> None:
    page = enter(served, office, size=NARROW, color_scheme="dark", has_touch=True, reduced_motion="reduce")
    ask(page, "When is the sluice gate greased?")
    answered(page)
    assert too_wide(page) == []
    page.get_by_role("button", name="Conversations").click()
    expect(page.get_by_role("button", name="New conversation")).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.locator("a.marker").first.click()
    expect(page).to_have_url(re.compile(r"/documents/.*#passage$"))
    expect(page.locator("mark#passage")).to_be_in_viewport()
    for address in ("/sources", "/search?query=rye&model=handbook", "/sign-in", "/docs"):
        assert too_wide(page) == [], page.url
        page.goto(f"{served.address}{address}")
    page.go_back()
    page.goto(f"{served.address}/sources")
    page.locator("a.name").first.click()
    expect(page.get_by_role("heading", name="Documents")).to_be_visible()
    assert too_wide(page) == []


def test_an_answer_is_stopped_and_what_was_said_is_kept(
    enter: Enter, serve: Serve, database: Database, organization_id: UUID
) -> None:
    office = make_office(database, organization_id, llm_model="chatty")
    with OpenAIServer() as provider:
        provider.script(speaking_for_ever)
        page = enter(serve(ProviderModels(base_url=provider.base_url, api_key="sk-test")), office)
        ask(page, "When is the sluice gate greased?")
        expect(page.locator(".answer .prose")).to_contain_text("and and")
        page.keyboard.press("Escape")
        assert provider.reader_left.wait(60)
        expect(page.locator(".note")).to_contain_text("You stopped this answer")
        expect(page.get_by_role("button", name="Send")).to_be_visible()
        provider.script(breaking_off("The sluice gate is"))
        ask(page, "And the turbine?")
        expect(page.locator(".note").nth(1)).to_contain_text("This answer is not whole")
        page.get_by_role("button", name="Ask again").last.click()
        answered(page, 3)


def test_what_a_model_and_a_document_say_is_text_and_never_markup(
    enter: Enter, serve: Serve, database: Database, organization_id: UUID
) -> None:
    source_id = shelve(database, organization_id, {**MILL, f"{EVIL}.md": f"The evil wheel says {EVIL} every day."})
    chatbot = open_chatbot(database, organization_id, source_id, llm_model="chatty")
    office = Office(organization_id, chatbot, "")
    said = (
        f"# Heading {EVIL}\n\n- **bold** and `code <b>`\n- ![x](http://evil.example/x.png)\n\n"
        "[click](javascript:alert(3)) <http://evil.example/> http://evil.example/ [ref][1]\n\n"
        f"| a | b |\n|---|---|\n| {EVIL} | 2 |\n\n[1]: http://evil.example/\n\n```\n<script>alert(4)</script>\n```\n"
        f"The evil wheel says {EVIL} every day. [1]"
    )
    with OpenAIServer() as provider:
        provider.says = lambda messages: said
        page = enter(serve(ProviderModels(base_url=provider.base_url, api_key="sk-test")), office)
        ask(page, f"What does the evil wheel say {EVIL}?")
        answered(page)
        prose = page.locator(".answer .prose")
        expect(prose.locator("h3")).to_have_text(f"Heading {EVIL}")
        expect(prose.locator("li strong")).to_have_text("bold")
        expect(prose.locator("pre")).to_have_text("<script>alert(4)</script>")
        expect(prose.locator("td").first).to_have_text(EVIL)
        assert page.locator("img, iframe, script:not([src])").count() == 0
        addresses = page.eval_on_selector_all("main a", "links => links.map((link) => link.getAttribute('href'))")
        assert all(re.match(r"/(documents|\?session)", address) for address in addresses)
        page.locator("a.marker").first.click()
        expect(page.get_by_role("complementary", name="Source").locator("mark").first).to_be_visible()
        page.reload()
        answered(page)
        assert page.locator("img, iframe, script:not([src])").count() == 0


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(HOSTILE_WORDS[5::12], id="one of each kind"),
        pytest.param(HOSTILE_WORDS, id="all", marks=pytest.mark.campaign),
    ],
)
def test_hostile_words_are_shown_whole_and_never_run_wherever_they_come_from(
    enter: Enter,
    watched: Watched,
    serve: Serve,
    database: Database,
    organization_id: UUID,
    words: tuple[str, ...],
) -> None:
    ids, source_id = plant(database, organization_id, words)
    chatbot = open_chatbot(database, organization_id, source_id, llm_model="chatty")
    office = Office(organization_id, chatbot, "")
    with OpenAIServer() as provider:
        provider.says = lambda messages: f"The evil wheel says [1]\n\n{next(said)}"
        page = enter(serve(ProviderModels(base_url=provider.base_url, api_key="sk-test")), office)
        # what runs is seen even where the page's policy would have let it
        page.context.add_init_script("window.taken = () => console.error('something was run')")
        home = re.sub(r"(?<=\d)/.*", "", page.url)
        lost: list[tuple[str, str]] = []

        def look(path: str, expected: Sequence[str]) -> None:
            page.goto(f"{home}{path}", wait_until="load")
            shown = squeezed(str(page.evaluate("document.body.textContent")))
            values = page.eval_on_selector_all("input, textarea, option", "all => all.map((each) => each.value)")
            lost.extend((path, each) for each in expected if squeezed(each) not in shown + squeezed(" ".join(values)))

        sessions = []
        for ten in (words[at : at + 10] for at in range(0, len(words), 10)):
            said = iter(ten)
            page.goto(f"{home}/")
            for count, each in enumerate(ten, start=1):
                ask(page, f"What does the evil wheel say {each}?")
                answered(page, count)
            sessions.append((urlsplit(page.url).query, [f"What does the evil wheel say {each}?" for each in ten]))
        blame(database, organization_id, words)
        for query, questions in sessions:
            page.goto(f"{home}/?{query}")
            answered(page, len(questions))
            shown = squeezed(str(page.evaluate("document.body.textContent")))
            lost += [(query, each) for each in questions if squeezed(each) not in shown]
        look("/sources", ())
        look(f"/sources/{source_id}", ())
        for id, each in zip(ids, words, strict=True):
            look(f"/documents/{id}", [each, f"The evil wheel says {each} every day."])
            look(f"/search?query={quote(each)}&model=handbook", [each])
        look("/analytics/questions", ())
        for path in ("", "/gaps", "/retrieval", "/feedback", "/sources", "/cost"):
            look(f"/analytics{path}", ())
        for each in words:
            look(f"/sources/{source_id}?words={quote(each)}", [each])
            assert page.locator("a.name").count() > 0, each
            for path in ("/analytics?chatbot=", "/sign-in?token=", "/?session="):
                page.goto(f"{home}{path}{quote(each)}")
        page.goto(f"{home}/analytics/questions")
        found = page.eval_on_selector_all("main a", "all => all.map((each) => each.getAttribute('href'))")
        for path in sorted({path for path in found if re.match(r"/analytics/questions/[0-9a-f-]{36}", path)}):
            page.goto(f"{home}{path}")
            assert "What does the evil wheel say" in page.locator("body").inner_text()
        # conversations and chatbots of such names are not there, which the browser notes
        watched.faults[:] = [each for each in watched.faults if "with a status of 40" not in each]
        assert lost == []


def squeezed(text: str) -> str:
    """Without blanks, which a page may break anywhere."""
    return re.sub(r"\s+", "", text)


def plant(database: Database, organization_id: UUID, words: Sequence[str]) -> tuple[list[UUID], UUID]:
    """A source whose documents have these words for path, title and text, and which has them for tags and failures."""
    texts = {f"{number} of the wheel.md": f"The evil wheel says {each} every day." for number, each in enumerate(words)}
    source_id = shelve(database, organization_id, {**MILL, **texts})
    ids = []
    with database.transaction(organization_id) as connection:
        for number, each in enumerate(words):
            row = connection.execute(
                "update knowledge.documents set title = %s, file_path = %s, original_filename = %s, "
                "source_metadata = %s where organization_id = %s and file_path = %s returning id",
                [each, f"{number} {each}.md", each, Jsonb({"author": each, each: "author"}), organization_id,
                 f"{number} of the wheel.md"],
            ).fetchone()  # fmt: skip
            assert row is not None
            ids.append(row[0])
            connection.execute(
                "update knowledge.document_versions set title = %s where organization_id = %s and document_id = %s",
                [each, organization_id, row[0]],
            )
            tag = tags.create(connection, organization_id, name=each)
            tags.attach(connection, organization_id, source_id=source_id, tag_id=tag.id)
            sync_failures.record(
                connection, organization_id, source_id=source_id, path=f"torn {each}", document_id=None,
                stage="parsing", outcome="unreadable", reason=f"it could not be read: {each}",
            )  # fmt: skip
        connection.execute("update knowledge.data_sources set description = %s", [" ".join(words)])
    return ids, source_id


def blame(database: Database, organization_id: UUID, words: Sequence[str]) -> None:
    """Somebody was not content with the answers, for these reasons."""
    with database.transaction(organization_id) as connection:
        told = connection.execute(
            "select id from conversations.messages where organization_id = %s and role = 'assistant' "
            "order by created_at",
            [organization_id],
        ).fetchall()
        for (id,), each in zip(told, words, strict=True):
            message_feedback.replace(
                connection, organization_id, message_id=id, user_id=None, feedback="negative", reason=each
            )
