"""The job `sync_due`: many sources in one run, each in a step of its own, so that one that fails stops no other.

A run costs some seconds before it does anything, so sources that are due at the same time share one. Its configuration
names their partitions and nothing else. Each step does what the assets do, with the same functions, and tells what it
did as materializations and checks of the source's partition; a source that is not due any more, or that another sync
works on, is passed over. The run fails when any of its sources did, after all of them had their turn.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from pipelines import checks, runs, steps
from pipelines.partitions import find_source, parse
from resources.bindings import Embedders, Progress
from resources.foundation.database import Database, Server
from resources.foundation.errors import Conflict, MillraceError
from resources.foundation.files import ObjectStore
from resources.foundation.secrets import Keyring
from resources.knowledge.intake import intake
from resources.knowledge.readers.workers import ParserPool
from resources.knowledge.sources import directory, scheduling


class Asked(dg.Config):
    """The partitions to sync, one after the other."""

    sources: list[str]


@dg.op(out=dg.DynamicOut(dg.Nothing), description="One step for each source that the run was asked to sync.")
def asked_for(context: dg.OpExecutionContext, config: Asked) -> Iterator[dg.DynamicOutput[None]]:
    """Begin: say which process works on the run."""
    runs.claim(context.instance, context.run_id)
    for number, name in enumerate(config.sources):
        yield dg.DynamicOutput(None, mapping_key=f"{re.sub(r'[^A-Za-z0-9]', '_', name)}__{number}")


@dg.op(
    ins={"asked": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
    description="Bring one source up to date: list, fetch, cut, embed, and check that its rows agree.",
)
def sync_source(
    context: dg.OpExecutionContext,
    server: dg.ResourceParam[Server],
    database: dg.ResourceParam[Database],
    store: dg.ResourceParam[ObjectStore],
    keyring: dg.ResourceParam[Keyring],
    embedders: dg.ResourceParam[Embedders],
    parser_pool: dg.ResourceParam[ParserPool],
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation | dg.Output[None]]:
    """What the assets of the partition do, in their order; each says what it did as soon as it did it."""
    name = _partition(context)
    reason = _reason_to_pass_over(database, name)
    if reason is None:
        with _ended(database, name, context.run_id):
            try:
                yield _done("data_sources", name, steps.describe(database, name))
                brought = steps.bring(
                    database, name, store=store, keyring=keyring, run_id=context.run_id, progress=progress
                )
            except Conflict as conflict:
                reason = str(conflict)
            else:
                yield _done("raw_documents", name, brought)
                cut = steps.cut(
                    database, name, store=store, parser_pool=parser_pool, run_id=context.run_id, progress=progress
                )
                yield _done("chunks", name, cut)
                embedded = steps.embed(
                    server, database, name, embedders=embedders, run_id=context.run_id, progress=progress
                )
                yield _done("embeddings", name, embedded)
                yield from checks.evaluations(database, embedders, name)
    if reason is not None:
        context.log.info(f"{name} is passed over: {reason}")
    yield dg.Output(None)


@dg.job(
    executor_def=dg.in_process_executor,
    description="Bring the sources up to date that are due, one after the other; the sensor `due_sources` asks for it.",
)
def sync_due() -> None:
    """A step for each source."""
    asked_for().map(sync_source)


def _partition(context: dg.OpExecutionContext) -> str:
    number = int(str(context.get_mapping_key()).rpartition("__")[2])
    return runs.partitions_of(context.run)[number]


@contextmanager
def _ended(database: Database, name: str, run_id: str) -> Iterator[None]:
    """A fault that nobody foresaw ends the sync as failed too, so that the source keeps its times like any other."""
    try:
        yield
    except MillraceError:
        raise
    except Exception as fault:
        organization_id, source = find_source(database, name)
        reason = f"a fault of Millrace's own stopped it ({type(fault).__name__}): the log of its run has the details"
        intake.abandon(database, organization_id, source.id, reason=reason, run_id=run_id)
        raise


def _reason_to_pass_over(database: Database, name: str) -> str | None:
    with database.directory() as connection:
        entry = directory.find_by_name(connection, *parse(name))
    if entry is None:
        return "it was removed"
    if entry.is_leased:
        return "another sync works on it"
    return None if scheduling.is_due(entry) else "it was synced in the meantime"


def _done(asset: str, name: str, told: steps.Told) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(asset, partition=name, metadata=told)
