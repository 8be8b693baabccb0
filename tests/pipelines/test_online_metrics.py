"""The asset of online metrics: days are summed once, its numbers are the pages', and trouble is told once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import dagster as dg
import psycopg
import pytest

from benchmarks import traffic
from benchmarks.traffic import Year
from pipelines.assets.online_metrics import changed_days, daily_metrics_schedule
from pipelines.definitions import build_definitions
from pipelines.execution import House
from resources.analytics import alerts, daily_metrics, overviews
from resources.analytics.records import Filter
from resources.foundation.database import Server

RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")


@pytest.fixture
def year(server: Server, house: House) -> Year:
    """A year whose bad week, of the chatbot handbook, ends yesterday."""
    today = datetime.now(UTC).date()
    with psycopg.connect(server.admin_conninfo()) as admin:
        return traffic.plant(admin, "a-year", questions=6000, until=today + timedelta(days=traffic.DAYS - 147))


def run(house: House, **asked: object) -> dg.ExecuteInProcessResult:
    """Run the job that sums."""
    job = build_definitions(**house.resources).resolve_job_def("sum_days")
    result = job.execute_in_process(instance=house.instance, **asked)  # type: ignore[arg-type]
    assert result.success
    return result


def numbers(result: dg.ExecuteInProcessResult) -> Mapping[str, Mapping[str, object]]:
    """The metadata of each partition that was made."""
    made = [event for event in result.all_events if event.event_type_value == "ASSET_MATERIALIZATION"]
    return {
        str(event.partition): {
            name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()
        }
        for event in made
    }


def test_a_day_is_summed_once_and_says_what_the_pages_say(house: House, year: Year) -> None:
    day = datetime.now(UTC).date() - timedelta(days=2)  # one that is settled at any hour
    first = numbers(run(house, partition_key=day.isoformat()))[day.isoformat()]
    with house.database.transaction(year.organization_id) as connection:
        [group] = overviews.series(connection, year.organization_id, Filter(day, day + timedelta(days=1)), each="day")
    shown = {measure.key: measure.value for measure in group.measures}
    assert {key: first[key] for key in ("questions", "no_answer_rate", "seconds_median", "cost")} == {
        key: pytest.approx(shown[key]) for key in ("questions", "no_answer_rate", "seconds_median", "cost")
    }
    assert first["look at"] == f"/analytics?since={day}&until={day + timedelta(days=1)}"
    again = numbers(run(house, partition_key=day.isoformat()))[day.isoformat()]
    assert (first["summed_anew"], again["summed_anew"]) == (1, 0)


def test_days_that_changed_are_asked_for_in_one_run(house: House, year: Year) -> None:
    own = year.organization_id
    days = [year.bad_week[0] + timedelta(days=number) for number in range(5)]
    with house.database.transaction(own) as connection:  # as if all other days had been summed
        connection.execute(
            "insert into conversations.summed_days (organization_id, day) "
            "select %s, d::date from generate_series(%s::date, %s::date, '1 day') d where d::date <> all (%s)",
            [own, year.since, year.until, days],
        )
    context = dg.build_sensor_context(instance=house.instance, resources=house.resources)
    asked = changed_days(context)
    assert isinstance(asked, dg.RunRequest)
    assert (asked.tags[RANGE[0]], asked.tags[RANGE[1]]) == (days[0].isoformat(), days[-1].isoformat())
    made = numbers(run(house, tags=dict(asked.tags)))
    assert sorted(made) == [day.isoformat() for day in days]
    assert {made[day.isoformat()]["summed_anew"] for day in days} == {1}
    told = changed_days(dg.build_sensor_context(instance=house.instance, resources=house.resources))
    assert isinstance(told, dg.SkipReason)


def test_a_week_that_is_worse_fails_its_checks_and_is_told_once(house: House, year: Year) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    checks = [run(house, partition_key=yesterday.isoformat()).get_asset_check_evaluations() for _ in range(2)]
    found = {check.check_name: check for check in checks[0]}
    assert not found["answers_hold"].passed
    assert not found["no_answers_hold"].passed
    assert "a-year/handbook: no answer" in str(found["no_answers_hold"].description)
    assert "it comes from configuration handbook #2" in str(found["no_answers_hold"].description)
    assert "support" not in str(found["no_answers_hold"].description)
    own = year.organization_id
    with house.database.transaction(own) as connection:
        [told] = alerts.select_open(connection, own)
        assert (told.event, told.times) == ("check_failed", 2)
        assert told.subject.startswith("Chatbot handbook answers worse than the week before: answered ")
        quiet = next(
            one for one in alerts.judge(connection, own, until=year.bad_week[0]) if one.chatbot == "handbook"
        )  # fmt: skip
        assert not alerts.announce(connection, own, quiet)
        assert alerts.select_open(connection, own) == []


def test_a_source_past_its_freshness_fails_its_check(house: House, year: Year) -> None:
    with house.database.transaction(year.organization_id) as connection:
        connection.execute(
            "update knowledge.data_sources set last_sync = now() - interval '90 days' where name = 'prices'"
        )
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    checks = {
        check.check_name: check
        for check in run(house, partition_key=yesterday.isoformat()).get_asset_check_evaluations()
    }
    assert not checks["sources_are_fresh"].passed
    assert checks["sources_are_fresh"].description == "past their freshness: a-year/prices"


def test_the_clock_asks_for_yesterday(house: House) -> None:
    context = dg.build_schedule_context(
        instance=house.instance, scheduled_execution_time=datetime(2026, 11, 22, 1, 50, tzinfo=UTC)
    )
    asked = daily_metrics_schedule(context)
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == "2026-11-21"


def test_no_questions_are_no_trouble(house: House, organization_id: UUID) -> None:
    result = run(house, partition_key="2026-01-01")
    assert all(check.passed for check in result.get_asset_check_evaluations())
    assert numbers(result)["2026-01-01"]["questions"] == 0
    assert "answered_rate" not in numbers(result)["2026-01-01"]
    assert daily_metrics.refresh(house.database, organization_id, as_of=datetime.now(UTC)) == []
