"""A small library that can be asked: texts as documents with chunks and vectors, and a chatbot that reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

from pgvector import Vector

from resources.bots import chatbots
from resources.bots.agents import agents
from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot
from resources.conversations.answering.speakers import EXTRACTIVE
from resources.foundation.database import Database
from resources.foundation.embedders import embedder_for
from resources.foundation.inference import Embedder
from resources.foundation.statements import Connection
from resources.knowledge.chunks import chunks, embedding_models, staging, text_statistics
from resources.knowledge.chunks.contextualizing import content_hash, contextual
from resources.knowledge.records import ChunkingRule, Parsed, Piece
from resources.knowledge.sources import data_sources

RUN_ID = "run-1"
SYNCED_AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

MILL = {
    "grain.md": (
        "The miller weighs every load of grain on the floor scale before it is tipped.\n\n"
        "Wet grain above fifteen percent moisture is sent to the dryer for six hours."
    ),
    "sluice.md": (
        "The sluice gate is greased every second Monday by the duty engineer.\n\n"
        "In a flood the sluice is opened fully and the turbine is stopped."
    ),
    "shop.md": "The shop is open from nine to five on weekdays.\n\nRye flour costs three euros for a kilogram.",
}


def shelve(
    database: Database,
    organization_id: UUID,
    texts: Mapping[str, str],
    *,
    name: str = "handbook",
    embedder: Embedder | None = None,
) -> UUID:
    """A synced source of these texts by path, a chunk for each paragraph; its id."""
    embedder = embedder or embedder_for()
    rule = ChunkingRule()
    with database.transaction(organization_id) as connection:
        source = data_sources.create(connection, organization_id, name=name, config={"location": "."})
        connection.execute(
            "update knowledge.data_sources set last_sync = %s where organization_id = %s and id = %s",
            [SYNCED_AT, organization_id, source.id],
        )
        model = embedding_models.register(
            connection, organization_id, name=embedder.name, version=embedder.version, dimension=embedder.dimension
        )
        for path, text in texts.items():
            _shelve_one(connection, organization_id, source.id, path, text, rule=rule, model_id=model.id, by=embedder)
        text_statistics.refresh(connection, organization_id, rule.name)
    return source.id


def open_chatbot(
    database: Database,
    organization_id: UUID,
    *source_ids: UUID,
    name: str = "handbook",
    llm_model: str = EXTRACTIVE,
    show_citations: bool = True,
    embedding_model: str = "wordllama-256",
) -> Chatbot:
    """A chatbot with one agent that answers from these sources."""
    with database.transaction(organization_id) as connection:
        chatbot = chatbots.create(connection, organization_id, name=name, show_citations=show_citations)
        for source_id in source_ids:
            chatbots.attach_source(connection, organization_id, chatbot.id, source_id)
        agents.create(connection, organization_id, chatbot_id=chatbot.id, name="answers")
        model_config_versions.ensure_active(
            connection, organization_id, chatbot.id, embedding_model=embedding_model, llm_model=llm_model
        )
    return chatbot


def _shelve_one(
    connection: Connection,
    organization_id: UUID,
    source_id: UUID,
    path: str,
    text: str,
    *,
    rule: ChunkingRule,
    model_id: UUID,
    by: Embedder,
) -> None:
    document_id, version_id = uuid4(), uuid4()
    title = path.partition(".")[0]
    connection.execute(
        "insert into knowledge.documents (organization_id, id, data_source_id, title, original_filename, file_path, "
        "file_size, status) values (%s, %s, %s, %s, %s, %s, %s, 'ready')",
        [organization_id, document_id, source_id, title, path, path, len(text)],
    )
    connection.execute(
        "insert into knowledge.document_versions (organization_id, id, document_id, number, checksum, file_size, "
        "status, title, text, dagster_run_id, valid_from) values (%s, %s, %s, 1, %s, %s, 'ready', %s, %s, %s, now())",
        [organization_id, version_id, document_id, hashlib.sha256(text.encode()).hexdigest(), len(text), title, text,
         RUN_ID],
    )  # fmt: skip
    connection.execute(
        "update knowledge.documents set current_version_id = %s where organization_id = %s and id = %s",
        [version_id, organization_id, document_id],
    )
    pieces = _paragraphs(text)
    parsed = Parsed(text=text, elements=(), parser="test", parser_version="1", title=title, language="en")
    chunks.create(
        connection, organization_id, source_id=source_id, rule=rule,
        versions=[(document_id, version_id, staging.passages(parsed, pieces))],
    )  # fmt: skip
    text_statistics.presume(connection, organization_id, version_ids=[version_id], recipes=[rule.name])
    chunks.publish(connection, organization_id, version_ids=[version_id], recipes=[rule.name])
    contexts = [contextual(title, piece.section_title, piece.content) for piece in pieces]
    for context, vector in zip(contexts, by.embed(contexts), strict=True):
        connection.execute(
            "insert into knowledge.embeddings (organization_id, embedding_model_id, content_hash, embedding) "
            "values (%s, %s, %s, %s) on conflict do nothing",
            [organization_id, model_id, content_hash(context), Vector(vector)],
        )


def _paragraphs(text: str) -> list[Piece]:
    pieces = []
    start = 0
    for paragraph in text.split("\n\n"):
        end = start + len(paragraph)
        pieces.append(Piece(text[start:end], start, end, None, None, len(paragraph) // 4))
        start = end + 2
    return pieces
