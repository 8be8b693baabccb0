"""Read OpenDocument text, sheets and slides with lxml: headings, lists, tables, notes, headers and footers. Pure."""

from __future__ import annotations

from typing import Any

from lxml import etree

from resources.knowledge.readers.assembling import Draft, Reading, table_text
from resources.knowledge.readers.reading_markup import strict_tree
from resources.knowledge.readers.refusing import Damaged, UnsupportedEncrypted, member_bytes, opened_container

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_MOST_REPEATED = 1_000
_SKIPPED = {"tracked-changes", "sequence-decls", "forms", "scripts", "event-listeners", "change-start", "change-end"}


def read_opendocument(data: bytes) -> Reading:
    """ODT, ODS and ODP. `page` is the slide of a presentation; running headers and footers come last."""
    container = opened_container(data)
    names = set(container.namelist())
    manifest = member_bytes(container, "META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in manifest:
        raise UnsupportedEncrypted("the document is encrypted: save it without a password")
    body = strict_tree(member_bytes(container, "content.xml")).find(".//{*}body")
    if body is None:
        raise Damaged("the document has no body")
    draft = Draft()
    _Body(draft).walk(body)
    if "styles.xml" in names and body.find("{*}text") is not None:
        for running in strict_tree(member_bytes(container, "styles.xml")).iter("{*}header", "{*}footer"):
            _Body(draft).walk(running)
    title = None
    if "meta.xml" in names:
        title = strict_tree(member_bytes(container, "meta.xml")).findtext(".//{*}title")
    return draft.reading(title=title, library=f"lxml {etree.__version__}")


class _Body:
    """Walks the blocks of a document in order, without recursion."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.page: int | None = None

    def walk(self, root: Any) -> None:
        walker = etree.iterwalk(root, events=("start", "end"))
        list_depth = 0
        for event, node in walker:
            name = _name(node)
            if name == "list":
                list_depth += 1 if event == "start" else -1
            if event == "end":
                continue
            if name in _SKIPPED:
                walker.skip_subtree()
            elif name == "page" and node.prefix == "draw":
                self.page = (self.page or 0) + 1
            elif name == "h":
                level = node.get(f"{_TEXT}outline-level", "1")
                self.draft.add("heading", _words(node), level=int(level) if level.isdigit() else 1, page=self.page)
            elif name == "p" and _is_title(node):
                self.draft.add("heading", _words(node), level=1, page=self.page)
            elif name == "p":
                self.draft.add("list_item" if list_depth else "paragraph", _words(node), page=self.page)
            elif name == "table" and node.prefix == "table":
                self._add_table(node)
                walker.skip_subtree()

    def _add_table(self, table: Any) -> None:
        name = table.get(f"{_TABLE}name") or ""
        is_sheet = _name(table.getparent()) == "spreadsheet"
        rows = [_cells(row) for row in table.iter("{*}table-row")]
        if is_sheet and any(any(row) for row in rows):
            self.draft.add("heading", name, level=1, page=self.page)
        self.draft.add("table", table_text(rows), page=self.page)


def _is_title(paragraph: Any) -> bool:
    """The title of a document by its style, that of a slide by the frame around it."""
    if paragraph.get(f"{_TEXT}style-name") == "Title":
        return True
    frame = next(paragraph.iterancestors("{*}frame"), None)
    return frame is not None and frame.get(f"{_PRESENTATION}class") == "title"


def _cells(row: Any) -> list[str]:
    cells: list[str] = []
    for cell in row.iterchildren("{*}table-cell", "{*}covered-table-cell"):
        times = cell.get(f"{_TABLE}number-columns-repeated", "1")
        words = " ".join(_words(part) for part in cell.iter("{*}p", "{*}h"))
        cells += [words] * (min(int(times), _MOST_REPEATED) if words and times.isdigit() else 1)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _name(node: Any) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _words(block: Any) -> str:
    """The text of a paragraph: blanks, tabs and line breaks are elements here. Frames inside are read as well."""
    words: list[str] = []
    for event, node in etree.iterwalk(block, events=("start", "end")):
        name = _name(node)
        if event == "start":
            words.append({"tab": "\t", "line-break": "\n", "s": " "}.get(name, " " if name == "p" else ""))
            words.append(node.text or "")
        elif node is not block:
            words.append(node.tail or "")
    return "".join(words)
