"""Whatever is summed, and whatever changes afterwards, the numbers are those of the rows; nothing is summed in vain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from benchmarks import traffic
from benchmarks.traffic import Year
from resources.analytics import daily_metrics, overviews, views
from resources.analytics.measuring import t_quantile
from resources.analytics.records import Filter
from resources.conversations import sessions
from resources.foundation.database import Database, Server, open_database
from resources.foundation.statements import Connection
from tests.conftest import _copy_template, _drop

UNTIL = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SPAN = Filter(UNTIL - timedelta(days=8), UNTIL)
DAYS = [UNTIL - timedelta(days=ago) for ago in range(1, 9)]
RAW = b"""
select count(*), count(*) filter (where a.outcome = 'no_answer'), avg(a.seconds),
       percentile_cont(0.5) within group (order by a.seconds), percentile_cont(0.95) within group (order by a.seconds),
       stddev_samp(a.seconds), sum(a.cost), count(a.source), count(*) filter (where a.language = 'de'),
       (select count(*) from conversations.message_feedback f
        join conversations.interactions i on i.answer_id = f.message_id
        where i.question_at >= '2026-11-14Z' and i.question_at < '2026-11-22Z'),
       count(a.agent), (select count(*) from conversations.usage u
        where u.created_at >= '2026-11-14Z' and u.created_at < '2026-11-22Z'),
       (select count(*) from conversations.retrieval_logs l
        where l.created_at >= '2026-11-14Z' and l.created_at < '2026-11-22Z'),
       (select count(distinct (c.message_id, c.document_id)) from conversations.citations c
        where c.document_id in (select id from knowledge.documents)),
       (select count(distinct (c.message_id, d.data_source_id)) from conversations.citations c
        join knowledge.documents d on d.id = c.document_id),
       (select count(distinct (f.id, c.document_id)) from conversations.citations c
        join conversations.message_feedback f on f.message_id = c.message_id and f.feedback = 'negative'
        join knowledge.documents d on d.id = c.document_id)
from analytics.answers a where a.asked_at >= '2026-11-14Z' and a.asked_at < '2026-11-22Z'
"""


@pytest.fixture(scope="module")
def planted(template_server: Server) -> Iterator[tuple[Server, Year]]:
    """A year of few questions, of which the last eight days are asked about."""
    _copy_template(template_server, "daily_metrics")
    server = template_server.with_database("daily_metrics")
    with psycopg.connect(server.admin_conninfo()) as admin:
        year = traffic.plant(admin, "a-year", questions=6000, until=UNTIL)
    yield server, year
    _drop(template_server, "daily_metrics")


@pytest.fixture
def own(planted: tuple[Server, Year]) -> UUID:
    """The organization."""
    return planted[1].organization_id


@pytest.fixture
def pipeline(planted: tuple[Server, Year], own: UUID) -> Iterator[Database]:
    """The pipeline's way to it, with the eight days summed."""
    with open_database(planted[0], "millrace_pipeline", most=2) as database:
        daily_metrics.refresh(database, own, as_of=NOW, days=DAYS)
        yield database


def test_summed_days_say_what_the_rows_say_and_are_summed_once(pipeline: Database, own: UUID) -> None:
    assert _unsummed(pipeline, own) == []
    assert daily_metrics.refresh(pipeline, own, as_of=NOW, days=DAYS) == []
    assert_told_as_the_rows_say(pipeline, own)


# What may change in a day that is over. Each statement changes rows of the eight days.
CHANGES = {
    "a late thumb": """
        insert into conversations.message_feedback (organization_id, message_id, feedback)
        select p.organization_id, p.answer_id, 'negative' from picked p
        where not exists (select from conversations.message_feedback f where f.message_id = p.answer_id)
        order by p.question_at limit 3""",
    "a thumb taken back": """
        delete from conversations.message_feedback f using picked p where f.message_id = p.answer_id""",
    "a search forgotten": """
        delete from conversations.retrieval_logs l using picked p
        where l.message_id = p.answer_id and p.question_at < '2026-11-16Z'""",
    "a citation that goes with its message": """
        , gone as (delete from conversations.message_feedback f using picked p where f.message_id = p.answer_id)
        delete from conversations.citations c using picked p where c.message_id = p.answer_id""",
    "an agent that goes": """
        delete from bots.agents where id = (select agent_id from picked limit 1)""",
    "a document in another language": """
        update knowledge.documents d set language = case when language = 'de' then 'en' else 'de' end
        from conversations.retrieval_logs l join picked p on p.answer_id = l.message_id
        where l.best_document_id = d.id""",
    "a document purged": """
        delete from knowledge.documents d using conversations.retrieval_logs l
        join picked p on p.answer_id = l.message_id
        where l.best_document_id = d.id and p.question_at < '2026-11-17Z'""",
    "a price corrected": """
        update conversations.usage u set cost = cost * 2 from picked p where u.message_id = p.answer_id""",
    "an answer judged anew": """
        update conversations.interactions i set results = '{"outcome": "no_answer"}' from picked p where p.id = i.id
          and p.question_at < '2026-11-15Z'""",
    "a question that comes late": """
        insert into conversations.interactions
            (organization_id, session_id, question_id, answer_id, question_digest, results, question_at, answer_at)
        select p.organization_id, p.session_id, p.question_id, p.question_id, p.question_digest, p.results,
            p.question_at, p.answer_at from picked p order by p.question_at limit 2""",
}  # fmt: skip
PICKED = """
with picked as (
    select * from conversations.interactions
    where organization_id = %(own)s and question_at >= '2026-11-14Z' and question_at < '2026-11-20Z')
"""


@pytest.mark.parametrize("what", list(CHANGES))
def test_what_changes_in_a_day_that_is_over_is_told_at_once_and_summed_anew(
    pipeline: Database, own: UUID, what: str
) -> None:
    before = _told(pipeline, own)
    with pipeline.transaction(own) as connection:
        assert connection.execute((PICKED + CHANGES[what]).encode(), {"own": own}).rowcount > 0
    assert _unsummed(pipeline, own) != []
    assert _told(pipeline, own) != before
    assert_told_as_the_rows_say(pipeline, own)
    assert daily_metrics.refresh(pipeline, own, as_of=NOW, days=DAYS) != []
    assert _unsummed(pipeline, own) == []
    assert_told_as_the_rows_say(pipeline, own)


def test_erased_conversations_leave_the_numbers_at_once_and_the_sums_when_they_are_made_anew(
    pipeline: Database, own: UUID
) -> None:
    with pipeline.transaction(own) as connection:
        rows = connection.execute(
            "select session_id from conversations.interactions "
            "where question_at >= '2026-11-18Z' and question_at < '2026-11-19Z'"
        ).fetchall()
        sessions.remove(connection, own, [row[0] for row in rows])
    assert_told_as_the_rows_say(pipeline, own)
    assert daily_metrics.refresh(pipeline, own, as_of=NOW, days=DAYS) == [date(2026, 11, 18)]
    with pipeline.transaction(own) as connection:
        left = connection.execute("select count(*) from conversations.daily_answers where day = '2026-11-18'")
        assert left.fetchone() == (0,)
    assert_told_as_the_rows_say(pipeline, own)


def test_a_thumb_that_is_given_while_its_day_is_summed_is_not_lost(pipeline: Database, own: UUID) -> None:
    late = PICKED + CHANGES["a late thumb"]
    with pipeline.transaction(own) as giver:
        giver.execute(late.encode(), {"own": own})
        with pipeline.transaction(own) as summer:
            daily_metrics.sum_day(summer, own, date(2026, 11, 14))
    assert date(2026, 11, 14) in _unsummed(pipeline, own)
    assert_told_as_the_rows_say(pipeline, own)


def test_the_day_that_goes_on_is_read_from_its_rows_and_notes_nothing(pipeline: Database, own: UUID) -> None:
    with pipeline.transaction(own) as connection:
        connection.execute(
            "insert into conversations.interactions "
            "(organization_id, session_id, question_id, answer_id, question_digest, results, question_at, answer_at) "
            "select organization_id, session_id, answer_id, question_id, question_digest, results, "
            "clock_timestamp(), clock_timestamp() from conversations.interactions "
            "where question_at < '2026-01-01' limit 1"
        )
        noted = connection.execute("select count(*) from conversations.changed_days where day > '2026-11-22'")
        assert noted.fetchone() == (0,)
        today = datetime.now(UTC).date()
        told = overviews.series(connection, own, Filter(today, today + timedelta(days=1)), each="day")
    assert [group.measures[0].value for group in told] == [1]


def test_a_day_is_left_alone_until_what_began_in_it_has_ended(pipeline: Database, own: UUID) -> None:
    with pipeline.transaction(own) as connection:
        connection.execute("delete from conversations.summed_days where day = '2026-11-21'")
        at_once = daily_metrics.select_unsummed(connection, own, as_of=datetime(2026, 11, 22, 0, 59, tzinfo=UTC))
        later = daily_metrics.select_unsummed(connection, own, as_of=datetime(2026, 11, 22, 1, 1, tzinfo=UTC))
    assert (UNTIL - timedelta(days=1) in at_once, UNTIL - timedelta(days=1) in later) == (False, True)


def assert_told_as_the_rows_say(database: Database, own: UUID) -> None:
    """Counts exactly, sums within rounding, quantiles within what four bytes hold."""
    with database.transaction(own) as connection:
        row = connection.execute(RAW).fetchone()
    assert row is not None
    expected = [None if value is None else float(value) for value in row]
    assert _told(database, own) == pytest.approx(expected, rel=1e-6)


def _told(database: Database, own: UUID) -> list[float | None]:
    with database.transaction(own) as connection:
        changes = {change.key: change.now for change in overviews.get(connection, own, SPAN).changes}
        parts = {
            by: overviews.breakdown(connection, own, SPAN, by=by) for by in ("source", "language", "agent")
        }  # fmt: skip
        counts = {by: {group.part: group.measures[0].n for group in groups} for by, groups in parts.items()}
        seconds = changes["seconds"]
        assert seconds.value is not None
        assert seconds.low is not None
        half = seconds.value - seconds.low
        return [
            changes["questions"].value, (changes["no_answer_rate"].value or 0) * changes["no_answer_rate"].n,
            seconds.value, changes["seconds_median"].value, changes["seconds_95"].value,
            _deviation(half, seconds.n), changes["cost"].value,
            sum(n for part, n in counts["source"].items() if part is not None), counts["language"].get("de", 0),
            changes["liked_rate"].n, sum(n for part, n in counts["agent"].items() if part is not None),
            _sum(connection, own, "daily_usage", "requests"), _sum(connection, own, "retrieval_scores", "retrievals"),
            _sum(connection, own, "cited_documents", "answers"), _sum(connection, own, "source_cost", "answers"),
            _sum(connection, own, "cited_documents", "disliked"),
        ]  # fmt: skip


def _deviation(half: float, n: int) -> float:
    return float(half / t_quantile(n - 1) * n**0.5)


def _sum(connection: Connection, own: UUID, view: str, column: str) -> float:
    table = views.select_rows(connection, own, view, SPAN)
    return float(sum(row[table.columns.index(column)] for row in table.rows))  # type: ignore[misc]


def _unsummed(database: Database, own: UUID) -> list[date]:
    with database.transaction(own) as connection:
        return [day for day in daily_metrics.select_unsummed(connection, own, as_of=NOW) if day in DAYS]
