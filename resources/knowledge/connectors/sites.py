"""Sites: how the hosts of a web source may be asked: what robots.txt permits, pauses, and when to give up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic, sleep
from urllib.parse import urlsplit

from resources.foundation.web import Answer, TooLarge, Unreachable, Web, shown
from resources.knowledge.connectors.crawling import path_of
from resources.knowledge.connectors.permitting import EVERYTHING, Permissions, permissions

LONGEST_DELAY_SECONDS = 30.0
MOST_FAILURES = 8
_MOST_ROBOTS_BYTES = 1 << 20
_ROBOTS_ATTEMPTS = 2


class Disallowed(Exception):
    """The site's robots.txt asks not to fetch this address."""


@dataclass
class _Site:
    """One host, as this sync knows it. `failures`: how often in a row it did not answer."""

    lock: Lock = field(default_factory=Lock)
    permissions: Permissions | None = None
    failure: Unreachable | None = None
    failures: int = 0
    next_at: float = 0.0


class Sites:
    """A polite way to many pages; several threads may use it.

    A host that did not answer several times in a row is left alone for the rest of the sync: ten thousand pages of a
    dead server must not cost ten thousand timeouts.
    """

    def __init__(self, web: Web, *, user_agent: str, delay_s: float, ignores_robots: bool) -> None:
        self._web = web
        self._user_agent = user_agent
        self._delay_s = delay_s
        self._ignores_robots = ignores_robots
        self._sites: dict[str, _Site] = {}
        self._lock = Lock()

    def get(
        self,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, str] | None = None,
        follows: bool = True,
        attempts: int = 1,
        asks_robots: bool = True,
    ) -> Answer:
        """Fetch a page when it is its host's turn. Raises Disallowed, NotPermitted, TooLarge, Unreachable."""
        site = self._site(address)
        delay = self._delay_s
        if asks_robots and not self._ignores_robots:
            permitted = self._permissions(site, address)
            if not permitted.allow(path_of(address)):
                raise Disallowed(f"robots.txt of {shown(address)} asks not to fetch this page")
            delay = max(delay, min(permitted.delay_s, LONGEST_DELAY_SECONDS))
        if site.failures >= MOST_FAILURES:
            raise Unreachable(
                f"{shown(address)} did not answer {MOST_FAILURES} times in a row: it is left alone for now"
            )
        _wait_for_turn(site, delay)
        try:
            answer = self._web.get(
                address, headers=headers, secret_headers=secret_headers, follows=follows, attempts=attempts
            )
        except Unreachable:
            site.failures += 1
            raise
        site.failures = 0
        return answer

    def _site(self, address: str) -> _Site:
        with self._lock:
            return self._sites.setdefault(_origin(address), _Site())

    def _permissions(self, site: _Site, address: str) -> Permissions:
        """Asked once for each host in a sync. Raises Unreachable where that fails: then nothing is permitted."""
        with site.lock:
            if site.failure is not None:
                raise site.failure
            if site.permissions is None:
                try:
                    site.permissions = self._asked(address)
                except Unreachable as error:
                    site.failure = error
                    raise
            return site.permissions

    def _asked(self, address: str) -> Permissions:
        """RFC 9309 2.3.1: what is not there forbids nothing, what cannot be read forbids everything."""
        try:
            answer = self._web.get(
                f"{_origin(address)}/robots.txt", max_bytes=_MOST_ROBOTS_BYTES, attempts=_ROBOTS_ATTEMPTS
            )
        except TooLarge:
            return EVERYTHING
        if answer.status >= 500 or answer.status == 429:
            raise Unreachable(f"robots.txt of {shown(address)} cannot be read: the server answers {answer.status}")
        if answer.status != 200:
            return EVERYTHING
        return permissions(answer.body.decode("utf-8", "replace"), self._user_agent)


def _wait_for_turn(site: _Site, delay_s: float) -> None:
    with site.lock:
        now = monotonic()
        turn = max(now, site.next_at)
        site.next_at = turn + delay_s
    if turn > now:
        sleep(turn - now)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
