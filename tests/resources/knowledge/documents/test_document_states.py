"""How documents stand: counted by state, looked for by words, and found by their id with their source."""

from __future__ import annotations

from uuid import UUID, uuid4

from resources.foundation.database import Database
from resources.knowledge.chunks import chunks
from resources.knowledge.documents import document_states, readable_texts
from tests.conftest import make_organization
from tests.factories.library import MILL, shelve


def test_documents_are_counted_by_state_and_found_by_words(database: Database, organization_id: UUID) -> None:
    source_id = shelve(database, organization_id, MILL)
    with database.transaction(organization_id) as connection:
        connection.execute(
            "update knowledge.documents set soft_deleted_at = now() "
            "where file_path = 'shop.md' and organization_id = %s",
            [organization_id],
        )
        counts = document_states.count_by_state(connection, organization_id, source_id)
        found = document_states.select_page(connection, organization_id, source_id=source_id, words="S_h%L")
        by_words = document_states.select_page(connection, organization_id, source_id=source_id, words="SLUI")
    assert counts == {"ready": 2, "deleted": 1}
    assert found == []
    assert [one.path for one in by_words] == ["sluice.md"]


def test_a_document_is_found_by_its_id_in_its_own_organization_alone(database: Database, organization_id: UUID) -> None:
    source_id = shelve(database, organization_id, MILL)
    other = make_organization(database, "other")
    with database.transaction(organization_id) as connection:
        listed = document_states.select_page(connection, organization_id, source_id=source_id)
        found = document_states.find(connection, organization_id, listed[0].id)
        unknown = document_states.find(connection, organization_id, uuid4())
    with database.transaction(other) as connection:
        foreign = document_states.find(connection, other, listed[0].id)
    assert found == (source_id, listed[0])
    assert (unknown, foreign) == (None, None)


def test_passages_are_places_in_the_text_that_readers_see(database: Database, organization_id: UUID) -> None:
    source_id = shelve(database, organization_id, MILL)
    with database.transaction(organization_id) as connection:
        listed = document_states.select_page(connection, organization_id, source_id=source_id)
        text = readable_texts.get(connection, organization_id, listed[0].id)
        places = chunks.select_places(connection, organization_id, text.id, start=0, end=text.characters)
        last = chunks.select_places(
            connection, organization_id, text.id, start=text.characters - 1, end=text.characters
        )
        elements = readable_texts.select_elements(connection, organization_id, text.id)
    assert [text.text[place.start : place.end] for place in places] == text.text.split("\n\n")
    assert [place.number for place in places] == [1, 2]
    assert last == places[-1:]
    assert elements == []
