"""Chunks know their place, what is embedded of them and how they are found."""

from __future__ import annotations

from hashlib import sha256

from resources.knowledge.chunks.contextualizing import contextual
from resources.knowledge.records import ChunkingRule
from tests.factories.workshops import Workshop

THAI = "โรงสีน้ำเก่าแก่ของหมู่บ้านตั้งอยู่ริมแม่น้ำและยังคงบดข้าวทุกวันโดยใช้กังหันไม้ขนาดใหญ่ที่หมุนช้าๆ"


def test_the_hash_is_that_of_the_contextual_text(workshop: Workshop) -> None:
    workshop.write("rules.md", "# Rules\n\n## Wheel\n\nNobody enters the pit while the wheel turns.")
    workshop.sync()
    ((content, section, content_hash, title),) = workshop.rows(
        b"select c.content, c.section_title, c.content_hash, v.title from knowledge.chunks c"
        b" join knowledge.document_versions v on v.id = c.document_version_id"
    )
    assert sha256(contextual(str(title), section, str(content)).encode()).digest() == content_hash  # type: ignore[arg-type]


def test_words_are_stemmed_in_the_language_of_the_document(workshop: Workshop) -> None:
    workshop.write("en.txt", "The millers were grinding the grains of the farmers in the valley all through the night.")
    workshop.write("de.txt", "Die Müller mahlten das Getreide der Bauern im Tal die ganze Nacht hindurch und sangen.")
    workshop.write("th.txt", THAI)
    workshop.sync()
    found = workshop.rows(
        b"""select d.file_path, c.language::text
            from knowledge.chunks c join knowledge.documents d on d.id = c.document_id
            where c.lexemes @@ to_tsquery(c.language, 'grind | Bauer | \xe0\xb9\x82\xe0\xb8\xa3') order by 1"""
    )
    assert found == [("de.txt", "german"), ("en.txt", "english"), ("th.txt", "simple")]


def test_weights_and_lengths_are_those_of_the_lexemes(workshop: Workshop) -> None:
    workshop.rule = ChunkingRule(size=128)
    workshop.write("a.txt", "\n\n".join(f"Sack {n} holds rye from village {n}." for n in range(30)))
    workshop.sync()
    assert workshop.rows(
        b"""select count(*) from knowledge.chunks c join knowledge.text_statistics s
                on s.organization_id = c.organization_id and s.recipe = c.recipe and s.language = c.language
            where c.lexeme_count <> knowledge.lexeme_count(c.lexemes)
               or c.weights <> knowledge.lexical_weights(c.lexemes, c.lexeme_count, s.average_length)"""
    ) == [(0,)]
