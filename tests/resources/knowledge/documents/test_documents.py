"""A document is one item of a source, whatever becomes of it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from resources.foundation.errors import Missing
from resources.knowledge.documents import documents
from resources.knowledge.records import Item
from tests.conftest import make_organization
from tests.factories.workshops import Workshop


def test_a_document_is_found_by_its_path_and_id(workshop: Workshop) -> None:
    workshop.write("a/rules.md", "# Rules\n\nKeep away.")
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        (document,) = documents.select_of_source(connection, workshop.organization_id, workshop.source_id)
        assert documents.get(connection, workshop.organization_id, document.id) == document
        found = documents.find_by_path(
            connection, workshop.organization_id, source_id=workshop.source_id, path="a/rules.md"
        )  # fmt: skip
        assert found == document
    assert (document.title, document.file_path, document.status) == ("Rules", "a/rules.md", "ready")


def test_a_deleted_document_is_found_by_its_path_only(workshop: Workshop) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        placed = documents.place(
            connection, workshop.organization_id, source_id=workshop.source_id, item=Item("a.txt", 3, 1)
        )  # fmt: skip
        assert documents.remove(connection, workshop.organization_id, [placed.id]) == 1
        assert documents.remove(connection, workshop.organization_id, [placed.id]) == 0
        assert documents.count_present(connection, workshop.organization_id, workshop.source_id) == 0
        found = documents.find_by_path(
            connection, workshop.organization_id, source_id=workshop.source_id, path="a.txt"
        )  # fmt: skip
        assert found is not None
        assert found.soft_deleted_at is not None
        with pytest.raises(Missing):
            documents.get(connection, workshop.organization_id, placed.id)


def test_another_organization_finds_nothing(workshop: Workshop) -> None:
    workshop.write("a.txt", "Keep away.")
    workshop.sync()
    stranger = make_organization(workshop.database, "stranger")
    with workshop.database.transaction(stranger) as connection:
        assert documents.select_of_source(connection, stranger, workshop.source_id) == []
        with pytest.raises(Missing):
            documents.get(connection, stranger, uuid4())


def test_the_log_of_a_document_keeps_its_latest_entries(workshop: Workshop) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        placed = documents.place(
            connection, workshop.organization_id, source_id=workshop.source_id, item=Item("a.txt", 3, 1)
        )  # fmt: skip
        for n in range(60):
            documents.set_failed(
                connection, workshop.organization_id, placed.id, stage="parsing", outcome="damaged", reason=str(n)
            )  # fmt: skip
    assert workshop.rows(
        b"select jsonb_array_length(processing_log), processing_log->0->>'reason', processing_log->-1->>'reason'"
        b" from knowledge.documents"
    ) == [(50, "10", "59")]
