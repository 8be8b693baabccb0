"""The server is killed while a document is pushed in parts; whoever pushes goes on, and it arrives once and whole."""

from __future__ import annotations

import base64
import random
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Event
from uuid import UUID

import httpx
import pytest

from resources.foundation.database import Database, Server
from resources.foundation.errors import Unavailable
from resources.foundation.files import ObjectStore
from resources.knowledge.sources import data_sources
from serving.commands.remote_uploads import Pusher
from tests.factories.ports import free_port
from tests.factories.workshops import Workshop
from tests.serving.conftest import make_key
from tests.serving.test_main import start

PATIENCE_S = 120
PART = 20_000
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.campaign)])
def test_whoever_pushes_goes_on_when_the_server_was_killed_and_the_document_arrives_once_and_whole(
    server: Server, database: Database, organization_id: UUID, tmp_path: Path, kills: int
) -> None:
    with database.transaction(organization_id) as connection:
        source = data_sources.create(connection, organization_id, name="inbox", source_type="upload", config={})
    inbox = Workshop(database, organization_id, tmp_path, source.id, ObjectStore(tmp_path / "objects"))
    key, port, dice = make_key(database, organization_id, "manage"), free_port(), random.Random(kills)  # noqa: S311
    text = b"".join(b"On day %d the miller grinds rye.\n" % day for day in range(4_000 * kills))
    address, told = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {key}", **TUS}
    heard: list[int] = []
    goes_on = Event()

    def push() -> None:
        """As often as a person would begin the command again."""
        until = time.monotonic() + PATIENCE_S
        while True:
            before = len(heard)
            try:
                Pusher(client, "/v1/sources/inbox/uploads", part_bytes=PART, pause_s=0.1).push(
                    "rye.txt", text, media_type="text/plain", told=tell
                )
                return
            except Unavailable:
                if len(heard) > before:
                    until = time.monotonic() + PATIENCE_S
                elif time.monotonic() > until:
                    raise

    def tell(received: int, size: int) -> None:
        heard.append(received)
        goes_on.set()

    with (
        httpx.Client(base_url=address, headers=told, timeout=PATIENCE_S) as client,
        ThreadPoolExecutor(1) as thread,
        ExitStack() as stack,
    ):
        with served(server, tmp_path, port) as process:
            one = begun(client, text)
            with half_a_part(port, one, told, text[PART : PART + PART // 2]):
                process.kill()
        process = stack.enter_context(served(server, tmp_path, port))
        assert int(client.head(one).headers["upload-offset"]) == PART
        pushing = thread.submit(push)
        for _ in range(kills - 1):
            goes_on.clear()
            while not goes_on.wait(0.1):
                assert not pushing.done(), pushing.exception()
            time.sleep(dice.uniform(0, 0.03))
            process.kill()
            process.wait()
            assert not pushing.done(), "it came too late"
            process = stack.enter_context(served(server, tmp_path, port))
        pushing.result()  # it gives up by itself
    assert heard[0] == PART
    assert heard == sorted(heard)
    inbox.sync()
    assert inbox.visible().keys() == {"rye.txt"}
    assert inbox.rows(b"select number, checksum from knowledge.document_versions") == [(1, sha256(text).hexdigest())]
    assert inbox.rows(b"select path, checksum from knowledge.uploads") == [("rye.txt", sha256(text).hexdigest())]
    assert inbox.rows(b"select from knowledge.upload_parts") == []


@contextmanager
def served(server: Server, home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The server as a process, from when it answers; it is killed at the end at the latest."""
    process = start(server.admin_conninfo(), home, port)
    try:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < until
                time.sleep(0.05)
        yield process
    finally:
        process.kill()
        with suppress(ValueError):  # it was read already
            process.communicate()


def begun(client: httpx.Client, text: bytes) -> str:
    """The address of an upload whose first part was answered for."""
    about = {"path": "rye.txt", "sha256": sha256(text).hexdigest(), "filetype": "text/plain"}
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in about.items())
    headers = {"Upload-Length": str(len(text)), "Upload-Metadata": metadata}
    address = client.post("/v1/sources/inbox/uploads", headers=headers).headers["location"]
    part = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    client.patch(address, content=text[:PART], headers=part).raise_for_status()
    return str(address)


def half_a_part(port: int, address: str, told: dict[str, str], half: bytes) -> socket.socket:
    """A connection whose server waits for the rest of it."""
    headers = {
        **told, "Host": "mill", "Upload-Offset": str(PART), "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(PART),
    }  # fmt: skip
    head = f"PATCH {address} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(f"{head}\r\n".encode() + half)
    return connection
