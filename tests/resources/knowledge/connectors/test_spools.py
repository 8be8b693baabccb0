"""A listing on disk: in the order of its paths, each once, with what was kept beside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.errors import Conflict
from resources.knowledge.connectors.spools import Spool, Spooled
from resources.knowledge.records import Item


@given(paths=st.sets(st.text(min_size=1), max_size=30))
def test_items_come_back_in_the_order_of_code_points(paths: set[str]) -> None:
    spool = Spool()
    spool.put(Spooled(Item(path)) for path in paths)
    assert [item.path for item in spool.items()] == sorted(paths)
    spool.close()


def test_items_come_back_as_they_were() -> None:
    spool = Spool()
    item = Item("a/ä.txt", 3, 1_700_000_000_123_456_789, "e1", "Ä", "s3://mill/a", {"grain": "rye"})
    spool.put([Spooled(item, "key", b"rye"), Spooled(Item("b"))])
    assert spool.find("a/ä.txt") == Spooled(item, "key", b"rye")
    assert spool.find("b") == Spooled(Item("b"))
    assert spool.find("c") is None


def test_more_than_a_page_comes_back_whole() -> None:
    spool = Spool()
    spool.put(Spooled(Item(f"{n:05}"), key=str(n)) for n in reversed(range(2500)))
    assert [item.path for item in spool.items()] == [f"{n:05}" for n in range(2500)]
    assert spool.keys_from("01000", at_most=3) == {"01000": "1000", "01001": "1001", "01002": "1002"}


def test_a_path_that_is_listed_twice_is_named() -> None:
    spool = Spool()
    with pytest.raises(Conflict, match="'a' is listed twice"):
        spool.put([Spooled(Item("a")), Spooled(Item("a"))])
