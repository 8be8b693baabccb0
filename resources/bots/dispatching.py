"""Choose the agent that takes a question. Pure: a question and agents in, an agent and the reason out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resources.bots.records import Agent, Route


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
    # letters outside ASCII may belong to a script that writes no spaces: only ASCII words must stand alone
    before = r"(?<![a-z0-9_])" if keyword[0].isascii() else ""
    after = r"(?![a-z0-9_])" if keyword[-1].isascii() else ""
    return re.search(before + re.escape(keyword) + after, text) is not None
