"""An API is listed whole or not at all, page by page, whatever way it has of parting what it lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from resources.foundation.errors import MillraceError, Misconfigured, Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.web import Web
from resources.knowledge.connectors import api_connector, locating
from resources.knowledge.connectors.protocol import Means
from resources.knowledge.connectors.web_configuring import api_config
from resources.knowledge.documents import sync_failures
from resources.knowledge.records import Item
from resources.knowledge.sources import data_sources
from tests.factories.workshops import Workshop
from tests.fixtures.website import (
    Behaviour,
    Exchange,
    Request,
    Website,
    breaking_off,
    failing,
    in_turn,
    page,
    redirecting,
    stalling,
    telling,
)

TOKEN = "s3cr3t-api-token"  # noqa: S105
NOTES = [
    {
        "id": n, "body": f"Sack {n} holds rye.", "title": f"Sack {n}", "at": f"2026-01-{n:02}T10:00:00Z",
        "by": {"name": "Ada"},
    }
    for n in range(1, 8)
]  # fmt: skip


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Website]:
    with Website() as site:
        monkeypatch.setenv("MILLRACE_ALLOWED_HOSTS", site.host)
        yield site


def settings(site: Website, **more: object) -> dict[str, object]:
    return {"url": site.address("/notes"), "items": "notes", "key": "id", "text": ["body"]} | more


def listed(site: Website, **more: object) -> list[Item]:
    connector = opened(site, **more)
    try:
        return list(connector.items())
    finally:
        connector.close()


def opened(site: Website, **more: object) -> api_connector.ApiConnector:
    return api_connector.ApiConnector(
        api_config(settings(site, **more)), Web(allowed_hosts={site.host}), {}
    )  # fmt: skip


def asked_for(request: Request, name: str) -> str:
    pairs = [pair.partition("=") for pair in request.path.partition("?")[2].split("&")]
    return next((value for key, _, value in pairs if key == name), "")


def by_page(exchange: Exchange, asked: Request) -> None:
    start = (int(asked_for(asked, "page")) - 1) * 3
    telling({"notes": NOTES[start : start + 3]})(exchange, asked)


def by_offset(exchange: Exchange, asked: Request) -> None:
    start = int(asked_for(asked, "offset"))
    telling({"notes": NOTES[start : start + 3]})(exchange, asked)


def by_cursor(exchange: Exchange, asked: Request) -> None:
    start = int(asked_for(asked, "after") or 0)
    more = str(start + 3) if start + 3 < len(NOTES) else None
    telling({"notes": NOTES[start : start + 3], "meta": {"next": more}})(exchange, asked)


def by_address(exchange: Exchange, asked: Request) -> None:
    start = int(asked_for(asked, "from") or 0)
    more = f"/notes?from={start + 3}" if start + 3 < len(NOTES) else ""
    telling({"notes": NOTES[start : start + 3], "next": more})(exchange, asked)


def by_link(exchange: Exchange, asked: Request) -> None:
    start = int(asked_for(asked, "from") or 0)
    more = {"Link": f'</notes?from={start + 3}>; rel="next"'} if start + 3 < len(NOTES) else {}
    telling({"notes": NOTES[start : start + 3]}, more)(exchange, asked)


def by_body(exchange: Exchange, asked: Request) -> None:
    start = json.loads(asked.body)["offset"]
    telling({"notes": NOTES[start : start + 3]})(exchange, asked)


KINDS: dict[str, tuple[Behaviour, dict[str, object]]] = {
    "page": (by_page, {"paging": {"kind": "page"}}),
    "offset": (by_offset, {"paging": {"kind": "offset", "size_parameter": "limit", "size": 50}}),
    "cursor": (by_cursor, {"paging": {"kind": "cursor", "parameter": "after", "next": "meta.next"}}),
    "address": (by_address, {"paging": {"kind": "cursor", "next": "next"}}),
    "link": (by_link, {"paging": {"kind": "link"}}),
    "body": (by_body, {"paging": {"kind": "offset"}, "method": "POST", "body": {"sort": "id"}}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_of_paging_lists_everything_in_order_of_the_keys(site: Website, kind: str) -> None:
    site.pages["/notes"], more = KINDS[kind]
    connector = opened(site, **more)
    items = list(connector.items())
    assert [item.path for item in items] == [str(n) for n in range(1, 8)]
    assert connector.fetch(items[6], None).data == b"Sack 7 holds rye."
    assert connector.cut_short() is None
    connector.close()


def test_an_item_becomes_a_document_with_what_belongs_to_it(site: Website) -> None:
    site.pages["/notes"] = telling(NOTES[:1])
    connector = opened(
        site, items="", text=["body", "by.name"], title="title", metadata=["by.name", "none"], updated="at",
        address="id", format="markdown",
    )  # fmt: skip
    (item,) = connector.items()
    fetched = connector.fetch(item, None)
    assert (item.path, item.title, item.address) == ("1", "Sack 1", site.address("/1"))
    assert item.metadata == {"by.name": "Ada"}
    assert str(item.revision).startswith("2026-01-01T10:00:00Z ")
    assert fetched.data.decode() == "# Sack 1\n\n## body\n\nSack 1 holds rye.\n\n## by.name\n\nAda\n"
    assert (fetched.media_type, fetched.filename, fetched.revision) == ("text/markdown", "item.md", item.revision)


def test_a_revision_changes_with_what_is_kept_and_with_what_is_asked(site: Website) -> None:
    def revisions(note: dict[str, object], **more: object) -> str | None:
        site.pages["/notes"] = telling({"notes": [note]})
        return listed(site, **more)[0].revision

    note: dict[str, object] = {"id": 1, "body": "Rye.", "seen": 1}
    first = revisions(note)
    assert revisions(note | {"seen": 2}) == first
    assert len({first, revisions(note | {"body": "Oats."}), revisions(note, metadata=["seen"])}) == 3
    assert revisions(note, metadata=["seen"]) != revisions(note | {"seen": 2}, metadata=["seen"])
    assert revisions(note, updated="seen") != revisions(note, updated="seen", format="html")


def test_items_that_are_said_twice_since_others_were_added_meanwhile_are_kept_once(site: Website) -> None:
    pages = iter([NOTES[0:3], NOTES[2:5], NOTES[5:], []])
    site.pages["/notes"] = lambda exchange, asked: telling({"notes": next(pages)})(exchange, asked)
    assert len(listed(site, paging={"kind": "page"})) == 7


# --- what must not pass for the end of a list ------------------------------------------------------------------------


def repeating(exchange: Exchange, asked: Request) -> None:
    telling({"notes": NOTES[:3], "meta": {"next": "same"}})(exchange, asked)


def circling(exchange: Exchange, asked: Request) -> None:
    start = int(asked_for(asked, "after") or 0)
    telling({"notes": [{"id": uuid4().hex, "body": "x"}], "meta": {"next": str((start + 1) % 3)}})(exchange, asked)


@pytest.mark.parametrize(
    ("behaviour", "more", "said"),
    [
        (repeating, {"paging": {"kind": "page"}}, "says again what was said before"),
        (repeating, KINDS["cursor"][1], "said before|read before"),
        (circling, KINDS["cursor"][1], "read before"),
        (telling({"notes": NOTES[:1], "next": "http://10.0.0.1/x"}), KINDS["address"][1], "another host"),
        (telling({"notes": NOTES[:1]}, {"Link": "<https://a.example/>; rel=next"}), KINDS["link"][1], "another host"),
        (telling({}), {}, "no list of items at 'notes'"),
        (telling({"notes": {"1": "x"}}), {}, "no list"),
        (telling({"notes": NOTES}), {"items": ""}, "at its top"),
        (page("<html>Sign in</html>"), {}, "no JSON"),
        (page("[" * 100_000), {"items": ""}, "no JSON"),
        (page(b"\xff\xfe\xff"), {}, "no JSON"),
        (failing(401, says=TOKEN), {}, "credentials"),
        (redirecting("http://127.0.0.1:1/"), {}, "127.0.0.1:1"),
    ],
)  # fmt: skip
def test_a_listing_that_makes_no_sense_is_none(
    site: Website, behaviour: Behaviour, more: dict[str, object], said: str
) -> None:
    site.pages["/notes"] = behaviour
    with pytest.raises(Unavailable, match=said) as failure:
        listed(site, **more)
    assert "nothing was deleted" in str(failure.value)
    assert TOKEN not in str(failure.value)


@pytest.mark.parametrize("notes", [[{"body": "x"}], [{"id": None}], [{"id": ""}], NOTES[:1] * 2, [7], [{"id": "a\nb"}]])
def test_keys_that_are_none_are_named(site: Website, notes: list[object]) -> None:
    site.pages["/notes"] = telling({"notes": notes})
    with pytest.raises(Misconfigured, match="id"):
        listed(site)


def test_a_listing_that_is_cut_short_says_so(site: Website) -> None:
    site.pages["/notes"] = by_page
    connector = opened(site, paging={"kind": "page"}, max_pages=2)
    assert len(list(connector.items())) == 6
    assert "max_pages" in str(connector.cut_short())


@pytest.mark.parametrize("fault", [stalling, breaking_off(), failing(503)])
def test_a_page_that_does_not_come_is_no_end_of_the_list(site: Website, fault: Behaviour) -> None:
    site.pages["/notes"] = failing_at(2, fault)
    web = Web(allowed_hosts={site.host}, total_seconds=1 if fault is stalling else 30, first_wait_seconds=0.01)
    connector = api_connector.ApiConnector(api_config(settings(site, paging={"kind": "page"})), web, {})
    with pytest.raises(Unavailable, match=r"page 2 of .* cannot be read"):
        list(connector.items())
    connector.close()


def test_a_server_that_asks_for_patience_gets_it(site: Website) -> None:
    site.pages["/notes"] = in_turn(failing(429, Retry_After="1"), by_page)
    assert len(listed(site, paging={"kind": "page"})) == 7


# --- credentials -----------------------------------------------------------------------------------------------------


def source_with(workshop: Workshop, site: Website, **more: object) -> Workshop:
    with workshop.database.transaction(workshop.organization_id) as connection:
        source = data_sources.create(
            connection, workshop.organization_id, name=f"notes {uuid4().hex[:8]}", source_type="api",
            config=settings(site, **more),
        )  # fmt: skip
    workshop.source_id = source.id
    return workshop


def means(workshop: Workshop, credentials: dict[str, str]) -> Means:
    return Means(workshop.database, workshop.organization_id, ObjectStore(workshop.store.root), credentials)


def test_credentials_go_into_headers_and_to_the_host_that_they_were_given_for(
    workshop: Workshop, site: Website
) -> None:
    site.pages["/notes"] = by_link
    source_with(workshop, site, headers={"Authorization": "Bearer {token}", "X-Shop": "mill"}, **KINDS["link"][1])
    with workshop.database.transaction(workshop.organization_id) as connection:
        source = data_sources.get(connection, workshop.organization_id, workshop.source_id)
    credentials = locating.bound("api", settings(site), {"token": TOKEN})
    connector = api_connector.open_connector(source, means(workshop, credentials))
    assert len(list(connector.items())) == 7
    assert {request.headers["authorization"] for request in site.requests} == {f"Bearer {TOKEN}"}
    assert {request.headers["x-shop"] for request in site.requests} == {"mill"}
    for wrong in ({"token": TOKEN}, {"token": TOKEN, "host": "elsewhere.example"}, {"host": site.host}):
        with pytest.raises(Misconfigured) as failure:
            api_connector.open_connector(source, means(workshop, wrong))
        assert TOKEN not in str(failure.value)
    assert TOKEN not in repr(means(workshop, credentials))


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://x/"}, {"url": "http://ada:pw@x/"}, {"url": "https://x/?token=abc"}, {"key": ""}, {"text": []},
        {"headers": {"Authorization": "Bearer abc"}}, {"headers": {"X-API-Key": "abc"}}, {"headers": {"cookie": "a=b"}},
        {"headers": {"Host": "x"}}, {"headers": {"X": 1}},
        {"paging": {"kind": "cursor"}}, {"paging": {"kind": "odd"}}, {"paging": {"size": 0}}, {"paging": "page"},
        {"body": {"a": 1}}, {"method": "DELETE"}, {"max_pages": 10**9}, {"format": "pdf"}, {"colour": "red"},
    ],
)  # fmt: skip
def test_configurations_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {"url": "https://mill.example/notes", "key": "id", "text": ["body"]}
    api_config(right)
    with pytest.raises(Misconfigured) as failure:
        api_config(right | wrong)
    assert "abc" not in str(failure.value)


# --- through intake --------------------------------------------------------------------------------------------------


def test_notes_are_brought_followed_and_taken_away(workshop: Workshop, site: Website) -> None:
    site.pages["/notes"] = by_page
    source_with(workshop, site, title="title", **KINDS["page"][1])
    assert workshop.sync().changed == 7
    assert workshop.visible()["3"] == "Sack 3 holds rye."
    assert workshop.rows(b"select title from knowledge.documents where file_path = '3'") == [("Sack 3",)]
    assert workshop.sync().unchanged == 7
    changed = [NOTES[0] | {"body": "Sack 1 holds oats."}, *NOTES[1:6]]
    site.pages["/notes"] = in_turn(telling({"notes": changed}), telling({"notes": []}))
    counts = workshop.sync()
    assert (counts.changed, counts.unchanged, counts.deleted) == (1, 5, 1)
    assert workshop.visible()["1"] == "Sack 1 holds oats."
    assert sorted(workshop.visible()) == ["1", "2", "3", "4", "5", "6"]


FAULTS: dict[str, Behaviour] = {
    "500": failing(500), "404": failing(404), "403": failing(403), "html": page("<html>"), "empty": telling({}),
    "torn": page('{"notes": [{"id": 1'),
}  # fmt: skip


def failing_at(number: int, fault: Behaviour) -> Behaviour:
    def behaviour(exchange: Exchange, asked: Request) -> None:
        (fault if asked_for(asked, "page") == str(number) else by_page)(exchange, asked)

    return behaviour


def documents_of(workshop: Workshop) -> int:
    return len(workshop.rows(b"select from knowledge.documents where soft_deleted_at is null and status = 'ready'"))


def test_a_listing_that_fails_anywhere_deletes_nothing(workshop: Workshop, site: Website) -> None:
    site.pages["/notes"] = by_page
    source_with(workshop, site, **KINDS["page"][1])
    workshop.sync()
    before = workshop.snapshot()
    for fault, number in [(fault, number) for fault in FAULTS.values() for number in (1, 2, 3, 4)]:
        site.pages["/notes"] = failing_at(number, fault)
        with pytest.raises(MillraceError):
            workshop.bring()
        assert documents_of(workshop) == 7
    with workshop.database.transaction(workshop.organization_id) as connection:
        (failure,) = sync_failures.select_all(connection, workshop.organization_id, source_id=workshop.source_id)
    assert failure.stage == "listing"
    site.pages["/notes"] = by_page
    assert workshop.sync().unchanged == 7
    assert workshop.snapshot() == before


def test_a_listing_that_shrinks_deletes_nothing(workshop: Workshop, site: Website) -> None:
    many = [{"id": n, "body": f"Sack {n}."} for n in range(60)]
    site.pages["/notes"] = telling({"notes": many})
    source_with(workshop, site)
    workshop.sync()
    for few in ([], many[:18]):
        site.pages["/notes"] = telling({"notes": few})
        try_to(workshop.sync)
        assert documents_of(workshop) == 60


def test_what_a_cut_listing_does_not_name_stays(workshop: Workshop, site: Website) -> None:
    site.pages["/notes"] = by_page
    source_with(workshop, site, **KINDS["page"][1])
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        connection.execute("update knowledge.data_sources set config = config || '{\"max_pages\": 2}'")
    counts = workshop.sync()
    assert (counts.deleted, documents_of(workshop)) == (0, 7)


def try_to(action: Callable[[], object]) -> None:
    """The guard may hold the deletions or end the sync: either way nothing goes."""
    try:
        action()
    except MillraceError:
        return
