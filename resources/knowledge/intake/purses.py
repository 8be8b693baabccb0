"""Purses: what a sync pays for vectors, set aside before a model is asked and told in the sync's training job.

What is set aside stays counted when the process dies before the vectors are stored: the provider may have been paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from psycopg.rows import class_row

from resources.foundation.counting import estimated_tokens
from resources.foundation.database import Database
from resources.foundation.errors import MillraceError
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.statements import Connection, statements_for
from resources.identity import expenses, model_prices, pricing
from resources.identity.expenses import BudgetReached
from resources.knowledge.chunks.contextualizing import contextual
from resources.knowledge.intake import leases
from resources.knowledge.intake.leases import Lease
from resources.knowledge.records import Recipe, Unembedded
from resources.knowledge.sources import data_sources, training_jobs

SQL = statements_for(__name__)
_AT_ONCE = 2_000


@dataclass(frozen=True)
class Payment:
    """What one batch costs. `expense_id` None: it is free. `cost` None: nobody knows the model's price."""

    expense_id: UUID | None
    tokens: int
    cost: Decimal | None


class Purse:
    """Pays for the vectors of one sync."""

    def __init__(self, database: Database, organization_id: UUID, lease: Lease) -> None:
        self._database = database
        self._organization_id = organization_id
        self._lease = lease

    @contextmanager
    def paying(self, model: str, recipe: Recipe, texts: Sequence[str]) -> Iterator[Payment]:
        """Set aside what these texts cost, for as long as the model thinks; taken back where it fails.

        Raises BudgetReached, before anything is asked, when the budget of this month does not hold it; Conflict when
        another sync took the source over.
        """
        tokens = sum(map(estimated_tokens, texts))
        if model == EMBEDDED_MODEL:
            yield Payment(None, tokens, Decimal(0))
            return
        payment = self._reserved(model, recipe, tokens)
        try:
            yield payment
        except MillraceError:
            if payment.expense_id is not None:
                with self._database.transaction(self._organization_id) as connection:
                    expenses.release(connection, self._organization_id, payment.expense_id)
            raise

    def settle(self, connection: Connection, payments: Sequence[Payment]) -> None:
        """The vectors of these batches are stored in this transaction; the sync says what they took."""
        if not payments:
            return
        ids = [payment.expense_id for payment in payments if payment.expense_id is not None]
        if ids:
            expenses.settle(connection, self._organization_id, ids)
        job_id = training_jobs.find_open(connection, self._organization_id, self._lease.data_source_id)
        for payment in payments:
            if job_id is not None:
                training_jobs.spend(
                    connection, self._organization_id, job_id, tokens=payment.tokens, cost=payment.cost
                )  # fmt: skip

    def _reserved(self, model: str, recipe: Recipe, tokens: int) -> Payment:
        try:
            with leases.writing(self._database, self._organization_id, self._lease) as connection:
                price = model_prices.find_for(connection, self._organization_id, model)
                cost = pricing.cost(price, read=tokens)
                id = expenses.reserve(connection, self._organization_id, model=model, tokens=tokens, cost=cost)
            return Payment(id, tokens, cost)
        except BudgetReached as error:
            reached = error
        raise self._told(reached, model, recipe)

    def _told(self, reached: BudgetReached, model: str, recipe: Recipe) -> BudgetReached:
        """The same, in words that name the limit, what was spent, what is needed, and the remedy."""
        budget, organization_id = reached.budget, self._organization_id
        with self._database.transaction(organization_id) as connection:
            name, _ = data_sources.get_owner(connection, organization_id, self._lease.data_source_id)
            price = model_prices.find_for(connection, organization_id, model)
            waiting = self._waiting_tokens(connection, recipe)
        needed = max(pricing.cost(price, read=waiting) or reached.cost, reached.cost)
        lacking = needed - max(budget.left, Decimal(0))
        remedy = (
            f"allow more with 'millrace budget approve {name} --extra {pricing.upwards(lacking)}'"
            if budget.action == "ask"
            else "raise it with 'millrace budget set', or wait for the next month"
        )
        limit = pricing.shown(budget.limit)
        return BudgetReached(
            f"the budget of this month is reached: {pricing.shown(budget.spent)} of {limit} {budget.currency} are "
            f"spent, and the vectors that source {name!r} lacks cost about {pricing.shown(needed)} {budget.currency}. "
            f"What is done stays, the next sync goes on from there; {remedy}",
            budget=budget, cost=needed,
        )  # fmt: skip

    def _waiting_tokens(self, connection: Connection, recipe: Recipe) -> int:
        with connection.cursor("purse", row_factory=class_row(Unembedded)) as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(
                SQL["select_waiting"],
                {
                    "organization_id": self._organization_id, "data_source_id": self._lease.data_source_id,
                    "recipe": recipe.name, "embedding_model_id": recipe.embedding_model_id,
                },
            )  # fmt: skip
            return sum(estimated_tokens(contextual(each.title, each.section_title, each.content)) for each in cursor)
