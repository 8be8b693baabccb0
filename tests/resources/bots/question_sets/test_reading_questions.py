"""Questions are read as they were written down, wholly or not at all, and every bad line is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.question_sets import reading_questions, splitting
from resources.bots.question_sets.reading_questions import Answer, BadLines, Draft


def lines(*objects: object) -> list[str]:
    return [json.dumps(one) + "\n" for one in objects]


def test_json_lines_say_as_much_as_they_like() -> None:
    read = reading_questions.from_json_lines(
        lines(
            {"id": 7, "question": "Who weighs grain?", "documents": ["grain.md", {"document": "x.md", "grade": 2}]},
            {
                "question": "When?",
                "path": "sluice.md",
                "source": "handbook",
                "quote": "every second Monday",
                "start": 9,
            },
            {"id": "c", "text": "Who is the king?", "answerable": False, "lang": "en", "split": "tune"},
        ),
        name="mine.jsonl",
    )
    assert read == [
        Draft("line 1", "7", "Who weighs grain?", (Answer("grain.md"), Answer("x.md", grade=2))),
        Draft(
            "line 2", splitting.id_of("when?"), "When?",
            (Answer("sluice.md", "handbook", 1, "every second Monday", 9),),
        ),
        Draft("line 3", "c", "Who is the king?", (), "en", "tune", is_answerable=False),
    ]  # fmt: skip


def test_all_bad_lines_are_named_with_their_reasons_and_nothing_is_read() -> None:
    with pytest.raises(BadLines) as bad:
        reading_questions.from_json_lines(
            [
                "{", "[]", "\n",
                *lines(
                    {"question": "No document?"}, {"question": 5, "document": "a"}, {"document": "a"},
                    {"id": "a", "question": "Good?", "document": "a"},
                    {"id": "a", "question": "Twice?", "document": "a"},
                    {"question": "Q", "documents": [3]}, {"question": "Q", "document": "a", "grade": -1},
                    {"question": "Q", "document": "a", "split": "both"}, {"question": "Q", "documents": "a"},
                    {"question": "Q", "document": "a", "answerable": False}, {"question": "Q" * 4001, "document": "a"},
                    {"question": "Q", "document": "a", "start": 1.5},
                ),
            ],
            name="bad.jsonl",
        )  # fmt: skip
    told = str(bad.value).splitlines()
    assert told[0] == "bad.jsonl has 13 problems; nothing was imported:"
    assert [line.split(":")[0].strip() for line in told[1:]] == [
        f"line {number}" for number in (1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15)
    ]
    assert "  line 8: 'a' stands in line 7 already" in told
    assert '  line 4: it names no "document" that answers; say "answerable": false where none does' in told


def test_only_the_first_problems_are_told_and_the_others_counted() -> None:
    with pytest.raises(BadLines, match="and 80 more"):
        reading_questions.from_json_lines(["{"] * 100, name="bad.jsonl")


def test_rows_of_one_id_are_documents_of_one_question() -> None:
    table = [
        "id,question,document,quote,grade,answerable\n", 'a,"Who, and when?",one.md,"the ""owl""",2,\n',
        'a,"Who, and when?",two.md,,,yes\n', "b,Nobody?,,,,no\n",
    ]  # fmt: skip
    assert reading_questions.from_table(table, name="mine.csv") == [
        Draft("line 2", "a", "Who, and when?", (Answer("one.md", None, 2, 'the "owl"'), Answer("two.md"))),
        Draft("line 4", "b", "Nobody?", (), is_answerable=False),
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (["name,path\n", "a,b\n"], "line 1: it is no heading with a column 'question'"),
        (["id,question,document\n", "a,One?,x\n", "a,Two?,y\n"], "line 3: 'a' is another question in line 2"),
        (["question,document,grade\n", "One?,x,many\n"], "line 2: 'grade' is 'many', which is no whole number"),
        (["question,document\n", "One?,x,y\n"], "line 2: it has more fields than the heading has columns"),
        (["question,document\n", 'One?,"x\n'], "line 2: unexpected end of data"),
        ([], "line 1: it is no heading"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(table: list[str], said: str) -> None:
    with pytest.raises(BadLines) as bad:
        reading_questions.from_table(table, name="mine.csv")
    assert said in str(bad.value)


def test_a_folder_of_beir_is_read_with_its_titles_and_spans() -> None:
    queries = lines({"_id": "1", "text": "Who?"}, {"_id": "2", "text": "Unjudged?"}, {"_id": "3", "text": "Where?"})
    qrels = ["query-id\tcorpus-id\tscore\n", "1\t77\t2\n", "3\tmill.md\t1\n", "3\tbarn.md\t0\n"]
    spans = lines({"query_id": "3", "doc_id": "mill.md", "start": 3, "end": 6, "text": "owl"})
    read = reading_questions.from_beir(queries, qrels, titles={"77": "The granary", "mill.md": "Mill"}, spans=spans)
    assert [(one.external_id, one.answers) for one in read] == [
        ("1", (Answer("The granary", grade=2),)),
        ("3", (Answer("mill.md", quote="owl"), Answer("barn.md", grade=0))),
    ]
    with pytest.raises(BadLines, match=r"qrels.tsv has 2 problems(.|\n)*line 2: it has 1 fields(.|\n)*line 3: queries"):
        reading_questions.from_beir(queries, ["heading\n", "1\n", "9\t77\t1\n"])


@given(st.text())
def test_any_line_is_read_or_named(text: str) -> None:
    try:
        read: object = reading_questions.from_json_lines([text], name="any.jsonl")
    except BadLines as bad:
        read = str(bad).splitlines()[1].split(": ")[0]
    assert read in ([], "  line 1")
