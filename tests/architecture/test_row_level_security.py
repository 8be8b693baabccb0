"""Organizations are kept apart by every table, for every verb and role; and these tests notice when they are not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from resources.foundation.database import Role, Server
from resources.foundation.statements import Connection
from tests.architecture.isolation import VERBS, Relation, breaches, breaches_of_view, flaws, relations
from tests.factories.rows import ROWS, insert_rows

MINE, OTHER = uuid4(), uuid4()
ROLES = (
    "millrace_owner", "millrace_api", "millrace_pipeline", "millrace_search", "millrace_directory", "millrace_analyst"
)  # fmt: skip

# The functions that look across organizations, and everything they tell.
DEFINERS = {
    "identity.key_holder": "organization_id uuid, id uuid, user_id uuid, name text, digest bytea, scopes text[], "
    "rate_limit_per_hour integer, rate_limit_per_day integer",
    "identity.sign_in_link_holder": "organization_id uuid, id uuid, user_id uuid, digest bytea",
    "identity.browser_session_holder": "organization_id uuid, id uuid, user_id uuid, name text, digest bytea, "
    "role text, rate_limit_per_hour integer, rate_limit_per_day integer",
    "identity.organizations_to_notify": "organization_id uuid",
    "conversations.organizations_with_tasks": "organization_id uuid",
    "identity.organization_of_analyst": "uuid",
    "bots.waiting_configurations": "id uuid, organization_slug text, model_config_version_id uuid, job text, "
    "minutes integer",
    "identity.organization_directory": "id uuid, slug text, name text",
    "knowledge.source_directory": "organization_id uuid, organization_slug text, id uuid, name text, status text, "
    "auto_sync boolean, sync_frequency integer, cron text, time_zone text, created_at timestamp with time zone, "
    "last_sync timestamp with time zone, leased_until timestamp with time zone, leased_to text, "
    "is_asked_for boolean, took_s double precision",
    "knowledge.lexical_search": "id uuid, content_hash bytea, score double precision",
    "knowledge.dense_search": "id uuid, distance double precision",
    "knowledge.refresh_planner_statistics": "void",
    "identity.forget_audit_entries": "void",
}


@pytest.fixture
def filled(server: Server) -> Server:
    """A database where two organizations have a row in every table."""
    with psycopg.connect(server.conninfo("millrace_pipeline")) as connection:
        for organization_id in (MINE, OTHER):
            with _as_organization(connection, organization_id):
                insert_rows(connection, organization_id)
    return server


def verbs_of(role: str, relation: Relation) -> tuple[str, ...]:
    """What a role may do to the rows of its own organization."""
    if relation.name == "knowledge.erasure_receipts":  # nobody changes one, the owner of the tables neither
        return ("select",) if role == "millrace_api" else ("select", "insert")
    if relation.name == "identity.audit_log" and role != "millrace_owner":  # foreign keys blank names as the owner
        return ("select", "insert")
    if role != "millrace_api":
        return VERBS
    if relation.name == "identity.idempotent_requests":  # answers that were given to others
        return ()
    if relation.name == "identity.expenses":  # an answer adds what it took
        return ("select", "insert")
    if relation.name == "identity.notifications":  # an answer that hands over tells people of it
        return ("select", "insert", "update")
    if relation.name == "identity.notification_deliveries":
        return ("select", "insert")
    if relation.name == "identity.allowances":  # a question is counted
        return ("select", "insert", "update")
    if relation.name == "identity.browser_sessions":  # somebody signs in
        return ("select", "insert")
    if relation.name in (  # no answer writes them
        "conversations.promotions", "conversations.logged_comparisons", "conversations.source_issues",
        "conversations.question_clusters", "conversations.clustered_questions",
        "conversations.question_cluster_passages",
    ):  # fmt: skip
        return ("select",)
    if relation.name == "conversations.changed_days":  # a late thumb says so
        return ("select", "insert")
    if relation.name == "conversations.summed_days" or relation.name.startswith("conversations.daily_"):
        return ("select",)
    return ("select", "insert", "update") if relation.name.startswith("conversations.") else ("select",)


def test_every_table_has_a_row_to_try_with(server: Server) -> None:
    with psycopg.connect(server.admin_conninfo()) as admin:
        assert sorted(ROWS) == [relation.name for relation in relations(admin) if relation.kind in ("r", "p")]


def test_the_catalog_shows_no_way_between_organizations(server: Server) -> None:
    with psycopg.connect(server.admin_conninfo()) as admin:
        assert [flaw for relation in relations(admin) for flaw in flaws(admin, relation)] == []


@pytest.mark.parametrize("role", ["millrace_pipeline", "millrace_api"])
def test_a_role_reaches_its_own_organization_and_nothing_else(filled: Server, role: Role) -> None:
    with psycopg.connect(filled.conninfo(role)) as connection:
        found = [breach for relation in _tables(filled) for breach in _breaches(connection, role, relation)]
    assert found == []


def test_a_view_shows_ones_own_organization_and_nothing_else(filled: Server) -> None:
    with psycopg.connect(filled.admin_conninfo()) as admin:
        views = [relation for relation in relations(admin) if relation.kind == "v"]
        admin.execute(  # one that nobody cites
            "insert into knowledge.documents (organization_id, data_source_id, title, original_filename, file_path, "
            "file_size, status) select organization_id, id, 'Sieves', 'sieves.txt', 'sieves.txt', 5, 'ready' "
            "from knowledge.data_sources"
        )
    with psycopg.connect(filled.conninfo("millrace_pipeline")) as connection:
        assert [breach for view in views for breach in breaches_of_view(connection, view, MINE)] == []


def test_a_view_that_reads_as_its_owner_is_noticed(filled: Server) -> None:
    """As a superuser's view would: then no policy binds what it shows."""
    leaking = Relation("knowledge.leak", "v")
    with psycopg.connect(filled.admin_conninfo()) as admin, admin.transaction(force_rollback=True):
        admin.execute("create view knowledge.leak as select * from knowledge.documents")
        admin.execute("grant select on knowledge.leak to millrace_pipeline")
        assert list(flaws(admin, leaking)) != []
        admin.execute("set local role millrace_pipeline")
        assert list(breaches_of_view(admin, leaking, MINE)) != []


def test_the_owner_of_the_tables_is_bound_by_their_policies(filled: Server) -> None:
    with psycopg.connect(filled.admin_conninfo()) as admin, admin.transaction(force_rollback=True):
        admin.execute("set local role millrace_owner")
        found = [breach for relation in _tables(filled) for breach in _breaches(admin, "millrace_owner", relation)]
    assert found == []


@pytest.mark.parametrize(
    ("weakening", "role"),
    [
        ("drop policy tenant on {}", "millrace_pipeline"),
        ("alter table {} disable row level security", "millrace_pipeline"),
        ("alter table {} no force row level security", "millrace_owner"),
    ],
)
def test_whoever_weakens_a_table_is_noticed_twice(filled: Server, weakening: str, role: str) -> None:
    """By what rows can be reached, and by the catalog. The superuser puts on the role, and undoes it all."""
    with psycopg.connect(filled.admin_conninfo()) as admin:
        for relation in _tables(filled):
            with admin.transaction(force_rollback=True):
                admin.execute(sql.SQL(weakening).format(relation.identifier))
                assert list(flaws(admin, relation)), f"{weakening}: the catalog of {relation.name} shows nothing"
                admin.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
                assert _breaches(admin, role, relation), f"{weakening}: nobody sees it in the rows of {relation.name}"


@pytest.mark.parametrize(
    "opening",
    [
        "create policy open on knowledge.documents for select to millrace_api using (true)",
        "alter policy tenant on knowledge.documents using (true)",
        "alter policy tenant on knowledge.documents with check (true)",
        "grant truncate on knowledge.documents to millrace_pipeline",
        "grant select on knowledge.documents to public",
        "alter table knowledge.documents owner to millrace_pipeline",
        "create unique index on knowledge.documents (file_path)",
        "alter table knowledge.documents add column parent uuid references identity.organizations (id)",
        "create view knowledge.all_documents as select * from knowledge.documents",
        "create materialized view knowledge.all_documents as select * from knowledge.documents",
        "create table knowledge.forgotten (organization_id uuid primary key)",
        "create table knowledge.parts (organization_id uuid primary key) partition by hash (organization_id)",
    ],
)
def test_an_opening_beside_the_policies_is_noticed(server: Server, opening: str) -> None:
    with psycopg.connect(server.admin_conninfo()) as admin, admin.transaction(force_rollback=True):
        admin.execute(opening.encode())
        assert [flaw for relation in relations(admin) for flaw in flaws(admin, relation)] != []


def test_no_role_can_pass_over_the_policies(server: Server) -> None:
    with psycopg.connect(server.admin_conninfo()) as admin:
        powers = admin.execute(
            "select rolname, rolcanlogin from pg_roles where rolname = any (%s) "
            "and not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication) order by 1",
            [list(ROLES)],
        ).fetchall()
        memberships = admin.execute(
            "select m.member::regrole::text, m.roleid::regrole::text from pg_auth_members m "
            "where m.member::regrole::text = any (%s)",
            [list(ROLES)],
        ).fetchall()
    assert dict(powers) == {role: role in ("millrace_api", "millrace_pipeline") for role in ROLES}
    assert memberships == []


def test_the_roles_that_log_in_own_nothing_and_can_create_nothing(server: Server) -> None:
    for role in ("millrace_api", "millrace_pipeline"):
        with psycopg.connect(server.admin_conninfo()) as admin:
            owned = admin.execute(
                "select count(*) from pg_shdepend where refobjid = %s::regrole and deptype = 'o'", [role]
            ).fetchone()
            open_schemas = admin.execute(
                "select nspname from pg_namespace where has_schema_privilege(%s, oid, 'create') and nspname !~ '^pg_'",
                [role],
            ).fetchall()
            ledger = admin.execute(
                "select has_table_privilege(%s, 'public.millrace_migrations', 'insert, update, delete, truncate')",
                [role],
            ).fetchone()
        assert (owned, open_schemas, ledger) == ((0,), [], (False,))


def test_functions_that_look_across_organizations_are_these_and_pinned(server: Server) -> None:
    with psycopg.connect(server.admin_conninfo()) as admin:
        rows = admin.execute(
            "select n.nspname || '.' || p.proname, p.proowner::regrole::text, p.proconfig, "
            "  has_function_privilege('public', p.oid, 'execute'), "
            "  pg_get_function_result(p.oid) "
            "from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.prosecdef"
        ).fetchall()
    assert {name: told.removeprefix("TABLE(").removesuffix(")") for name, _, _, _, told in rows} == DEFINERS
    for name, owner, settings, is_public, told in rows:
        # the owner's gives nothing back, and the owner is bound by the policies as everybody is
        assert owner in ("millrace_search", "millrace_directory") or (owner, told) == ("millrace_owner", "void"), name
        assert [setting for setting in settings if setting.startswith("search_path=pg_catalog")], name
        assert not is_public, name


def test_the_search_for_words_gives_nothing_without_an_organization(filled: Server) -> None:
    question = (
        "select id from knowledge.lexical_search(to_tsquery('english', 'mill | rule'), "
        "knowledge.lexical_weights(to_tsvector('english', 'mill rules'), 2, 2), 'whole', null, null, 100)"
    )
    for role in ("millrace_api", "millrace_pipeline"):
        with psycopg.connect(filled.conninfo(role)) as connection:
            assert connection.execute(question).fetchall() == []
            with _as_organization(connection, ""):
                assert connection.execute(question).fetchall() == []
            with pytest.raises(psycopg.errors.InvalidTextRepresentation), _as_organization(connection, "garbage"):
                connection.execute(question)
            for organization_id in (MINE, OTHER):
                with _as_organization(connection, organization_id):
                    found = connection.execute(question).fetchall()
                    own = connection.execute("select id from knowledge.chunks").fetchall()
                    assert found == own
                    assert len(own) == 1


def test_the_api_cannot_list_organizations_or_their_sources(filled: Server) -> None:
    with psycopg.connect(filled.conninfo("millrace_api"), autocommit=True) as connection:
        for function in (
            b"select * from identity.organization_directory()",
            b"select * from knowledge.source_directory()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(function)


def _tables(server: Server) -> list[Relation]:
    with psycopg.connect(server.admin_conninfo()) as admin:
        return [relation for relation in relations(admin) if relation.kind in ("r", "p")]


def _breaches(connection: Connection, role: str, relation: Relation) -> list[str]:
    return list(breaches(connection, relation, verbs_of(role, relation), MINE, OTHER))


@contextmanager
def _as_organization(connection: Connection, organization_id: UUID | str) -> Iterator[None]:
    with connection.transaction():
        connection.execute("select set_config('millrace.organization_id', %s, true)", [str(organization_id)])
        yield
