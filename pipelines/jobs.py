"""The jobs: what runs together. Steps run in the run's own process, in turn: a process for each would cost 8 s."""

from __future__ import annotations

import dagster as dg

from pipelines.checks import source_checks, suite_checks

SYNCED = dg.AssetSelection.assets("data_sources", "raw_documents", "chunks", "embeddings")

sync_sources = dg.define_asset_job(
    "sync_sources",
    selection=SYNCED.without_checks() | dg.AssetSelection.checks(*source_checks),
    executor_def=dg.in_process_executor,
    description="Bring one source up to date: list, fetch, cut, embed, and check that its rows agree.",
)

evaluate_retrieval = dg.define_asset_job(
    "evaluate_retrieval",
    selection=dg.AssetSelection.assets("model_config_versions", "retrieval_quality"),
    executor_def=dg.in_process_executor,
    description="Ask every judged question through the search that serves, and keep the scores.",
)

check_knowledge = dg.define_asset_job(
    "check_knowledge",
    selection=dg.AssetSelection.checks(*suite_checks),
    executor_def=dg.in_process_executor,
    description="Hold the rows of all organizations against the Great Expectations suites.",
)
