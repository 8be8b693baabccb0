"""How a source must be cut and embedded: what its chatbots ask for, with the models opened and their rows made."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from resources.bindings import Embedders
from resources.bots.configurations import model_config_versions
from resources.foundation.database import Database
from resources.foundation.errors import MillraceError
from resources.foundation.inference import Embedder
from resources.knowledge.chunks import embedding_models
from resources.knowledge.intake import intake
from resources.knowledge.records import ChunkingRule, Recipe

LOGGER = logging.getLogger(__name__)


def rules(database: Database, organization_id: UUID, source_id: UUID) -> list[ChunkingRule]:
    """The rules by which the source's texts are cut, without repetition."""
    with database.transaction(organization_id) as connection:
        wanted = model_config_versions.select_active_for_source(connection, organization_id, source_id)
    return list(dict.fromkeys(preparation.rule for preparation in wanted))


def recipes(
    database: Database, organization_id: UUID, source_id: UUID, *, embedders: Embedders
) -> list[tuple[Recipe, Embedder]]:
    """The rules with the models that embed what they cut. A remote model may be asked for its dimension here."""
    with database.transaction(organization_id) as connection:
        wanted = model_config_versions.select_active_for_source(connection, organization_id, source_id)
    by_name = embedders.of(database, organization_id)
    models = {preparation.embedding_model: by_name(preparation.embedding_model) for preparation in wanted}
    described = {name: (model.name, model.version, model.dimension) for name, model in models.items()}
    with database.transaction(organization_id) as connection:
        rows = {
            asked: embedding_models.register(
                connection, organization_id, name=name, version=version, dimension=dimension
            )
            for asked, (name, version, dimension) in described.items()
        }
        for name, (_, version, _) in described.items():
            for successor in model_config_versions.bind(connection, organization_id, model=name, model_version=version):
                LOGGER.warning("configuration %d serves from now on: %s", successor.number, successor.description)
    return [
        (Recipe(preparation.rule, rows[preparation.embedding_model].id), models[preparation.embedding_model])
        for preparation in wanted
    ]


def foreseen(
    database: Database, organization_id: UUID, source_id: UUID, *, embedders: Embedders
) -> list[tuple[Recipe, str]]:
    """The rules with the names of their models, for a plan: no row is made, and no server is asked anything.

    A model that has no row yet gets an id that is nobody's: it has no vectors.
    """
    by_name = embedders.of(database, organization_id)
    with database.transaction(organization_id) as connection:
        wanted = model_config_versions.select_active_for_source(connection, organization_id, source_id)
        known = {
            (model.name, model.version): model.id
            for model in embedding_models.select_all(connection, organization_id)
        }  # fmt: skip
    models = {preparation.embedding_model: by_name(preparation.embedding_model) for preparation in wanted}
    ids = {asked: known.get((model.name, model.version)) or uuid4() for asked, model in models.items()}
    return [
        (Recipe(preparation.rule, ids[preparation.embedding_model]), models[preparation.embedding_model].name)
        for preparation in wanted
    ]


@contextmanager
def abandoning(
    database: Database, organization_id: UUID, source_id: UUID, *, run_id: str | None = None
) -> Iterator[None]:
    """End the source's sync as failed, with the reason, when what it needs cannot be had: such as a remote model."""
    try:
        yield
    except MillraceError as error:
        intake.abandon(database, organization_id, source_id, reason=str(error), run_id=run_id)
        raise
