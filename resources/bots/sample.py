"""The sample that ships with the product: a small handbook, and questions that measure how well it is found."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from resources.bots.question_sets import evaluation_judgments, evaluation_queries, evaluation_sets
from resources.bots.records import EvaluationJudgment, EvaluationSet, NewQuery
from resources.foundation.statements import Connection
from resources.knowledge.documents import document_versions, documents

_FOLDER = Path(__file__).resolve().parents[1] / "sample"
HANDBOOK = _FOLDER / "handbook"
QUESTIONS = _FOLDER / "questions.jsonl"
FIRST_QUESTION = "What do I get per kilometre if I drive my own car?"
SET_NAME = "sample questions"


def load_questions(
    connection: Connection, organization_id: UUID, *, chatbot_id: UUID, source_id: UUID
) -> EvaluationSet:
    """Make the sample's questions an evaluation set of the chatbot, answered by documents of this source."""
    asked = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    chosen = evaluation_sets.ensure(
        connection, organization_id, chatbot_id=chatbot_id, name=SET_NAME,
        description="Forty questions that the sample handbook answers, and eight that it does not.",
    )  # fmt: skip
    new = [NewQuery(question["id"], question["text"], is_answerable=bool(question["document"])) for question in asked]
    evaluation_queries.replace(connection, organization_id, chosen.id, new)
    queries = evaluation_queries.select_all(connection, organization_id, chosen.id)
    ids = {query.external_id: query.id for query in queries}
    judgments = []
    for question in asked:
        path, quote = question["document"], question["quote"]
        document = path and documents.find_by_path(connection, organization_id, source_id=source_id, path=path)
        if not document or document.current_version_id is None:
            continue
        text = document_versions.get_text(connection, organization_id, document.current_version_id)
        place = re.search(r"\s+".join(map(re.escape, quote.split())), text)
        judgment = EvaluationJudgment(ids[question["id"]], document.id)
        judgments.append(replace(judgment, quote=place[0], start_char=place.start()) if place else judgment)
    evaluation_judgments.replace(connection, organization_id, chosen.id, judgments)
    return chosen
