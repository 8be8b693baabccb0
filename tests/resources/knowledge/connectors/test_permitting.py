"""robots.txt as RFC 9309 has it."""

from __future__ import annotations

import time

import pytest

from resources.knowledge.connectors.permitting import EVERYTHING, NOTHING, permissions

AGENT = "millrace/0.1"


@pytest.mark.parametrize(
    ("text", "allowed", "forbidden"),
    [
        ("", ["/", "/a"], []),
        ("User-agent: *\nDisallow: /", [], ["/", "/a"]),
        ("User-agent: *\nDisallow:", ["/"], []),
        ("User-agent: other\nDisallow: /", ["/a"], []),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Millrace\nDisallow: /x", ["/a"], ["/x", "/xy", "/x/y"]),
        ("User-agent: a\nUser-agent: millrace\nDisallow: /x\nUser-agent: *\nDisallow: /", ["/a"], ["/x"]),
        ("User-agent: millrace\nDisallow: /x\nUser-agent: millrace\nDisallow: /y", ["/a"], ["/x", "/y"]),
        ("User-agent: *\nAllow: /docs/\nDisallow: /", ["/docs/a"], ["/", "/doc"]),
        ("User-agent: *\nDisallow: /docs\nAllow: /docs", ["/docs"], []),
        ("User-agent: *\nDisallow: /*.pdf$", ["/a.pdf?x=1", "/a.html"], ["/a.pdf", "/b/c.pdf"]),
        ("User-agent: *\nDisallow: /a*b*c", ["/acb"], ["/abc", "/a-b-c-d"]),
        ("User-agent: *\nDisallow: /a$", ["/ab", "/a/"], ["/a"]),
        ("User-agent: *\nDisallow: /*?print=", ["/a"], ["/a?print=1"]),
        ("User-agent: *\nDisallow: /é", ["/e"], ["/%C3%A9", "/%c3%a9x"]),
        ("User-agent: *\nDisallow: /a%2Fb", ["/a/b"], ["/a%2fb"]),
        ("\ufeffUSER-AGENT : *  # all\r\nDISALLOW : /x # this\r\n", ["/a"], ["/x"]),
        ("Disallow: /\nSitemap: https://a/b", ["/"], []),
        ("<!doctype html><p>Not found: sorry</p>", ["/"], []),
        ("User-agent: *\nDisallow: *x*", ["/a"], ["/ax"]),
    ],
)
def test_what_a_site_permits(text: str, allowed: list[str], forbidden: list[str]) -> None:
    found = permissions(text, AGENT)
    assert [path for path in allowed if not found.allow(path)] == []
    assert [path for path in forbidden if found.allow(path)] == []


def test_a_delay_is_what_the_group_says() -> None:
    text = "User-agent: *\nCrawl-delay: 2.5\n\nUser-agent: slow\nCrawl-delay: 60\n\nUser-agent: odd\nCrawl-delay: nan"
    assert permissions(text, AGENT).delay_s == 2.5
    assert permissions(text, "slow").delay_s == 60
    assert permissions(text, "odd").delay_s == 0


def test_everything_and_nothing() -> None:
    assert EVERYTHING.allow("/a")
    assert not NOTHING.allow("/a")


def test_no_pattern_takes_long() -> None:
    found = permissions("User-agent: *\n" + "Disallow: /" + "*a" * 200 + "b\n" * 1, AGENT)
    started = time.thread_time()
    assert found.allow("/" + "a" * 2000)
    assert time.thread_time() - started < 0.5
