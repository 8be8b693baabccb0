"""Hold the configurations of web and api sources to what they understand, and fill in their credentials. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from resources.foundation.errors import Misconfigured
from resources.knowledge.choosing import Choice
from resources.knowledge.connectors.asking import Asked, require_no_secret
from resources.knowledge.connectors.crawling import canonical
from resources.knowledge.connectors.locating import home_of_site, require_home

DEFAULT_MAX_BYTES = 50 << 20
_MOST_PAGES = 100_000
_WEB_KEYS = (
    "url", "urls", "sitemap", "crawl", "include", "exclude", "delay_s", "user_agent", "headers", "max_pages",
    "max_bytes", "ignore_robots", "trust_lastmod", "main_text",
)  # fmt: skip
_CRAWL_KEYS = ("start", "depth", "prefix")
_API_KEYS = (
    "url", "method", "body", "headers", "items", "key", "text", "format", "metadata", "title", "updated", "address",
    "paging", "max_pages", "max_bytes", "delay_s",
)  # fmt: skip
_PAGING_KEYS = ("kind", "parameter", "size_parameter", "size", "first", "next")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET_HEADER = re.compile(r"auth|cookie|token|secret|password|api-?key", re.IGNORECASE)
_FORBIDDEN_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}

PagingKind = Literal["none", "page", "offset", "cursor", "link"]


@dataclass(frozen=True)
class CrawlConfig:
    """A crawl: where it starts, how many links away it goes, below which path."""

    start: str
    depth: int = 3
    prefix: str = "/"


@dataclass(frozen=True)
class WebConfig:
    """A web source: pages that are listed (`urls`), or what a `sitemap` lists, or what a `crawl` comes by."""

    urls: tuple[str, ...] = ()
    sitemap: str | None = None
    crawl: CrawlConfig | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    delay_s: float = 0.25
    user_agent: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    max_pages: int = 10_000
    max_bytes: int = DEFAULT_MAX_BYTES
    ignores_robots: bool = False
    trusts_lastmod: bool = False

    @property
    def choice(self) -> Choice:
        """Which pages are taken, by their paths."""
        return Choice(self.include, self.exclude)

    @property
    def home(self) -> str:
        """The address whose host credentials are for."""
        return self.sitemap or (self.crawl.start if self.crawl else self.urls[0])


@dataclass(frozen=True)
class Paging:
    """How an API parts what it lists.

    page, offset: `parameter` counts pages from `first`, or items from it; cursor: `parameter` takes what `next` (a
    dotted path) of the answer holds, or that is the whole address; link: the answer's Link header with rel=next.
    `size_parameter` asks for `size` items a page.
    """

    kind: PagingKind = "none"
    parameter: str = ""
    size_parameter: str | None = None
    size: int = 100
    first: int = 1
    next: str = ""


@dataclass(frozen=True)
class ApiConfig:
    """An api source: each of the `items` (a dotted path) of a JSON answer is a document, known by its `key`."""

    url: str
    key: str
    text: tuple[str, ...]
    items: str = ""
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, object] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    format: Literal["text", "markdown", "html"] = "text"
    metadata: tuple[str, ...] = ()
    title: str | None = None
    updated: str | None = None
    address: str | None = None
    paging: Paging = Paging()
    max_pages: int = 1_000
    max_bytes: int = DEFAULT_MAX_BYTES
    delay_s: float = 0.0


def web_config(config: Mapping[str, object]) -> WebConfig:
    """Of a web source. Raises Misconfigured."""
    asked = Asked("web", config)
    asked.knows(_WEB_KEYS)
    urls = tuple(dict.fromkeys(_address(asked, "urls", one) for one in (*asked.texts("url"), *asked.texts("urls"))))
    sitemap = asked.find("sitemap")
    crawl = asked.part("crawl")
    if sum((bool(urls), sitemap is not None, crawl is not None)) != 1:
        raise Misconfigured("a web source has one of url (or urls), sitemap and crawl")
    found = WebConfig(
        urls, None if sitemap is None else _address(asked, "sitemap", sitemap), _crawl(crawl),
        asked.texts("include"), asked.texts("exclude"), asked.seconds("delay_s", WebConfig.delay_s),
        asked.find("user_agent"), _headers(asked), _at_most(asked, "max_pages", 1_000 if crawl else 10_000),
        asked.number("max_bytes", DEFAULT_MAX_BYTES), asked.truth("ignore_robots"), asked.truth("trust_lastmod"),
    )  # fmt: skip
    asked.truth("main_text", default=True)
    _ = found.choice
    return found


def api_config(config: Mapping[str, object]) -> ApiConfig:
    """Of an api source. Raises Misconfigured."""
    asked = Asked("api", config)
    asked.knows(_API_KEYS)
    method = asked.choice("method", ("GET", "POST"), "GET")
    body = asked.part("body")
    if body is not None and method == "GET":
        raise Misconfigured("an api source that sends a body needs POST as method")
    found = ApiConfig(
        _address(asked, "url", asked.text("url", needed="the address of a JSON endpoint")),
        asked.text("key", needed="the field that tells items apart"), asked.texts("text"),
        asked.find("items") or "", "POST" if method == "POST" else "GET", None if body is None else body.config,
        _headers(asked), asked.choice("format", ("text", "markdown", "html"), "text"),  # type: ignore[arg-type]
        asked.texts("metadata"), asked.find("title"), asked.find("updated"), asked.find("address"),
        _paging(asked.part("paging")), _at_most(asked, "max_pages", ApiConfig.max_pages),
        asked.number("max_bytes", DEFAULT_MAX_BYTES), asked.seconds("delay_s", 0.0),
    )  # fmt: skip
    if not found.text:
        raise Misconfigured("text of an api source names at least one field that holds words")
    return found


def filled(templates: Mapping[str, str], credentials: Mapping[str, str], address: str) -> dict[str, str]:
    """Headers with `{name}` replaced by the credential of that name.

    Raises Misconfigured, which tells no value, for a name that has none, and where the credentials were not given for
    this address.
    """
    wanted = {name for template in templates.values() for name in _PLACEHOLDER.findall(template)}
    if not wanted:
        return dict(templates)
    missing = sorted(wanted - credentials.keys())
    if missing:
        raise Misconfigured(f"the headers want a credential {missing[0]!r}, which the source does not have: give it")
    require_home(credentials, home_of_site(address))
    return {
        name: _PLACEHOLDER.sub(lambda found: credentials[found[1]], template) for name, template in templates.items()
    }


def _crawl(asked: Asked | None) -> CrawlConfig | None:
    if asked is None:
        return None
    asked.knows(_CRAWL_KEYS)
    start = _address(asked, "start of crawl", asked.text("start", needed="the address where a crawl starts"))
    prefix = asked.find("prefix") or "/"
    if not prefix.startswith("/"):
        raise Misconfigured(f"prefix of a crawl is the beginning of paths, as /docs/, not {prefix!r}")
    return CrawlConfig(start, asked.number("depth", CrawlConfig.depth, least=0), prefix)


def _paging(asked: Asked | None) -> Paging:
    if asked is None:
        return Paging()
    asked.knows(_PAGING_KEYS)
    kind = asked.choice("kind", ("none", "page", "offset", "cursor", "link"), "none")
    parameter = asked.find("parameter") or {"page": "page", "offset": "offset", "cursor": "cursor"}.get(kind, "")
    if kind == "cursor" and not asked.find("next"):
        raise Misconfigured("paging by cursor needs the path of the next cursor in the answer, as next")
    return Paging(
        kind, parameter, asked.find("size_parameter"), asked.number("size", Paging.size),  # type: ignore[arg-type]
        asked.number("first", 0 if kind == "offset" else 1, least=0), asked.find("next") or "",
    )  # fmt: skip


def _address(asked: Asked, name: str, address: str) -> str:
    require_no_secret(name, address)
    found = canonical(address)
    if found is None:
        raise Misconfigured(f"{name} of a {asked.kind} source holds an address as https://example.org/path")
    return found


def _headers(asked: Asked) -> tuple[tuple[str, str], ...]:
    headers = asked.pairs("headers")
    wrong = next((name for name in headers if name.lower() in _FORBIDDEN_HEADERS), None)
    if wrong is not None:
        raise Misconfigured(f"headers of a {asked.kind} source cannot hold {wrong}: Millrace sets it itself")
    bare = next((n for n, v in headers.items() if _SECRET_HEADER.search(n) and not _PLACEHOLDER.search(v)), None)
    if bare is not None:
        raise Misconfigured(
            f'{bare} of a {asked.kind} source is a secret: write a template such as "Bearer {{token}}", and give token '
            "as a credential, which is kept sealed"
        )
    return tuple(headers.items())


def _at_most(asked: Asked, name: str, default: int) -> int:
    number = asked.number(name, default)
    if number > _MOST_PAGES:
        raise Misconfigured(f"{name} of a {asked.kind} source is at most {_MOST_PAGES:,}")
    return number
