"""A version is what a document said at a time; it never says anything else."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from resources.knowledge.documents import document_versions, documents
from resources.knowledge.records import Document
from tests.factories.workshops import Workshop


def the_document(connection: Connection, workshop: Workshop) -> Document:
    (document,) = documents.select_of_source(connection, workshop.organization_id, workshop.source_id)
    return document


def test_versions_are_numbered_and_the_newest_comes_first(workshop: Workshop) -> None:
    for n, text in enumerate(("one", "two", "three")):
        workshop.write("a.txt", text, age_s=900 - n)
        workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        document = the_document(connection, workshop)
        listed = document_versions.select_of_document(connection, workshop.organization_id, document.id)
        newest = document_versions.find_newest(connection, workshop.organization_id, listed[0].document_id)
    assert [version.number for version in listed] == [3, 2, 1]
    assert newest == listed[0]
    assert [version.valid_to is None for version in listed] == [True, False, False]
    assert document.current_version_id == newest.id if newest else False


def test_the_text_of_a_version_is_kept(workshop: Workshop) -> None:
    workshop.write("a.txt", "Keep away.")
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        version_id = the_document(connection, workshop).current_version_id
        assert version_id is not None
        assert document_versions.get_text(connection, workshop.organization_id, version_id) == "Keep away."
        for verb in (document_versions.get, document_versions.get_text, document_versions.get_parsed):
            with pytest.raises(Missing):
                verb(connection, workshop.organization_id, uuid4())


@pytest.mark.parametrize(
    "change",
    [
        b"update knowledge.document_versions set text = 'other'",
        b"update knowledge.document_versions set checksum = repeat('0', 64)",
        b"update knowledge.document_versions set number = 7",
    ],
)
def test_a_version_cannot_be_changed(change: bytes, workshop: Workshop) -> None:
    workshop.write("a.txt", "Keep away.")
    workshop.sync()
    with pytest.raises(psycopg.errors.IntegrityError, match="immutable"):
        workshop.rows(change)


def test_a_version_that_waits_has_no_text(workshop: Workshop) -> None:
    workshop.write("a.txt", "Keep away.")
    workshop.bring()
    ((version_id,),) = workshop.rows(b"select id from knowledge.document_versions")
    assert isinstance(version_id, UUID)
    with workshop.database.transaction(workshop.organization_id) as connection, pytest.raises(Missing, match="no text"):
        document_versions.get_text(connection, workshop.organization_id, version_id)
