"""A document that is pushed in parts goes on where it was cut off, is held against its checksums, and is bounded."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha1, sha256
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql

from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Missing, Refused, Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.knowledge.sources import partial_uploads
from serving.commands import remote_uploads
from serving.commands.remote_uploads import PART_BYTES, Pusher
from serving.commands.remote_uploads import Server as Remote
from serving.house import Desk, House
from tests.factories.waiting import wait_until
from tests.factories.workshops import Workshop
from tests.serving.conftest import Office, Served, make_key, running
from tests.serving.endpoints.test_documents import open_inbox

TEXT = b"Rye is ground on Mondays. " * 400
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def inbox(office: Office, database: Database, tmp_path: Path) -> Workshop:
    """An upload source of the office, over the store that the server writes to."""
    return Workshop(
        database, office.organization_id, tmp_path, open_inbox(database, office), ObjectStore(tmp_path / "objects")
    )


@pytest.fixture
def key(office: Office, database: Database, inbox: Workshop) -> str:
    return make_key(database, office.organization_id, "manage")


@pytest.fixture
def sender(served: Served, key: str) -> httpx.Client:
    return httpx.Client(base_url=served.address, headers={"Authorization": f"Bearer {key}", **TUS}, timeout=30)


def metadata(**told: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())


def begin(sender: httpx.Client, size: int = len(TEXT), **told: str) -> httpx.Response:
    about = {"path": "rye.md", "sha256": sha256(TEXT).hexdigest(), **told}
    headers = {"Upload-Length": str(size), "Upload-Metadata": metadata(**about)}
    return sender.post("/v1/sources/inbox/uploads", headers=headers)


def send(sender: httpx.Client, address: str, start: int, part: bytes, **headers: str) -> httpx.Response:
    told = {"Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream", **headers}
    return sender.patch(address, content=part, headers=told)


def stored(inbox: Workshop) -> list[str]:
    return list(inbox.store.select_checksums(inbox.organization_id, older_than_s=0))


def test_parts_become_a_document_that_is_found_and_nothing_else_is_left_of_them(
    sender: httpx.Client, inbox: Workshop
) -> None:
    begun = begin(sender)
    assert (begun.status_code, begun.headers["tus-resumable"]) == (201, "1.0.0")
    address = begun.headers["location"]
    for start in range(0, len(TEXT), 4_000):
        assert sender.head(address).headers["upload-offset"] == str(start)
        answer = send(sender, address, start, TEXT[start : start + 4_000])
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(min(start + 4_000, len(TEXT))))
    whole = sender.head(address)
    assert (whole.headers["upload-offset"], whole.headers["upload-length"]) == (str(len(TEXT)), str(len(TEXT)))
    assert whole.headers["cache-control"] == "no-store"
    assert stored(inbox) == [sha256(TEXT).hexdigest()]
    inbox.sync()
    assert inbox.visible()["rye.md"].startswith("Rye is ground on Mondays.")


def test_a_part_goes_on_from_where_the_upload_stands_and_from_nowhere_else(sender: httpx.Client) -> None:
    address = begin(sender).headers["location"]
    assert send(sender, address, 0, TEXT[:5_000]).status_code == 204
    again = send(sender, address, 0, TEXT[:5_000])
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    assert "byte 5,000" in again.json()["error"]["message"]
    assert send(sender, address, 6_000, TEXT[6_000:]).status_code == 409
    assert send(sender, address, 5_000, TEXT).status_code == 400
    assert send(sender, address, 5_000, TEXT[5_000:]).status_code == 204


def test_what_came_of_a_part_that_broke_off_is_kept(served: Served, sender: httpx.Client, key: str) -> None:
    address = begin(sender).headers["location"]
    port = int(served.address.rpartition(":")[2])
    head = (
        f"PATCH {address} HTTP/1.1\r\nHost: mill\r\nAuthorization: Bearer {key}\r\nTus-Resumable: 1.0.0\r\n"
        f"Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {len(TEXT)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode() + TEXT[:3_000])
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1000)
    received = int(sender.head(address).headers["upload-offset"])
    assert received in (0, 3_000)  # how much of it the server had read when the line was cut
    assert send(sender, address, received, TEXT[received:]).status_code == 204


def test_a_part_and_the_whole_are_held_against_their_checksums(sender: httpx.Client, inbox: Workshop) -> None:
    def named(algorithm: str, digest: bytes) -> dict[str, str]:
        return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}

    address = begin(sender).headers["location"]
    torn = send(sender, address, 0, TEXT[:99], **named("sha256", sha256(b"other").digest()))
    assert (torn.status_code, torn.json()["error"]["code"]) == (460, "checksum_mismatch")
    assert sender.head(address).headers["upload-offset"] == "0"
    assert send(sender, address, 0, TEXT[:99], **named("md5", b"x")).status_code == 400
    assert send(sender, address, 0, TEXT[:99], **named("sha1", sha1(TEXT[:99]).digest())).status_code == 204  # noqa: S324
    other = TEXT[99:-1] + b"!"
    assert send(sender, address, 99, other, **named("sha256", sha256(other).digest())).status_code == 460
    assert sender.head(address).status_code == 404
    assert stored(inbox) == []


def test_an_upload_that_is_ended_leaves_nothing(sender: httpx.Client, inbox: Workshop) -> None:
    address = begin(sender).headers["location"]
    send(sender, address, 0, TEXT[:99])
    assert len(stored(inbox)) == 1
    assert sender.delete(address).status_code == 204
    assert (stored(inbox), sender.head(address).status_code) == ([], 404)


def test_what_makes_no_sense_is_refused(sender: httpx.Client) -> None:
    told = sender.options("/v1/sources/inbox/uploads")
    assert (told.status_code, told.headers["tus-version"]) == (204, "1.0.0")
    assert set(told.headers["tus-extension"].split(",")) == {"creation", "checksum", "expiration", "termination"}
    assert begin(sender, size=int(told.headers["tus-max-size"]) + 1).status_code == 400
    assert begin(sender, size=0).status_code == 400
    assert begin(sender, path="../rye.md").status_code == 400
    assert begin(sender, sha256="abc").status_code == 400
    assert sender.post("/v1/sources/inbox/uploads", headers={"Upload-Length": "-3"}).status_code == 400
    plain = {"Upload-Length": "9", "Upload-Metadata": "path $$$"}
    assert sender.post("/v1/sources/inbox/uploads", headers=plain).status_code == 400
    assert sender.post("/v1/sources/inbox/uploads", headers={"Tus-Resumable": "0.2"}).status_code == 412
    address = begin(sender).headers["location"]
    assert send(sender, address, 0, b"x", **{"Content-Type": "text/plain"}).status_code == 415


def test_another_organization_finds_no_upload_of_this_one(
    served: Served, sender: httpx.Client, database: Database, other_office: Office
) -> None:
    address = begin(sender).headers["location"]
    open_inbox(database, other_office)
    theirs = {"Authorization": f"Bearer {make_key(database, other_office.organization_id, 'manage')}", **TUS}
    with httpx.Client(base_url=served.address, headers=theirs, timeout=60) as stranger:
        for source in (address.split("/")[3], "inbox"):
            for method in ("HEAD", "DELETE"):
                mine = stranger.request(method, f"/v1/sources/{source}/uploads/{address.rpartition('/')[2]}")
                nobodys = stranger.request(method, f"/v1/sources/{source}/uploads/{uuid4()}")
                assert mine.status_code == nobodys.status_code == 404
        assert stranger.get("/v1/sources/inbox/uploads").json()["data"] == []
    assert sender.head(address).status_code == 200


def test_so_many_are_unfinished_and_no_more_and_what_nobody_goes_on_with_is_taken_away(
    sender: httpx.Client, inbox: Workshop
) -> None:
    first = begin(sender).headers["location"]
    send(sender, first, 0, TEXT[:99])
    with inbox.database.transaction(inbox.organization_id) as connection:
        connection.execute(
            "insert into knowledge.partial_uploads (organization_id, data_source_id, path, file_size, expires_at) "
            "select %s, %s, number::text, 9, now() + interval '1 hour' from generate_series(2, %s) number",
            [inbox.organization_id, inbox.source_id, partial_uploads.MOST_UNFINISHED],
        )
    refused = begin(sender)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    with inbox.database.transaction(inbox.organization_id) as connection:
        connection.execute("update knowledge.partial_uploads set expires_at = now() - interval '1 second'")
    assert sender.head(first).status_code == 404
    assert begin(sender).status_code == 201
    assert stored(inbox) == []
    assert partial_uploads.retire(inbox.database, inbox.organization_id, inbox.store) == 0


class Cut(Exception):
    """Somebody pulled the plug."""


def test_the_command_goes_on_where_it_was_cut_off(served: Served, key: str, inbox: Workshop) -> None:
    data = bytes(range(256)) * (5 * PART_BYTES // 512)  # two parts and a half
    heard: list[int] = []

    def cutting(received: int, size: int) -> None:
        heard.append(received)
        if received == PART_BYTES:
            raise Cut

    server = Remote(served.address, key)
    with pytest.raises(Cut), remote_uploads.connected(server, "inbox") as pusher:
        pusher.push("big.bin", data, media_type="", told=cutting)
    with remote_uploads.connected(server, "inbox") as pusher:
        heard.clear()
        pusher.push("big.bin", data, media_type="", told=lambda received, size: heard.append(received))
    assert heard == [PART_BYTES, 2 * PART_BYTES, len(data)]
    assert inbox.store.get(inbox.organization_id, sha256(data).hexdigest()) == data


def test_the_command_says_what_the_server_does_not_take(served: Served, key: str, inbox: Workshop) -> None:
    with (
        remote_uploads.connected(Remote(served.address, key), "nowhere") as pusher,
        pytest.raises(Missing),
    ):
        pusher.push("a.md", b"a", media_type="", told=lambda received, size: None)
    with (
        remote_uploads.connected(Remote(served.address, key), "inbox") as pusher,
        pytest.raises(Refused),
    ):
        pusher.push("../a.md", b"a", media_type="", told=lambda received, size: None)
    with (
        remote_uploads.connected(Remote("http://127.0.0.1:9", key), "inbox") as pusher,
        pytest.raises(Unavailable),
    ):
        pusher.push("a.md", b"a", media_type="", told=lambda received, size: None)
    assert key not in repr(Remote(served.address, key))


def test_two_who_send_the_same_at_once_both_end_well_and_one_document_came(
    served: Served, key: str, inbox: Workshop
) -> None:
    def push(_: int) -> list[int]:
        heard: list[int] = []
        with pushing(served, key, part_bytes=500) as pusher:
            pusher.push("rye.md", TEXT, media_type="", told=lambda received, size: heard.append(received))
        return heard

    with ThreadPoolExecutor(2) as threads:
        heard = list(threads.map(push, range(2)))
    assert all(each[-1] == len(TEXT) for each in heard)
    assert stored(inbox) == [sha256(TEXT).hexdigest()]
    assert inbox.rows(b"select path, checksum from knowledge.uploads") == [("rye.md", sha256(TEXT).hexdigest())]


def test_whoever_comes_back_after_it_has_expired_begins_anew(served: Served, key: str, inbox: Workshop) -> None:
    heard: list[int] = []

    def expiring(received: int, size: int) -> None:
        heard.append(received)
        if heard == [0, 4_000]:
            inbox.rows(b"update knowledge.partial_uploads set expires_at = now() - interval '1 second' returning id")

    with pushing(served, key, part_bytes=4_000) as pusher:
        pusher.push("rye.md", TEXT, media_type="", told=expiring)
    assert heard == [0, 4_000, 0, 4_000, 8_000, len(TEXT)]
    assert inbox.store.get(inbox.organization_id, sha256(TEXT).hexdigest()) == TEXT


def test_while_the_database_is_away_nothing_is_taken_and_nothing_is_lost(
    server: Server, key: str, inbox: Workshop
) -> None:
    with (
        open_database(server, "millrace_api", most=1, patience_s=1) as database,
        open_database(server, "millrace_pipeline", most=1, patience_s=1) as managing,
        running(house_over(database, managing, inbox)) as served,
        httpx.Client(base_url=served.address, headers={"Authorization": f"Bearer {key}", **TUS}, timeout=60) as sender,
    ):
        address = begin(sender).headers["location"]
        assert send(sender, address, 0, TEXT[:5_000]).status_code == 204
        with away(server):
            answer = send(sender, address, 5_000, TEXT[5_000:])
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0
        wait_until(lambda: sender.head(address).status_code == 200)
        assert sender.head(address).headers["upload-offset"] == "5000"
        with pushing(served, key, part_bytes=3_000) as pusher:
            heard: list[int] = []
            pusher.push("rye.md", TEXT, media_type="", told=lambda received, size: heard.append(received))
    assert heard == [5_000, 8_000, len(TEXT)]
    assert stored(inbox) == [sha256(TEXT).hexdigest()]


@contextmanager
def pushing(served: Served, key: str, *, part_bytes: int) -> Iterator[Pusher]:
    """As the command pushes, in smaller parts."""
    headers = {"Authorization": f"Bearer {key}", **TUS}
    with httpx.Client(base_url=served.address, headers=headers, timeout=60) as client:
        yield Pusher(client, "/v1/sources/inbox/uploads", part_bytes=part_bytes, pause_s=0.05)


def house_over(database: Database, managing: Database, inbox: Workshop) -> House:
    keyring = Keyring.from_settings(Settings(home=inbox.folder))
    return House(database, ProviderModels(), desk=Desk(managing, inbox.store, keyring))


@contextmanager
def away(server: Server) -> Iterator[None]:
    """The database lets nobody in, and throws out who is there."""
    with psycopg.connect(server.admin_conninfo()) as connection:
        name = connection.info.dbname
    rule = sql.SQL("alter database {} with allow_connections {}")
    with psycopg.connect(server.with_database("postgres").admin_conninfo(), autocommit=True) as connection:
        connection.execute(rule.format(sql.Identifier(name), sql.SQL("false")))
        connection.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [name])
        try:
            yield
        finally:
            connection.execute(rule.format(sql.Identifier(name), sql.SQL("true")))
