"""Which lexemes chunks have: those that an older version of Millrace made are made again, from the chunk's own text."""

from __future__ import annotations

from uuid import UUID

from resources.foundation.statements import Connection
from resources.knowledge.chunks import chunks, identifying, text_statistics
from resources.knowledge.chunks.contextualizing import indexed

AT_ONCE = 1000


def renew(connection: Connection, organization_id: UUID, *, at_most: int = AT_ONCE) -> int:
    """Give some chunks the lexemes that today's rule makes; how many: 0 when none is left that follows an older one.

    Contents, hashes and vectors stay as they are. All recipes are counted again afterwards, by the sync that calls
    this. Take `embeddings.lock` before, as all who change chunks do.
    """
    old = chunks.select_old_wordings(connection, organization_id, at_most=at_most)
    if old:
        text_statistics.set_stale(connection, organization_id)
        worded = [(each.id, identifying.worded(indexed(each.title, each.section_title, each.content))) for each in old]
        chunks.set_wordings(connection, organization_id, worded)
    return len(old)
