"""A configuration is built beside the one that serves: nobody who asks notices, and syncs keep both in step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest

from resources.bots import chatbots
from resources.bots.configurations import builds, model_config_versions
from resources.bots.records import ModelConfigVersion, NewVersion, Preparation
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Unavailable
from resources.foundation.inference import Embedder, Vectors
from resources.knowledge.chunks import embedding_models
from resources.knowledge.intake.reissues import Reissued
from resources.knowledge.records import Found
from resources.knowledge.search import search
from tests.factories.embedders import FailingEmbedder, HashEmbedder
from tests.factories.workshops import Workshop, make_workshop

OTHER = NewVersion("other", "extractive", chunk_size=200)


@dataclass
class Yard:
    """A chatbot that reads a synced source, its active version, and the models by name."""

    workshop: Workshop
    active: ModelConfigVersion
    models: dict[str, Embedder]

    @property
    def database(self) -> Database:
        return self.workshop.database

    @property
    def organization_id(self) -> UUID:
        return self.workshop.organization_id

    def draft(self, wanted: NewVersion = OTHER) -> ModelConfigVersion:
        with self.database.transaction(self.organization_id) as connection:
            return model_config_versions.create(connection, self.organization_id, self.active.chatbot_id, wanted)

    def build(self, version: ModelConfigVersion) -> builds.Build:
        return builds.build(
            self.database, self.organization_id, version.id, embedder_of=self.models.__getitem__,
            progress=lambda *_: None,
        )  # fmt: skip

    def sync(self) -> Reissued:
        """As a run does it: what serves first, then what is kept beside it."""
        self.workshop.sync()
        return builds.keep_in_step(
            self.database, self.organization_id, self.workshop.source_id,
            done=[Preparation("hash", self.workshop.rule.size, self.workshop.rule.overlap)],
            embedder_of=self.models.__getitem__, progress=lambda *_: None,
        )  # fmt: skip

    def get(self, version: ModelConfigVersion) -> ModelConfigVersion:
        with self.database.transaction(self.organization_id) as connection:
            return model_config_versions.get(connection, self.organization_id, version.id)

    def missing(self, version: ModelConfigVersion) -> int:
        with self.database.transaction(self.organization_id) as connection:
            return builds.count_missing(connection, self.organization_id, version)

    def ask(self, version: ModelConfigVersion) -> list[Found]:
        """What a question finds by a version."""
        embedder = self.models[version.embedding_model]
        vector = embedder.embed(["Which sack?"])[0]
        with self.database.transaction(self.organization_id) as connection:
            known = embedding_models.select_all(connection, self.organization_id)
            [model_id] = [model.id for model in known if model.name == embedder.name]
            return search.hybrid(
                connection, self.organization_id, question="Which sack is number 7?", vector=vector,
                recipe_name=version.preparation.rule.name, embedding_model_id=model_id, source_ids=None, k=50,
            )  # fmt: skip


@pytest.fixture
def yard(database: Database, organization_id: UUID, tmp_path: Path) -> Yard:
    workshop = make_workshop(database, organization_id, tmp_path)
    for number in range(4):
        sentences = (f"In mill {number} sack number {n} holds rye, wheat or oats." for n in range(30))
        workshop.write(f"{number}.txt", "\n\n".join(sentences))
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="miller")
        chatbots.attach_source(connection, organization_id, bot.id, workshop.source_id)
        active = model_config_versions.ensure_active(
            connection, organization_id, bot.id, embedding_model="hash", llm_model="extractive"
        )
    workshop.sync()
    return Yard(workshop, active, {"hash": workshop.embedder, "other": HashEmbedder(name="other", dimension=4)})


def test_who_asks_by_the_active_version_gets_the_same_before_during_and_after_a_build(yard: Yard) -> None:
    before = yard.ask(yard.active)
    during: list[list[Found]] = []

    class Watched(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            during.append(yard.ask(yard.active))
            return super().embed(texts)

    yard.models["other"] = Watched(name="other", dimension=4)
    built = yard.build(yard.draft())
    assert built.made.chunks == built.made.embedded > 4
    assert (built.missing, built.version.status, built.version.build_problem) == (0, "building", None)
    assert built.version.built_at is not None
    assert during == [before] * len(during) != []
    assert yard.ask(yard.active) == before
    yard.models["other"] = HashEmbedder(name="other", dimension=4)
    found = yard.ask(built.version)
    assert found != []
    assert {hit.chunk_id for hit in found}.isdisjoint(hit.chunk_id for hit in before)


def test_syncs_keep_what_is_built_in_step_until_it_is_retired(yard: Yard) -> None:
    version = yard.build(yard.draft()).version
    yard.workshop.write("new.txt", "Sack number 77 holds salt.", age_s=60)
    assert yard.sync().embedded == 1
    assert yard.missing(version) == 0
    with yard.database.transaction(yard.organization_id) as connection:
        model_config_versions.retire(connection, yard.organization_id, version)
    yard.workshop.write("newer.txt", "Sack number 78 holds sand.", age_s=30)
    assert yard.sync() == Reissued()
    assert yard.missing(version) == 1


def test_the_version_that_served_is_kept_in_step_for_a_way_back(yard: Yard) -> None:
    version = yard.build(yard.draft()).version
    with yard.database.transaction(yard.organization_id) as connection:
        model_config_versions.activate(connection, yard.organization_id, version)
    yard.workshop.rule = version.preparation.rule
    former, yard.workshop.embedder = yard.workshop.embedder, yard.models["other"]
    yard.workshop.write("new.txt", "Sack number 77 holds salt.", age_s=60)
    yard.workshop.sync()
    assert yard.missing(yard.active) == 1
    made = builds.keep_in_step(
        yard.database, yard.organization_id, yard.workshop.source_id, done=[version.preparation],
        embedder_of={"hash": former}.__getitem__, progress=lambda *_: None,
    )  # fmt: skip
    assert made.embedded == 1
    assert yard.missing(yard.active) == 0


def test_a_model_that_fails_holds_up_nothing_that_serves(yard: Yard) -> None:
    version = yard.build(yard.draft()).version
    failing = FailingEmbedder(answers=0)
    failing.name, failing.dimension = "other", 4
    yard.models["other"] = failing
    yard.workshop.write("new.txt", "Sack number 77 holds salt.", age_s=60)
    yard.sync()
    assert "salt" in "".join(hit.content for hit in yard.ask(yard.active))
    assert "does not answer" in (yard.get(version).build_problem or "")
    failing.mend()
    yard.sync()
    assert (yard.get(version).build_problem, yard.missing(version)) == (None, 0)


def test_a_build_that_cannot_be_done_says_why_and_can_be_done_again(yard: Yard) -> None:
    failing = FailingEmbedder(answers=0)
    failing.name, failing.dimension = "other", 4
    draft = yard.draft()
    yard.models["other"] = failing
    with pytest.raises(Unavailable):
        yard.build(draft)
    version = yard.get(draft)
    assert (version.status, version.built_at) == ("building", None)
    assert "does not answer" in (version.build_problem or "")
    assert yard.missing(version) == 4
    failing.mend()
    assert yard.build(version).missing == 0


def test_only_weights_differ_so_there_is_nothing_to_make(yard: Yard) -> None:
    light = yard.draft(replace(OTHER, embedding_model="hash", chunk_size=1600, lexical_weight=0.2))
    built = yard.build(light)
    assert (built.made, built.missing) == (Reissued(), 0)
    with pytest.raises(Conflict, match="is the active one"):
        yard.build(yard.active)


def test_a_build_is_foreseen_and_kept_with_what_it_took(yard: Yard) -> None:
    draft = yard.draft(replace(OTHER, chunk_size=100))
    foreseen = builds.foresee(yard.database, yard.organization_id, draft)
    assert (foreseen.foreseen.is_exact, foreseen.seconds, foreseen.bytes) == (True, None, None)
    record = yard.build(draft).record
    assert (record.state, record.chunks, record.vectors) == ("finished", *2 * (foreseen.foreseen.chunks,))
    assert (record.foreseen_chunks, record.foreseen_vectors) == (record.chunks, record.vectors)
    assert record.tokens is not None
    assert record.tokens >= record.foreseen_tokens > 0
    assert record.seconds is not None
    again = yard.draft(replace(OTHER, chunk_size=150))
    after = builds.foresee(yard.database, yard.organization_id, again)
    assert after.seconds == pytest.approx(
        record.seconds / (2 * foreseen.foreseen.chunks) * (after.foreseen.chunks + after.foreseen.embedded)
    )
    assert after.bytes is not None
    assert after.bytes > after.foreseen.characters


def test_a_build_that_failed_or_was_killed_is_kept_as_such(yard: Yard) -> None:
    failing = FailingEmbedder(answers=0)
    failing.name, failing.dimension = "other", 4
    draft = yard.draft()
    yard.models["other"] = failing
    with pytest.raises(Unavailable):
        yard.build(draft)
    with yard.database.transaction(yard.organization_id) as connection:
        [failed] = builds.select_of_version(connection, yard.organization_id, draft.id)
        connection.execute("update bots.builds set state = 'running' where id = %s", [failed.id])
    assert "does not answer" in (failed.reason or "")
    failing.mend()
    yard.build(draft)
    with yard.database.transaction(yard.organization_id) as connection:
        records = builds.select_of_version(connection, yard.organization_id, draft.id)
    assert [record.state for record in records] == ["finished", "broken off"]


def test_another_version_of_a_model_makes_a_successor_and_nothing_else_is_asked_by_it(yard: Yard) -> None:
    built = yard.build(yard.draft()).version
    assert built.embedding_model_version == "1"
    with yard.database.transaction(yard.organization_id) as connection:
        model_config_versions.activate(connection, yard.organization_id, built)
        assert model_config_versions.bind(connection, yard.organization_id, model="other", model_version="1") == []
        [successor] = model_config_versions.bind(connection, yard.organization_id, model="other", model_version="2")
        active = model_config_versions.get_active(connection, yard.organization_id, yard.active.chatbot_id)
        assert active == successor
        assert (successor.number, successor.embedding_model_version) == (3, "2")
        assert model_config_versions.values_of(successor) == model_config_versions.values_of(built)
        former = model_config_versions.find_former(connection, yard.organization_id, yard.active.chatbot_id)
        assert former is not None, "the one before it is of another model, which is still here"
        assert former.id == yard.active.id
    yard.models["other"] = HashEmbedder(name="other", dimension=4, version="2")
    with pytest.raises(Conflict, match=r"configuration 2 was made with other \(1\), which is 2 here"):
        yard.build(built)


@pytest.mark.parametrize("dimension", [2048, 3072])
def test_a_model_of_thousands_of_dimensions_can_be_built_and_asked(yard: Yard, dimension: int) -> None:
    yard.models["large"] = HashEmbedder(name="large", dimension=dimension)
    built = yard.build(yard.draft(replace(OTHER, embedding_model="large", chunk_size=1600)))
    assert (built.missing, built.made.refused) == (0, 0)
    assert len(yard.ask(built.version)) == 4
