"""Real files of each format give their text, and hostile ones an outcome, through the bounded workers."""

from __future__ import annotations

import json
import mimetypes
import queue
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from resources.foundation.database import Database
from resources.knowledge.chunks import chunking
from resources.knowledge.intake import intake
from resources.knowledge.readers import reading_scans, workers
from resources.knowledge.readers.workers import ParseFailure, ParserPool
from resources.knowledge.records import ChunkingRule, Parsed, SyncCounts
from tests.factories.workshops import make_workshop

# What has no text of its own: page images. No OCR in the default set.
SCANS = {"needs_ocr"}
# The equation in this sentence is kept here; the phrase was taken from a reader that drops it.
KNOWN_MISSING = {"The formula is the Pythagorean"}
# What the suggestion of the manifest does not fit: one member of this archive is encrypted, the other is not.
ENCRYPTED_IN_PART = {"encrypted/tika__testZipEncrypted.zip"}
MB = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """What became of a file of a manifest, how many seconds it took, and the most memory of its worker, in bytes."""

    row: dict[str, Any]
    result: Parsed | ParseFailure
    seconds: float
    peak_bytes: int


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Every file of a manifest, parsed by two workers."""
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]

    free = queue.SimpleQueue[ParserPool]()

    def parse(row: dict[str, Any]) -> Outcome:
        pool = free.get()
        pool.peak_bytes = 0
        path = folder / row["file"]
        data, media_type = path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        began = time.monotonic()
        result = pool.parse(data, media_type=media_type, filename=path.name)
        outcome = Outcome(row, result, time.monotonic() - began, pool.peak_bytes)
        free.put(pool)
        return outcome

    with workers.parsers(count=1) as one, workers.parsers(count=1) as other, ThreadPoolExecutor(2) as threads:
        free.put(one)
        free.put(other)
        yield from threads.map(parse, rows)


def normalised(text: str) -> str:
    return " ".join(text.split())


def assert_pieces_are_of_the_text(parsed: Parsed) -> None:
    assert all(one.end <= other.start for one, other in pairwise(parsed.elements))
    assert "\0" not in parsed.text
    end = 0
    for piece in chunking.split(parsed, ChunkingRule()):
        assert piece.content == parsed.text[piece.start : piece.end]
        assert not parsed.text[end : piece.start].strip()
        end = piece.end
    assert not parsed.text[end:].strip()


def test_real_files_give_their_text(shared_data: Path) -> None:
    without_text, missing, found = [], [], 0
    for each in outcomes(shared_data / "formats"):
        row, outcome = each.row, each.result
        name = str(row["file"])
        if isinstance(outcome, ParseFailure):
            without_text.append(name)
            assert name.startswith("scanned/"), f"{name}: {outcome.reason}"
            assert outcome.outcome in SCANS
            continue
        assert_pieces_are_of_the_text(outcome)
        for probe in row.get("probes") or ():
            is_found = normalised(probe) in normalised(outcome.text)
            found += is_found
            if not is_found:
                missing.append(probe)
    assert len(without_text) == (0 if reading_scans.is_installed() else 9)
    assert set(missing) <= KNOWN_MISSING
    assert found >= 50


@pytest.mark.campaign
def test_every_hostile_file_has_an_outcome(shared_data: Path) -> None:
    seen: list[Outcome] = []
    for each in outcomes(shared_data / "hostile"):
        seen.append(each)
        if isinstance(each.result, Parsed):
            assert_pieces_are_of_the_text(each.result)
        else:
            assert each.result.outcome != "crashed", f"{each.row['file']}: {each.result.reason}"
            assert each.result.reason
        if each.row["expected"] == "refuse: encrypted" and each.row["file"] not in ENCRYPTED_IN_PART:
            assert isinstance(each.result, ParseFailure)
        assert each.seconds < 61
        assert each.peak_bytes < 2 << 30
    slowest, largest = max(seen, key=lambda o: o.seconds), max(seen, key=lambda o: o.peak_bytes)
    print(f"\n{len(seen)} hostile files: {dict(Counter(_name(o.result) for o in seen))}")  # noqa: T201
    print(f"longest {slowest.seconds:.1f} s: {slowest.row['file']}")  # noqa: T201
    print(f"largest {largest.peak_bytes // MB} MB: {largest.row['file']}")  # noqa: T201


def _name(result: Parsed | ParseFailure) -> str:
    return result.outcome if isinstance(result, ParseFailure) else "text"


@pytest.mark.campaign
def test_hostile_files_leave_a_healthy_source_beside_them_untouched(
    shared_data: Path, database: Database, organization_id: UUID, tmp_path: Path
) -> None:
    """All of them as one source, through the whole intake; the members of archives among them, too."""
    healthy = make_workshop(database, organization_id, tmp_path, name="healthy")
    for number in range(20):
        healthy.write(f"{number}.md", f"# Note {number}\n\nThe miller weighs load {number} of rye.")
    healthy.sync()
    before, visible = healthy.snapshot(), healthy.visible()
    hostile = make_workshop(database, organization_id, tmp_path, name="hostile")
    shutil.copytree(shared_data / "hostile", hostile.folder, dirs_exist_ok=True)

    def sync() -> SyncCounts:
        return intake.sync(
            database, organization_id, hostile.source_id, store=hostile.store, parsers=pool, recipes=hostile.recipes()
        )

    with workers.parsers(count=2) as pool:
        counts, again = sync(), sync()
        children = pool.process_ids()
    assert not [id for id in children if Path(f"/proc/{id}").exists()]
    files = [path for path in hostile.folder.rglob("*") if path.is_file()]
    assert counts.listed == len(files)
    told = {str(path): str(outcome) for path, outcome in hostile.rows(
        b"select file_path, outcome from knowledge.sync_failures")}  # fmt: skip
    seen = hostile.visible()
    for path in files:
        name = path.relative_to(hostile.folder).as_posix()
        assert (name in told) != (name in seen), name
    assert "crashed" not in told.values()
    assert (again.changed, again.deleted) == (0, 0)
    after = healthy.snapshot()
    for name in ("documents", "chunks", "embeddings"):
        assert set(before[name]) <= set(after[name])
    assert {path: words for path, words in healthy.visible().items() if path in visible} == visible
    assert healthy.sync() == SyncCounts(listed=20, unchanged=20)
    print(f"\nmembers: {sorted(path for path in {**told, **seen} if '!/' in path)}")  # noqa: T201
