"""Models within the budget: those that cost money are asked no more once the month's is spent; what is free goes on."""

from __future__ import annotations

from uuid import UUID

from resources.bots.retrieval.advisers import Adviser
from resources.conversations.answering.models import Models
from resources.conversations.answering.speakers import Speaker
from resources.foundation.errors import Unavailable
from resources.foundation.inference import Embedder, Reranker
from resources.foundation.statements import Connection
from resources.identity import budgets


class OverBudget(Unavailable):
    """A model that is not asked, since it costs money and the budget is spent."""


class BudgetedModels:
    """The models of an organization for one question: as `models`, without those that its budget holds back.

    What answers that were begun meanwhile cost is spent beyond the budget. The vector of a question is made in any
    case: nothing is found by its meaning without it, and documents cost a thousand times as much.
    """

    def __init__(self, models: Models, held: frozenset[str]) -> None:
        self._models = models
        self._held = held

    def is_held(self, name: str) -> bool:
        """Whether the budget holds the model back."""
        return name in self._held

    def embedder(self, name: str) -> Embedder:
        """Return what turns questions into vectors."""
        return self._models.embedder(name)

    def speaker(self, name: str) -> Speaker:
        """Return who answers. Raises OverBudget."""
        if self.is_held(name):
            raise OverBudget(
                f"the budget of this month is spent, and the model {name} costs money: "
                "'millrace budget approve' allows more"
            )
        return self._models.speaker(name)

    def reranker(self, name: str | None) -> Reranker | None:
        """Return what orders passages; None, as where none is named, where it is held."""
        return None if name is not None and self.is_held(name.partition(":")[2]) else self._models.reranker(name)

    def adviser(self, name: str) -> Adviser | None:
        """Return a chat model that is asked in passing; None, as where there is none, where it is held."""
        return None if self.is_held(name) else self._models.adviser(name)


def within_budget(connection: Connection, organization_id: UUID, models: Models) -> Models:
    """The models as this organization may ask them now."""
    held = budgets.select_held_models(connection, organization_id)
    return BudgetedModels(models, held) if held else models
