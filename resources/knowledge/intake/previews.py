"""Previews: what a sync would make of one document, fetched, parsed and cut in memory; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock
from uuid import UUID, uuid4

from resources.foundation.counting import estimated_tokens
from resources.foundation.database import Database
from resources.foundation.errors import Missing, Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection, many, statements_for
from resources.knowledge.chunks import chunking, chunks, embeddings, staging
from resources.knowledge.chunks.contextualizing import contextual
from resources.knowledge.chunks.staging import Passages
from resources.knowledge.connectors.protocol import Connector, ItemFailed, ItemGone, ItemRemoved, ItemUnchanged
from resources.knowledge.documents import document_versions, documents, tombstones
from resources.knowledge.intake import arrivals
from resources.knowledge.intake.preparations import Parsers
from resources.knowledge.readers import parsing
from resources.knowledge.readers.conveying import ParseFailure
from resources.knowledge.readers.unpacking import BETWEEN, DEEPEST, UNPACKERS, may_hold_members
from resources.knowledge.records import (
    ChunkingRule,
    DataSource,
    Document,
    Item,
    KnownFileType,
    KnownItem,
    Parsed,
    Recipe,
    Sighting,
    WaitingVersion,
)
from resources.knowledge.sources import file_types

SQL = statements_for(__name__)
_ALL = 1_000_000

Wanted = tuple[Recipe, str]
"""A recipe and the name of its model. Where the model has no row yet, its id is one that is nobody's."""

Counts = Counter[str]
"""How often each of: new, changed, unchanged, moved, failed, gone, chunks, embedded, reused; and for each model those
of `embedded_by` and `tokens_of`."""


def embedded_by(model: str) -> str:
    """The name under which passages are counted that the model would embed."""
    return f"embedded by {model}"


def tokens_of(model: str) -> str:
    """The name under which tokens are counted that the model would be given."""
    return f"tokens of {model}"


@dataclass(frozen=True)
class _Departing:
    """A document that readers see and its source lists no more, by what a move is known by."""

    id: UUID
    file_type_id: UUID | None
    source_title: str | None
    checksum: str


@dataclass(frozen=True)
class _Member:
    """A member that a container has by now."""

    file_path: str
    checksum: str | None


class Previews:
    """Looks into documents of one source. Several threads may ask at once; what they share is under one lock.

    `moved`: the missing documents that were found at another path; `removed`: known ones that their source said are no
    more; `overtaken`: the paths of what has new bytes, or none.
    """

    def __init__(
        self,
        database: Database,
        organization_id: UUID,
        source: DataSource,
        *,
        connector: Connector,
        store: ObjectStore,
        parsers: Parsers,
        wanted: Sequence[Wanted],
        missing: Sequence[UUID],
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._source = source
        self._connector = connector
        self._store = store
        self._parsers = parsers
        self._wanted = wanted
        self._rules = list(dict.fromkeys(recipe.rule for recipe, _ in wanted))
        self._sharing = Lock()
        self._embedded: set[tuple[UUID, bytes]] = set()
        self.moved: set[UUID] = set()
        self.removed: list[UUID] = []
        self.overtaken: set[str] = set()
        with database.transaction(organization_id) as connection:
            known = file_types.select_active(connection, organization_id)
            if not file_types.has_all(connection, organization_id):
                known = [*known, *_unseeded(known)]
            departing = many(
                connection, _Departing, SQL["select_departing"],
                organization_id=organization_id, data_source_id=source.id, ids=list(missing),
            )  # fmt: skip
        self._kinds = {arrivals.as_file_type(each): each for each in known}
        self._kind_of = {each.id: each for each in known}
        self._kind_named = {each.name: each for each in known}
        self._departing: dict[tuple[str, UUID | None, str | None], list[UUID]] = {}
        for each in departing:
            self._departing.setdefault((each.checksum, each.file_type_id, each.source_title), []).append(each.id)

    def of_item(self, listed: tuple[Item, KnownItem | None]) -> Counts:
        """What a sync would make of an item whose bytes must be looked at."""
        item, known = listed
        well = known if known is not None and not known.is_deleted and not known.is_failing else None
        try:
            fetched = self._connector.fetch(item, well)
            name = fetched.filename or documents.name_of(item.path)
            kind = self._kinds[parsing.choose(name, fetched.media_type, fetched.data, list(self._kinds))]
        except ItemUnchanged:
            return Counts(unchanged=1) if well is not None else Counts(failed=1)
        except ItemGone as error:
            if isinstance(error, ItemRemoved) and known is not None and not known.is_deleted:
                with self._sharing:
                    self.removed.append(known.id)
            return self._overtaking(item, Counts(gone=1))
        except (ItemFailed, parsing.ParseError):
            return self._overtaking(item, Counts(failed=1))
        sighting = arrivals.sighting(item, fetched, kind)
        with self._database.transaction(self._organization_id) as connection:
            verdict = self._verdict(connection, item, known, sha256(fetched.data).hexdigest(), sighting)
        if verdict in ("unchanged", "withheld"):
            return Counts(unchanged=1)
        if verdict == "moved":
            return self._overtaking(item, Counts(moved=1))
        made = self._made_of(fetched.data, item.path, kind, sighting.mime_type, sighting.title)
        return self._overtaking(item, Counts({verdict: 1}) + made)

    def of_waiting(self, waiting: WaitingVersion) -> Counts:
        """What a sync would make of a version that waits for chunks, for vectors, or for either under a new recipe."""
        with self._database.transaction(self._organization_id) as connection:
            present = {
                rule
                for rule in self._rules
                if chunks.count_of_recipe(
                    connection, self._organization_id, version_ids=[waiting.id], recipe=rule.name
                )
            }  # fmt: skip
            counts = Counts()
            for recipe, model in self._wanted:
                if recipe.rule in present:
                    counts += self._missing_of(connection, waiting.id, recipe, model)
            if len(present) == len(self._rules):
                return counts
            known = (
                document_versions.get_parsed(connection, self._organization_id, waiting.id)
                if waiting.is_parsed
                else None
            )
        parsed = known or self._parsed_again(waiting)
        lacking = [rule for rule in self._rules if rule not in present]
        return counts + (Counts(failed=1) if parsed is None else self._cut(parsed, lacking))

    # What is known of it.

    def _verdict(
        self, connection: Connection, item: Item, known: KnownItem | None, checksum: str, seen: Sighting
    ) -> str:
        organization_id = self._organization_id
        stones = tombstones.select_of(
            connection, organization_id, self._source.id, items=[(item.path, checksum)]
        )  # fmt: skip
        if stones.by_content(item.path, checksum) == "withheld":
            return "withheld"
        document = documents.find_by_path(connection, organization_id, source_id=self._source.id, path=item.path)
        if known is not None and document is not None and not known.is_deleted:
            return "unchanged" if self._is_known(connection, document, checksum, seen.title) else "changed"
        if document is None and self._is_move((checksum, seen.file_type_id, seen.title)):
            return "moved"
        return "new"

    def _is_known(self, connection: Connection, document: Document, checksum: str, title: str | None) -> bool:
        newest = document_versions.find_newest(connection, self._organization_id, document.id)
        if newest is None or document.source_title != title:
            return False
        if newest.checksum == checksum:
            return True
        if document.current_version_id is None:
            return False
        current = document_versions.get(connection, self._organization_id, document.current_version_id)
        return current.checksum == checksum

    def _is_move(self, known_by: tuple[str, UUID | None, str | None]) -> bool:
        with self._sharing:
            ids = self._departing.get(known_by)
            if not ids:
                return False
            self.moved.add(ids.pop(0))
            return True

    def _overtaking(self, item: Item, counts: Counts) -> Counts:
        with self._sharing:
            self.overtaken.add(item.path)
        return counts

    # What is made of it.

    def _made_of(
        self, data: bytes, path: str, kind: KnownFileType, mime_type: str | None, title: str | None, depth: int = 0
    ) -> Counts:
        """Its own passages, and what it holds."""
        counts = Counts()
        unpacker = kind.parsers[0]
        if unpacker in UNPACKERS and depth < DEEPEST and may_hold_members(unpacker, data):
            counts += self._members(data, path, unpacker, depth)
        parsed = self._parsed(data, path, kind, mime_type, title)
        return counts + (Counts(failed=1) if parsed is None else self._cut(parsed, self._rules))

    def _members(self, data: bytes, path: str, unpacker: str, depth: int) -> Counts:
        with self._database.transaction(self._organization_id) as connection:
            rows = many(
                connection, _Member, SQL["select_members"],
                organization_id=self._organization_id, data_source_id=self._source.id, file_path=path,
            )  # fmt: skip
        known = {row.file_path: row.checksum for row in rows}
        unpacked = self._parsers.unpack(
            data, filename=documents.name_of(path), unpacker=unpacker, file_types=list(self._kinds)
        )
        counts = Counts()
        with closing(unpacked):
            for member in unpacked:
                if isinstance(member, ParseFailure):  # then nothing that came before counts
                    return Counts(failed=1)
                at = path + BETWEEN + member.name
                kind = self._kind_named.get(member.file_type or "")
                if member.failure is not None or kind is None:
                    counts += Counts(failed=1)
                elif known.get(at) != sha256(member.data).hexdigest():
                    mime_type = next(iter(kind.mime_types), None)
                    counts += Counts({"changed" if at in known else "new": 1})
                    counts += self._made_of(member.data, at, kind, mime_type, None, depth + 1)
        return counts

    def _parsed(
        self, data: bytes, path: str, kind: KnownFileType | None, mime_type: str | None, title: str | None
    ) -> Parsed | None:
        parsed = self._parsers.parse(
            data, media_type=mime_type or "application/octet-stream", filename=documents.name_of(path),
            parser=file_types.parser_of(kind, self._source) if kind is not None else None,
        )  # fmt: skip
        return None if isinstance(parsed, ParseFailure) else replace(parsed, title=parsed.title or title)

    def _parsed_again(self, waiting: WaitingVersion) -> Parsed | None:
        try:
            data = self._store.get(self._organization_id, waiting.checksum)
        except (Missing, Unavailable):
            return None
        kind = self._kind_of.get(waiting.file_type_id) if waiting.file_type_id else None
        return self._parsed(data, waiting.original_filename, kind, waiting.mime_type, waiting.title)

    def _cut(self, parsed: Parsed, rules: Iterable[ChunkingRule]) -> Counts:
        cut = {rule: staging.passages(parsed, chunking.split(parsed, rule)) for rule in rules}
        if not all(passages.members for passages in cut.values()):
            return Counts(failed=1)
        counts = Counts(chunks=sum(len(passages.members) for passages in cut.values()))
        for recipe, model in self._wanted:
            if recipe.rule in cut:
                counts += self._lacking(parsed.title, cut[recipe.rule], recipe.embedding_model_id, model)
        return counts

    def _lacking(self, title: str | None, passages: Passages, model_id: UUID, model: str) -> Counts:
        pieces = {passage.content_hash: passage.piece for passage in passages.members}
        with self._database.transaction(self._organization_id) as connection:
            present = embeddings.select_present(
                connection, self._organization_id, embedding_model_id=model_id, content_hashes=pieces
            )
        texts = {
            content: contextual(title, piece.section_title, piece.content)
            for content, piece in pieces.items()
            if content not in present
        }
        return self._given(model, model_id, texts, passages=len(passages.members))

    def _missing_of(self, connection: Connection, version_id: UUID, recipe: Recipe, model: str) -> Counts:
        missing = embeddings.select_missing(
            connection, self._organization_id, version_ids=[version_id], recipe=recipe.name,
            embedding_model_id=recipe.embedding_model_id, at_most=_ALL,
        )  # fmt: skip
        texts = {each.content_hash: contextual(each.title, each.section_title, each.content) for each in missing}
        passages = chunks.count_of_versions(
            connection, self._organization_id, version_ids=[version_id], recipe=recipe.name
        )  # fmt: skip
        return self._given(model, recipe.embedding_model_id, texts, passages=passages)

    def _given(self, model: str, model_id: UUID, texts: Mapping[bytes, str], *, passages: int) -> Counts:
        """What the model is given of these contents: each once in the whole sync."""
        with self._sharing:
            new = [content for content in texts if (model_id, content) not in self._embedded]
            self._embedded |= {(model_id, content) for content in new}
        tokens = sum(estimated_tokens(texts[content]) for content in new)
        return Counts(
            {
                "embedded": len(new),
                "reused": passages - len(new),
                embedded_by(model): len(new),
                tokens_of(model): tokens,
            }
        )


def _unseeded(known: Iterable[KnownFileType]) -> Iterator[KnownFileType]:
    """The kinds that the first sync of the organization will give it."""
    names = {each.name for each in known}
    for each in parsing.DEFAULT_FILE_TYPES:
        if each.name not in names:
            yield KnownFileType(
                uuid4(), each.name, each.category, list(each.mime_types), list(each.extensions), list(each.parsers)
            )  # fmt: skip
