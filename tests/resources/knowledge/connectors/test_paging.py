"""Fields by their paths, pages by their links, items as documents."""

from __future__ import annotations

import pytest

from resources.knowledge.connectors.paging import found, next_link, with_parameter, written

DOCUMENT = {"data": {"items": [{"id": 1, "by": ["Ada", "Bo"]}], "next": None}, "dotted.name": 1}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", DOCUMENT), ("data.items.0.id", 1), ("data.items.0.by.1", "Bo"), ("data.next", None), ("data.none", None),
        ("data.items.1", None), ("data.items.x", None), ("data.items.0.id.x", None), ("data.items.-1", None),
    ],
)  # fmt: skip
def test_a_value_is_found_by_its_path(path: str, expected: object) -> None:
    assert found(DOCUMENT, path) == expected


def test_a_parameter_takes_the_place_of_its_like() -> None:
    assert with_parameter("https://a/b?page=1&q=x%20y&page=2#z", "page", 3) == "https://a/b?q=x+y&page=3#z"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://a/2>; rel="next", <https://a/9>; rel="last"', "https://a/2"),
        ("<https://a/9>; rel=last, </b?x=1,2>; title=\"a, b\"; rel=next", "/b?x=1,2"),
        ('<https://a/1>; rel="first prev", <https://a/3>; rel="nofollow NEXT"', "https://a/3"),
        ('<https://a/9>; rel="last"', None), ("", None), ("nonsense <", None), ("<https://a/1>; rel=nextish", None),
    ],
)  # fmt: skip
def test_the_next_page_is_found_in_a_link_header(header: str, expected: str | None) -> None:
    assert next_link(header) == expected


def test_an_item_is_written_as_its_format_has_it() -> None:
    record = {"body": "Rye <b>bread</b>", "note": None, "price": 3}
    assert written(record, ["body"], format="text", title="Rye") == "Rye <b>bread</b>"
    assert written(record, ["body", "note", "price"], format="text", title="Rye") == (
        "body:\nRye <b>bread</b>\n\nprice:\n3"
    )
    assert written(record, ["body", "price"], format="markdown", title="Rye") == (
        "# Rye\n\n## body\n\nRye <b>bread</b>\n\n## price\n\n3\n"
    )
    page = written(record, ["body", "price"], format="html", title="<Rye>")
    assert "<title>&lt;Rye&gt;</title><h2>body</h2>\n<div>Rye <b>bread</b></div>\n<h2>price</h2>" in page
    assert written(record, ["note"], format="html", title="Rye") == ""
