"""Cut a passage into sentences, for any writing system. Pure: text in, places out.

A sentence ends at its mark; a list item and a table's row are sentences of their own; lines that were broken to a width
read on. Scripts without sentence marks (Thai, Lao, Khmer, Burmese) are cut at their spaces.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from resources.knowledge.chunks.segmenting import searchable

Place = tuple[int, int]

MOST_CHARACTERS = 1000
MOST_UNMARKED_CHARACTERS = 240
# Longer lines were not broken to a width; shorter ones than this share of the block's longest end on purpose.
WIDEST_WRAPPED_LINE = 160
FULL_LINE = 0.6
# In wrapped prose fewer lines than this share begin with a capital in the middle of a sentence, in German too.
MOST_CAPITALS = 0.6
LONGEST_HEADING = 80
# Stems in most languages: endings change, beginnings stay. 5 did better than 6 and than an English stemmer (SQuAD 2.0).
STEM = 5

_BLOCK = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|$))+")
_LINE = re.compile(r"[^\n]+")
_FRONT_MATTER = re.compile(r"\A---\n.*?^---$", re.DOTALL | re.MULTILINE)
_RULE = re.compile(r"[\s=\-~^\"'`#*+.:_|]+")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦–]\s|\(?\d{1,3}[.)]\s|\(?[a-z][.)]\s|#{1,6}\s|>\s|\.\.\s|:[\w -]+:)")
_LIST_MARK = re.compile(r"\s*(?:[-*+•‣◦–]\s|\(?\d{1,3}[.)]\s|#{1,6}\s|>+\s?)\s*(?=\S)")
_MARKS = re.compile(r"[\s|·*_`]+")
_END = re.compile(
    r"""(?: [。！？｡．।॥۔؟]+[”’」』】）》〉)\]»"']*      # marks that end wherever they stand
          | [.!?…]+[”’"')\]»*_]*(?=\s|\[\d{1,3}\])   # marks that end before a space or a footnote
        )(?:\[\d{1,3}\])*
    """,
    re.VERBOSE,
)
_SHORT_FORM = re.compile(
    r"""(?:^|[\s(\["'“‘])(?:[^\W\d_]|\d{1,2}|(?:[^\W\d_]\.)+[^\W\d_]|mrs?|ms|dr|prof|sr|jr|st|gen|col|lt|capt|sgt|rev|hon|no|nr|
        vol|figs?|eq|ch|sec|pp|eds?|al|cf|vs|ca|approx|etc|inc|ltd|co|corp|dept|est|jan|feb|mar|apr|jun|jul|aug|sept?|oct|
        nov|dec|bzw|usw)\.$""",
    re.VERBOSE | re.IGNORECASE,
)
_LAST_MARKS = (".", "!", "?", ":", ";", "。", "！", "？", "।", "۔", "؟")
_UNMARKED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_WORD = re.compile(r"\w+")
_FUNCTION_WORDS = frozenset(
    _WORD.findall(
        """
        a an the of in on at to for and or but is are was were be been being by with as that this these those it its
        from what which who whom whose when where why how did do does had has have having there their they he she his
        her him them i you we us our your my me not no if then than so such into about can could would should may might
        will shall also some any each other many much name called type kind tell please
        """
    )
)


def sentences(text: str) -> Iterator[Place]:
    """Yield start and end of each sentence, in order, without the white space around it; nothing else is left out
    but lines that only draw a rule."""
    for start, end in _units(text):
        yield from _in_unit(text, start, end)


def place_of(said: str, text: str) -> Place | None:
    """Return where a text says something word for word, whatever white space and Markdown or table marks lie between;
    None when it does not."""
    exact = text.find(said)
    if exact >= 0:
        return exact, exact + len(said)
    wanted = _unmarked(said)[0].strip()
    plain, places = _unmarked(text)
    at = plain.find(wanted) if wanted else -1
    return (places[at], places[at + len(wanted) - 1] + 1) if at >= 0 else None


def is_item(line: str) -> bool:
    """Whether a line begins with the mark of a list's entry."""
    return _ITEM.match(line) is not None


def without_mark(line: str) -> str:
    """Return a list's entry without its mark, however deep it is quoted; any other line as it is."""
    while mark := _LIST_MARK.match(line):
        line = line[mark.end() :]
    return line


def is_heading(text: str, place: Place, section_title: str | None) -> bool:
    """Whether a sentence names what follows and says nothing itself, as headings and YAML front matter do."""
    start, end = place
    front_matter = _FRONT_MATTER.match(text)
    if front_matter and start < front_matter.end():
        return True
    line = text[start:end]
    if "\n" in line or " | " in line or len(line) > LONGEST_HEADING:
        return False
    if line.startswith("#") or line.strip(" #*_").casefold() in _names(section_title):
        return True
    after = text[end : end + 240].split("\n", 2)
    is_underlined = len(after) > 1 and len(after[1].strip()) > 2 and _RULE.fullmatch(after[1]) is not None
    stands_alone = len(after) > 2 and not after[1].strip() and bool(after[2].strip())
    is_bare = stands_alone and line[-1].isalnum() and not re.search(r"[\d:,;]", line) and not _ITEM.match(line)
    return is_underlined or is_bare


def terms(text: str) -> frozenset[str]:
    """Return what texts on one subject share: stems of words, and pairs of characters where no spaces are written."""
    return frozenset(stem for _, stem in words(text))


def words(text: str) -> Iterator[tuple[str, str]]:
    """Yield the words that carry meaning, each with its stem, in order."""
    for word in _WORD.findall(searchable(text).casefold()):
        if word not in _FUNCTION_WORDS:
            yield word, _stem(word)


@lru_cache(maxsize=64)
def _unmarked(text: str) -> tuple[str, list[int]]:
    """Return a text without marks, each white space as one blank, and where each character stood."""
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for run in _MARKS.finditer(text):
        pieces.append(text[done : run.start()])
        places += range(done, run.start())
        if run[0].strip("*_`"):
            pieces.append(" ")
            places.append(run.start())
        done = run.end()
    pieces.append(text[done:])
    places += range(done, len(text))
    return "".join(pieces), places


def _stem(word: str) -> str:
    return word[:STEM] if len(word) > STEM else word.removesuffix("s") if len(word) > 3 else word


def _names(section_title: str | None) -> set[str]:
    return {part.strip().casefold() for part in (section_title or "").split("›")} - {""}


def _units(text: str) -> Iterator[Place]:
    """Yield runs of lines that read on."""
    for block in _BLOCK.finditer(text):
        lines = [line.span() for line in _LINE.finditer(text, *block.span())]
        fullest = FULL_LINE * max(end - start for start, end in lines)
        if _is_listing(text, lines):
            fullest = math.inf
        unit: Place | None = None
        for start, end in lines:
            if _RULE.fullmatch(text, start, end):
                if unit:
                    yield unit
                unit = None
            elif unit and _continues(text, unit, start, end, fullest):
                unit = (unit[0], end)
            else:
                if unit:
                    yield unit
                unit = (start, end)
        if unit:
            yield unit


def _continues(text: str, unit: Place, start: int, end: int, fullest: float) -> bool:
    """Whether a line goes on with the unit before it: after a full line, or in lower case after no end."""
    before = (
        text[text.rfind("\n", unit[0], unit[1]) + 1 : unit[1]] if "\n" in text[slice(*unit)] else text[slice(*unit)]
    )
    if _is_row(text, start, end) or " | " in before:
        return False
    is_mid_sentence = text[start:end].lstrip()[:1].islower() and not before.rstrip().endswith(_LAST_MARKS)
    return is_mid_sentence or len(before) >= fullest


def _is_listing(text: str, lines: Sequence[Place]) -> bool:
    """Whether the lines of a block are entries, not prose: most break off without a mark before a capital or digit."""
    if max(end - start for start, end in lines) > WIDEST_WRAPPED_LINE:
        return True
    breaks = sum(
        not text[start:end].rstrip().endswith(_LAST_MARKS) and not text[after : after + 12].lstrip()[:1].islower()
        for (start, end), (after, _) in pairwise(lines)
    )
    return len(lines) > 2 and breaks > MOST_CAPITALS * (len(lines) - 1)


def _is_row(text: str, start: int, end: int) -> bool:
    line = text[start:end]
    return " | " in line or "\t" in line or _ITEM.match(line) is not None


def _in_unit(text: str, start: int, end: int) -> Iterator[Place]:
    if " | " not in text[start:end]:
        for mark in _END.finditer(text, start, end):
            if not _reads_on(text, start, mark):
                yield from _bounded(text, start, mark.end())
                start = mark.end()
    yield from _bounded(text, start, end)


def _reads_on(text: str, start: int, mark: re.Match[str]) -> bool:
    """Whether a mark ends a short form, or the next word goes on in lower case."""
    if mark[0][0] not in ".…!?":
        return False
    is_short_form = mark[0].startswith(".") and _SHORT_FORM.search(
        text[max(start, mark.start() - 12) : mark.start() + 1]
    )
    return bool(is_short_form) or text[mark.end() : mark.end() + 12].lstrip()[:1].islower()


def _bounded(text: str, start: int, end: int) -> Iterator[Place]:
    """Yield the place without the space around it, cut at spaces when it is too long to be read as one."""
    start, end = _trimmed(text, start, end)
    most = MOST_UNMARKED_CHARACTERS if _UNMARKED.search(text, start, end) else MOST_CHARACTERS
    while end - start > most:
        space = max(text.rfind(" ", start, start + most), text.rfind("\n", start, start + most))
        if space < 0:
            found = re.compile(r"\s").search(text, start + most, end)
            space = found.start() if found else end
        yield _trimmed(text, start, space)
        start, end = _trimmed(text, space, end)
    if start < end:
        yield start, end


def _trimmed(text: str, start: int, end: int) -> Place:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
