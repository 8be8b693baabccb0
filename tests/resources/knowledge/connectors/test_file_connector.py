"""A folder is listed whole and in order, or not at all; a file is read as it stood at one moment, or not at all."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.errors import Misconfigured, Refused, Unavailable
from resources.foundation.settings import Settings
from resources.knowledge.connectors.file_connector import FileConnector, open_connector
from resources.knowledge.connectors.protocol import Connector, ItemFailed, ItemGone, Means
from resources.knowledge.records import DataSource, Item


def connector(folder: Path, **config: object) -> Connector:
    return FileConnector.from_config({"location": str(folder), **config})


def opened(folder: Path) -> Connector:
    """By the way that every sync takes."""
    source = DataSource(uuid4(), uuid4(), "docs", "", "file", "active", {"location": str(folder)}, True, 3600, None)
    return open_connector(source, Means(None, source.organization_id, None))  # type: ignore[arg-type]


def paths(folder: Path, **config: object) -> list[str]:
    return [item.path for item in connector(folder, **config).items()]


def write(folder: Path, *names: str, content: bytes = b"rye") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_items_come_in_the_order_of_their_whole_paths(tmp_path: Path) -> None:
    write(tmp_path, "a/b.txt", "a.txt", "a-b.txt", "a/a/z.txt", "B.txt", "é.txt", "a0.txt", "水.txt", "😀.txt")
    listed = paths(tmp_path)
    assert listed == sorted(listed)
    assert len(listed) == 9


@given(names=st.sets(st.text("ab./-", min_size=1, max_size=6), max_size=12))
def test_the_order_holds_for_any_names(names: set[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in names:
        try:
            write(folder, os.path.normpath("/" + name).strip("/") or "x")
        except OSError:
            continue  # a file stands where a folder would have to
    listed = paths(folder)
    assert listed == sorted(listed)


def test_an_item_has_size_and_time(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", content=b"12345")
    os.utime(tmp_path / "a.txt", ns=(1, 1_700_000_000_123_456_789))
    assert list(connector(tmp_path).items()) == [Item("a.txt", 5, 1_700_000_000_123_456_789)]


def test_one_file_is_a_source_too(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "b.txt")
    one = connector(tmp_path / "a.txt")
    (item,) = one.items()
    assert item.path == "a.txt"
    assert one.fetch(item, None).data == b"rye"


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", ".hidden", ".git/config")
    assert paths(tmp_path) == ["a.txt"]


def test_links_are_followed_inside_the_root_only(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(root, "a.txt", "folder/b.txt")
    write(outside, "secret.txt")
    (root / "inside").symlink_to(root / "a.txt")
    (root / "leak").symlink_to(outside / "secret.txt")
    (root / "leaky-folder").symlink_to(outside)
    (root / "again").symlink_to(root / "folder")
    (root / "loop").symlink_to(root)
    (root / "broken").symlink_to(root / "nothing")
    assert paths(root) == ["a.txt", "folder/b.txt", "inside"]


def test_a_file_that_became_a_link_to_the_outside_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, "a.txt")
    write(tmp_path, "secret.txt")
    source = connector(root)
    (item,) = source.items()
    (root / "a.txt").unlink()
    (root / "a.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(ItemGone):
        source.fetch(item, None)


def test_a_folder_that_became_a_link_to_the_outside_is_not_entered(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, "a.txt", "z/deep/b.txt")
    write(tmp_path, "outside/deep/b.txt", content=b"secret")
    source = connector(root)
    items = source.items()
    next(items)
    (root / "z").rename(root / ".z")
    (root / "z").symlink_to(tmp_path / "outside")
    with pytest.raises(Unavailable, match="z cannot be listed"):
        next(items)
    with pytest.raises(ItemGone):
        source.fetch(Item("z/deep/b.txt", 6, 0), None)


def test_a_folder_that_is_swapped_for_a_link_again_and_again_never_leads_outside(tmp_path: Path) -> None:
    """The place is looked up and then opened: what happens between the two must not matter."""
    root = tmp_path / "root"
    write(root, "folder/a.txt")
    write(tmp_path, "outside/a.txt", content=b"secret")
    (root / ".link").symlink_to(tmp_path / "outside")
    stopped = threading.Event()

    def swap() -> None:
        while not stopped.is_set():
            os.rename(root / "folder", root / ".folder")
            os.rename(root / ".link", root / "folder")
            os.rename(root / "folder", root / ".link")
            os.rename(root / ".folder", root / "folder")

    swapper = threading.Thread(target=swap)
    swapper.start()
    source = connector(root)
    read: set[bytes] = set()
    for _ in range(3000):
        with suppress(ItemGone, Unavailable):
            read.update(source.fetch(item, None).data for item in source.items())
        with suppress(ItemGone):
            read.add(source.fetch(Item("folder/a.txt", 3, 0), None).data)
    stopped.set()
    swapper.join()
    assert read == {b"rye"}


def test_an_operator_decides_which_folders_sources_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "open/docs/a.txt", "open-too/b.txt", "closed/c.txt")
    (tmp_path / "open" / "way-out").symlink_to(tmp_path / "closed")
    monkeypatch.setenv("MILLRACE_FILE_ROOTS", f"{tmp_path / 'open'}:{tmp_path / 'nowhere'}")
    assert [item.path for item in opened(tmp_path / "open" / "docs").items()] == ["a.txt"]
    for outside in ("closed", "open-too", "open/../closed", "open/way-out", "closed/c.txt", "."):
        with pytest.raises(Refused, match="MILLRACE_FILE_ROOTS"):
            opened(tmp_path / outside)
    monkeypatch.setenv("MILLRACE_FILE_ROOTS", "")
    assert [item.path for item in opened(tmp_path / "closed").items()] == ["c.txt"]


def test_roots_are_absolute_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILLRACE_FILE_ROOTS", "docs")
    with pytest.raises(Misconfigured, match="MILLRACE_FILE_ROOTS holds 'docs'"):
        Settings.from_environment()


def test_where_roots_are_set_a_file_with_another_name_is_not_read(tmp_path: Path) -> None:
    """Whoever may write into the folder could have linked a file that they may not read."""
    write(tmp_path, "root/a.txt")
    os.link(tmp_path / "root" / "a.txt", tmp_path / "other-name.txt")
    item = Item("a.txt", 3, 0)
    assert connector(tmp_path / "root").fetch(item, None).data == b"rye"
    with pytest.raises(ItemFailed, match="hard link") as caught:
        FileConnector.from_config({"location": str(tmp_path / "root")}, roots=[tmp_path]).fetch(item, None)
    assert caught.value.outcome == "linked"


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    write(tmp_path, *(f"{folder}/deep/{name}.txt" for folder in "abc" for name in "xyz"))
    source = connector(tmp_path)
    for item in source.items():
        source.fetch(item, None)
    next(source.items())  # a listing that nobody ends
    assert [path for path in open_paths() if path.startswith(str(tmp_path))] == []


def open_paths() -> Iterator[str]:
    """The files and folders that this process has open."""
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # another thread has closed it
            yield os.readlink(f"/proc/self/fd/{number}")


def test_pipes_are_neither_listed_nor_waited_for(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "pipe")
    assert paths(tmp_path) == ["a.txt"]
    with pytest.raises(ItemGone):
        connector(tmp_path).fetch(Item("pipe", 0, 0), None)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"include": ["*.md"]}, ["a.md", "docs/b.md", "docs/deep/c.md"]),
        ({"include": ["docs/*.md"]}, ["docs/b.md"]),
        ({"include": ["docs/**/*.md"]}, ["docs/b.md", "docs/deep/c.md"]),
        ({"include": ["docs/"]}, ["docs/b.md", "docs/deep/c.md", "docs/x.log"]),
        ({"exclude": ["docs"]}, ["a.md", "z.log"]),
        ({"exclude": ["*.log", "docs/deep"]}, ["a.md", "docs/b.md"]),
        ({"include": ["*.md"], "exclude": ["[ab].md"]}, ["docs/deep/c.md"]),
        ({"include": ["?.md"], "exclude": ["[!a].md"]}, ["a.md"]),
    ],
)
def test_patterns_choose(config: dict[str, object], expected: list[str], tmp_path: Path) -> None:
    write(tmp_path, "a.md", "docs/b.md", "docs/deep/c.md", "docs/x.log", "z.log")
    assert paths(tmp_path, **config) == expected


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"location": "relative/path"},
        {"location": 7},
        {"location": "/", "include": "*.md"},
        {"location": "/", "exclude": [""]},
        {"location": "/", "include": ["[z-a]"]},
        {"location": "/", "max_bytes": 0},
    ],
)
def test_a_configuration_that_makes_no_sense_is_named(config: dict[str, object]) -> None:
    with pytest.raises(Misconfigured):
        FileConnector.from_config(config)


def test_a_missing_root_is_a_failed_listing(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nowhere"):
        list(connector(tmp_path / "nowhere").items())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_a_failed_listing(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "closed/b.txt")
    (tmp_path / "closed").chmod(0)
    with pytest.raises(Unavailable, match="closed"):
        list(connector(tmp_path).items())


def test_a_folder_that_vanishes_during_the_listing_is_a_failed_listing(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "z/b.txt")
    items = connector(tmp_path).items()
    next(items)
    (tmp_path / "z" / "b.txt").unlink()
    (tmp_path / "z").rmdir()
    with pytest.raises(Unavailable, match="z cannot be listed"):
        next(items)


def test_a_file_that_vanished_since_the_listing_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ItemGone):
        connector(tmp_path).fetch(Item("a.txt", 3, 0), None)


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", content=b"x" * 11)
    source = connector(tmp_path, max_bytes=10)
    with pytest.raises(ItemFailed, match="11 bytes") as caught:
        source.fetch(Item("a.txt", 11, 0), None)
    assert caught.value.outcome == "too_large"
    with pytest.raises(ItemFailed, match="more than 10"):
        source.fetch(Item("a.txt", 5, 0), None)  # it has grown since it was listed


def test_a_file_without_end_is_read_to_the_limit_only(tmp_path: Path) -> None:
    with (tmp_path / "sparse.bin").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ItemFailed, match="more than"):
        connector(tmp_path, max_bytes=1000).fetch(Item("sparse.bin", 5, 0), None)


def test_a_name_that_is_not_utf8_is_listed_and_refused(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"rye")
    except OSError:
        pytest.skip("this file system takes no such name")
    source = connector(tmp_path)
    (item,) = source.items()
    with pytest.raises(ItemFailed, match="UTF-8"):
        source.fetch(item, None)


def test_a_time_of_just_now_is_not_taken_as_proof(tmp_path: Path) -> None:
    """An edit in the same tick of the clock would leave size and time as they are, and never be seen."""
    write(tmp_path, "fresh.txt", "old.txt", "future.txt")
    hour = 3_600_000_000_000
    os.utime(tmp_path / "old.txt", ns=(0, time.time_ns() - hour))
    os.utime(tmp_path / "future.txt", ns=(0, time.time_ns() + hour))
    source = connector(tmp_path)
    trusted = {item.path: source.fetch(item, None).modified_ns is not None for item in source.items()}
    assert trusted == {"fresh.txt": False, "old.txt": True, "future.txt": True}
