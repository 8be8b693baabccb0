"""Files in a bucket, in a zip: listed whole or not at all, read only when they changed, never past the limit."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from resources.foundation.errors import Misconfigured, Refused, Unavailable
from resources.foundation.secrets import Key, Keyring
from resources.knowledge.connectors import credentials, remote_file_connector
from resources.knowledge.connectors.protocol import Connector, Fetched, ItemFailed, ItemGone
from resources.knowledge.intake import intake
from resources.knowledge.records import Item
from resources.knowledge.sources import data_sources
from tests.factories.files import zipped
from tests.factories.workshops import Workshop

KEY, SECRET = "AKIAMILLRACE", "wJalrXUtnFEMI-canary-secret"
CREDENTIALS = {"key": KEY, "secret": SECRET}


class Bucket:
    """A bucket of a real S3-compatible server on loopback, and what was asked of it."""

    def __init__(self, endpoint: str, requests: list[tuple[str, str]]) -> None:
        self.endpoint = endpoint
        self.requests = requests
        self.client: Any = boto3.client(
            "s3", endpoint_url=endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
        )
        self.client.create_bucket(Bucket="mill")

    def put(self, *keys: str, content: bytes = b"rye") -> None:
        for key in keys:
            self.client.put_object(Bucket="mill", Key=key, Body=content)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket="mill", Key=key)

    def connector(self, location: str = "s3://mill", **config: object) -> Connector:
        return connector(location, CREDENTIALS, endpoint_url=self.endpoint, **config)

    def reads(self) -> int:
        """How many objects were read; a listing is no reading of an object."""
        return sum(method == "GET" and "list-type" not in path for method, path in self.requests)


def connector(location: str, credentials: dict[str, str] | None = None, **config: object) -> Connector:
    return remote_file_connector.from_config({"location": location, **config}, credentials or {})


def listed(source: Connector) -> list[str]:
    return [item.path for item in source.items()]


@pytest.fixture(scope="module")
def moto() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """moto's server, and behind its door a list of the requests that came."""
    requests: list[tuple[str, str]] = []
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    application = server._server.app  # type: ignore[union-attr]

    def noting(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        requests.append((environment["REQUEST_METHOD"], f"{environment['PATH_INFO']}?{environment['QUERY_STRING']}"))
        return application(environment, start)

    server._server.app = noting  # type: ignore[union-attr]
    yield f"http://{host}:{port}", requests
    server.stop()


@pytest.fixture
def bucket(moto: tuple[str, list[tuple[str, str]]]) -> Bucket:
    endpoint, requests = moto
    # what moto keeps is the process's: other tests' buckets too
    httpx.post(f"{endpoint}/moto-api/reset", timeout=60).raise_for_status()
    made = Bucket(endpoint, requests)
    requests.clear()
    return made


def test_a_bucket_is_listed_in_the_order_of_whole_keys_and_read(bucket: Bucket) -> None:
    bucket.put(
        "a/b.txt", "a.txt", "a-b.txt", "a//b.txt", "B.txt", "é.txt", "水.txt", "😀.txt", "a b+c%20.txt", content=b"oats"
    )
    source = bucket.connector()
    items = list(source.items())
    assert [item.path for item in items] == sorted(item.path for item in items)
    assert len(items) == 9
    assert {source.fetch(item, None).data for item in items} == {b"oats"}
    assert items[0].address == "s3://mill/B.txt"


def test_what_is_unchanged_keeps_its_revision_and_is_not_read(bucket: Bucket) -> None:
    bucket.put("a.txt", "b.txt")
    first = bucket.connector()
    revisions = {item.path: first.fetch(item, None).revision for item in first.items()}
    assert bucket.reads() == 2
    bucket.requests.clear()
    bucket.put("b.txt", content=b"oats")
    again = {item.path: item.revision for item in bucket.connector().items()}
    assert bucket.reads() == 0
    assert again["a.txt"] == revisions["a.txt"] is not None
    assert again["b.txt"] != revisions["b.txt"]


def test_a_deleted_object_is_listed_no_more_and_a_renamed_one_under_its_new_key(bucket: Bucket) -> None:
    bucket.put("a.txt", "b.txt")
    before = {item.revision for item in bucket.connector().items()}
    bucket.delete("a.txt")
    bucket.client.copy_object(Bucket="mill", Key="c.txt", CopySource="mill/b.txt")
    bucket.delete("b.txt")
    after = list(bucket.connector().items())
    assert [item.path for item in after] == ["c.txt"]
    assert {item.revision for item in after} == before  # the content's own


def test_a_bucket_is_kept_in_step(bucket: Bucket, workshop: Workshop) -> None:
    """The whole intake: what is unchanged costs no reading, a renamed object moves, what failed is named."""
    ring = Keyring.of(Key("one", b"k" * 32))
    with workshop.database.transaction(workshop.organization_id) as connection:
        source = data_sources.get(connection, workshop.organization_id, workshop.source_id)
        config: dict[str, object] = {"location": "s3://mill/docs", "endpoint_url": bucket.endpoint}
        data_sources.replace(connection, workshop.organization_id, replace(source, config=config))
        credentials.replace(connection, workshop.organization_id, source.id, CREDENTIALS, keyring=ring)

    def sync() -> tuple[int, dict[str, int]]:
        bucket.requests.clear()
        counts = intake.sync(
            workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store,
            parsers=workshop.parsers, recipes=workshop.recipes(), keyring=ring,
        )  # fmt: skip
        return bucket.reads(), {name: count for name, count in asdict(counts).items() if count}

    for name, text in {"a.txt": "Rye.", "b.txt": "Oats.", "c.txt": "Wheat.", "d.xyz": "\0\1"}.items():
        bucket.put(f"docs/{name}", content=text.encode())
    first = sync()
    assert first == (4, {"listed": 4, "changed": 3, "failed": 1, "chunks": 3, "embedded": 3})
    assert sync() == (0, {"listed": 4, "unchanged": 3, "failed": 1})
    bucket.put("docs/a.txt", content=b"Spelt.")
    bucket.client.copy_object(Bucket="mill", Key="docs/e.txt", CopySource="mill/docs/b.txt")
    bucket.delete("docs/b.txt")
    bucket.delete("docs/c.txt")
    reads, counts = sync()
    assert (reads, counts["changed"], counts["moved"], counts["deleted"]) == (2, 1, 1, 1)
    assert workshop.visible() == {"a.txt": "Spelt.", "e.txt": "Oats."}
    assert workshop.rows(b"select distinct address from knowledge.documents where file_path = 'a.txt'") == [
        ("s3://mill/docs/a.txt",)
    ]


def test_below_a_prefix_only_what_lies_in_that_folder_is_listed(bucket: Bucket) -> None:
    bucket.put("docs/a.txt", "docs/deep/b.txt", "docs-old/c.txt", "docs/.git/x", "docs/.hidden", "docs/", "docs/n.log")
    assert listed(bucket.connector("s3://mill/docs")) == ["a.txt", "deep/b.txt", "n.log"]
    assert listed(bucket.connector("s3://mill/docs/", exclude=["*.log"])) == ["a.txt", "deep/b.txt"]
    assert listed(bucket.connector("s3://mill/docs", include=["deep/**"])) == ["deep/b.txt"]


def test_one_object_is_a_source_too(bucket: Bucket) -> None:
    bucket.put("docs/a.txt", "docs/a.txt.bak")
    source = bucket.connector("s3://mill/docs/a.txt")
    (item,) = source.items()
    assert item.path == "a.txt"
    assert source.fetch(item, None).data == b"rye"


def test_empty_and_too_large_objects(bucket: Bucket) -> None:
    bucket.put("empty.txt", content=b"")
    bucket.put("large.txt", content=b"x" * 11)
    source = bucket.connector(max_bytes=10)
    empty, large = source.items()
    assert source.fetch(empty, None).data == b""
    with pytest.raises(ItemFailed, match="11 bytes"):
        source.fetch(large, None)
    assert bucket.reads() == 0
    with pytest.raises(ItemFailed, match="more than 10") as caught:
        source.fetch(replace(large, size=5), None)  # it has grown since it was listed
    assert caught.value.outcome == "too_large"


def test_what_changed_or_went_since_the_listing_is_noticed(bucket: Bucket) -> None:
    bucket.put("a.txt", "b.txt")
    source = bucket.connector()
    a, b = source.items()
    bucket.put("a.txt", content=b"oats")
    bucket.delete("b.txt")
    fetched = source.fetch(a, None)
    assert fetched.data == b"oats"
    assert fetched.revision != a.revision
    with pytest.raises(ItemGone):
        source.fetch(b, None)


def test_what_is_not_there_is_a_failed_listing_and_not_an_empty_one(bucket: Bucket) -> None:
    with pytest.raises(Unavailable, match="s3://nowhere cannot be listed: it is not there"):
        listed(bucket.connector("s3://nowhere"))
    with pytest.raises(Unavailable, match="nothing was deleted"):
        listed(bucket.connector("s3://mill/no/such/folder"))


class _Door(BaseHTTPRequestHandler):
    """An S3 that breaks: its answers are told by the server that it stands at."""

    def do_HEAD(self) -> None:
        self._answer(*self.server.answer("HEAD", self.path))  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        self._answer(*self.server.answer("GET", self.path))  # type: ignore[attr-defined]

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/xml")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """It keeps quiet."""


@pytest.fixture
def broken() -> Iterator[Callable[[Callable[[str, str], tuple[int, str]]], Connector]]:
    """Opens a bucket whose server answers as it is told to."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def opened(answer: Callable[[str, str], tuple[int, str]]) -> Connector:
        server.answer = answer  # type: ignore[attr-defined]
        return connector("s3://mill", CREDENTIALS, endpoint_url=f"http://127.0.0.1:{server.server_port}")

    yield opened
    server.shutdown()
    server.server_close()


PAGE = """<ListBucketResult><Name>mill</Name><IsTruncated>{truncated}</IsTruncated><KeyCount>1</KeyCount>
<NextContinuationToken>{following}</NextContinuationToken><Contents><Key>{key}</Key><ETag>"e"</ETag><Size>3</Size>
<LastModified>2026-11-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>"""
DENIED = f"<Error><Code>AccessDenied</Code><Message>Access Denied for {KEY} {SECRET}</Message></Error>"


def test_a_listing_that_fails_in_its_second_page_gives_nothing(broken: Callable[..., Connector]) -> None:
    pages = {"first": (200, PAGE.format(truncated="true", following="second", key="a.txt")), "second": (403, DENIED)}

    def answer(method: str, path: str) -> tuple[int, str]:
        return (200, "") if method == "HEAD" else pages["second" if "continuation-token" in path else "first"]

    source = broken(answer)
    given: list[Item] = []
    with pytest.raises(Unavailable, match="nothing was deleted"):
        given.extend(source.items())
    assert given == []
    pages["second"] = (200, PAGE.format(truncated="false", following="", key="b.txt"))
    assert listed(broken(answer)) == ["a.txt", "b.txt"]


def test_a_server_that_repeats_a_page_is_noticed(broken: Callable[..., Connector]) -> None:
    same = PAGE.format(truncated="true", following="again", key="a.txt")
    with pytest.raises(Unavailable, match=r"'a\.txt' is listed twice"):
        listed(broken(lambda method, path: (200, "" if method == "HEAD" else same)))


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_door_is_told_without_its_keys(broken: Callable[..., Connector], status: int) -> None:
    with pytest.raises(Unavailable) as caught:
        listed(broken(lambda method, path: (200, "") if method == "HEAD" else (status, DENIED)))
    assert "Access Denied" in str(caught.value)
    assert "are the credentials right, and may they list and read there?; nothing was deleted" in str(caught.value)
    assert KEY not in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (501, "NotImplemented", "is endpoint_url the address of an S3 server?"),
        (400, "AuthorizationHeaderMalformed", "are endpoint_url, region and credentials right?"),
        (301, "PermanentRedirect", "set region, or endpoint_url"),
        (503, "SlowDown", "asked again at the next sync"),
    ],
)
def test_a_refused_request_is_told_with_the_remedy(
    broken: Callable[..., Connector], status: int, code: str, says: str
) -> None:
    said = f"<Error><Code>{code}</Code><Message>Not like this.</Message></Error>"
    with pytest.raises(Unavailable) as caught:
        listed(broken(lambda method, path: (200, "") if method == "HEAD" else (status, said)))
    assert "Errno" not in str(caught.value)
    assert "s3://mill cannot be listed: Not like this: " in str(caught.value)
    assert says in str(caught.value)


def test_an_object_that_may_not_be_read_fails_alone_and_without_its_keys(broken: Callable[..., Connector]) -> None:
    with pytest.raises(ItemFailed) as caught:
        broken(lambda method, path: (403, DENIED)).fetch(Item("a.txt", 3, None, "e"), None)
    assert caught.value.outcome == "unreadable"
    assert SECRET not in str(caught.value)


def test_a_connector_does_not_show_its_credentials(bucket: Bucket) -> None:
    source = bucket.connector()
    assert SECRET not in repr(source)
    assert SECRET not in repr(vars(source)["_system"])


def test_two_sources_never_share_a_file_system(bucket: Bucket) -> None:
    assert vars(bucket.connector())["_system"] is not vars(bucket.connector())["_system"]


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("file:///etc", "cannot lie at file"),
        ("local:///etc", "cannot lie at local"),
        ("memory://x", "cannot lie at memory"),
        ("zip::file:///etc/x.zip", "cannot lie at file"),
        ("zip://a.txt::file:///etc/x.zip", "cannot lie at a.txt"),
        ("simplecache::s3://mill", "cannot lie at simplecache"),
        ("zip::s3://mill/a.zip::file:///etc", "cannot lie at s3"),
        ("s3://mill/a::file:///etc", "cannot lie at s3"),
        ("github://org:repo@main/", "cannot lie at github"),
        ("reference://x", "cannot lie at reference"),
        ("https://mill.example/a", "of the web"),
        ("s3://", "names no bucket"),
        ("sftp://miller:rye@mill.example/docs", "carries a password"),
    ],
)
def test_a_location_that_leads_elsewhere_is_refused(location: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says) as caught:
        connector(location)
    assert "rye" not in str(caught.value)


@pytest.mark.skipif(find_spec("gcsfs") is not None, reason="the extra gs is installed")
def test_a_missing_library_is_named_with_its_remedy() -> None:
    with pytest.raises(Misconfigured, match=r"millrace\[gs\]"):
        connector("gs://mill/docs")


@pytest.mark.parametrize(
    ("credentials", "says"), [({"key": "a"}, "both credentials"), ({"pass": "a"}, "takes no credential 'pass'")]
)
def test_credentials_that_make_no_sense_are_named(credentials: dict[str, str], says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        connector("s3://mill", credentials)


def test_a_zip_is_a_folder_of_its_members(tmp_path: Path) -> None:
    packed = tmp_path / "mill.zip"
    packed.write_bytes(zipped({"b/c.txt": "oats", "a.txt": "rye", ".hidden": "x", "../up.txt": "data only"}))
    source = connector(f"zip://{packed}")
    items = {item.path: item for item in source.items()}
    assert sorted(items) == ["a.txt", "b/c.txt"]
    assert source.fetch(items["b/c.txt"], None).data == b"oats"
    revision = items["a.txt"].revision
    source.close()
    packed.write_bytes(zipped({"b/c.txt": "barley", "a.txt": "rye"}))
    again = {item.path: item.revision for item in connector(f"zip://{packed}").items()}
    assert again["a.txt"] == revision
    assert again["b/c.txt"] != items["b/c.txt"].revision


def test_a_zip_bomb_is_read_to_the_limit_only(tmp_path: Path) -> None:
    packed = tmp_path / "bomb.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.txt", "w") as member:
        for _ in range(100):
            member.write(b"0" * 1_000_000)
    source = connector(f"zip://{packed}", max_bytes=1000)
    (item,) = source.items()
    with pytest.raises(ItemFailed, match="more than"):
        source.fetch(replace(item, size=10), None)


def test_a_broken_zip_is_a_failed_listing(tmp_path: Path) -> None:
    (tmp_path / "mill.zip").write_bytes(b"PK no zip")
    with pytest.raises(Unavailable, match="cannot be listed"):
        connector(f"zip://{tmp_path / 'mill.zip'}")


def test_a_zip_outside_the_allowed_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mill.zip").write_bytes(zipped({"a.txt": "rye"}))
    with pytest.raises(Refused, match="MILLRACE_FILE_ROOTS"):
        remote_file_connector.from_config(
            {"location": f"zip://{tmp_path / 'mill.zip'}"}, {}, roots=[tmp_path / "elsewhere"]
        )


def test_a_zip_in_a_bucket_is_a_folder_too(bucket: Bucket) -> None:
    bucket.put("mill.zip", content=zipped({"a.txt": "rye"}))
    source = connector("zip::s3://mill/mill.zip", CREDENTIALS, endpoint_url=bucket.endpoint)
    (item,) = source.items()
    fetched = source.fetch(item, None)
    assert fetched == Fetched(b"rye", item.modified_ns, item.revision)
