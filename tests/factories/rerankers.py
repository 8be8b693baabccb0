"""Rerankers that a test can foresee: by what they like, by what they are told, or by failing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import Unavailable
from resources.foundation.inference import Usage, Verdict


class LikingReranker:
    """Likes passages that hold a word; remembers what it was asked. `thinks` is called while it thinks."""

    def __init__(self, word: str, *, name: str = "rerank:judge", thinks: Callable[[], object] = lambda: None) -> None:
        self.name = name
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self._word = word
        self._thinks = thinks

    def rank(self, question: str, passages: Sequence[str]) -> Verdict:
        self.asked.append((question, tuple(passages)))
        self._thinks()
        return Verdict(tuple(float(self._word in passage) for passage in passages), Usage(7, 0, is_estimated=False))


class FailingReranker:
    """Is out of reach, always."""

    name = "rerank:judge"

    def rank(self, question: str, passages: Sequence[str]) -> Verdict:
        raise Unavailable("the reranker does not answer")


def using(database: Database, organization_id: UUID) -> Callable[[], None]:
    """Something that uses the database, which waits for ever where the only connection is held meanwhile."""

    def use() -> None:
        with database.transaction(organization_id) as connection:
            connection.execute("select 1")

    return use
