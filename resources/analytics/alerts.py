"""Alerts: a chatbot answers worse than the week before, beyond chance; people are told once, until that is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from resources.analytics import choices, overviews
from resources.analytics.addressing import page_address
from resources.analytics.defining import METRICS
from resources.analytics.records import Change, Filter, Measure
from resources.foundation.statements import Connection
from resources.identity import notifications
from resources.identity.records import Notification

WATCHED = ("answered_rate", "no_answer_rate", "failed_rate", "liked_rate", "cost_per_answer")
WEEK = timedelta(days=7)
LEAST_CASES = 30
"""Of fewer cases in either week nobody is told: what so few say changes from week to week."""


@dataclass(frozen=True)
class Judged:
    """A chatbot's week before a day against the week before that: everything watched, and what became worse."""

    chatbot: str
    until: date
    watched: Sequence[Change]

    @property
    def worse(self) -> Sequence[Change]:
        """What became worse beyond its interval, over cases enough."""
        return [
            change for change in self.watched
            if change.is_notable and change.is_better is False and min(change.now.n, change.before.n) >= LEAST_CASES
        ]  # fmt: skip


def judge(connection: Connection, organization_id: UUID, *, until: date) -> list[Judged]:
    """Every chatbot's seven days before `until` against the seven before those."""
    found = []
    for choice in choices.select_all(connection, organization_id):
        if choice.kind == "chatbot":
            week = Filter(until - WEEK, until, chatbot=choice.name)
            changes = overviews.get(connection, organization_id, week).changes
            found.append(Judged(choice.name, until, [change for change in changes if change.key in WATCHED]))
    return found


def announce(connection: Connection, organization_id: UUID, judged: Judged) -> bool:
    """Tell people of what became worse, once for each chatbot until nothing is; whether that was news."""
    dedup_key = f"answers_worse/{judged.chatbot}"
    if not judged.worse:
        notifications.close_event(connection, organization_id, dedup_key=dedup_key)
        return False
    week = Filter(judged.until - WEEK, judged.until, chatbot=judged.chatbot)
    return notifications.raise_event(
        connection, organization_id, event="check_failed",
        subject=f"Chatbot {judged.chatbot} answers worse than the week before: {say(judged.worse[0])}",
        body={
            "chatbot": judged.chatbot, "since": week.since.isoformat(), "until": week.until.isoformat(),
            "what": [say(change) for change in judged.worse], "look_at": address(week),
        },
        dedup_key=dedup_key,
    )  # fmt: skip


def select_open(connection: Connection, organization_id: UUID) -> list[Notification]:
    """What people were told of and is not over, the newest first."""
    return notifications.select_open(connection, organization_id, event="check_failed")


def address(wanted: Filter) -> str:
    """The page that shows it."""
    return page_address("overview", wanted)


def say(change: Change) -> str:
    """A change in a sentence, with its intervals and the part that it comes from."""
    title = METRICS[change.key].title.lower()
    words = f"{title} {_said(change.now)}, {_said(change.before)} before"
    if change.leads and change.leads[0].part is not None:
        words += f"; it comes from {change.leads[0].dimension} {change.leads[0].part}"
    return words


def _said(measure: Measure) -> str:
    if measure.value is None:
        return "–"
    if METRICS[measure.key].unit == "share":
        return f"{measure.value:.1%} ({measure.low or 0:.1%}–{measure.high or 0:.1%}, n = {measure.n:,})"
    return f"{measure.value:.4g} ({measure.low or 0:.4g}–{measure.high or 0:.4g}, n = {measure.n:,})"
