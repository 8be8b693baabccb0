"""Secrets at rest: sealed with keys that the operator holds, each bound to the place where it is kept.

An envelope: every secret has a random data key of its own (AES-256-GCM), and that is wrapped by a key of the keyring
(AES-256-GCM again). The first key of the ring wraps, all of them unwrap, so a rotation only wraps data keys anew.
Both layers are authenticated together with the place (organization, table, row, column), the wrapping with the key's
id too: a sealed secret that is moved to another row, column or tenant does not open.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from resources.foundation.errors import Conflict, Misconfigured, Missing
from resources.foundation.settings import Settings
from resources.foundation.statements import Connection

KEY_BYTES = 32
_MARK = b"mr1"  # the format, so that another may follow; identity.sealing_key() reads the key's id after it
_NONCE_BYTES = 12  # NIST SP 800-38D: 96 random bits; a data key seals once, a wrapping key far fewer than 2**32 times
_TAG_BYTES = 16
_WRAPPED_BYTES = KEY_BYTES + _TAG_BYTES
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
VARIABLE = "MILLRACE_SECRET_KEYS"
_LOCK = 0x6D72736563726574  # a number of our own among PostgreSQL's advisory locks: "mrsecret"


@dataclass(frozen=True)
class Place:
    """Where a secret is kept: it opens there and nowhere else."""

    organization_id: UUID
    table: str
    row_id: UUID
    column: str

    def authenticated(self, *more: str) -> bytes:
        """What both layers of the envelope are authenticated with."""
        return "|".join([str(self.organization_id), self.table, str(self.row_id), self.column, *more]).encode()


@dataclass(frozen=True)
class Key:
    """A key that wraps the data keys of secrets."""

    id: str
    material: bytes = field(repr=False)


@dataclass(frozen=True)
class SealedSecret:
    """A row's sealed secret, as a rotation takes it up."""

    id: UUID
    sealed: bytes


@dataclass(frozen=True)
class Rewrapped:
    """What became of a sealed secret in a rotation: wrapped anew, or left with a problem."""

    id: UUID
    sealed: bytes | None
    problem: str | None = None


@dataclass(frozen=True)
class KeyUse:
    """How many secrets a key wraps. None: what wraps them cannot be told, since they are damaged."""

    key_id: str | None
    secrets: int


class Keyring:
    """The keys of an installation. They are looked up at each use, so that a rotation reaches running processes."""

    def __init__(self, keys: Callable[[], Sequence[Key]], *, file: KeyFile | None = None) -> None:
        self._keys = keys
        self.file = file

    @classmethod
    def of(cls, *keys: Key) -> Keyring:
        """A ring of these keys; the first wraps."""
        return cls(lambda: keys)

    @classmethod
    def from_settings(cls, settings: Settings) -> Keyring:
        """The ring that the operator set, else that of a file below the home, which the first secret makes.

        Raises Misconfigured when MILLRACE_SECRET_KEYS is no list of `id:base64 of 32 bytes`.
        """
        if settings.secret_keys:
            return cls.of(*_parsed(settings.secret_keys.replace(",", "\n"), VARIABLE))
        file = KeyFile(settings.home / "secrets" / "keys")
        return cls(file.read, file=file)

    def __repr__(self) -> str:
        return "Keyring(…)"

    @property
    def key_ids(self) -> list[str]:
        """The ids of the keys, the one that wraps first."""
        return [key.id for key in self._keys()]

    def seal(self, secret: bytes, place: Place) -> bytes:
        """The secret, readable only with this ring and only at this place."""
        if self.file is not None:
            self.file.ensure()
        data_key = secrets.token_bytes(KEY_BYTES)
        return self._wrapped(data_key, place) + _encrypted(data_key, secret, place.authenticated())

    def open(self, sealed: bytes, place: Place) -> bytes:
        """The secret. Raises Misconfigured when its key is lost, or when it was damaged or belongs elsewhere."""
        envelope = _Envelope.of(sealed)
        return _decrypted(self._data_key(envelope, place), envelope.body, place)

    def rewrap(self, sealed: bytes, place: Place) -> bytes:
        """The same sealed secret under the first key; the secret itself is not opened. Raises as `open`."""
        envelope = _Envelope.of(sealed)
        return self._wrapped(self._data_key(envelope, place), place) + envelope.body

    def rewrap_all(self, waiting: Sequence[SealedSecret], place: Callable[[UUID], Place]) -> list[Rewrapped]:
        """Each under the first key, as far as they open."""
        outcomes = []
        for secret in waiting:
            try:
                outcomes.append(Rewrapped(secret.id, self.rewrap(secret.sealed, place(secret.id))))
            except Misconfigured as error:
                outcomes.append(Rewrapped(secret.id, None, str(error)))
        return outcomes

    def _first(self) -> Key:
        keys = self._keys()
        if not keys:
            raise Misconfigured(f"there is no key to encrypt secrets with: set {VARIABLE}")
        return keys[0]

    def _wrapped(self, data_key: bytes, place: Place) -> bytes:
        key = self._first()
        head = _MARK + bytes([len(key.id)]) + key.id.encode()
        return head + _encrypted(key.material, data_key, place.authenticated(key.id))

    def _data_key(self, envelope: _Envelope, place: Place) -> bytes:
        for key in self._keys():
            if key.id == envelope.key_id:
                return _decrypted(key.material, envelope.wrapped, place, key.id)
        where = VARIABLE if self.file is None else str(self.file.path)
        raise Misconfigured(
            f"the secret in {place.table}.{place.column} of row {place.row_id} was encrypted with the key "
            f"{envelope.key_id!r}, which is not in {where}: put that key back, or set the secret again; without the "
            "key nobody can read it"
        )


class KeyFile:
    """Keys kept in a file, `id:base64` a line: made when first needed, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()

    def read(self) -> Sequence[Key]:
        """The keys as they are in the file now; none where there is no file."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return ()
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen != self._seen:
            self._keys = tuple(_parsed(self.path.read_text(), str(self.path)))
            self._seen = seen
        return self._keys

    def ensure(self) -> None:
        """Make the file with one new key where there is none; two processes that do so at once make one."""
        if self.path.exists():
            return
        with self._locked():
            if not self.path.exists():
                self._write([_new_key()])

    def add(self) -> str:
        """Put a new key first: from now on it wraps. Its id."""
        with self._locked():
            key = _new_key()
            self._write([key, *self.read()])
        return key.id

    def remove(self, id: str) -> None:
        """Take a key out for good. Raises Missing, or Conflict for the first key."""
        with self._locked():
            keys = self.read()
            if id not in [key.id for key in keys]:
                raise Missing(f"there is no key {id!r} in {self.path}: 'millrace secrets status' shows the keys")
            if keys[0].id == id:
                raise Conflict(f"key {id!r} is the one that encrypts: first run 'millrace secrets rotate --new-key'")
            self._write([key for key in keys if key.id != id])

    def is_open_to_others(self) -> bool:
        """Whether anybody but its owner may read the file."""
        return self.path.exists() and bool(stat.S_IMODE(self.path.stat().st_mode) & 0o077)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, keys: Sequence[Key]) -> None:
        # whole under its name or not there at all, also after a power cut
        text = "".join(f"{key.id}:{base64.b64encode(key.material).decode()}\n" for key in keys)
        descriptor, aside = tempfile.mkstemp(prefix=".writing-", dir=self.path.parent)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, self.path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(aside)
            raise
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def keep_keys(connection: Connection) -> None:
    """Whoever seals a secret calls this first: no key is retired before this transaction ends."""
    connection.execute("select pg_advisory_xact_lock_shared(%s)", [_LOCK])


def await_sealers(connection: Connection) -> None:
    """Wait until everybody who may have sealed with a former first key has committed."""
    connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


@dataclass(frozen=True)
class _Envelope:
    """The parts of a sealed secret, as they lie one after the other."""

    key_id: str
    wrapped: bytes
    body: bytes

    @classmethod
    def of(cls, sealed: bytes) -> _Envelope:
        """Raises Misconfigured for what is no sealed secret."""
        id_at = len(_MARK) + 1
        id_ends = id_at + sealed[len(_MARK)] if len(sealed) > len(_MARK) else id_at
        body_at = id_ends + _NONCE_BYTES + _WRAPPED_BYTES
        if not sealed.startswith(_MARK) or id_ends == id_at or len(sealed) < body_at + _NONCE_BYTES + _TAG_BYTES:
            raise Misconfigured("a stored secret is damaged: it is no sealed secret at all; set it again")
        return cls(sealed[id_at:id_ends].decode(errors="replace"), sealed[id_ends:body_at], sealed[body_at:])


def key_id_of(sealed: bytes) -> str:
    """The id of the key that wrapped it; needs no key. Raises Misconfigured for what is no sealed secret."""
    return _Envelope.of(sealed).key_id


def _new_key() -> Key:
    # the id is random too: a lost key is then missed, and never mistaken for its successor
    return Key(f"k{secrets.token_hex(4)}", secrets.token_bytes(KEY_BYTES))


def _parsed(text: str, where: str) -> list[Key]:
    keys = [_key(line.strip(), where) for line in text.splitlines() if line.strip()]
    if not keys or len({key.id for key in keys}) < len(keys):
        raise Misconfigured(f"{where} must hold one or more keys, each with another id")
    return keys


def _key(text: str, where: str) -> Key:
    id, _, encoded = text.partition(":")
    try:
        material = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        material = b""
    if _KEY_ID.fullmatch(id) is None or len(material) != KEY_BYTES:
        raise Misconfigured(
            f"{where} holds something that is no key: a key is written id:base64, where the id has 1 to 40 letters, "
            "digits, '_' or '-' and the base64 stands for 32 bytes; 'openssl rand -base64 32' makes one"
        )
    return Key(id, material)


def _encrypted(key: bytes, plain: bytes, authenticated: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, authenticated)


def _decrypted(key: bytes, sealed: bytes, place: Place, *more: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.authenticated(*more))
    except InvalidTag:
        raise Misconfigured(
            f"the secret in {place.table}.{place.column} of row {place.row_id} does not open: it was damaged, it "
            "belongs to another row, or its key was replaced by another of the same id; set the secret again"
        ) from None
