"""Every statement in sql/queries can be planned, is used by its own module, and stays within its organization."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from resources.foundation.database import Server
from resources.foundation.statements import SQL_FOLDER, Connection, Statement, statements_in
from tests.architecture.imports import ROOT, modules
from tests.architecture.isolation import Relation, relations

QUERIES = sorted((SQL_FOLDER / "queries").rglob("*.sql"))
STATEMENTS = {
    (f"{path.parent.name}.{path.stem}", name): statement
    for path in QUERIES
    for name, statement in statements_in(path).items()
}

# Nouns that have statements and no table of their name: they ask across tables and write none.
NOUNS_WITHOUT_A_TABLE = {
    "analytics.choices",
    "analytics.costs",
    "analytics.evaluations",
    "analytics.feedback_reasons",
    "analytics.latencies",
    "analytics.question_details",
    "analytics.score_distributions",
    "analytics.source_standings",
    "analytics.views",
    "analytics.worst_questions",
    "conversations.erasures",
    "conversations.retention",
    "knowledge.directory",
    "knowledge.matching_documents",
    "knowledge.members",
    "knowledge.previews",
    "knowledge.purses",
    "knowledge.reissues",
    "knowledge.rereadings",
    "knowledge.retention",
    "knowledge.search",
    "knowledge.search_health",
}

# The weights of chunks follow from the statistics of their words.
WRITTEN_BY_TWO = {"knowledge.chunks": {"knowledge.chunks", "knowledge.text_statistics"}}

# Tables that no code writes or reads yet, and the work that will. This list may only shrink.
NOT_YET_ALIVE: dict[str, str] = {}

_PARAMETER = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def planner(template_server: Server) -> Iterator[Connection]:
    """A connection of the pipeline's role, which plans and runs nothing."""
    with psycopg.connect(template_server.conninfo("millrace_pipeline"), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def unbound_plans(template_server: Server) -> dict[tuple[str, str], dict[str, Any]]:
    """The plans of a connection that no policy binds, so that they show what a statement itself asks for."""
    with psycopg.connect(template_server.admin_conninfo(), autocommit=True) as connection:
        return {name: _plan(connection, statement) for name, statement in STATEMENTS.items()}


@pytest.fixture(scope="module")
def tables(template_server: Server) -> list[Relation]:
    """The tables and views of the product."""
    with psycopg.connect(template_server.admin_conninfo()) as admin:
        return relations(admin)


def test_every_statement_can_be_planned(planner: Connection) -> None:
    """By the role that runs it, with parameters of which nothing is known but their place."""
    refused = {}
    for name, statement in STATEMENTS.items():
        try:
            _plan(planner, statement)
        except psycopg.Error as error:
            refused[name] = str(error)
    assert refused == {}


def test_every_statement_names_its_organization_or_says_that_it_has_none() -> None:
    says = {name: ("%(organization_id)s" in one.text, one.is_for_any_organization) for name, one in STATEMENTS.items()}
    assert {name for name, (names_one, is_for_any) in says.items() if names_one == is_for_any} == set()


def test_every_statement_asks_every_table_for_one_organization_only(
    unbound_plans: dict[tuple[str, str], dict[str, Any]], tables: list[Relation]
) -> None:
    """Also where no policy binds it: a second lock, and what lets an index serve."""
    columns = {relation.name: relation.column for relation in tables}
    of_all_organizations = []
    for name, plan in unbound_plans.items():
        for scan in _scans(plan):
            table = f"{scan.get('Schema')}.{scan['Relation Name']}"
            conditions = " ".join(str(text) for key, text in scan.items() if "Cond" in key or "Filter" in key)
            if table in columns and f"{columns[table]} = " not in conditions:
                of_all_organizations.append((name, table, conditions))
    assert of_all_organizations == []


def test_a_table_is_written_by_the_statements_of_one_file(
    unbound_plans: dict[tuple[str, str], dict[str, Any]],
) -> None:
    writers: dict[str, set[str]] = {}
    for (file, _), plan in unbound_plans.items():
        for node in _nodes(plan):
            if node["Node Type"] == "ModifyTable":
                writers.setdefault(f"{node['Schema']}.{node['Relation Name']}", set()).add(file)
    assert {table: by for table, by in writers.items() if len(by) > 1} == WRITTEN_BY_TWO
    owned = {file for file, _ in STATEMENTS}
    assert {table: by for table, by in writers.items() if table in owned and table not in by} == {}


def test_a_file_of_statements_is_used_by_its_own_module_and_by_no_other() -> None:
    wrong = {}
    for path in QUERIES:
        asked = {name for module in _modules_of(path) for name in _asked_for(module)}
        if asked != set(statements_in(path)):
            wrong[path.relative_to(ROOT).as_posix()] = asked ^ set(statements_in(path))
    assert wrong == {}


def test_a_module_that_asks_for_statements_has_a_file_of_them() -> None:
    asking = sorted(path for path in modules().values() if _asked_for(path))
    assert asking == sorted(module for path in QUERIES for module in _modules_of(path))


def test_a_file_of_statements_bears_the_name_of_its_table(tables: list[Relation]) -> None:
    assert {file for file, _ in STATEMENTS} - {relation.name for relation in tables} == NOUNS_WITHOUT_A_TABLE


def test_every_heading_is_a_sentence() -> None:
    assert [name for name, one in STATEMENTS.items() if not one.says.endswith(".")] == []


def test_every_file_of_statements_begins_with_a_heading() -> None:
    """Else what stands before the first heading would be lost without a word."""
    assert [path.name for path in QUERIES if not re.match(r"-- \w+: ", path.read_text())] == []


def test_every_table_is_alive_or_says_what_will_light_it(tables: list[Relation]) -> None:
    text = "\n".join(path.read_text() for path in QUERIES)
    functions = "\n".join(path.read_text() for path in (SQL_FOLDER / "views").glob("*.sql"))
    dead = {one.name for one in tables if not re.search(rf"\b{re.escape(one.name)}\b", text + functions)}
    assert dead == set(NOT_YET_ALIVE)


def _plan(connection: Connection, statement: Statement) -> dict[str, Any]:
    places: dict[str, str] = {}
    text = _PARAMETER.sub(lambda match: places.setdefault(match[1], f"${len(places) + 1}"), statement.text)
    explain = "explain (generic_plan, verbose, format json) " + text.replace("%%", "%")
    row = connection.execute(explain.encode()).fetchone()
    assert row is not None
    found = row[0] if isinstance(row[0], list) else json.loads(row[0])
    plan: dict[str, Any] = found[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (node for node in _nodes(plan) if "Scan" in node["Node Type"] and "Relation Name" in node)


def _modules_of(path: Path) -> list[Path]:
    """The modules that bear the name of a file of statements, in its domain or a room of it: one, where all is well."""
    return list((ROOT / "resources" / path.parent.name).rglob(f"{path.stem}.py"))


def _asked_for(path: Path) -> set[str]:
    return {
        node.slice.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "SQL"
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    }
