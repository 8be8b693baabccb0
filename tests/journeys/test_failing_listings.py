"""Whatever kind of source: a listing that fails anywhere, gives nothing or gives a third deletes nothing."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Protocol
from wsgiref.types import StartResponse

import boto3
import pytest
from moto.server import ThreadedMotoServer

from resources.foundation.database import Database
from resources.foundation.errors import MillraceError
from resources.foundation.secrets import Key, Keyring
from resources.knowledge.connectors import credentials
from resources.knowledge.intake import intake
from resources.knowledge.records import SyncCounts
from resources.knowledge.sources import data_sources
from tests.conftest import make_organization
from tests.factories.crashes import watch_reading
from tests.factories.workshops import Workshop, make_workshop
from tests.fixtures.website import Behaviour, Exchange, Request, Website, failing, page, telling

DOCUMENTS, PAGES = 42, 3
ON_A_PAGE = DOCUMENTS // PAGES
Place = Literal["start", "middle", "end"]
PLACES: Mapping[Place, int] = {"start": 0, "middle": 1, "end": 2}
RING = Keyring.of(Key("one", b"k" * 32))


class Source(Protocol):
    """Somebody else's documents 0 to `left`, which are told of in three parts."""

    source_type: str
    config: dict[str, object]

    def keep(self, left: int) -> None:
        """Have only so many."""
        ...

    def fail_at(self, part: int) -> None:
        """Fail, from now on, when this part is to be told."""
        ...

    def heal(self) -> None:
        """Be well again."""
        ...


class Folder:
    """Three folders, the listing of one of which ends with an input/output error."""

    source_type = "file"

    def __init__(self, home: Path) -> None:
        self._root = home / "folder"
        self.config: dict[str, object] = {"location": str(self._root)}

    def keep(self, left: int) -> None:
        for n in range(DOCUMENTS):
            path = self._root / f"part-{n // ON_A_PAGE}" / f"{n}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            if n < left:
                path.write_text(f"Sack {n} of rye.")
            else:
                path.unlink(missing_ok=True)

    def fail_at(self, part: int) -> None:
        def watch(moment: str) -> None:
            if moment == f"reading part-{part}":
                raise OSError(errno.EIO, "Input/output error")

        watch_reading(watch)

    def heal(self) -> None:
        watch_reading(lambda moment: None)


class Table:
    """A view over a table; PostgreSQL or not, a value in the middle of a result may turn out not to be computable."""

    source_type = "database"

    def __init__(self, home: Path) -> None:
        self._path = home / "shop.db"
        self.config: dict[str, object] = {
            "url": f"sqlite:///{self._path}", "query": "select * from shown", "key": "id", "text": ["body"],
        }  # fmt: skip
        self._run("create table sacks (id integer primary key, body text)")
        self.heal()

    def keep(self, left: int) -> None:
        rows = ", ".join(f"({10 + n}, 'Sack {n} of rye.')" for n in range(left))
        self._run(f"delete from sacks; {f'insert into sacks values {rows}' if rows else ''}")  # noqa: S608

    def fail_at(self, part: int) -> None:
        at = 10 + part * (DOCUMENTS - 1) // (PAGES - 1)
        self._show(f"case when id = {at} then abs(-9223372036854775807 - 1) else body end")

    def heal(self) -> None:
        self._show("body")

    def _show(self, body: str) -> None:
        self._run(f"drop view if exists shown; create view shown as select id, {body} as body from sacks")  # noqa: S608

    def _run(self, statements: str) -> None:
        connection = sqlite3.connect(self._path)
        connection.executescript(statements)
        connection.close()


class Pages:
    """A site with three sitemaps."""

    source_type = "web"

    def __init__(self, site: Website) -> None:
        self._site = site
        self.config: dict[str, object] = {"sitemap": site.address("/sitemap.xml"), "delay_s": 0}
        parts = "".join(f"<sitemap><loc>{site.address(f'/{n}.xml')}</loc></sitemap>" for n in range(PAGES))
        site.pages["/sitemap.xml"] = _xml(f"<sitemapindex>{parts}</sitemapindex>")
        for n in range(DOCUMENTS):
            site.pages[f"/{n}"] = page(f"<title>{n}</title><p>Sack {n} of rye.</p>", etag=f'"{n}"')

    def keep(self, left: int) -> None:
        self._left = left
        for part in range(PAGES):
            names = range(part * ON_A_PAGE, min((part + 1) * ON_A_PAGE, left))
            urls = "".join(f"<url><loc>{self._site.address(f'/{n}')}</loc></url>" for n in names)
            self._site.pages[f"/{part}.xml"] = _xml(f"<urlset>{urls}</urlset>")

    def fail_at(self, part: int) -> None:
        self._site.pages[f"/{part}.xml"] = failing(500)

    def heal(self) -> None:
        self.keep(self._left)


class Endpoint:
    """A JSON endpoint in pages."""

    source_type = "api"

    def __init__(self, site: Website) -> None:
        self.config: dict[str, object] = {
            "url": site.address("/sacks"), "items": "sacks", "key": "id", "text": ["body"], "paging": {"kind": "page"},
        }  # fmt: skip
        self._failing: int | None = None
        site.pages["/sacks"] = self._answer

    def keep(self, left: int) -> None:
        self._left = left

    def fail_at(self, part: int) -> None:
        self._failing = part

    def heal(self) -> None:
        self._failing = None

    def _answer(self, exchange: Exchange, asked: Request) -> None:
        part = int(asked.path.rpartition("page=")[2]) - 1
        names = range(part * ON_A_PAGE, min((part + 1) * ON_A_PAGE, self._left))
        told: Behaviour = telling({"sacks": [{"id": n, "body": f"Sack {n} of rye."} for n in names]})
        (failing(500) if part == self._failing else told)(exchange, asked)


class Bucket:
    """A bucket of a real S3-compatible server that lists a few objects at once."""

    source_type = "file"

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self._application = self._server._server.app  # type: ignore[union-attr]
        self._server._server.app = self._answer  # type: ignore[union-attr]
        self.config: dict[str, object] = {"location": "s3://mill/docs", "endpoint_url": f"http://{host}:{port}"}
        self._failing: int | None = None
        self._asked = 0
        self._client: Any = boto3.client(
            "s3", endpoint_url=f"http://{host}:{port}", aws_access_key_id="key", aws_secret_access_key="secret",  # noqa: S106
            region_name="us-east-1",
        )  # fmt: skip
        self._client.create_bucket(Bucket="mill")

    def keep(self, left: int) -> None:
        for n in range(DOCUMENTS):
            if n < left:
                self._client.put_object(Bucket="mill", Key=f"docs/{n:02}.txt", Body=f"Sack {n} of rye.".encode())
            else:
                self._client.delete_object(Bucket="mill", Key=f"docs/{n:02}.txt")

    def fail_at(self, part: int) -> None:
        self._failing = part

    def heal(self) -> None:
        self._failing = None

    def close(self) -> None:
        self._server.stop()

    def _answer(self, environment: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if "list-type" in environment["QUERY_STRING"]:
            self._asked = self._asked + 1 if "continuation-token" in environment["QUERY_STRING"] else 0
            environment["QUERY_STRING"] += f"&max-keys={ON_A_PAGE}"
            if self._asked == self._failing:
                start("403 Forbidden", [("Content-Type", "application/xml")])
                return [b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"]
        answer: Iterable[bytes] = self._application(environment, start)
        return answer


def _xml(body: str) -> Behaviour:
    return page(body, media_type="application/xml")


@contextmanager
def opened(kind: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    with Website() as site:
        monkeypatch.setenv("MILLRACE_ALLOWED_HOSTS", site.host)
        if kind == "s3":
            bucket = Bucket()
            yield bucket
            bucket.close()
        else:
            made: dict[str, Callable[[], Source]] = {
                "file": lambda: Folder(home), "database": lambda: Table(home), "web": lambda: Pages(site),
                "api": lambda: Endpoint(site),
            }  # fmt: skip
            yield made[kind]()


def sync(workshop: Workshop) -> SyncCounts:
    return intake.sync(
        workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store,
        parsers=workshop.parsers, recipes=workshop.recipes(), keyring=RING,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["file", "s3", "web", "api", "database"])
def test_nothing_is_deleted_because_a_source_is_unwell(
    kind: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = make_workshop(database, make_organization(database, "acme"), tmp_path, name="unused")
    with opened(kind, tmp_path, monkeypatch) as source:
        source.keep(DOCUMENTS)
        with database.transaction(workshop.organization_id) as connection:
            made = data_sources.create(
                connection, workshop.organization_id, name=kind, source_type=source.source_type, config=source.config
            )
            if kind == "s3":
                keys = {"key": "key", "secret": "secret"}
                credentials.replace(connection, workshop.organization_id, made.id, keys, keyring=RING)
        workshop.source_id = made.id
        assert sync(workshop).changed == DOCUMENTS
        before = workshop.snapshot()

        for place, part in PLACES.items():
            source.fail_at(part)
            with pytest.raises(MillraceError):
                sync(workshop)
            assert {**workshop.snapshot(), "failures": []} == before, place
            assert workshop.rows(b"select stage from knowledge.sync_failures") == [("listing",)]
            source.heal()

        for left in (0, DOCUMENTS // 3):
            source.keep(left)
            with suppress(MillraceError):  # where nothing at all is no listing
                assert sync(workshop).deleted == 0
            assert {**workshop.snapshot(), "failures": []} == before, left

        source.keep(DOCUMENTS)
        assert sync(workshop).deleted == 0
        assert workshop.snapshot() == before
        assert workshop.rows(b"select from knowledge.deletion_batches where status = 'waiting'") == []
