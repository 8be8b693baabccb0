"""Sources that are pages of the web: a list of them, what a sitemap names, or what a crawl comes by.

A page is known by its canonical address (crawling.py). Pages of a list or a sitemap keep the address under which they
are listed, wherever it redirects to: that is known before anything is fetched, and stays when a site moves its pages
about; where a person finds the page is the address at the end. In a crawl a redirect is a link: many addresses may
lead to one page, and the page is one document, at the address that answers.

What is gone: a page that answers 404 or 410, and one that is listed no more. A page that fails in any other way stays.
A listed page costs a request each time, which asks for it only if it changed: a sitemap's `lastmod` is not believed,
since many write the time at which the sitemap was made, unless the configuration says `trust_lastmod`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from heapq import nsmallest
from pathlib import PurePosixPath

from resources.foundation.errors import Missing, Unavailable
from resources.foundation.settings import Settings
from resources.foundation.threads import as_they_end
from resources.foundation.web import USER_AGENT, Answer, NotPermitted, TooLarge, Unreachable, Web, shown
from resources.knowledge.connectors.crawling import Scope, canonical, chosen_by, host_of, links, name_of
from resources.knowledge.connectors.protocol import (
    Connector,
    Fetched,
    ItemFailed,
    ItemGone,
    ItemRemoved,
    ItemUnchanged,
    Means,
)
from resources.knowledge.connectors.reading_sitemaps import NoSitemap, Sitemap, read_sitemap
from resources.knowledge.connectors.revising import conditions, revision_of
from resources.knowledge.connectors.sites import Disallowed, Sites
from resources.knowledge.connectors.spools import Spool, Spooled
from resources.knowledge.connectors.web_configuring import CrawlConfig, WebConfig, filled, web_config
from resources.knowledge.documents import document_versions, documents
from resources.knowledge.readers.decoding import decode, is_text
from resources.knowledge.readers.parsing import DEFAULT_FILE_TYPES
from resources.knowledge.records import DataSource, Item, KnownItem

_THREADS = 4
_PAGE = 500
_ATTEMPTS = 2
_LISTING_ATTEMPTS = 3
_MOST_HOPS = 5
_MOST_SITEMAPS = 1_000
_GONE = (404, 410)
_REDIRECTS = (301, 302, 303, 307, 308)
_PAGES = ("text/html", "application/xhtml+xml")
_UNSURE = ("", "application/octet-stream")
_KNOWN_SUFFIXES = {suffix for kind in DEFAULT_FILE_TYPES for suffix in kind.extensions}
_PAGE_NAME = re.compile(r"\.x?html?\Z", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_LASTMOD = "lastmod "
_DAY_PROVES_NOTHING_FOR = timedelta(days=2)


def open_connector(source: DataSource, means: Means) -> Connector:
    """A web source by its configuration. Raises Misconfigured."""
    config = web_config(source.config)
    secrets = filled(dict(config.headers), means.credentials, config.home)
    web = Web(
        allowed_hosts=Settings.from_environment().allowed_hosts, user_agent=config.user_agent or USER_AGENT,
        max_bytes=config.max_bytes,
    )  # fmt: skip
    if config.crawl is not None:
        return CrawlConnector(source, config, config.crawl, web, secrets, means)
    return PagesConnector(config, web, secrets)


class _Pages:
    """Fetches pages by the rules of their sites, and tells what became of each."""

    def __init__(self, config: WebConfig, web: Web, secret_headers: Mapping[str, str]) -> None:
        self._web = web
        self._home = config.home
        self._secret_headers = secret_headers
        self._sites = Sites(
            web, user_agent=config.user_agent or USER_AGENT, delay_s=config.delay_s,
            ignores_robots=config.ignores_robots,
        )  # fmt: skip

    def get(self, address: str, *, revision: str | None, follows: bool = True) -> Answer:
        """The answer for a page. Raises ItemFailed where there is none."""
        try:
            return self._sites.get(
                address, headers=conditions(revision), secret_headers=self._secrets_for(address), follows=follows,
                attempts=_ATTEMPTS,
            )  # fmt: skip
        except Disallowed as error:
            raise ItemFailed("disallowed", str(error)) from None
        except NotPermitted as error:
            raise ItemFailed("not_permitted", str(error)) from None
        except TooLarge as error:
            raise ItemFailed("too_large", str(error)) from None
        except Unreachable as error:
            raise ItemFailed("unreachable", str(error)) from None

    def fetched(self, address: str, *, revision: str | None) -> Fetched:
        """A page, if it is not in this state any more. Raises ItemFailed, ItemRemoved, ItemUnchanged."""
        answer = self.get(address, revision=revision)
        if answer.status == 304 and revision is not None:
            raise ItemUnchanged(address)
        if answer.status in _GONE:
            raise ItemRemoved(address)
        if answer.status != 200:
            raise refusal(answer)
        return received(answer)

    def listing(self, address: str) -> Answer:
        """What lists pages. Raises Unavailable for anything but the whole of it."""
        try:
            answer = self._sites.get(
                address, secret_headers=self._secrets_for(address), attempts=_LISTING_ATTEMPTS, asks_robots=False
            )
        except (NotPermitted, TooLarge, Unreachable) as error:
            raise Unavailable(f"the sitemap cannot be read: {error}; nothing was deleted") from None
        if answer.status != 200:
            raise Unavailable(
                f"the sitemap cannot be read: {shown(address)} answers {answer.status}; nothing was deleted"
            )
        return answer

    def close(self) -> None:
        self._web.close()

    def _secrets_for(self, address: str) -> Mapping[str, str]:
        is_home = host_of(address) == host_of(self._home) and address.split(":")[0] == self._home.split(":")[0]
        return self._secret_headers if is_home else {}


class PagesConnector:
    """Pages that are listed, in the configuration or in a sitemap."""

    def __init__(self, config: WebConfig, web: Web, secret_headers: Mapping[str, str]) -> None:
        self._config = config
        self._pages = _Pages(config, web, secret_headers)
        self._cut_short: str | None = None

    def items(self) -> Iterator[Item]:
        listed = dict.fromkeys(self._config.urls, "") if self._config.sitemap is None else self._of_sitemaps()
        chosen = sorted(address for address in listed if self._config.choice.takes(chosen_by(address)))
        if len(chosen) > self._config.max_pages:
            self._cut_short = _bound_reached(self._config.max_pages)
        for address in chosen[: self._config.max_pages]:
            revision = _trusted(listed[address]) if self._config.trusts_lastmod else None
            yield Item(address, revision=revision, address=address)

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        revision = known.revision if known is not None and not (known.is_deleted or known.is_failing) else None
        fetched = self._pages.fetched(item.path, revision=revision)
        return fetched if item.revision is None else replace(fetched, revision=item.revision)

    def cut_short(self) -> str | None:
        return self._cut_short

    def close(self) -> None:
        self._pages.close()

    def _of_sitemaps(self) -> dict[str, str]:
        """All pages that the sitemap names, and those that it names."""
        assert self._config.sitemap is not None
        waiting, seen, pages = [self._config.sitemap], {self._config.sitemap}, dict[str, str]()
        while waiting:
            sitemap = self._sitemap(waiting.pop())
            pages |= {one: at for address, at in sitemap.pages.items() if (one := canonical(address)) is not None}
            further = {one for address in sitemap.sitemaps if (one := canonical(address)) is not None} - seen
            seen |= further
            waiting += sorted(further)
            if len(seen) > _MOST_SITEMAPS:
                raise Unavailable(f"the sitemap names more than {_MOST_SITEMAPS:,} sitemaps; nothing was deleted")
        return pages

    def _sitemap(self, address: str) -> Sitemap:
        try:
            return read_sitemap(self._pages.listing(address).body)
        except NoSitemap as error:
            raise Unavailable(f"what {shown(address)} has as a sitemap is none: {error}; nothing was deleted") from None


@dataclass(frozen=True)
class _Visit:
    """What a crawl found at an address: perhaps an item, links to go on with, another address to look at instead."""

    spooled: Spooled | None = None
    links: list[str] = field(default_factory=list)
    redirect: str | None = None
    failure: str | None = None


class CrawlConnector:
    """Pages that links lead to. Listing them is fetching them: what was fetched waits on disk until it is asked for.

    A page that is as it was costs an answer of 304; its links are those of the bytes that are kept. A page that fails
    is listed all the same, and its links are followed, so that nothing behind it seems gone.
    """

    def __init__(
        self,
        source: DataSource,
        config: WebConfig,
        crawl: CrawlConfig,
        web: Web,
        secret_headers: Mapping[str, str],
        means: Means,
    ) -> None:
        self._source = source
        self._config = config
        self._crawl = crawl
        self._means = means
        self._pages = _Pages(config, web, secret_headers)
        self._scope = Scope(
            frozenset({host_of(crawl.start)}), crawl.prefix, config.choice, is_secure=crawl.start.startswith("https:")
        )  # fmt: skip
        self._spool = Spool()
        self._known: dict[str, KnownItem] = {}
        self._visited: set[str] = set()
        self._cut_short: str | None = None

    def items(self) -> Iterator[Item]:
        self._known = {row.file_path: row for row in self._rows()}
        level = {self._crawl.start}
        for depth in range(self._crawl.depth + 1):
            level = self._level(level, is_start=depth == 0)
            if not level:
                break
        yield from self._spool.items()

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        spooled = self._spool.find(item.path)
        if spooled is None:
            raise ItemGone(item.path)
        told: dict[str, str] = json.loads(spooled.key or "{}")
        if "outcome" in told:
            raise ItemFailed(told["outcome"], told["reason"])
        if spooled.data is not None:
            return Fetched(
                spooled.data, revision=item.revision, media_type=told["media_type"], filename=told["filename"],
                address=item.address,
            )  # fmt: skip
        if known is None or known.is_deleted or known.is_failing:
            return self._pages.fetched(item.path, revision=None)
        raise ItemUnchanged(item.path)

    def cut_short(self) -> str | None:
        return self._cut_short

    def close(self) -> None:
        self._pages.close()
        self._spool.close()

    def _level(self, addresses: Iterable[str], *, is_start: bool) -> set[str]:
        """Look at all addresses that are equally far from the start; those that are one link further."""
        level, further, has_read = set(addresses), set[str](), False
        for _ in range(_MOST_HOPS + 1):
            redirects = set[str]()
            for visit in self._visits(level):
                if is_start:
                    self._look_about(visit)
                self._take(visit)
                has_read = has_read or visit.spooled is not None
                redirects |= {visit.redirect} if visit.redirect else set()
                further = self._trimmed(further | self._entered(visit.links))
            level = self._entered(redirects)
            if not level:
                break
        if is_start and not has_read:
            raise Unavailable(f"the crawl cannot start: {shown(self._crawl.start)} only redirects; nothing was deleted")
        return further

    def _look_about(self, visit: _Visit) -> None:
        """The start page must be there; where it redirects to is part of the site."""
        if visit.failure is not None:
            raise Unavailable(f"the crawl cannot start: {visit.failure}; nothing was deleted")
        if visit.redirect is not None:
            is_secure = self._scope.is_secure or visit.redirect.startswith("https:")
            self._scope = replace(
                self._scope, hosts=self._scope.hosts | {host_of(visit.redirect)}, is_secure=is_secure
            )  # fmt: skip

    def _take(self, visit: _Visit) -> None:
        if visit.spooled is not None and self._config.choice.takes(chosen_by(visit.spooled.item.path)):
            self._spool.put([visit.spooled])

    def _visits(self, addresses: Iterable[str]) -> Iterator[_Visit]:
        """What is at each address that was not looked at before, as far as the bound allows."""
        waiting = sorted(set(addresses) - self._visited)
        room = self._config.max_pages - len(self._visited)
        if len(waiting) > room:
            self._cut_short = _bound_reached(self._config.max_pages)
            waiting = waiting[:room]
        self._visited |= set(waiting)
        for _, visit in as_they_end(self._visit, waiting, threads=_THREADS):
            yield visit

    def _visit(self, address: str) -> _Visit:
        known = self._known.get(address)
        is_well = known is not None and not (known.is_deleted or known.is_failing)
        kept = self._kept(known) if known is not None and is_well else None
        try:
            answer = self._pages.get(
                address, revision=known.revision if known is not None and kept is not None else None, follows=False
            )
        except ItemFailed as error:
            if error.outcome == "disallowed":
                return _Visit(failure=str(error))
            return self._failed(address, error)
        if answer.status == 304 and kept is not None and known is not None:
            item = Item(address, revision=known.revision, address=address)
            return _Visit(Spooled(item), _links(kept, address))
        if answer.status in _REDIRECTS and "location" in answer.headers:
            return self._led(address, answer)
        if answer.status in _GONE:
            return _Visit(failure=f"{shown(address)} answers {answer.status}")
        return self._read(address, answer) if answer.status == 200 else self._failed(address, refusal(answer))

    def _led(self, address: str, answer: Answer) -> _Visit:
        """A page that is known, and for now leads out of the site (to a place to sign in, say), is not gone by that."""
        target = canonical(answer.headers["location"], base=address)
        is_for_good = answer.status in (301, 308) or address not in self._known
        if target is None or (not is_for_good and self._scope.entered(target) is None):
            error = ItemFailed("redirected", f"{shown(address)} redirects to somewhere that is not part of this crawl")
            return replace(self._failed(address, error), redirect=target)
        return _Visit(redirect=target)

    def _read(self, address: str, answer: Answer) -> _Visit:
        fetched = received(answer)
        item = Item(address, revision=fetched.revision or f"sha256 {sha256(fetched.data).hexdigest()}", address=address)
        told = json.dumps({"media_type": fetched.media_type, "filename": fetched.filename})
        is_page = answer.media_type in _PAGES
        return _Visit(Spooled(item, told, fetched.data), _links(fetched.data, address) if is_page else [])

    def _failed(self, address: str, error: ItemFailed) -> _Visit:
        known = self._known.get(address)
        kept = self._kept(known) if known is not None and not known.is_deleted else None
        told = json.dumps({"outcome": error.outcome, "reason": str(error)})
        behind = [] if kept is None else _links(kept, address)
        return _Visit(Spooled(Item(address, address=address), told), behind, failure=str(error))

    def _kept(self, known: KnownItem) -> bytes | None:
        """The bytes of a page as they were last read; None where they are lost."""
        organization_id = self._means.organization_id
        with self._means.database.transaction(organization_id) as connection:
            newest = document_versions.find_newest(connection, organization_id, known.id)
        try:
            return None if newest is None else self._means.store.get(organization_id, newest.checksum)
        except (Missing, Unavailable):
            return None

    def _entered(self, addresses: Iterable[str]) -> set[str]:
        return {one for address in addresses if (one := self._scope.entered(address)) is not None} - self._visited

    def _trimmed(self, addresses: set[str]) -> set[str]:
        """No more than can be looked at, and one more, by which it is noticed that there are more."""
        most = self._config.max_pages + 1
        return set(nsmallest(most, addresses)) if len(addresses) > 4 * most else addresses

    def _rows(self) -> Iterator[KnownItem]:
        after, organization_id = "", self._means.organization_id
        while True:
            with self._means.database.transaction(organization_id) as connection:
                page = documents.select_known(
                    connection, organization_id, source_id=self._source.id, after=after, at_most=_PAGE
                )
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].file_path


def received(answer: Answer) -> Fetched:
    """A page as it is kept: text that says its charset only beside itself is kept in UTF-8."""
    return Fetched(
        _in_utf8(answer), revision=revision_of(answer.headers), media_type=answer.media_type,
        filename=_name(answer.media_type, name_of(answer.address) or "page"), address=answer.address,
    )  # fmt: skip


def refusal(answer: Answer) -> ItemFailed:
    """Why an answer is no page."""
    said = f"{shown(answer.address)} answers {answer.status}"
    if answer.status in (401, 403, 407):
        return ItemFailed("forbidden", f"{said}: it wants credentials, or does not serve programs")
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return ItemFailed("unavailable", f"{said}: it is tried again later")
    return ItemFailed("unreadable", f"{said}, which is no page")


def _name(media_type: str, name: str) -> str:
    """A name that tells the kind of a page: what its server says of pages and texts counts more than its address."""
    if media_type in _PAGES:
        return name if _PAGE_NAME.search(name) else f"{name}.html"
    is_misleading = _PAGE_NAME.search(name) or PurePosixPath(name).suffix.lstrip(".").lower() not in _KNOWN_SUFFIXES
    return name.replace(".", "-") if media_type not in _UNSURE and is_misleading else name


def _in_utf8(answer: Answer) -> bytes:
    found = _CHARSET.search(answer.headers.get("content-type", ""))
    if found is None or not answer.media_type.startswith("text/") or answer.media_type == "text/xml":
        return answer.body
    try:
        answer.body.decode("utf-8")
    except UnicodeDecodeError:
        return decode(answer.body, declared=found[1]).encode("utf-8")
    return answer.body


def _links(data: bytes, address: str) -> list[str]:
    return links(decode(data), address) if is_text(data) else []


def _bound_reached(most: int) -> str:
    return (
        f"there are more than {most:,} pages, which is its max_pages: pages beyond are not known, and none is deleted"
    )


def _trusted(lastmod: str) -> str | None:
    """A time of change as a revision; a mere day only when it is past, since a page may change twice in a day."""
    try:
        at = datetime.fromisoformat(lastmod)
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    is_day = "T" not in lastmod
    return None if is_day and datetime.now(UTC) - at < _DAY_PROVES_NOTHING_FOR else _LASTMOD + lastmod
