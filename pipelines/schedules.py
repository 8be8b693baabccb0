"""What runs by the clock. Sources do not: each has a frequency of its own, which the sensor `due_sources` keeps."""

from __future__ import annotations

import dagster as dg

from pipelines.evaluations import evaluate_retrieval
from pipelines.jobs import check_knowledge

daily_check = dg.ScheduleDefinition(
    name="daily_check",
    job=check_knowledge,
    cron_schedule="40 2 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The contracts of all rows, once a night.",
)

daily_evaluation = dg.ScheduleDefinition(
    name="daily_evaluation",
    job=evaluate_retrieval,
    cron_schedule="10 3 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Retrieval quality once a night, so that a drift is seen the next morning.",
)
