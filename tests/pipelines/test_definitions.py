"""The graph as Dagster sees it, and what loading it may cost."""

from __future__ import annotations

import subprocess
import sys

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetNode

from pipelines.definitions import build_definitions, defs

GRAPH = """\
active_configurations <- model_config_versions
chunks <- raw_documents
data_sources
embeddings <- chunks
index_health <- embeddings
model_config_versions
online_metrics
question_clusters
raw_documents <- data_sources
retrieval_quality <- embeddings, model_config_versions"""


def test_the_graph_is_this() -> None:
    graph = defs.resolve_asset_graph()
    lines = []
    for key in sorted(graph.get_all_asset_keys(), key=lambda key: key.to_user_string()):
        parents = sorted(parent.to_user_string() for parent in graph.get(key).parent_keys)
        lines.append(key.to_user_string() + (f" <- {', '.join(parents)}" if parents else ""))
    assert "\n".join(lines) == GRAPH


def test_every_asset_says_what_it_is_who_owns_it_and_what_it_is_made_of() -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description
        assert len(node.description) > 60, key
        assert node.group_name in ("knowledge", "bots", "analytics")
        assert node.owners
        assert node.kinds
        assert node.code_version
        is_partitioned = _follows_sources(node) or key in (
            dg.AssetKey("retrieval_quality"),
            dg.AssetKey("online_metrics"),
            dg.AssetKey("question_clusters"),
        )
        assert (node.partitions_def is not None) == is_partitioned


def test_every_job_runs_in_one_process_and_says_what_it_does() -> None:
    for name in (
        "sync_sources",
        "sync_due",
        "evaluate_retrieval",
        "evaluate_configuration",
        "build_configuration",
        "activate_configuration",
        "check_knowledge",
        "index_vectors",
        "sum_days",
        "gather_first_gaps",
        "gather_gaps",
        "retain",
        "deliver_notifications",
    ):
        job = defs.resolve_job_def(name)
        assert job.executor_def is dg.in_process_executor
        assert job.description


def test_the_suites_do_not_run_with_every_sync() -> None:
    def checks(job: str) -> set[str]:
        return {key.name for key in defs.resolve_job_def(job).asset_layer.asset_graph.asset_check_keys}

    assert checks("sync_sources") == {"source_agrees", "items_succeed", "deletions_decided"}
    assert checks("check_knowledge") == {"documents_hold", "chunks_hold", "embeddings_hold"}


def test_what_is_due_is_looked_for_from_the_start() -> None:
    for name in ("due_sources", "waiting_notifications", "changed_days"):
        assert defs.resolve_sensor_def(name).default_status == dg.DefaultSensorStatus.RUNNING
    nightly = ("daily_check", "daily_evaluation", "daily_retention", "daily_indexing")
    for name in (*nightly, "daily_metrics_schedule", "daily_gaps_schedule", "hourly_gaps_schedule"):
        assert defs.resolve_schedule_def(name).default_status == dg.DefaultScheduleStatus.RUNNING


def test_a_resource_can_be_replaced_by_a_plain_object() -> None:
    marker = object()
    assert build_definitions(database=marker).resources is not None


def test_definitions_load_without_a_database_and_without_heavy_libraries() -> None:
    heavy = ("great_expectations", "unstructured", "polars", "pandas", "wordllama", "openai", "scipy")
    told = subprocess.run(
        [sys.executable, "-c",
         "import sys, pipelines.definitions; "
         f"print(sorted(name for name in {heavy!r} if name in sys.modules))"],
        capture_output=True, text=True, check=True,
        env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere", "PATH": ""},
    )  # fmt: skip
    assert told.stdout.strip() == "[]"


def test_it_shows_when_nothing_is_followed_any_more() -> None:
    for key in defs.resolve_asset_graph().get_all_asset_keys():
        node = defs.resolve_asset_graph().get(key)
        assert (node.freshness_policy is not None) == _follows_sources(node), key


def _follows_sources(node: AssetNode) -> bool:
    """Whether an asset is brought up to date source by source; the health of indexes is looked at once for all."""
    return node.group_name == "knowledge" and node.key != dg.AssetKey("index_health")
