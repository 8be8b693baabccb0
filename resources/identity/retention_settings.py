"""How long an organization keeps things, where no source and no owner says otherwise."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from psycopg.errors import CheckViolation

from resources.foundation.errors import Refused
from resources.foundation.statements import Connection, find, run, statements_for
from resources.identity.records import RetentionSettings

SQL = statements_for(__name__)


def get(connection: Connection, organization_id: UUID) -> RetentionSettings:
    """The organization's rules; those of the product where it never chose any."""
    return find(connection, RetentionSettings, SQL["find"], organization_id=organization_id) or RetentionSettings()


def replace(connection: Connection, organization_id: UUID, settings: RetentionSettings) -> None:
    """Keep the organization's rules. Raises Refused naming the value that is out of range."""
    try:
        with connection.transaction():
            run(connection, SQL["replace"], organization_id=organization_id, **asdict(settings))
    except CheckViolation as error:
        rule = (error.diag.constraint_name or "a value").removeprefix("retention_settings_").removesuffix("_check")
        raise Refused(f"these rules cannot be kept: {rule} is out of range, give a day at least") from None
