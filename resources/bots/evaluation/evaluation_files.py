"""Read a folder of judged questions: corpus.jsonl, queries.jsonl, qrels.tsv and maybe spans.jsonl.

The layout is that of BEIR (Thakur et al. 2021), flattened, with spans of characters beside it. An error names the file,
the line and the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from resources.foundation.errors import Missing, Refused

Line = TypeVar("Line")


@dataclass(frozen=True)
class CorpusDocument:
    """A document of the corpus; `language` where its line has `lang`."""

    id: str
    title: str
    text: str
    language: str | None


@dataclass(frozen=True)
class Question:
    """A question; `language` where its line has `lang`, not answerable where it says `"answerable": false`."""

    id: str
    text: str
    language: str | None
    is_answerable: bool = True


@dataclass(frozen=True)
class AnswerSpan:
    """Words that answer a question: the document's text[start:end] == text."""

    query_id: str
    document_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class JudgedFolder:
    """What a folder holds. `grades` by (question, document); a question without any is not asked."""

    name: str
    documents: Mapping[str, CorpusDocument]
    questions: Mapping[str, Question]
    grades: Mapping[tuple[str, str], int]
    spans: tuple[AnswerSpan, ...]

    @property
    def asked(self) -> list[Question]:
        """The questions that have a judgment, in the order of the file."""
        judged = {query_id for query_id, _ in self.grades}
        return [question for question in self.questions.values() if question.id in judged]

    @property
    def unanswerable(self) -> list[Question]:
        """The questions that are said to have no answer in the documents, in the order of the file."""
        return [question for question in self.questions.values() if not question.is_answerable]


def read(folder: Path) -> JudgedFolder:
    """Everything in the folder, checked. Raises Missing for a file that is not there, Refused for a bad line."""
    documents: dict[str, CorpusDocument] = {}
    for document in _lines(folder / "corpus.jsonl", _document):
        _once(document.id, documents, "corpus.jsonl")
        documents[document.id] = document
    questions: dict[str, Question] = {}
    for question in _lines(folder / "queries.jsonl", _question):
        _once(question.id, questions, "queries.jsonl")
        questions[question.id] = question
    grades = _grades(folder / "qrels.tsv", documents, questions)
    if not grades:
        raise Refused("qrels.tsv has no judgment: it needs lines of query, document and score below its heading")
    spans: tuple[AnswerSpan, ...] = ()
    if (folder / "spans.jsonl").exists():
        spans = tuple(_lines(folder / "spans.jsonl", lambda line: _span(line, documents, grades)))
    return JudgedFolder(folder.resolve().name, documents, questions, grades, spans)


def _lines(path: Path, make: Callable[[Mapping[str, Any]], Line]) -> Iterator[Line]:
    for number, text in _numbered(path):
        try:
            line = json.loads(text)
            if not isinstance(line, dict):
                raise ValueError("it is no JSON object")
            yield make(line)
        except ValueError as error:
            raise Refused(f"{path.name} line {number}: {error}") from None


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    if not path.is_file():
        raise Missing(f"{path} is missing: a folder to evaluate has corpus.jsonl, queries.jsonl and qrels.tsv")
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        try:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise Refused(f"{path.name} is not UTF-8: {error.reason} at byte {error.start} of a block") from None


def _document(line: Mapping[str, Any]) -> CorpusDocument:
    return CorpusDocument(
        _text(line, "id", least=1), _text(line, "title", default=""), _text(line, "text"), _optional(line, "lang")
    )


def _question(line: Mapping[str, Any]) -> Question:
    return Question(
        _text(line, "id", least=1), _text(line, "text", least=1), _optional(line, "lang"),
        line.get("answerable") is not False,
    )  # fmt: skip


def _span(
    line: Mapping[str, Any], documents: Mapping[str, CorpusDocument], grades: Mapping[tuple[str, str], int]
) -> AnswerSpan:
    span = AnswerSpan(
        _text(line, "query_id"), _text(line, "doc_id"), _number(line, "start"), _number(line, "end"),
        _text(line, "text", least=1),
    )  # fmt: skip
    if not grades.get((span.query_id, span.document_id)):
        raise ValueError(f"qrels.tsv does not say that document {span.document_id} answers query {span.query_id}")
    if documents[span.document_id].text[span.start : span.end] != span.text:
        raise ValueError(f"document {span.document_id} does not say {span.text!r} at {span.start} to {span.end}")
    return span


def _grades(
    path: Path, documents: Mapping[str, CorpusDocument], questions: Mapping[str, Question]
) -> dict[tuple[str, str], int]:
    grades: dict[tuple[str, str], int] = {}
    rows = _numbered(path)
    next(rows, None)
    for number, text in rows:
        fields = text.split("\t")
        problem = _problem(fields, documents, questions)
        if problem:
            raise Refused(f"{path.name} line {number}: {problem}")
        grades[fields[0], fields[1]] = int(float(fields[2]))
    return grades


def _problem(
    fields: list[str], documents: Mapping[str, CorpusDocument], questions: Mapping[str, Question]
) -> str | None:
    if len(fields) != 3:
        return f"it has {len(fields)} fields instead of query, document and score, separated by tabs"
    if fields[0] not in questions:
        return f"queries.jsonl has no query {fields[0]!r}"
    if fields[1] not in documents:
        return f"corpus.jsonl has no document {fields[1]!r}"
    try:
        grade = float(fields[2])
    except ValueError:
        grade = -1.0
    return None if grade.is_integer() and 0 <= grade <= 1000 else f"{fields[2]!r} is no score: 0, 1, 2 …"


def _text(line: Mapping[str, Any], key: str, *, least: int = 0, default: str | None = None) -> str:
    value = line.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"{key!r} must be a string, not {value!r:.50}")
    if len(value.strip()) < least:
        raise ValueError(f"{key!r} is empty")
    return value


def _optional(line: Mapping[str, Any], key: str) -> str | None:
    return _text(line, key, least=1) if line.get(key) is not None else None


def _number(line: Mapping[str, Any], key: str) -> int:
    value = line.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{key!r} must be a number of characters, not {value!r:.50}")
    return value


def _once(id: str, known: Mapping[str, object], name: str) -> None:
    if id in known:
        raise Refused(f"{name} has two lines with the id {id!r}: an id must stand once")
