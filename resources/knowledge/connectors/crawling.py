"""What a crawl goes by: addresses in one form, the links of a page, and how far it may go. Pure.

An address in its canonical form: scheme and host in lower case, the host in ASCII, no port that goes without saying, no
fragment, `.` and `..` resolved, percent-encoding only where it is needed and in capitals. The query stays as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from resources.knowledge.choosing import Choice

LONGEST_ADDRESS = 2_000
_MOST_SCANNED = 5 << 20
_MOST_LINKS = 5_000
_PORTS = {"http": 80, "https": 443}
_UNSEEN = re.compile(r"<!--|<(script|style|template)\b", re.IGNORECASE)
_TAG = re.compile(r"<(a|area|base)\s([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w-])(href|rel)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~-._"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?[]|{}"
# What a page shows or loads, or a reader would save: no documents by their names.
_NO_DOCUMENTS = frozenset(
    "png jpg jpeg gif svg webp ico bmp avif tif tiff css js mjs map woff woff2 ttf otf eot mp3 mp4 m4a m4v ogg oga ogv "  # noqa: SIM905
    "wav flac avi mov mkv webm wmv exe dmg msi deb rpm iso apk jar whl zip gz tgz bz2 xz 7z rar tar".split()
)


def canonical(address: str, *, base: str | None = None) -> str | None:
    """The one form of an address, joined to `base` where it is relative; None for what is no address of the web."""
    try:
        parts = urlsplit(urljoin(base, address.strip()) if base else address.strip())
        port, host = parts.port, (parts.hostname or "").rstrip(".")
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in _PORTS or not host or parts.username is not None or parts.password is not None:
        return None
    place = f"[{host}]" if ":" in host else host
    place = place if port in (None, _PORTS[parts.scheme]) else f"{place}:{port}"
    path = _encoded(_without_dots(parts.path), _SAFE_IN_PATH)
    whole = urlunsplit(SplitResult(parts.scheme, place, path, _encoded(parts.query, _SAFE_IN_QUERY), ""))
    return whole if len(whole) <= LONGEST_ADDRESS else None


def links(text: str, address: str) -> list[str]:
    """The canonical addresses that a page links to, each once, in the order of the page; not those with rel=nofollow.

    Not a parser: it looks at tags alone and takes time in proportion to the text, whatever is in it.
    """
    base = address
    found: dict[str, None] = {}
    for tag, attributes in _tags(text[:_MOST_SCANNED]):
        values = {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(attributes)}
        target = values.get("href", "").strip()
        if tag == "base":
            base = canonical(target, base=address) or base
        elif target and not target.startswith("#") and "nofollow" not in values.get("rel", "").lower().split():
            one = canonical(target, base=base)
            if one is not None:
                found[one] = None
        if len(found) >= _MOST_LINKS:
            break
    return list(found)


@dataclass(frozen=True)
class Scope:
    """How far a crawl goes: hosts (with their ports), the beginning of paths, and what patterns choose.

    `exclude` patterns keep it from going somewhere; `include` patterns choose what it keeps, and it goes elsewhere too
    to find that. Both hold for the path without its first slash, with its query.
    """

    hosts: frozenset[str]
    prefix: str = "/"
    choice: Choice = field(default_factory=Choice)
    is_secure: bool = False

    def entered(self, address: str) -> str | None:
        """The address if the crawl goes there. On a site that is crawled by https, links by http mean the same."""
        parts = urlsplit(address)
        if self.is_secure and parts.scheme == "http" and parts.port is None:
            parts = parts._replace(scheme="https")
        is_document = parts.path.rpartition(".")[2].lower() not in _NO_DOCUMENTS
        is_inside = parts.netloc in self.hosts and (parts.path.startswith(self.prefix))
        return urlunsplit(parts) if is_inside and is_document and self.choice.enters(chosen_by(address)) else None


def chosen_by(address: str) -> str:
    """What patterns are held against: the path without its first slash, with its query."""
    parts = urlsplit(address)
    return parts.path.removeprefix("/") + (f"?{parts.query}" if parts.query else "")


def host_of(address: str) -> str:
    """The host of a canonical address, with its port if it is unusual."""
    return urlsplit(address).netloc


def path_of(address: str) -> str:
    """The path of a canonical address, with its query."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def name_of(address: str) -> str:
    """The last name in the path of an address; '' where it ends with a slash."""
    return urlsplit(address).path.rpartition("/")[2]


def _tags(text: str) -> Iterator[tuple[str, str]]:
    for start, stop in _seen(text):
        for found in _TAG.finditer(text, start, stop):
            yield found[1].lower(), found[2]


def _without_dots(path: str) -> str:
    """RFC 3986 5.2.4; empty segments mean something and stay."""
    kept: list[str] = []
    segments = path.split("/")[1:] or [""]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    ends_with_folder = segments[-1] in (".", "..")
    return "/" + "/".join(kept) + ("/" if ends_with_folder and kept else "")


def _seen(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a page outside comments, scripts and styles."""
    place = 0
    while (hidden := _UNSEEN.search(text, place)) is not None:
        yield place, hidden.start()
        end = "-->" if hidden[1] is None else f"</{hidden[1]}"
        after = _find(text, end, hidden.end())
        if after < 0:
            return
        place = after + len(end)
    yield place, len(text)


def _find(text: str, end: str, place: int) -> int:
    found = re.compile(re.escape(end), re.IGNORECASE).search(text, place)
    return found.start() if found else -1


def _encoded(text: str, safe: str) -> str:
    """Percent-encoding in capitals, none for what needs none, and some for what does."""

    def kept(found: re.Match[str]) -> str:
        octet = unquote_to_bytes(found[0])
        return octet.decode("ascii") if octet[0] in _UNRESERVED else found[0].upper()

    lone = re.sub(r"%(?![0-9a-fA-F]{2})", "%25", text)
    return quote(_ESCAPE.sub(kept, lone), safe=safe)
