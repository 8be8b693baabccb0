"""The pipeline and the answers ask the provider with an organization's own key where it has one."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from resources.bindings import embedders
from resources.conversations.answering.models import ProviderModels, own_models
from resources.foundation.database import Database
from resources.foundation.inference import Embedder
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.identity import provider_keys
from tests.conftest import make_organization
from tests.fixtures.openai_server import OpenAIServer


def test_vectors_of_a_sync_are_asked_for_with_the_organizations_own_key(
    database: Database, organization_id: UUID, tmp_path: Path
) -> None:
    other = make_organization(database, "other")
    with OpenAIServer() as server:
        settings = Settings(home=tmp_path, openai_api_key="sk-house", openai_base_url=server.base_url)
        _set(database, organization_id, settings)
        models = embedders(settings)
        keys = [_key_sent(server, models.of(database, asking)("any")) for asking in (organization_id, other)]
    assert keys == ["sk-own", "sk-house"]
    assert models.of(database, organization_id)("wordllama-256") is models("wordllama-256")


def test_answers_are_asked_for_with_the_organizations_own_key(
    database: Database, organization_id: UUID, tmp_path: Path
) -> None:
    other = make_organization(database, "other")
    with OpenAIServer() as server:
        settings = Settings(home=tmp_path, openai_api_key="sk-house", openai_base_url=server.base_url)
        _set(database, organization_id, settings)
        shared = ProviderModels(base_url=server.base_url, api_key="sk-house")
        own = own_models(shared, keyring=Keyring.from_settings(settings), base_url=server.base_url)
        models = [own.of(database, asking) for asking in (organization_id, other)]
        keys = [_key_sent(server, one.embedder("any")) for one in models]
    assert keys == ["sk-own", "sk-house"]
    assert models[0].embedder("wordllama-256") is models[1].embedder("wordllama-256")
    assert models[0].speaker("extractive") is models[1].speaker("extractive")


def _set(database: Database, organization_id: UUID, settings: Settings) -> None:
    with database.transaction(organization_id) as connection:
        provider_keys.replace(
            connection, organization_id, provider="openai", text="sk-own", keyring=Keyring.from_settings(settings),
            address=str(settings.openai_base_url),
        )  # fmt: skip


def _key_sent(server: OpenAIServer, embedder: Embedder) -> str:
    embedder.embed(["grist"])
    return server.requests[-1].key
