"""A chatbot's questions: brought in wholly or not at all, reviewed before they count, split, and written out again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from resources.bots.configurations import model_config_versions
from resources.bots.evaluation import retrieval_quality
from resources.bots.question_sets import evaluation_sets, questions, reading_questions
from resources.bots.question_sets.questions import Imported, Known
from resources.bots.question_sets.reading_questions import Answer, BadLines
from resources.bots.records import Chatbot, Measurement
from resources.foundation.database import Database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.errors import Missing, Refused
from tests.conftest import make_organization
from tests.factories.library import MILL, open_chatbot, shelve

GRAIN = {"id": "a", "question": "Who weighs the grain?", "document": "grain.md", "quote": "The miller weighs"}
SLUICE = {"id": "b", "question": "When is the sluice greased?", "documents": ["handbook:sluice.md"], "split": "report"}
KING = {"id": "c", "question": "Who is the king?", "answerable": False}


@dataclass
class Desk:
    """A chatbot with the little library, and the means to give it questions."""

    database: Database
    organization_id: UUID
    chatbot: Chatbot

    def bring(self, *lines: object, skips: bool = False, into: str = "mine") -> Imported:
        drafts = reading_questions.from_json_lines([json.dumps(line) for line in lines], name="mine.jsonl")
        with self.database.transaction(self.organization_id) as connection:
            return questions.bring_in(
                connection, self.organization_id, chatbot_id=self.chatbot.id, set_name=into, drafts=drafts,
                skips_unmatched=skips,
            )  # fmt: skip

    def known(self, name: str = "mine") -> list[Known]:
        with self.database.transaction(self.organization_id) as connection:
            chosen = questions.get_set(connection, self.organization_id, chatbot_id=self.chatbot.id, name=name)
            return questions.select(connection, self.organization_id, chosen)

    def review(self, id: str, state: str, answers: Sequence[Answer] = (), *, is_answerable: bool | None = None) -> None:
        with self.database.transaction(self.organization_id) as connection:
            known = questions.find(connection, self.organization_id, chatbot_id=self.chatbot.id, external_id=id)
            questions.review(
                connection, self.organization_id, known, chatbot_id=self.chatbot.id,
                state="accepted" if state == "accepted" else "rejected", reviewed_by="mia", answers=answers,
                is_answerable=is_answerable,
            )  # fmt: skip

    def measure(self, split: str = "report") -> Measurement:
        with self.database.transaction(self.organization_id) as connection:
            chosen = questions.get_set(connection, self.organization_id, chatbot_id=self.chatbot.id, name="mine")
            active = model_config_versions.get_active(connection, self.organization_id, self.chatbot.id)
        return retrieval_quality.measure(
            self.database, self.organization_id, chosen.id, active, embedder=EmbeddedModel(),
            split="tune" if split == "tune" else "report",
        )  # fmt: skip


@pytest.fixture
def desk(database: Database, organization_id: UUID) -> Desk:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    return Desk(database, organization_id, chatbot)


def test_questions_are_brought_in_with_their_documents_and_quotes_and_twice_changes_nothing(desk: Desk) -> None:
    first = desk.bring(GRAIN, SLUICE, KING)
    assert (first.added, first.changed, first.unchanged, first.judgments, first.left_out) == (3, 0, 0, 2, 0)
    before = desk.known()
    again = desk.bring(GRAIN, SLUICE, KING)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert desk.known() == before
    grain, sluice, king = before
    assert [(one.path, one.quote, one.start) for one in grain.answers] == [("grain.md", "The miller weighs", 0)]
    assert [(one.source, one.path, one.quote) for one in sluice.answers] == [("handbook", "sluice.md", None)]
    assert (king.answers, king.query.is_answerable) == ((), False)
    assert {one.query.state for one in before} == {"accepted"}
    changed = desk.bring({**GRAIN, "quote": "floor scale"}, SLUICE)
    assert (changed.changed, changed.unchanged, len(desk.known())) == (1, 1, 3)


def test_what_is_not_found_is_named_and_nothing_is_kept_unless_that_is_allowed(desk: Desk) -> None:
    lines = [
        SLUICE, {"id": "x", "question": "Attic?", "document": "attic.md"},
        {"id": "y", "question": "Cat?", "document": "grain.md", "quote": "the cat sleeps"},
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        desk.bring(*lines)
    said = str(refused.value)
    assert said.startswith("2 judgments name what is not found among the 3 documents of the chatbot; nothing was")
    assert "line 2 (x): there is no document 'attic.md'" in said
    assert "line 3 (y): document 'grain.md' does not say 'the cat sleeps'" in said
    assert "--skip-unmatched" in said
    with pytest.raises(Missing, match="has no set of questions 'mine'; it has none"):
        desk.known()
    brought = desk.bring(*lines, skips=True)
    assert (brought.added, brought.left_out, len(brought.unmatched)) == (1, 2, 2)


def test_only_accepted_questions_of_the_split_are_asked(desk: Desk) -> None:
    desk.bring(GRAIN | {"split": "report"}, SLUICE | {"split": "tune"}, KING | {"split": "report"})
    report = desk.measure()
    assert (report.run.split, report.run.queries, report.score("ndcg_at_10").queries) == ("report", 2, 1)
    assert (report.score("found").value, report.score("refused").value) == (1.0, 0.0)
    tune = desk.measure("tune")
    assert (tune.run.split, tune.run.queries) == ("tune", 1)
    assert tune.score("refused").value is None
    desk.review("a", "rejected")
    with pytest.raises(Missing, match="no question with a judgment to report by: load some"):
        desk.measure()
    with desk.database.transaction(desk.organization_id) as connection:
        assert evaluation_sets.count_judged(connection, desk.organization_id, desk.chatbot.id) == 0
        assert evaluation_sets.select_judged(connection, desk.organization_id, desk.chatbot.id) == []


def test_a_review_names_the_right_document_or_says_that_there_is_none(desk: Desk) -> None:
    desk.bring(GRAIN | {"state": "proposed"}, SLUICE | {"state": "proposed"})
    with pytest.raises(Missing, match="2 wait for a word in 'millrace questions review'"):
        desk.measure()
    desk.review("a", "accepted", [Answer("shop.md", quote="Rye flour")])
    desk.review("b", "accepted", is_answerable=False)
    grain, sluice = desk.known()
    assert [(one.path, one.quote) for one in grain.answers] == [("shop.md", "Rye flour")]
    assert (sluice.answers, sluice.query.is_answerable, sluice.query.reviewed_by) == ((), False, "mia")
    with pytest.raises(Refused, match="there is no document 'attic'"):
        desk.review("a", "accepted", [Answer("attic")])
    with pytest.raises(Refused, match="nothing is known to answer b"):
        desk.review("b", "accepted", is_answerable=True)


def test_importing_again_keeps_what_a_reviewer_said(desk: Desk) -> None:
    desk.bring(GRAIN)
    desk.review("a", "rejected")
    assert desk.bring(GRAIN).unchanged == 1
    assert desk.known()[0].query.state == "rejected"


def test_a_question_in_two_sets_is_asked_for_by_its_set(desk: Desk) -> None:
    desk.bring(GRAIN)
    desk.bring(GRAIN, into="other")
    with pytest.raises(Refused, match=r"several questions 'a': name the set with --set \(mine, other\)"):
        desk.review("a", "rejected")
    with pytest.raises(Missing, match="there is no question 'z'"):
        desk.review("z", "rejected")


def test_what_is_written_out_can_be_brought_in_elsewhere(desk: Desk) -> None:
    desk.bring(GRAIN, SLUICE | {"slice": "gates"}, KING)
    written = list(questions.as_lines(desk.known()))
    assert desk.bring(*map(json.loads, written)).unchanged == 3
    other = make_organization(desk.database, "other")
    there = Desk(desk.database, other, open_chatbot(desk.database, other, shelve(desk.database, other, MILL)))
    assert there.bring(*map(json.loads, written)).added == 3
    assert list(questions.as_lines(there.known())) == written


def test_a_set_is_split_anew_by_its_questions(desk: Desk) -> None:
    desk.bring(*({"question": f"Who keeps sack {number}?", "document": "grain.md"} for number in range(40)))
    with desk.database.transaction(desk.organization_id) as connection:
        chosen = questions.get_set(connection, desk.organization_id, chatbot_id=desk.chatbot.id, name="mine")
        half = questions.split(connection, desk.organization_id, chosen, tune_share=0.5)
        [counts] = evaluation_sets.count_all(connection, desk.organization_id, desk.chatbot.id)
        assert half == {"tune": counts.tune, "report": counts.report}
        assert 8 <= counts.tune <= 32
        assert questions.split(connection, desk.organization_id, chosen, tune_share=0) == {"tune": 0, "report": 40}


def test_files_and_folders_are_read_by_their_kind(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text(json.dumps(GRAIN), encoding="utf-8-sig")
    (tmp_path / "mine.csv").write_text("question,document\r\nWho?,grain.md\r\n")
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    (folder / "queries.jsonl").write_text('{"_id": "1", "text": "Who weighs grain?"}\n')
    (folder / "corpus.jsonl").write_text('{"_id": "12", "title": "Grain", "text": "…"}\n')
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\t12\t1\n")
    assert [one.question for one in questions.read(tmp_path / "mine.jsonl")] == ["Who weighs the grain?"]
    assert [one.question for one in questions.read(tmp_path / "mine.csv")] == ["Who?"]
    with desk.database.transaction(desk.organization_id) as connection:
        questions.bring_in(
            connection, desk.organization_id, chatbot_id=desk.chatbot.id, set_name="beir",
            drafts=questions.read(folder),
        )  # fmt: skip
    assert [one.path for one in desk.known("beir")[0].answers] == ["grain.md"]
    (tmp_path / "mine.xlsx").touch()
    (tmp_path / "latin.csv").write_bytes("question\nÜber?".encode("latin-1"))
    for path, error in (
        ("latin.csv", "is not UTF-8"), ("mine.xlsx", "is no file of questions"), ("gone.jsonl", "there is no file"),
        ("gone", "there is no file"), (".", "has no queries.jsonl"),
    ):  # fmt: skip
        with pytest.raises((Missing, Refused), match=error):
            questions.read(tmp_path / path)
    (folder / "corpus.jsonl").write_text("[]")
    with pytest.raises(BadLines, match=r"corpus.jsonl has one problem(.|\n)*line 1"):
        questions.read(folder)
