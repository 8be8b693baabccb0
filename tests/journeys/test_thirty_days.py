"""Thirty days of twenty sources in some minutes: every tick of the sensor, every run, retention each night.

The sensor, the job and the checks are the product's own, on real PostgreSQL, Dagster's history too. Only two things are
not as in life: the database's clock is put forward by a quarter of an hour between ticks, and runs are carried out in
this process, one after the other.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from uuid import UUID

import dagster as dg
import numpy as np
import psutil
import psycopg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.instance import InstanceType
from dagster._core.launcher import DefaultRunLauncher
from dagster._core.run_coordinator import DefaultRunCoordinator
from dagster._core.scheduler.instigation import TickData, TickStatus
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage

from pipelines.definitions import build_definitions
from pipelines.partitions import PARTITIONS_NAME
from pipelines.sensors import Memory, due_sources
from pipelines.storage import HouseStorage, address
from resources.bindings import embedders
from resources.bots import chatbots, starter
from resources.foundation.database import Database, Server, open_database
from resources.foundation.files import ObjectStore
from resources.foundation.migrations import create_database, migrate
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.identity import retention_settings
from resources.identity.records import RetentionSettings
from resources.knowledge.intake import leases
from resources.knowledge.readers.workers import parsers
from resources.knowledge.sources import data_sources, directory, scheduling
from tests.conftest import make_organization
from tests.factories.simulated_time import give_clock, put_forward

TICK = timedelta(minutes=15)
TICKS_A_DAY = 96
DAYS = int(os.environ.get("MILLRACE_SIMULATED_DAYS", "30"))
WARM = TICKS_A_DAY * 3  # ticks until caches are filled and yesterday's rows begin to go
KEPT_DAYS = 7
MIB = 1 << 20
MOST_CONNECTIONS = 2 + 5  # the product's pool, and what Dagster's storage keeps and may open beside
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
YESTERDAY = (
    "update runs set create_timestamp = create_timestamp - interval '1 day'",
    "update job_ticks set timestamp = timestamp - interval '1 day'",
    "update asset_check_executions set create_timestamp = create_timestamp - interval '1 day'",
    "update event_logs set timestamp = timestamp - interval '1 day' where run_id = ''",
)

# Name, frequency in seconds, cron and its zone.
SOURCES: list[tuple[str, int, str | None, str]] = [
    *[(f"hourly {number}", 3600, None, "UTC") for number in range(2)],
    ("on the hour", 60, "0 * * * *", "Asia/Kolkata"),
    *[(f"every six hours {number}", 6 * 3600, None, "UTC") for number in range(5)],
    ("office hours", 60, "15 8-17/3 * * 1-5", "Europe/Berlin"),
    ("mornings", 60, "0 7 * * *", "Europe/Berlin"),
    ("evenings", 60, "30 18 * * *", "America/New_York"),
    ("nights", 60, "30 2 * * *", "Europe/Berlin"),
    ("fortnightly", 60, "0 0 1,15 * *", "UTC"),
    *[(f"daily {number}", 86400, None, "UTC") for number in range(4)],
    ("failing", 3 * 3600, None, "UTC"),
    ("hanging", 3 * 3600, None, "UTC"),
    ("paused", 3 * 3600, None, "UTC"),
]
TROUBLED = {"hanging", "paused"}  # a source that fails is tried at its times as any other


@dataclass
class World:
    """What lives for thirty days, and what was seen."""

    server: Server
    database: Database
    organization_id: UUID
    folders: Path
    store: ObjectStore
    instance: dg.DagsterInstance
    sync_due: dg.JobDefinition
    retain: dg.JobDefinition
    ids: dict[str, UUID]
    began_at: datetime
    now: datetime
    cursor: str | None = None
    tried: Counter[str] = field(default_factory=Counter)
    failed_on: set[int] = field(default_factory=set)
    runs_on: Counter[int] = field(default_factory=Counter)
    overdue: list[tuple[int, str]] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)

    def live(self, number: int) -> None:
        """One tick: what the sensor asks for is done, then the clock is put forward."""
        with dg.build_sensor_context(
            instance=self.instance, resources={"database": self.database}, cursor=self.cursor
        ) as context:
            result = due_sources(context)
        assert isinstance(result, dg.SensorResult)
        for change in result.dynamic_partitions_requests or []:
            assert isinstance(change, dg.AddDynamicPartitionsRequest)
            self.instance.add_dynamic_partitions(PARTITIONS_NAME, change.partition_keys)
        for event in result.asset_events or []:
            self.instance.report_runless_asset_event(event)
        for request in result.run_requests or []:
            self.runs_on[number // TICKS_A_DAY] += 1
            if not self._carry_out(request):
                self.failed_on.add(number // TICKS_A_DAY)
        self.cursor = result.cursor
        self._keep_tick(result)
        self._look(number)
        put_forward(self.server, TICK * (number + 1))

    def _carry_out(self, request: dg.RunRequest) -> bool:
        result = self.sync_due.execute_in_process(
            instance=self.instance, tags=dict(request.tags), raise_on_error=False,
            run_config={**request.run_config, **QUIET},
        )  # fmt: skip
        self.tried.update(
            str(event.partition).removeprefix("acme/")
            for event in result.get_asset_materialization_events()
            if event.asset_key == dg.AssetKey("data_sources")
        )
        return result.success

    def _keep_tick(self, result: dg.SensorResult) -> None:
        """As the daemon does."""
        self.instance.create_tick(
            TickData(
                instigator_origin_id="due_sources", instigator_name="due_sources",
                instigator_type=InstigatorType.SENSOR,
                status=TickStatus.SUCCESS if result.run_requests else TickStatus.SKIPPED,
                timestamp=datetime.now(UTC).timestamp(), cursor=result.cursor, run_ids=[], run_keys=[],
            )
        )  # fmt: skip

    def _look(self, number: int) -> None:
        with self.database.directory() as connection:
            entries = directory.select_all(connection)
        self.now = entries[0].now
        self.overdue += [(number, entry.name) for entry in entries if scheduling.is_overdue(entry)]
        self.overdue += [(number, name) for name in Memory.loaded(self.cursor).told or ()]
        self.memory.append(psutil.Process().memory_info().rss)
        with psycopg.connect(self.server.admin_conninfo()) as connection:
            (count,) = connection.execute(
                "select count(*) from pg_stat_activity where datname in (current_database(), 'dagster') "
                "and backend_type = 'client backend' and pid <> pg_backend_pid()"
            ).fetchone() or (0,)
        self.connections.append(count)

    def sleep_over(self) -> None:
        """The night: Dagster's own history becomes a day older, what is over goes."""
        with psycopg.connect(self.server.with_database("dagster").admin_conninfo(), autocommit=True) as connection:
            for statement in YESTERDAY:
                connection.execute(statement.encode())
        result = self.retain.execute_in_process(instance=self.instance, run_config=QUIET)
        assert result.success
        before = datetime.now(UTC) - timedelta(days=2)  # as dagster.yaml has it
        self.instance.purge_ticks(
            "due_sources", "due_sources", before.timestamp(), [TickStatus.SUCCESS, TickStatus.SKIPPED]
        )

    def rows(self, database: str) -> dict[str, tuple[int, int]]:
        """Living and dead rows of each table of a database."""
        with psycopg.connect(self.server.with_database(database).admin_conninfo(), autocommit=True) as connection:
            names = connection.execute(
                "select format('%I.%I', schemaname, relname), n_dead_tup from pg_stat_user_tables order by 1"
            ).fetchall()
            return {
                name: (connection.execute(f"select count(*) from {name}".encode()).fetchall()[0][0], dead)  # noqa: S608
                for name, dead in names
            }


@contextmanager
def history(server: Server, home: Path) -> Iterator[dg.DagsterInstance]:
    """An instance of this process alone, whose history is in PostgreSQL as the product keeps it."""
    create_database(server, "dagster")
    storage = HouseStorage(address(server))
    instance = dg.DagsterInstance(
        instance_type=InstanceType.EPHEMERAL, local_artifact_storage=LocalArtifactStorage(str(home)),
        run_storage=storage.run_storage, event_storage=storage.event_log_storage,
        schedule_storage=storage.schedule_storage, run_coordinator=DefaultRunCoordinator(),
        compute_log_manager=NoOpComputeLogManager(), run_launcher=DefaultRunLauncher(),
    )  # fmt: skip
    instance.optimize_for_webserver(statement_timeout=60_000, pool_recycle=3600, max_overflow=4)
    with instance:
        yield instance


@pytest.fixture
def world(template_server: Server, tmp_path: Path) -> Iterator[World]:
    """Twenty folders, the sources that point to them, a chatbot that reads them, and a clock."""
    server = template_server.with_database("thirty_days")
    create_database(template_server, "thirty_days")
    give_clock(server)
    migrate(server)
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as connection:  # nobody pulls the plug here
        connection.execute("alter database thirty_days set synchronous_commit = off")
    with ExitStack() as stack:
        database = stack.enter_context(open_database(server, "millrace_pipeline", most=2))
        instance = stack.enter_context(history(server, tmp_path / "dagster"))
        settings = Settings(home=tmp_path / "home")
        store = ObjectStore(tmp_path / "objects")
        definitions = build_definitions(
            database=database, store=store, keyring=Keyring.from_settings(settings), embedders=embedders(settings),
            parser_pool=stack.enter_context(parsers(count=1)), progress=lambda _stage, _done, _total: None,
        )  # fmt: skip
        organization_id = make_organization(database, "acme")
        with database.transaction(organization_id) as connection:
            ids = {}
            rules = RetentionSettings(history_days=KEPT_DAYS, grace_days=KEPT_DAYS, version_days=KEPT_DAYS)
            retention_settings.replace(connection, organization_id, rules)
            bot = starter.ensure_chatbot(
                connection, organization_id, name="all", embedding_model="wordllama-256", llm_model="extractive"
            )
            for name, frequency, cron, zone in SOURCES:
                folder = tmp_path / "folders" / name
                folder.mkdir(parents=True)
                (folder / "about.md").write_text(f"# About {name}\n\nThe {name} mill grinds wheat.\n")
                source = data_sources.create(
                    connection, organization_id, name=name, config={"location": str(folder)},
                    sync_frequency=frequency, cron=cron, time_zone=zone,
                )  # fmt: skip
                chatbots.attach_source(connection, organization_id, bot.id, source.id)
                ids[name] = source.id
        yield World(
            server, database, organization_id, tmp_path / "folders", store, instance,
            definitions.resolve_job_def("sync_due"), definitions.resolve_job_def("retain"), ids, datetime.now(UTC),
            datetime.now(UTC),
        )  # fmt: skip


def trouble(world: World, day: int, tick: int) -> None:
    """What goes wrong, and what people do, at a tick."""
    number = day * TICKS_A_DAY + tick
    failing, away = world.folders / "failing", world.folders.parent / "away"
    if (day, tick) == (3, 10):
        shutil.move(failing, away)
    if (day, tick) == (5, 10):
        shutil.move(away, failing)
    with world.database.transaction(world.organization_id) as connection:
        if day == 6 and 10 <= tick < 40:
            leases.take(
                connection, world.organization_id, world.ids["hanging"], holder="a run that hangs", seconds=1200
            )
        if (day, tick) in ((8, 10), (11, 50)):
            status = "inactive" if day == 8 else "active"
            connection.execute(
                "update knowledge.data_sources set status = %s where id = %s", [status, world.ids["paused"]]
            )
    if tick % 24 == 5:
        name = list(world.ids)[(number // 24) % len(world.ids)]
        if (world.folders / name).is_dir():
            (world.folders / name / f"note {number % 5}.md").write_text(f"On tick {number} the wheel turned.\n")
            (world.folders / name / f"note {(number + 2) % 5}.md").unlink(missing_ok=True)


def expected(world: World, name: str) -> int:
    """How often a source is due in all this time."""
    _, frequency, cron, zone = next(source for source in SOURCES if source[0] == name)
    times = scheduling.upcoming(world.began_at, frequency_s=frequency, cron=cron, time_zone=zone)
    return 1 + sum(1 for _ in takewhile(lambda time: time < world.now, times))


@pytest.mark.campaign
def test_thirty_days(world: World) -> None:
    early: dict[str, tuple[int, int]] = {}
    for number in range(DAYS * TICKS_A_DAY):
        day, tick = divmod(number, TICKS_A_DAY)
        trouble(world, day, tick)
        world.live(number)
        if tick == TICKS_A_DAY - 1:
            world.sleep_over()
        if (day, tick) == (2 * KEPT_DAYS, 0):
            early = world.rows("dagster") | world.rows("thirty_days")
    late = world.rows("dagster") | world.rows("thirty_days")

    assert world.overdue == []
    assert world.failed_on == {3, 4, 5}
    often = {name: (world.tried[name], expected(world, name)) for name in world.ids}
    assert [name for name, (was, due) in often.items() if name not in TROUBLED and not due - 1 <= was <= due] == []
    assert all(world.tried[name] > 150 for name in TROUBLED)

    warm = np.array(world.memory[WARM:]) / MIB
    slope = np.polyfit(np.arange(len(warm)), warm, 1)[0] * 1000
    assert slope < 1, f"{slope:.2f} MiB in 1,000 ticks, from {warm[0]:.0f} to {warm[-1]:.0f} MiB"
    week = 7 * TICKS_A_DAY
    assert np.mean(world.connections[-week:]) < np.mean(world.connections[WARM : WARM + week]) + 0.5
    assert max(world.connections) <= MOST_CONNECTIONS

    # Sources that began together come apart and share fewer runs: there are as many as in the days that are kept.
    kept_runs = sum(world.runs_on[DAYS - 1 - ago] for ago in range(KEPT_DAYS))
    assert late["public.runs"][0] <= kept_runs + TICKS_A_DAY
    grown = {
        name: (early[name][0], living)
        for name, (living, _) in late.items()
        if living > 1.2 * early[name][0] + 100 and not name.startswith("public.run")
    }
    assert grown == {}
    assert {name: (living, dead) for name, (living, dead) in late.items() if dead > 0.5 * living + 5_000} == {}
