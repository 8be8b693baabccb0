"""Read the main text of a web page: what the page is for, without its navigation, advertising and footers. Pure.

trafilatura finds it. Where the page itself says which part that is (a `main` element, or role=main) and trafilatura
found much less, the stated part is read, without what is plainly beside the matter in it. Either way reading_markup
reads what is left, with its headings, lists, tables and code. A page in which too little is found is read whole: a list
of links, or an application's start page, is its navigation.

Measured (wanted and unwanted snippets of the 990 pages, mostly news and blogs, of trafilatura's own evaluation; words
of the main part of 120 pages of Rust's documentation): the whole page keeps 99 % of what is wanted and 86 % of what is
not; trafilatura alone 95 % and 14 %, but of the documentation 91 %, and 18 % of its worst page; a stated main part
alone 96 % and 34 %; this way 95 % and 20 %, and of the documentation 98 %, and 80 % of its worst page.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from lxml import etree

from resources.knowledge.readers import reading_markup
from resources.knowledge.readers.assembling import Draft, Reading
from resources.knowledge.readers.decoding import decode

_LARGEST = 16 << 20
_LARGEST_SEARCHED = 1 << 20  # trafilatura takes some 5 s for a page of this size
_FEWEST_CHARACTERS = 200
_LEAST_SHARE = 0.1
_LEAST_SHARE_OF_MAIN = 0.25
_MUCH_LESS = 0.8
_MOST_STRANGE_WORDS = 0.02
_ASIDE = {"nav", "footer", "form", "dialog", "button", "select"}
_ASIDE_ROLES = {"navigation", "search", "complementary", "banner", "contentinfo", "dialog", "menu", "menubar"}
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?|related|sidebar|share|sharing|social|newsletter|subscribe|breadcrumbs?|pagination|pager|"
    r"cookies?|advert\w*|promo|recommend\w*|popular|trending|author-?box|more-?from)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ANCHOR_MARKS = {"¶", "#", "§", "🔗", "\uf0c1"}


def read_article(data: bytes) -> Reading:
    """A page's main text, or all of it where too little is found. The title is that of the page."""
    whole = reading_markup.read_html(data)
    if len(data) > _LARGEST or len(whole.text) < _FEWEST_CHARACTERS:
        return whole
    root = _tree(data)
    if root is None:
        return whole
    title = _title(root) or whole.title
    _prune(root)
    stated = _stated_main(root, len(whole.text))
    found = _found_main(root, whole.text) if len(data) <= _LARGEST_SEARCHED else None
    if stated is not None and (found is None or len(found.text) < _MUCH_LESS * len(stated.text)):
        found = stated
    return whole if found is None else Reading(found.text, found.elements, title, found.library)


def _tree(data: bytes) -> Any:
    """The page's tree; None for one that is too deep to be trusted."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(decode(data, declared=reading_markup.charset(data)).encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        return None
    is_too_deep = any("depth" in entry.message for entry in parser.error_log)
    return None if is_too_deep else root


def _stated_main(root: Any, length: int) -> Reading | None:
    mains = root.xpath("//*[self::main or @role='main'][not(ancestor::main or ancestor::*[@role='main'])]")
    if not mains:
        return None
    main = etree.Element("div")
    main.extend(deepcopy(each) for each in mains)
    for node in list(main.iterdescendants()):
        if _is_beside(node):
            _drop(node)
    reading = _read(main, "")
    return reading if _is_enough(reading, length, _LEAST_SHARE_OF_MAIN) else None


def _found_main(root: Any, whole: str) -> Reading | None:
    import trafilatura

    try:
        found = trafilatura.extract(
            etree.tostring(root, encoding="unicode", method="html"), output_format="html", include_comments=False,
            include_formatting=True, include_links=False, favor_recall=True, deduplicate=False,
        )  # fmt: skip
        tree = None if found is None else etree.fromstring(found.encode("utf-8"), etree.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, RecursionError, ValueError):
        return None
    if tree is None:
        return None
    for node in tree.xpath("//pre[ancestor::pre] | //pre[not(contains(., '\n'))][not(parent::body)]"):
        _set_within(node)
    reading = _read(tree, f" and trafilatura {trafilatura.__version__}")
    return reading if _is_enough(reading, len(whole), _LEAST_SHARE) and _is_of(reading.text, whole) else None


def _set_within(node: Any) -> None:
    """Code within a line, or once more inside its own block, where the blanks around it are trafilatura's."""
    node.tag, parent = "code", node.getparent()
    if parent.tag == "pre":
        parent.text, node.tail = None if not (parent.text or "").strip() else parent.text, None


def _read(node: Any, more: str) -> Reading:
    draft = Draft()
    reading_markup.add_page(draft, etree.tostring(node, encoding="utf-8", method="html", with_tail=False))
    return draft.reading(library=f"lxml {etree.__version__}{more}")


def _is_beside(node: Any) -> bool:
    if node.tag in _ASIDE or node.get("role") in _ASIDE_ROLES:
        return True
    return node.tag != "article" and _BESIDE.search(f"{node.get('class') or ''} {node.get('id') or ''}") is not None


def _is_enough(reading: Reading, length: int, share: float) -> bool:
    return len(reading.text) >= max(_FEWEST_CHARACTERS, share * length)


def _is_of(found: str, whole: str) -> bool:
    """Whether the words are those of the page: where lists are not well-formed, trafilatura runs items together."""
    known, words = set(whole.split()), found.split()
    return sum(word not in known for word in words) <= _MOST_STRANGE_WORDS * len(words)


def _prune(root: Any) -> None:
    """Take out what a reader does not see, which would come to light without its style, and signs beside headings."""
    for node in list(root.iterdescendants()):
        is_mark = node.tag == "a" and "".join(node.itertext()).strip() in _ANCHOR_MARKS
        if is_mark or (isinstance(node.tag, str) and reading_markup.is_unseen(node, node.tag)):
            _drop(node)


def _drop(node: Any) -> None:
    """Take an element out, but not the words that follow it."""
    parent, before, tail = node.getparent(), node.getprevious(), node.tail or ""
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(node)


def _title(root: Any) -> str | None:
    """The one great heading of the page, else what its head says: that often ends with the name of the site."""
    headings = [" ".join("".join(node.itertext()).split()) for node in root.iter("h1")]
    shown = [heading.rstrip("".join(_ANCHOR_MARKS) + " ") for heading in headings if heading]
    if len(shown) == 1:
        return shown[0] or None
    stated = root.xpath("//meta[@property='og:title']/@content")
    return str(stated[0]).strip() or None if stated else None
