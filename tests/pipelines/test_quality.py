"""Retrieval quality is a number for each metric and set; what cannot be asked is told and holds up nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from pipelines.execution import House, run_job, sync
from resources.bots import chatbots, starter
from resources.bots.configurations import model_config_versions
from resources.bots.question_sets import evaluation_judgments, evaluation_queries, evaluation_sets
from resources.bots.records import EvaluationJudgment, NewQuery
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.statements import Connection
from resources.knowledge.records import DataSource


def event_metadata(house: House, asset: str, name: str) -> dg.MetadataValue[Any]:
    """One entry of the metadata of an asset as it was last materialized."""
    event = house.instance.get_latest_materialization_event(dg.AssetKey(asset))
    assert event is not None
    assert event.asset_materialization is not None
    return event.asset_materialization.metadata[name]


def ask_about_the_mill(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> None:
    """A set of one question whose answer is in mill.md, and a set of none."""
    row = connection.execute("select id from knowledge.documents where file_path = 'mill.md'").fetchone()
    assert row is not None
    one = evaluation_sets.ensure(connection, organization_id, chatbot_id=chatbot_id, name="sizes")
    evaluation_queries.replace(
        connection, organization_id, one.id, [NewQuery("1", "How high is the wheel of the mill?")]
    )
    (query,) = evaluation_queries.select_all(connection, organization_id, one.id)
    evaluation_judgments.replace(connection, organization_id, one.id, [EvaluationJudgment(query.id, row[0])])
    evaluation_sets.ensure(connection, organization_id, chatbot_id=chatbot_id, name="empty")


def test_every_metric_of_a_set_is_a_number_that_plots(
    house: House, source: DataSource, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    with house.database.transaction(organization_id) as connection:
        chatbot = starter.ensure_chatbot(
            connection, organization_id, name="miller", embedding_model=EMBEDDED_MODEL, llm_model="extractive"
        )
        chatbots.attach_source(connection, organization_id, chatbot.id, source.id)
    assert sync(house, "acme", []) == 0
    with house.database.transaction(organization_id) as connection:
        ask_about_the_mill(connection, organization_id, chatbot.id)
    assert run_job(house, "evaluate_retrieval") == 0

    for metric in ("ndcg_at_10", "recall_at_5"):
        number = event_metadata(house, "retrieval_quality", f"{metric} (sizes)")
        assert isinstance(number, dg.FloatMetadataValue)
        assert number.value == 1.0
    table = event_metadata(house, "retrieval_quality", "scores")
    assert isinstance(table, dg.TableMetadataValue)
    (reason,) = [record.data["reason"] for record in table.records if record.data["set"] == "empty"]
    assert "no question" in str(reason)
    assert event_metadata(house, "model_config_versions", "dagster/row_count").value == 1


def test_a_reranker_that_there_is_not_is_told_and_holds_up_nothing(
    house: House, source: DataSource, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    with house.database.transaction(organization_id) as connection:
        chatbot = starter.ensure_chatbot(
            connection, organization_id, name="miller", embedding_model=EMBEDDED_MODEL, llm_model="extractive"
        )
        chatbots.attach_source(connection, organization_id, chatbot.id, source.id)
    assert sync(house, "acme", []) == 0
    with house.database.transaction(organization_id) as connection:
        ask_about_the_mill(connection, organization_id, chatbot.id)
        model_config_versions.ensure_active(
            connection, organization_id, chatbot.id, embedding_model=EMBEDDED_MODEL, llm_model="extractive",
            reranker_model="unheard of",
        )  # fmt: skip
    assert run_job(house, "evaluate_retrieval") == 0
    table = event_metadata(house, "retrieval_quality", "scores")
    assert isinstance(table, dg.TableMetadataValue)
    assert all("there is no reranker 'unheard of'" in str(record.data["reason"]) for record in table.records)
    assert table.records


def test_a_house_with_nothing_to_ask_measures_nothing(house: House, organization_id: UUID) -> None:
    assert run_job(house, "evaluate_retrieval") == 0
    assert house.instance.get_latest_materialization_event(dg.AssetKey("retrieval_quality")) is None
    assert event_metadata(house, "model_config_versions", "dagster/row_count").value == 0


def test_the_assets_can_be_materialized_by_hand(house: House, source: DataSource) -> None:
    """As the button in the UI does, one asset after the other."""
    definitions = build_definitions(**house.resources, progress=lambda _stage, _done, _total: None)
    house.instance.add_dynamic_partitions("data_sources", ["acme/docs"])
    for asset in ("data_sources", "raw_documents", "chunks", "embeddings"):
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=house.instance, asset_selection=[dg.AssetKey(asset)], partition_key="acme/docs"
        )
        assert result.success
