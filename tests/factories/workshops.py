"""A folder on the disk, the source made of it, and the means to carry it through intake."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Embedder
from resources.knowledge.chunks import embedding_models
from resources.knowledge.intake import intake
from resources.knowledge.readers import conveying, parsing
from resources.knowledge.readers.conveying import ParseFailure, Unpacked
from resources.knowledge.records import ChunkingRule, Parsed, Recipe, SyncCounts
from resources.knowledge.sources import data_sources
from tests.factories.embedders import HashEmbedder

Row = tuple[object, ...]

# What a person could compare between two knowledge bases: everything but ids, times and the numbers of versions.
SNAPSHOT = {
    "documents": b"""
        select d.file_path, d.title, d.status, d.language, d.file_size, v.checksum, v.text, v.status, v.valid_to is null
        from knowledge.documents d left join knowledge.document_versions v
            on v.organization_id = d.organization_id and v.id = d.current_version_id
        where d.soft_deleted_at is null order by 1""",
    "chunks": b"""
        select d.file_path, c.recipe, c.chunk_index, c.content, c.start_char, c.end_char, c.section_title, c.page,
               c.token_count, c.content_hash, c.language::text, c.lexemes::text, c.is_active,
               c.document_version_id = d.current_version_id
        from knowledge.chunks c join knowledge.documents d
            on d.organization_id = c.organization_id and d.id = c.document_id
        order by 1, 2, 3, 13""",
    "embeddings": b"""
        select m.name, e.content_hash, e.embedding::text
        from knowledge.embeddings e join knowledge.embedding_models m
            on m.organization_id = e.organization_id and m.id = e.embedding_model_id
        order by 1, 2""",
    "frequencies": b"select recipe, lexeme, chunk_count from knowledge.lexeme_frequencies order by 1, 2",
    "statistics": b"""
        select recipe, language::text, chunk_count, lexeme_total from knowledge.text_statistics
        where chunk_count > 0 order by 1, 2""",
    "failures": b"select file_path, stage, outcome from knowledge.sync_failures order by 1",
}


class DirectParsers:
    """Parses in this process: for tests, whose files are their own. `before` is called with each file's name."""

    def __init__(self, before: Callable[[str], None] | None = None) -> None:
        self.parsed: list[str] = []
        self.unpacked: list[str] = []
        self._before = before

    def parse(self, data: bytes, *, media_type: str, filename: str, parser: str | None = None) -> Parsed | ParseFailure:
        self.parsed.append(filename)
        if self._before is not None:
            self._before(filename)
        try:
            return parsing.parse(data, media_type=media_type, filename=filename, parser=parser)
        except parsing.ParseError as error:
            return ParseFailure(error.outcome, str(error))

    def unpack(
        self, data: bytes, *, filename: str, unpacker: str, file_types: Sequence[parsing.FileType]
    ) -> Generator[Unpacked | ParseFailure, None, None]:
        self.unpacked.append(filename)
        asked = conveying.unpacking_request(filename=filename, unpacker=unpacker, file_types=file_types)
        sent = conveying.answer(asked, data)
        assert not isinstance(sent, tuple)
        for header, body in sent:
            yield conveying.received_member(header, body)


@dataclass
class Workshop:
    """One source of an organization."""

    database: Database
    organization_id: UUID
    folder: Path
    source_id: UUID
    store: ObjectStore
    rule: ChunkingRule = field(default_factory=ChunkingRule)
    embedder: Embedder = field(default_factory=HashEmbedder)
    parsers: DirectParsers = field(default_factory=DirectParsers)

    def write(self, path: str, content: str | bytes, *, age_s: float = 3600) -> None:
        """A file whose time lies back, so that its time proves its content; no two writes have the same time."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        modified = time.time_ns() - int(age_s * 1e9)
        os.utime(target, ns=(modified, modified))

    def recipes(self) -> list[tuple[Recipe, Embedder]]:
        """The rule with the model."""
        with self.database.transaction(self.organization_id) as connection:
            model = embedding_models.register(
                connection, self.organization_id, name=self.embedder.name, version=self.embedder.version,
                dimension=self.embedder.dimension,
            )  # fmt: skip
        return [(Recipe(self.rule, model.id), self.embedder)]

    def bring(self, run_id: str | None = None, progress: intake.Progress | None = None) -> SyncCounts:
        """The first step."""
        return intake.bring_documents(
            self.database, self.organization_id, self.source_id, store=self.store, run_id=run_id, progress=progress
        )

    def cut(self, rules: Sequence[ChunkingRule] | None = None, run_id: str | None = None) -> SyncCounts:
        """The second step."""
        return intake.cut_waiting(
            self.database, self.organization_id, self.source_id, store=self.store, parsers=self.parsers,
            rules=rules or [self.rule], run_id=run_id,
        )  # fmt: skip

    def embed(self, run_id: str | None = None) -> SyncCounts:
        """The third step."""
        return intake.embed_waiting(
            self.database, self.organization_id, self.source_id, recipes=self.recipes(), run_id=run_id
        )

    def sync(self) -> SyncCounts:
        """All of them."""
        return intake.sync(
            self.database, self.organization_id, self.source_id, store=self.store, parsers=self.parsers,
            recipes=self.recipes(),
        )  # fmt: skip

    def expire_lease(self) -> None:
        """Let the time pass that a sync has which was killed or sleeps; nothing where it renews its lease right now."""
        self.rows(
            b"""update knowledge.leases l set expires_at = now() - interval '1 second'
                from (select data_source_id from knowledge.leases for no key update skip locked) free
                where l.data_source_id = free.data_source_id
                returning 1"""
        )

    def rows(self, statement: bytes) -> list[Row]:
        """What the database holds of this organization."""
        with self.database.transaction(self.organization_id) as connection:
            return list(connection.execute(statement).fetchall())

    def visible(self) -> dict[str, str]:
        """What readers see: the chunks of each path, joined."""
        rows = self.rows(
            b"""select d.file_path, string_agg(c.content, ' | ' order by c.chunk_index)
                from knowledge.chunks c join knowledge.documents d
                    on d.organization_id = c.organization_id and d.id = c.document_id
                where c.is_active and d.soft_deleted_at is null and c.document_version_id = d.current_version_id
                group by 1 order by 1"""
        )
        return {str(path): str(content) for path, content in rows}

    def snapshot(self) -> dict[str, list[Row]]:
        """All that could be compared with another knowledge base."""
        return {name: self.rows(statement) for name, statement in SNAPSHOT.items()}

    def vectors(self) -> int:
        """How many vectors there are."""
        return len(self.rows(b"select from knowledge.embeddings"))


def make_workshop(database: Database, organization_id: UUID, home: Path, *, name: str = "handbook") -> Workshop:
    """An empty folder and its source."""
    folder = home / name
    folder.mkdir(parents=True)
    with database.transaction(organization_id) as connection:
        source = data_sources.create(
            connection, organization_id, name=name, config={"location": str(folder)}
        )  # fmt: skip
    return Workshop(database, organization_id, folder, source.id, ObjectStore(home / "objects"))
