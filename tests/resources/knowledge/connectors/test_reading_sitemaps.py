"""Sitemaps name pages or further sitemaps; half a one is none."""

from __future__ import annotations

import gzip

import pytest

from resources.knowledge.connectors.reading_sitemaps import NoSitemap, read_sitemap

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
PAGES = f"""<?xml version="1.0" encoding="UTF-8"?><urlset {NAMESPACE} xmlns:image="http://images.example/1">
<url><loc> https://mill.example/a?x=1&amp;y=2 </loc><lastmod>2026-03-01</lastmod><image:image>
<image:loc>https://mill.example/a.png</image:loc></image:image></url>
<url><loc><![CDATA[https://mill.example/b]]></loc></url><url><lastmod>2026-01-01</lastmod></url></urlset>""".encode()
EXPECTED = {"https://mill.example/a?x=1&y=2": "2026-03-01", "https://mill.example/b": ""}


@pytest.mark.parametrize(
    "data", [PAGES, gzip.compress(PAGES), PAGES.replace(NAMESPACE.encode(), b""), b"\n" + PAGES[38:]]
)
def test_pages_are_named_with_the_time_of_their_change(data: bytes) -> None:
    found = read_sitemap(data)
    assert (found.pages, found.sitemaps) == (EXPECTED, [])


def test_an_index_names_sitemaps() -> None:
    data = f"<sitemapindex {NAMESPACE}><sitemap><loc>https://a/1</loc></sitemap><sitemap><loc>https://a/2</loc></sitemap></sitemapindex>"
    assert read_sitemap(data.encode()).sitemaps == ["https://a/1", "https://a/2"]


def test_a_plain_list_will_do() -> None:
    assert list(read_sitemap(b"\xef\xbb\xbfhttps://a/1\r\n\r\nhttps://a/2\n").pages) == ["https://a/1", "https://a/2"]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<html><body>Not found</body></html>", PAGES[:-20], gzip.compress(PAGES)[:-9], b"Not found",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><urlset><url><loc>&a;</loc></url></urlset>', b"<urlset>" * 40,
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><urlset/>', b"\xff\xfe\x00", gzip.compress(b" " * (60 << 20)),
        b"<urlset>" + b"<url><loc>http://a/</loc></url>".replace(b"a/", b"a/%d") * 2 % (1, 2) + b"</urlset",
        b"https://a/1\nand something else",
    ],
)  # fmt: skip
def test_anything_else_is_none(data: bytes) -> None:
    with pytest.raises(NoSitemap):
        read_sitemap(data)


def test_there_is_an_end_to_its_entries() -> None:
    entries = b"".join(b"<url><loc>http://a/%d</loc></url>" % n for n in range(50_001))
    with pytest.raises(NoSitemap, match="50,000"):
        read_sitemap(b"<urlset>" + entries + b"</urlset>")
