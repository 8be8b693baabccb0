"""Thrift: models that cost money are asked no more once the month's budget is spent; what is free goes on."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

from resources.bots.advisers import Adviser
from resources.conversations.models import Models
from resources.conversations.speakers import EXTRACTIVE, Speaker
from resources.foundation.database import Database
from resources.foundation.errors import Unavailable
from resources.foundation.inference import Embedder, Reranker
from resources.identity import budgets


class Held(Unavailable):
    """A model that is not asked, since it costs money and the budget is spent."""


class Thrifty:
    """The models of an organization for one question: as `models`, without those that its budget does not allow.

    What answers that were begun meanwhile cost is spent beyond the budget. The vector of a question is made in any
    case: nothing is found by its meaning without it, and documents cost a thousand times as much.
    """

    def __init__(self, models: Models, database: Database, organization_id: UUID) -> None:
        self._models = models
        self._database = database
        self._organization_id = organization_id

    def embedder(self, name: str) -> Embedder:
        """Return what turns questions into vectors."""
        return self._models.embedder(name)

    def speaker(self, name: str) -> Speaker:
        """Return who answers. Raises Held."""
        if self._is_held(name):
            raise Held(f"the budget of this month is spent, and the model {name} costs money")
        return self._models.speaker(name)

    def reranker(self, name: str | None) -> Reranker | None:
        """Return what orders passages; None, as where none is named, where it is held."""
        return None if name is not None and self._is_held(name.partition(":")[2]) else self._models.reranker(name)

    def adviser(self, name: str) -> Adviser | None:
        """Return a chat model that is asked in passing; None, as where there is none, where it is held."""
        return None if self._is_held(name) else self._models.adviser(name)

    def _is_held(self, model: str) -> bool:
        return model != EXTRACTIVE and model in self._held

    @cached_property
    def _held(self) -> frozenset[str]:
        with self._database.exchange(self._organization_id) as connection:
            return budgets.select_held_models(connection, self._organization_id)
