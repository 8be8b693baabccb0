"""Quotes are read again in the stored version: only what stands there, in this organization, is a citation."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from resources.bots.configurations import model_config_versions
from resources.bots.retrieval import retrieval
from resources.conversations import citations
from resources.conversations.answering import citing, numbering
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Passage, Quotation
from resources.foundation.database import Database
from tests.conftest import make_organization
from tests.factories.library import open_chatbot, shelve

# Characters of one, two, three and four bytes, so that bytes and UTF-16 units count otherwise than characters.
TEXT = "Das Mühlrad 水車 🌾 dreht sich.\n\nThe sluice gate is greased every second Monday."
GREASED = "The sluice gate is greased every second Monday."


def quoted(database: Database, organization_id: UUID) -> tuple[Quotation, dict[int, Passage]]:
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, {"mill.md": TEXT}))
    with database.transaction(organization_id) as connection:
        config = model_config_versions.get_active(connection, organization_id, chatbot.id)
    found = retrieval.search(
        database, organization_id, chatbot=chatbot, config=config, question="Who greases the sluice gate?",
        embedder=ProviderModels().embedder("wordllama-256"),
    )  # fmt: skip
    passages = numbering.numbered(found.offered)
    [quotation] = citing.cited(f"{GREASED} [1]", passages).citations
    return quotation, {passage.index: passage for passage in passages}


def test_only_a_quote_that_stands_at_its_offsets_is_a_citation(database: Database, organization_id: UUID) -> None:
    quotation, passages = quoted(database, organization_id)
    assert TEXT[quotation.start : quotation.end] == GREASED
    claims = [
        replace(quotation, quote="The sluice gate is greased every second Sunday."),
        quotation,
        replace(quotation, start=quotation.start + 1, end=quotation.end + 1),
        replace(quotation, start=quotation.end, end=quotation.start),
        replace(quotation, version_id=uuid4()),
        replace(quotation, quote=""),
    ]
    with database.transaction(organization_id) as connection:
        standing = citations.verify(connection, organization_id, claims, passages)
        assert citations.verify(connection, organization_id, [], passages) == []
    assert [(citation.quote, citation.location) for citation in standing] == [(GREASED, "mill.md")]


def test_another_organizations_version_bears_nothing_out(database: Database, organization_id: UUID) -> None:
    quotation, passages = quoted(database, organization_id)
    other_id = make_organization(database, "other")
    with database.transaction(other_id) as connection:
        assert citations.verify(connection, other_id, [quotation], passages) == []
        assert citations.verify(connection, organization_id, [quotation], passages) == []
