"""Faults planted in the rows of a healthy source, each with what the reconciliation calls it."""

from __future__ import annotations

from dataclasses import dataclass

from resources.foundation.statements import Connection


@dataclass(frozen=True)
class Fault:
    """Something wrong with one document, chunk or vector of the organization; `suite` is the check that must notice."""

    says: str
    found_as: str
    suite: str
    statement: bytes


FAULTS = (
    Fault("a vector is lost", "chunks_without_vector", "embeddings_hold",
          b"""delete from knowledge.embeddings
              where content_hash = (select min(content_hash) from knowledge.embeddings)"""),
    Fault("a vector has another size", "vectors_of_wrong_size", "embeddings_hold",
          b"""update knowledge.embeddings set embedding = '[1,0]'
              where content_hash = (select min(content_hash) from knowledge.embeddings)"""),
    Fault("a vector is zero", "vectors_not_of_length_one", "embeddings_hold",
          b"""update knowledge.embeddings set embedding = array_fill(0::real, array[vector_dims(embedding)])::vector
              where content_hash = (select min(content_hash) from knowledge.embeddings)"""),
    Fault("the chunks of a document are lost", "documents_without_chunks", "documents_hold",
          b"""delete from knowledge.chunks
              where document_id = (select min(document_id::text)::uuid from knowledge.chunks)"""),
    Fault("a cut lost its first chunk", "cuts_with_gaps", "chunks_hold",
          b"""update knowledge.chunks set chunk_index = chunk_index + 1000
              where document_id = (select min(document_id::text)::uuid from knowledge.chunks)"""),
    Fault("a document lost the version that readers see", "documents_without_version", "documents_hold",
          b"""update knowledge.documents set current_version_id = null
              where id = (select min(id::text)::uuid from knowledge.documents where status = 'ready')"""),
    Fault("a deleted document kept its chunks", "orphaned_chunks", "chunks_hold",
          b"""update knowledge.documents set soft_deleted_at = now()
              where id = (select min(id::text)::uuid from knowledge.documents where status = 'ready')"""),
    Fault("a removed source kept its documents", "orphaned_chunks", "chunks_hold",
          b"update knowledge.data_sources set deleted_at = now()"),
    Fault("a document failed for no reason", "failures_without_reason", "documents_hold",
          b"""update knowledge.documents set status = 'failed'
              where id = (select min(id::text)::uuid from knowledge.documents where status = 'ready')"""),
)  # fmt: skip


def plant(connection: Connection, fault: Fault) -> None:
    """Do the damage to this transaction's organization."""
    assert connection.execute(fault.statement).rowcount > 0, f"nothing to damage: {fault.says}"
