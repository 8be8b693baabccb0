"""The sensor `asked_configurations`: what the API was asked to build or measure begins within half a minute."""

import dagster as dg

from pipelines.configurations import build_configuration
from pipelines.evaluations import evaluate_configuration
from resources.bots.configurations import configuration_requests
from resources.foundation.database import Database

_JOBS = {
    "build": (build_configuration.name, "build_version"),
    "evaluate": (evaluate_configuration.name, "evaluate_version"),
}
_AGAIN_AFTER_MINUTES = 10


@dg.sensor(
    jobs=[build_configuration, evaluate_configuration],
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for a run that builds or measures a configuration, when somebody asked the API for that.",
)
def asked_configurations(
    context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]
) -> dg.SensorResult | dg.SkipReason:
    """A request waits until its run says that it has begun: one that was lost before is asked for again."""
    with database.directory() as connection:
        waiting = configuration_requests.select_waiting(connection)
    if not waiting:
        return dg.SkipReason("nobody asked for anything")
    return dg.SensorResult(run_requests=[_request(one) for one in waiting])


def _request(asked: configuration_requests.Waiting) -> dg.RunRequest:
    job, op = _JOBS[asked.job]
    config = {"organization": asked.organization_slug, "version_id": str(asked.version_id)}
    return dg.RunRequest(
        run_key=f"{asked.id}/{asked.minutes // _AGAIN_AFTER_MINUTES}", job_name=job,
        run_config={"ops": {op: {"config": config}}},
    )  # fmt: skip
