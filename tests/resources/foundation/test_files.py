"""Bytes are kept under their checksum, whole or not at all, for one organization alone."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from resources.foundation.errors import Missing, Unavailable
from resources.foundation.files import ObjectStore

ORGANIZATION = uuid4()


def test_bytes_come_back_by_their_checksum(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    checksum = store.put(ORGANIZATION, b"grain")
    assert checksum == sha256(b"grain").hexdigest()
    assert store.get(ORGANIZATION, checksum) == b"grain"


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    store.put(ORGANIZATION, b"grain")
    (kept,) = files_below(tmp_path)
    before = kept.stat()
    store.put(ORGANIZATION, b"grain")
    assert files_below(tmp_path) == [kept]
    assert kept.stat().st_ino == before.st_ino


def test_another_organization_does_not_get_them(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    checksum = store.put(ORGANIZATION, b"grain")
    with pytest.raises(Missing, match=r"sync their source again"):
        store.get(uuid4(), checksum)


def test_nobody_else_on_the_machine_may_read_them(tmp_path: Path) -> None:
    ObjectStore(tmp_path / "objects").put(ORGANIZATION, b"grain")
    (kept,) = files_below(tmp_path)
    assert kept.stat().st_mode & 0o077 == 0


def test_damaged_bytes_are_not_given_out(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    checksum = store.put(ORGANIZATION, b"grain")
    (kept,) = files_below(tmp_path)
    kept.write_bytes(b"grail")
    with pytest.raises(Unavailable, match="damaged"):
        store.get(ORGANIZATION, checksum)


def test_what_was_half_written_by_a_crash_is_written_again(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    checksum = store.put(ORGANIZATION, b"grain")
    (kept,) = files_below(tmp_path)
    kept.write_bytes(b"gr")
    store.put(ORGANIZATION, b"grain")
    assert store.get(ORGANIZATION, checksum) == b"grain"


def test_a_place_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "objects").write_bytes(b"")
    with pytest.raises(Unavailable, match=str(tmp_path / "objects")):
        ObjectStore(tmp_path / "objects").put(ORGANIZATION, b"grain")


def files_below(folder: Path) -> list[Path]:
    return [Path(parent) / name for parent, _, names in os.walk(folder) for name in names]


def test_what_is_removed_is_gone_and_says_how_large_it_was(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    checksum = store.put(ORGANIZATION, b"grain")
    assert store.size(ORGANIZATION, checksum) == 5
    assert store.remove(ORGANIZATION, checksum) == 5
    assert store.remove(ORGANIZATION, checksum) is None
    assert store.size(ORGANIZATION, checksum) is None
    assert files_below(tmp_path) == []


def test_what_is_young_stays_and_storing_it_again_makes_it_young(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    old, young, again = (store.put(ORGANIZATION, data) for data in (b"old", b"young", b"again"))
    for path in files_below(tmp_path):
        if path.name != young:
            os.utime(path, (1, 1))
    store.put(ORGANIZATION, b"again")
    assert list(store.select_checksums(ORGANIZATION, older_than_s=60)) == [old]
    assert store.remove(ORGANIZATION, young, older_than_s=60) is None
    assert store.remove(ORGANIZATION, again, older_than_s=60) is None
    assert store.remove(ORGANIZATION, old, older_than_s=60) == 3


def test_what_was_never_written_to_its_end_is_taken_away_when_it_is_old(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    checksum = store.put(ORGANIZATION, b"grain")
    (whole,) = files_below(tmp_path)
    torn = whole.parent / ".writing-abc"
    torn.write_bytes(b"gr")
    assert store.remove_torn(ORGANIZATION, older_than_s=60) == 0
    assert store.remove_torn(ORGANIZATION, older_than_s=0) == 1
    assert list(store.select_checksums(ORGANIZATION, older_than_s=0)) == [checksum]
    assert files_below(tmp_path) == [whole]
