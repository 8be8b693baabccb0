"""Read questions as people write them down: JSON lines, tables with commas, BEIR's layout. Pure: lines in, drafts out.

Nothing is read in part: whatever is wrong with any line is told, with its number, and nothing comes of the others.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar, cast, get_args

from resources.bots.question_sets import splitting
from resources.bots.records import QuestionState, Split
from resources.foundation.errors import Refused

MOST_TOLD = 20
LONGEST = 4_000
HIGHEST_GRADE = 1_000

Read = TypeVar("Read")
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True)
class Answer:
    """A document that answers, as it was called, and where they are told its words that do."""

    document: str
    source: str | None = None
    grade: int = 1
    quote: str | None = None
    start: int | None = None


@dataclass(frozen=True)
class Draft:
    """A question as it was written down; `place` names its line. `split` and `state` None: nothing is said of it."""

    place: str
    external_id: str
    question: str
    answers: tuple[Answer, ...]
    slice: str | None = None
    split: Split | None = None
    state: QuestionState | None = None
    is_answerable: bool = True


class BadLines(Refused):
    """Lines that cannot be read, each with its number and the reason."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        told = [f"  {problem}" for problem in problems[:MOST_TOLD]]
        if len(problems) > MOST_TOLD:
            told.append(f"  and {len(problems) - MOST_TOLD:,} more")
        many = "one problem" if len(problems) == 1 else f"{len(problems):,} problems"
        super().__init__(f"{name} has {many}; nothing was imported:\n" + "\n".join(told))


def from_json_lines(lines: Iterable[str], *, name: str) -> list[Draft]:
    """A question a line: {"id", "question", "documents": [{"document", "source", "grade", "quote", "start"}]}.

    `document` may also be a path beside the question, with its `source`, `quote`, `start` and `grade`. Further:
    `slice` (or `lang`), `split`, `state`, and `answerable` false for one that has no answer. Raises BadLines.
    """
    reading = _Reading(name)
    return reading.whole(reading.each(lines, _from_object))


def from_table(lines: Iterable[str], *, name: str) -> list[Draft]:
    """Columns as the keys of JSON lines, a heading first; rows of the same id are documents of one question."""
    rows = csv.DictReader(lines, strict=True)
    reading = _Reading(name)
    if not {"question", "text"} & set(rows.fieldnames or ()):
        raise BadLines(name, ["line 1: it is no heading with a column 'question'"])
    drafts: dict[str, Draft] = {}
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            reading.problems.append(f"line {rows.reader.line_num}: {error}")
            break
        if row is None:
            break
        draft = reading.one(rows.line_num, lambda row=row: _from_row(row))  # type: ignore[misc]
        if draft is not None:
            known = drafts.get(draft.external_id)
            if known is not None and known.question != draft.question:
                reading.problems.append(f"{draft.place}: {draft.external_id!r} is another question in {known.place}")
            drafts[draft.external_id] = replace(known, answers=(*known.answers, *draft.answers)) if known else draft
    return reading.whole(list(drafts.values()))


def from_beir(
    queries: Iterable[str],
    judgments: Iterable[str],
    *,
    titles: Mapping[str, str] | None = None,
    spans: Iterable[str] = (),
) -> list[Draft]:
    """BEIR's queries.jsonl and qrels (query, document, score, below a heading), and spans.jsonl of quotes.

    Documents are called by their ids; `titles` by these, where the corpus is at hand. A question without a judgment is
    left out, as BEIR leaves it out, unless it says `"answerable": false`.
    """
    asked = _Reading("queries.jsonl")
    told = asked.whole(asked.each(queries, partial(_from_object, needs_answer=False)))
    quotes = _quotes(spans)
    judged = _Reading("qrels.tsv")
    answers: dict[str, list[Answer]] = {draft.external_id: [] for draft in told}
    for number, line in enumerate(judgments, start=1):
        fields = line.rstrip("\r\n").split("\t")
        if number == 1 or not line.strip():
            continue
        found = judged.one(number, lambda fields=fields: _judgment(fields, answers))  # type: ignore[misc]
        if found is not None:
            query, document, grade = found
            named = (titles or {}).get(document, "")
            answers[query] += [
                Answer(document, None, grade, quote, start) for quote, start in quotes.get((query, document), [])
            ] or [Answer(document, None, grade)]
            if named:
                answers[query] = [_titled(one, document, named) for one in answers[query]]
    judged.whole([])
    return [
        replace(draft, answers=tuple(answers[draft.external_id]))
        for draft in told
        if answers[draft.external_id] or not draft.is_answerable
    ]


def _titled(answer: Answer, document: str, title: str) -> Answer:
    """Numbers name nothing in a knowledge base; what a corpus calls them may."""
    return replace(answer, document=title) if answer.document == document and document.isdecimal() else answer


class _Reading:
    """One file as it is read: its problems are gathered, and told together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []
        self._lines: dict[str, str] = {}

    def each(self, lines: Iterable[str], make: Callable[[Mapping[str, Any]], Draft]) -> list[Draft]:
        drafts = []
        for number, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            draft = self.one(number, lambda text=text: make(_object(text)))  # type: ignore[misc]
            if draft is None:
                continue
            known = self._lines.setdefault(draft.external_id, draft.place)
            if known != draft.place:
                self.problems.append(f"{draft.place}: {draft.external_id!r} stands in {known} already")
            drafts.append(draft)
        return drafts

    def one(self, number: int, make: Callable[[], Read]) -> Read | None:
        try:
            made = make()
        except ValueError as error:
            self.problems.append(f"line {number}: {error}")
            return None
        return cast(Read, replace(made, place=f"line {number}")) if isinstance(made, Draft) else made

    def whole(self, drafts: list[Draft]) -> list[Draft]:
        if self.problems:
            raise BadLines(self.name, self.problems)
        return drafts


def _object(text: str) -> Mapping[str, Any]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON ({error})") from None
    if not isinstance(line, dict):
        raise ValueError("it is no JSON object")
    return line


def _from_object(line: Mapping[str, Any], *, needs_answer: bool = True) -> Draft:
    question = _text(line, "question" if line.get("question") is not None else "text")
    named = line.get("documents")
    if named is not None and not isinstance(named, list):
        raise ValueError("'documents' is no list")
    answers = [_answer({"document": one} if isinstance(one, str) else one) for one in named or ()]
    if _named(line):
        answers.append(_answer(line))
    is_answerable = line.get("answerable", True)
    if not isinstance(is_answerable, bool):
        raise ValueError("'answerable' is neither true nor false")
    return _draft(line, question, answers, is_answerable=is_answerable, needs_answer=needs_answer)


def _from_row(row: Mapping[str, Any]) -> Draft:
    if None in row:
        raise ValueError("it has more fields than the heading has columns")
    given: dict[str, Any] = {key: value.strip() for key, value in row.items() if value and value.strip()}
    for key in ("grade", "start"):
        if key in given:
            given[key] = _whole_number(given[key], key)
    said = given.get("answerable", "true").lower()
    if said not in _TRUE + _FALSE:
        raise ValueError("'answerable' is neither true nor false")
    question = _text(given, "question" if "question" in given else "text")
    answers = [_answer(given)] if _named(given) else []
    return _draft(given, question, answers, is_answerable=said in _TRUE)


def _draft(
    line: Mapping[str, Any],
    question: str,
    answers: Sequence[Answer],
    *,
    is_answerable: bool,
    needs_answer: bool = True,
) -> Draft:
    """A draft without its place, which whoever counts the lines gives it."""
    if is_answerable and needs_answer and not answers:
        raise ValueError('it names no "document" that answers; say "answerable": false where none does')
    if answers and not is_answerable:
        raise ValueError("it is said to have no answer, and names a document that answers")
    return Draft(
        place="", external_id=_id(line) or splitting.id_of(question), question=question, answers=tuple(answers),
        slice=_optional(line, "slice") or _optional(line, "lang"),
        split=cast("Split | None", _one_of(line, "split", get_args(Split))),
        state=cast("QuestionState | None", _one_of(line, "state", get_args(QuestionState))),
        is_answerable=is_answerable,
    )  # fmt: skip


def _answer(line: object) -> Answer:
    if not isinstance(line, Mapping):
        raise ValueError("a document is neither a name nor an object")
    start, grade = line.get("start"), line.get("grade", 1)
    if not isinstance(grade, int) or isinstance(grade, bool) or not 0 <= grade <= HIGHEST_GRADE:
        raise ValueError(f"the grade {grade!r:.30} is no whole number from 0 to {HIGHEST_GRADE}")
    if start is not None and (not isinstance(start, int) or isinstance(start, bool) or start < 0):
        raise ValueError(f"the start {start!r:.30} is no number of characters")
    return Answer(_named(line) or _text(line, "document"), _optional(line, "source"), grade, _optional(line, "quote"),
                  start)  # fmt: skip


def _named(line: Mapping[str, Any]) -> str | None:
    for key in ("document", "path", "title"):
        if line.get(key) is not None:
            return _text(line, key)
    return None


def _quotes(lines: Iterable[str]) -> dict[tuple[str, str], list[tuple[str, int | None]]]:
    reading = _Reading("spans.jsonl")
    quotes: dict[tuple[str, str], list[tuple[str, int | None]]] = {}
    for number, text in enumerate(lines, start=1):
        if text.strip():
            found = reading.one(number, lambda text=text: _span(_object(text)))  # type: ignore[misc]
            if found is not None:
                query, document, quote = found
                # characters are counted in the corpus's text, which is not the one that is stored
                quotes.setdefault((query, document), []).append((quote, None))
    reading.whole([])
    return quotes


def _span(line: Mapping[str, Any]) -> tuple[str, str, str]:
    return _text(line, "query_id"), _text(line, "doc_id"), _text(line, "text")


def _judgment(fields: list[str], known: Mapping[str, object]) -> tuple[str, str, int]:
    if len(fields) != 3:
        raise ValueError(f"it has {len(fields)} fields instead of query, document and score, separated by tabs")
    query, document, score = fields
    if query not in known:
        raise ValueError(f"queries.jsonl has no query {query!r}")
    return query, document, _whole_number(score.removesuffix(".0"), "score")


def _id(line: Mapping[str, Any]) -> str | None:
    for key in ("id", "_id"):
        if isinstance(line.get(key), int) and not isinstance(line[key], bool):
            return str(line[key])
        if line.get(key) is not None:
            return _text(line, key)
    return None


def _text(line: Mapping[str, Any], key: str) -> str:
    value = line.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key!r} is missing" if value in (None, "") else f"{key!r} is no text: {value!r:.50}")
    if len(value) > LONGEST or "\0" in value:
        raise ValueError(f"{key!r} is longer than {LONGEST:,} characters, or holds a zero")
    return value.strip() if key != "quote" else value


def _optional(line: Mapping[str, Any], key: str) -> str | None:
    return _text(line, key) if line.get(key) is not None else None


def _one_of(line: Mapping[str, Any], key: str, known: Sequence[str]) -> str | None:
    value = _optional(line, key)
    if value is not None and value not in known:
        raise ValueError(f"{key!r} is {value!r:.30}, which is none of {', '.join(known)}")
    return value


def _whole_number(text: str, key: str) -> int:
    if not text.isdecimal() or int(text) > 2**31 - 1:
        raise ValueError(f"{key!r} is {text!r:.30}, which is no whole number")
    return int(text)
