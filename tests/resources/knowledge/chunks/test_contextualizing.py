"""What a chunk is hashed, embedded and indexed as."""

from __future__ import annotations

import pytest

from resources.knowledge.chunks.contextualizing import content_hash, contextual


@pytest.mark.parametrize(
    ("title", "section", "content", "expected"),
    [
        ("Grain", "Grain › Drying", "Six hours.", "Grain\nDrying\nSix hours."),
        ("Grain", "Drying › Wet grain", "Six hours.", "Grain\nDrying › Wet grain\nSix hours."),
        ("Grain", "Grain › Drying", "## Drying\n\nSix hours.", "Grain\n## Drying\n\nSix hours."),
        ("Grain", "Grain", "# Grain\n\nSix hours.", "# Grain\n\nSix hours."),
        ("Grain", None, "Six hours.", "Grain\nSix hours."),
        (None, "Drying › Wet grain", "Six hours.", "Drying › Wet grain\nSix hours."),
        (None, None, "Six hours.", "Six hours."),
        ("", "", "Six hours.", "Six hours."),
    ],
)
def test_a_passage_is_read_under_its_headings_and_nothing_is_said_twice(
    title: str | None, section: str | None, content: str, expected: str
) -> None:
    assert contextual(title, section, content) == expected


def test_the_same_words_under_another_title_are_another_content() -> None:
    first, second = (content_hash(contextual(title, None, "Six hours.")) for title in ("Grain", "Bread"))
    assert len(first) == len(second) == 32
    assert first != second
