"""Rows of a query as documents: all keys listed from one state of the database, only what changed read again."""

from __future__ import annotations

import datetime as dt
import resource
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from resources.foundation.database import Server
from resources.foundation.errors import Misconfigured, Refused, Unavailable
from resources.knowledge.connectors import database_connector
from resources.knowledge.connectors.database_connector import DatabaseConnector
from resources.knowledge.connectors.protocol import ItemFailed, ItemGone
from resources.knowledge.sources import data_sources
from tests.factories.workshops import Workshop

SHOP = """
create table articles
    (id integer primary key, name text, body text, price numeric(8, 2), grain text, changed timestamp);
insert into articles values
    (1, 'Rye', 'Rye flour, ground on Mondays.', 3.50, 'rye', '2026-01-01 10:00:00'),
    (2, 'Oats', 'Rolled oats.', 2.00, null, '2026-01-02 10:00:00'),
    (10, 'Wheat', 'Wheat flour.', 4.00, 'wheat', '2026-01-03 10:00:00');
"""
QUERY: dict[str, object] = {"query": "select * from articles", "key": "id", "text": ["body"]}


class Shop:
    """A database that belongs to somebody else."""

    def __init__(self, url: str, run: Callable[[str], Any]) -> None:
        self.url = url
        self.run = run

    def connector(self, **config: object) -> DatabaseConnector:
        return database_connector.from_config({**QUERY, "url": self.url, **config}, {})

    def texts(self, **config: object) -> dict[str, str]:
        source = self.connector(**config)
        found = {item.path: source.fetch(item, None).data.decode() for item in source.items()}
        source.close()
        return found


def sqlite_shop(folder: Path) -> Shop:
    path = folder / "shop.db"

    def run(statements: str) -> None:
        with sqlite3.connect(path) as connection:
            connection.executescript(statements)
        connection.close()

    return Shop(f"sqlite:///{path}", run)


def postgresql_shop(server: Server) -> Iterator[Shop]:
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as connection:
        connection.execute("create schema shop")
        connection.execute("set search_path = shop")
        yield Shop(server.admin_conninfo() + "&options=-csearch_path%3Dshop", connection.execute)


@pytest.fixture(params=["postgresql", "sqlite"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    if request.param == "sqlite":
        made = sqlite_shop(tmp_path)
        made.run(SHOP)
        yield made
        return
    for made in postgresql_shop(request.getfixturevalue("server")):
        made.run(SHOP)
        yield made


@pytest.fixture
def postgresql(server: Server) -> Iterator[Shop]:
    yield from postgresql_shop(server)


def test_rows_are_documents_in_the_order_of_their_keys_as_text(shop: Shop) -> None:
    source = shop.connector(text=["body", "grain"], metadata=["price", "grain"], title="name", batch_size=2)
    items = list(source.items())
    assert [item.path for item in items] == ["1", "10", "2"]
    assert items[0].title == "Rye"
    assert dict(items[0].metadata) == {"price": "3.50" if "postgresql" in shop.url else "3.5", "grain": "rye"}
    assert dict(items[2].metadata) == {"price": items[2].metadata["price"]}
    fetched = source.fetch(items[0], None)
    assert fetched.data.decode() == "# Rye\n\n## body\n\nRye flour, ground on Mondays.\n\n## grain\n\nrye\n"
    assert (fetched.media_type, fetched.title) == ("text/markdown", "Rye")


@pytest.mark.parametrize("updated_at", [None, "changed"])
def test_what_changed_has_another_revision_and_what_went_is_not_listed(shop: Shop, updated_at: str | None) -> None:
    def revisions() -> dict[str, str | None]:
        source = shop.connector(metadata=["grain"], updated_at=updated_at)
        listed = {item.path: item.revision for item in source.items()}
        assert {item.path: source.fetch(item, None).revision for item in source.items()} == listed
        source.close()
        return listed

    before = revisions()
    assert revisions() == before
    shop.run("delete from articles where id = 2")
    shop.run("update articles set grain = 'spelt', changed = '2026-02-01 00:00:00' where id = 10")
    shop.run("insert into articles values (3, 'Spelt', 'Spelt.', 5, null, '2026-02-01 00:00:00')")
    after = revisions()
    assert sorted(after) == ["1", "10", "3"]
    assert after["1"] == before["1"]
    assert after["10"] != before["10"]


def test_a_row_that_changed_or_went_after_the_listing_is_read_as_it_is(shop: Shop) -> None:
    source = shop.connector(updated_at="changed")
    items = {item.path: item for item in source.items()}
    shop.run("update articles set body = 'Fine rye.', changed = '2026-03-01 00:00:00' where id = 1")
    shop.run("delete from articles where id = 2")
    fetched = source.fetch(items["1"], None)
    assert fetched.data == b"Fine rye.\n"
    assert fetched.revision != items["1"].revision
    with pytest.raises(ItemGone):
        source.fetch(items["2"], None)


def test_a_time_of_just_now_is_not_taken_as_proof(shop: Shop) -> None:
    """Another change within the same second would leave it as it is."""
    shop.run("update articles set changed = current_timestamp where id = 1")
    shop.run("update articles set changed = null where id = 2")
    source = shop.connector(updated_at="changed")
    trusted = {item.path: source.fetch(item, None).revision is not None for item in source.items()}
    assert trusted == {"1": False, "2": False, "10": True}


@pytest.mark.parametrize("updated_at", [None, "changed"])
def test_a_table_is_kept_in_step(shop: Shop, workshop: Workshop, updated_at: str | None) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        made = data_sources.create(
            connection, workshop.organization_id, name="shop", source_type="database",
            config={**QUERY, "url": shop.url, "title": "name", "metadata": ["grain"], "updated_at": updated_at},
        )  # fmt: skip
    workshop.source_id = made.id
    assert (workshop.sync().changed, workshop.sync().unchanged) == (3, 3)
    assert workshop.rows(
        b"select file_path, title, mime_type, source_metadata ->> 'grain' from knowledge.documents order by 1"
    ) == [
        ("1", "Rye", "text/markdown", "rye"),
        ("10", "Wheat", "text/markdown", "wheat"),
        ("2", "Oats", "text/markdown", None),
    ]
    shop.run("delete from articles where id = 2")
    shop.run("update articles set body = 'Fine rye flour.', changed = '2026-02-01 00:00:00' where id = 1")
    synced = workshop.sync()
    assert (synced.changed, synced.unchanged, synced.deleted) == (1, 1, 1)
    assert workshop.visible() == {"1": "# Rye\n\nFine rye flour.", "10": "# Wheat\n\nWheat flour."}


def test_rows_are_read_ahead_only_while_they_are_asked_for(postgresql: Shop) -> None:
    postgresql.run("create table many as select n as id, 'Text ' || n as body, timestamp '2026-01-01' as changed "
                   "from generate_series(1, 500) n")  # fmt: skip
    config = {"query": "select * from many", "updated_at": "changed"}
    source = postgresql.connector(**config)
    read = {item.path: source.fetch(item, None).data.decode() for item in source.items()}
    assert read == {str(n): f"Text {n}\n" for n in range(1, 501)}
    assert vars(source)["_depth"] == 64
    scattered = postgresql.connector(**config)
    some = list(scattered.items())[::50]
    assert [scattered.fetch(item, None).data for item in some] == [f"Text {item.path}\n".encode() for item in some]
    assert vars(scattered)["_depth"] <= 2


def test_keys_of_many_types_find_their_rows_again(postgresql: Shop) -> None:
    postgresql.run(
        "create table many_keys (big bigint, word text, thing uuid, amount numeric, day date, at timestamptz,"
        " raw bytea, sure boolean, network inet, body text, changed timestamptz)"
    )
    postgresql.run(
        "insert into many_keys values (9007199254740993, 'a/b%', gen_random_uuid(), 1.50, '2026-01-01',"
        " '2026-01-01 10:00+02', '\\xff00', true, '10.0.0.0/8', 'Rye.', '2026-01-01')"
    )
    columns = ["big", "word", "thing", "amount", "day", "at", "raw", "sure", "network"]
    for key in ([column] for column in columns):
        assert list(postgresql.texts(query="select * from many_keys", key=key, updated_at="changed").values()) == [
            "Rye.\n"
        ], key
    ((path, text),) = postgresql.texts(query="select * from many_keys", key=columns, updated_at="changed").items()
    assert text == "Rye.\n"
    assert path.startswith("9007199254740993/a%2Fb%25/")


def test_values_that_are_no_text_are_told_in_one_way(postgresql: Shop) -> None:
    postgresql.run("create table odd (id int, body jsonb, tags text[], at timestamptz, day date, sure bool, none text)")
    postgresql.run(
        """insert into odd values
        (1, '{"b": 1, "a": [null]}', '{x,y}', '2026-01-01 10:00+02', '2026-01-01', false, null),
        (2, '"words"', '{}', null, null, null, null)"""
    )
    source = postgresql.connector(query="select * from odd", metadata=["tags", "at", "day", "sure", "none"])
    first, second = source.items()
    assert dict(first.metadata) == {
        "tags": '["x", "y"]', "at": "2026-01-01T08:00:00+00:00", "day": "2026-01-01", "sure": "false",
    }  # fmt: skip
    assert source.fetch(first, None).data.decode() == '{"a": [null], "b": 1}\n'
    assert source.fetch(second, None).data.decode() == "words\n"


def test_columns_of_mixed_types_are_read_as_they_are(tmp_path: Path) -> None:
    shop = sqlite_shop(tmp_path)
    shop.run(
        "create table t as with recursive n(id) as (select 1 union all select id + 1 from n where id < 300)"
        " select id, case when id < 200 then id else 'words' end as body from n"
    )
    assert shop.texts(query="select * from t")["250"] == "words\n"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            {"query": "select name as id, body from articles union all select 'Rye', ''"},
            "is not unique: '.*' is listed twice",
        ),
        ({"query": "select grain as id, body from articles"}, "the key id is empty in a row"),
        ({"query": "select nonsense from articles"}, "refuses the query"),
        ({"key": "nowhere"}, "nowhere"),
        ({"query": "select * from no_such_table"}, "no_such_table"),
    ],
)
def test_a_query_that_makes_no_sense_is_named(shop: Shop, config: dict[str, object], says: str) -> None:
    with pytest.raises(Misconfigured, match=says) as caught:
        shop.texts(**config)
    assert caught.value.__cause__ is None


def test_rows_over_the_limit_are_named(shop: Shop) -> None:
    for updated_at in (None, "changed"):
        source = shop.connector(max_bytes=20, updated_at=updated_at)
        rye, *_ = source.items()
        with pytest.raises(ItemFailed, match="row 1 has") as caught:
            source.fetch(rye, None)
        assert caught.value.outcome == "too_large"


@pytest.mark.parametrize(
    "query",
    [
        "select 1 as id, 'x' as body from hurt()",
        "with gone as (delete from articles returning *) select * from gone",
    ],
)
def test_nothing_is_ever_written(postgresql: Shop, query: str) -> None:
    postgresql.run(SHOP)
    postgresql.run("create function hurt() returns int language sql as 'delete from shop.articles returning 1'")
    with pytest.raises((Misconfigured, Unavailable)):
        postgresql.texts(query=query)
    assert postgresql.run("select count(*) from articles").fetchone() == (3,)


def test_nothing_is_ever_written_to_sqlite(tmp_path: Path) -> None:
    shop = sqlite_shop(tmp_path)
    with pytest.raises(Unavailable):
        shop.texts()
    assert not (tmp_path / "shop.db").exists()


def test_a_query_that_takes_too_long_is_ended(shop: Shop) -> None:
    slow = "with recursive n(id) as (select 1 union all select id + 1 from n) select id, '' as body from n where id < 0"
    with pytest.raises((Unavailable, Misconfigured), match=r"timeout|interrupted"):
        shop.texts(query=slow, timeout_s=1)


@pytest.mark.parametrize(
    "url", ["postgresql://miller:{}@127.0.0.1:1/mill", "postgresql://miller@127.0.0.1:1/mill?password={}"]
)
def test_a_password_in_the_url_is_refused_without_saying_it(url: str) -> None:
    with pytest.raises(Misconfigured, match="credential") as caught:
        database_connector.from_config({**QUERY, "url": url.format("canary-1")}, {})
    assert "canary-1" not in str(caught.value)


def test_a_database_that_does_not_answer_is_told_without_the_password() -> None:
    source = database_connector.from_config(
        {**QUERY, "url": "postgresql://miller@127.0.0.1:1/mill"}, {"password": "canary-2"}
    )
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1.*nothing was deleted") as caught:
        list(source.items())
    assert "canary-2" not in f"{caught.value} {caught.value.__cause__} {source} {vars(source)['_engine']!r}"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("oracle://x@db.example/x", "needs the package"),
        ("nonsense://x@db.example/x", "no SQLAlchemy dialect"),
        ("sqlite:///relative.db", "absolute path"),
        ("sqlite:////x.db?mode=rw", "absolute path"),
        ("sqlite://", "absolute path"),
        ("shop.db", "is an address"),
    ],
)
def test_a_database_that_cannot_be_reached_from_here_is_named(url: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        database_connector.from_config({**QUERY, "url": url}, {})


@pytest.mark.parametrize(
    "url", ["sqlite:////etc/x.db", "postgresql:///mill", "postgresql:///mill?host=/run", "duckdb:///:memory:"]
)
def test_where_roots_are_set_nothing_else_of_this_machine_is_reached(url: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="MILLRACE_FILE_ROOTS"):
        database_connector.from_config({**QUERY, "url": url}, {}, roots=[tmp_path])


@pytest.mark.campaign
def test_a_hundred_thousand_rows_are_read_in_bounded_memory(postgresql: Shop) -> None:
    postgresql.run("create table many (id integer primary key, body text, changed timestamp)")
    postgresql.run(
        "insert into many select n, repeat('Rye and oats. ', 150) || n, "
        "timestamp '2026-01-01' as changed from generate_series(1, 100000) n"
    )  # 200 MB of text
    list(postgresql.connector(query="select id, body from many limit 1000").items())
    for updated_at in (None, "changed"):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        tracemalloc.start()
        started = dt.datetime.now(dt.UTC)
        source = postgresql.connector(query="select * from many", updated_at=updated_at)
        assert sum(len(source.fetch(item, None).data) > 2000 for item in source.items()) == 100_000
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        source.close()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"{updated_at}: {dt.datetime.now(dt.UTC) - started}, Python {peak >> 20} MiB, process {grown >> 10} MiB")  # noqa: T201
        assert peak < 40 << 20
        assert grown < 80 << 10
