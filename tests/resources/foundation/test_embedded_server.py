"""The embedded server is shared, survives whoever is killed, and listens to nobody who was not asked for."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from resources.foundation.database import Database
from resources.foundation.embedded_server import EmbeddedServer, binaries
from resources.foundation.errors import Unavailable
from tests.factories.ports import free_port

USER_OF_THE_SERVER = """
import sys
from pathlib import Path
from resources.foundation.embedded_server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1])).attach()
print("attached", flush=True)
sys.stdin.read()
if sys.argv[2] == "politely":
    server.detach()
"""


@pytest.fixture(scope="module")
def folder(server_folder: Path) -> Path:
    """A data folder that is made once; every test leaves its server stopped."""
    folder = server_folder / "shared" / "postgres"
    EmbeddedServer(folder).attach().detach()
    return folder


@pytest.fixture
def stopped(folder: Path) -> Iterator[Path]:
    """The data folder, with its server stopped before and after."""
    assert not EmbeddedServer(folder).is_running()
    yield folder
    assert not EmbeddedServer(folder).is_running(), "the test left its server running"


def test_the_first_to_leave_does_not_stop_it_and_the_last_does(stopped: Path) -> None:
    with _user(stopped) as second:
        with _user(stopped) as first:
            pid = _postmaster(stopped)
            _leave(first)
            assert _postmaster(stopped) == pid
        assert EmbeddedServer(stopped).is_running()
        _leave(second)
    assert not EmbeddedServer(stopped).is_running()


def test_who_ends_without_a_word_leaves_too(stopped: Path) -> None:
    with _user(stopped, manner="abruptly") as user:
        _leave(user)
    assert not EmbeddedServer(stopped).is_running()


def test_a_killed_user_leaves_nothing_stale(stopped: Path) -> None:
    with _user(stopped) as user:
        pid = _postmaster(stopped)
        user.kill()
        user.wait(30)
    assert EmbeddedServer(stopped).is_running()
    with EmbeddedServer(stopped) as server:
        assert _postmaster(stopped) == pid
        assert _ask(server, "select 1") == 1


def test_a_killed_user_beside_a_living_one_changes_nothing(stopped: Path) -> None:
    with EmbeddedServer(stopped) as server:
        with _user(stopped) as user:
            user.kill()
            user.wait(30)
        assert _ask(server, "select 1") == 1


def test_a_killed_server_comes_back_with_all_that_was_committed(stopped: Path) -> None:
    before = EmbeddedServer(stopped).attach()
    with psycopg.connect(before.url("postgres")) as connection:
        connection.execute("create table grain (id int)")
        connection.execute("insert into grain select generate_series(1, 1000)")
        connection.commit()
        connection.execute("delete from grain")
        os.kill(_postmaster(stopped), signal.SIGKILL)
        connection.close()
    with EmbeddedServer(stopped) as after:
        assert _ask(after, "select count(*) from grain") == 1000
        before.detach()
        assert after.is_running()


def test_whoever_used_a_killed_server_goes_on_soon_after_it_is_revived(stopped: Path) -> None:
    with EmbeddedServer(stopped) as server:
        assert not server.revive()
        with psycopg.connect(server.url("postgres")) as connection:
            connection.execute("create extension if not exists vector")
        with Database(server.url("postgres"), patience_s=1.5) as database:
            assert _answers(database)
            os.kill(_postmaster(stopped), signal.SIGKILL)
            while _answers(database):
                pass  # by a backend that has not seen it yet
            # so long that a pool which waits longer after each try would still be waiting when all is well again
            assert not any(_answers(database) for _ in range(4))
            assert server.revive()
            assert any(_answers(database) for _ in range(2))


def _answers(database: Database) -> bool:
    try:
        with database.directory():
            return True
    except Unavailable:
        return False


def test_a_backend_that_outlives_a_killed_server_does_not_keep_the_next_from_starting(stopped: Path) -> None:
    before = EmbeddedServer(stopped).attach()
    with psycopg.connect(before.url("postgres")) as connection:
        backend = connection.info.backend_pid
        connection.pgconn.send_query(b"select count(*) from generate_series(1, 1000000000) one")
        os.kill(_postmaster(stopped), signal.SIGKILL)
        with EmbeddedServer(stopped) as after:
            assert _ask(after, "select 1") == 1
            assert not psutil.pid_exists(backend)
            before.detach()
        connection.close()


def test_many_who_start_at_once_share_one_server(server_folder: Path) -> None:
    """On an empty folder, where the first of them makes the database."""
    folder = server_folder / "many" / "postgres"
    users = [_start_user(folder) for _ in range(3)]
    try:
        assert [_first_line(user) for user in users] == ["attached"] * 3
        assert EmbeddedServer(folder).is_running()
    finally:
        for user in users:
            _leave(user)
    assert not EmbeddedServer(folder).is_running()


def test_a_database_that_was_half_made_is_made_again(server_folder: Path) -> None:
    data = server_folder / "half" / "data"
    data.mkdir(parents=True)
    (data / "postgresql.conf").write_text("half a file")
    with EmbeddedServer(server_folder / "half") as server:
        assert _ask(server, "select 1") == 1


def test_it_listens_on_no_port_unless_asked(stopped: Path) -> None:
    with EmbeddedServer(stopped) as server:
        assert _ask(server, "show listen_addresses") == ""
        assert _listening(stopped) == []


def test_on_a_port_it_listens_to_this_machine_only_and_wants_a_password(stopped: Path) -> None:
    port = free_port()
    with EmbeddedServer(stopped, port) as server:
        assert _listening(stopped) == [("127.0.0.1", port)]
        address = make_conninfo(host="127.0.0.1", port=port, user="postgres", dbname="postgres")
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(address)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(address, password="guess")  # noqa: S106
        with psycopg.connect(address, password=(stopped / "password").read_text().strip()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert _ask(server, "select 1") == 1


def test_the_password_and_the_data_are_for_the_server_alone(stopped: Path) -> None:
    assert stat.S_IMODE((stopped / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE((stopped / "data").stat().st_mode) == 0o700


def test_its_settings_fit_the_machine(stopped: Path) -> None:
    memory = psutil.virtual_memory().total
    with EmbeddedServer(stopped) as server:
        assert _bytes(server, "shared_buffers") <= memory // 4
        assert _bytes(server, "shared_buffers") >= min(memory // 4, 2**33) * 0.9
        assert _bytes(server, "effective_cache_size") <= memory // 2
        assert _bytes(server, "maintenance_work_mem") <= memory // 16
        assert _ask(server, "show max_connections") == "200"
        assert _ask(server, "show timezone") == "UTC"
        assert _ask(server, "show server_encoding") == "UTF8"


def test_a_taken_port_is_named_and_nothing_is_left_running(stopped: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match="did not start") as failure:
            EmbeddedServer(stopped, port).attach()
    assert str(stopped / "log") in str(failure.value)


@pytest.mark.parametrize("name", ["long-" * 20, "my own house (älter)"])
def test_a_path_that_is_none_for_a_socket_gets_a_plain_one(server_folder: Path, name: str) -> None:
    deep = server_folder / name / "postgres"
    server = EmbeddedServer(deep)
    assert len(str(server.socket_folder)) < 60
    assert server.socket_folder != EmbeddedServer(deep.with_name("other")).socket_folder
    with server:
        assert _ask(server, "select 1") == 1
    assert not server.socket_folder.exists()


def test_to_attach_twice_is_to_attach_once(stopped: Path) -> None:
    server = EmbeddedServer(stopped).attach().attach()
    server.detach()
    server.detach()
    assert not server.is_running()


def test_the_programs_are_where_they_are_looked_for() -> None:
    assert {"initdb", "pg_ctl", "pg_dump", "postgres"} <= {path.name for path in binaries().iterdir()}


@contextmanager
def _user(folder: Path, manner: str = "politely") -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the server."""
    process = _start_user(folder, manner)
    try:
        assert _first_line(process) == "attached"
        yield process
    finally:
        _leave(process)


def _start_user(folder: Path, manner: str = "politely") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USER_OF_THE_SERVER, str(folder), manner],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _leave(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.wait(60)
    process.stdout.close()


def _postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def _listening(folder: Path) -> list[tuple[str, int]]:
    connections = psutil.Process(_postmaster(folder)).net_connections("inet")
    return [(one.laddr.ip, one.laddr.port) for one in connections if one.status == psutil.CONN_LISTEN]


def _ask(server: EmbeddedServer, question: str) -> object:
    with psycopg.connect(server.url("postgres")) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row and row[0]


def _bytes(server: EmbeddedServer, setting: str) -> int:
    size = _ask(server, f"select pg_size_bytes(current_setting('{setting}'))")
    assert isinstance(size, int)
    return size
