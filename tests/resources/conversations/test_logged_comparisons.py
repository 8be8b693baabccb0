"""What was really asked is asked again by two versions: how far they differ is a number, and no question is kept."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from resources.bots.configurations import model_config_versions
from resources.bots.evaluation.trials import Openers
from resources.bots.records import Chatbot, ModelConfigVersion
from resources.conversations import logged_comparisons
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.logged_comparisons import LoggedComparison
from resources.conversations.records import Asked
from resources.foundation.database import Database
from tests.factories.library import MILL, open_chatbot, shelve
from tests.resources.bots.evaluation.test_retrieval_quality import CuriousEmbedder

QUESTIONS = ["How often is the sluice gate greased?", "What does rye flour cost?", "Who weighs every load of grain?"]


@pytest.fixture
def chatbot(database: Database, organization_id: UUID) -> Chatbot:
    return open_chatbot(database, organization_id, shelve(database, organization_id, MILL))


def ask(database: Database, organization_id: UUID, chatbot: Chatbot, *questions: str) -> None:
    for question in questions:
        list(
            answers.answer(
                database, organization_id, chatbot=chatbot, asked=Asked(question), models=ProviderModels()
            )
        )  # fmt: skip


def active(database: Database, organization_id: UUID, chatbot: Chatbot) -> ModelConfigVersion:
    with database.transaction(organization_id) as connection:
        return model_config_versions.get_active(connection, organization_id, chatbot.id)


def compare(
    database: Database, organization_id: UUID, baseline: ModelConfigVersion, candidate: ModelConfigVersion
) -> LoggedComparison | None:
    embedder = CuriousEmbedder(database, organization_id)
    return logged_comparisons.evaluate(
        database, organization_id, baseline=baseline, candidate=candidate,
        openers=Openers(lambda _: embedder, lambda _: None),
    )  # fmt: skip


def make(database: Database, organization_id: UUID, version: ModelConfigVersion, **values: float) -> ModelConfigVersion:
    with database.transaction(organization_id) as connection:
        wanted = replace(model_config_versions.values_of(version), **values)  # type: ignore[arg-type]
        return model_config_versions.create(connection, organization_id, version.chatbot_id, wanted)


def test_versions_that_find_the_same_differ_in_nothing(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    ask(database, organization_id, chatbot, *QUESTIONS, QUESTIONS[0])
    version = active(database, organization_id, chatbot)
    found = compare(database, organization_id, version, make(database, organization_id, version))
    assert found is not None
    assert (found.asked, found.both_found, found.won, found.lost, found.neither_found) == (3, 3, 0, 0, 0)
    assert (found.overlap, found.mean_move, found.moved, found.first_changed) == (1.0, 0.0, 0, 0)
    assert (found.overlap_low, found.mean_move_high) == (None, None), "of three questions no interval is told"
    assert found.asked_since is not None
    assert found.asked_until is not None
    assert found.asked_since < found.asked_until < found.created_at


def test_a_version_that_refuses_is_seen_to_lose_and_its_overlap_is_no_zero_that_was_measured(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    ask(database, organization_id, chatbot, *QUESTIONS)
    version = active(database, organization_id, chatbot)
    strict = make(database, organization_id, version, similarity_threshold=0.99)
    lost = compare(database, organization_id, version, strict)
    assert lost is not None
    assert (lost.lost, lost.won, lost.both_found, lost.overlap, lost.mean_move) == (3, 0, 0, 0.0, None)
    won = compare(database, organization_id, strict, version)
    assert won is not None
    assert (won.won, won.lost) == (3, 0)
    neither = compare(database, organization_id, strict, strict)
    assert neither is not None
    assert (neither.neither_found, neither.overlap, neither.overlapping) == (3, None, 0)
    with database.transaction(organization_id) as connection:
        assert won == logged_comparisons.find_latest(
            connection, organization_id, baseline_id=strict.id, candidate_id=version.id
        )


def test_what_was_never_asked_or_deleted_is_not_compared(
    database: Database, organization_id: UUID, chatbot: Chatbot
) -> None:
    version = active(database, organization_id, chatbot)
    assert compare(database, organization_id, version, version) is None
    ask(database, organization_id, chatbot, QUESTIONS[0])
    with database.transaction(organization_id) as connection:
        connection.execute("update conversations.sessions set deleted_at = now()")
    assert compare(database, organization_id, version, version) is None
