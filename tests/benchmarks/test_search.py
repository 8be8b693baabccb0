"""The benchmark of search, small: what it builds is searched as what syncs bring, and it tells what it found."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from benchmarks import libraries, search
from benchmarks.libraries import RULE, WHOLE
from resources.foundation.database import Server, open_database
from resources.knowledge.search import search as knowledge_search

CHUNKS = 3_000
SCOPES = ["100 %", "filter of 10 %", "filter of 1 %"]


@pytest.fixture(scope="module")
def paragraphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Paragraphs of 30 words from 900, each with an identifier of its own."""
    chance = random.Random(1)  # noqa: S311
    words = [f"{first}{second}{third}" for first in ("mi", "gra", "sto", "whe", "slu", "be", "do", "pa", "ri")
             for second in ("la", "ne", "ro", "ti", "su", "ka", "vo", "mu", "de", "fi")
             for third in ("n", "r", "st", "ll", "m", "x", "d", "p", "ck", "s")]  # fmt: skip
    path = tmp_path_factory.mktemp("paragraphs") / "paragraphs.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        for number in range(CHUNKS):
            text = f"{' '.join(chance.choices(words, k=30))} mill::part_{number}"
            told = {"id": f"d{number // 10}:{number}", "title": f"Chapter {number // 10}", "text": text}
            lines.write(json.dumps(told) + "\n")
    return path


@pytest.fixture(scope="module")
def measured(template_server: Server, paragraphs: Path) -> Iterator[tuple[Server, list[search.Line]]]:
    """The library's database, and what was measured in it."""
    chosen = search.parse(
        [str(paragraphs), "--chunks", str(CHUNKS), "--questions", "6", "--load", "6", "--indexed-from", "1000",
         *(word for scope in SCOPES for word in ("--scopes", scope))]
    )  # fmt: skip
    yield template_server.with_database(f"scale_{CHUNKS}"), search.measure(template_server, chosen)
    with psycopg.connect(template_server.with_database("postgres").admin_conninfo(), autocommit=True) as admin:
        admin.execute(f"drop database scale_{CHUNKS} with (force)".encode())


def test_k_rows_come_at_each_selectivity_and_they_are_the_nearest(
    measured: tuple[Server, list[search.Line]],
) -> None:
    _, lines = measured
    assert len(lines) == len(SCOPES) * 4
    assert {line.scope for line in lines} == set(SCOPES)
    for line in lines:
        assert line.rows == search.K, line
        assert line.recall >= (0.9 if line.scope == "100 %" else 0.99), line
        assert 0 < line.p50 <= line.p95 <= line.p99


def test_the_largest_is_indexed_and_its_shares_are_compared(measured: tuple[Server, list[search.Line]]) -> None:
    server, _ = measured
    with psycopg.connect(server.admin_conninfo()) as admin:
        indexed = admin.execute(
            "select o.slug from knowledge.vector_indexes i join identity.organizations o on o.id = i.organization_id "
            "where i.is_valid"
        ).fetchall()
    assert indexed == [(WHOLE,)]


def test_identifiers_are_found_as_they_are_written(
    measured: tuple[Server, list[search.Line]], template_server: Server, paragraphs: Path
) -> None:
    server, _ = measured
    library = libraries.build(template_server, f"scale_{CHUNKS}", paragraphs, CHUNKS)
    with open_database(server, "millrace_api", most=1) as database:
        organization_id = library.organizations[WHOLE]
        with database.transaction(organization_id) as connection:
            [first, *_] = knowledge_search.lexical(
                connection, organization_id, question="mill::part_1234", recipe_name=RULE.name, source_ids=None, k=3
            )
    assert first.content.endswith(" mill::part_1234")
