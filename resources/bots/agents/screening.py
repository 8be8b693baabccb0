"""Tell floods, abuse and garbage before they cost anything. Pure: a question and counts in, a reason or None out.

What is turned away is what nobody can want to be answered; who is only rude while asking is answered.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from resources.bots.records import Agent, Circumstances
from resources.knowledge.chunks.segmenting import searchable

MOST_IN_A_MINUTE = 20
MOST_REPEATS = 3
LONGEST_CHARACTERS = 8_000
LONGEST_WORD = 200
SHORTEST_JUDGED = 24
# Shares of letters, digits and blanks below which a text says nothing; bits a character that natural text never has.
LEAST_LETTERS = 0.5
LEAST_ENTROPY = 1.6
LEAST_DISTINCT_WORDS = 0.12
# Insults that are no question; matched only where they make up the message.
_ABUSE = re.compile(
    r"\b(?:fuck(?:ing)?(?: (?:you|off|u))|kill yourself|you(?:'re| are)? (?:stupid|an idiot|a moron|trash)|"
    r"piece of shit|asshole|bastard|arschloch|fick dich|verpiss dich|hurensohn|halt die fresse|connard|va te faire|"
    r"hijo de puta|gilipollas)\b"
)
_MOST_WORDS_OF_ABUSE = 8
# What is said where the words would run together if nobody wrote spaces: not garbage.
_PASTED = re.compile(r"https?://\S+|[A-Za-z0-9+/=_-]{60,}")


def judge(question: str, agent: Agent, now: Circumstances) -> str | None:
    """Why an agent that defends against spam turns this away; None where it lets it through.

    `rate_limit_per_hour` and `rate_limit_per_day` of the agent bind whoever asks; its `max_tokens`, at four characters
    each, is the longest question; its `domain_keywords` are turned away as whole words.
    """
    return _flood(agent, now) or _shape(question, agent) or _words_of_abuse(question, agent)


def _flood(agent: Agent, now: Circumstances) -> str | None:
    limits: Sequence[tuple[int, int | None, str]] = (
        (now.last_minute, MOST_IN_A_MINUTE, "minute"),
        (now.last_hour, agent.rate_limit_per_hour, "hour"),
        (now.last_day, agent.rate_limit_per_day, "day"),
    )
    for asked, most, span in limits:
        if most is not None and asked >= most:
            return f"{asked} questions in the last {span}, where {most} are let through"
    if now.repeats >= MOST_REPEATS:
        return f"the same question {now.repeats + 1} times in ten minutes"
    return None


def _shape(question: str, agent: Agent) -> str | None:
    longest = 4 * agent.max_tokens if agent.max_tokens else LONGEST_CHARACTERS
    if len(question) > longest:
        return f"a question of {len(question):,} characters, where {longest:,} are let through"
    text = " ".join(_PASTED.sub(" ", unicodedata.normalize("NFKC", question)).split())
    if not any(map(str.isalnum, question)):
        return "nothing in it is a letter or a digit"
    if len(text) < SHORTEST_JUDGED:
        return None
    said = sum(character.isalnum() or character.isspace() for character in text) / len(text)
    if said < LEAST_LETTERS and "`" not in question and "\n" not in question.strip():
        return "it is hardly letters and digits"
    if _entropy(text) < LEAST_ENTROPY:
        return "it says the same characters again and again"
    words = searchable(text.casefold()).split()
    if max(map(len, words), default=0) > LONGEST_WORD:
        return "a word in it has no end"
    if len(words) >= SHORTEST_JUDGED and len(set(words)) / len(words) < LEAST_DISTINCT_WORDS:
        return "it says the same words again and again"
    return None


def _words_of_abuse(question: str, agent: Agent) -> str | None:
    text = " ".join(question.casefold().split())
    for word in agent.domain_keywords:
        if word.strip() and re.search(rf"(?<!\w){re.escape(word.strip().casefold())}(?!\w)", text):
            return "it holds what the chatbot's owner does not want to hear"
    if _ABUSE.search(text) and len(text.split()) <= _MOST_WORDS_OF_ABUSE and "?" not in text:
        return "it is abuse and asks nothing"
    return None


def _entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
