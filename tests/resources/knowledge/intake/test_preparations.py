"""Versions are parsed and cut one by one; one that fails stops no other and takes nothing from readers."""

from __future__ import annotations

from dataclasses import replace

from resources.knowledge.documents import document_versions
from resources.knowledge.readers.conveying import ParseFailure
from resources.knowledge.records import ChunkingRule, Parsed, SyncCounts
from tests.factories.workshops import DirectParsers, Workshop

PRICES = "Rye costs three crowns a sack, wheat five."
TORN = b"%PDF-1.7 torn"


def test_chunks_are_places_in_the_text_of_their_version(workshop: Workshop) -> None:
    workshop.rule = ChunkingRule(size=200)
    workshop.write(
        "rules.md", "# Rules\n\n" + "\n\n".join(f"## Rule {n}\n\nKeep {n} paces away. 水車。" for n in range(30))
    )
    workshop.sync()
    rows = workshop.rows(
        b"select c.content, c.start_char, c.end_char, v.text from knowledge.chunks c join knowledge.document_versions v"
        b" on v.organization_id = c.organization_id and v.id = c.document_version_id order by c.chunk_index"
    )
    assert len(rows) > 3
    for content, start, end, text in rows:
        assert isinstance(text, str)
        assert isinstance(start, int)
        assert isinstance(end, int)
        assert text[start:end] == content


def test_what_a_parser_made_is_kept_whole(workshop: Workshop) -> None:
    workshop.write("rules.md", "# Rules\n\nKeep away.\n\n- from the wheel\n- from the stones\n")
    workshop.sync()
    ((version_id,),) = workshop.rows(b"select id from knowledge.document_versions")
    with workshop.database.transaction(workshop.organization_id) as connection:
        parsed = document_versions.get_parsed(connection, workshop.organization_id, version_id)  # type: ignore[arg-type]
    assert parsed.title == "Rules"
    assert [element.kind for element in parsed.elements][:2] == ["heading", "paragraph"]
    assert parsed.parser == "markdown"
    assert parsed.text[parsed.elements[1].start : parsed.elements[1].end] == "Keep away."


def test_a_torn_file_stops_no_other(workshop: Workshop) -> None:
    workshop.write("a.pdf", TORN)
    workshop.write("b.txt", PRICES)
    assert workshop.sync() == SyncCounts(listed=2, changed=2, failed=1, chunks=1, embedded=1)
    assert workshop.visible() == {"b.txt": PRICES}
    assert workshop.rows(b"select stage, outcome, attempts from knowledge.sync_failures") == [("parsing", "damaged", 1)]
    assert workshop.rows(b"select status from knowledge.documents order by file_path") == [("failed",), ("ready",)]
    assert workshop.rows(b"select status from knowledge.training_jobs") == [("completed",)]


def test_a_document_whose_edit_fails_keeps_serving_what_it_said(workshop: Workshop) -> None:
    workshop.write("page.html", f"<html><title>Prices</title><body><p>{PRICES}</p></body></html>", age_s=900)
    workshop.sync()
    workshop.write("page.html", "<html><title>Prices</title><body></body></html>", age_s=600)
    assert workshop.sync() == SyncCounts(listed=1, changed=1, failed=1)
    assert list(workshop.visible()) == ["page.html"]
    assert workshop.rows(b"select status from knowledge.documents") == [("ready",)]
    assert workshop.rows(b"select status from knowledge.document_versions order by number") == [("ready",), ("failed",)]


def test_a_torn_file_is_tried_again_when_due_and_mended_when_it_changes(workshop: Workshop) -> None:
    workshop.write("a.pdf", TORN, age_s=900)
    workshop.sync()
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1, failed=1)
    assert len(workshop.parsers.parsed) == 1
    workshop.rows(b"update knowledge.sync_failures set next_attempt_at = now() returning 1")
    workshop.sync()
    assert len(workshop.parsers.parsed) == 2
    assert workshop.rows(b"select attempts from knowledge.sync_failures") == [(2,)]
    (workshop.folder / "a.pdf").unlink()
    workshop.write("a.txt", PRICES)
    assert workshop.sync().deleted == 1
    assert workshop.rows(b"select 1 from knowledge.sync_failures") == []


def test_an_edit_that_arrives_while_the_former_one_is_parsed_wins(workshop: Workshop) -> None:
    workshop.write("a.txt", "one", age_s=900)
    workshop.bring(run_id="run")

    def edit(_name: str) -> None:
        if len(workshop.parsers.parsed) == 1:
            workshop.write("a.txt", "two", age_s=600)
            workshop.bring(run_id="run")

    workshop.parsers = DirectParsers(before=edit)
    assert workshop.cut(run_id="run").chunks == 0
    workshop.cut(run_id="run")
    workshop.embed(run_id="run")
    assert workshop.visible() == {"a.txt": "two"}


def test_a_text_that_the_database_does_not_take_is_a_failure_of_its_own(workshop: Workshop) -> None:
    class Careless(DirectParsers):
        """Leaves a NUL in the text, which no PostgreSQL stores."""

        def parse(
            self, data: bytes, *, media_type: str, filename: str, parser: str | None = None
        ) -> Parsed | ParseFailure:
            parsed = super().parse(data, media_type=media_type, filename=filename, parser=parser)
            assert isinstance(parsed, Parsed)
            return replace(parsed, text=parsed.text.replace("x", "\0"))

    workshop.parsers = Careless()
    workshop.write("a.txt", "a box")
    workshop.write("b.txt", PRICES)
    assert workshop.sync() == SyncCounts(listed=2, changed=2, failed=1, chunks=1, embedded=1)
    assert workshop.rows(b"select stage, outcome from knowledge.sync_failures") == [("chunking", "unstorable")]


def test_lost_bytes_are_fetched_again(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.bring()
    for kept in workshop.store.root.rglob("*"):
        if kept.is_file():
            kept.unlink()
    assert workshop.cut().failed == 1
    assert workshop.rows(b"select outcome from knowledge.sync_failures") == [("bytes_lost",)]
    workshop.rows(b"update knowledge.sync_failures set next_attempt_at = now() returning 1")
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1, chunks=1, embedded=1)
    assert workshop.visible() == {"a.txt": PRICES}
