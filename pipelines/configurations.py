"""Configurations beside those that serve: the job `build_configuration`, and what syncs do to keep them in step."""

from collections.abc import Sequence
from uuid import UUID

import dagster as dg

from pipelines import runs
from resources.bindings import Embedders, Progress
from resources.bots.configurations import builds, configuration_requests
from resources.bots.configurations.builds import BuildRecord
from resources.bots.records import Preparation
from resources.foundation.database import Database, Server
from resources.foundation.errors import Missing
from resources.foundation.inference import Embedder
from resources.identity import organizations
from resources.knowledge.records import Recipe
from resources.knowledge.search import vector_indexes


class Asked(dg.Config):
    """Whose configuration is built: the organization by its slug, the version by its id."""

    organization: str
    version_id: str


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Make the passages and vectors that a configuration needs, from stored texts, beside those that serve.",
)
def build_version(
    context: dg.OpExecutionContext,
    config: Asked,
    server: dg.ResourceParam[Server],
    database: dg.ResourceParam[Database],
    embedders: dg.ResourceParam[Embedders],
    progress: dg.ResourceParam[Progress],
) -> None:
    """A run that is killed is run again, and goes on where it was."""
    runs.claim(context.instance, context.run_id)
    organization_id = organization_of(database, config.organization)
    with database.transaction(organization_id) as connection:
        configuration_requests.set_begun(connection, organization_id, UUID(config.version_id), "build")
    built = builds.build(
        database, organization_id, UUID(config.version_id),
        embedder_of=lambda name: embedders.of(database, organization_id)(name), progress=progress,
        run_id=context.run_id,
    )  # fmt: skip
    # in bulk, when all vectors are there: an index that grows with each batch takes four times as long
    indexed = vector_indexes.keep(server, database, organization_id, progress=progress)
    context.add_output_metadata(
        {
            **_foreseen_and_taken(built.record),
            "version": built.version.number,
            "chunks": built.made.chunks,
            "embedded": built.made.embedded,
            "reused": built.made.reused,
            "refused": built.made.refused,
            "tokens": built.made.tokens,
            "missing": built.missing,
            "indexed": ", ".join(f"{step} {model}" for model, step in indexed.items()) or "nothing",
        }
    )


def _foreseen_and_taken(record: BuildRecord) -> dict[str, float | int]:
    """The numbers of a build that are known; those that were foreseen under names of their own, to plot beside them."""
    numbers = {
        "seconds": record.seconds,
        "cost": None if record.cost is None else float(record.cost),
        "foreseen_chunks": record.foreseen_chunks,
        "foreseen_embedded": record.foreseen_vectors,
        "foreseen_tokens": record.foreseen_tokens,
        "foreseen_bytes": record.foreseen_bytes,
        "foreseen_seconds": record.foreseen_seconds,
        "foreseen_cost": None if record.foreseen_cost is None else float(record.foreseen_cost),
    }
    return {name: number for name, number in numbers.items() if number is not None}


@dg.job(
    executor_def=dg.in_process_executor,
    description="Build a configuration of a chatbot beside the active one; syncs keep it in step from then on.",
)
def build_configuration() -> None:
    """One step."""
    build_version()


def keep_in_step(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    done: Sequence[tuple[Recipe, Embedder]],
    embedders: Embedders,
    progress: Progress,
) -> None:
    """After a sync: what is built beside what serves, and what served until lately, is made ready too."""
    builds.keep_in_step(
        database, organization_id, source_id,
        done=[Preparation(embedder.name, recipe.rule.size, recipe.rule.overlap) for recipe, embedder in done],
        embedder_of=lambda name: embedders.of(database, organization_id)(name), progress=progress,
    )  # fmt: skip


def organization_of(database: Database, slug: str) -> UUID:
    """The organization of a slug; raises Missing."""
    with database.directory() as connection:
        organization = organizations.find_by_slug(connection, slug)
    if organization is None:
        raise Missing(f"there is no organization {slug!r}")
    return organization.id
