"""The numbers equal those of independent SQL on the raw tables; planted faults are found; nobody else sees them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import traffic
from benchmarks.traffic import Year
from resources.analytics import choices, daily_metrics, feedback_reasons, overviews, views, worst_questions
from resources.analytics.records import Change, Filter, Overview
from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from tests.conftest import _copy_template, _drop, make_organization

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="module")
def year_server(template_server: Server) -> Iterator[Server]:
    """A database of its own, which the tests of this file only read."""
    _copy_template(template_server, "a_year")
    yield template_server.with_database("a_year")
    _drop(template_server, "a_year")


@pytest.fixture(scope="module")
def year(year_server: Server) -> Year:
    """Twenty questions a day for a year, with its faults; most of its days are summed, and the others are not."""
    with psycopg.connect(year_server.admin_conninfo()) as admin:
        year = traffic.plant(admin, "a-year", questions=8000, until=UNTIL)
    summed = [year.since + timedelta(days=number) for number in range(traffic.DAYS) if number % 9]
    with open_database(year_server, "millrace_pipeline", most=1) as database:
        daily_metrics.refresh(database, year.organization_id, as_of=datetime(2026, 11, 23, tzinfo=UTC), days=summed)
    return year


@pytest.fixture(scope="module")
def reader(year_server: Server, year: Year) -> Iterator[Database]:
    """The API's own way to it."""
    with open_database(year_server, "millrace_api", most=1) as database:
        yield database


FILTERS = st.builds(
    lambda first, days, **named: Filter(UNTIL - timedelta(days=first), UNTIL - timedelta(days=first - days), **named),
    first=st.integers(1, 380),
    days=st.integers(1, 200),
    chatbot=st.sampled_from([None, None, "handbook", "support"]),
    agent=st.sampled_from([None, None, "answers", "desk"]),
    configuration=st.sampled_from([None, None, 1, 2]),
    source=st.sampled_from([None, None, "prices", "safety"]),
    language=st.sampled_from([None, None, "de", "en"]),
)

# Written without the views: from the tables, one question at a time.
RAW = """
select count(*) as questions,
    count(*) filter (where results ->> 'outcome' not in ('turned_away', 'cancelled')) as due,
    count(*) filter (where results ->> 'outcome' = 'answered') as answered,
    count(*) filter (where results ->> 'outcome' = 'no_answer') as no_answer,
    (select avg(extract(epoch from answer_at - question_at)) from picked) as seconds,
    (select sum(cost) from conversations.usage where message_id in (select answer_id from picked)) as cost,
    (select avg(prompt_tokens) from conversations.usage where message_id in (select answer_id from picked)) as tokens,
    (select count(*) from conversations.message_feedback where message_id in (select answer_id from picked)) as given,
    (select count(*) from conversations.message_feedback
     where message_id in (select answer_id from picked) and feedback = 'positive') as positive
from picked
"""
PICKED = """
with picked as (
    select * from conversations.interactions i
    where organization_id = %(organization_id)s
      and question_at >= %(since)s::date::timestamp at time zone 'UTC'
      and question_at < %(until)s::date::timestamp at time zone 'UTC'
      and (%(chatbot)s::text is null or exists (
        select from conversations.sessions s join bots.chatbots c on c.id = s.chatbot_id
        where s.id = i.session_id and c.name = %(chatbot)s::text))
      and (%(agent)s::text is null or (select name from bots.agents where id = i.agent_id) = %(agent)s::text)
      and (%(configuration)s::int is null or exists (
        select from conversations.retrieval_logs l join bots.model_config_versions m on m.id = l.model_config_version_id
        where l.message_id = i.answer_id and m.number = %(configuration)s::int))
      and ((%(source)s::text is null and %(language)s::text is null) or exists (
        select from conversations.retrieval_logs l
        join knowledge.documents d on d.id = l.retrieved_document_ids[1]
        join knowledge.data_sources o on o.id = d.data_source_id
        where l.message_id = i.answer_id and o.name = coalesce(%(source)s::text, o.name)
          and d.language = coalesce(%(language)s::text, d.language))))
"""


@settings(max_examples=20)
@given(wanted=FILTERS)
def test_the_numbers_equal_those_of_the_raw_tables(
    year_server: Server, year: Year, reader: Database, wanted: Filter
) -> None:
    with reader.transaction(year.organization_id) as connection:
        told = {change.key: change.now for change in overviews.get(connection, year.organization_id, wanted).changes}
    with psycopg.connect(year_server.admin_conninfo()) as admin:
        admin.execute("set timezone = 'Asia/Tokyo'")  # whatever the session's zone, days are those of UTC
        row = admin.execute(
            (PICKED + RAW).encode(), {**wanted.parameters(), "organization_id": year.organization_id}
        ).fetchone()
    assert row is not None
    questions, due, answered, no_answer, seconds, cost, tokens, given_, positive = row
    assert told["questions"].value == questions
    assert told["answered_rate"].n == due
    assert told["answered_rate"].value == _share(answered, due)
    assert told["no_answer_rate"].value == _share(no_answer, due)
    assert told["seconds"].value == _near(seconds)
    assert told["cost"].value == _near(cost)
    assert told["prompt_tokens"].value == _near(tokens)
    assert told["liked_rate"].n == given_
    assert told["liked_rate"].value == _share(positive, given_)


DISLIKED = """
select c.name, q.content, count(*), max(p.question_at)
from picked p
join conversations.sessions s on s.id = p.session_id
join bots.chatbots c on c.id = s.chatbot_id
join conversations.messages q on q.id = p.question_id
where exists (
    select from conversations.message_feedback f where f.message_id = p.answer_id and f.feedback = 'negative')
group by 1, 2
"""
REASONS = """
select lower(f.reason), count(*) from conversations.message_feedback f
where f.message_id in (select answer_id from picked) and f.feedback = 'negative'
group by 1
"""


@settings(max_examples=10)
@given(wanted=FILTERS)
def test_disliked_questions_and_reasons_equal_those_of_the_raw_tables(
    year_server: Server, year: Year, reader: Database, wanted: Filter
) -> None:
    with reader.transaction(year.organization_id) as connection:
        told = worst_questions.select_page(connection, year.organization_id, wanted, at_most=100_000)
        reasons = feedback_reasons.select_all(connection, year.organization_id, wanted)
    values = {**wanted.parameters(), "organization_id": year.organization_id}
    with psycopg.connect(year_server.admin_conninfo()) as admin:
        disliked = admin.execute((PICKED + DISLIKED).encode(), values).fetchall()
        said = admin.execute((PICKED + REASONS).encode(), values).fetchall()
    assert {(one.chatbot, one.question, one.disliked, one.last_asked_at) for one in told} == set(disliked)
    assert [one.disliked for one in told] == sorted((one.disliked for one in told), reverse=True)
    assert {(one.reason, one.given) for one in reasons} == set(said)


def _share(part: int, n: int) -> float | None:
    return part / n if n else None


def _near(value: Decimal | None) -> object:
    return None if value is None else pytest.approx(float(value))


def test_days_of_a_series_add_up_to_their_span(year: Year, reader: Database) -> None:
    wanted = Filter(UNTIL - timedelta(days=60), UNTIL)
    with reader.transaction(year.organization_id) as connection:
        by_day = overviews.series(connection, year.organization_id, wanted, each="day")
        by_source = overviews.breakdown(connection, year.organization_id, wanted, by="source")
        whole = _changes(overviews.get(connection, year.organization_id, wanted))["questions"].now.value
    assert sum(group.measures[0].value or 0 for group in by_day) == whole
    assert sum(group.measures[0].value or 0 for group in by_source) == whole
    assert [group.period for group in by_day] == sorted(group.period for group in by_day)


def test_a_bad_configuration_is_named(year: Year, reader: Database) -> None:
    told = _changes(_week(reader, year, year.bad_week[0]))["no_answer_rate"]
    assert (told.is_notable, told.is_better) == (True, False)
    assert (told.leads[0].dimension, told.leads[0].part) == ("configuration", "handbook #2")


def test_a_source_gone_stale_is_named_and_disliked(year: Year, reader: Database) -> None:
    overview = _week(reader, year, UNTIL - timedelta(days=7))
    assert [source.source for source in overview.sources if source.is_stale] == ["prices"]
    with reader.transaction(year.organization_id) as connection:
        disliked = views.select_rows(connection, year.organization_id, "disliked_documents", overview.filter)
        by_source = overviews.breakdown(
            connection, year.organization_id, Filter(year.stale_since, UNTIL), by="source"
        )  # fmt: skip
    liked = {group.part: next(m for m in group.measures if m.key == "liked_rate") for group in by_source}
    others = [measure.value for part, measure in liked.items() if part not in ("prices", None)]
    assert all(value is not None and (liked["prices"].high or 1) < value for value in others)
    assert disliked.rows


def test_a_topic_without_documents_is_found_among_the_questions(year: Year, reader: Database) -> None:
    first = year.topic_since
    span = Filter(first, first + timedelta(days=28))
    with reader.transaction(year.organization_id) as connection:
        told = _changes(overviews.get(connection, year.organization_id, span))["without_result_rate"]
        rows = views.select_rows(connection, year.organization_id, "queries_without_result", span)
    assert (told.is_notable, told.is_better) == (True, False)
    question, found = rows.columns.index("question"), rows.columns.index("found")
    assert {"parental leave" in str(row[question]) for row in rows.rows if row[found] == 0} == {True}


def test_a_prompt_that_raised_cost_is_named(year: Year, reader: Database) -> None:
    told = _changes(_week(reader, year, year.dear_since + timedelta(days=1)))  # it began the day before the week
    for key in ("cost_per_answer", "prompt_tokens"):
        assert told[key].is_notable, key
        assert (told[key].leads[0].dimension, told[key].leads[0].part) == ("configuration", "support #2")


def test_a_quiet_week_raises_no_alarm_about_answers(year: Year, reader: Database) -> None:
    told = _changes(_week(reader, year, year.since + timedelta(days=70)))
    assert [key for key in ("answered_rate", "no_answer_rate", "cost_per_answer") if told[key].is_notable] == []


def test_days_without_questions_are_undefined(year: Year, reader: Database) -> None:
    told = _changes(_week(reader, year, date(2020, 1, 6)))
    assert told["questions"].now.value == 0
    assert told["answered_rate"].now.value is None
    assert not any(change.is_notable for change in told.values())


def test_what_a_filter_names_must_be_there(year: Year, reader: Database) -> None:
    with reader.transaction(year.organization_id) as connection:
        with pytest.raises(Missing, match=r"there is no chatbot 'handbok'.*handbook, support"):
            overviews.get(connection, year.organization_id, Filter(year.since, UNTIL, chatbot="handbok"))
        assert {"handbook", "support"} == {
            choice.name for choice in choices.select_all(connection, year.organization_id) if choice.kind == "chatbot"
        }


def test_another_organization_sees_nothing_of_it(year_server: Server, year: Year, reader: Database) -> None:
    with open_database(year_server, "millrace_pipeline", most=1) as pipeline:
        other = make_organization(pipeline, "other")
    whole = Filter(year.since, UNTIL)
    with reader.transaction(other) as connection:
        overview = overviews.get(connection, other, whole)
        assert (_changes(overview)["questions"].now.value, overview.sources) == (0, [])
        assert overviews.series(connection, other, whole, each="month") == []
        seen = {name: _rows_as(connection, other, year.organization_id, name, whole) for name in views.NAMES}
    assert seen == dict.fromkeys(views.NAMES, 0)
    with reader.transaction(year.organization_id) as connection:
        full = {
            name for name in views.NAMES if views.select_rows(connection, year.organization_id, name, whole).rows
        }  # fmt: skip
    ungathered = {"question_clusters", "clustered_questions"}
    assert full == set(views.NAMES) - {"evaluation_by_version", "failures_backlog", "index_recall"} - ungathered


def _rows_as(connection: Connection, own: UUID, other: UUID, name: str, wanted: Filter) -> int:
    """What a view shows of one's own and, when asked for it, of another organization."""
    rows = (
        views.select_rows(connection, own, name, wanted).rows,
        views.select_rows(connection, other, name, wanted).rows,
    )
    return len(rows[0]) + len(rows[1])


def _week(reader: Database, year: Year, first: date) -> Overview:
    with reader.transaction(year.organization_id) as connection:
        return overviews.get(connection, year.organization_id, year.week_of(first))


def _changes(overview: Overview) -> dict[str, Change]:
    return {change.key: change for change in overview.changes}
