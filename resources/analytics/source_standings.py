"""How sources stand: what they hold, how they grow, what fails, what they cost, and which documents answers need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from resources.analytics.records import Each, Filter
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)

MOST = 1_000


@dataclass(frozen=True)
class Standing:
    """A source: at present its documents, passages and failures; of the days of a filter its syncs."""

    source: str
    source_id: UUID
    documents: int
    ready: int
    pending: int
    failed: int
    cited: int
    chunks: int
    syncs: int
    failed_syncs: int
    changed: int
    deleted: int
    parked: int
    retrying: int


@dataclass(frozen=True)
class Cost:
    """What a source cost in all and in the days of a filter, and what answers took of it in all.

    None: nothing of it had a price, or nothing cites it.
    """

    source: str
    source_id: UUID
    answers: int
    citations: int
    cost_in_all: Decimal | None
    cost_per_citation: Decimal | None
    tokens: int
    cost: Decimal | None


@dataclass(frozen=True)
class Growth:
    """Documents that a source gained and lost in a period; `period` None: before the days of the filter."""

    period: date | None
    source: str
    gained: int
    lost: int


@dataclass(frozen=True)
class Syncs:
    """How the syncs of a period ended, and what they did."""

    period: date
    completed: int
    failed: int
    changed: int
    failed_items: int


@dataclass(frozen=True)
class Failing:
    """Items that fail in one way."""

    source: str
    stage: str
    outcome: str
    state: str
    items: int
    oldest: datetime
    most_attempts: int


@dataclass(frozen=True)
class Uncited:
    """A served document that nobody needed in so many days; `of_source`: how many such its source has."""

    document_id: UUID
    source: str
    path: str
    title: str
    language: str | None
    days: int
    of_source: int


@dataclass(frozen=True)
class Disliked:
    """A document, and the thumbs that answers got which cite it."""

    document_id: UUID
    source: str
    path: str
    title: str
    language: str | None
    answers: int
    liked: int
    disliked: int


def select_all(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Standing]:
    """The sources, by name."""
    return many(connection, Standing, SQL["select_all"], organization_id=organization_id, **wanted.parameters())


def select_costs(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Cost]:
    """What the sources cost and give, the dearest first."""
    return many(connection, Cost, SQL["select_costs"], organization_id=organization_id, **wanted.parameters())


def select_ids(connection: Connection, organization_id: UUID) -> dict[str, UUID]:
    """The sources by name."""
    return dict(connection.execute(SQL["select_ids"], {"organization_id": organization_id}).fetchall())


def select_growth(connection: Connection, organization_id: UUID, wanted: Filter, *, each: Each) -> list[Growth]:
    """How many documents sources gained and lost, first before the days of the filter."""
    return many(
        connection, Growth, SQL["select_growth"], organization_id=organization_id, each=each, **wanted.parameters()
    )


def select_syncs(connection: Connection, organization_id: UUID, wanted: Filter, *, each: Each) -> list[Syncs]:
    """How syncs ended, by period."""
    return many(
        connection, Syncs, SQL["select_syncs"], organization_id=organization_id, each=each, **wanted.parameters()
    )


def select_failures(
    connection: Connection, organization_id: UUID, wanted: Filter, *, at_most: int = MOST
) -> list[Failing]:  # fmt: skip
    """What fails and waits at present, the most first."""
    return many(
        connection, Failing, SQL["select_failures"], organization_id=organization_id, at_most=at_most,
        **wanted.parameters(),
    )  # fmt: skip


def select_never_cited(
    connection: Connection, organization_id: UUID, wanted: Filter, *, at_most: int = MOST
) -> list[Uncited]:  # fmt: skip
    """Served documents that no answer ever cited, those first that could have been for longest."""
    return many(
        connection, Uncited, SQL["select_never_cited"], organization_id=organization_id, at_most=at_most,
        **wanted.parameters(),
    )  # fmt: skip


def select_disliked(
    connection: Connection, organization_id: UUID, wanted: Filter, *, at_most: int = MOST
) -> list[Disliked]:  # fmt: skip
    """Documents whose answers were ever disliked, the most first."""
    return many(
        connection, Disliked, SQL["select_disliked"], organization_id=organization_id, at_most=at_most,
        **wanted.parameters(),
    )  # fmt: skip
