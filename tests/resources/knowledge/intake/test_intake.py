"""A sync carries a source's files to chunks with vectors, does nothing twice, and tells what it did."""

from __future__ import annotations

from dataclasses import replace

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Misconfigured, Missing, Unavailable
from resources.foundation.secrets import Key, Keyring
from resources.knowledge.connectors import credentials
from resources.knowledge.intake import intake
from resources.knowledge.readers import workers
from resources.knowledge.records import ChunkingRule, SyncCounts, TrainingJob
from resources.knowledge.sources import data_sources, training_jobs
from tests.factories.embedders import HashEmbedder
from tests.factories.workshops import Workshop

RULES = "# Safety rules\n\nNobody enters the wheel pit while the wheel turns.\n"
PRICES = "Rye costs three crowns a sack, wheat five."


def test_a_first_sync_makes_every_file_visible(workshop: Workshop) -> None:
    workshop.write("rules.md", RULES)
    workshop.write("shop/prices.txt", PRICES)
    counts = workshop.sync()
    assert counts == SyncCounts(listed=2, changed=2, chunks=2, embedded=2)
    assert workshop.visible() == {"rules.md": RULES.strip(), "shop/prices.txt": PRICES}
    assert workshop.rows(b"select title, status, language from knowledge.documents order by 1") == [
        ("Safety rules", "ready", "en"),
        ("prices.txt", "ready", "en"),
    ]


def test_a_second_sync_reads_parses_and_embeds_nothing(workshop: Workshop) -> None:
    embedder = HashEmbedder()
    workshop.embedder = embedder
    workshop.write("rules.md", RULES)
    workshop.sync()
    before, asked = workshop.snapshot(), len(embedder.asked)
    workshop.folder.joinpath("rules.md").chmod(0)
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    assert workshop.snapshot() == before
    assert workshop.parsers.parsed == ["rules.md"]
    assert len(embedder.asked) == asked


def test_an_edit_replaces_what_readers_see_and_keeps_the_former_version(workshop: Workshop) -> None:
    workshop.write("prices.txt", PRICES)
    workshop.sync()
    workshop.write("prices.txt", "Rye costs four crowns a sack.", age_s=60)
    counts = workshop.sync()
    assert counts == SyncCounts(listed=1, changed=1, chunks=1, embedded=1)
    assert workshop.visible() == {"prices.txt": "Rye costs four crowns a sack."}
    assert workshop.rows(
        b"select number, status, text, valid_from is not null, valid_to is null"
        b" from knowledge.document_versions order by 1"
    ) == [(1, "ready", PRICES, True, False), (2, "ready", "Rye costs four crowns a sack.", True, True)]
    assert workshop.vectors() == 1


def test_a_vanished_file_is_deleted_with_its_chunks_and_vectors(workshop: Workshop) -> None:
    workshop.write("rules.md", RULES)
    workshop.write("prices.txt", PRICES)
    workshop.sync()
    workshop.folder.joinpath("prices.txt").unlink()
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1, deleted=1)
    assert workshop.visible() == {"rules.md": RULES.strip()}
    assert workshop.vectors() == 1
    assert workshop.rows(b"select count(*) from knowledge.chunks") == [(1,)]


def test_a_file_that_comes_back_is_revived_without_being_parsed_again(workshop: Workshop) -> None:
    workshop.write("rules.md", RULES)
    workshop.write("prices.txt", PRICES)
    workshop.sync()
    before = workshop.snapshot()
    workshop.folder.joinpath("prices.txt").unlink()
    workshop.sync()
    workshop.write("prices.txt", PRICES)
    assert workshop.sync() == SyncCounts(listed=2, changed=1, unchanged=1, chunks=1, embedded=1)
    assert workshop.snapshot() == before
    assert sorted(workshop.parsers.parsed) == ["prices.txt", "rules.md"]
    assert workshop.rows(b"select max(number) from knowledge.document_versions") == [(1,)]


def test_the_same_text_in_two_files_is_embedded_once(workshop: Workshop) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        workshop.write(name, PRICES)
    assert workshop.sync() == SyncCounts(listed=3, changed=3, chunks=3, embedded=1, reused=2)
    workshop.write("d.txt", PRICES)
    assert workshop.sync() == SyncCounts(listed=4, changed=1, unchanged=3, chunks=1, reused=1)
    workshop.folder.joinpath("a.txt").unlink()
    workshop.sync()
    assert workshop.vectors() == 1


def test_a_sync_leaves_a_job_that_says_what_it_did(workshop: Workshop) -> None:
    workshop.write("rules.md", RULES)
    intake.sync(
        workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store,
        parsers=workshop.parsers, recipes=workshop.recipes(), run_id="run-7",
    )  # fmt: skip
    job = latest_job(workshop)
    assert (job.status, job.dagster_run_id, job.listed, job.changed, job.chunks, job.embedded) == (
        "completed", "run-7", 1, 1, 1, 1,
    )  # fmt: skip
    assert job.started_at is not None
    assert job.completed_at is not None
    assert workshop.rows(b"select dagster_run_id from knowledge.document_versions") == [("run-7",)]
    with workshop.database.transaction(workshop.organization_id) as connection:
        assert data_sources.get(connection, workshop.organization_id, workshop.source_id).last_sync is not None


def test_a_job_that_was_killed_is_ended_by_the_next(workshop: Workshop) -> None:
    workshop.write("rules.md", RULES)
    workshop.bring()
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        jobs = training_jobs.select_latest(connection, workshop.organization_id, source_id=workshop.source_id)
    assert [(job.status, job.reason) for job in jobs] == [
        ("completed", None),
        ("failed", "it was interrupted; the next sync goes on from there"),
    ]


def test_a_missing_folder_deletes_nothing_and_fails_by_name(workshop: Workshop) -> None:
    workshop.write("rules.md", RULES)
    workshop.sync()
    workshop.folder.rename(workshop.folder.with_name("moved"))
    with pytest.raises(Unavailable, match=str(workshop.folder)):
        workshop.sync()
    assert workshop.visible() == {"rules.md": RULES.strip()}
    job = latest_job(workshop)
    assert job.status == "failed"
    assert str(workshop.folder) in str(job.reason)
    assert source_status(workshop) == "error"
    workshop.folder.with_name("moved").rename(workshop.folder)
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    assert source_status(workshop) == "active"
    assert workshop.rows(b"select file_path from knowledge.sync_failures") == []


def test_an_empty_folder_is_synced_to_nothing(workshop: Workshop) -> None:
    assert workshop.sync() == SyncCounts()


def test_another_organization_cannot_sync_the_source(workshop: Workshop, database: Database) -> None:
    from tests.conftest import make_organization

    workshop.write("rules.md", RULES)
    stranger = replace(workshop, organization_id=make_organization(database, "stranger"))
    with pytest.raises(Missing):
        stranger.sync()
    assert workshop.visible() == {}


def test_a_new_rule_cuts_again_without_parsing_and_a_new_model_embeds_again(workshop: Workshop) -> None:
    workshop.write(
        "rules.md", RULES + "\n" + "\n\n".join(f"Rule {n}: keep {n} paces from the stones." for n in range(40))
    )
    workshop.sync()
    old = workshop.rule.name
    workshop.rule = ChunkingRule(size=200)
    counts = workshop.sync()
    assert counts.changed == 0
    assert counts.chunks == counts.embedded > 3
    assert workshop.parsers.parsed == ["rules.md"]
    assert {row[0] for row in workshop.rows(b"select recipe from knowledge.chunks where is_active")} == {
        old, workshop.rule.name,
    }  # fmt: skip
    workshop.embedder = HashEmbedder(name="other", dimension=5)
    counts = workshop.sync()
    assert (counts.chunks, counts.embedded) == (0, counts.embedded)
    assert counts.embedded > 3
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)


def test_files_are_read_by_bounded_workers(workshop: Workshop) -> None:
    workshop.write("rules.md", RULES)
    workshop.write("torn.pdf", b"%PDF-1.7 torn")
    with workers.parsers(count=1) as pool:
        counts = intake.sync(
            workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store, parsers=pool,
            recipes=workshop.recipes(),
        )  # fmt: skip
    assert (counts.listed, counts.changed, counts.failed, counts.chunks) == (2, 2, 1, 1)
    assert workshop.visible() == {"rules.md": RULES.strip()}


def test_progress_is_told_by_stage(workshop: Workshop) -> None:
    for n in range(3):
        workshop.write(f"{n}.txt", f"{PRICES} {n}")
    told: list[tuple[str, int, int]] = []
    intake.sync(
        workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store,
        parsers=workshop.parsers, recipes=workshop.recipes(), progress=lambda *step: told.append(step),
    )  # fmt: skip
    for stage in ("fetching", "cutting", "embedding"):
        assert [step for step in told if step[0] == stage][-1] == (stage, 3, 3)


def latest_job(workshop: Workshop) -> TrainingJob:
    with workshop.database.transaction(workshop.organization_id) as connection:
        jobs = training_jobs.select_latest(connection, workshop.organization_id, source_id=workshop.source_id)
    return jobs[0]


def source_status(workshop: Workshop) -> str:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return data_sources.get(connection, workshop.organization_id, workshop.source_id).status


def test_credentials_that_cannot_be_opened_fail_the_sync_and_change_nothing(workshop: Workshop) -> None:
    workshop.write("rules.md", RULES)
    workshop.sync()
    ring, stranger = (Keyring.of(Key(name, name.encode() * 32)) for name in ("a", "b"))
    with workshop.database.transaction(workshop.organization_id) as connection:
        credentials.replace(
            connection, workshop.organization_id, workshop.source_id, {"password": "rye"}, keyring=ring
        )  # fmt: skip

    def bring(keyring: Keyring) -> SyncCounts:
        return intake.bring_documents(
            workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store, keyring=keyring
        )

    with pytest.raises(Misconfigured, match="key 'a'"):
        bring(stranger)
    assert latest_job(workshop).status == "failed"
    assert workshop.visible() == {"rules.md": RULES.strip()}
    assert bring(ring) == SyncCounts(listed=1, unchanged=1)
