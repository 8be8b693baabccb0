"""Addresses have one form, links are found in time, and a crawl stays where it belongs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.choosing import Choice
from resources.knowledge.connectors.crawling import Scope, canonical, links

HOME = "https://mill.example/docs/a"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("HTTPS://Mill.Example", "https://mill.example/"),
        ("https://mill.example:443/a#part", "https://mill.example/a"),
        ("http://mill.example:80/a?b=1&a=2#x", "http://mill.example/a?b=1&a=2"),
        ("http://mill.example:8080/", "http://mill.example:8080/"),
        ("https://mill.example./a/./b/../c/", "https://mill.example/a/c/"),
        ("https://mill.example/a/..", "https://mill.example/"),
        ("https://mill.example/a/b/..", "https://mill.example/a/"),
        ("https://mill.example/../../a", "https://mill.example/a"),
        ("https://mill.example/a//b", "https://mill.example/a//b"),
        ("https://mill.example/%7Eada/%c3%a9?q=%2f+é", "https://mill.example/~ada/%C3%A9?q=%2F+%C3%A9"),
        ("https://mill.example/a b/é%", "https://mill.example/a%20b/%C3%A9%25"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("  https://mill.example/a\n", "https://mill.example/a"),
        ("ftp://mill.example/", None), ("mailto:ada@mill.example", None), ("javascript:void(0)", None), ("", None),
        ("https://ada:pw@mill.example/", None), ("https://", None), ("http://mill.example:99999/", None),
        ("http://[::1/", None), ("https://mill.example/" + "a" * 3000, None),
    ],
)  # fmt: skip
def test_an_address_has_one_form(address: str, expected: str | None) -> None:
    assert canonical(address) == expected


@given(st.text(max_size=40), st.text(max_size=20))
def test_the_one_form_of_the_one_form_is_itself(path: str, query: str) -> None:
    once = canonical(f"https://mill.example/{path}?{query}")
    assert once is not None
    assert canonical(once) == once
    assert once.isascii()


def test_links_are_those_of_the_page_in_its_order() -> None:
    page = """<base href="/docs/"><a href=b>b</a> <A class=x HREF='/c?x=1&amp;y=2#z'>c</A><area href="d">
      <a data-href="no">n</a><a href="b#again">b</a><a href="#here">h</a><a rel="nofollow x" href="no">n</a>
      <!-- <a href="no"> --><script>"<a href='no'>"</script><a href="mailto:x@y">m</a><a href="//other.example/e">e</a>
      <a name=x>no</a><a href="">no</a><link href="no.css"><a href=" f
">f</a>"""
    assert links(page, HOME) == [
        "https://mill.example/docs/b", "https://mill.example/c?x=1&y=2", "https://mill.example/docs/d",
        "https://other.example/e", "https://mill.example/docs/f",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "hostile",
    ["<a " * 300_000, "<!--" * 300_000, "<script>" * 200_000, "<a href='" * 200_000, "<a href=" * 200_000,
     "<a " + "href" * 300_000, "<a href=x " * 200_000 + ">", "</script" * 200_000],
)  # fmt: skip
def test_no_page_takes_long(hostile: str) -> None:
    started = time.thread_time()
    links(hostile, HOME)
    assert time.thread_time() - started < 2


def test_a_page_has_a_bounded_number_of_links() -> None:
    assert len(links("".join(f"<a href={n}>" for n in range(9000)), HOME)) == 5000


def test_a_crawl_stays_where_it_belongs() -> None:
    scope = Scope(frozenset({"mill.example"}), "/docs/", Choice((), ("private/**", "*print=1*")), is_secure=True)
    for address in ("https://mill.example/docs/a", "https://mill.example/docs/b.pdf", "https://mill.example/docs/?x=1"):
        assert scope.entered(address) == address
    assert scope.entered("http://mill.example/docs/a") == "https://mill.example/docs/a"
    for address in (
        "https://mill.example/", "https://other.example/docs/a", "https://mill.example:8443/docs/a",
        "https://mill.example/docs/mill.png", "https://mill.example/docs/a?print=1", "https://mill.example/documents",
    ):  # fmt: skip
        assert scope.entered(address) is None
