"""Questions that people keep for a chatbot: brought in, written, reviewed, split, and written out again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from resources.bots.question_sets import (
    evaluation_judgments,
    evaluation_queries,
    evaluation_sets,
    matching,
    reading_questions,
    splitting,
)
from resources.bots.question_sets.matching import Shelf, Unmatched
from resources.bots.question_sets.reading_questions import Answer, Draft
from resources.bots.records import (
    EvaluationJudgment,
    EvaluationQuery,
    EvaluationSet,
    KnownDocument,
    NewQuery,
    QuestionOrigin,
    QuestionState,
    Split,
)
from resources.foundation.counting import counted
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection
from resources.knowledge.documents import document_versions

SET_NAME = "questions"
"""The set of questions that were put into none by name."""

MOST_NAMED = 20


@dataclass(frozen=True)
class Known:
    """A question with what is known of it, as a person sees it."""

    query: EvaluationQuery
    evaluation_set: str
    answers: Sequence[KnownAnswer]


@dataclass(frozen=True)
class KnownAnswer:
    """A document that answers a question; `source` and `path` are None where the chatbot reads it no more."""

    document_id: UUID
    source: str | None
    path: str | None
    grade: int
    quote: str | None
    start: int | None


@dataclass(frozen=True)
class Imported:
    """What an import did. `unmatched` names what was left out, in sentences; empty unless that was allowed."""

    evaluation_set: str
    added: int
    changed: int
    unchanged: int
    judgments: int
    left_out: int
    unmatched: Sequence[str]


@dataclass(frozen=True)
class _Matched:
    draft: Draft
    judgments: tuple[tuple[UUID, int, str | None, int | None], ...]


def read(path: Path) -> list[Draft]:
    """The questions of a file (.jsonl or .csv) or of a folder in BEIR's layout. Raises Missing, or BadLines."""
    if path.is_dir():
        return _read_folder(path)
    name = path.name
    if path.suffix.lower() == ".csv":
        return reading_questions.from_table(_lines(path), name=name)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        return reading_questions.from_json_lines(_lines(path), name=name)
    if not path.exists():
        raise Missing(f"there is no file or folder '{path}'")
    raise Refused(f"{name} is no file of questions: give one that ends in .jsonl or .csv, or a folder in BEIR's layout")


def bring_in(
    connection: Connection,
    organization_id: UUID,
    *,
    chatbot_id: UUID,
    set_name: str,
    drafts: Sequence[Draft],
    skips_unmatched: bool = False,
    origin: QuestionOrigin = "imported",
    description: str = "",
) -> Imported:
    """Put questions into a set of the chatbot; one that is there already, by its id, becomes as it is given.

    Doing so twice changes nothing. Documents are found by id, path, title or the file's name, quotes in the stored
    text. Raises Refused, naming them, where something is not found and is not to be skipped; nothing is kept then.
    """
    documents = evaluation_sets.select_documents(connection, organization_id, chatbot_id)
    matched, problems = _match(connection, organization_id, drafts, documents)
    if problems and not skips_unmatched:
        raise Refused(_unmatched(problems, documents))
    kept = [one for one in matched if one.judgments or not one.draft.is_answerable]
    chosen = evaluation_sets.ensure(
        connection, organization_id, chatbot_id=chatbot_id, name=set_name, description=description
    )
    before = {one.query.external_id: one for one in select(connection, organization_id, chosen)}
    evaluation_queries.place(
        connection,
        organization_id,
        chosen.id,
        [_new(one.draft, before.get(one.draft.external_id), origin) for one in kept],
    )
    queries = {one.external_id: one for one in evaluation_queries.select_all(connection, organization_id, chosen.id)}
    judgments = [
        EvaluationJudgment(queries[one.draft.external_id].id, *judgment) for one in kept for judgment in one.judgments
    ]
    ids = [queries[one.draft.external_id].id for one in kept]
    evaluation_judgments.replace_of(connection, organization_id, ids, judgments)
    after = {one.query.external_id: one for one in select(connection, organization_id, chosen)}
    touched = [one.draft.external_id for one in kept]
    added = sum(id not in before for id in touched)
    changed = sum(id in before and before[id] != after[id] for id in touched)
    return Imported(
        chosen.name, added, changed, len(touched) - added - changed, len(judgments), len(drafts) - len(kept), problems
    )


def get_set(connection: Connection, organization_id: UUID, *, chatbot_id: UUID, name: str) -> EvaluationSet:
    """A set of the chatbot by its name; raises Missing, with the names there are."""
    found = evaluation_sets.find_by_name(connection, organization_id, chatbot_id=chatbot_id, name=name)
    if found is None:
        names = [one.name for one in evaluation_sets.count_all(connection, organization_id, chatbot_id)]
        there = f"there are: {', '.join(names)}" if names else "it has none: 'millrace questions import' makes one"
        raise Missing(f"the chatbot has no set of questions {name!r}; {there}")
    return found


def select(
    connection: Connection,
    organization_id: UUID,
    chosen: EvaluationSet,
    *,
    queries: Sequence[EvaluationQuery] | None = None,
) -> list[Known]:
    """The questions of a set by id, or these of them, with what is known of them."""
    query_ids = None if queries is None else [query.id for query in queries]
    judgments = evaluation_judgments.select_all(connection, organization_id, chosen.id, query_ids=query_ids)
    judged = None if queries is None else {judgment.document_id for judgment in judgments}
    found = evaluation_sets.select_documents(connection, organization_id, chosen.chatbot_id, ids=judged)
    documents = {one.id: one for one in found}
    answers: dict[UUID, list[KnownAnswer]] = {}
    for judgment in judgments:
        document = documents.get(judgment.document_id)
        source, path = (document.source, document.path) if document else (None, None)
        answers.setdefault(judgment.evaluation_query_id, []).append(
            KnownAnswer(judgment.document_id, source, path, judgment.grade, judgment.quote, judgment.start_char)
        )
    if queries is None:
        queries = evaluation_queries.select_all(connection, organization_id, chosen.id)
    return [Known(query, chosen.name, tuple(answers.get(query.id, ()))) for query in queries]


def find(
    connection: Connection, organization_id: UUID, *, chatbot_id: UUID, external_id: str, set_name: str | None = None
) -> Known:
    """The question of this id in the chatbot's sets. Raises Missing; Refused where several sets have one."""
    sets = [
        one
        for one in evaluation_sets.select_all(connection, organization_id)
        if one.chatbot_id == chatbot_id and set_name in (None, one.name)
    ]
    holding = [
        (one, query)
        for one in sets
        if (query := evaluation_queries.find_named(connection, organization_id, one.id, external_id)) is not None
    ]
    if not holding:
        raise Missing(f"there is no question {external_id!r}: 'millrace questions show SET' lists those of a set")
    if len(holding) > 1:
        raise Refused(
            f"there are several questions {external_id!r}: name the set with --set "
            f"({', '.join(one.name for one, _ in holding)})"
        )
    [(chosen, query)] = holding
    return select(connection, organization_id, chosen, queries=[query])[0]


def review(
    connection: Connection,
    organization_id: UUID,
    known: Known,
    *,
    chatbot_id: UUID,
    state: QuestionState,
    reviewed_by: str,
    answers: Sequence[Answer] = (),
    is_answerable: bool | None = None,
) -> None:
    """Accept or reject a question. `answers`: the documents that answer it, in place of those that were proposed.

    Raises Refused where it is to be accepted and nothing is known of it, or where a document or a quote is not found.
    """
    answerable = known.query.is_answerable if is_answerable is None else is_answerable
    if answers and not answerable:
        raise Refused("a question that has no answer names no document that answers it")
    judgments: Sequence[tuple[UUID, int, str | None, int | None]] | None = None if answerable else ()
    if answers:
        documents = evaluation_sets.select_documents(connection, organization_id, chatbot_id)
        draft = Draft(known.query.external_id, known.query.external_id, known.query.question, tuple(answers))
        [matched], problems = _match(connection, organization_id, [draft], documents)
        if problems:
            raise Refused("; ".join(problems))
        judgments, answerable = matched.judgments, True
    if state == "accepted" and answerable and not (answers or any(one.grade for one in known.answers)):
        raise Refused(
            f"nothing is known to answer {known.query.external_id}: name the document with --document SOURCE:PATH, or "
            "say --unanswerable where none does"
        )
    if judgments is not None:
        evaluation_judgments.replace_of(
            connection, organization_id, [known.query.id],
            [EvaluationJudgment(known.query.id, *judgment) for judgment in judgments],
        )  # fmt: skip
    evaluation_queries.set_reviewed(
        connection, organization_id, known.query.id, state=state, is_answerable=answerable, reviewed_by=reviewed_by
    )


def split(
    connection: Connection, organization_id: UUID, chosen: EvaluationSet, *, tune_share: float
) -> Mapping[Split, int]:
    """Split a set anew, by a hash of each question; how many stand on each side then."""
    sides: dict[Split, list[str]] = {"tune": [], "report": []}
    for query in evaluation_queries.select_all(connection, organization_id, chosen.id):
        sides[splitting.split_of(query.question, tune_share=tune_share)].append(query.external_id)
    for side, external_ids in sides.items():
        evaluation_queries.set_split(connection, organization_id, chosen.id, external_ids, split=side)
    return {side: len(external_ids) for side, external_ids in sides.items()}


def as_lines(known: Sequence[Known]) -> Iterator[str]:
    """The questions as JSON lines that can be imported again."""
    for one in known:
        line: dict[str, object] = {"id": one.query.external_id, "question": one.query.question}
        line["documents"] = [
            {
                key: value
                for key, value in (
                    ("document", answer.path or str(answer.document_id)), ("source", answer.source),
                    ("grade", answer.grade), ("quote", answer.quote), ("start", answer.start),
                )
                if value is not None
            }
            for answer in one.answers
        ]  # fmt: skip
        if not one.query.is_answerable:
            line["answerable"] = False
        if one.query.slice:
            line["slice"] = one.query.slice
        line |= {"split": one.query.split, "state": one.query.state, "origin": one.query.origin}
        yield json.dumps(line, ensure_ascii=False)


def _new(draft: Draft, known: Known | None, origin: QuestionOrigin) -> NewQuery:
    side: Split | None = draft.split or (known.query.split if known else None)
    return NewQuery(
        draft.external_id, draft.question, draft.slice, known.query.data_source_id if known else None, origin,
        draft.state or "accepted", side or splitting.split_of(draft.question), draft.is_answerable,
    )  # fmt: skip


def _match(
    connection: Connection, organization_id: UUID, drafts: Sequence[Draft], documents: Sequence[KnownDocument]
) -> tuple[list[_Matched], list[str]]:
    shelf, texts, problems = Shelf(documents), _Texts(connection, organization_id), []
    matched = []
    for draft in drafts:
        found = []
        for answer in draft.answers:
            try:
                document = shelf.match(answer.document, source=answer.source)
                found.append((document.id, answer.grade, *texts.find(document, answer)))
            except Unmatched as unmatched:
                problems.append(f"{draft.place} ({draft.external_id}): {unmatched}")
        matched.append(_Matched(draft, tuple(dict.fromkeys(found))))
    return matched, problems


class _Texts:
    """The texts that readers see of documents, each read once."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization_id = organization_id
        self._last: tuple[UUID, str] | None = None

    def find(self, document: KnownDocument, answer: Answer) -> tuple[str | None, int | None]:
        """The quote and where it begins; None for none. Raises Unmatched where the document does not say so."""
        if answer.quote is None:
            return None, None
        if document.version_id is None:
            raise Unmatched(f"document {document.path!r} cannot be read yet, so that its quote cannot be found")
        if self._last is None or self._last[0] != document.version_id:
            text = document_versions.get_text(self._connection, self._organization_id, document.version_id)
            self._last = (document.version_id, text)
        found = matching.find_quote(self._last[1], answer.quote, start=answer.start)
        if found is None:
            raise Unmatched(f"document {document.path!r} does not say {answer.quote!r:.80}")
        return found


def _unmatched(problems: Sequence[str], documents: Sequence[KnownDocument]) -> str:
    told = "\n".join(f"  {problem}" for problem in problems[:MOST_NAMED])
    more = f"\n  and {len(problems) - MOST_NAMED:,} more" if len(problems) > MOST_NAMED else ""
    return (
        f"{counted(len(problems), 'judgment names', 'judgments name')} what is not found among the "
        f"{counted(len(documents), 'document')} of the chatbot; "
        f"nothing was imported:\n{told}{more}\nSync their source, write source:path, or leave them out with "
        "--skip-unmatched"
    )


def _read_folder(folder: Path) -> list[Draft]:
    qrels = next((path for path in (folder / "qrels.tsv", folder / "qrels" / "test.tsv") if path.is_file()), None)
    if qrels is None or not (folder / "queries.jsonl").is_file():
        raise Missing(f"{folder} has no queries.jsonl and qrels.tsv (or qrels/test.tsv), as BEIR lays them out")
    spans, corpus = folder / "spans.jsonl", folder / "corpus.jsonl"
    return reading_questions.from_beir(
        _lines(folder / "queries.jsonl"), _lines(qrels),
        titles=_titles(corpus) if corpus.is_file() else {}, spans=_lines(spans) if spans.is_file() else (),
    )  # fmt: skip


def _titles(corpus: Path) -> dict[str, str]:
    titles = {}
    for number, text in enumerate(_lines(corpus), start=1):
        try:
            line = json.loads(text) if text.strip() else {}
            titles[str(line.get("id", line.get("_id", "")))] = str(line.get("title") or "")
        except (ValueError, AttributeError):
            raise reading_questions.BadLines("corpus.jsonl", [f"line {number}: it is no JSON object"]) from None
    return titles


def _lines(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(file)
    except FileNotFoundError:
        raise Missing(f"there is no file {path}") from None
    except UnicodeDecodeError as error:
        raise Refused(f"{path.name} is not UTF-8 ({error.reason}): save it as UTF-8") from None
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}") from None
