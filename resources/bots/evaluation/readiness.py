"""Readiness: whether a configuration may serve, and putting it in the place of the one that does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.bots.configurations import builds, model_config_versions, naming
from resources.bots.evaluation import comparing, version_comparisons
from resources.bots.question_sets import evaluation_sets
from resources.bots.records import ModelConfigVersion, NewVersion
from resources.foundation.counting import counted
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection
from resources.knowledge.search import vector_indexes
from resources.knowledge.sources import data_sources

TOLERANCE = 0.02
"""So much of nDCG@10 a version may lose, at the lower end of the interval, and still take the active one's place."""


@dataclass(frozen=True)
class Terms:
    """On which a version is activated. `is_unmeasured`: although there are too few questions to measure it by."""

    tolerance: float = TOLERANCE
    is_unmeasured: bool = False
    forced_reason: str | None = None


class Unfit(Refused):
    """A version that does not take the place of the active one, with all that speaks against it."""

    def __init__(self, version: ModelConfigVersion, objections: Sequence[str]) -> None:
        super().__init__(
            f"configuration {version.number} does not take the place of the active one:\n"
            + "\n".join(f"  {objection}" for objection in objections)
        )
        self.objections = objections


@dataclass(frozen=True)
class Adopted:
    """The version that was asked for; `objections`: why it does not serve yet."""

    version: ModelConfigVersion
    objections: Sequence[str] = ()


def select_objections(
    connection: Connection, organization_id: UUID, version: ModelConfigVersion, *, terms: Terms | None = None
) -> list[str]:
    """Why this version should not serve, in sentences with their remedies; nothing where it may."""
    terms = terms or Terms()
    number = version.number
    active = model_config_versions.find_active(connection, organization_id, version.chatbot_id)
    if not _is_built(version, active, terms):
        return [f"it is not built: 'millrace config build {number}'"]
    objections = []
    reconciled = builds.reconciled(connection, organization_id, version)
    missing = sum(found.missing for found in reconciled.values())
    if missing:
        said = f" ({version.build_problem})" if version.build_problem else ""
        objections.append(f"{builds.unready(missing)}{said}: 'millrace config build {number}' makes the rest")
    for source_id, found in reconciled.items():
        objections += [
            f"source {data_sources.get(connection, organization_id, source_id).name!r} has {count:,} "
            f"{fault.replace('_', ' ')}: see 'millrace status'"
            for fault, count in found.faults.items() if count
        ]  # fmt: skip
    return [
        *objections,
        *_unindexed(connection, organization_id, version),
        *_worse(connection, organization_id, version, active, terms),
    ]


def activate(
    connection: Connection,
    organization_id: UUID,
    version: ModelConfigVersion,
    *,
    terms: Terms | None = None,
    activated_by: str | None = None,
) -> list[str]:
    """Let the version serve; the objections that were passed over.

    Raises Unfit with them, unless it is forced; what was never built cannot be: nothing would be found by it.
    """
    terms = terms or Terms()
    objections = select_objections(connection, organization_id, version, terms=terms)
    active = model_config_versions.find_active(connection, organization_id, version.chatbot_id)
    if objections and (not terms.forced_reason or not _is_built(version, active, terms)):
        raise Unfit(version, objections)
    reason = terms.forced_reason if objections else None
    if reason is None and terms.is_unmeasured:
        unmeasured = _worse(connection, organization_id, version, active, Terms(terms.tolerance))
        reason = "unmeasured" if unmeasured else None
    model_config_versions.activate(
        connection, organization_id, version, activated_by=activated_by, forced_reason=reason
    )
    return objections


def adopt(
    connection: Connection,
    organization_id: UUID,
    chatbot_id: UUID,
    wanted: NewVersion,
    *,
    terms: Terms | None = None,
    activated_by: str | None = None,
) -> Adopted:
    """Let a recipe serve that somebody asks for by its values: the version that has them, else a new one.

    The first of a chatbot serves at once. Any other one passes the same gate as `activate`, and where there are
    objections it stays what it is, a draft say, and the active one goes on serving.
    """
    active = model_config_versions.find_active(connection, organization_id, chatbot_id)
    version = model_config_versions.ensure(connection, organization_id, chatbot_id, wanted)
    if version.active:
        return Adopted(version)
    if active is None:
        model_config_versions.activate(connection, organization_id, version, activated_by=activated_by)
        return Adopted(model_config_versions.get(connection, organization_id, version.id))
    try:
        activate(connection, organization_id, version, terms=terms, activated_by=activated_by)
    except Unfit as unfit:
        return Adopted(version, tuple(unfit.objections))
    return Adopted(model_config_versions.get(connection, organization_id, version.id))


def roll_back(
    connection: Connection, organization_id: UUID, chatbot_id: UUID, *, activated_by: str | None = None
) -> ModelConfigVersion:
    """Let the version serve again that served last. Nothing is asked: it did so before, and was kept ready.

    Raises Missing where none is kept ready any more.
    """
    former = model_config_versions.find_former(connection, organization_id, chatbot_id)
    if former is None:
        raise Missing("there is no way back: no configuration that served before is kept ready any more")
    model_config_versions.activate(connection, organization_id, former, activated_by=activated_by)
    return former


def _is_built(version: ModelConfigVersion, active: ModelConfigVersion | None, terms: Terms) -> bool:
    """Whether its passages and vectors were made.

    Those of the active one are its own where it asks for the same; a draft that is to be measured is built all the
    same, which freezes it.
    """
    if version.active or (version.built_at is not None and version.status != "draft"):
        return True
    if active is None or active.preparation != version.preparation:
        return False
    values_of = model_config_versions.values_of
    is_not_measured = terms.is_unmeasured or terms.forced_reason is not None
    return is_not_measured or naming.finds_the_same(values_of(version), values_of(active))


def _unindexed(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> list[str]:
    """What is wrong with the index of the vectors that it would be searched by."""
    model_id = builds.find_model_id(connection, organization_id, version)
    problem = None if model_id is None else vector_indexes.problem(connection, organization_id, model_id)
    return [] if problem is None else [problem]


def _worse(
    connection: Connection,
    organization_id: UUID,
    version: ModelConfigVersion,
    active: ModelConfigVersion | None,
    terms: Terms,
) -> list[str]:
    """Whether it may be worse than the active one on the chatbot's questions, by more than is tolerated.

    One that finds the same for every question need not be measured: what is measured is what is found.
    """
    if active is None or active.id == version.id:
        return []
    values_of = model_config_versions.values_of
    if naming.finds_the_same(values_of(version), values_of(active)):
        return []
    judged = evaluation_sets.count_judged(connection, organization_id, version.chatbot_id)
    if judged < comparing.FEWEST:
        if terms.is_unmeasured:
            return []
        return [
            f"the chatbot has {counted(judged, 'question')} with a known answer, of which {comparing.FEWEST} are "
            "needed to measure it: load some, or activate it with --unmeasured"
        ]
    compared = version_comparisons.select_latest(
        connection, organization_id, baseline_id=active.id, candidate_id=version.id
    )
    decisive = next(
        (one for one in compared if one.metric == comparing.DECISIVE and one.evaluation_set_id is None), None
    )
    if decisive is None or decisive.low is None or decisive.high is None:
        return [
            f"it was not measured beside configuration {active.number}, which is active: "
            f"'millrace config evaluate {version.number}'"
        ]
    if decisive.low > -terms.tolerance:
        return []
    return [
        f"it may be worse than configuration {active.number}: nDCG@10 differs by {decisive.difference:+.3f}, between "
        f"{decisive.low:+.3f} and {decisive.high:+.3f} ({decisive.queries:,} questions, {decisive.won:,} won, "
        f"{decisive.lost:,} lost), and {-terms.tolerance:+.3f} is tolerated"
    ]
