"""In which language a text is written."""

from __future__ import annotations

import pytest

from resources.knowledge.readers import recognising_languages
from resources.knowledge.readers.recognising_languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The wheel of the old mill turns slowly in the cold river and the miller listens to it. " * 4, "en"),
        ("Das Rad der alten Mühle dreht sich langsam im kalten Fluss.", "de"),
        ("古い水車小屋の車輪は冷たい川の中でゆっくり回る。", "ja"),
        ("กังหันของโรงสีเก่าหมุนช้าๆ ในแม่น้ำเย็น", "th"),
        ("hm", None),
        ("12345 67890 " * 50, None),
        ("a=1;b=2;for i in range(10): print(i)", None),
    ],
)
def test_the_language_is_told_or_left_open(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_the_middle_decides_when_the_beginning_is_a_list() -> None:
    prose = "Das Rad der alten Mühle dreht sich langsam im kalten Fluss. " * 200
    assert language_of("1.2 .... 3\n" * 300 + prose) == "de"


ENGLISH = "The miller grinds the rye of the farmers, and it is as fine as that of the other mill in the valley. "
GERMAN = "Der Müller mahlt das Getreide der Bauern aus dem Tal, und am Abend ruht er sich auf der Bank aus. "


def test_english_that_begins_with_a_table_needs_no_model() -> None:
    lines = [f"Release {n}: alpha, beta, candidate, final, on Monday." for n in range(80)]
    lines[::10] = [f"The {line}" for line in lines[::10]]
    table = "\n".join(lines) + "\n"
    assert not recognising_languages._is_plainly_english(table[:3000])
    recognising_languages._identifier.cache_clear()
    assert language_of(table + ENGLISH * 200) == "en"
    assert recognising_languages._identifier.cache_info().currsize == 0


def test_a_text_that_begins_in_another_language_is_not_taken_for_english() -> None:
    assert language_of(GERMAN * 40 + ENGLISH * 200) == "de"
