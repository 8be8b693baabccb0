"""Builds: the passages and vectors of a configuration, made from stored texts beside those that serve.

A build can be killed anywhere and run again; it goes on where it was. Until the version is activated or retired, and
for as long as one that served is kept for a way back, each sync makes what changed ready for it too, after what serves.
What goes wrong there holds up nothing that serves: it is told by the version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Literal
from uuid import UUID, uuid4

from resources.bots import chatbots
from resources.bots.configurations import model_config_versions
from resources.bots.records import ModelConfigVersion, Preparation
from resources.foundation.counting import counted
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, MillraceError
from resources.foundation.inference import Embedder
from resources.foundation.statements import Connection, many, run, statements_for, value
from resources.identity import budgets, model_prices, pricing
from resources.knowledge.chunks import embedding_models
from resources.knowledge.intake import reissues
from resources.knowledge.intake.reissues import Foreseen, Reissued
from resources.knowledge.records import Recipe, RecipeReconciliation
from resources.knowledge.sources import reconciliation

Progress = Callable[[str, int, int], None]
ByName = Callable[[str], Embedder]

SQL = statements_for(__name__)

FEWEST_PIECES = 200
"""A build of fewer passages and vectors says nothing of how fast builds are."""


@dataclass(frozen=True)
class BuildRecord:
    """A build as it is kept. `broken off`: it was killed, so nobody knows what it made."""

    id: UUID
    model_config_version_id: UUID
    state: Literal["running", "finished", "failed", "broken off"]
    dagster_run_id: str | None
    foreseen_chunks: int
    foreseen_vectors: int
    foreseen_tokens: int
    foreseen_bytes: int | None
    foreseen_cost: Decimal | None
    foreseen_seconds: float | None
    chunks: int | None
    vectors: int | None
    reused: int | None
    refused: int | None
    tokens: int | None
    cost: Decimal | None
    seconds: float | None
    reason: str | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Build:
    """What a build made, and what is missing all the same: documents without passages, passages without vectors."""

    version: ModelConfigVersion
    made: Reissued
    missing: int
    record: BuildRecord


@dataclass(frozen=True)
class Forecast:
    """What a build would make and take. `cost` None: the model has no price. `bytes`: on disk, with indexes.

    `seconds` None: no build by this model tells how fast it goes; `bytes` None: nor how long its vectors are.
    """

    foreseen: Foreseen
    cost: Decimal | None
    currency: str | None
    seconds: float | None
    bytes: int | None


def build(
    database: Database,
    organization_id: UUID,
    version_id: UUID,
    *,
    embedder_of: ByName,
    progress: Progress,
    run_id: str | None = None,
) -> Build:
    """Make all that a version needs of its chatbot's sources; syncs keep it in step from now on.

    Raises Missing, Conflict for the active version and for one that another version of its model made, Unavailable
    when its model does not answer, BudgetReached when there is no money: what is made until then stays, and the
    version says why it is not whole.
    """
    with database.transaction(organization_id) as connection:
        version = model_config_versions.get(connection, organization_id, version_id)
    _require_same_model(version, embedder_of)
    forecast = foresee(database, organization_id, version)
    with database.transaction(organization_id) as connection:
        version = model_config_versions.set_building(connection, organization_id, version)
        source_ids = chatbots.select_source_ids(connection, organization_id, version.chatbot_id)
        id = _begin(connection, organization_id, version, forecast, run_id)
    try:
        made = _make(database, organization_id, source_ids, version.preparation, embedder_of, progress)
    except MillraceError as error:
        with database.transaction(organization_id) as connection:
            model_config_versions.set_built(connection, organization_id, version_id, problem=str(error))
            run(connection, SQL["fail"], organization_id=organization_id, id=id, reason=str(error))
        raise
    missing = _conclude(database, organization_id, version, refused=made.refused)
    with database.transaction(organization_id) as connection:
        run(
            connection, SQL["finish"], organization_id=organization_id, id=id, chunks=made.chunks,
            vectors=made.embedded, reused=made.reused, refused=made.refused, tokens=made.tokens, cost=made.cost,
        )  # fmt: skip
        return Build(
            model_config_versions.get(connection, organization_id, version_id), made, missing,
            select_of_version(connection, organization_id, version_id)[0],
        )  # fmt: skip


def select_of_version(connection: Connection, organization_id: UUID, version_id: UUID) -> list[BuildRecord]:
    """Each time that a version was built, the newest first."""
    return many(
        connection, BuildRecord, SQL["select_of_version"], organization_id=organization_id, version_id=version_id
    )


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
            if not _is_kept(database, organization_id, version):
                continue
            if one != Reissued() or version.build_problem or version.built_at is None:
                _conclude(database, organization_id, version, refused=one.refused)
    return made


def foresee(database: Database, organization_id: UUID, version: ModelConfigVersion) -> Forecast:
    """What a build would make and cost. Nothing is written, and no model is asked."""
    with database.transaction(organization_id) as connection:
        recipe = _recipe(connection, organization_id, version)
        source_ids = chatbots.select_source_ids(connection, organization_id, version.chatbot_id)
        price = model_prices.find_for(connection, organization_id, version.embedding_model)
        budget = budgets.find_of_month(connection, organization_id)
        dimension = _dimension(connection, organization_id, version)
        weights = reissues.weigh(connection, organization_id)
        speed = _seconds_per_piece(connection, organization_id, version.embedding_model)
    foreseen = sum(
        (reissues.foresee(database, organization_id, source_id, recipe=recipe) for source_id in source_ids), Foreseen()
    )
    pieces = foreseen.chunks + foreseen.embedded
    return Forecast(
        foreseen, pricing.cost(price, read=foreseen.tokens), None if budget is None else budget.currency,
        None if speed is None and pieces else pieces * (speed or 0),
        None if dimension is None and foreseen.embedded else weights.bytes_of(foreseen, dimension=dimension or 0),
    )  # fmt: skip


def count_missing(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> int:
    """How many documents that readers see lack passages, and how many passages lack vectors, under a version."""
    return sum(found.missing for found in reconciled(connection, organization_id, version).values())


def reconciled(
    connection: Connection, organization_id: UUID, version: ModelConfigVersion
) -> dict[UUID, RecipeReconciliation]:
    """What does not agree of that by which a version finds, by source of its chatbot."""
    recipe = _recipe(connection, organization_id, version)
    return {
        source_id: reconciliation.get_of_recipe(connection, organization_id, source_id, recipe)
        for source_id in chatbots.select_source_ids(connection, organization_id, version.chatbot_id)
    }


def _recipe(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> Recipe:
    """Where nothing was ever embedded by its model, the model is one of nobody's, which has no vectors."""
    model_id = find_model_id(connection, organization_id, version)
    return Recipe(version.preparation.rule, model_id or uuid4())


def _begin(
    connection: Connection, organization_id: UUID, version: ModelConfigVersion, forecast: Forecast, run_id: str | None
) -> UUID:
    run(connection, SQL["break_off"], organization_id=organization_id, version_id=version.id)
    foreseen = forecast.foreseen
    id: UUID = value(
        connection, SQL["begin"], organization_id=organization_id, version_id=version.id, run_id=run_id,
        foreseen_chunks=foreseen.chunks, foreseen_vectors=foreseen.embedded, foreseen_tokens=foreseen.tokens,
        foreseen_bytes=forecast.bytes, foreseen_cost=forecast.cost, foreseen_seconds=forecast.seconds,
    )  # fmt: skip
    return id


def _require_same_model(version: ModelConfigVersion, embedder_of: ByName) -> None:
    """Raise Conflict where the model at hand is another version than the recipe is bound to."""
    if version.embedding_model_version is None:
        return
    at_hand = embedder_of(version.embedding_model).version
    if at_hand != version.embedding_model_version:
        raise Conflict(
            f"configuration {version.number} was made with {version.embedding_model} "
            f"({version.embedding_model_version}), which is {at_hand} here: "
            f"'millrace config create --from {version.number}' makes one with that"
        )


def _seconds_per_piece(connection: Connection, organization_id: UUID, embedding_model: str) -> float | None:
    """How long a passage or vector took in the latest builds by a model, the median; None where none tells."""
    rows = connection.execute(
        SQL["select_speeds"],
        {"organization_id": organization_id, "embedding_model": embedding_model, "at_least": FEWEST_PIECES},
    ).fetchall()
    return median(seconds / pieces for pieces, seconds in rows) if rows else None


def _dimension(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> int | None:
    models = embedding_models.select_all(connection, organization_id)
    return next((one.dimension for one in models if one.name == version.embedding_model), None)


def find_model_id(connection: Connection, organization_id: UUID, version: ModelConfigVersion) -> UUID | None:
    """The model that the version is bound to; before it is, the newest of its name that anything was embedded by."""
    models = embedding_models.select_all(connection, organization_id)
    bound = version.embedding_model_version
    return next(
        (one.id for one in models if one.name == version.embedding_model and bound in (None, one.version)), None
    )


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
        model_config_versions.bind(
            connection, organization_id, model=preparation.embedding_model, model_version=model_version
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


def _is_kept(database: Database, organization_id: UUID, version: ModelConfigVersion) -> bool:
    """Whether it is made ready still: another version of its model ends that."""
    with database.transaction(organization_id) as connection:
        now = model_config_versions.get(connection, organization_id, version.id)
    return now.status != "retired" or now.kept_until is not None


def unready(missing: int) -> str:
    """What a configuration lacks, in words."""
    return counted(missing, "document or passage is not ready", "documents or passages are not ready")


def _conclude(database: Database, organization_id: UUID, version: ModelConfigVersion, *, refused: int) -> int:
    with database.transaction(organization_id) as connection:
        missing = count_missing(connection, organization_id, version)
        problem = unready(missing) if missing else None
        if missing and refused:
            problem = f"{problem}; the model refused {counted(refused, 'passage')}"
        model_config_versions.set_built(connection, organization_id, version.id, problem=problem)
    return missing
