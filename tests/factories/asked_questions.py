"""Questions as if they had been asked of a chatbot: with the rows that an answer leaves, and none of its work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot
from resources.foundation.database import Database
from resources.foundation.embedders import embedder_for

DAY = date(2026, 11, 20)
LEAVE = (
    "How many weeks of parental leave do I get?",
    "Is parental leave paid for fathers?",
    "Who approves my parental leave?",
    "When must I apply for parental leave?",
    "Can parental leave be split in two?",
    "parental leave after adoption",
)
SLUICE = (
    "When is the sluice gate greased?",
    "Who greases the sluice gate?",
    "How often do we grease the sluice gate?",
)
GOOD = tuple(
    f"{begins} {rest}?"
    for begins in ("What about", "Tell me about", "How is it with", "What do you know of", "And")
    for rest in (
        "rye flour and its price", "wet grain and the dryer", "the sluice in a flood", "opening hours of the shop",
        "weighing grain on the floor scale",
    )
)  # fmt: skip


def ask(
    database: Database,
    chatbot: Chatbot,
    organization_id: UUID,
    questions: Sequence[str],
    *,
    outcome: str = "no_answer",
    day: date = DAY,
    feedback: str | None = None,
    user_id: UUID | None = None,
) -> list[UUID]:
    """Keep these questions as if they had been asked, each in a conversation; the answers' ids."""
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)
    answers = []
    with database.transaction(organization_id) as connection:
        version = model_config_versions.get_active(connection, organization_id, chatbot.id)
        rows = connection.execute(
            "select id, document_id from knowledge.chunks where organization_id = %s "
            "order by document_id, chunk_index limit %s",
            [organization_id, 0 if outcome == "no_answer" else 1],
        ).fetchall()
        chunk_ids, document_ids = [row[0] for row in rows], [row[1] for row in rows]
        for question, vector in zip(questions, embedder_for().embed(list(questions)), strict=True):
            session, asked, answer = uuid4(), uuid4(), uuid4()
            connection.execute(
                "insert into conversations.sessions (organization_id, id, chatbot_id, user_id, created_at) "
                "values (%s, %s, %s, %s, %s)",
                [organization_id, session, chatbot.id, user_id, at],
            )
            for id, role, content in ((asked, "user", question), (answer, "assistant", "So.")):
                connection.execute(
                    "insert into conversations.messages (organization_id, id, session_id, role, content, created_at) "
                    "values (%s, %s, %s, %s, %s, %s)",
                    [organization_id, id, session, role, content, at],
                )
            connection.execute(
                "insert into conversations.interactions (organization_id, session_id, question_id, answer_id, "
                "question_digest, results, question_at, answer_at) "
                "values (%s, %s, %s, %s, sha256('x'), %s, %s, %s)",
                [organization_id, session, asked, answer, Jsonb({"outcome": outcome}), at, at],
            )
            connection.execute(
                "insert into conversations.retrieval_logs (organization_id, chatbot_id, session_id, message_id, "
                "model_config_version_id, query, query_embedding, retrieved_chunk_ids, retrieved_document_ids, "
                "similarity_scores, lexical_scores, dense_scores, retrieval_threshold, retrieval_k, elapsed_ms, "
                "created_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, 8, 5, %s)",
                [
                    organization_id,
                    chatbot.id,
                    session,
                    answer,
                    version.id,
                    question,
                    vector,
                    chunk_ids,
                    document_ids,
                    *[[0.5] * len(chunk_ids)] * 3,
                    at,
                ],
            )
            if feedback:
                connection.execute(
                    "insert into conversations.message_feedback (organization_id, message_id, feedback) "
                    "values (%s, %s, %s)",
                    [organization_id, answer, feedback],
                )
            answers.append(answer)
    return answers


def cite(database: Database, organization_id: UUID, answers: Sequence[UUID]) -> None:
    """Let these answers cite the document that comes first."""
    with database.transaction(organization_id) as connection:
        for answer in answers:
            connection.execute(
                "insert into conversations.citations (organization_id, message_id, citation_index, document_id, "
                "document_version_id, chunk_id, quote, start_char, end_char) "
                "select organization_id, %s, 1, document_id, document_version_id, id, 'The', 0, 3 "
                "from knowledge.chunks where organization_id = %s order by document_id, chunk_index limit 1",
                [answer, organization_id],
            )
