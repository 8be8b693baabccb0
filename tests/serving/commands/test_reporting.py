"""Tables can be read at any width, and show what documents say as it stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from serving.commands.reporting import console, print_table

COLUMNS = ["Source", "Reason", "Documents ", "Last sync"]
ROWS = [("docs", "install the extra: pip install 'millrace[ocr]' [/b]", 1200, None)]


@pytest.fixture
def width() -> Iterator[None]:
    """The console is as wide as before when a test is over."""
    before = console.width
    yield
    console.width = before


@pytest.mark.usefixtures("width")
def test_brackets_in_a_table_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    console.width = 100
    print_table("Failures [1]", COLUMNS, ROWS)
    said = capsys.readouterr().out
    assert "Failures [1]" in said
    assert "'millrace[ocr]' [/b]" in said


@pytest.mark.usefixtures("width")
def test_a_table_that_is_too_wide_is_told_as_lists(capsys: pytest.CaptureFixture[str]) -> None:
    console.width = 34
    print_table("Failures", COLUMNS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "Failures", "", "Source: docs", "Reason: install the extra: pip ", "install 'millrace[ocr]' [/b]",
        "Documents: 1,200", "Last sync: –", "",
    ]  # fmt: skip
