"""The reconciliation is silent about a healthy source, and names every kind of fault in another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from functools import partial
from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from resources.knowledge.documents import sync_failures
from resources.knowledge.records import ChunkingRule, Recipe, RecipeReconciliation
from resources.knowledge.sources import reconciliation
from tests.factories.faults import FAULTS, Fault, plant
from tests.factories.rows import ROWS

HEALTHY = (
    "knowledge.data_sources", "knowledge.documents", "knowledge.document_versions", "knowledge.chunks",
    "knowledge.embedding_models", "knowledge.embeddings",
)  # fmt: skip


@pytest.fixture
def ids(organization_id: UUID) -> dict[str, UUID]:
    """The ids of one row in each table."""
    return {name.partition(".")[2]: uuid4() for name in HEALTHY} | {"organization_id": organization_id}


@pytest.fixture
def connection(database: Database, ids: dict[str, UUID]) -> Iterator[Connection]:
    """A transaction that sees one healthy source of one document, one chunk and one vector."""
    with database.transaction(ids["organization_id"]) as connection:
        for name in HEALTHY:
            connection.execute(ROWS[name], ids)
        connection.execute("update knowledge.document_versions set status = 'ready', valid_from = now()")
        connection.execute(
            "update knowledge.documents set status = 'ready', current_version_id = %(document_versions)s", ids
        )
        yield connection


def test_a_healthy_source_has_no_fault(connection: Connection, ids: dict[str, UUID]) -> None:
    found = reconciliation.get(connection, ids["organization_id"], ids["data_sources"])
    assert (found.documents, found.ready, found.chunks, found.vectors) == (1, 1, 1, 1)
    assert not any(found.faults.values())
    held = reconciliation.get_held(connection, ids["organization_id"], ids["data_sources"])
    assert asdict(held) == {field.name: getattr(found, field.name) for field in fields(held)}
    assert reconciliation.count_orphaned_vectors(connection, ids["organization_id"]) == 0


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.says)
def test_a_fault_is_named(connection: Connection, ids: dict[str, UUID], fault: Fault) -> None:
    plant(connection, fault)
    found = reconciliation.get(connection, ids["organization_id"], ids["data_sources"])
    assert found.faults[fault.found_as] == 1


OF_RECIPE = {field.name for field in fields(RecipeReconciliation)}


@pytest.mark.parametrize(
    "fault",
    [one for one in FAULTS if one.found_as in OF_RECIPE and b"data_sources" not in one.statement],
    ids=lambda fault: fault.says,
)
def test_a_fault_is_named_under_its_recipe_alone(
    connection: Connection, ids: dict[str, UUID], fault: Fault
) -> None:  # fmt: skip
    wanted, other = (Recipe(rule, ids["embedding_models"]) for rule in (ChunkingRule(), ChunkingRule(800, 0)))
    connection.execute("update knowledge.chunks set recipe = %s", [wanted.name])
    get = partial(reconciliation.get_of_recipe, connection, ids["organization_id"], ids["data_sources"])
    assert (get(wanted).missing, get(other).missing, sum(get(wanted).faults.values())) == (0, 1, 0)
    plant(connection, fault)
    assert getattr(get(wanted), fault.found_as) == 1
    assert not any(get(other).faults.values())


def test_a_vector_whose_text_is_gone_is_orphaned(connection: Connection, ids: dict[str, UUID]) -> None:
    connection.execute("delete from knowledge.chunks")
    assert reconciliation.count_orphaned_vectors(connection, ids["organization_id"]) == 1


def test_a_recipe_that_was_not_carried_through_is_missing(connection: Connection, ids: dict[str, UUID]) -> None:
    wanted = Recipe(ChunkingRule(), ids["embedding_models"])
    count = reconciliation.count_missing(
        connection, ids["organization_id"], ids["data_sources"], recipes=[wanted]
    )  # fmt: skip
    assert count == 1
    connection.execute("update knowledge.chunks set recipe = %s", [wanted.name])
    assert not reconciliation.count_missing(
        connection, ids["organization_id"], ids["data_sources"], recipes=[wanted]
    )  # fmt: skip
    other_model = Recipe(ChunkingRule(), uuid4())
    assert reconciliation.count_missing(
        connection, ids["organization_id"], ids["data_sources"], recipes=[wanted, other_model]
    )  # fmt: skip


def test_a_source_that_never_was_is_missing(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection, pytest.raises(Missing):
        reconciliation.get(connection, organization_id, uuid4())


def test_an_item_fails_openly_even_while_readers_see_its_former_version(
    connection: Connection, ids: dict[str, UUID]
) -> None:
    organization_id, source_id = ids["organization_id"], ids["data_sources"]
    sync_failures.record(
        connection, organization_id, source_id=source_id, path="rules.txt", document_id=ids["documents"],
        stage="parsing", outcome="damaged", reason="it ends in the middle",
    )  # fmt: skip
    found = reconciliation.get(connection, organization_id, source_id)
    assert (found.ready, found.failed) == (1, 1)
    (failure,) = sync_failures.select_all(connection, organization_id)
    sync_failures.ignore(connection, organization_id, [failure.id])
    assert reconciliation.get(connection, organization_id, source_id).failed == 0
