"""An organization is created by its slug and found by it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.identity import organizations


def test_an_organization_is_found_by_its_slug_and_by_its_id(database: Database) -> None:
    mill = organizations.create(database, "mill", "The Mill")
    with database.directory() as connection:
        assert organizations.find_by_slug(connection, "mill") == mill
        assert organizations.find_by_slug(connection, "elsewhere") is None
    with database.transaction(mill.id) as connection:
        assert organizations.get(connection, mill.id) == mill


def test_an_operator_sees_all_organizations_by_slug(database: Database) -> None:
    made = [organizations.create(database, slug, slug.title()) for slug in ("wharf", "bakery")]
    with database.directory() as connection:
        assert organizations.select_all(connection) == [made[1], made[0]]


def test_an_organization_cannot_get_another(database: Database) -> None:
    mill = organizations.create(database, "mill", "The Mill")
    bakery = organizations.create(database, "bakery", "The Bakery")
    with database.transaction(mill.id) as connection, pytest.raises(Missing, match=str(bakery.id)):
        organizations.get(connection, bakery.id)


def test_a_slug_stands_once_in_the_installation(database: Database) -> None:
    organizations.create(database, "mill", "The Mill")
    with pytest.raises(Conflict, match="'mill' exists already"):
        organizations.create(database, "mill", "Another mill")


@pytest.mark.parametrize("slug", ["", "-mill", "Mill", "the mill", "mill/..", "m" * 64])
def test_a_slug_that_would_break_an_address_is_refused(database: Database, slug: str) -> None:
    with pytest.raises(Refused, match="a slug is"):
        organizations.create(database, slug, "The Mill")


def test_a_pool_of_one_survives_refusals(database: Database) -> None:
    for _ in range(3):
        with pytest.raises(Refused):
            organizations.create(database, "NO", "no")
    with database.transaction(uuid4()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
