"""What is erased is nowhere any more, comes back by no way, and leaves a receipt in a chain that shows every gap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from resources.bots.agents import agents
from resources.bots.records import Chatbot
from resources.conversations import background, background_tasks, erasures, messages, sessions
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.erasures import Erased, Request
from resources.conversations.records import Answered, Asked, Retrieved
from resources.foundation.database import Database, Server, open_database
from resources.foundation.embedders import embedder_for
from resources.foundation.errors import Missing, Refused
from resources.identity import api_keys, knowledge_settings, organizations, users
from resources.identity.records import KnowledgeSettings
from resources.knowledge.documents import documents, tombstones
from resources.knowledge.records import Item, Receipt
from resources.knowledge.retention import chaining, erasure_receipts, legal_holds
from resources.knowledge.sources import data_sources
from tests.architecture.isolation import relations
from tests.factories.library import MILL, open_chatbot, shelve
from tests.factories.workshops import Workshop, make_workshop
from tests.fixtures.openai_server import OpenAIServer

CANARY = "quetzalcoatlus"
SECRET = f"The {CANARY} sleeps in the granary behind the sluice."
PLAIN = "The sluice gate is greased every second Monday."
REQUEST = Request("mia", "asked by letter of 3 May")


@pytest.fixture
def mill(database: Database, organization_id: UUID, tmp_path: Path) -> Workshop:
    """A source with a document whose word stands nowhere else, and another."""
    workshop = make_workshop(database, organization_id, tmp_path)
    workshop.embedder = embedder_for()
    workshop.write(f"{CANARY}.md", SECRET)
    workshop.write("sluice.md", PLAIN)
    workshop.sync()
    return workshop


def ask(workshop: Workshop, chatbot: Chatbot, question: str, user_id: UUID | None = None) -> Answered:
    *_, last = answers.answer(
        workshop.database, workshop.organization_id, chatbot=chatbot, asked=Asked(question, user_id=user_id),
        models=ProviderModels(),
    )  # fmt: skip
    assert isinstance(last, Answered)
    return last


def id_of(workshop: Workshop, path: str) -> UUID:
    with workshop.database.transaction(workshop.organization_id) as connection:
        found = documents.find_by_path(connection, workshop.organization_id, source_id=workshop.source_id, path=path)
    assert found is not None
    return found.id


def erase(workshop: Workshop, path: str) -> Erased:
    return erasures.erase_document(
        workshop.database, workshop.organization_id, id_of(workshop, path), store=workshop.store, request=REQUEST
    )


def receipts(workshop: Workshop) -> list[Receipt]:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return erasure_receipts.select_all(connection, workshop.organization_id)


def traces(server: Server, workshop: Workshop, word: str) -> list[str]:
    """Every table with a row that holds the word in any form of text, and every stored file that does."""
    found = []
    with psycopg.connect(server.admin_conninfo()) as admin:
        for table in (one for one in relations(admin) if one.kind in ("r", "p")):
            rows = admin.execute(
                sql.SQL("select from {} row where row::text ilike %s").format(table.identifier), [f"%{word}%"]
            )
            found += [table.name] * rows.rowcount
    found += [path.name for path in workshop.store.root.rglob("*") if path.is_file() and word in path.read_text()]
    return found


def test_nothing_of_an_erased_document_is_left_in_any_table_or_in_the_store(server: Server, mill: Workshop) -> None:
    chatbot = open_chatbot(mill.database, mill.organization_id, mill.source_id)
    answered = ask(mill, chatbot, "What sleeps behind the sluice in the granary?")
    assert CANARY in answered.text
    assert set(traces(server, mill, CANARY)) > {
        "knowledge.documents", "knowledge.document_versions", "knowledge.chunks", "knowledge.lexeme_frequencies",
        "conversations.messages", "conversations.citations",
    }  # fmt: skip
    erased = erase(mill, f"{CANARY}.md")
    assert traces(server, mill, CANARY) == []
    assert {table: count for table, count in erased.row_counts.items() if "." in table} == {
        "knowledge.documents": 1, "knowledge.document_versions": 1, "knowledge.chunks": 1, "knowledge.embeddings": 1,
        "conversations.citations": len(answered.citations), "conversations.retrieval_logs": 1,
        "conversations.messages (words taken away)": 1,
    }  # fmt: skip
    assert erased.object_count == 1
    with mill.database.transaction(mill.organization_id) as connection:
        _, reply = messages.select_for_session(connection, mill.organization_id, answered.session_id)
    assert reply.content == messages.ERASED
    assert mill.visible() == {"sluice.md": PLAIN}


def test_no_sync_brings_it_back_by_its_path_or_by_its_bytes(server: Server, mill: Workshop) -> None:
    erase(mill, f"{CANARY}.md")
    mill.write(f"{CANARY}.md", SECRET, age_s=60)
    mill.sync()
    mill.write(f"{CANARY}.md", SECRET + " It says more now.", age_s=50)
    mill.write("copy.md", SECRET)
    mill.sync()
    assert mill.visible() == {"sluice.md": PLAIN}
    assert traces(server, mill, CANARY) == []
    assert mill.sync().failed == 0


def test_copies_in_the_source_go_with_it(server: Server, mill: Workshop) -> None:
    mill.write("copy.md", SECRET)
    mill.sync()
    assert erase(mill, f"{CANARY}.md").row_counts["knowledge.documents"] == 2
    assert traces(server, mill, CANARY) == []


def test_a_lifted_tombstone_lets_it_come_back_and_leaves_a_receipt_too(mill: Workshop) -> None:
    erase(mill, f"{CANARY}.md")
    erasures.lift(
        mill.database, mill.organization_id, source_id=mill.source_id, path=f"{CANARY}.md", request=REQUEST
    )  # fmt: skip
    mill.sync()
    assert mill.visible()[f"{CANARY}.md"] == SECRET
    assert [receipt.kind for receipt in receipts(mill)] == ["document", "tombstone"]
    with pytest.raises(Missing, match="nothing was erased"):
        erasures.lift(mill.database, mill.organization_id, source_id=mill.source_id, path="x", request=REQUEST)


def test_what_a_sync_had_fetched_before_the_erasure_is_not_written_after_it(server: Server, mill: Workshop) -> None:
    """Its sync looked at the tombstones when it began; the last word falls where rows are written."""
    gate = tombstones.Gate(mill.database, mill.organization_id, mill.source_id)
    path, now = Item(f"{CANARY}.md", size=1, modified_ns=1), Item("renamed.md", size=1, modified_ns=1)
    checksum = mill.store.put(mill.organization_id, SECRET.encode())
    erase(mill, f"{CANARY}.md")
    assert not gate.keeps_out(path)
    with mill.database.transaction(mill.organization_id) as connection:
        seen = [tombstones.Seen(path, "0" * 64), tombstones.Seen(now, checksum)]
        assert gate.turn_away(connection, seen) == {path.path, now.path}


def test_an_answer_that_is_being_given_meanwhile_is_kept_without_its_words(server: Server, mill: Workshop) -> None:
    chatbot = open_chatbot(mill.database, mill.organization_id, mill.source_id)
    asked = Asked("What sleeps behind the sluice in the granary?")
    events = answers.answer(mill.database, mill.organization_id, chatbot=chatbot, asked=asked, models=ProviderModels())
    assert isinstance(next(events), Retrieved)
    erase(mill, f"{CANARY}.md")
    *_, answered = events
    assert isinstance(answered, Answered)
    assert answered.citations == ()
    assert traces(server, mill, CANARY) == []


def test_nothing_is_left_of_an_erased_source(server: Server, mill: Workshop) -> None:
    chatbot = open_chatbot(mill.database, mill.organization_id, mill.source_id)
    ask(mill, chatbot, "What sleeps behind the sluice in the granary?")
    erased = erasures.erase_source(
        mill.database, mill.organization_id, mill.source_id, store=mill.store, request=REQUEST
    )
    assert traces(server, mill, CANARY) == []
    assert traces(server, mill, str(mill.source_id)) == ["knowledge.erasure_receipts"] * len(erased.receipts)
    assert erased.row_counts["knowledge.documents"] == 2
    assert erased.row_counts["knowledge.chunks"] == erased.row_counts["knowledge.embeddings"] == 2
    assert erased.row_counts["knowledge.data_sources"] == 1
    assert list(mill.store.select_checksums(mill.organization_id, older_than_s=0)) == []


def test_nothing_but_numbers_is_left_of_an_erased_user(server: Server, mill: Workshop) -> None:
    chatbot = open_chatbot(mill.database, mill.organization_id, mill.source_id)
    with mill.database.transaction(mill.organization_id) as connection:
        zoe = users.create(connection, mill.organization_id, username="zoe.zebra", email="zoe@mill.example")
        api_keys.create(connection, mill.organization_id, name="zoe's phone", scopes=["chat"], user_id=zoe.id)
        knowledge_settings.replace(connection, mill.organization_id, zoe.id, KnowledgeSettings())
    ask(mill, chatbot, "Is the zebra greased every second Monday?", zoe.id)
    others = ask(mill, chatbot, "When is the sluice gate greased?")
    erased = erasures.erase_user(mill.database, mill.organization_id, zoe.id, store=mill.store, request=REQUEST)
    assert traces(server, mill, "zebra") == []
    assert traces(server, mill, "zoe") == []
    assert set(traces(server, mill, str(zoe.id))) == {"knowledge.erasure_receipts"}
    assert erased.row_counts["conversations.sessions"] == 1
    assert mill.rows(b"select count(*), count(message_id), count(user_id) from conversations.usage") == [(2, 1, 0)]
    with mill.database.transaction(mill.organization_id) as connection:
        assert len(messages.select_for_session(connection, mill.organization_id, others.session_id)) == 2


def test_nothing_is_left_of_an_erased_organization_and_another_keeps_what_is_its_own(
    server: Server, mill: Workshop
) -> None:
    chatbot = open_chatbot(mill.database, mill.organization_id, mill.source_id)
    assert ask(mill, chatbot, "What sleeps behind the sluice in the granary?").citations
    erase(mill, "sluice.md")
    other = organizations.create(mill.database, "weir", "The weir").id
    shelve(mill.database, other, MILL)
    counts = erasures.erase_organization(mill.database, mill.organization_id, store=mill.store)
    assert (counts["knowledge.documents"], counts["conversations.sessions"]) == (1, 1)
    assert traces(server, mill, CANARY) == []
    assert traces(server, mill, str(mill.organization_id)) == []
    assert list(mill.store.select_checksums(mill.organization_id, older_than_s=0)) == []
    with mill.database.transaction(other) as connection:
        assert len(data_sources.select_all(connection, other)) == 1


def test_every_table_goes_with_its_organization_but_usage_which_is_taken_apart(server: Server) -> None:
    with psycopg.connect(server.admin_conninfo()) as admin:
        left = admin.execute(
            """
            with recursive gone as (
                select 'identity.organizations'::regclass::oid as id
                union select c.conrelid from pg_constraint c join gone on c.confrelid = gone.id
                where c.contype = 'f' and c.confdeltype = 'c')
            select distinct a.attrelid::regclass::text from pg_attribute a join pg_class t on t.oid = a.attrelid
            where a.attname = 'organization_id' and t.relkind in ('r', 'p') and a.attrelid not in (select id from gone)
            """
        ).fetchall()
    assert left == [("conversations.usage",)]


def test_a_hold_refuses_an_erasure_by_its_name(mill: Workshop) -> None:
    with mill.database.transaction(mill.organization_id) as connection:
        legal_holds.place(
            connection, mill.organization_id, name="case 7", reason="", placed_by="mia", source_id=mill.source_id
        )
    with pytest.raises(Refused, match="case 7"):
        erase(mill, f"{CANARY}.md")
    with pytest.raises(Refused, match="case 7"):
        erasures.erase_source(
            mill.database, mill.organization_id, mill.source_id, store=mill.store, request=REQUEST
        )  # fmt: skip
    with pytest.raises(Refused, match="case 7"):
        erasures.erase_organization(mill.database, mill.organization_id, store=mill.store)
    assert len(mill.visible()) == 2
    assert receipts(mill) == []


def test_the_database_itself_keeps_what_is_on_hold(mill: Workshop) -> None:
    with mill.database.transaction(mill.organization_id) as connection:
        legal_holds.place(
            connection, mill.organization_id, name="case 7", reason="", placed_by="mia", source_id=mill.source_id
        )
    for statement in (b"delete from knowledge.documents", b"delete from knowledge.data_sources"):
        with (
            pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="case 7"),
            mill.database.transaction(mill.organization_id) as connection,
        ):
            connection.execute(statement)


def test_an_erasure_needs_a_reason() -> None:
    with pytest.raises(Refused, match="reason"):
        Request("mia", " ")


def test_erasures_at_the_same_time_make_one_chain(server: Server, mill: Workshop) -> None:
    with mill.database.transaction(mill.organization_id) as connection:
        people = [
            users.create(connection, mill.organization_id, username=f"user {number}", email=f"{number}@mill.example")
            for number in range(24)
        ]
    with open_database(server, "millrace_pipeline", most=6) as several, ThreadPoolExecutor(6) as pool:
        together = [
            pool.submit(erasures.erase_user, several, mill.organization_id, one.id, store=mill.store, request=REQUEST)
            for one in people
        ]
        for one in together:
            one.result()
    chain = receipts(mill)
    assert [receipt.number for receipt in chain] == list(range(1, 25))
    assert list(chaining.breaks(chain)) == []


def test_nobody_changes_or_deletes_a_receipt(server: Server, mill: Workshop) -> None:
    erase(mill, f"{CANARY}.md")
    for statement in (b"update knowledge.erasure_receipts set reason = ''", b"delete from knowledge.erasure_receipts"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            mill.database.transaction(mill.organization_id) as connection,
        ):
            connection.execute(statement)
        with psycopg.connect(server.admin_conninfo()) as admin, pytest.raises(psycopg.errors.InsufficientPrivilege):
            admin.execute(statement)


def test_what_was_said_later_and_noted_of_a_conversation_goes_with_the_document_that_it_may_repeat(
    server: Server, mill: Workshop
) -> None:
    organization_id = mill.organization_id
    chatbot = open_chatbot(mill.database, organization_id, mill.source_id)
    with mill.database.transaction(organization_id) as connection:
        agents.create(connection, organization_id, chatbot_id=chatbot.id, name="notes", type="background")
    answered = ask(mill, chatbot, "What sleeps in the granary?")
    assert CANARY in answered.text
    assert background.work(mill.database, organization_id, ProviderModels()) == 1
    with mill.database.transaction(organization_id) as connection:
        assert CANARY in str(sessions.get(connection, organization_id, answered.session_id).context)
        later = messages.create(
            connection,
            organization_id,
            session_id=answered.session_id,
            role="assistant",
            content=f"The {CANARY}, as said.",
        )
        background_tasks.ask_for(
            connection, organization_id, chatbot_id=chatbot.id, session_id=answered.session_id
        )  # fmt: skip
        claimed = background_tasks.claim(connection, organization_id, seconds=60)
    assert claimed is not None
    reading = background._read(mill.database, organization_id, claimed)
    made = background._made(reading, ProviderModels(), claimed)
    erase(mill, f"{CANARY}.md")
    background._keep(mill.database, organization_id, claimed, reading, made)
    assert traces(server, mill, CANARY) == []
    with mill.database.transaction(organization_id) as connection:
        assert messages.get(connection, organization_id, later).content == messages.ERASED
        assert sessions.get(connection, organization_id, answered.session_id).context == {}


def test_an_answer_that_heard_what_was_erased_meanwhile_is_kept_without_its_words(
    server: Server, mill: Workshop
) -> None:
    chatbot = open_chatbot(mill.database, mill.organization_id, mill.source_id)
    first = ask(mill, chatbot, "What sleeps in the granary?")
    with mill.database.transaction(mill.organization_id) as connection:
        connection.execute("update bots.agents set max_documents = 1, model_name = 'chatty'")
    with OpenAIServer() as provider:
        provider.says = lambda told: f"As I said, the {CANARY}." if CANARY in str(told) else "Nothing."
        events = answers.answer(
            mill.database, mill.organization_id, chatbot=chatbot,
            asked=Asked("How often is the sluice gate greased?", session_id=first.session_id),
            models=ProviderModels(base_url=provider.base_url, api_key="sk-test"),
        )  # fmt: skip
        heard = [next(events)]
        erase(mill, f"{CANARY}.md")
        heard += list(events)
    assert isinstance(heard[-1], Answered)
    assert CANARY in heard[-1].text
    assert traces(server, mill, CANARY) == []
