"""Conversations go by the rules of their chatbot's owner or their organization; what usage counted stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot
from resources.conversations import citations, retention
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.identity import audit_log, knowledge_settings, retention_settings, users
from resources.identity.records import Actor, KnowledgeSettings, RetentionSettings
from resources.knowledge.documents import documents
from resources.knowledge.records import ChunkingRule
from resources.knowledge.retention.retention import Retained
from tests.factories.library import MILL, open_chatbot, shelve


@pytest.fixture
def chatbot(database: Database, organization_id: UUID) -> Chatbot:
    return open_chatbot(database, organization_id, shelve(database, organization_id, MILL))


def ask(database: Database, organization_id: UUID, chatbot: Chatbot) -> Answered:
    asked = Asked("How often is the sluice gate greased?")
    *_, last = answers.answer(database, organization_id, chatbot=chatbot, asked=asked, models=ProviderModels())
    assert isinstance(last, Answered)
    return last


def run(database: Database, organization_id: UUID, folder: Path, *, days: float) -> Retained:
    return retention.run(
        database, organization_id, store=ObjectStore(folder), as_of=datetime.now(UTC) + timedelta(days=days), young_s=0
    )


def set_rules(database: Database, organization_id: UUID, rules: RetentionSettings) -> None:
    with database.transaction(organization_id) as connection:
        retention_settings.replace(connection, organization_id, rules)


def rows(database: Database, organization_id: UUID, statement: bytes) -> list[tuple[object, ...]]:
    with database.transaction(organization_id) as connection:
        return list(connection.execute(statement).fetchall())


@pytest.mark.parametrize("whose", ["owner", "organization"])
def test_conversations_go_after_their_days_and_usage_stays(
    database: Database, organization_id: UUID, chatbot: Chatbot, tmp_path: Path, whose: str
) -> None:
    ask(database, organization_id, chatbot)
    assert not run(database, organization_id, tmp_path, days=10_000).done
    if whose == "organization":
        set_rules(database, organization_id, RetentionSettings(conversation_days=30))
    else:
        with database.transaction(organization_id) as connection:
            mia = users.create(connection, organization_id, username="mia", email="mia@mill.example")
            rules = KnowledgeSettings(conversation_retention_days=30)
            knowledge_settings.replace(connection, organization_id, mia.id, rules)
            connection.execute("update bots.chatbots set user_id = %s", [mia.id])
    assert not run(database, organization_id, tmp_path, days=29).done
    due = list(retention.plan(database, organization_id, as_of=datetime.now(UTC) + timedelta(days=31)))
    assert [(action, whose in one.rule) for action, one in due] == [("forget conversations", True)]
    assert run(database, organization_id, tmp_path, days=31).done == {"forget conversations": 1}
    for table in (b"sessions", b"messages", b"citations", b"retrieval_logs"):
        assert rows(database, organization_id, b"select from conversations." + table) == []
    [(tokens, message_id)] = rows(
        database, organization_id, b"select tokens_used, message_id from conversations.usage"
    )  # fmt: skip
    assert tokens is not None
    assert message_id is None


def test_a_deleted_conversation_ends_after_the_time_of_grace(
    database: Database, organization_id: UUID, chatbot: Chatbot, tmp_path: Path
) -> None:
    ask(database, organization_id, chatbot)
    with database.transaction(organization_id) as connection:
        connection.execute("update conversations.sessions set deleted_at = now()")
    assert not run(database, organization_id, tmp_path, days=29).done
    assert run(database, organization_id, tmp_path, days=31).done == {"forget conversations": 1}


def test_a_question_that_got_no_answer_is_not_kept_for_ever(
    database: Database, organization_id: UUID, chatbot: Chatbot, tmp_path: Path
) -> None:
    ask(database, organization_id, chatbot)
    with database.transaction(organization_id) as connection:
        connection.execute("update conversations.retrieval_logs set session_id = null, message_id = null")
    assert run(database, organization_id, tmp_path, days=31).done == {"forget retrievals": 1}


def test_the_audit_log_forgets_after_its_days_and_nothing_before(
    database: Database, organization_id: UUID, tmp_path: Path
) -> None:
    with database.transaction(organization_id) as connection:
        audit_log.record(connection, organization_id, Actor(), action="remove", entity="tag", entity_id="safety")
        [entry] = audit_log.select_page(connection, organization_id, at_most=2)
        assert audit_log.forget(connection, organization_id, [entry.id]) == 0
    assert not run(database, organization_id, tmp_path, days=364).done
    set_rules(database, organization_id, RetentionSettings(audit_days=400))
    assert not run(database, organization_id, tmp_path, days=399).done
    [(action, due)] = retention.plan(database, organization_id, as_of=datetime.now(UTC) + timedelta(days=401))
    assert (action, due.label.split(",")[0], due.rule) == (
        "forget audit entries", "remove tag", "the audit log is kept for 400 days"
    )  # fmt: skip
    assert run(database, organization_id, tmp_path, days=401).done == {"forget audit entries": 1}
    with database.transaction(organization_id) as connection:
        assert audit_log.select_page(connection, organization_id, at_most=2) == []


def test_an_answer_outlives_the_document_that_it_cites_but_not_the_quote(
    database: Database, organization_id: UUID, chatbot: Chatbot, tmp_path: Path
) -> None:
    answered = ask(database, organization_id, chatbot)
    set_rules(database, organization_id, RetentionSettings(grace_days=0))
    cited = answered.citations[0]
    with database.transaction(organization_id) as connection:
        documents.set_expires_at(connection, organization_id, cited.document_id, datetime.now(UTC))
    done = run(database, organization_id, tmp_path, days=0).done
    done += run(database, organization_id, tmp_path, days=0).done
    assert (done["expire"], done["purge"]) == (1, 1)
    with database.transaction(organization_id) as connection:
        kept = citations.select_for_message(connection, organization_id, answered.message_id)
    assert {(one.quote, one.document_version_id) for one in kept} == {("", None)}
    assert all(one.purged_at is not None and one.document_id == cited.document_id for one in kept)


def test_chunks_of_recipes_that_no_chatbot_asks_for_go(
    database: Database, organization_id: UUID, chatbot: Chatbot, tmp_path: Path
) -> None:
    with database.transaction(organization_id) as connection:
        model_config_versions.ensure_active(
            connection, organization_id, chatbot.id, embedding_model="wordllama-256", llm_model="extractive",
            chunk_size=800,
        )  # fmt: skip
        before = model_config_versions.select_wanted_recipes(connection, organization_id)
        connection.execute("update knowledge.chunks set recipe = 'structure-0:1600:0'")
    assert set(before) == {ChunkingRule().name, ChunkingRule(800).name}
    chunks = rows(database, organization_id, b"select from knowledge.chunks")
    done = run(database, organization_id, tmp_path, days=0).done
    assert (done["drop unwanted chunks"], done["drop unused vectors"]) == (len(chunks), len(chunks))
