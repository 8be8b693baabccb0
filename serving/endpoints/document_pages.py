"""/documents/{id}: what a document says, with the words that an answer cites, and why it is found, or is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request, Response

from resources.bots import chatbots
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from resources.identity.records import Caller
from resources.knowledge.chunks import chunks
from resources.knowledge.documents import document_states, document_versions, readable_texts, sync_failures
from resources.knowledge.documents.readable_texts import ReadableText
from resources.knowledge.records import DocumentState, DocumentVersion, Element, PassagePlace, SyncFailure
from resources.knowledge.sources import data_sources, uploads
from serving import typesetting
from serving.authentication import Holder
from serving.endpoints.pages import frame_of
from serving.house import desk_of, house_of
from serving.identifying import identified
from serving.remedies import remedy
from serving.rendering import page

MaySearch = Annotated[Caller, Depends(Holder("search"))]
# In these an end of a line within a paragraph means nothing.
_FLOWING = frozenset({"text/markdown", "text/html", "application/pdf"})
Character = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


@dataclass(frozen=True)
class _Reading:
    """A part of a text as it is shown, with all headings of the whole."""

    text: ReadableText
    headings: list[tuple[str, int]]
    places: list[PassagePlace]
    elements: list[Element]
    versions: list[DocumentVersion]


@dataclass(frozen=True)
class _Standing:
    """How a document stands, for those who look after it."""

    source_id: UUID
    source_name: str
    state: DocumentState
    failure: SyncFailure | None
    is_pushed: bool
    chatbots: list[str]


def add_to(app: FastAPI) -> None:
    """Serve this address."""
    app.get("/documents/{document}", include_in_schema=False)(show_document)


def show_document(
    document: str,
    request: Request,
    caller: MaySearch,
    version: Annotated[str | None, Query(max_length=100)] = None,
    start: Character = None,
    end: Character = None,
    begin: Annotated[int, Query(ge=0, le=2**31 - 1, alias="from")] = 0,
    recipe: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The text by parts. Whoever analyzes sees how the document stands too, also where it has no text."""
    document_id = identified(document, _missing)
    version_id = identified(version, _missing) if version else None
    cited = (start, end) if start is not None and end is not None and start < end else None
    standing = _standing(request, caller, document_id) if "analyze" in caller.scopes else None
    with house_of(request).database.transaction(caller.organization_id) as connection:
        frame = frame_of(connection, caller, "/sources")
        try:
            reading = _read(connection, caller.organization_id, document_id, version_id, begin, cited)
        except Missing:
            if standing is None or version_id is not None:
                raise Missing(_missing(document_id)) from None
            reading = None
    recipes = sorted({place.recipe for place in reading.places}) if reading else []
    chosen = recipe if recipe in recipes else next(iter(recipes), None)
    return page(
        "document.html", frame=frame, reading=reading, standing=standing, cited=cited, recipes=recipes, recipe=chosen,
        groups=_groups(reading, cited, chosen) if reading else [], window=typesetting.WINDOW,
        flows=reading is not None and reading.text.mime_type in _FLOWING,
        may_manage="manage" in caller.scopes, dagster=desk_of(request).dagster_address if standing else "",
        remedy=remedy(standing.failure.outcome) if standing and standing.failure else "",
    )  # fmt: skip


def _read(
    connection: Connection,
    organization_id: UUID,
    document_id: UUID,
    version_id: UUID | None,
    begin: int,
    cited: typesetting.Place | None,
) -> _Reading:
    whole = readable_texts.get(connection, organization_id, document_id, version_id=version_id, most=0)
    elements = readable_texts.select_elements(connection, organization_id, whole.id)
    first, last = typesetting.window(elements, whole.characters, begin=begin, cited=cited)
    text = readable_texts.get(
        connection, organization_id, document_id, version_id=whole.id, start=first, most=last - first
    )
    places = chunks.select_places(connection, organization_id, whole.id, start=first, end=last)
    versions = document_versions.select_of_document(connection, organization_id, document_id)
    shown = [version for version in versions if version.valid_from is not None]
    return _Reading(text, _headings(connection, organization_id, whole.id, elements), places, elements, shown)


def _headings(
    connection: Connection, organization_id: UUID, version_id: UUID, elements: list[Element]
) -> list[tuple[str, int]]:
    """The words and the place of each heading, of so many as a person reads."""
    found = [e for e in elements if e.kind in ("title", "heading")][:100]
    words = document_versions.select_parts(
        connection, organization_id, [(version_id, e.start, min(e.end, e.start + 200)) for e in found]
    )
    return [(" ".join((text or "").strip("# ").split()), e.start) for text, e in zip(words, found, strict=True)]


def _groups(reading: _Reading, cited: typesetting.Place | None, recipe: str | None) -> list[list[typesetting.Block]]:
    text = reading.text
    passages = [(place.number, (place.start, place.end)) for place in reading.places if place.recipe == recipe]
    return typesetting.blocks(text.text, text.start, reading.elements, cited=cited, passages=passages)


def _standing(request: Request, caller: Caller, document_id: UUID) -> _Standing | None:
    organization_id = caller.organization_id
    with desk_of(request).database.transaction(organization_id) as connection:
        found = document_states.find(connection, organization_id, document_id)
        if found is None:
            return None
        source_id, state = found
        source = data_sources.get(connection, organization_id, source_id)
        failure = sync_failures.find_by_path(connection, organization_id, source_id=source_id, path=state.path)
        pushed = uploads.find_by_path(connection, organization_id, source_id=source_id, path=state.path)
        readers = [
            bot.name
            for bot in chatbots.select_all(connection, organization_id)
            if source_id in chatbots.select_source_ids(connection, organization_id, bot.id)
        ]
    return _Standing(source_id, source.name, state, failure, pushed is not None, readers)


def _missing(document: object) -> str:
    return f"there is no document {document} that can be read"
