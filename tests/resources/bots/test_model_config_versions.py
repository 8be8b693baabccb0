"""Configurations: numbered, frozen, one of each chatbot active, and what they ask of the sources."""

from __future__ import annotations

from functools import partial
from uuid import UUID, uuid4

import psycopg
import pytest

from resources.bots import chatbots, model_config_versions
from resources.bots.records import Preparation
from resources.foundation.database import Database
from resources.foundation.errors import Missing, Refused
from resources.knowledge import data_sources


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
        assert ensure() == first
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
