"""What may be read of a document: any part of what readers see or saw, and nothing once it is deleted or over."""

from __future__ import annotations

from uuid import UUID

import pytest
from psycopg import sql

from resources.foundation.database import Database
from resources.foundation.errors import Missing
from resources.knowledge.documents import documents, readable_texts
from tests.conftest import make_organization
from tests.factories.library import MILL, RUN_ID, shelve


@pytest.fixture
def grain(database: Database, organization_id: UUID) -> UUID:
    """The document on grain."""
    source_id = shelve(database, organization_id, MILL)
    with database.transaction(organization_id) as connection:
        found = documents.find_by_path(connection, organization_id, source_id=source_id, path="grain.md")
    assert found is not None
    return found.id


def test_a_part_of_a_text_is_read_by_its_place(database: Database, organization_id: UUID, grain: UUID) -> None:
    with database.transaction(organization_id) as connection:
        whole = readable_texts.get(connection, organization_id, grain)
        part = readable_texts.get(connection, organization_id, grain, start=4, most=6)
    assert whole.text == MILL["grain.md"]
    assert (whole.path, whole.source_name, whole.version, whole.is_current) == ("grain.md", "handbook", 1, True)
    assert (whole.start, whole.end, whole.run_id) == (0, whole.characters, RUN_ID)
    assert (part.text, part.start, part.end, part.characters) == ("miller", 4, 10, len(MILL["grain.md"]))


def test_a_former_version_is_read_by_its_id_alone(database: Database, organization_id: UUID, grain: UUID) -> None:
    with database.transaction(organization_id) as connection:
        former = readable_texts.get(connection, organization_id, grain)
        connection.execute(
            "update knowledge.documents set current_version_id = null where organization_id = %s and id = %s",
            [organization_id, grain],
        )
        again = readable_texts.get(connection, organization_id, grain, version_id=former.id)
        assert (again.text, again.is_current) == (former.text, False)
        with pytest.raises(Missing):
            readable_texts.get(connection, organization_id, grain)


@pytest.mark.parametrize("column", ["soft_deleted_at", "expires_at"])
def test_what_is_deleted_or_over_cannot_be_read(
    database: Database, organization_id: UUID, grain: UUID, column: str
) -> None:
    with database.transaction(organization_id) as connection:
        connection.execute(
            sql.SQL("update knowledge.documents set {} = now() where organization_id = %s").format(
                sql.Identifier(column)
            ),
            [organization_id],
        )
        with pytest.raises(Missing, match="can be read"):
            readable_texts.get(connection, organization_id, grain)


def test_another_organization_reads_nothing_of_it(database: Database, organization_id: UUID, grain: UUID) -> None:
    other = make_organization(database, "other")
    with database.transaction(other) as connection, pytest.raises(Missing):
        readable_texts.get(connection, other, grain)
