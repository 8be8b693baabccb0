"""Texts of any writing system, made fit for PostgreSQL's parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.database import Database
from resources.knowledge.chunks.segmenting import CONFIGURATIONS, configuration, searchable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("水车磨坊", " 水车 车磨 磨坊 "),
        ("磨", " 磨 "),
        ("the 水车 wheel", "the  水车  wheel"),
        ("กังหัน", " กั ัง งห หั ัน "),
        ("スーパー", " スー ーパ パー "),
        ("ｽｰﾊﾟｰ", " スー ーパ パー "),
        ("std::vector of PEP 703", "std::vector of PEP 703"),
        ("물레방아는 돈다", " 물레 레방 방아 아는   돈다 "),
        ("ﬁre ＡＢＣ", "fire ABC"),
    ],
)
def test_only_scripts_without_spaces_become_pairs_of_characters(text: str, expected: str) -> None:
    assert searchable(text) == expected


@given(st.text(alphabet="水车磨坊 abc.", min_size=1))
def test_a_part_of_a_text_has_its_pairs_among_those_of_the_whole(text: str) -> None:
    run = max((part for part in text.replace(".", " ").split() if part.isascii() is False), key=len, default="")
    pairs = {run[i : i + 2] for i in range(len(run) - 1) if not run[i : i + 2].isascii()}
    found = set(searchable(text).split())
    assert all(pair in found for pair in pairs if all("\u4e00" <= c <= "\u9fff" for c in pair))


@given(st.text())
def test_any_text_can_be_stored_afterwards(text: str) -> None:
    assert "\0" not in searchable(text)


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "english"), ("pt-BR", "portuguese"), ("nb_NO", "norwegian"), ("DE", "german"), ("zh", "simple"),
     ("th", "simple"), ("xx", "simple"), ("", "simple"), (None, "simple")],
)  # fmt: skip
def test_a_language_has_its_stemmer_or_none(language: str | None, expected: str) -> None:
    assert configuration(language) == expected


def test_every_configuration_is_one_of_postgresql(database: Database) -> None:
    with database.directory() as connection:
        known = {row[0] for row in connection.execute("select cfgname from pg_ts_config")}
    assert known >= CONFIGURATIONS
    assert len(CONFIGURATIONS) == 30
