"""A user's defaults for the sources and chatbots they own."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from psycopg.errors import CheckViolation, ForeignKeyViolation

from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection, find, run, statements_for
from resources.identity.records import KnowledgeSettings

SQL = statements_for(__name__)


def get(connection: Connection, organization_id: UUID, user_id: UUID) -> KnowledgeSettings:
    """The user's defaults; those of the product where they never chose any."""
    found = find(connection, KnowledgeSettings, SQL["find"], organization_id=organization_id, user_id=user_id)
    return found or KnowledgeSettings()


def replace(connection: Connection, organization_id: UUID, user_id: UUID, settings: KnowledgeSettings) -> None:
    """Keep the user's defaults. Raises Missing for an unknown user, Refused naming the value that is out of range."""
    try:
        with connection.transaction():
            run(connection, SQL["replace"], organization_id=organization_id, user_id=user_id, **asdict(settings))
    except ForeignKeyViolation:
        raise Missing(f"there is no user {user_id} in this organization") from None
    except CheckViolation as error:
        rule = (error.diag.constraint_name or "a value").removeprefix("knowledge_settings_").removesuffix("_check")
        raise Refused(f"these settings cannot be kept: {rule} is out of range") from None
