"""Everything Dagster is to know, gathered; nothing is decided here."""

from __future__ import annotations

import dagster as dg

from pipelines import checks, configurations, evaluations, jobs, retention, schedules, sensors, shared_syncs
from pipelines.asked_configurations import asked_configurations
from pipelines.assets.active_configurations import activate_configuration, active_configurations, version_is_ready
from pipelines.assets.chunks import chunks
from pipelines.assets.data_sources import data_sources
from pipelines.assets.embeddings import embeddings
from pipelines.assets.index_health import health_checks, index_health, index_schedule, index_vectors
from pipelines.assets.model_config_versions import model_config_versions
from pipelines.assets.online_metrics import (
    changed_days,
    daily_metrics_schedule,
    metric_checks,
    online_metrics,
    sum_days,
)
from pipelines.assets.question_clusters import (
    daily_gaps_schedule,
    gather_first_gaps,
    gather_gaps,
    hourly_gaps_schedule,
    question_clusters,
)
from pipelines.assets.raw_documents import raw_documents
from pipelines.assets.retrieval_quality import retrieval_quality
from resources.bindings import bindings


def build_definitions(**overrides: object) -> dg.Definitions:
    """The definitions, with some resources replaced by plain objects: build_definitions(database=pool)."""
    return dg.Definitions(
        assets=[
            data_sources,
            raw_documents,
            chunks,
            embeddings,
            index_health,
            model_config_versions,
            active_configurations,
            retrieval_quality,
            online_metrics,
            question_clusters,
        ],
        asset_checks=[
            checks.sources_on_time,
            *checks.source_checks,
            *checks.suite_checks,
            version_is_ready,
            *health_checks,
            *metric_checks,
        ],
        jobs=[
            jobs.sync_sources,
            shared_syncs.sync_due,
            evaluations.evaluate_retrieval,
            evaluations.evaluate_configuration,
            configurations.build_configuration,
            activate_configuration,
            jobs.check_knowledge,
            jobs.deliver_notifications,
            index_vectors,
            sum_days,
            gather_gaps,
            gather_first_gaps,
            retention.retain,
        ],
        schedules=[
            schedules.daily_check,
            schedules.daily_evaluation,
            retention.daily_retention,
            index_schedule,
            daily_metrics_schedule,
            daily_gaps_schedule,
            hourly_gaps_schedule,
        ],
        sensors=[sensors.due_sources, sensors.waiting_notifications, asked_configurations, changed_days],
        resources={**bindings(), **overrides},
        executor=dg.in_process_executor,
    )


defs = build_definitions()
