"""Run jobs in this process against the instance that the Dagster UI shows, and say in JSON lines how far they are."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import dagster as dg

from pipelines import recovery
from pipelines.checks import source_agrees
from pipelines.definitions import build_definitions
from pipelines.instance import open_instance
from pipelines.partitions import PARTITIONS_NAME, find_source, key, parse
from resources.bindings import embedders, house_server
from resources.foundation.database import Database, open_database
from resources.foundation.errors import Missing
from resources.foundation.files import ObjectStore
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.identity import organizations
from resources.knowledge.readers.workers import parsers
from resources.knowledge.sources import data_sources, directory

COUNTS = ("listed", "changed", "unchanged", "moved", "deleted", "held", "failed", "chunks", "embedded", "reused")
_PROGRESS_EVERY_S = 0.2
_LOOK_AGAIN_S = 0.5
_OUR_ERROR = re.compile(r"^resources\.foundation\.errors\.\w+: ")  # such a message stands without its class
_INTERRUPTED = "it was interrupted; the next sync goes on from there"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # the reason is told in JSON


@dataclass(frozen=True)
class House:
    """What runs need, opened once for all of them."""

    instance: dg.DagsterInstance
    database: Database
    resources: Mapping[str, object]


@contextmanager
def open_house() -> Iterator[House]:
    """The database, the models, the parsers and Dagster's instance, as the environment says."""
    settings = Settings.from_environment()
    server = house_server()
    with ExitStack() as stack:
        database = stack.enter_context(open_database(server, "millrace_pipeline"))
        resources = {
            "server": server,
            "database": database,
            "store": ObjectStore(settings.home / "objects"),
            "keyring": Keyring.from_settings(settings),
            "embedders": embedders(settings),
            "parser_pool": stack.enter_context(parsers(count=2)),
        }
        instance = stack.enter_context(open_instance(settings))
        # Dagster opens a connection for each event it writes, unless told that this process keeps some
        instance.optimize_for_webserver(statement_timeout=60_000, pool_recycle=3600, max_overflow=4)
        yield House(instance, database, resources)


def sync(house: House, organization_slug: str, names: Sequence[str]) -> int:
    """Sync these sources one after the other; 1 when any failed. Raises Missing for a name that is none."""
    keys = [key(organization_slug, name) for name in wanted(house.database, organization_slug, names)]
    house.instance.add_dynamic_partitions(PARTITIONS_NAME, keys)
    outcomes = [sync_one(house, partition_key) for partition_key in keys]
    return 0 if all(outcomes) else 1


def sync_one(house: House, partition_key: str) -> bool:
    """Run the job `sync_sources` for one source and say what it did; whether it went well.

    Waits while another process works on the source: both would do the same work.
    """
    name = partition_key.partition("/")[2]
    started = time.monotonic()
    teller = Teller(name)
    while _is_leased(house, partition_key):
        teller("waiting for another sync", 0, 1)
        time.sleep(_LOOK_AGAIN_S)
    job = _definitions(house, teller).resolve_job_def("sync_sources")
    result = job.execute_in_process(
        instance=house.instance, partition_key=partition_key, run_config=_QUIET, raise_on_error=False
    )
    teller.finish()
    report = {
        "source": name,
        **_counts(result),
        "elapsed_s": round(time.monotonic() - started, 3),
        "run_id": result.run_id,
    }
    reason = _reason(result)
    say({"event": "synced", **report} if reason is None else {"event": "failed", **report, "reason": reason})
    if reason == _INTERRUPTED:
        raise KeyboardInterrupt
    return reason is None


def _is_leased(house: House, partition_key: str) -> bool:
    with house.database.directory() as connection:
        entry = directory.find_by_name(connection, *parse(partition_key))
    return entry is not None and entry.is_leased and not recovery.free(house.instance, house.database, entry)


def run_job(house: House, name: str, *, ops: Mapping[str, object] | None = None) -> int:
    """Run a job that has no partitions, and say how it ended. `ops`: the configuration of its steps."""
    started = time.monotonic()
    teller = Teller(name)
    result = (
        _definitions(house, teller)
        .resolve_job_def(name)
        .execute_in_process(instance=house.instance, run_config={**_QUIET, "ops": ops or {}}, raise_on_error=False)
    )
    teller.finish()
    reason = _reason(result)
    report = {
        "job": name, **_numbers(result), "elapsed_s": round(time.monotonic() - started, 3), "run_id": result.run_id
    }  # fmt: skip
    say({"event": "done", **report} if reason is None else {"event": "failed", **report, "reason": reason})
    return 0 if reason is None else 1


def _numbers(result: dg.ExecuteInProcessResult) -> dict[str, int | float]:
    """What the steps told as numbers, where they give nothing away and make nothing."""
    outputs = [event.step_output_data for event in result.all_node_events if event.is_successful_output]
    return {
        name: told.value or 0
        for output in outputs
        for name, told in (output.metadata or {}).items()
        if isinstance(told, dg.IntMetadataValue | dg.FloatMetadataValue)
    }


def _definitions(house: House, teller: Teller) -> dg.Definitions:
    return build_definitions(**house.resources, progress=teller)


def say(event: Mapping[str, object]) -> None:
    """One line on standard output."""
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def wanted(database: Database, organization_slug: str, names: Sequence[str]) -> list[str]:
    """These sources, each once, or all of the organization. Raises Missing for a name that is none."""
    if not names:
        with database.directory() as connection:
            organization = organizations.find_by_slug(connection, organization_slug)
        if organization is None:
            raise Missing(f"there is no organization {organization_slug!r}")
        with database.transaction(organization.id) as connection:
            return [source.name for source in data_sources.select_all(connection, organization.id)]
    unique = list(dict.fromkeys(names))
    for name in unique:
        find_source(database, key(organization_slug, name))
    return unique


class Teller:
    """Says how far a source is, not more often than a person can read, and always where a stage ended."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._stage = ""
        self._said_at = 0.0
        self._unsaid: dict[str, object] | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self.finish()
        self._stage = stage
        self._unsaid = {"event": "progress", "source": self._source, "stage": stage, "done": done, "total": total}
        if time.monotonic() - self._said_at >= _PROGRESS_EVERY_S:
            self.finish()

    def finish(self) -> None:
        """Say what was held back."""
        if self._unsaid is not None:
            say(self._unsaid)
            self._unsaid, self._said_at = None, time.monotonic()


def _counts(result: dg.ExecuteInProcessResult) -> dict[str, int]:
    counts = dict.fromkeys(COUNTS, 0)
    for event in result.get_asset_materialization_events():
        metadata = event.step_materialization_data.materialization.metadata
        for count in COUNTS:
            if isinstance(found := metadata.get(count), dg.IntMetadataValue):
                counts[count] += found.value or 0
    return counts


def _reason(result: dg.ExecuteInProcessResult) -> str | None:
    """Why it did not go well: the first step's error in the words it was raised with, or the first check that fails."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            cause = error.cause if error is not None and error.cause is not None else error
            if cause is not None and cause.cls_name == "DagsterExecutionInterruptedError":
                return _INTERRUPTED
            return _OUR_ERROR.sub("", cause.message.strip()) if cause is not None else f"step {event.step_key} failed"
    for check in result.get_asset_check_evaluations():
        if not check.passed and check.check_name == source_agrees.check_key.name:  # the counts tell the others
            return f"check {check.check_name}: {check.description}"
    return None if result.success else "the run did not succeed: see it in the Dagster UI"
