"""What the API was asked to build begins soon, and is asked for until a run says that it has begun."""

from __future__ import annotations

from uuid import UUID

import dagster as dg

from pipelines.asked_configurations import asked_configurations
from resources.bots import starter
from resources.bots.configurations import configuration_requests, model_config_versions
from resources.bots.records import NewVersion
from resources.foundation.database import Database


def _tick(database: Database) -> list[dg.RunRequest]:
    result = asked_configurations(dg.build_sensor_context(resources={"database": database}))
    return list(result.run_requests or []) if isinstance(result, dg.SensorResult) else []


def test_a_request_is_a_run_until_it_has_begun(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        bot = starter.ensure_chatbot(
            connection, organization_id, name="handbook", embedding_model="wordllama-256", llm_model="extractive"
        )
        draft = model_config_versions.create(
            connection, organization_id, bot.id, NewVersion("wordllama-256", "extractive", chunk_size=500)
        )
    assert _tick(database) == []
    with database.transaction(organization_id) as connection:
        asked = configuration_requests.ask(connection, organization_id, draft.id, "build")
        assert configuration_requests.ask(connection, organization_id, draft.id, "build") == asked
    [first], [again] = _tick(database), _tick(database)
    assert (first.job_name, first.run_key) == ("build_configuration", again.run_key)
    assert first.run_config == {
        "ops": {"build_version": {"config": {"organization": "acme", "version_id": str(draft.id)}}}
    }
    with database.transaction(organization_id) as connection:
        configuration_requests.set_begun(connection, organization_id, draft.id, "build")
        [kept] = configuration_requests.select_of_version(connection, organization_id, draft.id)
    assert kept.begun_at is not None
    assert _tick(database) == []
