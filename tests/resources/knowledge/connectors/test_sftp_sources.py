"""Files on an SFTP server: its key is pinned, its folders listed whole, links left alone."""

from __future__ import annotations

import importlib.util
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resources.foundation.errors import Misconfigured, Refused, Unavailable
from resources.knowledge.connectors import remote_file_connector
from resources.knowledge.connectors.protocol import Connector, ItemGone

pytestmark = pytest.mark.skipif(importlib.util.find_spec("paramiko") is None, reason="the extra sftp is not installed")
PASSWORD = "canary-grist"  # noqa: S105


class Sftp:
    """A real server on loopback that serves a folder to whoever knows the password, or has the key."""

    def __init__(self, folder: Path) -> None:
        import paramiko

        self.folder = folder
        self.host_key = paramiko.ECDSAKey.generate()
        self.user_key = paramiko.ECDSAKey.generate()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._transports: list[Any] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def connector(self, credentials: dict[str, str] | None = None, **config: object) -> Connector:
        return remote_file_connector.from_config(
            {"location": f"sftp://miller@127.0.0.1:{self.port}/", "host_key": self.host_key.fingerprint, **config},
            {"password": PASSWORD} if credentials is None else credentials,
        )

    def close(self) -> None:
        self._listening.close()
        for transport in self._transports:
            transport.close()

    def _serve(self) -> None:
        import paramiko

        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            self._transports.append(transport)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _files(self.folder))
            try:
                transport.start_server(server=_door(self.user_key))
            except (paramiko.SSHException, EOFError):
                continue


def _door(user_key: Any) -> Any:
    import paramiko

    class Door(paramiko.ServerInterface):  # type: ignore[misc]
        def check_auth_password(self, username: str, password: str) -> int:
            is_known = (username, password) == ("miller", PASSWORD)
            return int(paramiko.AUTH_SUCCESSFUL if is_known else paramiko.AUTH_FAILED)

        def check_auth_publickey(self, username: str, key: Any) -> int:
            return int(paramiko.AUTH_SUCCESSFUL if key == user_key else paramiko.AUTH_FAILED)

        def check_channel_request(self, kind: str, chanid: int) -> int:
            return int(paramiko.OPEN_SUCCEEDED)

        def get_allowed_auths(self, username: str) -> str:
            return "password,publickey"

    return Door()


def _files(folder: Path) -> type:
    import paramiko

    class Files(paramiko.SFTPServerInterface):  # type: ignore[misc]
        def list_folder(self, path: str) -> Any:
            try:
                found = []
                for entry in os.scandir(folder / path.lstrip("/")):
                    found.append(paramiko.SFTPAttributes.from_stat(entry.stat(follow_symlinks=False), entry.name))
                return found
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)

        def stat(self, path: str) -> Any:
            try:
                return paramiko.SFTPAttributes.from_stat(os.stat(folder / path.lstrip("/")))
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)

        lstat = stat

        def open(self, path: str, flags: int, attr: Any) -> Any:
            try:
                file = open(folder / path.lstrip("/"), "rb")  # noqa: SIM115
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)
            handle = paramiko.SFTPHandle(flags)
            handle.readfile = file
            return handle

    return Files


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[Sftp]:
    served = Sftp(tmp_path)
    yield served
    served.close()


def write(folder: Path, *names: str, age_s: float = 3600) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"Rye of {name}.")
        os.utime(folder / name, (time.time() - age_s, time.time() - age_s))


def test_a_folder_is_listed_in_order_and_read(sftp: Sftp, tmp_path: Path) -> None:
    write(tmp_path, "b/c.txt", "a.txt", "b.txt", ".hidden", "b/.git/x")
    (tmp_path / "link").symlink_to("/etc")
    source = sftp.connector()
    items = list(source.items())
    assert [item.path for item in items] == ["a.txt", "b.txt", "b/c.txt"]
    assert [source.fetch(item, None).data.decode() for item in items] == [f"Rye of {item.path}." for item in items]
    source.close()


def test_a_file_of_just_now_is_looked_at_again(sftp: Sftp, tmp_path: Path) -> None:
    write(tmp_path, "old.txt")
    write(tmp_path, "new.txt", age_s=0)
    source = sftp.connector()
    trusted = {item.path: source.fetch(item, None).modified_ns == item.modified_ns for item in source.items()}
    assert trusted == {"old.txt": True, "new.txt": False}


def test_a_folder_that_may_not_be_read_is_a_failed_listing(sftp: Sftp, tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "b/c.txt")
    source = sftp.connector()
    items = source.items()
    (a, *_) = items
    (tmp_path / "a.txt").unlink()
    with pytest.raises(ItemGone):
        source.fetch(a, None)
    with pytest.raises(Unavailable, match="it is not there"):
        list(sftp.connector(location=f"sftp://miller@127.0.0.1:{sftp.port}/nowhere").items())


def test_a_server_that_shows_another_key_is_not_told_the_password(sftp: Sftp) -> None:
    with pytest.raises(Refused, match="SHA256:") as caught:
        sftp.connector(host_key="SHA256:another")
    assert sftp.host_key.fingerprint in str(caught.value)
    assert PASSWORD not in str(caught.value)
    with pytest.raises(Refused, match="names none"):
        sftp.connector(host_key=None)


def test_a_private_key_opens_the_door_and_a_wrong_password_does_not(sftp: Sftp, tmp_path: Path) -> None:
    import io

    write(tmp_path, "a.txt")
    written = io.StringIO()
    sftp.user_key.write_private_key(written)
    assert [item.path for item in sftp.connector({"private_key": written.getvalue()}).items()] == ["a.txt"]
    with pytest.raises(Unavailable, match="uthentication") as caught:
        sftp.connector({"password": "canary-wrong"})
    assert "canary" not in str(caught.value)
    with pytest.raises(Misconfigured, match="no private key"):
        sftp.connector({"private_key": "canary"})
