"""Take documents away from readers, with all that was made of them; their versions stay as history."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.foundation.statements import Connection
from resources.knowledge.chunks import chunks, embeddings, text_statistics
from resources.knowledge.documents import document_versions, documents, sync_failures


def withdraw(
    connection: Connection,
    organization_id: UUID,
    document_ids: Sequence[UUID],
    *,
    reason: documents.DeletionReason = "vanished",
) -> int:
    """Delete documents: softly themselves, with the members of containers among them; their chunks for good.

    Their vectors go when the sync has ended (publications), unless a chunk uses them by then: a file that was renamed
    keeps them. Returns how many were not deleted before. Locks in the order that all writers keep: documents, vectors,
    statistics, chunks.
    """
    document_ids = documents.select_with_members(connection, organization_id, document_ids)
    documents.lock(connection, organization_id, document_ids)
    deleted = documents.remove(connection, organization_id, document_ids, reason=reason)
    document_versions.end(connection, organization_id, document_ids=document_ids)
    embeddings.lock(connection, organization_id)
    text_statistics.begin_change(
        connection, organization_id, chunks=chunks.count_of_documents(connection, organization_id, document_ids)
    )
    text_statistics.count_out(connection, organization_id, document_ids=document_ids, leaves_vectors=True)
    chunks.remove_of_documents(connection, organization_id, document_ids)
    sync_failures.remove_of_documents(connection, organization_id, document_ids)
    return deleted


def withdraw_unready(connection: Connection, organization_id: UUID, document_id: UUID) -> None:
    """Forget what was being made of a document's newer version, which is overtaken; readers never saw it."""
    embeddings.lock(connection, organization_id)
    staged = chunks.remove_staged(connection, organization_id, document_id)
    embeddings.remove_orphans(connection, organization_id, {chunk.content_hash for chunk in staged})
    document_versions.remove_unready(connection, organization_id, document_id)
