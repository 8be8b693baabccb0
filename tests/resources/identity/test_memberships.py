"""A user has one role in the organization."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Missing
from resources.identity import memberships, users
from resources.identity.records import Membership


def test_a_new_role_takes_the_place_of_the_old_one(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        mia = users.create(connection, organization_id, username="mia", email="mia@mill.example")
        assert memberships.find_role(connection, organization_id, mia.id) is None
        memberships.set_role(connection, organization_id, mia.id, "member")
        memberships.set_role(connection, organization_id, mia.id, "engineer")
        assert memberships.find_role(connection, organization_id, mia.id) == Membership(mia.id, "engineer")
        assert memberships.select_all(connection, organization_id) == [Membership(mia.id, "engineer")]


def test_a_role_can_be_taken_away_once(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        mia = users.create(connection, organization_id, username="mia", email="mia@mill.example")
        memberships.set_role(connection, organization_id, mia.id, "owner")
        assert memberships.remove(connection, organization_id, mia.id)
        assert not memberships.remove(connection, organization_id, mia.id)


def test_a_user_who_is_not_there_gets_no_role(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        with pytest.raises(Missing):
            memberships.set_role(connection, organization_id, uuid4(), "owner")
        assert memberships.select_all(connection, organization_id) == []
