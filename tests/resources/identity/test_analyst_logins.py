"""A tool that logs in as an analyst reads the views of its organization, whatever it sets, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from resources.foundation.database import Database, Server
from resources.foundation.errors import Conflict, Missing
from resources.identity import analyst_logins
from resources.identity.analyst_logins import AnalystLogin
from tests.conftest import make_organization
from tests.factories.rows import insert_rows


@pytest.fixture
def login(database: Database, server: Server) -> Iterator[tuple[UUID, UUID, AnalystLogin, str]]:
    """Two organizations that have a row of everything, and a login that is bound to the first."""
    mine, other = UUID(int=1), UUID(int=2)
    for organization_id in (mine, other):
        with database.transaction(organization_id) as connection:
            insert_rows(connection, organization_id)
    with database.transaction(mine) as connection:
        made = analyst_logins.create(connection, mine, name="superset")
    password = analyst_logins.admit(server, mine, made)
    yield mine, other, made, password
    analyst_logins.dismiss(server, made)


def test_a_tool_sees_its_own_organization_without_setting_anything(
    server: Server, login: tuple[UUID, UUID, AnalystLogin, str]
) -> None:
    mine, _, made, password = login
    with _opened(server, made, password) as tool:
        assert tool.execute("select organization_id from answers").fetchall() == [(mine,)]
        assert tool.execute("select question from queries_without_result").fetchall() == [("Which rules?",)]


def test_a_tool_that_names_another_organization_sees_nothing(
    server: Server, login: tuple[UUID, UUID, AnalystLogin, str]
) -> None:
    _, other, made, password = login
    with _opened(server, made, password) as tool:
        tool.execute("select set_config('millrace.organization_id', %s, false)", [str(other)])
        views = tool.execute("select table_name from information_schema.views where table_schema = 'analytics'")
        for (view,) in views.fetchall():
            assert tool.execute(f"select * from analytics.{view}").fetchall() == [], view  # noqa: S608
        tool.execute("set role millrace_analyst")
        assert tool.execute("select * from analytics.answers").fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "select content from conversations.messages",
        "select quote from conversations.citations",
        "select text from knowledge.document_versions",
        "select digest from identity.api_keys",
        "select * from identity.analyst_logins",
        "select config from knowledge.data_sources",
        "insert into conversations.message_feedback (organization_id, message_id, feedback) "
        "values (gen_random_uuid(), gen_random_uuid(), 'positive')",
        "delete from conversations.usage",
        "set role millrace_api",
        "create table analytics.mine ()",
    ],
)
def test_a_tool_reads_no_texts_and_no_secrets_and_writes_nothing(
    server: Server, login: tuple[UUID, UUID, AnalystLogin, str], statement: str
) -> None:
    _, _, made, password = login
    with _opened(server, made, password) as tool:
        tool.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tool.execute(statement.encode())


def test_a_login_that_was_removed_sees_nothing_and_cannot_come_back(
    server: Server, database: Database, login: tuple[UUID, UUID, AnalystLogin, str]
) -> None:
    mine, _, made, password = login
    with _opened(server, made, password) as tool:
        with database.transaction(mine) as connection:
            analyst_logins.remove(connection, mine, made.id)
        assert tool.execute("select * from answers").fetchall() == []
    analyst_logins.dismiss(server, made)
    with pytest.raises(psycopg.OperationalError), _opened(server, made, password):
        pass


def test_a_name_stands_once_in_an_organization(database: Database, organization_id: UUID) -> None:
    other = make_organization(database, "other")
    for own in (organization_id, other):
        with database.transaction(own) as connection:
            analyst_logins.create(connection, own, name="grafana")
    with database.transaction(organization_id) as connection:
        with pytest.raises(Conflict, match="grafana"):
            analyst_logins.create(connection, organization_id, name="grafana")
        with pytest.raises(Missing, match="metabase"):
            analyst_logins.get(connection, organization_id, "metabase")
        assert [login.name for login in analyst_logins.select_all(connection, organization_id)] == ["grafana"]


def _opened(server: Server, login: AnalystLogin, password: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(make_conninfo(server.admin_conninfo(), user=login.user, password=password), autocommit=True)
