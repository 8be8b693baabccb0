"""What is stored of a piece says what it is part of; what is searched is fit for PostgreSQL's parser."""

from __future__ import annotations

from resources.knowledge.chunks import staging
from resources.knowledge.chunks.contextualizing import content_hash
from resources.knowledge.records import Parsed, Piece


def _parsed(text: str, language: str | None) -> Parsed:
    return Parsed(text, (), "plain", "1", title="Rules", language=language)


def _piece(text: str) -> Piece:
    return Piece(text, 0, len(text), "Rules › Wheel", None, 1)


def test_a_passage_stands_for_its_words_under_their_headings() -> None:
    text = "Nobody enters the pit."
    passages = staging.passages(_parsed(text, "en"), [_piece(text)])
    (passage,) = passages.members
    assert passages.language == "english"
    assert passage.wording.words == f"Rules\nRules\nWheel\n{text}"  # words of a title count twice
    assert passage.content_hash == content_hash(f"Rules\nWheel\n{text}")


def test_words_without_spaces_are_searched_as_pairs_and_hashed_as_they_are() -> None:
    passages = staging.passages(_parsed("水車小屋", "ja"), [_piece("水車小屋")])
    (passage,) = passages.members
    assert passages.language == "simple"
    assert "水車 車小 小屋" in passage.wording.words
    assert passage.content_hash == content_hash("Rules\nWheel\n水車小屋")


def test_what_no_database_takes_is_not_searched() -> None:
    (passage,) = staging.passages(_parsed("a\0b", "en"), [_piece("a\0b")]).members
    assert "\0" not in passage.wording.words
