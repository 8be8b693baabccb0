"""Which documents a filter lets through: what it means, whatever stands in it, and never another organization's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given, settings
from psycopg.types.json import Jsonb

from resources.foundation.database import Database, Server, open_database
from resources.foundation.statements import Connection
from resources.knowledge.search import filtering, search
from resources.knowledge.search.filtering import Filter
from resources.knowledge.sources import data_sources, file_types, tags
from tests.conftest import make_organization
from tests.factories import filters
from tests.factories.filters import FILE_TYPES, INSTANTS, LANGUAGES, NAMES, PATHS, PAYLOADS, SAID, SOURCES, TAGS, Item

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BORNE = {"handbook": {"policy", "Ünïcode tag"}, "archive": {"safety"}, "rumours": set[str]()}


def let_through(connection: Connection, filter: Filter, sources: Sequence[UUID] | None = None) -> set[UUID]:
    """What the database lets through for the organization of the transaction."""
    assert filter.wanted is not None
    statement = "select unnest(knowledge.matching_documents(%s::uuid[], %s))"
    given = None if sources is None else list(sources)
    return {row[0] for row in connection.execute(statement, [given, Jsonb(filter.wanted)])}


class Shelf:
    """Documents of one organization, and what they are."""

    def __init__(self, database: Database, organization_id: UUID) -> None:
        self.database, self.organization_id = database, organization_id
        self.items: dict[UUID, Item] = {}
        with database.transaction(organization_id) as connection:
            file_types.seed(connection, organization_id)
            self.kinds = {kind.name: kind.id for kind in file_types.select_active(connection, organization_id)}
            known = {name: tags.create(connection, organization_id, name=name).id for name in TAGS}
            self.sources = {}
            for name in SOURCES:
                source = data_sources.create(connection, organization_id, name=name, config={"location": "."})
                self.sources[name] = source.id
                for tag in BORNE[name]:
                    tags.attach(connection, organization_id, source_id=source.id, tag_id=known[tag])

    def add(self, item: Item) -> UUID:
        """A document that readers see."""
        document_id, version_id = uuid4(), uuid4()
        path = item.path
        with self.database.transaction(self.organization_id) as connection:
            source_id = self.sources[item.source]
            connection.execute(
                "insert into knowledge.documents (organization_id, id, data_source_id, title, original_filename, "
                "file_path, file_size, status, language, file_type_id, modified_ns, source_metadata) "
                "values (%s, %s, %s, 'x', 'x', %s, 1, 'ready', %s, %s, %s, %s)",
                [self.organization_id, document_id, source_id, path, item.language,
                 self.kinds[item.file_type] if item.file_type else None,
                 int((item.changed_at - EPOCH) / timedelta(microseconds=1)) * 1000, Jsonb(dict(item.fields))],
            )  # fmt: skip
            connection.execute(
                "insert into knowledge.document_versions (organization_id, id, document_id, number, checksum, "
                "file_size, status, text, valid_from) values (%s, %s, %s, 1, repeat('0', 64), 1, 'ready', 'x', now())",
                [self.organization_id, version_id, document_id],
            )
            connection.execute(
                "update knowledge.documents set current_version_id = %s where organization_id = %s and id = %s",
                [version_id, self.organization_id, document_id],
            )
        self.items[document_id] = Item(
            item.source, frozenset(BORNE[item.source]), item.file_type, item.language, path, item.changed_at,
            item.fields,
        )  # fmt: skip
        return document_id

    def find(self, filter: Filter, sources: Sequence[UUID] | None = None) -> set[UUID]:
        """What the database lets through."""
        with self.database.transaction(self.organization_id) as connection:
            return let_through(connection, filter, sources)


@pytest.fixture(scope="module")
def shelf(template_server: Server) -> Iterator[Shelf]:
    """Documents of all kinds, in a database of their own."""
    name = "filters"
    with psycopg.connect(template_server.with_database("postgres").admin_conninfo(), autocommit=True) as admin:
        admin.execute(f"create database {name} template millrace".encode())
        with open_database(template_server.with_database(name), "millrace_api", most=1) as database:
            yield _filled(template_server.with_database(name), database)
        admin.execute(f"drop database {name} with (force)".encode())


def _filled(server: Server, api: Database) -> Shelf:
    with open_database(server, "millrace_pipeline", most=1) as database:
        shelf = Shelf(database, make_organization(database, "acme"))
        number = 0
        for source in SOURCES:
            for path in PATHS:
                number += 1
                fields = {NAMES[(number + step) % len(NAMES)]: SAID[(3 * number + 5 * step) % len(SAID)]
                          for step in range(number % 5)}  # fmt: skip
                shelf.add(Item(source, frozenset(), [*FILE_TYPES, None][number % 3], [*LANGUAGES, None][number % 4],
                               path, INSTANTS[number % len(INSTANTS)], fields))  # fmt: skip
        for step, said in enumerate(SAID):
            shelf.add(Item("rumours", frozenset(), None, None, f"said/{step}", INSTANTS[0],
                           {"team": said, "pages": said}))  # fmt: skip
        other = Shelf(database, make_organization(database, "other"))
        other.add(Item("handbook", frozenset(), "pdf", "en", "grain.md", INSTANTS[0], {"team": "mill"}))
    shelf.database = api
    return shelf


@settings(max_examples=250)
@given(value=filters.filters)
def test_the_database_and_the_meaning_of_a_filter_agree(shelf: Shelf, value: object) -> None:
    read = filters.read(value)
    if read is None:
        return
    meant = {id for id, item in shelf.items.items() if filters.passes(item, read.part)}
    assert shelf.find(read) == meant


@settings(max_examples=150)
@given(value=filters.hostile_filters)
def test_whatever_stands_in_a_filter_is_compared_and_never_run(shelf: Shelf, value: object) -> None:
    read = filters.read(value)
    if read is None or read.part is None:
        return
    with shelf.database.transaction(shelf.organization_id) as connection:
        let_through(connection, read)
        sent = connection.execute("select 1")
        assert sent.fetchone() == (1,), "the transaction goes on"
    assert shelf.find(read) <= set(shelf.items), "nothing of another organization"


def test_a_field_named_like_an_attack_is_found_by_that_name_and_value(
    database: Database, organization_id: UUID
) -> None:
    shelf = Shelf(database, organization_id)
    for number, payload in enumerate(PAYLOADS):
        shelf.add(Item("archive", frozenset(), None, None, f"{number}", INSTANTS[0], {payload: payload}))
    for id, item in list(shelf.items.items()):
        [(name, said)] = item.fields.items()
        assert shelf.find(filtering.parsed({"fields": {name: {"eq": said}}})) == {id}, name
        assert shelf.find(filtering.parsed({"fields": {name: {"exists": True}}})) == {id}, name


def test_one_statement_serves_all_filters() -> None:
    """There is nothing that could be assembled: the statement is a constant, and the filter a parameter of it."""
    for name in ("hybrid", "select_missing_phrases"):
        assert search.SQL[name].count(b"%(wanted)s") == 2
        assert b"knowledge.matching_documents(%(source_ids)s::uuid[], %(wanted)s::jsonb)" in search.SQL[name]


def test_a_condition_that_the_database_does_not_know_is_an_error_and_lets_nothing_through(shelf: Shelf) -> None:
    for wanted in (
        {"is": "owner"},
        {},
        {"is": "all", "parts": [{"is": "tag", "values": ["policy"]}, {"is": "nobody"}]},
    ):
        with (
            shelf.database.transaction(shelf.organization_id) as connection,
            pytest.raises(psycopg.errors.InvalidParameterValue, match="no condition"),
            connection.transaction(),
        ):
            connection.execute("select knowledge.matching_documents(null, %s)", [Jsonb(wanted)])


def test_only_documents_of_the_given_sources_that_readers_see_are_let_through(
    database: Database, organization_id: UUID
) -> None:
    shelf = Shelf(database, organization_id)
    here, gone, unread, elsewhere = (
        shelf.add(Item(source, frozenset(), "pdf", "en", path, INSTANTS[0], {}))
        for source, path in (("handbook", "here"), ("handbook", "gone"), ("handbook", "unread"), ("archive", "x"))
    )
    with database.transaction(organization_id) as connection:
        connection.execute("update knowledge.documents set soft_deleted_at = now() where id = %s", [gone])
        connection.execute("update knowledge.documents set current_version_id = null where id = %s", [unread])
    english = filtering.parsed({"languages": "en"})
    not_german = filtering.parsed({"not": {"languages": "de"}})
    assert shelf.find(english) == shelf.find(not_german) == {here, elsewhere}
    assert shelf.find(english, [shelf.sources["handbook"]]) == shelf.find(not_german, [shelf.sources["handbook"]])
    assert shelf.find(english, [shelf.sources["handbook"]]) == {here}
    assert shelf.find(english, []) == set()
    assert shelf.find(filtering.parsed({"sources": str(shelf.sources["archive"])})) == {elsewhere}
    assert shelf.find(filtering.parsed({"file_types": ".pdf"})) == {here, elsewhere}


def test_another_organization_filters_its_own_documents(shelf: Shelf) -> None:
    source = str(next(iter(shelf.sources.values())))
    foreign = uuid4()
    with shelf.database.transaction(foreign) as connection:
        for value in ({"sources": source}, {"not": {"sources": source}}, {"fields": {"team": "mill"}}):
            assert let_through(connection, filtering.parsed(value)) == set()


@pytest.mark.parametrize("value", ["mill", 3, "2026-01-31", {"date": "2026-01-31T10:00:00Z"}])
@pytest.mark.parametrize("test", ["lt", "lte", "gt", "gte", "eq", "ne"])
def test_what_is_equal_is_neither_less_nor_more(shelf: Shelf, test: str, value: object) -> None:
    read = filtering.parsed({"fields": {"pages": {test: value}}})
    meant = {id for id, item in shelf.items.items() if filters.passes(item, read.part)}
    assert shelf.find(read) == meant
