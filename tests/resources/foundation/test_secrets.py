"""A secret opens with its key at its place, and nowhere else; keys come from the operator or from a file made once."""

from __future__ import annotations

import base64
import multiprocessing
import stat
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.errors import Conflict, Misconfigured, Missing
from resources.foundation.secrets import Key, KeyFile, Keyring, Place, key_id_of
from resources.foundation.settings import Settings

OLD, NEW = Key("old", b"o" * 32), Key("new", b"n" * 32)
PLACE = Place(UUID(int=1), "knowledge.data_sources", UUID(int=2), "credentials")


@given(secret=st.binary(max_size=300))
def test_what_is_sealed_opens_and_shows_nothing_of_the_secret(secret: bytes) -> None:
    sealed = Keyring.of(OLD).seal(secret, PLACE)
    assert Keyring.of(OLD).open(sealed, PLACE) == secret
    assert key_id_of(sealed) == "old"
    assert len(secret) < 4 or secret not in sealed


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    ring = Keyring.of(OLD)
    assert ring.seal(b"grist", PLACE)[4 + len("old") :] != ring.seal(b"grist", PLACE)[4 + len("old") :]


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, organization_id=UUID(int=9)),
        replace(PLACE, table="identity.provider_keys"),
        replace(PLACE, row_id=UUID(int=9)),
        replace(PLACE, column="config"),
    ],
)
def test_a_secret_that_was_moved_does_not_open_and_is_not_wrapped_anew(elsewhere: Place) -> None:
    sealed = Keyring.of(OLD).seal(b"grist", PLACE)
    with pytest.raises(Misconfigured, match="does not open"):
        Keyring.of(OLD).open(sealed, elsewhere)
    with pytest.raises(Misconfigured, match="does not open"):
        Keyring.of(NEW, OLD).rewrap(sealed, elsewhere)


def test_every_changed_byte_is_noticed() -> None:
    ring = Keyring.of(OLD)
    sealed = ring.seal(b"grist", PLACE)
    for position in range(len(sealed)):
        changed = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises(Misconfigured):
            ring.open(changed, PLACE)
    for length in range(len(sealed)):
        with pytest.raises(Misconfigured):
            ring.open(sealed[:length], PLACE)


def test_the_first_key_wraps_and_all_open() -> None:
    sealed = Keyring.of(OLD).seal(b"grist", PLACE)
    both = Keyring.of(NEW, OLD)
    assert both.open(sealed, PLACE) == b"grist"
    rewrapped = both.rewrap(sealed, PLACE)
    assert key_id_of(rewrapped) == "new"
    assert Keyring.of(NEW).open(rewrapped, PLACE) == b"grist"


def test_a_lost_key_is_named_with_the_remedy() -> None:
    sealed = Keyring.of(OLD).seal(b"grist", PLACE)
    with pytest.raises(Misconfigured, match="'old', which is not in MILLRACE_SECRET_KEYS: put that key back"):
        Keyring.of(NEW).open(sealed, PLACE)


def test_another_key_of_the_same_id_does_not_open() -> None:
    sealed = Keyring.of(OLD).seal(b"grist", PLACE)
    with pytest.raises(Misconfigured, match="replaced by another of the same id"):
        Keyring.of(Key("old", b"x" * 32)).open(sealed, PLACE)


def test_nothing_that_holds_a_key_shows_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, secret_keys=_written(OLD))
    shown = f"{OLD!r} {Keyring.of(OLD)!r} {settings!r} {Keyring.from_settings(settings)!r}"
    assert base64.b64encode(OLD.material).decode() not in shown
    assert "ooo" not in shown


def test_keys_come_from_the_settings(tmp_path: Path) -> None:
    ring = Keyring.from_settings(Settings(home=tmp_path, secret_keys=f"{_written(NEW)}, {_written(OLD)}"))
    assert ring.key_ids == ["new", "old"]
    ring.seal(b"grist", PLACE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["x", "old:", "old:YWJj", ":" + "A" * 44, "a b:" + "A" * 43 + "=", "old:****"])
def test_keys_that_are_none_are_refused_without_repeating_them(tmp_path: Path, text: str) -> None:
    with pytest.raises(Misconfigured, match="MILLRACE_SECRET_KEYS") as refused:
        Keyring.from_settings(Settings(home=tmp_path, secret_keys=text))
    assert "YWJj" not in str(refused.value)


def test_two_keys_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="another id"):
        Keyring.from_settings(Settings(home=tmp_path, secret_keys=f"{_written(OLD)},old:{'A' * 43}="))


def test_the_first_secret_makes_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    ring = Keyring.from_settings(Settings(home=tmp_path))
    file = tmp_path / "secrets" / "keys"
    assert ring.key_ids == []
    assert not file.exists()
    sealed = ring.seal(b"grist", PLACE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert Keyring.from_settings(Settings(home=tmp_path)).open(sealed, PLACE) == b"grist"


def test_a_ring_sees_the_keys_that_another_process_adds_and_takes(tmp_path: Path) -> None:
    running = Keyring.from_settings(Settings(home=tmp_path))
    before = running.seal(b"grist", PLACE)
    file = KeyFile(tmp_path / "secrets" / "keys")
    added = file.add()
    assert key_id_of(running.seal(b"flour", PLACE)) == added
    assert running.open(before, PLACE) == b"grist"
    file.remove(key_id_of(before))
    with pytest.raises(Misconfigured, match="put that key back"):
        running.open(before, PLACE)


def test_the_key_that_wraps_is_not_taken_out(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "secrets" / "keys")
    file.ensure()
    with pytest.raises(Conflict, match="rotate --new-key"):
        file.remove(file.read()[0].id)
    with pytest.raises(Missing):
        file.remove("nobody")


def test_processes_that_need_the_first_key_at_once_make_one(tmp_path: Path) -> None:
    # not a Pool: it ends its processes by a signal, and waits for ever for one that misses it
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as pool:
        sealed = list(pool.map(_seal_in, [(tmp_path, number) for number in range(8)]))
    ring = Keyring.from_settings(Settings(home=tmp_path))
    assert len(ring.key_ids) == 1
    assert [ring.open(one, PLACE) for one in sealed] == [str(number).encode() for number in range(8)]


def test_a_file_that_lost_its_keys_is_told_of(tmp_path: Path) -> None:
    ring = Keyring.from_settings(Settings(home=tmp_path))
    sealed = ring.seal(b"grist", PLACE)
    (tmp_path / "secrets" / "keys").unlink()
    with pytest.raises(Misconfigured, match=r"secrets/keys: put that key back, or set the secret again"):
        Keyring.from_settings(Settings(home=tmp_path)).open(sealed, PLACE)
    ring.seal(b"flour", replace(PLACE, row_id=uuid4()))
    with pytest.raises(Misconfigured, match="put that key back"):
        ring.open(sealed, PLACE)


def _seal_in(asked: tuple[Path, int]) -> bytes:
    home, number = asked
    return Keyring.from_settings(Settings(home=home)).seal(str(number).encode(), PLACE)


def _written(key: Key) -> str:
    return f"{key.id}:{base64.b64encode(key.material).decode()}"
