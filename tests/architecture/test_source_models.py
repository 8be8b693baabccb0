"""Every field of the five source models has its column in the live database, or a note that says what replaces it."""

from __future__ import annotations

import csv
from collections import Counter

import psycopg
import pytest

from resources.foundation.database import Server
from resources.foundation.statements import SQL_FOLDER

with (SQL_FOLDER / "source_models.csv").open(newline="") as file:
    FIELDS = list(csv.DictReader(file))

WHOLE_MODELS = ("KnowledgeBase", "PythonChat", "GPTTrainer")

# What a type of a model may be here. Where it is something else, a note says why. Keys are uuids, whatever they were.
FAMILIES = {
    "uuid": {"uuid"},
    "int": {"integer", "bigint", "uuid"},
    "bigint": {"bigint", "integer", "uuid"},
    "integer": {"integer", "bigint"},
    "string": {"text"},
    "text": {"text", "uuid"},
    "enum": {"text"},
    "boolean": {"boolean"},
    "float": {"double precision", "numeric"},
    "double": {"double precision"},
    "decimal": {"numeric"},
    "datetime": {"timestamp with time zone"},
    "timestamptz": {"timestamp with time zone"},
    "json": {"jsonb", "text[]"},
    "jsonb": {"jsonb"},
    "array": {"text[]"},
    "vector(1536)": {"vector"},
    "uuid[]": {"uuid[]"},
    "double precision[]": {"double precision[]"},
}
# One model says in words what its fields are.
FAMILIES_IN_WORDS = {
    "identifier": {"uuid"},
    "Reference": {"uuid"},
    "imestamp": {"timestamp with time zone"},
    "Float": {"double precision"},
    "penalty": {"double precision"},
    "sampling": {"double precision"},
    "Response": {"double precision"},
    "Maximum": {"integer"},
    "Boolean": {"boolean"},
    "JSON": {"jsonb"},
    "Default": {"text"},
}


@pytest.fixture(scope="module")
def columns(template_server: Server) -> dict[str, str]:
    """The type of every column of the live database, by its full name."""
    with psycopg.connect(template_server.admin_conninfo()) as admin:
        rows = admin.execute(
            "select format('%s.%s.%s', n.nspname, c.relname, a.attname), format_type(a.atttypid, null) "
            "from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace "
            "where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')"
        )
        return dict(rows.fetchall())


def test_all_fields_of_all_models_are_listed() -> None:
    assert Counter(field["model"] for field in FIELDS) == {
        "EveAI": 138, "KnowledgeBase": 124, "PythonChat": 60, "GPTTrainer": 58, "AGIR": 147,
    }  # fmt: skip
    assert len({(field["model"], field["entity"]) for field in FIELDS}) == 60


def test_every_field_has_a_column_or_a_note() -> None:
    assert [field for field in FIELDS if not field["column"] and not field["note"]] == []


def test_every_column_that_is_named_exists(columns: dict[str, str]) -> None:
    assert {field["column"] for field in FIELDS if field["column"]} - set(columns) == set()


def test_every_column_has_the_type_of_its_field_or_a_note_that_says_why_not(columns: dict[str, str]) -> None:
    assert [
        (field["model"], field["entity"], field["field"], field["type"], columns[field["column"]])
        for field in FIELDS
        if field["column"] in columns and not field["note"] and columns[field["column"]] not in _family(field)
    ] == []


def test_three_models_are_here_whole() -> None:
    waiting = {field["model"] for field in FIELDS if field["note"].startswith("to come")}
    assert waiting & set(WHOLE_MODELS) == set()


def test_what_is_to_come_is_not_there_yet(columns: dict[str, str]) -> None:
    """Who builds a table that a note promises fills in its columns at the same time."""
    tables = {name.rsplit(".", 1)[0] for name in columns}
    promised = {note.removeprefix("to come: ") for field in FIELDS if (note := field["note"]).startswith("to come")}
    assert promised & tables == set()


def _family(field: dict[str, str]) -> set[str]:
    if field["model"] != "GPTTrainer":
        return FAMILIES[field["type"]]
    return next((family for word, family in FAMILIES_IN_WORDS.items() if word in field["type"]), {"text"})
