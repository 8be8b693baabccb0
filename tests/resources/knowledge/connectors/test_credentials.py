"""The credentials of a source are sealed in its row, open for that source alone, and go with it."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Misconfigured, Missing
from resources.foundation.secrets import Key, Keyring
from resources.knowledge.connectors import credentials
from resources.knowledge.sources import data_sources

RING = Keyring.of(Key("old", b"o" * 32))


@pytest.fixture
def source_id(database: Database, organization_id: UUID) -> UUID:
    """A source without credentials."""
    return _source(database, organization_id, "orders")


def test_credentials_come_back_as_they_were_given(database: Database, organization_id: UUID, source_id: UUID) -> None:
    given = {"password": "grüße | 'quoted'", "token": "line\nline"}
    with database.transaction(organization_id) as connection:
        assert credentials.get(connection, organization_id, source_id, keyring=RING) == {}
        assert not credentials.has_any(connection, organization_id, source_id)
        credentials.replace(connection, organization_id, source_id, given, keyring=RING)
        assert credentials.has_any(connection, organization_id, source_id)
        assert credentials.get(connection, organization_id, source_id, keyring=RING) == given


def test_the_row_shows_nothing_of_them(database: Database, organization_id: UUID, source_id: UUID) -> None:
    _give(database, organization_id, source_id)
    with database.transaction(organization_id) as connection:
        row = connection.execute("select s::text, credentials from knowledge.data_sources s").fetchone()
    assert row is not None
    assert b"grist" not in row[1]
    assert "grist" not in row[0]
    assert b"grist".hex() not in row[0]


def test_credentials_copied_to_another_source_do_not_open(
    database: Database, organization_id: UUID, source_id: UUID
) -> None:
    _give(database, organization_id, source_id)
    thief = _source(database, organization_id, "thief")
    with database.transaction(organization_id) as connection:
        connection.execute("update knowledge.data_sources set credentials = (select credentials "
                           "from knowledge.data_sources where id = %s) where id = %s", [source_id, thief])  # fmt: skip
        with pytest.raises(Misconfigured, match="belongs to another row"):
            credentials.get(connection, organization_id, thief, keyring=RING)


def test_the_api_cannot_read_them(server: Server, database: Database, organization_id: UUID, source_id: UUID) -> None:
    _give(database, organization_id, source_id)
    with (
        open_database(server, "millrace_api", most=1) as api,
        pytest.raises(Exception, match="permission denied"),
        api.transaction(organization_id) as connection,
    ):
        credentials.get(connection, organization_id, source_id, keyring=RING)


def test_no_values_mean_no_credentials(database: Database, organization_id: UUID, source_id: UUID) -> None:
    _give(database, organization_id, source_id)
    with database.transaction(organization_id) as connection:
        credentials.replace(connection, organization_id, source_id, {}, keyring=RING)
        assert not credentials.has_any(connection, organization_id, source_id)
    _give(database, organization_id, source_id)
    with database.transaction(organization_id) as connection:
        credentials.remove(connection, organization_id, source_id)
        assert credentials.get(connection, organization_id, source_id, keyring=RING) == {}


def test_a_source_that_is_removed_takes_its_credentials_along(
    database: Database, organization_id: UUID, source_id: UUID
) -> None:
    _give(database, organization_id, source_id)
    with database.transaction(organization_id) as connection:
        data_sources.remove(connection, organization_id, source_id)
        row = connection.execute("select count(*) from knowledge.data_sources where credentials is not null").fetchone()
        assert row == (0,)
        with pytest.raises(Missing):
            credentials.replace(connection, organization_id, source_id, {"password": "grist"}, keyring=RING)


def test_a_source_that_is_not_there_takes_none(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection, pytest.raises(Missing):
        credentials.replace(connection, organization_id, uuid4(), {"password": "grist"}, keyring=RING)


def _source(database: Database, organization_id: UUID, name: str) -> UUID:
    with database.transaction(organization_id) as connection:
        return data_sources.create(connection, organization_id, name=name, source_type="database", config={}).id


def _give(database: Database, organization_id: UUID, source_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        credentials.replace(connection, organization_id, source_id, {"password": "grist"}, keyring=RING)
