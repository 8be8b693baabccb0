"""A better version takes the active one's place, a worse one is refused, and the way back is open for a while."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest

from resources.bots import chatbots
from resources.bots.configurations import builds, model_config_versions
from resources.bots.evaluation import readiness, trials
from resources.bots.evaluation.readiness import Terms
from resources.bots.evaluation.trials import Openers, Trial
from resources.bots.question_sets import evaluation_judgments, evaluation_queries, evaluation_sets
from resources.bots.records import EvaluationJudgment, ModelConfigVersion, NewQuery, NewVersion
from resources.foundation.database import Database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.inference import Embedder
from resources.knowledge.documents import documents
from tests.factories.embedders import HashEmbedder
from tests.factories.workshops import Workshop, make_workshop

GOOD = NewVersion("wordllama-256", "extractive", lexical_weight=0.5)
BAD = NewVersion("hash", "extractive", lexical_weight=0.0)
THINGS = {
    "owl": "hunts mice in the loft at night", "sluice": "is greased on every second Monday",
    "scale": "weighs the grain before it is tipped", "dryer": "takes the water out of wet wheat",
    "shop": "sells rye flour by the kilogram", "turbine": "makes the electric current of the house",
    "ladder": "leads up to the storage floor", "bell": "is rung when there is a fire",
    "stone": "is dressed with a steel hammer", "horse": "draws the cart to the station",
    "baker": "fetches white flour before sunrise", "sack": "holds fifty kilograms of barley",
}  # fmt: skip


@dataclass
class Trialled:
    """A chatbot that reads a synced source, with questions on it, and its active version."""

    workshop: Workshop
    active: ModelConfigVersion
    openers: Openers

    def build(self, wanted: NewVersion) -> ModelConfigVersion:
        database, organization_id = self.workshop.database, self.workshop.organization_id
        with database.transaction(organization_id) as connection:
            draft = model_config_versions.create(connection, organization_id, self.active.chatbot_id, wanted)
        built = builds.build(
            database, organization_id, draft.id, embedder_of=self.openers.embedder, progress=lambda *_: None
        )
        return built.version

    def evaluate(self, version: ModelConfigVersion) -> Trial:
        return trials.evaluate(
            self.workshop.database, self.workshop.organization_id, version.id, openers=self.openers,
            progress=lambda *_: None,
        )  # fmt: skip

    def activate(self, version: ModelConfigVersion, terms: Terms | None = None) -> ModelConfigVersion:
        with self.workshop.database.transaction(self.workshop.organization_id) as connection:
            version = model_config_versions.get(connection, self.workshop.organization_id, version.id)
            readiness.activate(
                connection, self.workshop.organization_id, version, terms=terms, activated_by="mia"
            )  # fmt: skip
            return model_config_versions.get_active(connection, self.workshop.organization_id, version.chatbot_id)

    def ask(self, number: int) -> None:
        """Give the chatbot so many questions with a known answer."""
        database, organization_id = self.workshop.database, self.workshop.organization_id
        with database.transaction(organization_id) as connection:
            known = documents.select_of_source(connection, organization_id, self.workshop.source_id)
            ids = {document.file_path.partition(".")[0]: document.id for document in known}
            chosen = evaluation_sets.ensure(
                connection, organization_id, chatbot_id=self.active.chatbot_id, name="mill"
            )  # fmt: skip
            questions = [NewQuery(name, f"What {does}?") for name, does in list(THINGS.items())[:number]]
            evaluation_queries.replace(connection, organization_id, chosen.id, questions)
            rows = evaluation_queries.select_all(connection, organization_id, chosen.id)
            evaluation_judgments.replace(
                connection, organization_id, chosen.id,
                [EvaluationJudgment(row.id, ids[row.external_id]) for row in rows],
            )  # fmt: skip


@pytest.fixture
def mill(database: Database, organization_id: UUID, tmp_path: Path) -> Trialled:
    workshop = make_workshop(database, organization_id, tmp_path)
    for name, does in THINGS.items():
        workshop.write(f"{name}.txt", f"The {name} of the mill {does}.")
    models: dict[str, Embedder] = {"wordllama-256": EmbeddedModel(), "hash": HashEmbedder()}
    workshop.embedder = models["wordllama-256"]
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="miller")
        chatbots.attach_source(connection, organization_id, bot.id, workshop.source_id)
        active = model_config_versions.ensure_active(
            connection, organization_id, bot.id, embedding_model="wordllama-256", llm_model="extractive"
        )
    workshop.sync()
    return Trialled(workshop, active, Openers(models.__getitem__, lambda _: None))


def test_a_version_that_is_worse_on_purpose_is_refused_and_says_by_how_much(mill: Trialled) -> None:
    mill.ask(12)
    worse = mill.build(BAD)
    overall = mill.evaluate(worse).comparisons[0]
    assert (overall.evaluation_set_id, overall.queries) == (None, 12)
    with pytest.raises(Refused, match=r"may be worse than configuration 1: nDCG@10 differs by -0\.\d+, between"):
        mill.activate(worse)
    forced = mill.activate(worse, Terms(forced_reason="to show that it is bad"))
    assert (forced.id, forced.forced_reason, forced.activated_by) == (worse.id, "to show that it is bad", "mia")


def test_a_version_that_is_as_good_passes_and_the_way_back_is_one_step(mill: Trialled) -> None:
    mill.ask(12)
    good = mill.build(GOOD)
    with pytest.raises(Refused, match="was not measured beside configuration 1"):
        mill.activate(good)
    trial = mill.evaluate(good)
    assert (trial.baseline.id, trial.candidate.status) == (mill.active.id, "evaluated")
    assert [one.evaluation_set for one in trial.comparisons] == [None] * 3 + ["mill"] * 3
    active = mill.activate(good)
    assert (active.id, active.forced_reason) == (good.id, None)
    with mill.workshop.database.transaction(mill.workshop.organization_id) as connection:
        back = readiness.roll_back(connection, mill.workshop.organization_id, active.chatbot_id)
        assert back.id == mill.active.id
        assert readiness.roll_back(connection, mill.workshop.organization_id, active.chatbot_id).id == good.id
        connection.execute("update bots.model_config_versions set kept_until = now() - interval '1 second'")
        with pytest.raises(Missing, match="there is no way back"):
            readiness.roll_back(connection, mill.workshop.organization_id, active.chatbot_id)


def test_a_version_that_was_measured_beside_another_one_than_serves_is_refused(mill: Trialled) -> None:
    mill.ask(12)
    first, second = mill.build(GOOD), mill.build(replace(GOOD, lexical_weight=0.6))
    mill.evaluate(first)
    mill.evaluate(second)
    mill.activate(first)
    with pytest.raises(Refused, match="was not measured beside configuration 2"):
        mill.activate(second)


def test_without_enough_questions_somebody_has_to_say_so(mill: Trialled) -> None:
    good = mill.build(GOOD)
    with pytest.raises(Missing, match="no accepted question with a document that is known"):
        mill.evaluate(good)
    mill.ask(9)
    mill.evaluate(good)
    with pytest.raises(Refused, match="has 9 questions with a known answer, of which 10 are needed"):
        mill.activate(good)
    active = mill.activate(good, Terms(is_unmeasured=True))
    assert (active.id, active.forced_reason) == (good.id, "unmeasured")


def test_a_version_that_is_not_whole_is_refused_however_well_it_was_measured(mill: Trialled) -> None:
    mill.ask(12)
    small = mill.build(replace(GOOD, chunk_size=100))
    mill.evaluate(small)
    mill.workshop.rows(b"delete from knowledge.chunks where chunk_size = 100 and content like '%owl%' returning 1")
    with pytest.raises(Refused, match=r"1 document or passage is not ready.*millrace config build 2"):
        mill.activate(small)
    mill.workshop.write("new.txt", "The cat of the mill sleeps.")
    mill.workshop.sync()
    with pytest.raises(Refused, match="2 documents or passages are not ready"):
        mill.activate(small)


def test_a_version_whose_passages_do_not_agree_is_refused(mill: Trialled) -> None:
    mill.ask(12)
    small = mill.build(replace(GOOD, chunk_size=100))
    mill.evaluate(small)
    mill.workshop.rows(
        b"update knowledge.chunks set chunk_index = 9 where chunk_size <> 100 and content like '%owl%' returning 1"
    )
    mill.activate(small)  # what is wrong with what serves now says nothing against it
    mill.workshop.rows(
        b"update knowledge.chunks set chunk_index = 9 where chunk_size = 100 and content like '%owl%' returning 1"
    )
    with pytest.raises(Refused, match=r"has 1 cuts with gaps: see 'millrace status'"):
        mill.activate(small)


def test_a_draft_is_neither_measured_nor_activated(mill: Trialled) -> None:
    mill.ask(12)
    with mill.workshop.database.transaction(mill.workshop.organization_id) as connection:
        draft = model_config_versions.create(
            connection, mill.workshop.organization_id, mill.active.chatbot_id, GOOD
        )  # fmt: skip
        other = model_config_versions.create(
            connection, mill.workshop.organization_id, mill.active.chatbot_id, BAD
        )  # fmt: skip
    with pytest.raises(Conflict, match="is not built"):
        mill.evaluate(draft)
    for version, terms in ((draft, Terms()), (other, Terms()), (other, Terms(forced_reason="now"))):
        with pytest.raises(Refused, match=f"is not built: 'millrace config build {version.number}'"):
            mill.activate(version, terms)
    with pytest.raises(Conflict, match="is the active one"):
        mill.evaluate(mill.active)


def test_who_answers_may_change_unmeasured_and_what_is_found_may_not(mill: Trialled) -> None:
    """As a file that is applied asks for it: by values."""
    database, organization_id = mill.workshop.database, mill.workshop.organization_id

    def adopt(wanted: NewVersion, terms: Terms | None = None) -> readiness.Adopted:
        with database.transaction(organization_id) as connection:
            return readiness.adopt(
                connection, organization_id, mill.active.chatbot_id, wanted, terms=terms, activated_by="mia"
            )

    mill.ask(12)
    talker = replace(model_config_versions.values_of(mill.active), llm_model="talker")
    spoken = adopt(talker)
    assert (spoken.version.number, spoken.version.active, spoken.objections) == (2, True, ())
    weighed = replace(talker, lexical_weight=0.5)
    first, again = adopt(weighed), adopt(weighed)
    assert (first.version, again.version.active, again.version.number) == (again.version, False, 3)
    assert first.objections == ("it is not built: 'millrace config build 3'",)
    built = builds.build(
        database, organization_id, first.version.id, embedder_of=mill.openers.embedder, progress=lambda *_: None
    ).version
    assert "was not measured beside configuration 2" in adopt(weighed).objections[0]
    mill.evaluate(built)
    assert adopt(weighed).version.active
    forced = adopt(replace(talker, retrieval_k=1), Terms(forced_reason="by hand")).version
    assert (forced.number, forced.active, forced.forced_reason) == (4, True, "by hand")
