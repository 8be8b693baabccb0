"""Words, phrases and identifiers are found as they are written, in every language that PostgreSQL has a stemmer for."""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from resources.foundation.database import Database
from resources.foundation.statements import Connection
from resources.knowledge.chunks import embedding_models, segmenting, text_statistics
from resources.knowledge.records import ChunkingRule, Found
from resources.knowledge.search import search
from tests.conftest import make_organization
from tests.factories.embedders import HashEmbedder
from tests.factories.library import shelve
from tests.factories.workshops import Workshop, make_workshop

RECIPE = ChunkingRule().name
MODEL = HashEmbedder()

CODE = {
    "vector.md": "Include <vector> and say std::vector<int> v; it grows.",
    "algebra.md": "A vector space. The std of a sample is the root of its variance.",
    "linker.md": "Set /INCREMENTAL:NO where the image must be small.",
    "growth.md": "Incremental growth is slow growth.",
    "unaligned.md": "The __unaligned modifier tells of a pointer.",
    "pointer.md": "An unaligned pointer is slow.",
    "pep-703.md": "PEP 703 makes the lock optional.",
    "pep-8.md": "PEP 8 has 703 rules of style.",
    "error.md": "It fails with ERR_1234 at the start.",
    "numbers.md": "1234 sacks and one err in the count.",
    "call.md": "Call os.path.join(a, b) for it.",
    "path.md": "The path of the miller; they join at the mill.",
}


def ask(database: Database, organization_id: UUID, question: str, *, k: int = 10, words: float = 0.7) -> list[Found]:
    with database.transaction(organization_id) as connection:
        model = embedding_models.select_all(connection, organization_id)[0]
        return search.hybrid(
            connection, organization_id, question=question, vector=MODEL.embed([question])[0], recipe_name=RECIPE,
            embedding_model_id=model.id, source_ids=None, k=k, lexical_weight=words,
        )  # fmt: skip


def missing(database: Database, organization_id: UUID, question: str) -> list[str]:
    with database.transaction(organization_id) as connection:
        return search.select_missing_phrases(
            connection, organization_id, question=question, recipe_name=RECIPE, source_ids=None
        )


def fill(database: Database, organization_id: UUID, texts: Mapping[str, str]) -> None:
    shelve(database, organization_id, texts, embedder=MODEL)


def test_an_identifier_is_found_first_where_it_stands_as_written(database: Database, organization_id: UUID) -> None:
    fill(database, organization_id, CODE)
    asked = [
        ("std::vector", "vector.md"), ("What does std::vector do?", "vector.md"), ("#include <vector>", "vector.md"),
        ("/INCREMENTAL", "linker.md"), ("incremental growth", "growth.md"), ("__unaligned", "unaligned.md"),
        ("unaligned", "pointer.md"), ("PEP 703", "pep-703.md"), ("pep-703", "pep-703.md"), ("PEP703", "pep-703.md"),
        ("ERR_1234", "error.md"), ("ERR-1234", "error.md"), ("os.path.join", "call.md"), ("path.join", "call.md"),
        ("join", "call.md"),
    ]  # fmt: skip
    found = {question: ask(database, organization_id, question, words=1.0)[0].file_path for question, _ in asked}
    del found["unaligned"], found["join"]  # shorter passages come first, both hold it
    assert found == {question: path for question, path in asked if question in found}
    for question, paths in [("vector", {"vector.md", "algebra.md"}), ("join", {"call.md", "path.md"})]:
        hits = {hit.file_path for hit in ask(database, organization_id, question) if hit.lexical_score > 0}
        assert hits == paths


MILLS = {
    "a.md": "The miller of the old mill weighs the grain.",
    "b.md": "The old miller sells flour. The mill is new.",
    "c.md": "Grain is weighed by the miller, and the mill is old; so old, so very old is the mill.",
}


def test_a_quoted_phrase_comes_first_where_its_words_stand_in_that_order(
    database: Database, organization_id: UUID
) -> None:
    fill(database, organization_id, MILLS)
    for question, path in [
        ('"old mill"', "a.md"), ('Who weighs in the "old mill"?', "a.md"), ("“old millers”", "b.md"),
        ('«mill is old» "weighed by"', "c.md"), ("„mills is new“", "b.md"),
    ]:  # fmt: skip
        for words in (0.0, 0.3, 0.7, 1.0):
            hits = ask(database, organization_id, question, words=words)
            assert hits[0].file_path == path, question
            assert hits[0].score >= 0.5 > hits[1].score, question
            assert len(hits) == 3, question
        assert missing(database, organization_id, question) == []


def test_a_phrase_that_nowhere_stands_is_searched_for_by_its_words_and_named(
    database: Database, organization_id: UUID
) -> None:
    fill(database, organization_id, MILLS)
    for phrase in ("mill old", "old grain", "zeppelin"):
        quoted = ask(database, organization_id, f'"{phrase}" of flour', words=1.0)
        assert [hit.file_path for hit in quoted] == [
            hit.file_path for hit in ask(database, organization_id, f"{phrase} of flour", words=1.0)
        ]
        assert missing(database, organization_id, f'"{phrase}" of flour') == [phrase]
    assert missing(database, organization_id, '"old mill" and "old grain"') == ["old grain"]
    assert missing(database, organization_id, "old grain") == []


def test_every_phrase_is_found_where_it_stands_and_nowhere_else(database: Database, organization_id: UUID) -> None:
    texts = {f"{number}.md": " ".join(words) for number, words in enumerate(product(TOKENS[:3], repeat=4))}
    fill(database, organization_id, texts)
    phrases = [" ".join(words) for size in (2, 3) for words in product(TOKENS[:3], repeat=size)]
    for phrase in phrases:
        holding = {path for path, text in texts.items() if phrase in text}
        found = {hit.file_path for hit in ask(database, organization_id, f'"{phrase}"', k=100) if hit.score >= 0.5}
        assert found == holding, phrase
        assert missing(database, organization_id, f'"{phrase}"') == []


def test_no_more_than_20_000_passages_are_looked_at_for_a_phrase(database: Database, organization_id: UUID) -> None:
    fill(database, organization_id, {"plain.md": "The mill has one wheel."})
    call = "select count(*) from knowledge.lexical_search('mill & wheel', '{}/1000000000', %s, null, null, 50000, %s)"
    with database.transaction(organization_id) as connection:
        _copy(connection, organization_id, "The mill has one wheel.", 20_009)
        for phrase, count in (("mill <3> wheel", 20_000), ("wheel <-> mill", 0)):
            assert connection.execute(call, [RECIPE, phrase]).fetchone() == (count,)


def test_a_quoted_identifier_must_stand_as_it_is_written(database: Database, organization_id: UUID) -> None:
    fill(database, organization_id, CODE)
    assert ask(database, organization_id, '"/INCREMENTAL" growth')[0].file_path == "linker.md"
    assert ask(database, organization_id, '"std::vector" space')[0].file_path == "vector.md"
    assert missing(database, organization_id, '"/growth"') == ["/growth"]


def test_a_phrase_of_chinese_is_found_as_a_run_of_characters(workshop: Workshop) -> None:
    workshop.embedder = MODEL
    workshop.write("水车.md", "水车磨坊的轮子在冷河里慢慢转动。谷物在称重之后才倒入料斗。")
    workshop.write("商店.md", "磨坊商店有水和车。轮子的价格是三欧元。谷物称了，很重。")
    workshop.sync()
    assert ask(workshop.database, workshop.organization_id, "「水车磨坊」 商店 价格 欧元")[0].file_path == "水车.md"


@pytest.mark.parametrize(
    "question",
    ['"', '""', '" "', '"a" "b', '"the"', '"\'"', '"\\"', '"a & b | !c <-> d:*"', '"水"', '"' * 9_999, '"a"' * 3_000],
)
def test_no_quote_breaks_the_search(database: Database, organization_id: UUID, question: str) -> None:
    fill(database, organization_id, {"odd.md": "it's a \\ 'quote' of grain"})
    assert len(ask(database, organization_id, question)) == 1
    assert isinstance(missing(database, organization_id, question), list)


def test_questions_of_stop_words_and_very_long_ones_are_answered(database: Database, organization_id: UUID) -> None:
    fill(database, organization_id, MILLS)
    for question in ("to be or not to be", "the who", '"to be or not to be"', "the " * 4000, "old mill " * 2000):
        assert len(ask(database, organization_id, question)) == 3
    assert ask(database, organization_id, "the " * 1500 + "flour", words=1.0)[0].file_path == "b.md"


# One word in another form than the text has, in each language; `simple` has no stemmer and finds the form alone.
INFLECTED = {
    "arabic": ("الكتاب مفيد جدا للطلاب", "كتابهم"),
    "armenian": ("Գրքերը սեղանի վրա են", "սեղան"),
    "basque": ("Etxeak handiak dira herrian", "etxea"),
    "catalan": ("Els gats vells del poble", "gat"),
    "danish": ("Husene ligger ved vandet", "huset"),
    "dutch": ("De molens draaien langzaam", "molen"),
    "english": ("The mills were turning slowly", "mill"),
    "estonian": ("Majad on suured ja vanad", "maja"),
    "finnish": ("Taloissa asuu paljon ihmisiä", "talossa"),
    "french": ("Les moulins tournaient lentement", "moulin"),
    "german": ("Die Mühlen mahlen langsam", "Mühle"),
    "greek": ("Οι μύλοι γυρίζουν αργά", "μύλος"),
    "hindi": ("किताबें मेज पर हैं", "किताब"),
    "hungarian": ("A malmok lassan forognak", "malmot"),
    "indonesian": ("Mereka membaca buku itu", "bacaan"),
    "irish": ("Tá na muilte ag casadh go mall", "muilte"),
    "italian": ("I mulini giravano lentamente", "mulino"),
    "lithuanian": ("Namai stovi prie upės", "namas"),
    "nepali": ("किताबहरू टेबुलमा छन्", "किताब"),
    "norwegian": ("Husene ligger ved vannet", "huset"),
    "portuguese": ("Os moinhos giravam devagar", "moinho"),
    "romanian": ("Morile se învârt încet", "mori"),
    "russian": ("Мельницы медленно вращаются", "мельница"),
    "serbian": ("Књиге су на столу", "књига"),
    "spanish": ("Los molinos giraban despacio", "molino"),
    "swedish": ("Husen ligger vid vattnet", "huset"),
    "tamil": ("புத்தகங்கள் மேசையில் உள்ளன", "புத்தகம்"),
    "turkish": ("Değirmenler yavaş dönüyor", "değirmen"),
    "yiddish": ("די ביכער ליגן אויפן טיש", "ביכער"),
}


def test_a_word_is_found_in_another_form_in_each_language(database: Database, organization_id: UUID) -> None:
    assert set(INFLECTED) == segmenting.CONFIGURATIONS - {"simple"}
    fill(database, organization_id, {f"{language}.md": text for language, (text, _) in INFLECTED.items()})
    with database.transaction(organization_id) as connection:
        connection.execute(
            "update knowledge.chunks c set language = split_part(d.file_path, '.', 1)::regconfig, "
            "lexemes = to_tsvector(split_part(d.file_path, '.', 1)::regconfig, c.content) "
            "from knowledge.documents d where d.id = c.document_id"
        )
        text_statistics.refresh(connection, organization_id, RECIPE)
    lost = {
        language
        for language, (_, asked) in INFLECTED.items()
        if f"{language}.md" not in {
            hit.file_path for hit in ask(database, organization_id, asked, k=40) if hit.lexical_score > 0
        }
    }  # fmt: skip
    assert lost == set()


# Laws.

# Words with a digit are the same in every language; some are joined to identifiers, which are words too.
TOKENS = ["w1", "w2", "w3", "w4", "w5", "w1::w2", "w3.w4", "/w5", "w1_w3", "w2->w4"]
PARAGRAPHS = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=12).map(" ".join)
STEPS = st.lists(
    st.tuples(st.integers(0, 5), st.none() | st.lists(PARAGRAPHS, min_size=1, max_size=4).map("\n\n".join)),
    min_size=1, max_size=4,
)  # fmt: skip
SHOWN = b"""
    select c.id, d.file_path, v.title, c.content, c.language::text, s.average_length
    from knowledge.chunks c
    join knowledge.documents d on d.organization_id = c.organization_id and d.id = c.document_id
    join knowledge.document_versions v on v.organization_id = c.organization_id and v.id = c.document_version_id
    join knowledge.text_statistics s on s.recipe = c.recipe and s.language = c.language
    where c.is_active"""
MISCOUNTED = b"""
    select coalesce(f.lexeme, c.lexeme) from
    (select lexeme, chunk_count from knowledge.lexeme_frequencies) f
    full join (select lexeme, count(*) as chunk_count from knowledge.chunks, unnest(tsvector_to_array(lexemes)) lexeme
               where is_active group by lexeme) c using (lexeme)
    where f.chunk_count is distinct from c.chunk_count"""


@settings(
    max_examples=5, phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
@given(steps=STEPS, question=st.lists(st.sampled_from([*TOKENS, "w9", "the"]), min_size=1, max_size=4))
def test_after_any_edits_and_deletions_the_score_is_bm25_from_scratch(
    database: Database,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[int, str | None]],
    question: list[str],
) -> None:
    organization_id = make_organization(database, f"org-{uuid4().hex}")
    workshop = make_workshop(database, organization_id, tmp_path_factory.mktemp("home"))
    workshop.rule = ChunkingRule(size=64)
    for number in range(6):
        workshop.write(f"d{number}.txt", "\n\n".join(TOKENS[number:] + TOKENS[:number]), age_s=9000)
    workshop.sync()
    for age, (number, text) in enumerate(steps):
        if text is None:
            (workshop.folder / f"d{number}.txt").unlink(missing_ok=True)
        else:
            workshop.write(f"d{number}.txt", text, age_s=8000 - 100 * age)
        workshop.sync()
        assert workshop.rows(MISCOUNTED) == []
    chunks = workshop.rows(SHOWN)
    with database.transaction(organization_id) as connection:
        found = search.lexical(
            connection, organization_id, question=" ".join(question), recipe_name=workshop.rule.name,
            source_ids=None, k=200,
        )  # fmt: skip
    expected = _bm25(chunks, " ".join(question))
    assert {hit.chunk_id: hit.lexical_score for hit in found} == pytest.approx(expected, rel=1e-4)


def _bm25(
    chunks: Sequence[tuple[object, ...]], question: str, *, k1: float = 0.75, b: float = 0.75
) -> dict[object, float]:
    """By the stored average of each language, which is never more than 5 % from the real one."""
    texts = {row[0]: f"{row[2] or ''}\n{row[3]}" for row in chunks}
    words = {key: re.findall(r"[a-z]+\d", text) for key, text in texts.items()}
    counts = {key: Counter(words[key]) | Counter(set(_joined(text))) for key, text in texts.items()}
    lengths: dict[object, list[int]] = defaultdict(list)
    for row in chunks:
        lengths[row[4]].append(len(words[row[0]]))
    scores = {}
    for row in chunks:
        average = float(str(row[5]))
        assert average == pytest.approx(statistics.fmean(lengths[row[4]]), rel=0.051)
        norm = k1 * (1 - b + b * len(words[row[0]]) / average)
        held = {term for term in {*re.findall(r"[a-z]+\d", question), *_joined(question)} if counts[row[0]][term]}
        if held:
            scores[row[0]] = sum(
                _idf(sum(term in count for count in counts.values()), len(chunks))
                * counts[row[0]][term] * (k1 + 1) / (counts[row[0]][term] + norm)
                for term in held
            )  # fmt: skip
    return scores


def _joined(text: str) -> list[str]:
    return [token for token in text.split() if not token.isalnum()]


def _idf(holding: int, chunks: int) -> float:
    return math.log(1 + (chunks - holding + 0.5) / (holding + 0.5))


def test_of_frequent_words_alone_passages_with_two_of_them_are_weighed(
    database: Database, organization_id: UUID
) -> None:
    fill(
        database, organization_id,
        {"plain.md": "The mill has one wheel.", "answer.md": "Mill wheel, mill wheel!", "one.md": "A mill of stone."},
    )  # fmt: skip
    with database.transaction(organization_id) as connection:
        _copy(connection, organization_id, "The mill has one wheel.", search.REACH + 1)
        text_statistics.refresh(connection, organization_id, RECIPE)
        found = search.lexical(
            connection, organization_id, question="wheel mill", recipe_name=RECIPE, source_ids=None, k=2 * search.REACH
        )
    assert found[0].file_path == "answer.md"
    assert len(found) == search.REACH + 3
    assert {hit.file_path for hit in found} == {"answer.md", "plain.md"}


def _copy(connection: Connection, organization_id: UUID, content: str, count: int) -> None:
    """So many more passages of this content."""
    connection.execute(
        "insert into knowledge.chunks (organization_id, data_source_id, document_id, document_version_id, recipe,"
        " chunk_index, chunk_size, chunk_overlap, content, start_char, end_char, token_count, content_hash,"
        " language, lexemes, lexeme_count, weights, is_active, wording)"
        " select organization_id, data_source_id, document_id, document_version_id, recipe, n, chunk_size,"
        " chunk_overlap, content, start_char, end_char, token_count, content_hash, language, lexemes,"
        " lexeme_count, weights, is_active, wording"
        " from knowledge.chunks, generate_series(10, 9 + %s) n"
        " where organization_id = %s and content = %s",
        [count, organization_id, content],
    )
