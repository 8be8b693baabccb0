"""Whatever happens to a folder between syncs, its rows end as those of a first sync of what is there at last."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.foundation.database import Database
from resources.knowledge.records import ChunkingRule
from tests.conftest import make_organization
from tests.factories.workshops import Workshop, make_workshop

PATHS = ["a.md", "b.txt", "folder/a.md", "folder/deep/c.md", "z.txt"]
PARAGRAPHS = [f"Sack {n} of rye went to the miller of village {n}, who ground it fine." for n in range(8)]

texts = st.lists(st.sampled_from(["# Rye", "## Wheat", *PARAGRAPHS]), min_size=1, max_size=8).map("\n\n".join)
paths = st.sampled_from(PATHS)
events = st.one_of(
    st.tuples(st.just("write"), paths, texts),
    st.tuples(st.just("delete"), paths),
    st.tuples(st.just("rename"), paths, paths),
    st.tuples(st.just("sync")),
    st.tuples(st.just("bring")),
    st.tuples(st.just("cut")),
)


histories = st.lists(events, max_size=14)


@settings(max_examples=10)
@given(history=histories)
def test_any_history_ends_as_a_first_sync_would(history: list[tuple[str, ...]], database: Database) -> None:
    hold(history, database)


@pytest.mark.campaign
@settings(max_examples=200)
@given(history=histories)
def test_two_hundred_histories_end_as_a_first_sync_would(history: list[tuple[str, ...]], database: Database) -> None:
    hold(history, database)


def hold(history: list[tuple[str, ...]], database: Database) -> None:
    """Hold a source that lived through these events against one that is new."""
    home = Path(tempfile.mkdtemp())
    try:
        lived = new_workshop(database, home / "lived")
        for moment, (verb, *arguments) in enumerate(history):
            happen(lived, verb, arguments, age_s=9_000 - moment)
        lived.write("always.txt", "The mill stands.")
        lived.sync()
        fresh = new_workshop(database, home / "fresh")
        shutil.copytree(lived.folder, fresh.folder, dirs_exist_ok=True)
        fresh.sync()
        assert lived.snapshot() == fresh.snapshot()
        assert lived.sync().changed == 0
        assert lived.snapshot() == fresh.snapshot()
    finally:
        shutil.rmtree(home)


def happen(workshop: Workshop, verb: str, arguments: list[str], *, age_s: float) -> None:
    if verb == "write":
        workshop.write(arguments[0], arguments[1], age_s=age_s)
        return
    if verb in ("delete", "rename"):
        subject = workshop.folder / arguments[0]
        if subject.exists():
            target = workshop.folder / arguments[1] if verb == "rename" else workshop.folder.parent / "bin"
            target.parent.mkdir(parents=True, exist_ok=True)
            subject.replace(target)
        return
    workshop.write("always.txt", "The mill stands.")
    {"sync": workshop.sync, "bring": workshop.bring, "cut": workshop.cut}[verb]()


def new_workshop(database: Database, home: Path) -> Workshop:
    workshop = make_workshop(
        database, make_organization(database, f"o{home.parent.name.lower().replace('_', '-')}-{home.name}"), home
    )
    workshop.rule = ChunkingRule(size=128)
    return workshop
