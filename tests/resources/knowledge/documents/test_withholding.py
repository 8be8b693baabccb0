"""What tombstones let in and keep out, told from hashes alone."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.documents.withholding import content_hash, path_hash, state_hash, withheld
from resources.knowledge.records import Item, Tombstone

SOURCE = uuid4()
ONE, OTHER = sha256(b"one").hexdigest(), sha256(b"other").hexdigest()


def stone(path: str, *contents: str, kind: str = "erased", item: Item | None = None) -> Tombstone:
    hashes = [content_hash(SOURCE, content) for content in contents]
    return Tombstone(kind, path_hash(SOURCE, path), hashes, state_hash(item) if item else None)


def test_an_erased_path_stays_out_whatever_it_says_and_its_bytes_wherever_they_stand() -> None:
    stones = withheld(SOURCE, [stone("a.md", ONE)])
    assert stones.by_listing(Item("a.md")) == "withheld"
    assert stones.by_content("a.md", OTHER) == "withheld"
    assert stones.by_content("a.md", None) == "withheld"
    assert stones.by_content("b.md", ONE) == "withheld"
    assert stones.by_content("b.md", OTHER) == "welcome"


def test_an_expired_path_stays_out_while_it_says_the_same() -> None:
    item = Item("a.md", size=3, modified_ns=7)
    stones = withheld(SOURCE, [stone("a.md", ONE, kind="expired", item=item)])
    assert stones.by_listing(item) == "withheld"
    assert stones.by_listing(Item("a.md", size=3, modified_ns=8)) == "look"
    assert stones.by_content("a.md", ONE) == "withheld"
    assert stones.by_content("a.md", OTHER) == "welcome"
    assert stones.by_content("b.md", ONE) == "welcome"


def test_an_item_that_nothing_is_said_of_must_be_looked_at() -> None:
    stones = withheld(SOURCE, [stone("a.md", ONE, kind="expired", item=Item("a.md"))])
    assert stones.by_listing(Item("a.md")) == "look"


@given(st.uuids(), st.uuids(), st.text(), st.text())
def test_hashes_of_two_sources_or_two_paths_cannot_be_compared(one: UUID, two: UUID, a: str, b: str) -> None:
    assert (path_hash(one, a) == path_hash(two, b)) == ((one, a) == (two, b))
