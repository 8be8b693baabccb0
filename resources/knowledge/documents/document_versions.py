"""Versions of documents: what a document said at a time. Their bytes, text and number never change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

from psycopg.types.json import Json

from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, find, many, one, run, run_many, statements_for, value
from resources.knowledge.records import DocumentVersion, Element, Parsed, WaitingVersion

SQL = statements_for(__name__)


def get(connection: Connection, organization_id: UUID, id: UUID) -> DocumentVersion:
    """A version; raises Missing."""
    return one(
        connection, DocumentVersion, SQL["get"], missing=f"there is no document version {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def find_newest(connection: Connection, organization_id: UUID, document_id: UUID) -> DocumentVersion | None:
    """The newest version of a document, ready or not."""
    return find(
        connection, DocumentVersion, SQL["find_newest"], organization_id=organization_id, document_id=document_id
    )


def select_of_document(connection: Connection, organization_id: UUID, document_id: UUID) -> list[DocumentVersion]:
    """The versions of a document, newest first."""
    return many(
        connection, DocumentVersion, SQL["select_of_document"],
        organization_id=organization_id, document_id=document_id,
    )  # fmt: skip


def get_text(connection: Connection, organization_id: UUID, id: UUID) -> str:
    """The parsed text of a version, which chunks and citations are places in. Raises Missing where it has none."""
    text = value(connection, SQL["get_text"], organization_id=organization_id, id=id)
    if text is None:
        raise Missing(f"document version {id} has no text")
    return str(text)


def select_parts(
    connection: Connection, organization_id: UUID, places: Sequence[tuple[UUID, int, int]]
) -> list[str | None]:
    """What stands in each place: of a version, from a character (counted from 0) to before another.

    None for a version that is gone.
    """
    rows = connection.execute(
        SQL["select_parts"],
        {
            "organization_id": organization_id, "ids": [id for id, _, _ in places],
            "starts": [start for _, start, _ in places], "ends": [end for _, _, end in places],
        },
    ).fetchall()  # fmt: skip
    texts: dict[int, str] = dict(rows)
    return [texts.get(number) for number in range(len(places))]


def get_parsed(connection: Connection, organization_id: UUID, id: UUID) -> Parsed:
    """What a parser made of a version, as it was stored. Raises Missing where it was not parsed."""
    row = connection.execute(SQL["get_parsed"], {"organization_id": organization_id, "id": id}).fetchone()
    if row is None:
        raise Missing(f"document version {id} has not been parsed")
    text, elements, parser, parser_version, title, language = row
    return Parsed(text, tuple(Element(*element) for element in elements), parser, parser_version, title, language)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    document_id: UUID,
    checksum: str,
    size: int,
    run_id: str | None,
    title: str | None = None,
) -> UUID:
    """The next version of a document, its bytes just fetched by a run; its id.

    `title` is what the source calls it, and its title as long as its text names none.
    """
    created: UUID = value(
        connection, SQL["create"], organization_id=organization_id, document_id=document_id, checksum=checksum,
        file_size=size, dagster_run_id=run_id, title=title,
    )  # fmt: skip
    return created


def remove_unready(connection: Connection, organization_id: UUID, document_id: UUID) -> None:
    """Take away what never became ready of a document; what was ready once is history and stays."""
    run(connection, SQL["remove_unready"], organization_id=organization_id, document_id=document_id)
    run(connection, SQL["restore_ready"], organization_id=organization_id, document_id=document_id)


def set_waiting(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Begin again with a version whose bytes are kept."""
    run(connection, SQL["set_waiting"], organization_id=organization_id, id=id)


def set_chunked(connection: Connection, organization_id: UUID, versions: Sequence[tuple[UUID, Parsed]]) -> None:
    """Keep what a parser made of these versions (unless that is kept already); their chunks now wait for vectors."""
    run_many(
        connection, SQL["set_parsed"],
        [
            {
                "organization_id": organization_id, "id": id, "text": parsed.text,
                "elements": _elements(parsed.elements), "title": parsed.title, "language": parsed.language,
                "parser": parsed.parser, "parser_version": parsed.parser_version,
            }
            for id, parsed in versions
        ],
    )  # fmt: skip
    run(connection, SQL["set_chunked"], organization_id=organization_id, ids=[id for id, _ in versions])


def set_failed(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """The version could not be carried through."""
    run(connection, SQL["set_failed"], organization_id=organization_id, id=id)


def publish(
    connection: Connection, organization_id: UUID, *, ids: Sequence[UUID], document_ids: Sequence[UUID]
) -> None:
    """These versions are what their documents say from now on; the ones before end."""
    run(
        connection, SQL["end_others"], organization_id=organization_id, ids=list(ids), document_ids=list(document_ids)
    )  # fmt: skip
    run(connection, SQL["publish"], organization_id=organization_id, ids=list(ids))


def end(connection: Connection, organization_id: UUID, *, document_ids: Sequence[UUID]) -> None:
    """These documents say nothing any more."""
    run(connection, SQL["end_others"], organization_id=organization_id, ids=[], document_ids=list(document_ids))


def select_uncut(
    connection: Connection, organization_id: UUID, *, source_id: UUID, recipes: Sequence[str], after: str, at_most: int
) -> list[WaitingVersion]:
    """A page of newest versions that lack chunks under a wanted recipe, and of failures to try again, by path."""
    return many(
        connection, WaitingVersion, SQL["select_uncut"],
        organization_id=organization_id, data_source_id=source_id, recipes=list(recipes), after=after, at_most=at_most,
    )  # fmt: skip


def select_unembedded(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID,
    recipes: Sequence[tuple[str, UUID]],
    after: str,
    at_most: int,
) -> list[WaitingVersion]:
    """A page of newest versions whose chunks lack vectors or are not shown yet, by path.

    `recipes`: the names of the wanted recipes, each with the id of its embedding model.
    """
    return many(
        connection, WaitingVersion, SQL["select_unembedded"],
        organization_id=organization_id, data_source_id=source_id, recipes=[name for name, _ in recipes],
        embedding_model_ids=[model for _, model in recipes], after=after, at_most=at_most,
    )  # fmt: skip


def select_newest(
    connection: Connection, organization_id: UUID, ids: Sequence[UUID], *, statuses: Sequence[str]
) -> set[UUID]:
    """Of these versions, those that are still the newest of their documents and in one of these states."""
    rows = connection.execute(
        SQL["select_newest"], {"organization_id": organization_id, "ids": list(ids), "statuses": list(statuses)}
    )
    return {row[0] for row in rows}


def remove(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> list[str]:
    """Take former versions away for good; the checksums of their bytes, one for each."""
    rows = connection.execute(SQL["remove"], {"organization_id": organization_id, "ids": list(ids)})
    return [row[0] for row in rows]


def _elements(elements: Iterable[Element]) -> Json:
    rows = [[e.kind, e.start, e.end, e.level, e.page] for e in elements]
    return Json(rows, dumps=lambda obj: json.dumps(obj, separators=(",", ":")))
