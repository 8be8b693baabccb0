"""Identifiers: opened into words, and kept as they are written."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.foundation.database import Database
from resources.knowledge.chunks.identifying import LONGEST, MOST, literal, worded

TEXTS = st.text(alphabet="ab7Z_.:/\\-+#@&<>()[]'\"` 水é", max_size=60)


@pytest.mark.parametrize(
    ("written", "words", "exact"),
    [
        ("std::vector", "std vector", {"std::vector"}),
        ("#include <vector>", "includ vector", {"#include"}),
        ("std::vector<int>", "std vector int", {"std::vector"}),
        ("a::b::c", "b c", {"a::b::c", "a::b", "b::c"}),
        ("PEP 703", "pep 703", {"pep 703"}),
        ("PEP-703", "pep 703", {"pep 703"}),
        ("PEP703", "pep703", {"pep 703"}),
        ("in 1999", "1999", set()),
        ("ERR_1234", "err 1234", {"err 1234"}),
        ("C2043", "c2043", set()),
        ("/INCREMENTAL", "increment", {"/incremental"}),
        ("/Zc:wchar_t", "zc wchar", {"/zc:wchar_t", "zc:wchar_t", "/zc", "wchar_t"}),
        ("__unaligned", "unalign", {"__unaligned"}),
        (r"\_\_unaligned", "unalign", {"__unaligned"}),
        ("`__init__.py`", "init py", {"__init__.py", "__init__"}),
        ("_emphasis_", "emphasi", set()),
        ("foo.bar()", "foo bar", {"foo.bar"}),
        ("os.path.join(x)", "os path join x", {"os.path.join", "os.path", "path.join"}),
        ("It ends.Another begins.", "end anoth begin", {"ends.another"}),
        ("obj->method", "obj method", {"obj->method"}),
        ("v1.2.3", "v1.2.3", {"1.2.3"}),
        ("3.11", "3.11", set()),
        ("user@host", "user host", {"user@host"}),
        ("/usr/local/lib", "usr local lib", {"/usr/local/lib", "usr/local/lib", "local/lib", "/usr"}),
        (r"C:\Users\me", "c user", {r"c:\users\me", "users/me", "c:"}),
        ("and/or", "", {"and/or"}),
        ("TCP/IP", "tcp ip", {"tcp/ip"}),
        ("AT&T", "", {"at&t"}),
        ("C++ and C#, .NET", "c net", {"c++", "c#", ".net"}),
        ("-std=c++17", "std c 17", {"-std", "c++17", "c++"}),
        ("--verbose", "verbos", {"--verbose"}),
        ("operator<<", "oper", {"operator<<"}),
        ("the U.S. and the USA, e.g. here", "us usa eg", {"u.s", "e.g"}),
        ("2026-11-22", "2026 11 22", {"2026-11-22"}),
        ("minus -5", "minus 5", set()),
        ("well-known", "well-known well known", set()),
        ("CamelCase", "camelcas", set()),
        ("JavaScript on an iPhone", "javascript iphon", set()),
        ("getUserName()", "getusernam get user name", set()),
        ("FileNotFoundError", "filenotfounderror file found error", set()),
        ("http::parseHTTPResponse", "http parsehttprespons pars respons", {"http::parsehttpresponse"}),
        ("my_getUser", "getus get user", {"my_getuser"}),
        ("<b>bold</b> &amp; &lt;wide&gt;", "bold wide", set()),
        ("[break](../../cpp/break-statement.md)", "break", set()),
        ("https://example.org/a/page", "https exampl org page", set()),
        ("使用std::vector的", "使用 std vector 的", {"std::vector"}),
    ],
)
def test_an_identifier_is_its_words_and_what_is_written(
    database: Database, written: str, words: str, exact: set[str]
) -> None:
    wording = worded(written)
    assert set(wording.exact) == exact
    with database.directory() as connection:
        row = connection.execute("select tsvector_to_array(to_tsvector('english', %s))", [wording.words]).fetchone()
    assert row is not None
    assert set(row[0]) == set(words.split())


@settings(max_examples=60)
@given(texts=st.lists(TEXTS, min_size=1, max_size=30))
def test_any_exact_lexemes_can_be_stored_as_they_are(database: Database, texts: list[str]) -> None:
    exact = [worded(text).exact for text in texts]
    with database.directory() as connection:
        rows = connection.execute(
            "select tsvector_to_array(x::tsvector) from unnest(%s::text[]) with ordinality u (x, n) order by n",
            [[literal(each) for each in exact]],
        ).fetchall()
    assert [set(row[0]) for row in rows] == [set(each) for each in exact]


@given(TEXTS, TEXTS)
def test_what_stands_alone_in_a_question_is_found_in_a_text_around_it(identifier: str, around: str) -> None:
    spaced = f"{around} {' '.join(identifier.split())} {around}"
    alone = {lexeme for lexeme in worded(identifier).exact if not lexeme.startswith("operator")}
    assert {lexeme for lexeme in alone if " " not in lexeme} <= set(worded(spaced).exact) or "<" in spaced + identifier


def test_a_text_without_words_grows_no_further_than_it_may() -> None:
    hostile = " ".join(f"a{n}::b{n}.c{n}" for n in range(5000)) + " " + "x::" * 5000 + "/" * 5000 + "a." * 5000
    exact = worded(hostile).exact
    assert len(exact) == MOST
    assert max(map(len, exact)) <= LONGEST


def test_a_literal_is_no_way_into_a_statement(database: Database) -> None:
    with database.directory() as connection:
        row = connection.execute("select %s::tsvector::text", [literal(["it's", "a\\b", "'; drop"])]).fetchone()
        assert row is not None
        with pytest.raises(psycopg.errors.SyntaxError):
            connection.execute("select %s::tsvector", ["'open"])
