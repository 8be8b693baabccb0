"""The sample handbook and its questions hold together: every answer stands, word for word, in the file it names."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO, StringIO
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"
HANDBOOK = SAMPLE / "handbook"
MOST_BYTES = 200_000


@dataclass(frozen=True)
class Question:
    """A question as a person asks it; without a document, the handbook does not answer it."""

    id: str
    text: str
    document: str | None
    quote: str | None


def questions() -> list[Question]:
    lines = (SAMPLE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(**json.loads(line)) for line in lines]


def files() -> list[str]:
    return sorted(path.relative_to(HANDBOOK).as_posix() for path in HANDBOOK.rglob("*") if path.is_file())


def decoded(content: bytes) -> str:
    return content.decode("utf-8")


def csv_text(content: bytes) -> str:
    return "\n".join("\n".join(row) for row in csv.reader(StringIO(decoded(content))))


def docx_text(content: bytes) -> str:
    import docx

    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def pdf_text(content: bytes) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(content) as pages:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pages)


def mail(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def mail_text(content: bytes) -> str:
    return str(mail(content).get_content())


READERS: dict[str, Callable[[bytes], str]] = {
    ".md": decoded,
    ".txt": decoded,
    ".rst": decoded,
    ".html": decoded,
    ".csv": csv_text,
    ".docx": docx_text,
    ".pdf": pdf_text,
    ".eml": mail_text,
}


def one_spaced(text: str) -> str:
    return " ".join(text.split())


def text_of(document: str) -> str:
    path = HANDBOOK / document
    return one_spaced(READERS[path.suffix](path.read_bytes()))


def answered() -> Iterator[tuple[Question, str, str]]:
    for question in questions():
        if question.document is not None and question.quote is not None:
            yield question, question.document, question.quote


@pytest.mark.parametrize("question", [pytest.param(q, id=q.id) for q in questions() if q.document])
def test_the_answer_stands_exactly_once_in_the_file_that_is_named(question: Question) -> None:
    assert question.document is not None
    assert question.quote is not None
    assert text_of(question.document).count(question.quote) == 1


def test_no_answer_stands_in_a_second_file() -> None:
    texts = {document: text_of(document) for document in files()}
    for question, named, quote in answered():
        assert [document for document, text in texts.items() if quote in text] == [named], question.id


def test_a_quote_is_one_run_of_words_without_markup() -> None:
    for question, _, quote in answered():
        assert quote == one_spaced(quote), question.id
        assert not set(quote) & set("|*`<>&#_"), question.id


def test_every_question_has_an_identity_and_a_wording_of_its_own() -> None:
    asked = questions()
    assert len({question.id for question in asked}) == len(asked)
    assert len({question.text for question in asked}) == len(asked)


def test_no_question_copies_the_sentence_that_answers_it() -> None:
    for question, _, quote in answered():
        assert quote.lower() not in question.text.lower(), question.id


def test_every_file_of_the_handbook_is_asked_about_at_least_twice() -> None:
    asked = Counter(document for _, document, _ in answered())
    assert {document: asked[document] for document in files() if asked[document] < 2} == {}


def test_forty_questions_have_an_answer_and_eight_have_none() -> None:
    unanswered = [question for question in questions() if question.document is None]
    assert len(list(answered())) == 40
    assert len(unanswered) == 8
    assert all(question.quote is None for question in unanswered)


def test_the_handbook_shows_every_format_that_is_promised() -> None:
    formats = Counter(Path(document).suffix for document in files())
    wanted = {".md": 4, ".html": 2, ".docx": 1, ".pdf": 1, ".csv": 1, ".eml": 1, ".txt": 2, ".rst": 1}
    assert {suffix: least for suffix, least in wanted.items() if formats[suffix] < least} == {}
    assert set(formats) == set(wanted)


def test_the_handbook_is_small() -> None:
    assert sum((HANDBOOK / document).stat().st_size for document in files()) < MOST_BYTES


def test_the_manual_has_several_pages_with_text_and_headings() -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(HANDBOOK / "power" / "sluice-and-turbine.pdf") as manual:
        assert len(manual) >= 3
        assert all(len(page.get_textpage().get_text_bounded()) > 500 for page in manual)
        assert len(list(manual.get_toc())) >= 5
        assert manual.get_metadata_dict()["Author"] == "Millbrook Cooperative"


def test_the_leave_policy_has_headings_a_list_and_a_table() -> None:
    import docx

    policy = docx.Document(str(HANDBOOK / "people" / "leave-policy.docx"))
    styles = {paragraph.style.name for paragraph in policy.paragraphs if paragraph.style is not None}
    assert {"Heading 1", "Heading 2", "List Bullet", "List Number"} <= styles
    assert len(policy.tables) == 1
    assert policy.core_properties.author == "Millbrook Cooperative"


def test_the_tables_have_twenty_rows_or_more_of_equal_width() -> None:
    for document in ("safety/incident-codes.csv", "shop/prices.csv"):
        heading, *rows = csv.reader(StringIO(decoded((HANDBOOK / document).read_bytes())))
        assert len(rows) >= 20
        assert {len(row) for row in rows} == {len(heading)}
        assert len({row[0] for row in rows}) == len(rows)


def test_the_letter_quotes_what_it_answers_and_the_answer_is_not_in_the_quoted_part() -> None:
    letter = mail((HANDBOOK / "letters" / "2026-04-14-alarm-level.eml").read_bytes())
    lines = str(letter.get_content()).splitlines()
    own = one_spaced(" ".join(line for line in lines if not line.startswith(">")))
    assert letter["Subject"].startswith("Re:")
    assert any(line.startswith(">>") for line in lines)
    assert all(quote in own for _, document, quote in answered() if document.endswith(".eml"))


def test_nobody_writes_from_an_address_that_could_exist() -> None:
    for document in files():
        for word in text_of(document).replace("<", " ").replace(">", " ").split():
            assert "@" not in word or word.strip(".,;:").endswith(".example"), (document, word)


def test_navigation_and_footers_answer_nothing() -> None:
    from lxml import html

    for _, document, quote in answered():
        if document.endswith(".html"):
            page = html.fromstring((HANDBOOK / document).read_bytes())
            (main,) = page.xpath("//main")
            assert page.xpath("//nav")
            assert page.xpath("//footer")
            assert quote in one_spaced(main.text_content())
