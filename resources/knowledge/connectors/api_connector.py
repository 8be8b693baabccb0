"""Sources that are JSON endpoints: each item of what they list is a document.

The listing is read whole, page by page, onto disk before anything is made of it: a page that fails means that nothing
is known of what stands on it, and ends the sync. Where a page of an API ends is told by an empty one, never by one
that is shorter than asked for: many servers give fewer than they are asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import sleep

from resources.foundation.errors import Misconfigured, Unavailable
from resources.foundation.settings import Settings
from resources.foundation.web import Answer, NotPermitted, TooLarge, Unreachable, Web, shown
from resources.knowledge.connectors import composing, paging
from resources.knowledge.connectors.crawling import canonical, host_of
from resources.knowledge.connectors.protocol import Connector, Fetched, ItemGone, Means
from resources.knowledge.connectors.spools import Spool, Spooled
from resources.knowledge.connectors.web_configuring import ApiConfig, api_config, filled
from resources.knowledge.readers.decoding import clean
from resources.knowledge.records import DataSource, Item, KnownItem

_ATTEMPTS = 4
_OFFERED = "application/json"


def open_connector(source: DataSource, means: Means) -> Connector:
    """An api source by its configuration. Raises Misconfigured."""
    config = api_config(source.config)
    secret_headers = filled(dict(config.headers), means.credentials, config.url)
    web = Web(allowed_hosts=Settings.from_environment().allowed_hosts, max_bytes=config.max_bytes)
    return ApiConnector(config, web, secret_headers)


@dataclass(frozen=True)
class _Place:
    """Where a listing stands: the address of the next page, and what is sent to it."""

    number: int
    address: str
    body: Mapping[str, object] | None


class ApiConnector:
    """The items of an endpoint. `updated`, or else a hash of what is kept of an item, tells whether it changed."""

    def __init__(self, config: ApiConfig, web: Web, secret_headers: Mapping[str, str]) -> None:
        self._config = config
        self._web = web
        self._secret_headers = secret_headers
        self._spool = Spool()
        self._cut_short: str | None = None
        shape = [config.text, config.format, config.title, config.metadata, config.address]
        self._shape = hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:12]

    def items(self) -> Iterator[Item]:
        place: _Place | None = self._first()
        seen = set[str]()
        offset = self._config.paging.first
        while place is not None:
            if place.number > self._config.max_pages:
                self._cut_short = (
                    f"there are more than {self._config.max_pages:,} pages, which is its max_pages: items beyond are "
                    "not known, and none is deleted"
                )
                break
            mark = json.dumps([place.address, place.body], sort_keys=True)
            if mark in seen:
                raise self._unavailable(place, "leads back to a page that was read before: look at paging")
            seen.add(mark)
            answer = self._asked(place)
            document = self._document(place, answer)
            listed = self._listed(place, document)
            self._keep(place, listed)
            offset += len(listed)
            place = self._next(place, answer, document, listed, offset)
        yield from self._spool.items()

    def fetch(self, item: Item, _known: KnownItem | None) -> Fetched:
        spooled = self._spool.find(item.path)
        if spooled is None or spooled.data is None:
            raise ItemGone(item.path)
        media_type, filename = paging.MEDIA_TYPES[self._config.format]
        return Fetched(
            spooled.data, revision=item.revision, media_type=media_type, filename=filename, title=item.title,
            address=item.address,
        )  # fmt: skip

    def cut_short(self) -> str | None:
        return self._cut_short

    def close(self) -> None:
        self._web.close()
        self._spool.close()

    def _first(self) -> _Place:
        asked = self._config.paging
        place = _Place(1, self._config.url, self._config.body if self._config.method == "POST" else None)
        if asked.size_parameter:
            place = self._with(place, asked.size_parameter, asked.size)
        if asked.kind in ("page", "offset"):
            place = self._with(place, asked.parameter, asked.first)
        return place

    def _with(self, place: _Place, name: str, value: object) -> _Place:
        if self._config.method == "POST":
            return _Place(place.number, place.address, {**(place.body or {}), name: value})
        return _Place(place.number, paging.with_parameter(place.address, name, value), None)

    def _next(
        self, place: _Place, answer: Answer, document: object, listed: list[object], offset: int
    ) -> _Place | None:
        asked = self._config.paging
        after = _Place(place.number + 1, place.address, place.body)
        if asked.kind in ("page", "offset"):
            counted = asked.first + place.number if asked.kind == "page" else offset
            return self._with(after, asked.parameter, counted) if listed else None
        if asked.kind == "link":
            target = paging.next_link(answer.headers.get("link", ""))
            return self._led(after, target) if target else None
        if asked.kind == "cursor":
            cursor = paging.found(document, asked.next)
            if cursor is None or cursor is False or cursor == "":
                return None
            text = composing.told(cursor)
            is_address = text.startswith(("http://", "https://", "/", "?"))
            return self._led(after, text) if is_address else self._with(after, asked.parameter, text)
        return None

    def _led(self, place: _Place, target: str) -> _Place:
        """The next page as the server names it: at the same origin, for the credentials are for no other."""
        address = canonical(target, base=self._config.url)
        if address is None or _origin(address) != _origin(self._config.url):
            raise self._unavailable(place, "is named at another host")
        return _Place(place.number, address, place.body)

    def _asked(self, place: _Place) -> Answer:
        if place.number > 1 and self._config.delay_s:
            sleep(self._config.delay_s)
        headers = {"Accept": _OFFERED}
        try:
            if self._config.method == "POST":
                answer = self._web.post(
                    place.address, json.dumps(place.body or {}).encode(),
                    headers={**headers, "Content-Type": _OFFERED}, secret_headers=self._secret_headers,
                    attempts=_ATTEMPTS,
                )  # fmt: skip
            else:
                answer = self._web.get(
                    place.address, headers=headers, secret_headers=self._secret_headers, attempts=_ATTEMPTS
                )  # fmt: skip
        except (NotPermitted, TooLarge, Unreachable) as error:
            raise self._unavailable(place, f"cannot be read: {error}") from None
        if answer.status in (401, 403):
            raise self._unavailable(place, f"is refused ({answer.status}): are the credentials right?")
        if answer.status != 200:
            raise self._unavailable(place, f"cannot be read: the server answers {answer.status}")
        return answer

    def _document(self, place: _Place, answer: Answer) -> object:
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self._unavailable(place, "is no JSON") from None

    def _listed(self, place: _Place, document: object) -> list[object]:
        listed = paging.found(document, self._config.items)
        if not isinstance(listed, list):
            where = f"at {self._config.items!r}" if self._config.items else "at its top"
            raise self._unavailable(place, f"has no list of items {where}: look at items")
        return listed

    def _keep(self, place: _Place, listed: list[object]) -> None:
        """Pages may overlap when items are added meanwhile; a page without anything new is one too many."""
        new = 0
        on_this_page = set[str]()
        for each in listed:
            spooled = self._spooled(each)
            path = spooled.item.path
            if path in on_this_page:
                raise Misconfigured(f"the key {self._config.key} is not one of its own: {path[:60]!r} is there twice")
            on_this_page.add(path)
            if self._spool.find(path) is None:
                self._spool.put([spooled])
                new += 1
        if listed and not new:
            raise self._unavailable(place, "says again what was said before: look at paging")

    def _spooled(self, each: object) -> Spooled:
        asked = self._config
        wanted = [*asked.text, *asked.metadata, *filter(None, (asked.title, asked.updated, asked.address))]
        record = {name: paging.found(each, name) for name in wanted}
        path = composing.path_of([paging.found(each, asked.key)], columns=[asked.key])
        title = clean(composing.told(record[asked.title])).strip() or None if asked.title else None
        text = paging.written(record, asked.text, format=asked.format, title=title)
        metadata = {name: clean(said) for name, said in composing.metadata_of(record, asked.metadata).items()}
        updated = clean(composing.told(record[asked.updated])) if asked.updated else ""
        address = canonical(composing.told(record[asked.address]), base=asked.url) if asked.address else None
        revision = updated or composing.revision_of(text, metadata | {"": title or "", " ": address or ""})
        data = text.encode("utf-8", "replace")
        return Spooled(
            Item(path, len(data), None, f"{revision} {self._shape}", title, address, metadata), data=data
        )  # fmt: skip

    def _unavailable(self, place: _Place, said: str) -> Unavailable:
        return Unavailable(f"page {place.number} of {shown(self._config.url)} {said}; nothing was deleted")


def _origin(address: str) -> tuple[str, str]:
    return address.partition(":")[0], host_of(address)
