"""Forecasts: what a sync would do, take and cost, found out without writing anything.

The source is listed whole. Of what is new or changed, and of what waits for chunks or vectors, at most some hundred
documents are looked into (previews.py); what the others bring is estimated from these (planning.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.secrets import Keyring
from resources.foundation.statements import Connection
from resources.foundation.threads import as_they_end
from resources.identity import budgets, model_prices
from resources.identity.records import Budget
from resources.knowledge.connectors import credentials
from resources.knowledge.connectors.protocol import Connector, Means, connector_for
from resources.knowledge.documents import document_versions, sync_failures, tombstones
from resources.knowledge.intake import arrivals, comparing, deletions, planning
from resources.knowledge.intake.planning import Draw, Estimate
from resources.knowledge.intake.preparations import Parsers
from resources.knowledge.intake.previews import Counts, Previews, Wanted, embedded_by, tokens_of
from resources.knowledge.readers.unpacking import BETWEEN
from resources.knowledge.records import DataSource, Item, KnownItem, WaitingVersion
from resources.knowledge.sources import data_sources, training_jobs

AT_MOST = 200
_OF_DOCUMENTS = ("new", "changed", "unchanged", "moved", "failed", "gone")
_AFTER_FETCHING = ("parsing", "chunking", "embedding")
_PAGE = 500
_THREADS = 4
_MOST_FAILURES = 1_000_000
_MILLION = 1_000_000
_SYNCS = 20

Each = TypeVar("Each")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ModelForecast:
    """What one model would be given. `cost` None: it has no price."""

    model: str
    embedded: Estimate
    tokens: Estimate
    cost: Estimate | None


@dataclass(frozen=True)
class Forecast:
    """What a sync would do: `read` of the `of` documents that it will look into were looked into.

    `changed` are not `new`. `vanished`: the documents that the source lists no more; those `moved` are at another path,
    `deleted` go, `held` wait for somebody's word; where not all was looked into, some of the latter may be moved.
    `cut_short`: why the listing is not whole, so that nothing is deleted. `seconds` None: no former sync tells how fast
    this goes. `budget` None: nothing bounds what is spent.
    """

    source: str
    listed: int
    new: Estimate
    changed: Estimate
    unchanged: Estimate
    moved: Estimate
    failed: Estimate
    vanished: int
    deleted: int
    held: int
    chunks: Estimate
    embedded: Estimate
    reused: Estimate
    models: Sequence[ModelForecast]
    seconds: Estimate | None
    read: int
    of: int
    cut_short: str | None
    budget: Budget | None

    @property
    def tokens(self) -> Estimate:
        """All that models would be given."""
        return sum((model.tokens for model in self.models), Estimate.exactly(0))

    @property
    def cost(self) -> Estimate | None:
        """In the currency of the prices; None where a model that would be asked has no price."""
        if any(model.cost is None and model.tokens.high > 0 for model in self.models):
            return None
        return sum((model.cost for model in self.models if model.cost is not None), Estimate.exactly(0))


def forecast(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    store: ObjectStore,
    parsers: Parsers,
    wanted: Sequence[Wanted],
    keyring: Keyring | None = None,
    at_most: int = AT_MOST,
    progress: Progress | None = None,
) -> Forecast:
    """What a sync of the source would do now. Raises what listing the source raises (intake.bring_documents)."""
    with database.transaction(organization_id) as connection:
        source = data_sources.get(connection, organization_id, source_id)
        secrets = credentials.get(connection, organization_id, source_id, keyring=keyring) if keyring else {}
    tell = progress or (lambda *_: None)
    with closing(connector_for(source, Means(database, organization_id, store, secrets))) as connector:
        listing = _listed(database, organization_id, source, connector, tell)
        previews = Previews(
            database, organization_id, source, connector=connector, store=store, parsers=parsers, wanted=wanted,
            missing=listing.missing,
        )  # fmt: skip
        draw = planning.draw(listing.to_look, at_most, sizes=_sizes(listing.to_look))
        items = _looked(previews.of_item, draw, tell, "reading")
        not_drawn = {item.path for item, _ in listing.to_look} - {item.path for item, _ in (*draw.largest, *draw.drawn)}
        overtaken = previews.overtaken | not_drawn
        pending = [
            each
            for each in _pending(database, organization_id, source_id, wanted)
            if each.file_path not in overtaken and each.document_id not in listing.missing_ids
        ]
        waiting = _looked(previews.of_waiting, planning.draw(pending, at_most), tell, "cutting")
    with database.transaction(organization_id) as connection:
        gone = [id for id in [*listing.missing, *previews.removed] if id not in previews.moved]
        verdict = deletions.foresee(connection, organization_id, source, gone)
        failing = _failing(
            connection, organization_id, source_id, without=overtaken | {each.file_path for each in pending}
        )  # fmt: skip

        def counted(name: str, already: int = 0) -> Estimate:
            return items.total(name) + waiting.total(name) + Estimate.exactly(already)

        chunks, embedded = counted("chunks"), counted("embedded")
        return Forecast(
            source=source.name, listed=listing.listed - round(items.total("gone").value), new=counted("new"),
            changed=counted("changed"), unchanged=counted("unchanged", listing.unchanged), moved=counted("moved"),
            failed=counted("failed", listing.failed + failing),
            vanished=len(listing.missing) + len(previews.removed), deleted=len(verdict.go), held=len(verdict.ask),
            chunks=chunks, embedded=embedded, reused=counted("reused"),
            models=[
                _model(connection, organization_id, name, counted(embedded_by(name)), counted(tokens_of(name)))
                for name in dict.fromkeys(model for _, model in wanted)
            ],
            seconds=_seconds(
                connection, organization_id, source_id, listed=listing.listed,
                chunks=chunks if chunks.value >= embedded.value else embedded,
            ),
            read=items.read + waiting.read, of=items.of + waiting.of, cut_short=listing.cut_short,
            budget=budgets.find_of_month(connection, organization_id),
        )  # fmt: skip


@dataclass
class _Listing:
    """What the listing alone tells. `missing`: known documents that it did not meet, if it was whole."""

    listed: int = 0
    unchanged: int = 0
    failed: int = 0
    to_look: list[tuple[Item, KnownItem | None]] = field(default_factory=list)
    missing: list[UUID] = field(default_factory=list)
    missing_ids: set[UUID] = field(default_factory=set)
    cut_short: str | None = None


def _listed(
    database: Database, organization_id: UUID, source: DataSource, connector: Connector, tell: Progress
) -> _Listing:
    listing, gate = _Listing(), tombstones.Gate(database, organization_id, source.id)
    known_items = arrivals.known_items(database, organization_id, source.id)
    for item, known in comparing.side_by_side(connector.items(), known_items):
        if item is None:
            if known is not None and not known.is_deleted:
                listing.missing.append(known.id)
            continue
        listing.listed += 1
        tell("listing", listing.listed, listing.listed)
        outcome = "unchanged" if gate.keeps_out(item) else comparing.seen(item, known)
        if outcome is None:
            listing.to_look.append((item, known))
        else:
            listing.unchanged += outcome == "unchanged"
            listing.failed += outcome == "failed"
    listing.cut_short = connector.cut_short()
    if listing.cut_short is not None:
        listing.missing = []
    listing.missing_ids = set(listing.missing)
    return listing


def _pending(
    database: Database, organization_id: UUID, source_id: UUID, wanted: Sequence[Wanted]
) -> list[WaitingVersion]:
    """The versions that wait for chunks or vectors, by path."""
    recipes = [(recipe.name, recipe.embedding_model_id) for recipe, _ in wanted]
    found: dict[UUID, WaitingVersion] = {}
    after = ""
    while recipes:
        with database.transaction(organization_id) as connection:
            page = document_versions.select_uncut(
                connection, organization_id, source_id=source_id, recipes=[name for name, _ in recipes], after=after,
                at_most=_PAGE,
            )  # fmt: skip
        found |= {each.id: each for each in page}
        if len(page) < _PAGE:
            break
        after = page[-1].file_path
    after = ""
    while recipes:
        with database.transaction(organization_id) as connection:
            page = document_versions.select_unembedded(
                connection, organization_id, source_id=source_id, recipes=recipes, after=after, at_most=_PAGE
            )
        found |= {each.id: each for each in page if each.id not in found}
        if len(page) < _PAGE:
            break
        after = page[-1].file_path
    return sorted(found.values(), key=lambda each: each.file_path)


@dataclass(frozen=True)
class _Sample:
    """What the documents bring that were looked into: the largest, and those drawn for all others."""

    largest: Sequence[Counts]
    drawn: Sequence[Counts]
    others: int
    sizes: Sequence[int] | None
    size_of_others: int

    @property
    def read(self) -> int:
        """How many were looked into."""
        return len(self.largest) + len(self.drawn)

    @property
    def of(self) -> int:
        """How many there are."""
        return len(self.largest) + self.others

    def total(self, name: str) -> Estimate:
        """How often that comes in all of them, for passages and tokens by the sizes of documents."""
        others = planning.total(
            [each[name] for each in self.drawn], of=self.others, size_of_all=self.size_of_others,
            sizes=self.sizes if name not in _OF_DOCUMENTS else None,
        )  # fmt: skip
        return Estimate.exactly(sum(each[name] for each in self.largest)) + others


def _looked(look: Callable[[Each], Counts], draw: Draw[Each], tell: Progress, stage: str) -> _Sample:
    places = list(enumerate((*draw.largest, *draw.drawn)))
    found: dict[int, Counts] = {}
    for (place, _), counted in as_they_end(lambda each: look(each[1]), places, threads=_THREADS):
        found[place] = counted
        tell(stage, len(found), len(places))
    counts = [found[place] for place, _ in places]
    certain = len(draw.largest)
    return _Sample(counts[:certain], counts[certain:], draw.of, draw.sizes, draw.size_of_others)


def _sizes(listed: Sequence[tuple[Item, KnownItem | None]]) -> list[int] | None:
    sizes = [item.size for item, _ in listed if item.size is not None]
    return sizes if len(sizes) == len(listed) else None


def _failing(connection: Connection, organization_id: UUID, source_id: UUID, *, without: set[str]) -> int:
    """How many documents that a sync will not touch fail at present."""
    failures = sync_failures.select_all(
        connection, organization_id, source_id=source_id, states=["retrying", "parked"], at_most=_MOST_FAILURES
    )
    return sum(
        each.document_id is not None
        and each.file_path not in without
        and (each.stage in _AFTER_FETCHING or BETWEEN in each.file_path)  # a source's own items, its listing tells
        for each in failures
    )


def _model(
    connection: Connection, organization_id: UUID, model: str, embedded: Estimate, tokens: Estimate
) -> ModelForecast:  # fmt: skip
    price = model_prices.find_for(connection, organization_id, model)
    cost = None if price is None else tokens.times(float(price.input) / _MILLION)
    return ModelForecast(model, embedded, tokens, cost)


def _seconds(
    connection: Connection, organization_id: UUID, source_id: UUID, *, listed: int, chunks: Estimate
) -> Estimate | None:
    """By the last syncs of the source, else by those of the organization."""
    for whose in (source_id, None):
        jobs = training_jobs.select_latest(connection, organization_id, source_id=whose, at_most=_SYNCS)
        seconds = planning.seconds(jobs, listed=listed, chunks=chunks)
        if seconds is not None:
            return seconds
    return None
