"""A configuration is built through Dagster, and each sync of its sources keeps it in step."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import dagster as dg
import pytest

from pipelines import execution
from pipelines.definitions import build_definitions
from pipelines.execution import House
from resources.bots import chatbots
from resources.bots.configurations import builds, model_config_versions
from resources.bots.records import ModelConfigVersion, NewVersion
from resources.foundation.database import Database
from resources.foundation.embedded_model import EmbeddedModel
from resources.knowledge.records import DataSource


@pytest.fixture
def draft(database: Database, organization_id: UUID, source: DataSource) -> ModelConfigVersion:
    """A chatbot that reads the folder, and a draft that cuts it smaller."""
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="miller")
        chatbots.attach_source(connection, organization_id, bot.id, source.id)
        model_config_versions.ensure_active(
            connection, organization_id, bot.id, embedding_model="wordllama-256", llm_model="extractive"
        )
        smaller = NewVersion("wordllama-256", "extractive", chunk_size=100)
        return model_config_versions.create(connection, organization_id, bot.id, smaller)


def missing(database: Database, organization_id: UUID, version: ModelConfigVersion) -> int:
    with database.transaction(organization_id) as connection:
        return builds.count_missing(connection, organization_id, version)


def test_a_job_builds_it_and_syncs_keep_it_in_step(
    house: House, database: Database, organization_id: UUID, draft: ModelConfigVersion, folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    execution.sync(house, "acme", ["docs"])
    asked = {"build_version": {"config": {"organization": "acme", "version_id": str(draft.id)}}}
    capsys.readouterr()
    assert execution.run_job(house, "build_configuration", ops=asked) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    done = events[-1]
    assert (done["event"], done["job"], done["missing"]) == ("done", "build_configuration", 0)
    assert done["chunks"] == done["embedded"] + done["reused"] >= 3
    (folder / "new.txt").write_text("The new stone is of granite.\n")
    execution.sync(house, "acme", ["docs"])
    assert missing(database, organization_id, draft) == 0


def test_a_version_that_is_none_is_said_by_name(
    house: House, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"build_version": {"config": {"organization": "acme", "version_id": str(organization_id)}}}
    assert execution.run_job(house, "build_configuration", ops=asked) == 1
    assert "there is no configuration" in json.loads(capsys.readouterr().out.splitlines()[-1])["reason"]


def activate(house: House, version: ModelConfigVersion, **also: object) -> dg.ExecuteInProcessResult:
    job = build_definitions(**house.resources).resolve_job_def("activate_configuration")
    asked = {"organization": "acme", "version_id": str(version.id), **also}
    return job.execute_in_process(instance=house.instance, run_config=asked, raise_on_error=False)


def test_the_check_stops_a_version_before_it_is_activated_unless_somebody_insists(
    house: House, database: Database, organization_id: UUID, draft: ModelConfigVersion
) -> None:
    def active() -> int:
        with database.transaction(organization_id) as connection:
            return model_config_versions.get_active(connection, organization_id, draft.chatbot_id).number

    execution.sync(house, "acme", ["docs"])
    refused = activate(house, draft)
    [told] = refused.get_asset_check_evaluations()
    assert (refused.success, told.passed, active()) == (False, False, 1)
    assert "it is not built" in (told.description or "")
    builds.build(
        database, organization_id, draft.id, embedder_of=lambda _: EmbeddedModel(), progress=lambda *_: None
    )  # fmt: skip
    assert not activate(house, draft).success
    assert active() == 1
    assert activate(house, draft, is_unmeasured=True).success
    assert active() == 2
