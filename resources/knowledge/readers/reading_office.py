"""Read Word, PowerPoint and Outlook files through unstructured. Pure.

Word documents are first made plain: unstructured (0.27) sees neither equations nor inserted text, content controls and
text boxes. What lies beside the main text (notes, comments, diagrams, charts) is added at the end.
"""

from __future__ import annotations

import io
import logging
import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from types import ModuleType
from typing import Any

from lxml import etree

from resources.knowledge.readers.assembling import Draft, Reading, table_text
from resources.knowledge.readers.reading_markup import strict_tree
from resources.knowledge.readers.refusing import Damaged, member_bytes, opened_container

LOGGER = logging.getLogger(__name__)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SIGNS = {f"{_M}sup": "^", f"{_M}sub": "_", f"{_M}den": "/", f"{_M}deg": "√"}
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_WRAPPERS = tuple(f"{_W}{name}" for name in ("ins", "moveTo", "smartTag", "customXml"))
_NOTES = re.compile(r"word/(?:footnotes|endnotes|comments)\.xml")
_STRAY = re.compile(
    r"(?:word|ppt)/(?:diagrams/data\d*|charts/chart\d*|comments/[^/]+)\.xml|ppt/comments/[^/]+\.xml", re.ASCII
)
_LANGUAGES = ["eng"]  # stated, so that it spends no time on guessing; recognising_languages.py does that


def read_docx(data: bytes) -> Reading:
    """A Word document: headings by style, lists, tables, header and footer once; then notes and comments."""
    container = opened_container(data)
    plain = _made_plain(container)
    elements = _partitioned("docx", plain)
    draft = Draft()
    _add_elements(draft, elements, pages=False)
    for name in sorted(container.namelist()):
        if _NOTES.fullmatch(name):
            _add_notes(draft, strict_tree(member_bytes(container, name)))
    _add_stray_texts(draft, container)
    return draft.reading(title=_property_title(container) or _first_heading(draft), library=_library())


def read_pptx(data: bytes) -> Reading:
    """A presentation: each slide's title a heading, tables, speaker's notes; `page` is the slide."""
    container = opened_container(data)
    elements = _partitioned("pptx", data, include_slide_notes=True)
    draft = Draft()
    _add_elements(draft, elements, pages=True)
    _add_stray_texts(draft, container)
    return draft.reading(title=_first_heading(draft) or _property_title(container), library=_library())


def read_outlook(data: bytes) -> Reading:
    """An Outlook message: subject, sender, body, the names of what is attached."""
    elements = _partitioned("msg", data)
    draft = Draft()
    first = elements[0].metadata if elements else None
    subject = first.subject if first else None
    lines = [
        f"Subject: {subject}" if subject else "",
        f"From: {', '.join(first.sent_from)}" if first and first.sent_from else "",
        f"To: {', '.join(first.sent_to)}" if first and first.sent_to else "",
    ]
    draft.add("paragraph", "\n".join(filter(None, lines)))
    _add_elements(draft, elements, pages=False, headings=False)
    for name, _, _ in outlook_attachments(data):
        draft.add("paragraph", f"Attachment: {name}")
    return draft.reading(title=subject, library=_library())


def outlook_attachments(data: bytes) -> Iterator[tuple[str, bytes, str]]:
    """Name, bytes and media type of what is attached to an Outlook message. Raises Damaged."""
    from oxmsg import Message

    try:
        for attachment in Message.load(data).attachments:
            content = attachment.file_bytes
            if content:  # an attached message, say, has none: it is a storage of its own
                name = attachment.file_name or f"attachment-{sha256(content).hexdigest()[:8]}"
                yield name, content, attachment.mime_type or ""
    except (OSError, ValueError, KeyError, IndexError, AssertionError, struct.error) as error:
        raise Damaged(f"not readable as an Outlook message: {error}") from error


def _partitioned(kind: str, data: bytes, **options: Any) -> list[Any]:
    """unstructured's elements. What it and its libraries raise for broken files is told as Damaged."""
    partition = getattr(_partitioner(kind), f"partition_{kind}")
    from docx.opc.exceptions import PackageNotFoundError as WordPackageNotFoundError
    from pptx.exc import PackageNotFoundError
    from unstructured.errors import UnprocessableEntityError

    try:
        return list(partition(file=io.BytesIO(data), languages=_LANGUAGES, **options))
    except (PackageNotFoundError, WordPackageNotFoundError, UnprocessableEntityError) as error:
        raise Damaged(f"not readable as {kind}: {error}") from error
    except (KeyError, ValueError, AttributeError, zipfile.BadZipFile, etree.XMLSyntaxError) as error:
        raise Damaged(f"not readable as {kind}: {type(error).__name__}: {error}") from error


@lru_cache(maxsize=8)
def _partitioner(kind: str) -> ModuleType:
    import importlib

    import spacy
    from unstructured.nlp import tokenize

    if not spacy.util.is_package("en_core_web_sm"):
        LOGGER.warning("spaCy's model en_core_web_sm is not installed: sentences are told by punctuation alone")
        tokenize._load_spacy_model = _punctuation_only
    return importlib.import_module(f"unstructured.partition.{kind}")


@lru_cache(maxsize=1)
def _punctuation_only() -> Any:
    """Stands in for the model that unstructured would download."""
    import spacy

    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    return language


@lru_cache(maxsize=1)
def _library() -> str:
    from unstructured.__version__ import __version__

    return f"unstructured {__version__}"


def _add_elements(draft: Draft, elements: Iterable[Any], *, pages: bool, headings: bool = True) -> None:
    running: set[str] = set()
    for element in elements:
        metadata = element.metadata
        page = metadata.page_number if pages else None
        if element.category in ("Header", "Footer"):
            if element.text not in running:
                draft.add("paragraph", element.text, page=page)
            running.add(element.text)
        elif element.category == "Table":
            draft.add("table", _table_rows(metadata.text_as_html, element.text), page=page)
        elif element.category == "Title" and headings and not (pages and metadata.category_depth):
            draft.add("heading", element.text, level=(metadata.category_depth or 0) + 1, page=page)
        elif element.category == "ListItem":
            draft.add("list_item", element.text, page=page)
        elif element.category != "PageBreak":
            draft.add("paragraph", element.text, page=page)


def _table_rows(html: str | None, text: str) -> str:
    if not html:
        return text
    table = etree.fromstring(html, etree.HTMLParser(huge_tree=True))
    rows = [[" ".join(cell.itertext()) for cell in row.iterchildren("td", "th")] for row in table.iter("tr")]
    return table_text(rows)


def _made_plain(container: zipfile.ZipFile) -> bytes:
    """The same document with everything that is text in ordinary runs and paragraphs."""
    root = strict_tree(member_bytes(container, "word/document.xml"))
    etree.strip_elements(root, f"{_COMPATIBILITY}Fallback", f"{_W}del", f"{_W}moveFrom", with_tail=False)
    for equation in list(root.iter(f"{_M}oMath")):
        _replace_by_run(equation)
    etree.strip_tags(root, f"{_M}oMathPara", f"{_COMPATIBILITY}AlternateContent", f"{_COMPATIBILITY}Choice", *_WRAPPERS)
    for properties in list(root.iter(f"{_W}sdtPr", f"{_W}sdtEndPr", f"{_W}smartTagPr", f"{_W}customXmlPr")):
        properties.getparent().remove(properties)
    etree.strip_tags(root, f"{_W}sdt", f"{_W}sdtContent")
    for box in list(root.iter(f"{_W}txbxContent")):
        _hoist(box)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as copy:
        for name in dict.fromkeys(container.namelist()):
            is_main = name == "word/document.xml"
            copy.writestr(name, etree.tostring(root) if is_main else member_bytes(container, name))
    return packed.getvalue()


def _replace_by_run(equation: Any) -> None:
    run = etree.Element(f"{_W}r")
    words = etree.SubElement(run, f"{_W}t")
    parts = (_SIGNS.get(part.tag) or (part.text or "" if part.tag == f"{_M}t" else "") for part in equation.iter())
    words.text = "".join(parts)
    run.tail = equation.tail
    equation.getparent().replace(equation, run)


def _hoist(box: Any) -> None:
    """Put the paragraphs of a text box behind the paragraph that holds it."""
    holder = next(box.iterancestors(f"{_W}p"), None)
    if holder is None:
        return
    for block in reversed(list(box)):
        holder.addnext(block)


def _add_notes(draft: Draft, root: Any) -> None:
    for note in root:
        is_separator = note.get(f"{_W}type") in ("separator", "continuationSeparator", "continuationNotice")
        if not is_separator:
            paragraphs = ("".join(t.text or "" for t in p.iter(f"{_W}t")) for p in note.iter(f"{_W}p"))
            draft.add("paragraph", "\n".join(paragraphs))


def _add_stray_texts(draft: Draft, container: zipfile.ZipFile) -> None:
    for name in sorted(container.namelist()):
        if _STRAY.fullmatch(name):
            root = strict_tree(member_bytes(container, name))
            texts = (e.text for e in root.iter("{*}t", "{*}v", "{*}text") if e.text and e.text.strip())
            draft.add("paragraph", "\n".join(texts))


def _property_title(container: zipfile.ZipFile) -> str | None:
    if "docProps/core.xml" not in container.namelist():
        return None
    title: str | None = strict_tree(member_bytes(container, "docProps/core.xml")).findtext("{*}title")
    is_default = not title or not title.strip() or title.strip().lower() in ("powerpoint presentation", "word document")
    return None if is_default else title


def _first_heading(draft: Draft) -> str | None:
    text = "".join(draft.parts)
    return next((text[e.start : e.end] for e in draft.elements if e.kind in ("title", "heading")), None)
