"""Configurations: numbered, frozen, one of each chatbot active, and what they ask of the sources."""

from __future__ import annotations

from functools import partial
from uuid import UUID, uuid4

import psycopg
import pytest

from resources.bots import chatbots
from resources.bots.configurations import model_config_versions
from resources.bots.records import ModelConfigVersion, NewVersion, Preparation
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.statements import Connection
from resources.knowledge.sources import data_sources


def test_the_same_values_are_the_same_version_and_others_are_the_next(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="handbook")
        with pytest.raises(Missing, match="no active configuration"):
            model_config_versions.get_active(connection, organization_id, bot.id)
        ensure = partial(
            model_config_versions.ensure_active, connection, organization_id, bot.id,
            embedding_model="wordllama-256", llm_model="extractive",
        )  # fmt: skip
        first, again, second = ensure(), ensure(), ensure(retrieval_k=20)
        assert (first.number, again, second.number) == (1, first, 2)
        assert model_config_versions.get_active(connection, organization_id, bot.id) == second
        assert ensure().id == first.id
        known = model_config_versions.select_all(connection, organization_id, bot.id)
        assert [(version.number, version.active) for version in known] == [(1, True), (2, False)]


def test_a_version_is_frozen_and_a_bad_one_is_not_made(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="handbook")
        with pytest.raises(Refused, match="retrieval_k"):
            model_config_versions.ensure_active(
                connection, organization_id, bot.id, embedding_model="a", llm_model="b", retrieval_k=0
            )
        with pytest.raises(Missing):
            model_config_versions.ensure_active(
                connection, organization_id, uuid4(), embedding_model="a", llm_model="b"
            )
        model_config_versions.ensure_active(connection, organization_id, bot.id, embedding_model="a", llm_model="b")
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="frozen"):
            connection.execute(
                "update bots.model_config_versions set retrieval_k = 9 where organization_id = %s", [organization_id]
            )


def test_a_source_is_made_ready_for_each_chatbot_that_reads_it_or_by_default(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        source = data_sources.create(connection, organization_id, name="files", config={"location": "."})
        wanted = model_config_versions.select_active_for_source
        default = Preparation("minilm", 800)
        assert wanted(connection, organization_id, source.id) == [Preparation()]
        assert wanted(connection, organization_id, source.id, default=default) == [default]
        for name, size in (("one", 1600), ("two", 1600), ("three", 800)):
            bot = chatbots.create(connection, organization_id, name=name)
            chatbots.attach_source(connection, organization_id, bot.id, source.id)
            model_config_versions.ensure_active(
                connection, organization_id, bot.id, embedding_model="wordllama-256", llm_model="x", chunk_size=size
            )
        expected = [Preparation("wordllama-256", 800), Preparation("wordllama-256", 1600)]
        assert wanted(connection, organization_id, source.id) == expected
        chatbots.remove(connection, organization_id, bot.id)
        assert wanted(connection, organization_id, source.id) == [Preparation("wordllama-256", 1600)]


SMALL = NewVersion("wordllama-256", "extractive", chunk_size=800)


def open_bot(connection: Connection, organization_id: UUID) -> ModelConfigVersion:
    """The active version of a chatbot that reads a source."""
    bot = chatbots.create(connection, organization_id, name="handbook", system_prompt="Be brief.")
    source = data_sources.create(connection, organization_id, name="files", config={"location": "."})
    chatbots.attach_source(connection, organization_id, bot.id, source.id)
    return model_config_versions.ensure_active(
        connection, organization_id, bot.id, embedding_model="wordllama-256", llm_model="extractive"
    )


def test_a_version_lives_from_draft_to_retired_and_back(database: Database, organization_id: UUID) -> None:
    versions = model_config_versions
    with database.transaction(organization_id) as connection:
        first = open_bot(connection, organization_id)
        draft = versions.create(
            connection, organization_id, first.chatbot_id, SMALL, created_by="mia", description="smaller"
        )
        assert (draft.status, draft.number, draft.active, draft.created_by) == ("draft", 2, False, "mia")
        assert versions.get_numbered(connection, organization_id, first.chatbot_id, 2) == draft
        with pytest.raises(Conflict, match="is a draft: build it first"):
            versions.set_evaluated(connection, organization_id, draft)
        building = versions.set_building(connection, organization_id, draft)
        assert (building.status, building.system_prompt) == ("building", "Be brief.")
        versions.set_built(connection, organization_id, draft.id, problem="2 vectors are missing")
        assert versions.get(connection, organization_id, draft.id).build_problem == "2 vectors are missing"
        versions.set_built(connection, organization_id, draft.id)
        versions.set_evaluated(connection, organization_id, building)
        evaluated = versions.get(connection, organization_id, draft.id)
        assert (evaluated.status, evaluated.build_problem) == ("evaluated", None)
        assert evaluated.built_at is not None
        assert evaluated.evaluated_at is not None
        versions.activate(connection, organization_id, evaluated, activated_by="mia", forced_reason="no questions yet")
        active = versions.get_active(connection, organization_id, first.chatbot_id)
        assert (active.id, active.activated_by, active.forced_reason) == (draft.id, "mia", "no questions yet")
        former = versions.find_former(connection, organization_id, first.chatbot_id)
        assert former is not None
        assert former.id == first.id
        assert (former.status, former.active) == ("retired", False)
        assert former.kept_until is not None
        assert former.retired_at is not None
        assert (former.kept_until - former.retired_at).days == versions.SOAK_DAYS
        versions.activate(connection, organization_id, former)
        assert versions.get_active(connection, organization_id, first.chatbot_id).id == first.id


def test_a_draft_may_change_and_what_was_built_may_not(database: Database, organization_id: UUID) -> None:
    def put(connection: Connection, column: bytes) -> None:
        connection.execute(b"update bots.model_config_versions set " + column + b" where number = 2")

    with database.transaction(organization_id) as connection:
        first = open_bot(connection, organization_id)
        draft = model_config_versions.create(connection, organization_id, first.chatbot_id, SMALL)
        put(connection, b"retrieval_k = 9, system_prompt = 'Be kind.'")
        model_config_versions.set_building(connection, organization_id, draft)
    for change in (b"retrieval_k = 10", b"system_prompt = 'Be brief.'", b"llm_model = 'other'", b"number = 7"):
        with (
            pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="frozen"),
            database.transaction(organization_id) as connection,
        ):
            put(connection, change)
    with (
        pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="is building and cannot become draft"),
        database.transaction(organization_id) as connection,
    ):
        put(connection, b"status = 'draft'")


def test_the_active_version_is_neither_built_nor_retired_nor_joined_by_another(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        first = open_bot(connection, organization_id)
        model_config_versions.create(connection, organization_id, first.chatbot_id, SMALL)
        with pytest.raises(Conflict, match="is the active one: syncs keep it ready"):
            model_config_versions.set_building(connection, organization_id, first)
        with pytest.raises(Conflict, match="activate another one first"):
            model_config_versions.retire(connection, organization_id, first)
    with pytest.raises(psycopg.errors.ExclusionViolation), database.transaction(organization_id) as connection:
        connection.execute("update bots.model_config_versions set status = 'active'")


def test_what_is_built_or_served_until_lately_is_kept_and_what_was_retired_is_not(
    database: Database, organization_id: UUID
) -> None:
    versions = model_config_versions
    with database.transaction(organization_id) as connection:
        first = open_bot(connection, organization_id)
        [source] = data_sources.select_all(connection, organization_id)

        def kept() -> list[int]:
            found = versions.select_kept_for_source(connection, organization_id, source.id)
            return [version.number for version in found]

        def sizes() -> set[str]:
            return {name.split(":")[1] for name in versions.select_wanted_recipes(connection, organization_id)}

        draft = versions.create(connection, organization_id, first.chatbot_id, SMALL)
        assert (kept(), sizes()) == ([1], {"1600"})
        versions.set_building(connection, organization_id, draft)
        assert (kept(), sizes()) == ([1, 2], {"1600", "800"})
        assert versions.select_active_for_source(connection, organization_id, source.id) == [Preparation()]
        versions.activate(connection, organization_id, draft)
        assert kept() == [2, 1]
        former = versions.find_former(connection, organization_id, first.chatbot_id)
        assert former is not None
        versions.retire(connection, organization_id, former)
        assert (kept(), sizes()) == ([2], {"1600", "800"})
        assert versions.find_former(connection, organization_id, first.chatbot_id) is None
        versions.activate(connection, organization_id, first)
        connection.execute(
            "update bots.model_config_versions set kept_until = now() - interval '1 day' where number = 2"
        )
        assert (kept(), sizes()) == ([1], {"1600"})


def test_a_threshold_that_was_measured_with_a_model_stays_with_it_unless_somebody_chose_it(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="miller")
        measured, chosen = (
            model_config_versions.ensure_active(
                connection, organization_id, bot.id, embedding_model=EMBEDDED_MODEL, llm_model="extractive",
                off_topic_threshold=threshold,
            )
            for threshold in (None, 0.5)
        )  # fmt: skip

    def thresholds(version: ModelConfigVersion, **changes: object) -> float:
        return model_config_versions.changed(version, changes).off_topic_threshold

    assert thresholds(measured, embedding_model="multilingual") == 0.0
    assert thresholds(measured, retrieval_k=3) == measured.off_topic_threshold > 0
    assert thresholds(measured, embedding_model="multilingual", off_topic_threshold=0.1) == 0.1
    assert thresholds(chosen, embedding_model="multilingual") == 0.5
