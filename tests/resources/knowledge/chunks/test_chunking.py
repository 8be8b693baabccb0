"""Cutting texts: nothing lost, offsets true, sizes kept, sections respected, and boundaries that hold still."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.knowledge.chunks import chunking
from resources.knowledge.readers.reading_plain import read_markdown, read_rest
from resources.knowledge.records import ChunkingRule, Element, Parsed, Piece

PEPS = Path(__file__).parents[5] / "shared/data/scale/files/peps"


def plain(text: str) -> Parsed:
    return Parsed(text, (), "text", "1")


def markdown(text: str) -> Parsed:
    reading = read_markdown(text.encode())
    return Parsed(reading.text, reading.elements, "markdown", "1")


def cut(text: str, size: int = 1600, overlap: int = 0) -> list[Piece]:
    return list(chunking.split(markdown(text), ChunkingRule(size, overlap)))


def prose(seed: int, sentences: int) -> str:
    chance = random.Random(seed)  # noqa: S311
    words = ["river", "wheel", "grain", "stone", "water", "miller", "flour", "turns", "slowly", "under", "light"]
    return " ".join(
        " ".join(chance.choices(words, k=chance.randint(6, 14))).capitalize() + "." for _ in range(sentences)
    )


def article(seed: int, sections: int = 12) -> str:
    chance = random.Random(seed)  # noqa: S311
    parts = [f"# Article {seed}"]
    for number in range(sections):
        parts.append(f"{'#' * chance.choice([2, 2, 3])} Section {number}")
        parts += [prose(seed * 1000 + number * 50 + i, chance.randint(2, 8)) for i in range(chance.randint(1, 9))]
    return "\n\n".join(parts)


texts = st.one_of(
    st.text(alphabet="ab .\n#-|世。é\u0301", max_size=3000),
    st.text(max_size=400),
    st.lists(
        st.sampled_from(["# One", "## Two", "### Three", "word " * 40, "A short one.", "- item", "x" * 300, "字" * 90])
    ).map("\n\n".join),
)


@settings(max_examples=300)
@given(texts, st.integers(64, 700), st.booleans())
def test_pieces_hold_every_character_in_order_and_within_size(text: str, size: int, has_overlap: bool) -> None:
    parsed = markdown(text)
    pieces = list(chunking.split(parsed, ChunkingRule(size, size // 4 if has_overlap else 0)))
    end = 0
    for piece in pieces:
        assert piece.content == parsed.text[piece.start : piece.end]
        assert piece.content == piece.content.strip()
        assert 0 < len(piece.content) <= size
        assert not parsed.text[end : piece.start].strip()
        assert piece.end > end
        end = piece.end
    assert not parsed.text[end:].strip()
    if not has_overlap:
        assert all(one.end <= other.start for one, other in pairwise(pieces))


@settings(max_examples=100)
@given(
    st.text(alphabet="ab \n", min_size=1, max_size=300), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)))
)
def test_any_elements_are_enough_to_lose_nothing(text: str, spans: list[tuple[int, int]]) -> None:
    elements = tuple(Element("paragraph", min(s), min(max(s), len(text))) for s in spans if min(s) < len(text))
    pieces = list(chunking.split(Parsed(text, elements, "text", "1"), ChunkingRule(64)))
    assert "".join("".join(p.content for p in pieces).split()) == "".join(text.split())


def test_a_section_big_enough_stands_alone() -> None:
    big = prose(1, 20)
    pieces = cut(f"# House\n\nShort.\n\n## Kitchen\n\n{big}\n\n## Cellar\n\n{prose(2, 20)}\n\n# Garden\n\n{big}")
    starts = [piece.content.split("\n")[0] for piece in pieces]
    assert starts == ["# House", "## Cellar", "# Garden"]


def test_small_neighbouring_sections_share_a_piece_under_their_parents_title() -> None:
    pieces = cut(f"# Tools\n\n{prose(3, 18)}\n\n## Hammer\n\nHits.\n\n## Saw\n\nCuts.\n\n## Rasp\n\nRubs.")
    assert len(pieces) == 1
    assert pieces[0].section_title == "Tools"


def test_the_section_title_is_the_path_of_headings() -> None:
    pieces = cut(f"# Guide\n\n## Set-up ##\n\n### On `Linux`\n\n{prose(4, 40)}\n\n### On Mac\n\n{prose(5, 40)}")
    assert {piece.section_title for piece in pieces} == {"Guide › Set-up › On Linux", "Guide › Set-up › On Mac"}


def test_a_heading_is_never_parted_from_what_follows_it() -> None:
    for seed in range(30):
        for piece in cut(article(seed), size=400):
            assert not piece.content.rsplit("\n", 1)[-1].startswith("#")


def test_a_long_table_is_cut_at_line_ends() -> None:
    rows = "\n".join(f"| {n} | value of {n} | more about {n} |" for n in range(200))
    text = f"| n | value | more |\n|---|---|---|\n{rows}"
    pieces = cut(text, size=600)
    assert len(pieces) > 10
    assert all(line.startswith(("| ", "|-")) for piece in pieces for line in piece.content.split("\n"))
    assert all(line.endswith("|") for piece in pieces for line in piece.content.split("\n"))


def test_a_long_paragraph_is_cut_at_sentences() -> None:
    pieces = cut(prose(6, 120))
    assert len(pieces) > 3
    assert all(piece.content.endswith(".") and piece.content[0].isupper() for piece in pieces)


def test_text_without_blanks_is_cut_between_characters() -> None:
    assert len(cut("x" * 300_000)) >= 300_000 // 1600
    assert all(len(piece.content) <= 1600 for piece in cut("这是一个没有标点的长句子" * 900))


def test_only_line_ends_make_no_piece() -> None:
    assert cut("\n" * 150_000) == []


def test_overlap_begins_at_a_sentence_of_the_piece_before() -> None:
    pieces = cut(prose(7, 200), size=800, overlap=200)
    repeated = [one.end - other.start for one, other in pairwise(pieces)]
    assert all(-1 <= characters <= 200 for characters in repeated)
    assert sum(characters > 0 for characters in repeated) > len(repeated) * 0.8
    assert all(piece.content[0].isupper() for piece in pieces)


def test_overlap_does_not_reach_over_a_heading() -> None:
    pieces = cut(f"# A\n\n{prose(8, 30)}\n\n# B\n\n{prose(9, 30)}", size=900, overlap=200)
    assert any(piece.content.startswith("# B") for piece in pieces)


def test_the_page_of_a_piece_is_that_of_its_first_element() -> None:
    one, two = prose(10, 20), prose(11, 20)
    elements = (
        Element("paragraph", 0, len(one), page=4),
        Element("paragraph", len(one) + 2, len(one + two) + 2, page=5),
    )
    pieces = list(chunking.split(Parsed(f"{one}\n\n{two}", elements, "pdf", "1"), ChunkingRule()))
    assert [piece.page for piece in pieces] == [4, 5]


def test_tokens_are_estimated_by_script() -> None:
    assert chunking.estimated_tokens("a" * 400) == 100
    assert chunking.estimated_tokens("水车" * 50) == 100
    assert chunking.estimated_tokens("мельница" * 10) == 40


@pytest.mark.parametrize("rule", [ChunkingRule(10), ChunkingRule(200, -1), ChunkingRule(200, 150)])
def test_a_rule_that_cannot_be_kept_is_refused(rule: ChunkingRule) -> None:
    with pytest.raises(ValueError, match="chunking rule"):
        list(chunking.split(plain("text"), rule))


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(0, 10_000), st.sampled_from(["change", "insert", "remove"]))
def test_an_edit_moves_only_the_pieces_it_touches(seed: int, place: int, edit: str) -> None:
    paragraphs = article(seed, sections=25).split("\n\n")
    before = {piece.content for piece in cut("\n\n".join(paragraphs))}
    number = place % len(paragraphs)
    while paragraphs[number].startswith("#"):
        number += 1
    if edit == "change":
        paragraphs[number] += " One more sentence."
    elif edit == "insert":
        paragraphs.insert(number, prose(seed + 1, 5))
    else:
        del paragraphs[number]
    changed = [piece for piece in cut("\n\n".join(paragraphs)) if piece.content not in before]
    assert len(changed) <= 6


@pytest.mark.skipif(not PEPS.is_dir(), reason="the PEP files are not beside the project")
def test_an_edit_of_a_real_document_changes_less_than_a_twentieth_of_its_pieces() -> None:
    chance = random.Random(7)  # noqa: S311
    documents = [path.read_text() for path in sorted(PEPS.rglob("*.rst")) if 20_000 < path.stat().st_size < 60_000]
    shares = []
    worst = 0
    for text in chance.sample(documents, 40):
        before = set(_contents(text))
        paragraphs = text.split("\n\n")
        places = [i for i, p in enumerate(paragraphs) if len(p) > 150 and not p.startswith((" ", "..")) and i > 2]
        for number in chance.sample(places, 3):
            edited = [*paragraphs[:number], paragraphs[number] + " An added sentence.", *paragraphs[number + 1 :]]
            after = _contents("\n\n".join(edited))
            changed = sum(content not in before for content in after)
            shares.append(changed / len(after))
            worst = max(worst, changed)
    assert sum(shares) / len(shares) < 0.05
    assert worst <= 4


def _contents(text: str) -> list[str]:
    reading = read_rest(text.encode())
    parsed = Parsed(reading.text, reading.elements, "rest", "1")
    return [piece.content for piece in chunking.split(parsed, ChunkingRule())]


def table(head: str, rows: int, *, before: str = "") -> Parsed:
    lines = "\n".join(f"rye {n} | {n * 3} | mill {n % 7}" for n in range(rows))
    text = f"{before}{head}\n{lines}"
    return Parsed(text, (Element("table", len(before), len(text)),), "csv", "1")


def sections(parsed: Parsed, size: int = 200) -> list[str | None]:
    return [piece.section_title for piece in chunking.split(parsed, ChunkingRule(size))]


def test_pieces_inside_a_table_name_its_columns() -> None:
    first, *others = sections(table("grain | price | place", 60))
    assert first is None
    assert len(others) > 5
    assert set(others) == {"grain | price | place"}


def test_columns_stand_after_the_section_and_after_the_caption() -> None:
    text = "# Prices\n\n" + "\n".join(["| a | b |", "|---|:-:|", *(f"| {n} | {n * n} |" for n in range(60))])
    first, *others = sections(markdown(text))
    assert (first, set(others)) == ("Prices", {"Prices › a | b"})
    captioned = sections(table("Prices of 2026\ngrain | price | place", 60))
    assert set(captioned[1:]) == {"Prices of 2026 › grain | price | place"}


def test_a_ruled_table_of_plain_text_names_its_columns() -> None:
    rows = "\n".join(f"{n:<6} {n * n:<6}" for n in range(60))
    reading = read_rest(
        f"Squares\n=======\n\n=====  =====\nbase   square\n=====  =====\n{rows}\n=====  =====\n".encode()
    )
    first, *others = sections(Parsed(reading.text, reading.elements, "rest", "1"))
    assert (first, set(others)) == ("Squares", {"Squares › base square"})


def test_what_stands_behind_a_table_or_has_no_columns_names_none() -> None:
    words = " ".join(f"word{n}" for n in range(60))
    text = f"a | b\n1 | 2\n\n{words}"
    behind = Parsed(text, (Element("table", 0, 11), Element("paragraph", 13, len(text))), "html", "1")
    assert set(sections(behind)) == {None}
    lines = "\n".join(f"line {n} of a list" for n in range(60))
    assert set(sections(Parsed(lines, (Element("table", 0, len(lines)),), "docx", "1"))) == {None}


def test_many_and_long_names_of_columns_are_cut_short() -> None:
    names = " | ".join(f"column number {n}" for n in range(200))
    (section,) = set(sections(table(names, 200), size=300)[15:])
    assert section is not None
    assert len(section) <= 400
    assert section.startswith("column number 0 | column number 1 |")


def test_the_edit_of_a_row_changes_no_other_piece_of_its_table() -> None:
    before = table("grain | price | place", 300)
    after = Parsed(before.text.replace("rye 150 | 450", "rye 150 | 451"), before.elements, "csv", "1")
    pieces = [
        {(p.section_title, p.content) for p in chunking.split(each, ChunkingRule(400))} for each in (before, after)
    ]
    assert len(pieces[0] - pieces[1]) == 1
