"""Builds: the passages and vectors of a configuration, made from stored texts beside those that serve.

A build can be killed anywhere and run again; it goes on where it was. Until the version is activated or retired, and
for as long as one that served is kept for a way back, each sync makes what changed ready for it too, after what serves.
What goes wrong there holds up nothing that serves: it is told by the version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from resources.bots import chatbots, model_config_versions
from resources.bots.records import ModelConfigVersion, Preparation
from resources.foundation.database import Database
from resources.foundation.errors import MillraceError
from resources.foundation.inference import Embedder
from resources.foundation.statements import Connection
from resources.identity import budgets, model_prices, pricing
from resources.knowledge import embedding_models, reconciliation, reissues
from resources.knowledge.records import Recipe
from resources.knowledge.reissues import Foreseen, Reissued

Progress = Callable[[str, int, int], None]
ByName = Callable[[str], Embedder]


@dataclass(frozen=True)
class Build:
    """What a build made, and what is missing all the same: documents without passages, passages without vectors."""

    version: ModelConfigVersion
    made: Reissued
    missing: int


@dataclass(frozen=True)
class Forecast:
    """What a build would make. `cost` None: the model has no price."""

    foreseen: Foreseen
    cost: Decimal | None
    currency: str | None


def build(
    database: Database, organization_id: UUID, version_id: UUID, *, embedder_of: ByName, progress: Progress
) -> Build:
    """Make all that a version needs of its chatbot's sources; syncs keep it in step from now on.

    Raises Missing, Conflict for the active version, Unavailable when its model does not answer, BudgetReached when
    there is no money: what is made until then stays, and the version says why it is not whole.
    """
    with database.transaction(organization_id) as connection:
        version = model_config_versions.get(connection, organization_id, version_id)
        version = model_config_versions.set_building(connection, organization_id, version)
        source_ids = chatbots.select_source_ids(connection, organization_id, version.chatbot_id)
    try:
        made = _make(database, organization_id, source_ids, version.preparation, embedder_of, progress)
    except MillraceError as error:
        with database.transaction(organization_id) as connection:
            model_config_versions.set_built(connection, organization_id, version_id, problem=str(error))
        raise
    missing = _conclude(database, organization_id, version, refused=made.refused)
    with database.transaction(organization_id) as connection:
        return Build(model_config_versions.get(connection, organization_id, version_id), made, missing)


def keep_in_step(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    done: Sequence[Preparation],
    embedder_of: ByName,
    progress: Progress,
) -> Reissued:
    """After a sync made what serves ready (`done`): make ready what is built, and what may come back.

    Raises nothing that the sync could not help: it is kept as the problem of the versions that it concerns.
    """
    with database.transaction(organization_id) as connection:
        kept = model_config_versions.select_kept_for_source(connection, organization_id, source_id)
    made = Reissued()
    for preparation in dict.fromkeys(version.preparation for version in kept):
        concerned = [version for version in kept if version.preparation == preparation]
        if preparation in done:
            continue
        try:
            one = _make(database, organization_id, [source_id], preparation, embedder_of, progress)
        except MillraceError as error:
            with database.transaction(organization_id) as connection:
                for version in concerned:
                    model_config_versions.set_built(connection, organization_id, version.id, problem=str(error))
            continue
        made += one
        for version in concerned:
            if one != Reissued() or version.build_problem or version.built_at is None:
                _conclude(database, organization_id, version, refused=one.refused)
    return made


def foresee(database: Database, organization_id: UUID, version: ModelConfigVersion) -> Forecast:
    """What a build would make and cost. Nothing is written, and no model is asked."""
    with database.transaction(organization_id) as connection:
        model_id = _model_id(connection, organization_id, version) or uuid4()  # an id of nobody's: it has no vectors
        source_ids = chatbots.select_source_ids(connection, organization_id, version.chatbot_id)
        price = model_prices.find_for(connection, organization_id, version.embedding_model)
        budget = budgets.find_of_month(connection, organization_id)
    recipe = Recipe(version.preparation.rule, model_id)
    foreseen = sum(
        (reissues.foresee(database, organization_id, source_id, recipe=recipe) for source_id in source_ids), Foreseen()
    )
    return Forecast(foreseen, pricing.cost(price, read=foreseen.tokens), None if budget is None else budget.currency)


def count_missing(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> int:
    """How many documents that readers see lack passages, and how many passages lack vectors, under a version.

    All documents of its chatbot's sources where nothing was ever embedded by its model.
    """
    missing = 0
    model_id = _model_id(connection, organization_id, version)
    for source_id in chatbots.select_source_ids(connection, organization_id, version.chatbot_id):
        if model_id is None:
            missing += reconciliation.get(connection, organization_id, source_id).ready
            continue
        recipe = Recipe(version.preparation.rule, model_id)
        missing += reconciliation.count_missing(connection, organization_id, source_id, recipes=[recipe])
    return missing


def _model_id(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> UUID | None:
    """The newest model of the version's name that anything was embedded by."""
    models = embedding_models.select_all(connection, organization_id)
    return next((one.id for one in models if one.name == version.embedding_model), None)


def _make(
    database: Database,
    organization_id: UUID,
    source_ids: Sequence[UUID],
    preparation: Preparation,
    embedder_of: ByName,
    progress: Progress,
) -> Reissued:
    """All are cut before any is embedded: so the average length of their passages is known when they are weighed."""
    embedder = embedder_of(preparation.embedding_model)
    name, model_version, dimension = embedder.name, embedder.version, embedder.dimension  # a remote one is asked
    with database.transaction(organization_id) as connection:
        model = embedding_models.register(
            connection, organization_id, name=name, version=model_version, dimension=dimension
        )
    recipe = Recipe(preparation.rule, model.id)
    made = Reissued()
    for source_id in source_ids:
        made += reissues.cut(database, organization_id, source_id, rule=recipe.rule, progress=progress)
    for source_id in source_ids:
        made += reissues.embed(
            database, organization_id, source_id, recipe=recipe, embedder=embedder, progress=progress
        )  # fmt: skip
    reissues.settle(database, organization_id, recipe.name)
    return made


def _conclude(database: Database, organization_id: UUID, version: ModelConfigVersion, *, refused: int) -> int:
    with database.transaction(organization_id) as connection:
        missing = count_missing(connection, organization_id, version)
        problem = f"{missing:,} documents or passages are not ready" if missing else None
        if missing and refused:
            problem = f"{problem}; the model refused {refused:,} passages"
        model_config_versions.set_built(connection, organization_id, version.id, problem=problem)
    return missing
