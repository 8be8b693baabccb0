"""A sync pays before it asks a model, never more than the budget holds, and goes on when there is money again."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from resources.foundation.counting import estimated_tokens
from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Unavailable
from resources.foundation.inference import Vectors
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.identity import budgets, expenses, model_prices
from resources.identity.expenses import BudgetReached
from resources.identity.records import Budget, BudgetAction, Price
from resources.knowledge.documents import sync_failures
from resources.knowledge.intake import publications
from resources.knowledge.records import ChunkingRule, TrainingJob
from resources.knowledge.sources import training_jobs
from tests.conftest import make_organization
from tests.factories.embedders import FailingEmbedder, HashEmbedder
from tests.factories.workshops import Workshop, make_workshop

PER_MILLION = Decimal(1_000_000)  # so a token costs one crown


def set_price(workshop: Workshop, price: Decimal = PER_MILLION) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        model_prices.replace(connection, workshop.organization_id, Price(workshop.embedder.name, price, Decimal(0)))


def set_budget(workshop: Workshop, amount: int, action: BudgetAction = "block") -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        budgets.replace(
            connection, workshop.organization_id, amount=Decimal(amount), currency="CZK", action=action
        )  # fmt: skip


def budget_of(workshop: Workshop) -> Budget:
    with workshop.database.transaction(workshop.organization_id) as connection:
        found = budgets.find_of_month(connection, workshop.organization_id)
    assert found is not None
    return found


def latest(workshop: Workshop) -> TrainingJob:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return training_jobs.select_latest(connection, workshop.organization_id)[0]


def unsettled(workshop: Workshop) -> int:
    return len(workshop.rows(b"select from identity.expenses where not is_settled"))


def tokens_of(texts: Sequence[str]) -> int:
    return sum(map(estimated_tokens, texts))


def paragraphs(count: int, word: str = "sack") -> str:
    return "\n\n".join(f"Paragraph {n} is about {word} number {n}, and nothing else at all." for n in range(count))


def test_a_sync_tells_what_it_gave_to_the_model_and_what_that_cost(workshop: Workshop) -> None:
    embedder = HashEmbedder()
    workshop.embedder = embedder
    set_price(workshop, Decimal("0.02"))
    workshop.write("a.txt", paragraphs(90))
    workshop.sync()
    job = latest(workshop)
    assert job.tokens == tokens_of(embedder.asked) > 1_000
    assert job.cost == pytest.approx(Decimal("0.00000002") * job.tokens, abs=Decimal("0.000001"))
    with workshop.database.transaction(workshop.organization_id) as connection:
        (spent,) = expenses.select_of_month(connection, workshop.organization_id)
    assert (spent.kind, spent.model, spent.tokens, spent.cost) == ("embedding", "hash", job.tokens, job.cost)
    assert (spent.reserved, spent.unpriced_tokens) == (Decimal(0), 0)


def test_a_model_without_a_price_costs_nobody_knows_what(workshop: Workshop) -> None:
    set_budget(workshop, 0)
    workshop.write("a.txt", "Rye costs three crowns a sack.")
    workshop.sync()
    assert (latest(workshop).tokens, latest(workshop).cost) == (8, None)
    with workshop.database.transaction(workshop.organization_id) as connection:
        (spent,) = expenses.select_of_month(connection, workshop.organization_id)
    assert (spent.cost, spent.unpriced_tokens) == (None, 8)


def test_the_embedded_model_is_free_and_asks_no_budget(workshop: Workshop) -> None:
    workshop.embedder = HashEmbedder(name=EMBEDDED_MODEL)
    set_budget(workshop, 0)
    workshop.write("a.txt", "Rye costs three crowns a sack.")
    workshop.sync()
    assert (latest(workshop).tokens, latest(workshop).cost) == (8, Decimal(0))
    assert workshop.rows(b"select from identity.expenses") == []


def test_a_budget_that_is_reached_ends_the_sync_loses_nothing_and_the_next_goes_on(workshop: Workshop) -> None:
    embedder = HashEmbedder()
    workshop.embedder = embedder
    workshop.rule = ChunkingRule(size=64)
    set_price(workshop)
    set_budget(workshop, 8_500)
    workshop.write("a.txt", paragraphs(publications.BATCH + 50))
    with pytest.raises(BudgetReached, match="raise it with 'millrace budget set'") as raised:
        workshop.sync()
    paid = tokens_of(embedder.asked)
    assert len(embedder.asked) == workshop.vectors() == publications.BATCH
    assert budget_of(workshop).spent == latest(workshop).cost == paid
    assert unsettled(workshop) == 0
    assert (latest(workshop).status, latest(workshop).reason) == ("failed", str(raised.value))
    for said in (f"{paid:,}.00 of 8,500.00 CZK are spent", f"about {raised.value.cost:,.2f} CZK"):
        assert said in str(raised.value)
    with workshop.database.transaction(workshop.organization_id) as connection:
        (failure,) = sync_failures.select_all(connection, workshop.organization_id)
    assert (failure.file_path, failure.stage, failure.outcome) == (".", "embedding", "budget")
    assert workshop.rows(b"select event, times from identity.notifications where event = 'budget_reached'") == [
        ("budget_reached", 1)
    ]

    with pytest.raises(BudgetReached):
        workshop.sync()
    assert len(embedder.asked) == publications.BATCH
    set_budget(workshop, 1_000_000)
    counts = workshop.sync()
    assert (counts.unchanged, counts.chunks, list(workshop.visible())) == (1, 0, ["a.txt"])
    assert len(embedder.asked) == len(set(embedder.asked)) == workshop.vectors()
    # what was told to be needed is what it then took
    assert tokens_of(embedder.asked) - paid == raised.value.cost
    assert workshop.rows(b"select from knowledge.sync_failures") == []
    assert workshop.rows(
        b"select times from identity.notifications where event = 'budget_reached' and closed_at is not null"
    ) == [(2,)]


def test_a_budget_that_asks_goes_on_when_what_it_said_is_approved(workshop: Workshop) -> None:
    workshop.rule = ChunkingRule(size=64)
    set_price(workshop)
    set_budget(workshop, 8_500, "ask")
    workshop.write("a.txt", paragraphs(publications.BATCH + 50))
    with pytest.raises(BudgetReached, match="millrace budget approve handbook --extra") as raised:
        workshop.sync()
    extra = Decimal(str(raised.value).split("--extra ")[1].rstrip("'"))
    with workshop.database.transaction(workshop.organization_id) as connection:
        budgets.approve(connection, workshop.organization_id, amount=extra, approved_by="mia")
    workshop.sync()
    assert list(workshop.visible()) == ["a.txt"]
    assert Decimal(0) <= budget_of(workshop).left < 2


def test_what_was_reserved_is_taken_back_when_the_model_fails(workshop: Workshop) -> None:
    workshop.embedder = FailingEmbedder(answers=0)
    set_price(workshop)
    set_budget(workshop, 100)
    workshop.write("a.txt", "Rye costs three crowns a sack.")
    with pytest.raises(Unavailable):
        workshop.sync()
    assert workshop.rows(b"select from identity.expenses") == []
    assert budget_of(workshop).spent == 0


def test_what_a_killed_process_reserved_stays_counted(workshop: Workshop) -> None:
    class Killed(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            raise KeyboardInterrupt

    workshop.embedder = Killed()
    set_price(workshop)
    set_budget(workshop, 100)
    workshop.write("a.txt", "Rye costs three crowns a sack.")
    with pytest.raises(KeyboardInterrupt):
        workshop.sync()
    assert (unsettled(workshop), budget_of(workshop).spent) == (1, Decimal(8))


def test_two_sources_at_once_never_overspend(server: Server, organization_id: UUID, tmp_path: Path) -> None:
    """Each of eight asks for a batch at the same time; the budget holds three of them."""
    with open_database(server, "millrace_pipeline", most=8) as database:
        shops = [make_workshop(database, organization_id, tmp_path, name=f"source{n}") for n in range(8)]
        starting = threading.Barrier(len(shops))

        class Together(HashEmbedder):
            def embed(self, texts: Sequence[str]) -> Vectors:
                asked.append(tokens_of(texts))
                return super().embed(texts)

        asked: list[int] = []
        for n, shop in enumerate(shops):
            shop.embedder = Together()
            shop.write("a.txt", f"Rye costs {n} crowns a sack!")
            shop.bring("run")
            shop.cut(run_id="run")
            shop.recipes()
        set_price(shops[0])
        set_budget(shops[0], 3 * tokens_of(["Rye costs 0 crowns a sack!"]) + 4)
        outcomes: list[str] = []

        def embed(shop: Workshop) -> None:
            starting.wait()
            try:
                shop.embed("run")
                outcomes.append("embedded")
            except BudgetReached:
                outcomes.append("reached")

        threads = [threading.Thread(target=embed, args=[shop]) for shop in shops]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        budget = budget_of(shops[0])
    assert sum(asked) == budget.spent <= budget.amount
    assert sorted(outcomes) == ["embedded"] * len(asked) + ["reached"] * (8 - len(asked))
    assert outcomes.count("embedded") == 3


def test_nobody_pays_from_another_budget(workshop: Workshop, database: Database, tmp_path: Path) -> None:
    set_price(workshop)
    set_budget(workshop, 0)
    other = make_workshop(database, make_organization(database, "other"), tmp_path, name="other")
    set_price(other)
    other.write("a.txt", "Rye costs three crowns a sack.")
    other.sync()
    assert latest(other).cost == 8
    assert budget_of(workshop).spent == 0
