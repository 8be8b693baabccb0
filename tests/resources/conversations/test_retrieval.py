"""What a chatbot's configuration finds: in its own sources, no text twice, by vectors that may be compared."""

from __future__ import annotations

from uuid import UUID

import numpy
import pytest

from resources.bots import model_config_versions
from resources.bots.records import Chatbot
from resources.conversations import retrieval
from resources.conversations.models import ProviderModels
from resources.foundation.database import Database
from resources.foundation.errors import Misconfigured
from resources.foundation.inference import Embedder
from resources.knowledge.records import Found
from tests.factories.library import MILL, open_chatbot, shelve

QUESTION = "How often is the sluice gate greased?"


def search(
    database: Database,
    organization_id: UUID,
    chatbot: Chatbot,
    *,
    k: int | None = None,
    embedder: Embedder | None = None,
) -> list[Found]:
    with database.transaction(organization_id) as connection:
        config = model_config_versions.get_active(connection, organization_id, chatbot.id)
    return retrieval.search(
        database, organization_id, chatbot=chatbot, config=config, question=QUESTION, k=k,
        embedder=embedder or ProviderModels().embedder("wordllama-256"),
    )  # fmt: skip


def test_a_chatbot_finds_passages_of_its_own_sources_alone(database: Database, organization_id: UUID) -> None:
    mill = shelve(database, organization_id, MILL)
    shelve(database, organization_id, {"other.md": "The sluice gate is greased never."}, name="rumours")
    chatbot = open_chatbot(database, organization_id, mill)
    found = search(database, organization_id, chatbot)
    assert found[0].content.startswith("The sluice gate is greased every second Monday")
    assert {hit.data_source_id for hit in found} == {mill}
    assert len(search(database, organization_id, chatbot, k=2)) == 2
    assert search(database, organization_id, open_chatbot(database, organization_id, name="empty")) == []


def test_a_text_that_stands_in_two_documents_is_offered_once(database: Database, organization_id: UUID) -> None:
    twice = {"one.md": MILL["sluice.md"], "two.md": MILL["sluice.md"]}
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, twice))
    contents = [hit.content for hit in search(database, organization_id, chatbot)]
    assert len(contents) == len(set(contents)) == 2


def test_vectors_of_another_size_are_never_compared(database: Database, organization_id: UUID) -> None:
    class Shorter:
        name, version, dimension = "wordllama-256", "l2_supercat_256", 64

        def embed(self, texts: object) -> numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float32]]:
            return numpy.ones((1, 64), dtype=numpy.float32)

    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    with pytest.raises(Misconfigured, match="64 numbers"):
        search(database, organization_id, chatbot, embedder=Shorter())
