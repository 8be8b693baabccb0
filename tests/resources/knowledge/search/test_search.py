"""Search: by words, by meaning, in any script, within one organization."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from resources.foundation.database import Database, Server
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.inference import Embedder
from resources.foundation.statements import Connection
from resources.knowledge.chunks import embedding_models, text_statistics
from resources.knowledge.records import ChunkingRule, Found
from resources.knowledge.search import filtering, search, vector_indexes
from resources.knowledge.search.filtering import Filter
from tests.conftest import make_organization
from tests.factories import files
from tests.factories.embedders import HashEmbedder
from tests.factories.library import MILL, shelve
from tests.factories.vectors import points, stock, walks_in
from tests.factories.workshops import Workshop

RECIPE = ChunkingRule().name
MODEL = EmbeddedModel()
CHUNKS = 6  # of the little library MILL, a paragraph each


def ask(
    database: Database,
    organization_id: UUID,
    question: str,
    *,
    by: Embedder = MODEL,
    source_ids: Sequence[UUID] | None = None,
    k: int = 10,
    lexical_weight: float = 0.7,
    threshold: float = 0.0,
    filter: Filter = filtering.EVERYTHING,
    is_steady: bool = False,
) -> list[Found]:
    vector = by.embed([question])[0]
    with database.transaction(organization_id) as connection:
        models = embedding_models.select_all(connection, organization_id)
        return search.hybrid(
            connection, organization_id, question=question, vector=vector, recipe_name=RECIPE,
            embedding_model_id=models[0].id if models else uuid4(), source_ids=source_ids, k=k,
            lexical_weight=lexical_weight, threshold=threshold, filter=filter, is_steady=is_steady,
        )  # fmt: skip


def test_a_rare_word_finds_its_passage(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL | {"codes.md": "Incident E-4711 means that the lubricator ran dry."})
    best = ask(database, organization_id, "What is E-4711?")[0]
    assert best.file_path == "codes.md"
    assert best.lexical_score > 0
    assert best.source_name == "handbook"
    assert best.content == "Incident E-4711 means that the lubricator ran dry."
    assert (best.start_char, best.end_char) == (0, len(best.content))


def test_a_word_is_found_in_its_other_forms(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    assert ask(database, organization_id, "weighing of loads")[0].file_path == "grain.md"


def test_a_meaning_is_found_without_its_words(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    found = ask(database, organization_id, "cost")
    assert found[0].content == "Rye flour costs three euros for a kilogram."
    found = ask(database, organization_id, "price", lexical_weight=0.7)
    assert found[0].lexical_score == 0
    assert found[0].file_path == "shop.md"


def test_chinese_thai_and_korean_are_found_without_a_dictionary(workshop: Workshop) -> None:
    workshop.embedder = HashEmbedder(dimension=16)
    workshop.write("水车.md", "# 水车\n\n水车磨坊的轮子在冷河里慢慢转动。谷物在称重之后才倒入料斗。")
    workshop.write("商店.md", "# 商店\n\n商店工作日从九点开到五点。黑麦面粉每公斤三欧元。")
    workshop.write("mill.md", "# กังหันน้ำ\n\nโรงสีเก่ามีกังหันน้ำที่หมุนช้าในแม่น้ำเย็น คนโม่แป้งชั่งเมล็ดพืชก่อนเทลงถัง")
    workshop.write("shop.md", "# ร้านค้า\n\nร้านเปิดตั้งแต่เก้าโมงถึงห้าโมงในวันธรรมดา แป้งข้าวไรย์ราคากิโลกรัมละสามยูโร")
    workshop.write("물레방아.md", "# 물레방아\n\n물레방아는 강에서 천천히 돈다. 주인은 곡식의 무게를 단다.")
    workshop.write("가게.md", "# 가게\n\n가게는 아홉 시부터 다섯 시까지 연다. 가루는 삼 유로이다.")
    workshop.sync()
    for question, path in [
        ("谷物什么时候称重", "水车.md"), ("面粉多少钱", "商店.md"), ("ราคาแป้งข้าวไรย์", "shop.md"), ("กังหัน", "mill.md"),
        ("곡식을 언제 단다", "물레방아.md"), ("가루가 얼마", "가게.md"),
    ]:  # fmt: skip
        found = ask(workshop.database, workshop.organization_id, question, by=workshop.embedder, lexical_weight=1.0)
        assert found[0].file_path == path, question


def test_texts_of_several_languages_are_found_each_by_its_own_rules(workshop: Workshop) -> None:
    workshop.write(
        "german.md",
        "# Mühle\n\nDer Müller wiegt jede Ladung Getreide auf der Waage, bevor sie gekippt wird. Die Schleusen werden "
        "an jedem zweiten Montag geschmiert, und bei Hochwasser wird die Turbine angehalten.",
    )
    workshop.write("english.md", "# Mill\n\nThe miller weighs every load of grain on the scale before it is tipped.")
    workshop.sync()
    asked = [("Schleuse schmieren", "german.md"), ("weighing grains", "english.md")]
    for question, path in asked:
        found = ask(workshop.database, workshop.organization_id, question, by=workshop.embedder, lexical_weight=1.0)
        assert (found[0].file_path, found[0].lexical_score > 0) == (path, True)


def test_a_stop_word_is_no_rare_word_where_the_language_is_unknown(workshop: Workshop) -> None:
    for number in range(20):
        workshop.write(
            f"{number:02}.md",
            f"# Rule {number}\n\nThe miller of the mill weighs the grain, and the engineer greases the sluice of the "
            f"mill on the day of rule {number} in order to keep the wheel and the turbine from running dry.",
        )
    workshop.write("sluice.md", "# Sluice\n\nThe sluice key hangs in the office of the engineer.")
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        connection.execute(
            "update knowledge.chunks set language = 'simple', "
            "lexemes = to_tsvector('simple', 'what is the of it where') where content like '%rule 7 %'"
        )
        _count_again(connection, workshop.organization_id)
    found = ask(
        workshop.database, workshop.organization_id, "where is the key of the sluice", by=workshop.embedder,
        lexical_weight=1.0,
    )  # fmt: skip
    assert found[0].file_path == "sluice.md"
    found = ask(workshop.database, workshop.organization_id, "what is it, and where", by=workshop.embedder, k=30)
    assert {hit.lexical_score for hit in found} == {0.0}


def test_a_question_of_stop_words_is_answered_by_meaning_alone(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    found = ask(database, organization_id, "what is it about")
    assert [hit.lexical_score for hit in found] == [0.0] * CHUNKS
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert found[0].dense_score == max(hit.dense_score for hit in found)
    assert found[0].score == pytest.approx(1.0)


def test_no_chunks_are_found_where_there_are_none(database: Database, organization_id: UUID) -> None:
    assert ask(database, organization_id, "grain") == []
    source_id = shelve(database, organization_id, MILL)
    assert ask(database, organization_id, "grain", source_ids=[]) == []
    assert ask(database, organization_id, "grain", source_ids=[uuid4()]) == []
    assert len(ask(database, organization_id, "grain", source_ids=[source_id])) == CHUNKS


def test_only_the_named_sources_are_searched(database: Database, organization_id: UUID) -> None:
    first = shelve(database, organization_id, {"a.md": "The miller weighs the grain."}, name="first")
    second = shelve(database, organization_id, {"b.md": "The miller weighs the grain."}, name="second")
    assert {hit.data_source_id for hit in ask(database, organization_id, "grain")} == {first, second}
    assert [hit.file_path for hit in ask(database, organization_id, "grain", source_ids=[second])] == ["b.md"]


def test_only_documents_that_the_filter_lets_through_are_searched(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    two, grain, none = (
        filtering.parsed({"paths": paths}) for paths in (["shop.md", "sluice.md"], ["grain.md"], ["nowhere.md"])
    )
    found = ask(database, organization_id, "grain", filter=two)
    assert {hit.file_path for hit in found} == {"shop.md", "sluice.md"}
    assert [hit.lexical_score for hit in found] == [0.0] * len(found)
    assert ask(database, organization_id, "grain", filter=grain)[0].lexical_score > 0
    assert ask(database, organization_id, "grain", filter=none) == []


def test_a_filter_that_lets_many_documents_through_finds_what_it_should(
    server: Server, database: Database, organization_id: UUID
) -> None:
    """Of more than a thousand a hash is made, by words and by meaning, along an index and without."""
    model_id, _ = stock(server, organization_id, {"many": points(2_000, 16, seed=1)}, per_document=1)
    most = "update knowledge.documents set language = case when get_byte(uuid_send(id), 0) % 20 < 19 then 'en' end"
    with database.transaction(organization_id) as connection:
        connection.execute(most)
        english = {row[0] for row in connection.execute("select id from knowledge.documents where language = 'en'")}
        by_words = connection.execute(
            "select count(*) from knowledge.lexical_search('passage', '{}/1000000000', %s, null, %s, 5000)",
            [RECIPE, list(english)],
        ).fetchone()
    assert by_words == (len(english),)
    assert len(english) > 1_800
    question = points(1, 16, seed=3)[0]

    def nearest(filter: Filter, breadth: int) -> list[Found]:
        with database.transaction(organization_id) as connection:
            found = search.hybrid(
                connection, organization_id, question="passage", vector=question, recipe_name=RECIPE,
                embedding_model_id=model_id, source_ids=None, k=100, lexical_weight=0.0, filter=filter,
                breadth=breadth,
            )  # fmt: skip
            assert (walks_in(connection) > 0) == (breadth > 0)
            return found

    all_ = nearest(filtering.EVERYTHING, 0)
    exact = nearest(filtering.parsed({"languages": "en"}), 0)
    assert len(exact) == 100
    assert {hit.document_id for hit in exact} <= english
    among_all = [hit.chunk_id for hit in all_ if hit.document_id in english]
    assert [hit.chunk_id for hit in exact][: len(among_all)] == among_all
    assert set(vector_indexes.keep(server, database, organization_id, pays_from=1_000)) == {"points"}
    found = nearest(filtering.parsed({"languages": "en"}), search.BREADTH)
    assert len(found) == 100
    assert {hit.document_id for hit in found} <= english
    assert [hit.chunk_id for hit in found][:10] == [hit.chunk_id for hit in exact][:10]


def test_what_words_make_certain_is_not_sought_by_meaning(
    server: Server, database: Database, organization_id: UUID
) -> None:
    """Where scores are steady, the index is walked no further than down to the cosine that is needed, if at all."""
    model_id, _ = stock(server, organization_id, {"many": points(3_000, 16, seed=1)})
    with database.transaction(organization_id) as connection:
        connection.execute("update knowledge.chunks set lexemes = to_tsvector('simple', 'mill') where chunk_index = 0")
        _count_again(connection, organization_id)
    assert set(vector_indexes.keep(server, database, organization_id, pays_from=1_000)) == {"points"}

    def found(vector: NDArray[numpy.float32], breadth: int, *, weight: float, k: int) -> tuple[list[UUID], int]:
        with database.transaction(organization_id) as connection:
            before = walks_in(connection)
            hits = search.hybrid(
                connection, organization_id, question="mill", vector=vector, recipe_name=RECIPE,
                embedding_model_id=model_id, source_ids=None, k=k, lexical_weight=weight, breadth=breadth,
                is_steady=True,
            )  # fmt: skip
            return [hit.chunk_id for hit in hits], walks_in(connection) - before

    walks = {}
    for weight, k in ((0.7, 10), (0.4, 10), (0.05, 10), (0.7, 40)):
        walks[weight, k] = 0
        for vector in points(4, 16, seed=3):
            exact, none = found(vector, 0, weight=weight, k=k)
            near, walked = found(vector, search.BREADTH, weight=weight, k=k)
            assert (len(near), none) == (k, 0)
            assert len(set(near) & set(exact)) >= k - 1, (weight, k)
            walks[weight, k] += walked
    assert walks == {(0.7, 10): 0, (0.4, 10): 4, (0.05, 10): 8, (0.7, 40): 4}, "none, narrow ones, these and wide ones"


def test_another_organization_is_never_found(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    other_id = make_organization(database, "other")
    assert ask(database, other_id, "grain") == []
    shelve(database, other_id, {"theirs.md": "Their grain is dried for two hours."})
    assert [hit.file_path for hit in ask(database, other_id, "grain")] == ["theirs.md"]
    assert "theirs.md" not in [hit.file_path for hit in ask(database, organization_id, "grain", k=50)]


def test_the_function_that_searches_words_answers_the_transactions_organization_only(
    database: Database, organization_id: UUID
) -> None:
    shelve(database, organization_id, MILL)
    other_id = make_organization(database, "other")
    call = (
        "select count(*) from knowledge.lexical_search('grain', '{1:1}/1000000000', %s, null, null, 10)",
        [RECIPE],
    )
    with database.transaction(organization_id) as connection:
        assert connection.execute(*call).fetchone() == (2,)
    with database.transaction(other_id) as connection:
        assert connection.execute(*call).fetchone() == (0,)
    with database.directory() as connection:
        assert connection.execute(*call).fetchone() == (0,)


def test_the_function_that_compares_meanings_answers_what_may_be_seen_only(
    database: Database, organization_id: UUID
) -> None:
    """Also of a content that another source and another organization hold, too."""
    text = {"a.md": "The miller weighs the grain."}
    first, _ = (shelve(database, organization_id, text, name=name) for name in ("first", "second"))
    other_id = make_organization(database, "other")
    shelve(database, other_id, text)
    question = MODEL.embed(["grain"])[0]

    def nearest(id: UUID, sources: list[UUID] | None) -> list[UUID]:
        with database.transaction(id) as connection:
            [model] = embedding_models.select_all(connection, id)
            call = "select id from knowledge.dense_search(%s, %s, %s, %s, null, 10, 10, 0)"
            found = connection.execute(call, [question, model.id, RECIPE, sources]).fetchall()
            own = "select data_source_id from knowledge.chunks where id = any (%s)"
            seen = [row[0] for row in connection.execute(own, [[row[0] for row in found]])]
            assert len(seen) == len(found)
            return seen

    assert nearest(organization_id, [first]) == [first]
    assert len(nearest(organization_id, None)) == 2
    assert len(nearest(other_id, None)) == 1
    assert nearest(other_id, [first]) == []


def test_a_text_that_says_whose_another_one_is_stays_where_it_is(database: Database, organization_id: UUID) -> None:
    """The index of words holds the ids of organizations and sources, as words."""
    other_id = make_organization(database, "other")
    shelve(database, organization_id, {"mine.md": f"Our grain, not that of {other_id}."})
    shelve(database, other_id, {"theirs.md": f"Their grain, not that of {organization_id}."})
    strangers = [uuid4() for _ in range(30)]
    for id in (organization_id, other_id):
        with database.transaction(id) as connection:
            [source_id] = [row[0] for row in connection.execute("select id from knowledge.data_sources")]
            own = {row[0] for row in connection.execute("select id from knowledge.chunks")}
            for sources in (None, [source_id], [source_id, *strangers], strangers, strangers[:1], []):
                found = connection.execute(
                    "select id from knowledge.lexical_search('grain', '{1:1}/1000000000', %s, %s::uuid[], null, 10)",
                    [RECIPE, sources],
                ).fetchall()
                expected = own if sources is None or source_id in sources else set()
                assert {row[0] for row in found} == expected, sources


def test_a_threshold_leaves_out_what_is_less_similar(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    everything = ask(database, organization_id, "grain")
    threshold = sorted(hit.dense_score for hit in everything)[2]
    kept = ask(database, organization_id, "grain", threshold=threshold)
    assert {hit.chunk_id for hit in kept} == {hit.chunk_id for hit in everything if hit.dense_score >= threshold}


def test_words_alone_and_meaning_alone_can_be_asked(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    with database.transaction(organization_id) as connection:
        model = embedding_models.select_all(connection, organization_id)[0]
        by_words = search.lexical(
            connection, organization_id, question="grain", recipe_name=RECIPE, source_ids=None, k=10
        )
        by_meaning = search.dense(
            connection, organization_id, vector=MODEL.embed(["grain"])[0], recipe_name=RECIPE,
            embedding_model_id=model.id, source_ids=None, k=10,
        )  # fmt: skip
    assert {hit.file_path for hit in by_words} == {"grain.md"}
    assert all(hit.lexical_score > 0 for hit in by_words)
    assert len(by_meaning) == CHUNKS
    assert [hit.dense_score for hit in by_meaning] == sorted((hit.dense_score for hit in by_meaning), reverse=True)


@pytest.mark.parametrize(
    "question",
    ["it's a \\ 'quote' & | ! ( <-> :*", "\0", "", "   ", "水", "a" * 20_000, "' or 1=1 --", "%s %(x)s {1:2}"],
)
def test_no_question_breaks_the_search(database: Database, organization_id: UUID, question: str) -> None:
    shelve(database, organization_id, {"odd.md": "it's a \\ 'quote' of grain"})
    assert len(ask(database, organization_id, question)) == 1


# Laws.

WORDS = ["mill", "grain", "wheel", "dam", "flour", "oat", "rye", "sluic", "barn", "cart"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join), min_size=1, max_size=8)
QUESTIONS = st.lists(st.sampled_from([*WORDS, "unknown", "the"]), max_size=5).map(" ".join)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS, question=QUESTIONS)
def test_the_lexical_score_is_bm25(database: Database, texts: list[str], question: str) -> None:
    organization_id = make_organization(database, f"org-{uuid4().hex}")
    named = {f"d{number}.md": text for number, text in enumerate(texts)}
    shelve(database, organization_id, named, embedder=HashEmbedder())
    found = ask(database, organization_id, question, by=HashEmbedder(), k=50)
    with database.transaction(organization_id) as connection:  # the weights' average may be 5 % from the real one
        average = connection.execute("select average_length from knowledge.text_statistics").fetchone()
    assert average is not None
    documents = {path: [path[:-3], path[:-3], *text.split()] for path, text in named.items()}
    assert average[0] == pytest.approx(numpy.mean([len(words) for words in documents.values()]), rel=0.051)
    expected = _bm25(documents, question, average=average[0])
    assert {hit.file_path: hit.lexical_score for hit in found} == pytest.approx(expected, rel=1e-4, abs=1e-6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=TEXTS,
    question=QUESTIONS,
    k=st.integers(1, 12),
    weight=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    is_steady=st.booleans(),
)
def test_as_many_rows_come_as_can_and_their_scores_lie_between_0_and_1(
    database: Database, texts: list[str], question: str, k: int, weight: float, is_steady: bool
) -> None:
    organization_id = make_organization(database, f"org-{uuid4().hex}")
    named = {f"d{number}.md": text for number, text in enumerate(texts)}
    shelve(database, organization_id, named, embedder=HashEmbedder())
    found, again = (
        ask(database, organization_id, question, by=HashEmbedder(), k=k, lexical_weight=weight, is_steady=is_steady)
        for _ in range(2)
    )
    assert len(found) == min(k, len(texts))
    assert found == again
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in scores)
    assert all(math.isfinite(hit.dense_score) for hit in found)
    places = [(-hit.score, -hit.lexical_score, -hit.dense_score, hit.file_path) for hit in found]
    assert places == sorted(places)


def test_a_steady_score_is_the_share_of_the_words_and_the_cosine(database: Database, organization_id: UUID) -> None:
    """So a question that no passage answers by its words is not led by the best of the bad ones."""
    shelve(database, organization_id, MILL)
    question = "Who greases the sluice gate in a flood?"
    with database.transaction(organization_id) as connection:
        most = search.most_lexical(connection, organization_id, question="sluice", recipe_name=RECIPE)
    for hit in ask(database, organization_id, "sluice", is_steady=True):
        assert hit.score == pytest.approx(0.7 * hit.lexical_score / most + 0.3 * max(hit.dense_score, 0), abs=1e-4)
    assert max(hit.score for hit in ask(database, organization_id, question, is_steady=True)) < 1
    assert ask(database, organization_id, "zeppelin", is_steady=True)[0].lexical_score == 0


def _bm25(
    documents: Mapping[str, Sequence[str]], question: str, *, average: float, k1: float = 0.75, b: float = 0.75
) -> dict[str, float]:
    lengths = {path: len(words) for path, words in documents.items()}
    counts = {path: Counter(words) for path, words in documents.items()}

    def idf(word: str) -> float:
        holding = sum(word in count for count in counts.values())
        return math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))

    def score(path: str) -> float:
        norm = k1 * (1 - b + b * lengths[path] / average)
        held = [word for word in set(question.split()) if counts[path][word]]
        return sum(idf(word) * counts[path][word] * (k1 + 1) / (counts[path][word] + norm) for word in held)

    return {path: score(path) for path in documents}


def _count_again(connection: Connection, organization_id: UUID) -> None:
    connection.execute(
        "update knowledge.chunks set lexeme_count = knowledge.lexeme_count(lexemes), "
        "weights = knowledge.lexical_weights(lexemes, knowledge.lexeme_count(lexemes), 100)"
    )
    text_statistics.refresh(connection, organization_id, RECIPE)


def test_no_chunk_has_more_of_a_questions_words_than_there_can_be(database: Database, organization_id: UUID) -> None:
    shelve(database, organization_id, MILL)
    recipe = ChunkingRule().name
    with database.transaction(organization_id) as connection:
        for question in ("sluice", "Who greases the sluice gate in a flood?", "sluice zeppelin"):
            most = search.most_lexical(connection, organization_id, question=question, recipe_name=recipe)
            [best] = search.lexical(
                connection, organization_id, question=question, recipe_name=recipe, source_ids=None, k=1
            )
            assert 0 < best.lexical_score < most
        assert search.most_lexical(connection, organization_id, question="zeppelin", recipe_name=recipe) > 0
        assert search.most_lexical(connection, organization_id, question="", recipe_name=recipe) == 0


@pytest.mark.parametrize("kind", ["csv", "xlsx", "html", "md", "docx"])
def test_a_row_deep_in_a_table_is_found_by_the_names_of_its_columns(workshop: Workshop, kind: str) -> None:
    """The passage holds neither word of the header; what stands beside it does."""
    workshop.embedder = MODEL
    head = ["employee", "department", "telephone"]
    rows = [[f"Person {n}", ("milling", "baking", "shop")[n % 3], f"{n * 7919 % 10_000:04}"] for n in range(400)]
    workshop.write(f"staff.{kind}", files.table(kind, [head, *rows]))
    workshop.write(
        "story.md", "# A story\n\n" + "\n\n".join(f"In year {n} the department ground rye." for n in range(80))
    )
    workshop.sync()
    found = ask(workshop.database, workshop.organization_id, "telephone of the employee Person 333", by=MODEL)[0]
    assert "Person 333" in found.content
    assert "telephone" not in found.content
    assert found.section_title is not None
    assert found.section_title.endswith("employee | department | telephone")
