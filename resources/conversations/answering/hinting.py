"""Tell what kind of answer a question wants, and whether a sentence shows one. Pure: texts in, shares out.

A light hint, no grammar: a number for "how many" in some widespread languages, a date for "when", a name for "who".
"""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["number", "date", "name"]

_NUMBER_ASKED = re.compile(
    r"""\bhow\ (?:many|much|long|often|fast|quickly|soon|old|far|high|tall|large|big|heavy|wide|deep|thick|loud|hot|warm
              |cold|early|late|wet)\b
        | \bwhat\b.{0,20}\b(?:price|percentage|number|age|size|height|speed|maximum|minimum|most|least)\b
        | \bcosts?\b | \bprice\b | \bpercent
        | \bwie\ ?(?:viel|lange|hoch|oft|alt|weit|gro(?:ß|ss)|schnell|schwer|teuer) | \bcombien\b | \bcu[aá]nt[oa]s?\b
        | \bquant[oaie]\b | \bquel\ (?:âge|prix)\b | \bhoeveel\b | \bсколько\b | \bcâ[tț]i\b | \bcâte\b | \bbao\ nhiêu\b
        | \bmấy\b | πόσ[οαεη] | \bkaç\b | \bكم\b | कितन | 多少 | 几 | 幾 | いくつ | いくら | เท่าไ | เท่าใด | กี่""",
    re.VERBOSE,
)
_DATE_ASKED = re.compile(
    r"""\bwhen\b | \b(?:what|which)\ (?:year|day|date|time|month|century|decade)\b
        | \bwann\b | \bin\ welchem\ jahr | \bquand\b | \bcu[aá]ndo\b | \bquando\b | \bwanneer\b | \bкогда\b | \bcând\b
        | \bkhi\ nào\b | \bnăm\ nào\b | πότε | \bne\ zaman\b | \bمتى\b | कब
        | 何时 | 什么时候 | 哪一?年 | いつ | เมื่อไ | เมื่อใด""",
    re.VERBOSE,
)
_NAME_ASKED = re.compile(r"\bwho(?:m|se)?\b")

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_COUNTER = re.compile(r"^\s*(?:[-*•>]\s*)?\(?\d{1,3}[.)]\s")
_NUMERAL = re.compile(
    r"""\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen
        |eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half
        |twice|once|dozen)\b""",
    re.VERBOSE,
)
_DATE = re.compile(
    r"""\b(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?
        |dec(?:ember)?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|century|centuries|decades?|noon|midnight)\b
        | \d{4} | \d\d:\d\d | \d\s*[年月日]""",
    re.VERBOSE,
)
_TIME = re.compile(
    r"""\b(?:hours?|minutes?|seconds?|days?|weeks?|months?|years?|morning|evening|daily|weekly|monthly|yearly
        |annual(?:ly)?|every|after|before|until|during)\b | \d""",
    re.VERBOSE,
)
_NAME = re.compile(r"(?<=[^\W\d_,;:)\d] )[^\W\d_a-z][a-z]+")
ROUGH_TIME = 0.6


def wanted(question: str) -> Kind | None:
    """Return what the question asks for, None where its words do not tell."""
    asked = question.casefold()
    if _NUMBER_ASKED.search(asked):
        return "number"
    if _DATE_ASKED.search(asked):
        return "date"
    return "name" if _NAME_ASKED.search(asked) else None


def shown(kind: Kind | None, sentence: str, question: str) -> float:
    """Return how far a sentence holds what is wanted, in [0, 1]; what the question said itself does not count."""
    if kind is None:
        return 0.0
    if kind == "name":
        asked = question.casefold()
        return float(any(name.casefold() not in asked for name in _NAME.findall(sentence)))
    said = sentence.casefold()
    if kind == "date":
        return 1.0 if _DATE.search(said) else ROUGH_TIME if _TIME.search(said) else 0.0
    numbers = set(_NUMBER.findall(_COUNTER.sub("", said))) - set(_NUMBER.findall(question))
    return float(bool(numbers) or _NUMERAL.search(said) is not None)
