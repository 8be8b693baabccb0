"""Questions are asked and answered while documents change, expire, are purged and erased: nothing gone is found."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest

from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot, ModelConfigVersion
from resources.bots.retrieval import retrieval
from resources.conversations import erasures, retention
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.erasures import Request
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database, Server, open_database
from resources.foundation.embedders import embedder_for
from resources.identity import retention_settings
from resources.identity.records import RetentionSettings
from resources.knowledge.documents import documents
from tests.factories.library import open_chatbot
from tests.factories.workshops import Workshop, make_workshop

DOCUMENTS = 12
PARAGRAPHS = 3
QUESTION = "How many sacks of rye are in the barn in this edition?"


@pytest.mark.parametrize(
    ("readers", "rounds"), [(8, 2), pytest.param(32, 40, marks=pytest.mark.campaign)], ids=["short", "long"]
)
def test_no_question_fails_and_none_finds_what_is_gone(
    server: Server, database: Database, organization_id: UUID, tmp_path: Path, readers: int, rounds: int
) -> None:
    workshop = make_workshop(database, organization_id, tmp_path)
    workshop.embedder = embedder_for()
    house = _House(workshop)
    house.edit(range(DOCUMENTS))
    chatbot = open_chatbot(database, organization_id, workshop.source_id)
    with database.transaction(organization_id) as connection:
        retention_settings.replace(connection, organization_id, RetentionSettings(grace_days=0, version_days=1))
        config = model_config_versions.get_active(connection, organization_id, chatbot.id)
    with open_database(server, "millrace_api", most=4) as readers_pool, ThreadPoolExecutor(readers) as pool:
        asking = [
            pool.submit(house.search if number % 4 else house.ask, readers_pool, chatbot, config)
            for number in range(readers)
        ]
        try:
            for _ in range(rounds):
                house.change()
        finally:
            house.is_over.set()
        asked = [one.result() for one in asking]
    assert all(asked)
    assert workshop.sync().failed == 0
    assert set(workshop.visible()) == {f"{number}.md" for number in house.present()}


class _House:
    """A source that changes all the time, and those who ask it."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._editions = count(1)
        self._numbers = count(DOCUMENTS)
        self._gone: frozenset[UUID] = frozenset()  # replaced after the commit that makes them gone
        self.is_over = Event()

    def change(self) -> None:
        """Some documents say something new, one is erased, one expires and is purged; two new ones come."""
        edited, erased, expired = self.present()[:6], self.present()[6], self.present()[7]
        self.edit(edited)
        workshop = self._workshop
        erasures.erase_document(
            workshop.database, workshop.organization_id, self._id(erased), store=workshop.store,
            request=Request("mia", "asked"),
        )  # fmt: skip
        self._bury(erased)
        id = self._id(expired)
        with workshop.database.transaction(workshop.organization_id) as connection:
            documents.set_expires_at(connection, workshop.organization_id, id, datetime.now(UTC))
        for _ in range(2):
            retention.run(workshop.database, workshop.organization_id, store=workshop.store, young_s=0)
        self._bury(expired)
        self.edit([next(self._numbers), next(self._numbers)])

    def edit(self, numbers: Iterator[int] | range | list[int]) -> None:
        """Each of these documents in an edition of its own, the same in all its paragraphs; then a sync."""
        for number in numbers:
            edition = next(self._editions)
            paragraphs = [
                f"Barn {number}, part {part}: in edition {edition} there are {edition} sacks of rye in the barn. " * 12
                for part in range(PARAGRAPHS)
            ]
            self._workshop.write(f"{number}.md", "\n\n".join(paragraphs), age_s=1_000_000 - edition)
        self._workshop.sync()

    def present(self) -> list[int]:
        """The documents that there are, those that were changed longest ago first."""
        files = sorted(self._workshop.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        return [int(path.stem) for path in files]

    def search(self, database: Database, chatbot: Chatbot, config: ModelConfigVersion) -> int:
        """Ask the search until the end; how often."""
        embedder = embedder_for()
        [vector] = embedder.embed([QUESTION])
        for asked in count(1):
            gone = self._gone
            with database.transaction(self._workshop.organization_id) as connection:
                found = retrieval.find_candidates(
                    connection, self._workshop.organization_id, config=config, question=QUESTION, vector=vector,
                    embedder=embedder, source_ids=[self._workshop.source_id], k=40, threshold=0,
                )  # fmt: skip
            assert found, "the same words are in all of them"
            assert {one.document_id for one in found} & gone == set()
            versions = {(one.document_id, one.document_version_id) for one in found}
            assert len(versions) == len({document_id for document_id, _ in versions}), "a document in two versions"
            if self.is_over.is_set():
                return asked
        return 0

    def ask(self, database: Database, chatbot: Chatbot, config: ModelConfigVersion) -> int:
        """Have questions answered until the end; how often."""
        models = ProviderModels()
        for asked in count(1):
            gone = self._gone
            *_, answered = answers.answer(
                database, self._workshop.organization_id, chatbot=chatbot, asked=Asked(QUESTION), models=models
            )
            assert isinstance(answered, Answered)
            assert {citation.document_id for citation in answered.citations} & gone == set()
            if self.is_over.is_set():
                return asked
        return 0

    def _id(self, number: int) -> UUID:
        with self._workshop.database.transaction(self._workshop.organization_id) as connection:
            found = documents.find_by_path(
                connection, self._workshop.organization_id, source_id=self._workshop.source_id, path=f"{number}.md"
            )
        assert found is not None
        self._last = found.id
        return found.id

    def _bury(self, number: int) -> None:
        self._gone |= {self._last}
        (self._workshop.folder / f"{number}.md").unlink()
