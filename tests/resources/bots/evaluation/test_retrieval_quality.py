"""Retrieval, measured on an evaluation set by the search that serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest

from resources.bots import chatbots
from resources.bots.configurations import model_config_versions
from resources.bots.evaluation import evaluation_runs, evaluation_scores, retrieval_quality
from resources.bots.question_sets import evaluation_judgments, evaluation_queries, evaluation_sets
from resources.bots.records import Chatbot, EvaluationJudgment, ModelConfigVersion, NewQuery, QueryUnderstanding
from resources.bots.retrieval.advisers import Adviser
from resources.foundation.database import Database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.errors import Misconfigured, Missing
from resources.foundation.inference import Reranker, Vectors
from resources.foundation.openai_provider import RemoteSpeaker
from resources.identity import expenses
from resources.knowledge.documents import documents
from tests.factories.embedders import HashEmbedder
from tests.factories.library import MILL, open_chatbot, shelve
from tests.factories.rerankers import FailingReranker, LikingReranker, using
from tests.fixtures.openai_server import OpenAIServer

SCALE = "weighs every load of grain"
QUERY_UNDERSTANDINGS: tuple[QueryUnderstanding, ...] = ("none", "subquestions")


@dataclass(frozen=True)
class Exam:
    """A chatbot that reads the little library, and a set of questions on it."""

    chatbot: Chatbot
    evaluation_set_id: UUID
    paths: dict[str, UUID]


@pytest.fixture
def exam(database: Database, organization_id: UUID) -> Exam:
    source_id = shelve(database, organization_id, MILL)
    chatbot = open_chatbot(database, organization_id, source_id)
    with database.transaction(organization_id) as connection:
        known = documents.select_of_source(connection, organization_id, source_id)
        chosen = evaluation_sets.ensure(connection, organization_id, chatbot_id=chatbot.id, name="mill")
    return Exam(chatbot, chosen.id, {document.file_path: document.id for document in known})


def set_questions(
    database: Database, organization_id: UUID, exam: Exam, queries: Sequence[NewQuery], answers: dict[str, str]
) -> dict[str, UUID]:
    """Questions, and for each the path of the document that answers; their ids by external id."""
    with database.transaction(organization_id) as connection:
        evaluation_queries.replace(connection, organization_id, exam.evaluation_set_id, queries)
        rows = evaluation_queries.select_all(connection, organization_id, exam.evaluation_set_id)
        ids = {row.external_id: row.id for row in rows}
        judgments = [EvaluationJudgment(ids[query], exam.paths[path]) for query, path in answers.items()]
        evaluation_judgments.replace(connection, organization_id, exam.evaluation_set_id, judgments)
    return ids


class CuriousEmbedder(EmbeddedModel):
    """Uses the database while it thinks, which deadlocks when the only connection is held meanwhile."""

    def __init__(self, database: Database, organization_id: UUID) -> None:
        super().__init__()
        self._database, self._organization_id = database, organization_id

    def embed(self, texts: Sequence[str]) -> Vectors:
        with self._database.transaction(self._organization_id) as connection:
            connection.execute("select 1")
        return super().embed(texts)


def test_a_measurement_is_kept_with_its_scores(database: Database, organization_id: UUID, exam: Exam) -> None:
    questions = [NewQuery("1", "Who weighs the grain?"), NewQuery("2", "When is the sluice greased?", slice="gates")]
    ids = set_questions(database, organization_id, exam, questions, {"1": "grain.md", "2": "sluice.md"})
    start = MILL["grain.md"].index(SCALE)
    quoted = EvaluationJudgment(ids["1"], exam.paths["grain.md"], 1, SCALE, start)
    with database.transaction(organization_id) as connection:
        known = evaluation_judgments.select_all(connection, organization_id, exam.evaluation_set_id)
        evaluation_judgments.replace(connection, organization_id, exam.evaluation_set_id, [*known, quoted])
        config = model_config_versions.get_active(connection, organization_id, exam.chatbot.id)
    measured = retrieval_quality.measure(
        database, organization_id, exam.evaluation_set_id, config,
        embedder=CuriousEmbedder(database, organization_id), run_id="run-7",
    )  # fmt: skip
    assert measured.score("ndcg_at_10").value == 1.0
    assert measured.score("ndcg_at_10", "gates").queries == 1
    assert (measured.score("span_recall_at_5").value, measured.score("span_recall_at_5").queries) == (1.0, 1)
    assert measured.score("span_recall_at_5", "gates").value is None
    with database.transaction(organization_id) as connection:
        assert evaluation_runs.select_latest(connection, organization_id, exam.evaluation_set_id) == [measured.run]
        kept = evaluation_scores.select_all(connection, organization_id, measured.run.id)
    assert (measured.run.queries, measured.run.dagster_run_id) == (2, "run-7")
    assert set(kept) == set(measured.scores)


def test_a_question_of_one_source_is_asked_of_that_source_alone(
    database: Database, organization_id: UUID, exam: Exam
) -> None:
    other = shelve(database, organization_id, {"other.md": "Nothing is said here of any load."}, name="other")
    questions = [NewQuery("1", "Who weighs the grain?", data_source_id=other)]
    set_questions(database, organization_id, exam, questions, {"1": "grain.md"})
    with database.transaction(organization_id) as connection:
        config = model_config_versions.get_active(connection, organization_id, exam.chatbot.id)
    measured = retrieval_quality.measure(
        database, organization_id, exam.evaluation_set_id, config, embedder=EmbeddedModel()
    )
    assert measured.score("recall_at_100").value == 0.0


def reranking_config(database: Database, organization_id: UUID, exam: Exam) -> ModelConfigVersion:
    with database.transaction(organization_id) as connection:
        return model_config_versions.ensure_active(
            connection, organization_id, exam.chatbot.id, embedding_model="wordllama-256", llm_model="extractive",
            reranker_model="rerank:judge",
        )  # fmt: skip


def test_what_is_measured_is_what_a_reranker_makes_of_it(database: Database, organization_id: UUID, exam: Exam) -> None:
    set_questions(database, organization_id, exam, [NewQuery("1", "Who weighs the grain?")], {"1": "grain.md"})
    config = reranking_config(database, organization_id, exam)

    def measured(reranker: Reranker) -> tuple[float | None, float | None]:
        scores = retrieval_quality.measure(
            database, organization_id, exam.evaluation_set_id, config, embedder=EmbeddedModel(), reranker=reranker
        )
        return scores.score("mrr_at_10").value, scores.score("reranked").value

    assert measured(LikingReranker("grain", thinks=using(database, organization_id))) == (1.0, 1.0)
    assert measured(LikingReranker("shop")) == (0.5, 1.0)
    assert measured(FailingReranker()) == (1.0, 0.0)
    with database.transaction(organization_id) as connection:
        spent = expenses.select_of_month(connection, organization_id)
    assert [(one.kind, one.model, one.tokens) for one in spent] == [("questions", "judge", 14)]


def test_a_configuration_is_not_measured_without_its_reranker(
    database: Database, organization_id: UUID, exam: Exam
) -> None:
    set_questions(database, organization_id, exam, [NewQuery("1", "Who weighs the grain?")], {"1": "grain.md"})
    config = reranking_config(database, organization_id, exam)
    for reranker in (None, LikingReranker("grain", name="rerank:other")):
        with pytest.raises(Misconfigured, match="rerank:judge"):
            retrieval_quality.measure(
                database, organization_id, exam.evaluation_set_id, config, embedder=EmbeddedModel(), reranker=reranker
            )


def test_questions_are_measured_as_the_configuration_has_them_understood_and_not_without(
    database: Database, organization_id: UUID, exam: Exam
) -> None:
    set_questions(
        database, organization_id, exam, [NewQuery("1", "What does rye flour cost in the shop?")], {"1": "grain.md"}
    )
    with database.transaction(organization_id) as connection:
        plain, parting = (
            model_config_versions.ensure_active(
                connection, organization_id, exam.chatbot.id, embedding_model="wordllama-256", llm_model="chatty",
                query_understanding=mode,
            )
            for mode in QUERY_UNDERSTANDINGS
        )  # fmt: skip

    def rank(config: ModelConfigVersion, adviser: Adviser | None) -> float | None:
        return retrieval_quality.measure(
            database, organization_id, exam.evaluation_set_id, config, adviser=adviser,
            embedder=CuriousEmbedder(database, organization_id),
        ).score("mrr_at_10").value  # fmt: skip

    with OpenAIServer() as server:
        server.says = lambda _: '{"question": "Who weighs the grain?", "parts": ["Who weighs each load of grain?"]}'
        adviser = RemoteSpeaker("chatty", base_url=server.base_url, api_key="sk", retries=0)
        assert rank(plain, adviser) in (1 / 2, 1 / 3)
        assert server.requests == []
        assert (rank(parting, adviser), len(server.requests)) == (1.0, 1)
    with database.transaction(organization_id) as connection:
        (spent,) = expenses.select_of_month(connection, organization_id)
    assert (spent.kind, spent.model) == ("questions", "chatty")
    assert spent.tokens > 0
    with pytest.raises(Misconfigured, match="has chatty part questions: it cannot be measured without"):
        rank(parting, None)


def test_a_text_that_stands_twice_is_measured_as_it_is_served_once(
    database: Database, organization_id: UUID, exam: Exam
) -> None:
    copies = {f"copy-{number}.md": MILL["grain.md"].split("\n\n")[0] for number in range(9)}
    twice = shelve(database, organization_id, {**copies, "zz.md": "Of grain the old miller knows all."}, name="copies")
    with database.transaction(organization_id) as connection:
        chatbots.attach_source(connection, organization_id, exam.chatbot.id, twice)
        config = model_config_versions.get_active(connection, organization_id, exam.chatbot.id)
        exam.paths.update(
            {one.file_path: one.id for one in documents.select_of_source(connection, organization_id, twice)}
        )
    question = NewQuery("1", "Who weighs the grain?", data_source_id=twice)
    set_questions(database, organization_id, exam, [question], {"1": "zz.md"})
    measured = retrieval_quality.measure(
        database, organization_id, exam.evaluation_set_id, config, embedder=EmbeddedModel()
    )
    assert measured.score("mrr_at_10").value == 0.5


def test_a_set_without_judgments_or_vectors_says_so(database: Database, organization_id: UUID, exam: Exam) -> None:
    set_questions(database, organization_id, exam, [NewQuery("1", "Who weighs the grain?")], {})
    with database.transaction(organization_id) as connection:
        config = model_config_versions.get_active(connection, organization_id, exam.chatbot.id)
    with pytest.raises(Missing, match="no question with a judgment"):
        retrieval_quality.measure(
            database, organization_id, exam.evaluation_set_id, config, embedder=EmbeddedModel()
        )  # fmt: skip
    set_questions(database, organization_id, exam, [NewQuery("1", "Who weighs the grain?")], {"1": "grain.md"})
    with pytest.raises(Missing, match="nothing is embedded by hash"):
        retrieval_quality.measure(
            database, organization_id, exam.evaluation_set_id, config, embedder=HashEmbedder()
        )  # fmt: skip


def test_questions_that_stay_keep_their_id_and_the_others_go(
    database: Database, organization_id: UUID, exam: Exam
) -> None:
    before = set_questions(database, organization_id, exam, [NewQuery("1", "old"), NewQuery("2", "gone")], {})
    after = set_questions(database, organization_id, exam, [NewQuery("1", "new", slice="s"), NewQuery("3", "more")], {})
    assert after["1"] == before["1"]
    with database.transaction(organization_id) as connection:
        rows = evaluation_queries.select_all(connection, organization_id, exam.evaluation_set_id)
    assert [(row.external_id, row.question, row.slice) for row in rows] == [("1", "new", "s"), ("3", "more", None)]


def test_the_same_words_at_two_places_are_two_judgments(database: Database, organization_id: UUID, exam: Exam) -> None:
    ids = set_questions(database, organization_id, exam, [NewQuery("1", "grain?")], {})
    places = [EvaluationJudgment(ids["1"], exam.paths["grain.md"], 1, "grain", start) for start in (5, 26, 26, None)]
    with database.transaction(organization_id) as connection:
        evaluation_judgments.replace(connection, organization_id, exam.evaluation_set_id, places)
        known = evaluation_judgments.select_all(connection, organization_id, exam.evaluation_set_id)
    assert [judgment.start_char for judgment in known] == [5, 26, None]


def test_a_set_goes_with_its_name_and_a_removed_chatbot_hides_it(
    database: Database, organization_id: UUID, exam: Exam
) -> None:
    with database.transaction(organization_id) as connection:
        again = evaluation_sets.ensure(
            connection, organization_id, chatbot_id=exam.chatbot.id, name="mill", description="new"
        )
        assert (again.id, again.description) == (exam.evaluation_set_id, "new")
        assert evaluation_sets.get(connection, organization_id, again.id) == again
        assert evaluation_sets.select_all(connection, organization_id) == [again]
        connection.execute("update bots.chatbots set deleted_at = now()")
        assert evaluation_sets.select_all(connection, organization_id) == []
