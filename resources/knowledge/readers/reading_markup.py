"""Read HTML, XML and EPUB with lxml: visible text only, by blocks, tables row by row. Pure."""

from __future__ import annotations

import posixpath
import re
from typing import Any
from urllib.parse import unquote

from lxml import etree

from resources.knowledge.readers.assembling import Draft, Reading, table_text
from resources.knowledge.readers.decoding import decode
from resources.knowledge.readers.refusing import Damaged, UnsupportedEncrypted, member_bytes, opened_container
from resources.knowledge.records import ElementKind

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)["']""")
# Not `head`: lxml puts the elements of HTML 5 into it where a page leaves `<body>` out, as it may.
_UNSEEN = {"script", "style", "template", "noscript", "title", "svg", "iframe", "object", "canvas", "audio", "video"}
_BLOCKS = set(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "  # noqa: SIM905
    "footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol option p pre section summary table tbody "
    "td tfoot th thead tr ul".split()
)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])")
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_LINE_BREAK = "\x0b"
_FEWEST_ALT_WORDS = 3
_LONGEST_CELL = 1_000


def read_html(data: bytes) -> Reading:
    """A page as a person sees it: no scripts, nothing hidden by attribute or inline style; title of the page."""
    draft = Draft()
    title = add_page(draft, data)
    return draft.reading(title=title, library=f"lxml {etree.__version__}")


def add_page(draft: Draft, data: bytes, *, page: int | None = None) -> str | None:
    """Add the parts of an HTML page to a text; its title, or its first heading."""
    text = decode(data, declared=charset(data))
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        root = None
    is_too_deep = any("depth" in entry.message for entry in parser.error_log)
    if root is None or is_too_deep:
        draft.add("paragraph", _TAGS.sub(" ", text), page=page)
        return None
    before = len(draft.elements)
    _Page(draft, page).walk(root)
    title = " ".join("".join(root.xpath("//head/title[1]//text()")).split())
    return title or _first_heading(draft, before)


def _first_heading(draft: Draft, start: int) -> str | None:
    text = "".join(draft.parts)
    return next((text[e.start : e.end] for e in draft.elements[start:] if e.kind == "heading"), None)


def charset(data: bytes) -> str | None:
    """What the page declares, unless it is UTF-8 all the same."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        found = _CHARSET.search(data[:4096]) or _XML_ENCODING.match(data)
        name = found.group(1).decode("ascii", "replace").lower() if found else None
        return "cp1252" if name in ("iso-8859-1", "latin1", "us-ascii") else name
    return None


class _Page:
    """Collects the text of one page: inline text gathers until a block begins or ends."""

    def __init__(self, draft: Draft, page: int | None) -> None:
        self.draft = draft
        self.page = page
        self.gathered: list[str] = []
        self.around: list[str] = []

    def walk(self, root: Any) -> None:
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, node in walker:
            tag = node.tag if isinstance(node.tag, str) else ""
            if event == "start":
                self._begin(walker, node, tag)
            else:
                self._end(node, tag)
        self._flush()

    def _begin(self, walker: Any, node: Any, tag: str) -> None:
        if tag in _BLOCKS:
            self._flush()
        if is_unseen(node, tag):
            walker.skip_subtree()
            return
        if tag == "table" and _is_of_data(node):
            self._flush()
            self.draft.add("table", table_text(_rows(node)), page=self.page)
            walker.skip_subtree()
            return
        if tag in _BLOCKS:
            self.around.append(tag)
        self.gathered += _own_text(node, tag)

    def _end(self, node: Any, tag: str) -> None:
        if tag in _BLOCKS:
            self._flush()
            if self.around and self.around[-1] == tag:
                self.around.pop()
        self.gathered.append(node.tail or "")

    def _flush(self) -> None:
        words = "".join(self.gathered)
        self.gathered.clear()
        if "pre" in self.around:
            self.draft.add("code", words.replace(_LINE_BREAK, "\n"), page=self.page)
        elif words.strip():
            heading = next((_HEADINGS[tag] for tag in reversed(self.around) if tag in _HEADINGS), None)
            lines = (" ".join(line.split()) for line in words.split(_LINE_BREAK))
            kind: ElementKind = "heading" if heading else "list_item" if "li" in self.around else "paragraph"
            self.draft.add(kind, "\n".join(line for line in lines if line), level=heading, page=self.page)


def _own_text(node: Any, tag: str) -> list[str]:
    if tag == "br":
        return [_LINE_BREAK]
    alternative = node.get("alt") or "" if tag == "img" else ""
    if len(alternative.split()) >= _FEWEST_ALT_WORDS:
        return [f" {alternative} "]
    return [node.text or ""]


def is_unseen(node: Any, tag: str) -> bool:
    """Whether an element shows a reader nothing: a script, or hidden by attribute or inline style."""
    style = node.get("style")
    return tag in _UNSEEN or node.get("hidden") is not None or bool(style and _HIDING.search(style.lower()))


def _is_of_data(table: Any) -> bool:
    """Whether a table holds values in columns rather than the layout of a page."""
    if next(table.iterdescendants("table", "h1", "h2", "h3", "form"), None) is not None:
        return False
    rows = [list(row.iterchildren("td", "th")) for row in table.iterdescendants("tr")]
    if max(map(len, rows), default=0) < 2:
        return False
    return all(len(_words(cell)) <= _LONGEST_CELL for row in rows for cell in row)


def _rows(table: Any) -> list[list[str]]:
    rows = [[_words(cell) for cell in row.iterchildren("td", "th")] for row in table.iterdescendants("tr")]
    caption = next(table.iterdescendants("caption"), None)
    return rows if caption is None else [[_words(caption)], *rows]


def _words(node: Any) -> str:
    """All visible text below a node, blocks and line breaks as blanks."""
    words: list[str] = []
    walker = etree.iterwalk(node, events=("start", "end"))
    for event, inner in walker:
        tag = inner.tag if isinstance(inner.tag, str) else ""
        if tag in _BLOCKS:
            words.append(" ")
        if event == "start" and is_unseen(inner, tag):
            walker.skip_subtree()
        elif event == "start":
            words += _own_text(inner, tag)
        elif inner is not node:
            words.append(inner.tail or "")
    return " ".join("".join(words).split())


def strict_tree(data: bytes) -> Any:
    """The root of an XML document; entities stay unexpanded, nothing is fetched. Raises Damaged."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Damaged(f"not well-formed XML: {error.msg}") from error


def read_xml(data: bytes) -> Reading:
    """Any XML: the text of each element that has some, a line each with the element's name."""
    root = strict_tree(data)
    draft = Draft()
    for node in root.iter():
        if not isinstance(node.tag, str) or etree.QName(node).localname in ("script", "style"):
            continue
        name = etree.QName(node).localname
        words = " ".join(filter(None, [node.text, *(child.tail for child in node)])).split()
        if words:
            draft.add("list_item", f"{name}: {' '.join(words)}")
    titles = root.xpath("//*[local-name()='title'][1]/text()")
    return draft.reading(title=str(titles[0]) if titles else None, library=f"lxml {etree.__version__}")


def read_epub(data: bytes) -> Reading:
    """A book: its pages in the order of the spine; `page` is the number of the part."""
    container = opened_container(data)
    if "META-INF/encryption.xml" in container.namelist() and "META-INF/rights.xml" in container.namelist():
        raise UnsupportedEncrypted("the book is under copy protection")
    pointer = strict_tree(member_bytes(container, "META-INF/container.xml"))
    package_name = str(next(iter(pointer.xpath("//@full-path")), ""))
    package = strict_tree(member_bytes(container, package_name))
    items = {i.get("id"): i.get("href") or "" for i in package.xpath("//*[local-name()='manifest']/*")}
    draft = Draft()
    for number, reference in enumerate(package.xpath("//*[local-name()='spine']/*/@idref"), 1):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(package_name), unquote(items.get(reference, ""))))
        if path in container.namelist():
            add_page(draft, member_bytes(container, path), page=number)
    titles = package.xpath("//*[local-name()='metadata']/*[local-name()='title']/text()")
    return draft.reading(title=str(titles[0]) if titles else None, library=f"lxml {etree.__version__}")
