"""The asset `active_configurations`: puts a configuration in the place of the active one, if a check lets it.

The job `activate_configuration` names the version once, for the check and for the asset.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import dagster as dg

from pipelines.assets.model_config_versions import model_config_versions
from pipelines.configurations import organization_of
from resources.bots.configurations import model_config_versions as versions
from resources.bots.evaluation import readiness
from resources.bots.evaluation.readiness import Terms
from resources.foundation.database import Database


class Candidate(dg.Config):
    """Which version is to answer: the organization by its slug, the version by its id. None: nothing changes."""

    organization: str = ""
    version_id: str = ""
    is_unmeasured: bool = False
    forced_reason: str = ""

    @property
    def terms(self) -> Terms:
        """On which it is activated."""
        return Terms(is_unmeasured=self.is_unmeasured, forced_reason=self.forced_reason or None)


@dg.asset_check(asset=model_config_versions, blocking=True)
def version_is_ready(config: Candidate, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    """The version that is to be activated is whole, measured, and not worse than the active one beyond a tolerance."""
    if not config.version_id:
        return dg.AssetCheckResult(passed=True, description="no version is to be activated")
    organization_id = organization_of(database, config.organization)
    with database.transaction(organization_id) as connection:
        version = versions.get(connection, organization_id, UUID(config.version_id))
        objections = readiness.select_objections(connection, organization_id, version, terms=config.terms)
    return dg.AssetCheckResult(
        passed=not objections,
        severity=dg.AssetCheckSeverity.WARN if config.forced_reason else dg.AssetCheckSeverity.ERROR,
        description="; ".join(objections) or f"configuration {version.number} may take the place of the active one",
        metadata={"version": version.number, "objections": len(objections)},
    )


@dg.asset(
    deps=[model_config_versions],
    group_name="bots",
    kinds={"postgres"},
    owners=["team:data-science"],
    metadata={"dagster/table_name": "bots.model_config_versions"},
    code_version="1",
)
def active_configurations(config: Candidate, database: dg.ResourceParam[Database]) -> dg.MaterializeResult[None]:
    """The version that was asked for answers questions from now on, in one statement; the former one stays ready.

    The blocking check `version_is_ready` comes before. Asked for nothing, it changes nothing.
    """
    if not config.version_id:
        return dg.MaterializeResult(metadata={"activated": "nothing was asked for"})
    organization_id = organization_of(database, config.organization)
    with database.transaction(organization_id) as connection:
        version = versions.get(connection, organization_id, UUID(config.version_id))
        passed_over = readiness.activate(
            connection, organization_id, version, terms=config.terms, activated_by="dagster"
        )  # fmt: skip
    return dg.MaterializeResult(
        metadata={"activated": version.number, "passed_over": "; ".join(passed_over) or "nothing"}
    )


@dg.config_mapping(
    config_schema={
        "organization": str,
        "version_id": str,
        "is_unmeasured": dg.Field(bool, default_value=False),
        "forced_reason": dg.Field(str, default_value=""),
    }
)
def _candidate(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The same for the check and for the asset."""
    step = {"config": dict(asked)}
    return {"ops": {"model_config_versions_version_is_ready": step, "active_configurations": step}}


activate_configuration = dg.define_asset_job(
    "activate_configuration",
    selection=dg.AssetSelection.assets("model_config_versions", "active_configurations"),
    config=_candidate,
    executor_def=dg.in_process_executor,
    description="Let a configuration answer, if it is whole, measured and not worse than the active one.",
)
