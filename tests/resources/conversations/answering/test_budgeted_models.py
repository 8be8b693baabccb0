"""Where the budget of the month is spent, what costs money is not asked, and what is free answers and says so."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from resources.conversations.answering import answers
from resources.conversations.answering.budgeted_models import within_budget
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database
from resources.identity import budgets, model_prices
from resources.identity.records import Price
from tests.factories.library import MILL, open_chatbot, shelve
from tests.fixtures.openai_server import OpenAIServer

QUESTION = "How often is the sluice gate greased?"
TOLD = "The sluice gate is greased every second Monday [1]."


def test_a_model_that_costs_money_answers_until_the_budget_is_spent_and_again_when_more_is_approved(
    database: Database, organization_id: UUID
) -> None:
    source_id = shelve(database, organization_id, MILL)
    chatbot = open_chatbot(database, organization_id, source_id, llm_model="chatty")
    with database.transaction(organization_id) as connection:
        model_prices.replace(connection, organization_id, Price("chatty", Decimal(1_000_000), Decimal(0)))
        budgets.replace(connection, organization_id, amount=Decimal(1), currency="EUR", action="ask")

    def ask() -> Answered:
        with database.transaction(organization_id) as connection:
            models = within_budget(connection, organization_id, shared)
        *_, last = answers.answer(database, organization_id, chatbot=chatbot, asked=Asked(QUESTION), models=models)
        assert isinstance(last, Answered)
        return last

    with OpenAIServer() as server:
        server.says = lambda messages: TOLD
        shared = ProviderModels(base_url=server.base_url, api_key="sk-test")
        first, second = ask(), ask()
        assert len(server.requests) == 1
        with database.transaction(organization_id) as connection:
            budgets.approve(connection, organization_id, amount=Decimal(1_000_000), approved_by="mia")
        third = ask()
    assert [each.answered_by for each in (first, second, third)] == ["chatty", "extractive", "chatty"]
    assert (second.instead_of, second.outcome) == ("chatty", "answered")
    (tried,) = second.tried
    assert tried == (
        "chatty",
        "the budget of this month is spent, and the model chatty costs money: 'millrace budget approve' allows more",
    )
    assert second.citations


def test_a_held_model_neither_advises_nor_reranks_and_one_without_a_price_does(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        model_prices.replace(connection, organization_id, Price("chatty", Decimal(1), Decimal(0)))
        budgets.replace(connection, organization_id, amount=Decimal(0), currency="EUR", action="block")
        models = within_budget(connection, organization_id, ProviderModels(base_url="http://127.0.0.1:9/v1"))
    assert models.adviser("chatty") is None
    assert models.reranker("llm:chatty") is None
    assert models.adviser("other") is not None
    assert models.reranker("llm:other") is not None
    assert models.reranker(None) is None
    assert models.speaker("extractive").name == "extractive"
