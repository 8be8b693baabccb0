"""A configuration is measured beside the active one by a job, and the chatbot's partition shows how they differ."""

from __future__ import annotations

from uuid import UUID

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from pipelines.execution import House, run_job, sync
from resources.bots import chatbots, starter
from resources.bots.configurations import builds, model_config_versions
from resources.bots.question_sets import questions, reading_questions
from resources.conversations import logged_comparisons
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Asked
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.knowledge.records import DataSource

QUESTION = '{"question": "How high is the wheel of the mill?", "document": "mill.md", "split": "report"}'


def test_a_version_is_measured_on_judged_questions_and_on_what_was_asked(
    house: House, source: DataSource, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    with house.database.transaction(organization_id) as connection:
        chatbot = starter.ensure_chatbot(
            connection, organization_id, name="miller", embedding_model=EMBEDDED_MODEL, llm_model="extractive"
        )
        chatbots.attach_source(connection, organization_id, chatbot.id, source.id)
    assert sync(house, "acme", []) == 0
    list(
        answers.answer(
            house.database, organization_id, chatbot=chatbot, asked=Asked("How high is the wheel?"),
            models=ProviderModels(),
        )
    )  # fmt: skip
    with house.database.transaction(organization_id) as connection:
        questions.bring_in(
            connection, organization_id, chatbot_id=chatbot.id, set_name="sizes",
            drafts=reading_questions.from_json_lines([QUESTION], name="mine"),
        )  # fmt: skip
        active = model_config_versions.get_active(connection, organization_id, chatbot.id)
        draft = model_config_versions.create(
            connection, organization_id, chatbot.id, model_config_versions.values_of(active)
        )
    model = EmbeddedModel()
    builds.build(house.database, organization_id, draft.id, embedder_of=lambda _: model, progress=lambda *_: None)
    asked = {"config": {"organization": "acme", "version_id": str(draft.id)}}
    assert run_job(house, "evaluate_configuration", ops={"evaluate_version": asked}) == 0
    with house.database.transaction(organization_id) as connection:
        logged = logged_comparisons.find_latest(
            connection, organization_id, baseline_id=active.id, candidate_id=draft.id
        )  # fmt: skip
    assert logged is not None
    assert (logged.asked, logged.overlap) == (1, 1.0)

    house.instance.add_dynamic_partitions("chatbots", ["acme/miller"])
    definitions = build_definitions(**house.resources, progress=lambda _stage, _done, _total: None)
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=house.instance, asset_selection=[dg.AssetKey("retrieval_quality")], partition_key="acme/miller"
    )
    assert result.success
    [event] = result.asset_materializations_for_node("retrieval_quality")
    assert event.metadata["overlap of version 2 on what was asked"].value == 1.0
    assert event.metadata["ndcg_at_10 of version 2 less the active one's"].value == 0.0
    beside = event.metadata["beside"]
    assert isinstance(beside, dg.TableMetadataValue)
    assert {record.data["set"] for record in beside.records} == {"all sets", "sizes", "what was asked"}


def test_a_chatbot_that_is_gone_has_no_partition_any_more(
    house: House, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    house.instance.add_dynamic_partitions("chatbots", ["acme/long gone"])
    with house.database.transaction(organization_id) as connection:
        starter.ensure_chatbot(
            connection, organization_id, name="miller", embedding_model=EMBEDDED_MODEL, llm_model="extractive"
        )
    assert run_job(house, "evaluate_retrieval") == 0
    assert house.instance.get_dynamic_partitions("chatbots") == ["acme/miller"]
