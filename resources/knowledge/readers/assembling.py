"""Put a text together from the parts that a reader found, with the place of each. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from resources.knowledge.readers.decoding import clean
from resources.knowledge.records import Element, ElementKind

CELL_SEPARATOR = " | "


@dataclass(frozen=True)
class Reading:
    """What a reader makes of a file's bytes, before anything is known of language and versions.

    `pictured_pages`: pages that show pictures and no text, which only OCR reads.
    """

    text: str
    elements: tuple[Element, ...]
    title: str | None = None
    library: str | None = None
    pictured_pages: int = 0


@dataclass
class Draft:
    """A text that grows by parts: a blank line between them, a line end between items of a list."""

    parts: list[str] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    length: int = 0

    def add(self, kind: ElementKind, words: str, *, level: int | None = None, page: int | None = None) -> None:
        """Append a part; one without words is left out."""
        words = clean(words).strip("\n") if kind == "code" else clean(words).strip()
        if not words.strip():
            return
        if self.elements:
            is_same_list = kind == "list_item" and self.elements[-1].kind == "list_item"
            gap = "\n" if is_same_list else "\n\n"
            self.parts.append(gap)
            self.length += len(gap)
        self.elements.append(Element(kind, self.length, self.length + len(words), level, page))
        self.parts.append(words)
        self.length += len(words)

    def reading(self, *, title: str | None = None, library: str | None = None, pictured_pages: int = 0) -> Reading:
        """The finished text. Parts are clean each, and line ends between them keep them so."""
        return Reading("".join(self.parts), tuple(self.elements), title or None, library, pictured_pages)


def table_text(rows: list[list[str]]) -> str:
    """A table as text: one row a line, its cells parted by " | "; empty rows left out, inner white space collapsed."""
    lines = (CELL_SEPARATOR.join(" ".join(cell.split()) for cell in row) for row in rows)
    return "\n".join(line.rstrip() for line in lines if line.strip(" |"))
