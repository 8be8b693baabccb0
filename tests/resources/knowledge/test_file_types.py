"""An organization reads the kinds of file that the product reads, and its own."""

from __future__ import annotations

from uuid import UUID

from resources.foundation.database import Database
from resources.knowledge import file_types
from resources.knowledge.parsing import DEFAULT_FILE_TYPES
from tests.factories.workshops import Workshop


def test_seeding_twice_changes_nothing(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        assert not file_types.has_any(connection, organization_id)
        file_types.seed(connection, organization_id)
        seeded = file_types.select_active(connection, organization_id)
        file_types.seed(connection, organization_id)
        assert file_types.select_active(connection, organization_id) == seeded
    assert {kind.name for kind in seeded} == {kind.name for kind in DEFAULT_FILE_TYPES}


def test_a_kind_that_is_switched_off_is_not_read(workshop: Workshop) -> None:
    workshop.write("a.csv", "grain,price\nrye,3\n")
    workshop.write("b.txt", "Rye costs three crowns.")
    with workshop.database.transaction(workshop.organization_id) as connection:
        file_types.seed(connection, workshop.organization_id)
    workshop.rows(b"update knowledge.file_types set is_active = false where name = 'csv' returning 1")
    workshop.sync()
    assert list(workshop.visible()) == ["b.txt"]
    assert workshop.rows(b"select file_path, outcome from knowledge.sync_failures") == [("a.csv", "unsupported_format")]


def test_a_kind_of_its_own_decides_how_a_file_is_parsed(workshop: Workshop) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        file_types.seed(connection, workshop.organization_id)
    workshop.rows(
        b"insert into knowledge.file_types (organization_id, name, category, extensions, parsers)"
        b" values (identity.current_organization(), 'recipe', 'text', '{recipe}', '{markdown}') returning 1"
    )
    workshop.write("bread.recipe", "# Bread\n\nFlour and water.")
    workshop.sync()
    assert workshop.rows(
        b"select d.title, t.name, v.parser from knowledge.documents d join knowledge.file_types t"
        b" on t.id = d.file_type_id join knowledge.document_versions v on v.id = d.current_version_id"
    ) == [("Bread", "recipe", "markdown")]
