"""What keeps organizations apart, asked of the catalog and tried row by row. Each function answers with violations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql

from resources.foundation.statements import Connection
from tests.factories.rows import ROWS, row_ids

Sql = bytes | sql.Composed
Values = Sequence[UUID] | Mapping[str, UUID]

VERBS = ("select", "insert", "update", "delete")
CLOSED = {"no organization": None, "an empty setting": "", "a garbage setting": "garbage"}
DENIED = psycopg.errors.InsufficientPrivilege.sqlstate
NO_UUID = psycopg.errors.InvalidTextRepresentation.sqlstate
TAKEN = psycopg.errors.UniqueViolation.sqlstate
FROZEN = psycopg.errors.IntegrityConstraintViolation.sqlstate  # a trigger that keeps rows as they are comes first

# Keys that are known across the installation, by nature: the directory functions look them up.
KEYS_OF_ALL_ORGANIZATIONS = {
    "organizations_pkey",
    "organizations_slug_key",
    "api_keys_id",
    "sign_in_links_id",
    "browser_sessions_id",
    "analyst_logins_id",
}
# Who may read across organizations: the owners of the security definer functions, as whom nobody can log in.
READERS_OF_ALL_ORGANIZATIONS = {"millrace_search", "millrace_directory"}


@dataclass(frozen=True)
class Relation:
    """A table or a view of ours, and the column that holds the organization."""

    name: str
    kind: str

    @property
    def column(self) -> str:
        """The column that every policy compares with the transaction's organization."""
        return "id" if self.name == "identity.organizations" else "organization_id"

    @property
    def identifier(self) -> sql.Identifier:
        """Its name, quoted."""
        return sql.Identifier(*self.name.split("."))


def relations(connection: Connection) -> list[Relation]:
    """Everything that holds or shows rows, in every schema that is not PostgreSQL's own or `public`."""
    rows = connection.execute(
        "select n.nspname || '.' || c.relname, c.relkind::text "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' "
        "and n.nspname not in ('information_schema', 'public') order by 1"
    )
    return [Relation(*row) for row in rows]


def flaws(connection: Connection, relation: Relation) -> Iterator[str]:
    """What the catalog says of a relation that must not be."""
    if relation.kind == "v":
        yield from _flaws_of_view(connection, relation)
    elif relation.kind in ("r", "p"):
        yield from _flaws_of_protection(connection, relation)
        yield from _flaws_of_policies(connection, relation)
        yield from _flaws_of_keys(connection, relation)
    else:
        yield f"{relation.name} can have no row-level security: use a table, or a view with security_invoker"


def breaches(
    connection: Connection, relation: Relation, verbs: tuple[str, ...], mine: UUID, other: UUID
) -> Iterator[str]:
    """What this connection's role could do to a relation that it must not, or could not do that it must.

    Both organizations have their rows (`insert_rows`). Everything that is tried is rolled back.
    """
    for name, setting in CLOSED.items():
        for verb in VERBS:
            did = _attempt(connection, setting, *_statement(relation, verb, mine))
            closed = {DENIED} if verb == "insert" or verb not in verbs else {0}
            if did not in closed | ({NO_UUID} if setting == "garbage" else set()):
                yield f"{verb} on {relation.name} with {name}: {did}"
    for verb in VERBS:
        did = _attempt(connection, str(mine), *_statement(relation, verb, mine))
        if did != ((TAKEN if verb == "insert" else 1) if verb in verbs else DENIED):
            yield f"{verb} on {relation.name} of one's own organization: {did}"
        did = _attempt(connection, str(mine), *_statement(relation, verb, other))
        if did != (DENIED if verb == "insert" or verb not in verbs else 0):
            yield f"{verb} on {relation.name} of another organization: {did}"
    move = sql.SQL("update {} set {} = %s where {} = %s").format(
        relation.identifier, sql.Identifier(relation.column), sql.Identifier(relation.column)
    )
    did = _attempt(connection, str(mine), move, (other, mine))
    if did not in (DENIED, FROZEN):
        yield f"a row of {relation.name} could be given to another organization: {did}"


def breaches_of_view(connection: Connection, relation: Relation, mine: UUID) -> Iterator[str]:
    """What this connection's role sees of a view that it must not, or does not see that it must."""
    every = sql.SQL("select from {}").format(relation.identifier)
    foreign = sql.SQL("select from {} where organization_id <> %s").format(relation.identifier)
    for name, setting in CLOSED.items():
        if (did := _attempt(connection, setting, every, ())) not in (0, NO_UUID):
            yield f"{relation.name} with {name}: {did}"
    if _attempt(connection, str(mine), every, ()) in (0, DENIED):
        yield f"{relation.name} shows nothing of one's own organization"
    if (did := _attempt(connection, str(mine), foreign, (mine,))) != 0:
        yield f"{relation.name} shows rows of another organization: {did}"


def _statement(relation: Relation, verb: str, organization_id: UUID) -> tuple[Sql, Values]:
    column = sql.Identifier(relation.column)
    if verb == "insert":
        return ROWS[relation.name], row_ids(organization_id)
    text = {
        "select": sql.SQL("select from {table} where {column} = %s"),
        "update": sql.SQL("update {table} set {column} = {column} where {column} = %s"),
        "delete": sql.SQL("delete from {table} where {column} = %s"),
    }[verb]
    return text.format(table=relation.identifier, column=column), (organization_id,)


def _attempt(connection: Connection, setting: str | None, statement: Sql, values: Values) -> int | str:
    """The number of rows it touched, or the code of the error it met; undone in either case."""
    try:
        with connection.transaction(force_rollback=True):
            if setting is not None:
                connection.execute("select set_config('millrace.organization_id', %s, true)", [setting])
            return connection.execute(statement, values).rowcount
    except psycopg.Error as error:
        return error.sqlstate or type(error).__name__


def _flaws_of_view(connection: Connection, relation: Relation) -> Iterator[str]:
    row = connection.execute(
        "select coalesce('security_invoker=true' = any (reloptions), false) from pg_class where oid = %s::regclass",
        [relation.name],
    ).fetchone()
    if row != (True,):
        yield f"the view {relation.name} reads as its owner: give it security_invoker = true"


def _flaws_of_protection(connection: Connection, relation: Relation) -> Iterator[str]:
    row = connection.execute(
        "select relrowsecurity, relforcerowsecurity, relowner::regrole::text from pg_class where oid = %s::regclass",
        [relation.name],
    ).fetchone()
    assert row is not None
    if not row[0]:
        yield f"{relation.name} has no row-level security: call identity.protect"
    if not row[1]:
        yield f"{relation.name} does not bind its owner: force row level security"
    if row[2] != "millrace_owner":
        yield f"{relation.name} belongs to {row[2]}, not to millrace_owner"
    granted = connection.execute(
        "select grantee::regrole::text, privilege_type from pg_class, aclexplode(relacl) "
        "where oid = %s::regclass and grantee <> relowner "
        "and (privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') or is_grantable or grantee = 0)",
        [relation.name],
    )
    for grantee, privilege in granted:
        yield f"{relation.name} grants {privilege} to {grantee}, which no policy governs"


def _flaws_of_policies(connection: Connection, relation: Relation) -> Iterator[str]:
    rows = connection.execute(
        "select policyname, cmd, array(select unnest(roles)::text), qual, with_check, permissive "
        "from pg_policies "
        "where format('%%I.%%I', schemaname, tablename) = %s",
        [relation.name],
    ).fetchall()
    rule = f"({relation.column} = identity.current_organization())"
    if ("tenant", "ALL", ["public"], rule, rule, "PERMISSIVE") not in rows:
        yield f"{relation.name} has no policy that compares {relation.column} with the transaction's organization"
    for name, verb, roles, _, _, permissive in rows:
        if permissive == "RESTRICTIVE":  # it opens nothing, whatever it says
            continue
        if name != "tenant" and not (verb == "SELECT" and set(roles) <= READERS_OF_ALL_ORGANIZATIONS):
            yield f"the policy {name} of {relation.name} opens {verb} to {', '.join(roles)}"


def _flaws_of_keys(connection: Connection, relation: Relation) -> Iterator[str]:
    unique = connection.execute(
        "select i.indexrelid::regclass::text, a.attname from pg_index i "
        "left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] "
        "where i.indisunique and i.indrelid = %s::regclass",
        [relation.name],
    )
    for name, first in unique:
        if first != relation.column and name.split(".")[-1] not in KEYS_OF_ALL_ORGANIZATIONS:
            yield f"the key {name} of {relation.name} does not begin with the organization"
    foreign = connection.execute(
        "select k.conname, a.attname, k.confrelid::regclass::text, b.attname from pg_constraint k "
        "join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1] "
        "join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1] "
        "where k.contype = 'f' and k.conrelid = %s::regclass",
        [relation.name],
    )
    for name, column, target, first in foreign:
        if column != relation.column or first != Relation(target, "r").column:
            yield f"the foreign key {name} of {relation.name} could lead into another organization"
