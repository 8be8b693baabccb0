"""Pages are brought, followed and let go by what their servers say of them; nothing goes because a server is unwell."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from resources.foundation.errors import Misconfigured, Unavailable
from resources.foundation.web import Unreachable, Web
from resources.knowledge.connectors import locating, web_connector
from resources.knowledge.connectors.protocol import Connector, Means
from resources.knowledge.connectors.sites import Sites
from resources.knowledge.connectors.web_configuring import web_config
from resources.knowledge.records import Item, SyncCounts
from resources.knowledge.sources import data_sources
from tests.factories.workshops import Row, Workshop
from tests.fixtures.website import (
    Behaviour,
    Exchange,
    Request,
    Website,
    endless,
    failing,
    in_turn,
    packed,
    page,
    redirecting,
)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Website]:
    with Website() as site:
        monkeypatch.setenv("MILLRACE_ALLOWED_HOSTS", site.host)
        yield site


def source(workshop: Workshop, **config: object) -> Workshop:
    """A web source in place of the workshop's folder."""
    with workshop.database.transaction(workshop.organization_id) as connection:
        made = data_sources.create(
            connection, workshop.organization_id, name=f"pages {uuid4().hex[:8]}", source_type="web",
            config={"delay_s": 0} | config,
        )  # fmt: skip
    workshop.source_id = made.id
    return workshop


def opened(workshop: Workshop, credentials: dict[str, str] | None = None) -> Connector:
    with workshop.database.transaction(workshop.organization_id) as connection:
        found = data_sources.get(connection, workshop.organization_id, workshop.source_id)
    means = Means(workshop.database, workshop.organization_id, workshop.store, credentials or {})
    return web_connector.open_connector(found, means)


def listed(workshop: Workshop) -> list[Item]:
    connector = opened(workshop)
    try:
        return list(connector.items())
    finally:
        connector.close()


def paths(workshop: Workshop, site: Website) -> dict[str, str]:
    """What readers see, by the paths of the pages."""
    return {path.removeprefix(site.address("")): text for path, text in workshop.visible().items()}


def failures(workshop: Workshop) -> list[Row]:
    return workshop.rows(b"select outcome, reason from knowledge.sync_failures order by file_path")


def html(words: str, *links: str) -> str:
    anchors = "".join(f"<a href='{link}'>further</a> " for link in links)
    return f"<!doctype html><title>{words}</title><p>{words}</p>{anchors}"


def sitemap(site: Website, *names: str, index: bool = False) -> Behaviour:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    entries = "".join(f"<{inner}><loc>{site.address(name)}</loc></{inner}>" for name in names)
    return page(f"<{outer}>{entries}</{outer}>", media_type="application/xml")


# --- pages that are listed -------------------------------------------------------------------------------------------


def test_a_page_is_brought_once_and_asked_for_only_if_it_changed(workshop: Workshop, site: Website) -> None:
    site.pages["/rye"] = page(html("Rye costs three."), etag='"1"')
    source(workshop, url=site.address("/rye#prices"))
    assert workshop.sync() == SyncCounts(listed=1, changed=1, chunks=1, embedded=1)
    assert paths(workshop, site) == {"/rye": "Rye costs three."}
    assert workshop.rows(b"select title, address, revision, mime_type from knowledge.documents") == [
        ("Rye costs three.", site.address("/rye"), 'etag "1"', "text/html")
    ]
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    assert site.requests[-1].headers["if-none-match"] == '"1"'
    site.pages["/rye"] = page(html("Rye costs four."), etag='"2"')
    assert workshop.sync().changed == 1
    assert paths(workshop, site) == {"/rye": "Rye costs four."}


def test_a_page_that_says_nothing_of_its_state_is_compared(workshop: Workshop, site: Website) -> None:
    site.pages["/rye"] = page(html("Rye costs three."))
    source(workshop, url=site.address("/rye"))
    workshop.sync()
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    assert len(workshop.parsers.parsed) == 1


def test_a_time_of_change_is_believed_when_it_is_old_enough(workshop: Workshop, site: Website) -> None:
    site.pages["/rye"] = page(html("Rye."), modified="Sun, 01 Mar 2026 12:00:00 GMT")
    source(workshop, url=site.address("/rye"))
    workshop.sync()
    assert workshop.sync().unchanged == 1
    assert site.requests[-1].headers["if-modified-since"] == "Sun, 01 Mar 2026 12:00:00 GMT"


def test_a_page_that_is_gone_goes_and_comes_back(workshop: Workshop, site: Website) -> None:
    site.pages |= {f"/{name}": page(html(f"{name} is ground."), etag=f'"{name}"') for name in "abcde"}
    source(workshop, urls=[site.address(f"/{name}") for name in "abcde"])
    workshop.sync()
    site.pages["/a"] = failing(410)
    assert workshop.sync().deleted == 1
    assert sorted(paths(workshop, site)) == ["/b", "/c", "/d", "/e"]
    site.pages["/a"] = page(html("a is ground."), etag='"a"')
    workshop.sync()
    assert paths(workshop, site)["/a"] == "a is ground."


def test_pages_that_fail_stay_as_they_were(workshop: Workshop, site: Website) -> None:
    faults = {
        "/500": (failing(500), "unavailable"), "/403": (failing(403), "forbidden"),
        "/204": (failing(204), "unreadable"),
        "/large": (endless(), "too_large"), "/away": (redirecting("http://10.0.0.1/"), "not_permitted"),
        "/torn": (packed(b"Rye." * 9, cut=4), "unreachable"), "/circle": (redirecting("/circle"), "unreachable"),
    }  # fmt: skip
    site.pages |= {path: page(html(f"Page {path}.")) for path in faults}
    source(workshop, urls=[site.address(path) for path in faults], max_bytes=100_000)
    workshop.sync()
    before = paths(workshop, site)
    assert len(before) == len(faults)
    site.pages |= {path: fault for path, (fault, _) in faults.items()}
    assert workshop.sync() == SyncCounts(listed=7, failed=7)
    assert paths(workshop, site) == before
    rows = workshop.rows(b"select file_path, outcome, reason from knowledge.sync_failures")
    assert {str(path).removeprefix(site.address("")): outcome for path, outcome, _ in rows} == {
        path: outcome for path, (_, outcome) in faults.items()
    }
    assert all("127.0.0.1" in str(reason) or "10.0.0.1" in str(reason) for *_, reason in rows)
    site.pages |= {path: page(html(f"Page {path}.")) for path in faults}
    workshop.rows(b"update knowledge.sync_failures set next_attempt_at = now() - interval '1 second' returning 1")
    assert workshop.sync().failed == 0
    assert failures(workshop) == []


def test_a_listed_page_keeps_its_address_wherever_it_redirects_to(workshop: Workshop, site: Website) -> None:
    site.pages |= {"/old": redirecting("/new", 301), "/new": page(html("Rye."), etag='"1"')}
    source(workshop, url=site.address("/old"))
    workshop.sync()
    assert workshop.rows(b"select file_path, address from knowledge.documents") == [
        (site.address("/old"), site.address("/new"))
    ]
    assert workshop.sync().unchanged == 1


def test_pages_are_read_by_what_their_server_says_of_them(workshop: Workshop, site: Website) -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    behaviours = [
        (packed(html("Rye.").encode()), "Rye."),
        (page(html("Grüße").encode("cp1252"), media_type="text/html; charset=iso-8859-1"), "Grüße"),
        (page(html("Розь").encode("cp1251"), media_type="text/html; charset=windows-1251"), "Розь"),
        (page(html("Grüße!").encode(), media_type="text/html; charset=iso-8859-1"), "Grüße!"),
        (page(html("Grüße und Grüße").encode("cp1252"), media_type="text/html; charset=utf-8"), "Grüße und Grüße"),
        (page(html("Grüße?").encode(), media_type="text/html; charset=nonsense"), "Grüße?"),
        (page("Oats.", media_type="text/plain"), "Oats."),
        (page(table + "\n", media_type="text/markdown"), table),
        (page('{"rye": 3}', media_type="application/json"), "rye: 3"),
        (page(html("Barley."), media_type="application/octet-stream"), "Barley."),
    ]
    names = ["page.php", "folder/", "page", "readme.md", "a.b/c.d?e=f.g"]
    expected = {}
    for number, (behaviour, words) in enumerate(behaviours):
        for name in names:
            # where a server says "JSON" or "some bytes" of what is named otherwise, the name is believed
            if number < 8 or name in ("folder/", "page"):
                site.pages[f"/{number}/{name}"] = behaviour
                expected[f"/{number}/{name}"] = words
    source(workshop, urls=[site.address(path) for path in expected])
    workshop.sync()
    assert workshop.rows(b"select file_path, reason from knowledge.sync_failures") == []
    assert paths(workshop, site) == expected


def test_the_main_text_of_pages_is_read_unless_the_source_says_otherwise(workshop: Workshop, site: Website) -> None:
    body = "<nav>Prices Contact</nav><main>" + "<p>Rye is ground between two stones.</p>" * 9 + "</main>"
    site.pages["/a"] = page(f"<html><title>Rye</title><body>{body}</body></html>")
    source(workshop, url=site.address("/a"))
    workshop.sync()
    assert workshop.rows(b"select parser from knowledge.document_versions") == [("article",)]
    assert "Contact" not in paths(workshop, site)["/a"]
    source(workshop, url=site.address("/a"), main_text=False)
    workshop.sync()
    assert workshop.rows(b"select distinct parser from knowledge.document_versions order by 1") == [
        ("article",), ("html",)
    ]  # fmt: skip


def test_a_host_that_is_not_allowed_gets_no_packet(workshop: Workshop, site: Website) -> None:
    with Website() as other:
        site.pages["/a"] = page(html("Rye."))
        source(workshop, urls=[site.address("/a"), other.address("/a")])
        assert workshop.sync().failed == 1
        assert other.connections == 0
    assert [outcome for outcome, _ in failures(workshop)] == ["not_permitted"]


def test_a_dead_server_is_not_asked_for_each_of_its_pages(site: Website) -> None:
    def hanging_up(exchange: Exchange, asked: Request) -> None:
        exchange.close_connection = True

    site.pages["/robots.txt"] = failing(404)
    site.otherwise = hanging_up
    web = Web(allowed_hosts={site.host})
    sites = Sites(web, user_agent="millrace", delay_s=0, ignores_robots=False)
    for number in range(30):
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
            sites.get(site.address(f"/{number}"))
    assert len({path for path in site.paths() if path != "/robots.txt"}) == 8


# --- robots.txt ------------------------------------------------------------------------------------------------------


def test_what_robots_txt_forbids_is_not_fetched(workshop: Workshop, site: Website) -> None:
    site.pages |= {
        "/robots.txt": page("User-agent: *\nDisallow: /private", media_type="text/plain"),
        "/a": page(html("Rye.")), "/private/b": page(html("Hidden.")),
    }  # fmt: skip
    source(workshop, urls=[site.address("/a"), site.address("/private/b")])
    assert workshop.sync().failed == 1
    assert site.paths().count("/robots.txt") == 1
    assert "/private/b" not in site.paths()
    assert [outcome for outcome, _ in failures(workshop)] == ["disallowed"]
    source(workshop, url=site.address("/private/b"), ignore_robots=True)
    assert workshop.sync().changed == 1


def test_where_robots_txt_cannot_be_read_nothing_is_fetched(workshop: Workshop, site: Website) -> None:
    site.pages |= {"/robots.txt": failing(500), "/a": page(html("Rye."))}
    source(workshop, url=site.address("/a"))
    assert workshop.sync().failed == 1
    assert "/a" not in site.paths()


def test_pages_are_asked_for_one_after_the_other_as_slowly_as_the_site_wants(workshop: Workshop, site: Website) -> None:
    site.pages |= {f"/{n}": page(html(f"{n}.")) for n in range(4)}
    site.pages["/robots.txt"] = page("User-agent: millrace\nCrawl-delay: 0.2", media_type="text/plain")
    source(workshop, urls=[site.address(f"/{n}") for n in range(4)])
    started = time.monotonic()
    workshop.bring()
    assert time.monotonic() - started > 0.6


# --- sitemaps --------------------------------------------------------------------------------------------------------


def test_a_sitemap_and_those_that_it_names_list_the_pages(workshop: Workshop, site: Website) -> None:
    site.pages |= {f"/{name}": page(html(f"{name}.")) for name in ("a", "b", "c", "private/d")}
    packed_map = f"<urlset><url><loc>{site.address('/c')}</loc></url></urlset>".encode()
    site.pages |= {
        "/sitemap.xml": sitemap(site, "/1.xml", "/2.xml.gz", index=True),
        "/1.xml": sitemap(site, "/b", "/private/d", "/a"),
        "/2.xml.gz": page(gzip.compress(packed_map), media_type="application/gzip"),
    }  # fmt: skip
    source(workshop, sitemap=site.address("/sitemap.xml"), exclude=["private/**"])
    assert workshop.sync().changed == 3
    assert sorted(paths(workshop, site)) == ["/a", "/b", "/c"]
    site.pages["/1.xml"] = sitemap(site, "/b")
    assert workshop.sync() == SyncCounts(listed=2, unchanged=2, deleted=1)


def test_a_sitemap_that_is_not_whole_deletes_nothing(workshop: Workshop, site: Website) -> None:
    faults = [
        failing(404), failing(500), failing(204), page(html("Not found")), redirecting("/elsewhere"),
        page("<urlset><url>", media_type="application/xml"),
    ]  # fmt: skip
    site.pages |= {f"/{name}": page(html(f"{name}.")) for name in "abc"}
    whole = {
        "/sitemap.xml": sitemap(site, "/1.xml", "/2.xml", index=True), "/1.xml": sitemap(site, "/a"),
        "/2.xml": sitemap(site, "/b", "/c"),
    }  # fmt: skip
    site.pages |= whole
    source(workshop, sitemap=site.address("/sitemap.xml"))
    workshop.sync()
    for which in ("/sitemap.xml", "/2.xml"):
        for fault in faults:
            site.pages |= whole | {which: fault}
            with pytest.raises(Unavailable, match="nothing was deleted"):
                listed(workshop)
    with pytest.raises(Unavailable, match="nothing was deleted"):
        workshop.bring()
    assert sorted(paths(workshop, site)) == ["/a", "/b", "/c"]


def test_a_sitemap_with_more_pages_than_are_wanted_deletes_nothing(workshop: Workshop, site: Website) -> None:
    site.pages |= {f"/{name}": page(html(f"{name}.")) for name in "abcd"}
    site.pages["/sitemap.xml"] = sitemap(site, "/a", "/b", "/c")
    source(workshop, sitemap=site.address("/sitemap.xml"), max_pages=3)
    workshop.sync()
    site.pages["/sitemap.xml"] = sitemap(site, "/0", "/1", "/b", "/c", "/d")
    assert workshop.sync().deleted == 0
    assert sorted(paths(workshop, site)) == ["/a", "/b", "/c"]
    assert any(outcome == "cut_short" for outcome, _ in failures(workshop))


def test_the_time_of_change_in_a_sitemap_is_believed_only_if_the_source_says_so(
    workshop: Workshop, site: Website
) -> None:
    entries = "".join(
        f"<url><loc>{site.address(path)}</loc><lastmod>{at}</lastmod></url>"
        for path, at in (("/a", "2026-01-02T10:00:00Z"), ("/b", "2099-01-01"))
    )
    site.pages |= {
        "/sitemap.xml": page(f"<urlset>{entries}</urlset>", media_type="application/xml"), "/a": page(html("a.")),
        "/b": page(html("b.")),
    }  # fmt: skip
    source(workshop, sitemap=site.address("/sitemap.xml"), trust_lastmod=True)
    workshop.sync()
    site.requests.clear()
    assert workshop.sync().unchanged == 2
    assert "/a" not in site.paths()
    assert "/b" in site.paths()


# --- crawls ----------------------------------------------------------------------------------------------------------


def crawl(workshop: Workshop, site: Website, start: str = "/", **more: object) -> Workshop:
    depth = more.pop("depth", 3)
    return source(
        workshop, crawl={"start": site.address(start), "depth": depth, "prefix": more.pop("prefix", "/")}, **more
    )


def handbook(site: Website, *, etags: bool = True) -> None:
    links = {"/": ["a", "/b?x=1"], "/a": ["/c", "/old", "http://elsewhere.example/"], "/b?x=1": ["/", "/a#x"],
             "/c": ["/d", "/mill.png"], "/d": ["/e"], "/new": []}  # fmt: skip
    for path, others in links.items():
        site.pages[path] = page(html(f"Page {path}.", *others), etag=f'"{path}"' if etags else None)
    site.pages["/old"] = redirecting("/new")


def test_a_crawl_comes_by_what_links_lead_to_and_no_further(workshop: Workshop, site: Website) -> None:
    handbook(site)
    crawl(workshop, site)
    workshop.sync()
    assert sorted(paths(workshop, site)) == ["/", "/a", "/b?x=1", "/c", "/d", "/new"]
    assert len(site.paths()) == len(set(site.paths()))
    assert not {"/mill.png", "/e"} & set(site.paths())


@pytest.mark.parametrize("etags", [True, False])
def test_a_crawl_of_what_did_not_change_parses_nothing_and_loses_nothing(
    workshop: Workshop, site: Website, etags: bool
) -> None:
    handbook(site, etags=etags)
    crawl(workshop, site)
    workshop.sync()
    site.requests.clear()
    assert workshop.sync() == SyncCounts(listed=6, unchanged=6)
    assert len(workshop.parsers.parsed) == 6
    assert len(site.requests) == 8  # robots.txt, one for each page, one for what redirects
    asked = [request for request in site.requests if request.path == "/c"]
    assert asked[0].headers.get("if-none-match") == ('"/c"' if etags else None)


def test_a_crawl_follows_changes(workshop: Workshop, site: Website) -> None:
    handbook(site)
    crawl(workshop, site)
    workshop.sync()
    site.pages["/c"] = page(html("Page c, anew."), etag='"2"')
    counts = workshop.sync()
    assert (counts.changed, counts.deleted) == (1, 1)
    assert sorted(paths(workshop, site)) == ["/", "/a", "/b?x=1", "/c", "/new"]


def test_what_lies_behind_a_page_that_fails_stays(workshop: Workshop, site: Website) -> None:
    handbook(site)
    crawl(workshop, site, max_bytes=100_000)
    workshop.sync()
    for fault in (failing(500), failing(403), redirecting("http://sign-in.example/"), endless()):
        site.pages["/a"] = fault
        counts = workshop.sync()
        assert (counts.failed, counts.deleted) == (1, 0)
        assert sorted(paths(workshop, site)) == ["/", "/a", "/b?x=1", "/c", "/d", "/new"]
    site.pages["/a"] = redirecting("http://elsewhere.example/", 301)
    assert workshop.sync().deleted == 4


def test_a_crawl_that_cannot_start_deletes_nothing(workshop: Workshop, site: Website) -> None:
    handbook(site)
    crawl(workshop, site, max_bytes=100_000)
    workshop.sync()
    for fault in (failing(404), failing(500), redirecting("/"), redirecting("http://10.0.0.1/"), endless()):
        site.pages["/"] = fault
        with pytest.raises(Unavailable, match="nothing was deleted"):
            listed(workshop)
    with pytest.raises(Unavailable, match="nothing was deleted"):
        workshop.bring()
    assert len(paths(workshop, site)) == 6


def test_a_start_that_robots_txt_forbids_is_named(workshop: Workshop, site: Website) -> None:
    site.pages["/robots.txt"] = page("User-agent: *\nDisallow: /", media_type="text/plain")
    crawl(workshop, site)
    with pytest.raises(Unavailable, match=r"robots\.txt"):
        workshop.bring()


def test_a_crawl_goes_by_its_bounds_and_patterns(workshop: Workshop, site: Website) -> None:
    handbook(site)
    crawl(workshop, site, depth=1)
    assert {item.path.removeprefix(site.address("")) for item in listed(workshop)} == {"/", "/a", "/b?x=1"}
    crawl(workshop, site, include=["c", "d"])
    assert {item.path.removeprefix(site.address("")) for item in listed(workshop)} == {"/c", "/d"}
    site.requests.clear()
    crawl(workshop, site, exclude=["c"])
    assert {item.path.removeprefix(site.address("")) for item in listed(workshop)} == {"/", "/a", "/b?x=1", "/new"}
    assert "/c" not in site.paths()


def test_a_crawl_that_reaches_its_bound_deletes_nothing(workshop: Workshop, site: Website) -> None:
    handbook(site)
    crawl(workshop, site)
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        connection.execute("update knowledge.data_sources set config = config || '{\"max_pages\": 2}'")
    assert workshop.sync().deleted == 0
    assert len(paths(workshop, site)) == 6
    assert any("max_pages" in str(reason) for _, reason in failures(workshop))


def test_a_crawl_without_an_end_ends(workshop: Workshop, site: Website) -> None:
    def further(exchange: Exchange, asked: Request) -> None:
        number = int(asked.path.strip("/") or 0)
        page(html(f"{number}.", f"/{number * 2 + 1}", f"/{number * 2 + 2}"))(exchange, asked)

    site.pages["/robots.txt"] = failing(404)
    site.otherwise = further
    crawl(workshop, site, depth=100, max_pages=25)
    assert len(listed(workshop)) == 25
    site.otherwise = lambda exchange, asked: redirecting(f"{asked.path}x")(exchange, asked)
    with pytest.raises(Unavailable):
        listed(workshop)


def test_a_site_that_starts_elsewhere_is_crawled_there(
    workshop: Workshop, site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Website() as other:
        monkeypatch.setenv("MILLRACE_ALLOWED_HOSTS", f"{site.host},{other.host}")
        site.pages["/"] = redirecting(other.address("/home"))
        other.pages |= {"/home": page(html("Home.", "/a")), "/a": page(html("Rye."))}
        crawl(workshop, site)
        assert [item.path for item in listed(workshop)] == [other.address("/a"), other.address("/home")]


# --- configuration ---------------------------------------------------------------------------------------------------


def test_credentials_go_to_the_home_of_the_source_alone(
    workshop: Workshop, site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Website() as other:
        monkeypatch.setenv("MILLRACE_ALLOWED_HOSTS", f"{site.host},{other.host}")
        site.pages["/a"] = page(html("Rye."))
        other.pages["/b"] = page(html("Oats."))
        source(workshop, urls=[site.address("/a"), other.address("/b")], headers={"Authorization": "Bearer {token}"})
        connector = opened(workshop, locating.bound("web", {"url": site.address("/a")}, {"token": "s3cr3t"}))
        for item in connector.items():
            connector.fetch(item, None)
        connector.close()
        assert all("authorization" not in request.headers for request in other.requests)
    assert site.requests[-1].headers["authorization"] == "Bearer s3cr3t"


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"url": "https://a/", "sitemap": "https://a/s"}, {"url": "ftp://a/"}, {"url": "https://u:pw@a/"},
        {"urls": "no address"}, {"crawl": {}}, {"crawl": {"start": "https://a/", "depth": -1}},
        {"crawl": {"start": "https://a/", "prefix": "docs"}}, {"crawl": {"start": "https://a/", "colour": 1}},
        {"url": "https://a/", "delay_s": -1}, {"url": "https://a/", "include": "x"}, {"url": "https://a/", "colour": 1},
        {"url": "https://a/", "max_pages": 0}, {"url": "https://a/", "main_text": "no"},
        {"url": "https://a/", "headers": {"authorization": "Bearer pw"}},
    ],
)  # fmt: skip
def test_configurations_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Misconfigured) as failure:
        web_config(wrong)
    assert "pw" not in str(failure.value)


def test_patience_is_shown_to_a_busy_site(workshop: Workshop, site: Website) -> None:
    site.pages["/a"] = in_turn(failing(503), page(html("Rye.")))
    source(workshop, url=site.address("/a"))
    assert workshop.sync().changed == 1
