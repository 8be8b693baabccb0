"""Choose the agent that takes a question. Pure: a question and agents in, an agent and the reason out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from resources.bots.records import Agent, Route
from resources.knowledge.segmenting import searchable


def choose(question: str, agents: Sequence[Agent]) -> Route | None:
    """The active user-facing agent with most of its keywords in the question, else the first; None without any.

    Where two have as many, the one that stands first in `agents` takes it.
    """
    able = [agent for agent in agents if agent.is_active and agent.type == "user-facing"]
    if not able:
        return None
    # max keeps the first of equals
    chosen = max(able, key=lambda agent: len(_spoken(agent, question)))
    spoken = _spoken(chosen, question)
    if spoken:
        return Route(chosen, f"the question speaks of {', '.join(spoken)}")
    return Route(chosen, "the only agent" if len(able) == 1 else "no agent's keywords are in the question: the first")


def _spoken(agent: Agent, question: str) -> list[str]:
    """The agent's keywords that stand in the question as words of their own, upper or lower case."""
    text = question.casefold()
    return [keyword for keyword in dict.fromkeys(agent.domain_keywords) if _stands(keyword.strip().casefold(), text)]


def _stands(keyword: str, text: str) -> bool:
    if not keyword:
        return False
    # where a script writes no spaces, a word has no neighbours that could tell it apart
    is_unspaced = searchable(keyword) != unicodedata.normalize("NFKC", keyword)
    return keyword in text if is_unspaced else re.search(rf"(?<!\w){re.escape(keyword)}(?!\w)", text) is not None
