"""A plan writes nothing, and the sync that follows does what it said."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import psycopg
from psycopg import sql

from resources.foundation.counting import estimated_tokens
from resources.foundation.database import Server
from resources.identity import budgets, model_prices
from resources.identity.records import Price
from resources.knowledge.intake import forecasts
from resources.knowledge.intake.forecasts import Forecast
from resources.knowledge.intake.planning import Estimate
from resources.knowledge.intake.previews import Wanted
from resources.knowledge.records import ChunkingRule, Recipe, SyncCounts
from resources.knowledge.sources import data_sources
from tests.factories.embedders import HashEmbedder
from tests.factories.files import mail, zipped
from tests.factories.workshops import Workshop


def wanted(workshop: Workshop) -> list[Wanted]:
    return [(recipe, embedder.name) for recipe, embedder in workshop.recipes()]


def foresee(workshop: Workshop, at_most: int = 200, asked: Sequence[Wanted] | None = None) -> Forecast:
    return forecasts.forecast(
        workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store, parsers=workshop.parsers,
        wanted=wanted(workshop) if asked is None else asked, at_most=at_most,
    )  # fmt: skip


def as_counts(found: Forecast) -> SyncCounts:
    """What the sync must say, where all was read."""
    for name in ("new", "changed", "unchanged", "moved", "failed", "chunks", "embedded", "reused"):
        one: Estimate = getattr(found, name)
        assert one.low == one.value == one.high, name
    return SyncCounts(
        listed=found.listed, changed=int(found.new.value + found.changed.value), unchanged=int(found.unchanged.value),
        moved=int(found.moved.value), deleted=found.deleted, held=found.held, failed=int(found.failed.value),
        chunks=int(found.chunks.value), embedded=int(found.embedded.value), reused=int(found.reused.value),
    )  # fmt: skip


def paragraphs(count: int, word: str = "sack") -> str:
    return "\n\n".join(f"Paragraph {n} is about {word} number {n}, and nothing else at all." for n in range(count))


def fill(workshop: Workshop) -> None:
    workshop.write("long.txt", paragraphs(120), age_s=900)
    workshop.write("twice/long.txt", paragraphs(120), age_s=900)
    workshop.write("short.md", "# Rye\n\nRye costs three crowns.\n", age_s=900)
    workshop.write("broken.pdf", b"%PDF-1.7 this is no PDF", age_s=900)
    workshop.write("empty.txt", "", age_s=900)
    workshop.write("notes.unknown-kind", b"\x00\x01\x02", age_s=900)
    inner = zipped({"deep.txt": "The wheel is five metres high."})
    workshop.write("a.zip", zipped({"one.txt": "The gate is shut.", "bad.pdf": "no", "in.zip": inner}), age_s=900)
    workshop.write("letter.eml", mail("Flour", "It is sold on Fridays.", attached={"b.txt": b"Bring a sack."}))


def test_the_first_sync_does_what_was_foreseen(workshop: Workshop) -> None:
    workshop.rule = ChunkingRule(size=400)
    embedder = HashEmbedder()
    workshop.embedder = embedder
    fill(workshop)
    found = foresee(workshop)
    assert as_counts(found) == workshop.sync()
    assert found.tokens == Estimate.exactly(sum(map(estimated_tokens, embedder.asked)))
    assert (found.read, found.of, found.cost, found.seconds) == (8, 8, None, None)


def test_a_later_sync_does_what_was_foreseen(workshop: Workshop) -> None:
    workshop.rule = ChunkingRule(size=400)
    fill(workshop)
    workshop.write("goes.txt", "This will go.", age_s=900)
    workshop.write("moves.txt", "This will move.", age_s=900)
    workshop.sync()
    assert as_counts(foresee(workshop)) == workshop.sync()

    workshop.write("long.txt", paragraphs(120).replace("number 60,", "number sixty,"), age_s=600)
    workshop.write("short.md", "# Rye\n\nRye costs three crowns.\n", age_s=600)  # touched only
    workshop.write("a.zip", zipped({"one.txt": "The gate is open.", "two.txt": "It creaks."}), age_s=600)
    workshop.write("new.txt", "Something else.", age_s=600)
    workshop.folder.joinpath("goes.txt").unlink()
    shutil.move(workshop.folder / "moves.txt", workshop.folder / "moved.txt")
    found = foresee(workshop)
    assert (found.vanished, found.moved.value, found.deleted) == (2, 1, 1)
    assert found.reused.value > 1
    did = workshop.sync()
    # members that their container lacks go when it is shown; the plan tells of what the source lists
    assert as_counts(found) == replace(did, deleted=1)


def test_what_a_new_rule_or_model_would_take_is_foreseen_without_a_change_at_the_source(workshop: Workshop) -> None:
    fill(workshop)
    workshop.sync()
    workshop.rule = ChunkingRule(size=200)
    assert as_counts(foresee(workshop)) == workshop.sync()

    unknown = [(Recipe(workshop.rule, uuid4()), "fresh")]
    found = foresee(workshop, asked=unknown)
    workshop.embedder = HashEmbedder(name="fresh")
    did = workshop.sync()
    assert as_counts(found) == did
    assert did.embedded > 50


def test_what_a_killed_sync_left_is_foreseen(workshop: Workshop) -> None:
    fill(workshop)
    workshop.bring()
    assert as_counts(foresee(workshop)).chunks > 0
    workshop.cut()
    found = as_counts(foresee(workshop))
    assert (found.chunks, found.changed) == (0, 0)
    assert found.embedded == workshop.sync().embedded > 0


def test_deletions_that_would_wait_are_told(workshop: Workshop) -> None:
    for n in range(30):
        workshop.write(f"{n}.txt", f"Paragraph {n}.", age_s=900)
    workshop.sync()
    for n in range(25):
        workshop.folder.joinpath(f"{n}.txt").unlink()
    found = foresee(workshop)
    assert (found.listed, found.vanished, found.deleted, found.held) == (5, 25, 0, 25)
    assert as_counts(found) == workshop.sync()


def test_a_sample_is_told_with_intervals_that_hold_what_the_sync_does(workshop: Workshop) -> None:
    workshop.rule = ChunkingRule(size=300)
    workshop.embedder = HashEmbedder(name="small")
    with workshop.database.transaction(workshop.organization_id) as connection:
        model_prices.replace(connection, workshop.organization_id, Price("small", Decimal(20_000), Decimal(0)))
        budgets.replace(connection, workshop.organization_id, amount=Decimal(5_000), currency="CZK", action="block")
    for n in range(300):
        workshop.write(f"{n:03}.txt", paragraphs(1 + n * 7 % 13, word=f"mill{n}"), age_s=900)
    found = foresee(workshop, at_most=60)
    assert (found.listed, found.read, found.of) == (300, 60, 300)
    assert found.new == Estimate(300, 300, 300)
    did = workshop.sync()
    for told, done in ((found.chunks, did.chunks), (found.embedded, did.embedded)):
        assert told.low < told.high < 1.2 * told.low
        assert told.low <= done <= told.high
    spent = workshop.rows(b"select tokens, cost from knowledge.training_jobs")[0]
    assert found.cost is not None
    assert found.tokens.low <= float(str(spent[0])) <= found.tokens.high
    assert found.cost.low <= float(str(spent[1])) <= found.cost.high
    assert found.budget is not None
    assert found.budget.left == 5_000
    assert foresee(workshop).cost == Estimate.exactly(0)


def test_a_plan_writes_nothing(workshop: Workshop, server: Server) -> None:
    def everything() -> dict[str, list[object]]:
        with psycopg.connect(server.admin_conninfo()) as admin:
            tables = admin.execute(
                "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE' "
                "and table_schema in ('identity', 'knowledge', 'bots', 'conversations')"
            ).fetchall()
            return {
                f"{schema}.{name}": list(
                    admin.execute(
                        sql.SQL("select t::text from {} t order by 1").format(sql.Identifier(schema, name))
                    ).fetchall()
                )
                for schema, name in tables
            }  # fmt: skip

    def stored() -> set[str]:
        return {str(path) for path in (workshop.folder.parent / "objects").rglob("*")}

    fill(workshop)
    asked = [(Recipe(workshop.rule, uuid4()), "hash")]
    before, objects = everything(), stored()
    foresee(workshop, asked=asked)
    assert (everything(), stored()) == (before, objects)
    workshop.sync()
    fill(workshop)
    workshop.folder.joinpath("short.md").unlink()
    asked = wanted(workshop)
    before, objects = everything(), stored()
    foresee(workshop, asked=asked)
    assert (everything(), stored()) == (before, objects)


def test_another_source_and_its_documents_are_not_counted(workshop: Workshop) -> None:
    fill(workshop)
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        other = data_sources.create(
            connection, workshop.organization_id, name="copy", config={"location": str(workshop.folder)}
        )
    found = forecasts.forecast(
        workshop.database, workshop.organization_id, other.id, store=workshop.store, parsers=workshop.parsers,
        wanted=wanted(workshop),
    )  # fmt: skip
    # the organization has all of these vectors already: only the passages are new
    assert found.chunks.value == found.reused.value > 0
    assert (found.embedded.value, found.tokens.value) == (0, 0)
