"""Somebody says that an answer is wrong; it is reviewed, and then stops a version that would be worse at it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from resources.bots import chatbots, starter
from resources.bots.configurations import builds, model_config_versions
from resources.bots.evaluation import readiness, trials
from resources.bots.evaluation.scoring import METRIC_NAMES
from resources.bots.evaluation.trials import Openers
from resources.bots.question_sets import evaluation_sets, questions
from resources.bots.question_sets.questions import Known
from resources.bots.question_sets.reading_questions import Answer
from resources.bots.records import Chatbot, ModelConfigVersion, NewVersion, VersionComparison
from resources.conversations import logged_comparisons, message_feedback, promotions
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database, Server, open_database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.errors import Missing, Refused
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Embedder
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from serving.house import Desk, House
from tests.factories.embedders import HashEmbedder
from tests.factories.workshops import Workshop, make_workshop
from tests.resources.bots.evaluation.test_readiness import THINGS
from tests.serving.conftest import Office, running
from tests.serving.endpoints.test_sign_in import link

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

WORSE = NewVersion("hash", "extractive", lexical_weight=0.0)


class Mill:
    """A chatbot over a synced folder, people who ask it, and somebody who looks after it."""

    def __init__(self, workshop: Workshop) -> None:
        self.database, self.organization_id = workshop.database, workshop.organization_id
        self.models: dict[str, Embedder] = {"wordllama-256": EmbeddedModel(), "hash": HashEmbedder()}
        workshop.embedder = self.models["wordllama-256"]
        for name, does in THINGS.items():
            workshop.write(f"{name}.txt", f"The {name} of the mill {does}.")
        with self.database.transaction(self.organization_id) as connection:
            self.chatbot: Chatbot = starter.ensure_chatbot(
                connection, self.organization_id, name="miller", embedding_model="wordllama-256",
                llm_model="extractive",
            )  # fmt: skip
            chatbots.attach_source(connection, self.organization_id, self.chatbot.id, workshop.source_id)
        workshop.sync()

    @property
    def openers(self) -> Openers:
        return Openers(self.models.__getitem__, lambda _: None)

    def ask_and_complain(self, question: str) -> None:
        *_, last = answers.answer(
            self.database, self.organization_id, chatbot=self.chatbot, asked=Asked(question), models=ProviderModels()
        )
        assert isinstance(last, Answered)
        with self.database.transaction(self.organization_id) as connection:
            message_feedback.replace(
                connection, self.organization_id, message_id=last.message_id, user_id=None, feedback="negative",
                reason="that is not what I asked",
            )  # fmt: skip

    def promoted(self) -> list[Known]:
        with self.database.transaction(self.organization_id) as connection:
            promotions.promote(connection, self.organization_id, chatbot_id=self.chatbot.id)
            chosen = questions.get_set(
                connection, self.organization_id, chatbot_id=self.chatbot.id, name=promotions.SET_NAME
            )
            return questions.select(connection, self.organization_id, chosen)

    def accept(self, known: Known, path: str) -> None:
        with self.database.transaction(self.organization_id) as connection:
            questions.review(
                connection, self.organization_id, known, chatbot_id=self.chatbot.id, state="accepted",
                reviewed_by="mia", answers=[Answer(path)],
            )  # fmt: skip

    def report_all(self) -> None:
        """What a person says who has too few questions to tune by."""
        with self.database.transaction(self.organization_id) as connection:
            for one in evaluation_sets.select_all(connection, self.organization_id):
                questions.split(connection, self.organization_id, one, tune_share=0)

    def build(self, wanted: NewVersion) -> ModelConfigVersion:
        with self.database.transaction(self.organization_id) as connection:
            draft = model_config_versions.create(connection, self.organization_id, self.chatbot.id, wanted)
        return builds.build(
            self.database, self.organization_id, draft.id, embedder_of=self.openers.embedder,
            progress=lambda *_: None,
        ).version  # fmt: skip

    def compare(self, version: ModelConfigVersion) -> VersionComparison:
        trial = trials.evaluate(
            self.database, self.organization_id, version.id, openers=self.openers, progress=lambda *_: None
        )
        return trial.comparisons[0]

    def activate(self, version: ModelConfigVersion) -> None:
        with self.database.transaction(self.organization_id) as connection:
            current = model_config_versions.get(connection, self.organization_id, version.id)
            readiness.activate(connection, self.organization_id, current)


@pytest.fixture
def mill(database: Database, organization_id: UUID, tmp_path: Path) -> Mill:
    return Mill(make_workshop(database, organization_id, tmp_path))


def test_feedback_that_was_reviewed_stops_a_worse_version(mill: Mill) -> None:
    for does in THINGS.values():
        mill.ask_and_complain(f"What {does}?")
    worse = mill.build(WORSE)
    proposed = mill.promoted()
    assert len(proposed) == len(THINGS)
    mill.report_all()
    with pytest.raises(Missing, match="no accepted question"):
        mill.compare(worse)

    paths = {f"What {does}?": f"{name}.txt" for name, does in THINGS.items()}
    first, *others = proposed
    mill.accept(first, paths[first.query.question])
    assert mill.compare(worse).queries == 1
    with pytest.raises(Refused, match="has 1 question with a known answer, of which 10 are needed"):
        mill.activate(worse)
    for known in others:
        mill.accept(known, paths[known.query.question])
    found = mill.compare(worse)
    assert (found.queries, found.lost > found.won) == (12, True)
    with pytest.raises(Refused, match="may be worse than configuration 1"):
        mill.activate(worse)

    with mill.database.transaction(mill.organization_id) as connection:
        active = model_config_versions.get_active(connection, mill.organization_id, mill.chatbot.id)
    logged = logged_comparisons.evaluate(
        mill.database, mill.organization_id, baseline=active, candidate=worse, openers=mill.openers
    )
    assert active.number == 1
    assert logged is not None
    assert (logged.asked, logged.moved) == (12, 12)
    assert logged.overlap_low is not None

    same = mill.build(NewVersion("wordllama-256", "extractive", retrieval_k=6))
    assert mill.compare(same).difference == 0.0
    mill.activate(same)


@pytest.fixture
def page(mill: Mill, server: Server, tmp_path: Path) -> Iterator[Page]:
    """A window of the owner of the mill, signed in, that must see no fault."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed here")
    faults: list[str] = []
    with (
        open_database(server, "millrace_api", most=1) as asking,
        open_database(server, "millrace_pipeline", most=1) as managing,
        running(House(asking, ProviderModels(), desk=_desk(managing, tmp_path))) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(base_url=served.address).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.goto(f"/sign-in?token={link(mill.database, Office(mill.organization_id, mill.chatbot, ''))}")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Your question")).to_be_focused()
        yield page
        browser.close()
    assert faults == []


def _desk(managing: Database, home: Path) -> Desk:
    return Desk(managing, ObjectStore(home / "objects"), Keyring.from_settings(Settings(home=home)))


def test_what_somebody_marks_as_wrong_in_the_browser_decides_which_version_serves(mill: Mill, page: Page) -> None:
    name, *others = THINGS
    question = f"What {THINGS[name]}?"
    for other in others:
        mill.ask_and_complain(f"What {THINGS[other]}?")
    worse = mill.build(WORSE)

    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="This did not help").click()
    page.get_by_role("button", name="Outdated").click()
    expect(page.locator(".thanks")).to_contain_text("that is noted")

    today = datetime.now(UTC).date()
    page.goto(f"/analytics/feedback?since={today - timedelta(days=1)}&until={today + timedelta(days=2)}")
    page.locator("#worst").get_by_role("link", name=question).click()
    expect(page.get_by_role("heading", level=1, name=question)).to_be_visible()
    expect(page.get_by_role("complementary", name="How it came about")).to_contain_text("disliked")
    page.get_by_label("Configuration").select_option("2")
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_role("heading", name="Now, configuration 2")).to_be_visible()
    page.get_by_label(re.compile(f"The {name} of the mill")).check()
    page.get_by_role("button", name="Accept it").click()
    expect(page.locator("#question-set")).to_contain_text("from conversations: accepted by owner")

    mill.report_all()
    assert mill.compare(worse).queries == 1
    with pytest.raises(Refused, match="has 1 question with a known answer, of which 10 are needed"):
        mill.activate(worse)
    for known in mill.promoted():
        if known.query.question != question:
            mill.accept(known, next(f"{other}.txt" for other in others if THINGS[other] in known.query.question))
    mill.report_all()
    found = mill.compare(worse)
    assert (found.queries, found.lost > found.won) == (12, True)
    with pytest.raises(Refused, match="may be worse than configuration 1"):
        mill.activate(worse)

    compare_on_the_page(page, found)


def compare_on_the_page(page: Page, found: VersionComparison) -> None:
    """From the page of retrieval to the two configurations, with the questions that were won, lost and moved."""
    page.goto("/analytics/retrieval")
    page.locator("#compared").get_by_role("link", name="miller #1 and #2").first.click()
    expect(page.get_by_role("heading", level=1, name="Two configurations side by side")).to_be_visible()
    page.wait_for_load_state()
    told = page.locator("section", has_text="On judged questions").get_by_role(
        "row", name=f"all sets {METRIC_NAMES[found.metric]}"
    )
    cells = told.get_by_role("cell").all_inner_texts()
    assert (int(cells[2]), int(cells[8]), int(cells[9])) == (found.queries, found.won, found.lost)
    assert found.difference is not None
    assert float(cells[5]) == pytest.approx(found.difference, abs=0.0006)
    asked = {f"What {does}?" for does in THINGS.values()}
    shown: dict[str, set[str]] = {}
    for verdict in ("won", "lost", "moved", "same"):
        page.get_by_role("link", name=re.compile(rf"^{verdict} \d+$")).click()
        expect(page.locator("nav.chips [aria-current]")).to_contain_text(verdict)
        page.wait_for_load_state()  # without its styles, a page's texts run together
        rows = page.locator("table.pairs tbody tr")
        shown[verdict] = {one.split("\n")[0].strip() for one in rows.locator("td:first-child").all_inner_texts()}
        if verdict == "lost":
            expect(rows.locator("td:nth-child(4) .right")).to_have_count(found.lost)
    assert (len(shown["won"]), len(shown["lost"])) == (found.won, found.lost)
    assert set.union(*shown.values()) == asked
    assert sum(map(len, shown.values())) == len(asked)
