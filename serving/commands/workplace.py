"""Where a command works: the settings, the server, a pool of connections and the organization it acts for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from resources.bots.configurations.naming import Reach
from resources.conversations.answering.budgeted_models import within_budget
from resources.conversations.answering.models import Models, own_models, shared_models
from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Missing
from resources.foundation.migrations import require_schema
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.foundation.statements import Connection
from resources.identity import audit_log, organizations, provider_keys
from resources.identity.provider_keys import Own
from resources.identity.records import Actor


@dataclass(frozen=True)
class Workplace:
    """What a command needs."""

    settings: Settings
    server: Server
    database: Database
    organization_id: UUID
    own: Own[Models]

    @property
    def models(self) -> Models:
        """The models, asked with the organization's own key where it has one."""
        return self.own.of(self.database, self.organization_id)

    @property
    def budgeted_models(self) -> Models:
        """The models as answers ask them: within the budget of the month."""
        models = self.models
        with self.database.transaction(self.organization_id) as connection:
            return within_budget(connection, self.organization_id, models)

    @property
    def reach(self) -> Reach:
        """Which models can be asked at all."""
        with self.database.transaction(self.organization_id) as connection:
            keys = provider_keys.select_all(connection, self.organization_id)
        settings = self.settings
        has_own = any(key.provider == "openai" for key in keys)
        return Reach(
            has_provider=bool(settings.openai_api_key or settings.openai_base_url or has_own),
            has_reranker=settings.rerank_base_url is not None,
            llm_model=settings.chat_model,
        )

    @property
    def keyring(self) -> Keyring:
        """What seals and opens secrets."""
        return Keyring.from_settings(self.settings)

    def record(
        self, connection: Connection, action: str, entity: str, entity_id: object, *changed: str
    ) -> None:  # fmt: skip
        """Write into the audit log what the command did, in the transaction that does it; the words are the API's."""
        audit_log.record(
            connection, self.organization_id, Actor(), action=action, entity=entity, entity_id=entity_id,
            changed=changed,
        )  # fmt: skip


@contextmanager
def workplace(organization: str | None = None) -> Iterator[Workplace]:
    """Open the database as the pipeline's role; complains with a remedy when it is not set up.

    `organization`: the slug of the one to act for, instead of that of the settings.
    """
    settings = Settings.from_environment()
    settings = replace(settings, organization=organization or settings.organization)
    server = Server(settings)
    try:
        with open_migrated(server) as database:
            yield open_workplace(settings, server, database)
    finally:
        server.close()


def open_workplace(settings: Settings, server: Server, database: Database) -> Workplace:
    """Gather what a command needs. Raises Missing when the organization is not there."""
    models = shared_models(settings)
    own = own_models(models, keyring=Keyring.from_settings(settings), base_url=settings.openai_base_url)
    return Workplace(settings, server, database, organization_named(database, settings.organization), own)


@contextmanager
def open_migrated(server: Server) -> Iterator[Database]:
    """The pipeline's pool; raises Misconfigured unless it has the schema of this version."""
    require_schema(server)
    with open_database(server, "millrace_pipeline") as database:
        yield database


def organization_named(database: Database, slug: str) -> UUID:
    """The organization that commands act for (MILLRACE_ORGANIZATION)."""
    with database.directory() as connection:
        organization = organizations.find_by_slug(connection, slug)
    if organization is None:
        raise Missing(f"there is no organization {slug!r}: run 'millrace up' to make it, or set MILLRACE_ORGANIZATION")
    return organization.id
