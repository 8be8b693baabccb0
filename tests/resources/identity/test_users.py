"""Users belong to one organization."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.identity import users
from tests.conftest import make_organization


def test_a_user_is_found_by_id_and_by_name(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        mia = users.create(connection, organization_id, username="mia", email="mia@mill.example", first_name="Mia")
        tom = users.create(
            connection, organization_id, username="tom", email="tom@mill.example", is_staff=True, created_by=mia.id
        )
        assert users.get(connection, organization_id, tom.id) == tom
        assert users.find_by_username(connection, organization_id, "mia") == mia
        assert users.find_by_username(connection, organization_id, "nobody") is None
        assert users.select_all(connection, organization_id) == [mia, tom]
    assert (tom.is_staff, tom.is_superuser, tom.is_active, tom.created_by) == (True, False, True, mia.id)


def test_a_taken_name_or_address_is_a_conflict_and_the_transaction_lives_on(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        users.create(connection, organization_id, username="mia", email="mia@mill.example")
        with pytest.raises(Conflict, match="'mia'"):
            users.create(connection, organization_id, username="mia", email="other@mill.example")
        with pytest.raises(Conflict, match="mia@mill"):
            users.create(connection, organization_id, username="other", email="mia@mill.example")
        assert len(users.select_all(connection, organization_id)) == 1


@pytest.mark.parametrize(
    ("username", "email"), [("", "mia@mill.example"), ("mia", "mia"), ("m" * 151, "m@mill.example")]
)
def test_a_user_without_a_sensible_name_or_address_is_refused(
    database: Database, organization_id: UUID, username: str, email: str
) -> None:
    with database.transaction(organization_id) as connection, pytest.raises(Refused):
        users.create(connection, organization_id, username=username, email=email)


def test_the_same_person_in_two_organizations_is_two_users(database: Database, organization_id: UUID) -> None:
    other = make_organization(database, "other")
    made = []
    for organization in (organization_id, other):
        with database.transaction(organization) as connection:
            made.append(users.create(connection, organization, username="mia", email="mia@mill.example"))
    with database.transaction(other) as connection, pytest.raises(Missing, match=str(made[0].id)):
        users.get(connection, other, made[0].id)


def test_nobody_is_missing(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection, pytest.raises(Missing):
        users.get(connection, organization_id, uuid4())
