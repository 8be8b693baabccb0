"""Read sitemaps (sitemaps.org): the pages of a site, or further sitemaps. Pure; no entities, since nobody vouches."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from resources.foundation.inflating import GZIP_MAGIC, TooMuch, Torn, inflated

_MOST_BYTES = 50 << 20  # what the protocol allows, unpacked
_MOST_ENTRIES = 50_000
_LONGEST = 2_048


class NoSitemap(ValueError):
    """These bytes are no sitemap, or not a whole one."""


@dataclass
class Sitemap:
    """Addresses of pages with what is said of their last change ('' where nothing is), or of further sitemaps."""

    pages: dict[str, str] = field(default_factory=dict)
    sitemaps: list[str] = field(default_factory=list)


def read_sitemap(data: bytes) -> Sitemap:
    """A sitemap, an index of sitemaps, or a plain list of addresses; packed with gzip or not. Raises NoSitemap."""
    if data.startswith(GZIP_MAGIC):
        try:
            data = inflated([data], encoding="gzip", most=_MOST_BYTES)
        except (TooMuch, Torn) as error:
            raise NoSitemap("it cannot be unpacked, or is larger than 50 MiB") from error
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _Reader().read(data)
    return _list(data)


def _list(data: bytes) -> Sitemap:
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise NoSitemap("it is neither XML nor a list of addresses") from None
    addresses = [line for line in lines if line]
    if not addresses or not all(line.startswith(("http://", "https://")) for line in addresses):
        raise NoSitemap("it is neither XML nor a list of addresses")
    if len(addresses) > _MOST_ENTRIES:
        raise NoSitemap(f"it holds more than {_MOST_ENTRIES:,} entries")
    return Sitemap(dict.fromkeys(addresses, ""))


class _Reader:
    """Collects entries while the XML goes by; well-formedness is expat's to tell, so half a sitemap is none."""

    def __init__(self) -> None:
        self.found = Sitemap()
        self._around: list[str] = []
        self._words: list[str] = []
        self._entry: dict[str, str] = {}
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._words.append
        self._parser.StartDoctypeDeclHandler = self._refuse

    def read(self, data: bytes) -> Sitemap:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            raise NoSitemap(f"its XML is not whole: {expat.ErrorString(error.code)}") from error
        return self.found

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2].lower()
        if not self._around and local not in ("urlset", "sitemapindex"):
            raise NoSitemap(f"its XML is a {local[:40]!r}")
        self._around.append(local)
        self._words.clear()
        if len(self._around) > 16:
            raise NoSitemap("its XML is too deep")

    def _end(self, _name: str) -> None:
        local = self._around.pop()
        if len(self._around) == 2 and local in ("loc", "lastmod"):
            self._entry[local] = "".join(self._words).strip()
        elif len(self._around) == 1:
            self._keep(local)
            self._entry = {}
        self._words.clear()

    def _keep(self, kind: str) -> None:
        address = self._entry.get("loc", "")
        if not address or len(address) > _LONGEST:
            return
        if kind == "sitemap":
            self.found.sitemaps.append(address)
        elif kind == "url":
            self.found.pages[address] = self._entry.get("lastmod", "")[:64]
        if len(self.found.pages) + len(self.found.sitemaps) > _MOST_ENTRIES:
            raise NoSitemap(f"it holds more than {_MOST_ENTRIES:,} entries")

    def _refuse(self, *_declared: object) -> None:
        raise NoSitemap("it declares a document type, which a sitemap has no need of")
