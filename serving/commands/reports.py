"""`millrace report`: how well it answers, what changed, where to look. `millrace analyst …`: logins for SQL tools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from psycopg.conninfo import conninfo_to_dict

from resources.analytics import exports, overviews, views
from resources.analytics.defining import METRICS
from resources.analytics.records import Change, Filter, Lead, Measure, Overview
from resources.foundation.counting import counted
from resources.foundation.database import Server
from resources.foundation.errors import Refused
from resources.foundation.settings import Settings
from resources.identity import analyst_logins
from serving.commands.reporting import AsJson, console, note, print_json, print_table
from serving.commands.workplace import workplace

_QUESTIONS = 5
_HIDDEN = ("seconds_median", "thumb_rate")
Name = Annotated[str, typer.Argument(help="What you call it, such as metabase.")]


def report(
    week: Annotated[
        str | None, typer.Option(help="The week, from Monday, that has this day; for example 2026-11-16.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="The last so many whole days; 1 is today.")] = 7,
    chatbot: Annotated[str | None, typer.Option(help="Of this chatbot alone.")] = None,
    agent: Annotated[str | None, typer.Option(help="Of this agent alone.")] = None,
    configuration: Annotated[
        int | None, typer.Option(min=1, max=2**31 - 1, help="Of configurations of this number.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Answered by this model.")] = None,
    source: Annotated[str | None, typer.Option(help="Questions that lie nearest to this source.")] = None,
    tag: Annotated[str | None, typer.Option(help="… to sources with this tag.")] = None,
    language: Annotated[str | None, typer.Option(help="… to documents in this language, such as de.")] = None,
    view: Annotated[str | None, typer.Option(help="The rows of this view instead, such as daily_usage.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write them to this file, .csv or .parquet.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how well it answers, against the days before: what changed beyond chance, and where that comes from.

    \b
    Examples:
        millrace report
        millrace report --week 2026-11-16 --chatbot handbook
        millrace report --days 90 --view queries_without_result --out gaps.csv
    """
    since, until = _span(week, days)
    wanted = Filter(since, until, chatbot, agent, configuration, model, source, tag, language)
    if out is not None and view is None:
        raise Refused("say which view is to be written: --view NAME")
    if view is not None:
        _show_view(view, wanted, out, as_json=as_json)
        return
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        overview = overviews.get(connection, place.organization_id, wanted)
        questions = views.select_rows(
            connection, place.organization_id, "queries_without_result", wanted, at_most=_QUESTIONS
        )
    if as_json:
        print_json(overview)
        return
    _print(overview)
    if week is None and days > 1:
        note("Today is not in it, since it is not over: --days 1 shows it.")
    if questions.rows:
        shown = [
            questions.columns.index(name)
            for name in ("asked_at", "chatbot", "question", "outcome", "best_score", "source")
        ]
        print_table(
            "Latest questions without a good result",
            ["Asked", "Chatbot", "Question", "Outcome", "Best score ", "Nearest source"],
            [[row[at] for at in shown] for row in questions.rows],
        )


def _span(week: str | None, days: int) -> tuple[date, date]:
    if week is None:
        today = datetime.now(UTC).date()
        return (today, today + timedelta(days=1)) if days == 1 else (today - timedelta(days=days), today)
    try:
        named = date.fromisoformat(week)
        monday = named - timedelta(days=named.weekday())
        return monday, monday + timedelta(days=7)
    except (ValueError, OverflowError):
        raise Refused(f"--week {week} is no day: write it as 2026-11-16") from None


def _show_view(view: str, wanted: Filter, out: Path | None, *, as_json: bool) -> None:
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        if out is not None:
            with views.read(connection, place.organization_id, view, wanted) as (columns, rows):
                note(f"{counted(_write(out, columns, rows), 'row is', 'rows are')} in {out}")
            return
        table = views.select_rows(connection, place.organization_id, view, wanted)
    if as_json:
        print_json([dict(zip(table.columns, row, strict=True)) for row in table.rows])
    else:
        print_table(view, list(table.columns), table.rows)
    if table.is_cut:
        note(f"there are more than {views.MOST_ROWS:,} rows: --out FILE writes all, or ask for fewer days, or with SQL")


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write rows to a file of the kind that its name says; how many there were."""
    if file.suffix not in (".csv", ".parquet"):
        raise Refused(f"{file.name} ends in neither .csv nor .parquet: those two can be written")
    try:
        if file.suffix == ".parquet":
            return exports.write_parquet(columns, rows, file)
        with file.open("w", encoding="utf-8", newline="") as text:
            return exports.write_csv(columns, rows, text)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror or error}") from None


def _print(overview: Overview) -> None:
    filter = overview.filter
    before = filter.before
    print_table(
        f"{_days(filter)}, against {_days(before)}",
        ["", "Now ", "95 % ", "n ", "Before ", "Change ", "Worth a look"],
        [
            (METRICS[change.key].title, _shown(change.now), _interval(change.now), change.now.n, _shown(change.before),
             _signed(change), _verdict(change))
            for change in overview.changes if change.key not in _HIDDEN
        ],
    )  # fmt: skip
    for change in overview.changes:
        if change.is_notable:
            console.print(f"{METRICS[change.key].title}: {METRICS[change.key].look}", markup=False)
            for lead in change.leads:
                console.print(f"  {_told(lead, change.key)}", markup=False)
    for source in overview.sources:
        if source.is_stale:
            when = f"{source.last_sync:%Y-%m-%d %H:%M}" if source.last_sync else "never"
            console.print(f"Source {source.source} is out of date: last in step {when}.", markup=False)


def _days(filter: Filter) -> str:
    return f"{filter.since} to {filter.last}" if filter.days > 1 else str(filter.since)


def _told(lead: Lead, key: str) -> str:
    part = lead.part if lead.part is not None else "none"
    then, now = _number(lead.before, key), _number(lead.after, key)
    return f"{lead.dimension} {part}: {then} → {now}; {lead.share:.0%} of the change, {lead.weight:.0%} of the cases"


def _shown(measure: Measure) -> str:
    return _number(measure.value, measure.key)


def _interval(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return "–"
    return f"{_number(measure.low, measure.key)} to {_number(measure.high, measure.key)}"


def _signed(change: Change) -> str:
    if change.difference is None:
        return "–"
    return ("+" if change.difference >= 0 else "−") + _number(abs(change.difference), change.key)


def _verdict(change: Change) -> str:
    if not change.is_notable:
        return ""
    return {True: "better", False: "worse", None: "changed"}[change.is_better]


def _number(value: float | None, key: str) -> str:
    if value is None:
        return "–"
    unit = METRICS[key].unit
    if unit == "share":
        return f"{value:.1%}"
    if unit in ("count", "tokens"):
        return f"{value:,.0f}"
    return f"{value:,.5f}" if key == "cost_per_answer" else f"{value:,.2f}"


def create_login(name: Name) -> None:
    """Make a login for Metabase, Superset, Grafana or psql: it reads analytics, of this organization alone."""
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            login = analyst_logins.create(connection, place.organization_id, name=name)
            place.record(connection, "create", "analyst_login", login.id, "name")
        password = analyst_logins.admit(place.server, place.organization_id, login)
        host = _host(place.server, place.settings)
    console.print(f"Host      {host}", markup=False, soft_wrap=True)
    console.print(f"User      {login.user}", markup=False, soft_wrap=True)
    console.print(f"Password  {password}", markup=False, soft_wrap=True)
    note("The password is not shown again. Try: select * from daily_answers; every view and column has a comment.")


def _host(server: Server, settings: Settings) -> str:
    known = conninfo_to_dict(server.admin_conninfo())
    database = known.get("dbname") or known.get("user") or ""
    if not settings.is_embedded:
        return f"{known.get('host', 'localhost')}:{known.get('port', 5432)}, database {database}"
    if settings.postgres_port is None:
        where = f"socket {known.get('host')}, port {known.get('port')}, database {database}"
        return f"{where}; for TCP set MILLRACE_POSTGRES_PORT"
    return f"127.0.0.1:{settings.postgres_port}, database {database}"


def list_logins(as_json: AsJson = False) -> None:
    """List the logins for tools."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        logins = analyst_logins.select_all(connection, place.organization_id)
    if as_json:
        print_json([{"name": login.name, "user": login.user, "created_at": login.created_at} for login in logins])
        return
    print_table("Logins", ["Name", "User", "Made"], [(login.name, login.user, login.created_at) for login in logins])


def remove_login(name: Name) -> None:
    """Remove a login: it sees nothing from now on, and cannot come back."""
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            login = analyst_logins.get(connection, place.organization_id, name)
            analyst_logins.remove(connection, place.organization_id, login.id)
            place.record(connection, "remove", "analyst_login", login.id)
        analyst_logins.dismiss(place.server, login)
