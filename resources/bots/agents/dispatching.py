"""Choose the agent that takes a question. Pure: a question and what is known in, an agent and the reason out.

In this order: whoever defends against spam turns away; a conversation that waits for a person goes on waiting; what is
known gets its stated text; a person takes over where one must; then the agents that answer from documents, by their
keywords and fields of expertise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from resources.bots.agents import escalating, recognising, screening
from resources.bots.records import Agent, AgentType, CannedAnswer, Circumstances, Route
from resources.knowledge.chunks.segmenting import searchable

TURNED_AWAY = "I cannot take this message. Please ask a short question about our documents, and not too many at once."
HANDED_OVER = "I am handing this conversation over: a person will answer here."
WAITING = "A person will answer here. Your message has been added for them to read."
# A field of expertise tells less than a keyword, which somebody chose for its wording.
EXPERTISE_WEIGHT = 0.5
LEAST_TELLING_CHARACTERS = 4
_QUIET = Circumstances()


def choose(
    question: str,
    agents: Sequence[Agent],
    *,
    now: Circumstances = _QUIET,
    canned: Sequence[CannedAnswer] = (),
    default_message: str = "",
) -> Route | None:
    """The agent that takes the question; None where no active agent could.

    `default_message`: what an agent says that nobody gave words of its own, so that others are said in its place.
    """
    return (
        _turned_away(question, agents, now, default_message)
        or _waiting(agents, now, default_message)
        or _known(question, agents, canned)
        or _handed_over(question, agents, now, default_message)
        or _answered(question, agents, now)
    )


def narrowed(route: Route, agents: Sequence[Agent], name: str, *, by: str) -> Route:
    """The route as a model chose it, by the agent's name; as it was where that is no agent's that answers."""
    chosen = next((agent for agent in _active(agents, "user-facing") if agent.name.casefold() == name.casefold()), None)
    return route if chosen is None else Route(chosen, f"{by} chose it for this question")


def eligible(agents: Sequence[Agent]) -> list[Agent]:
    """The agents that answer from documents."""
    return _active(agents, "user-facing")


def _turned_away(question: str, agents: Sequence[Agent], now: Circumstances, unset: str) -> Route | None:
    for agent in _active(agents, "spam-defense"):
        reason = screening.judge(question, agent, now)
        if reason is not None:
            return Route(agent, reason, _own_words(agent, TURNED_AWAY, unset))
    return None


def _waiting(agents: Sequence[Agent], now: Circumstances, unset: str) -> Route | None:
    if now.handed_over is None:
        return None
    keepers = _active(agents, "human-escalation") or _active(agents, "user-facing")
    return Route(keepers[0], f"a person will answer, since {now.handed_over}", WAITING) if keepers else None


def _known(question: str, agents: Sequence[Agent], canned: Sequence[CannedAnswer]) -> Route | None:
    able = {agent.id: agent for agent in _active(agents, "pre-canned")}
    found = recognising.find(question, [one for one in canned if one.agent_id in able])
    return Route(able[found.agent_id], f"the question is known: {found.question}", found.answer) if found else None


def _handed_over(question: str, agents: Sequence[Agent], now: Circumstances, unset: str) -> Route | None:
    for agent in _active(agents, "human-escalation"):
        reason = escalating.judge(question, agent, now)
        if reason is not None:
            return Route(agent, reason, _own_words(agent, HANDED_OVER, unset), is_new=True)
    return None


def _answered(question: str, agents: Sequence[Agent], now: Circumstances) -> Route | None:
    able = _active(agents, "user-facing")
    if not able:
        return None
    scores = [_score(agent, question, now) for agent in able]
    # index keeps the first of equals
    chosen = able[scores.index(max(scores))]
    is_open = len(able) > 1 and scores.count(max(scores)) > 1
    spoken = [*_spoken(chosen.domain_keywords, question), *_touched(chosen.expertise_areas, question)]
    if spoken:
        return Route(chosen, f"the question speaks of {', '.join(dict.fromkeys(spoken))}", is_open=is_open)
    if len(able) == 1:
        return Route(chosen, "the only agent")
    if chosen.id == now.last_agent_id and chosen.stickness:
        return Route(chosen, "the agent that answered before")
    if max(scores) > 0 and not is_open:
        return Route(chosen, "no agent's keywords are in the question: the one that is preferred")
    return Route(chosen, "no agent's keywords are in the question: the first", is_open=True)


def _score(agent: Agent, question: str, now: Circumstances) -> float:
    """Keywords and expertise met; `bias` prefers an agent, `stickness` the one that answered before."""
    met = float(len(_spoken(agent.domain_keywords, question)))
    met += EXPERTISE_WEIGHT * len(_touched(agent.expertise_areas, question))
    return met + (agent.bias or 0.0) + ((agent.stickness or 0.0) if agent.id == now.last_agent_id else 0.0)


def _active(agents: Sequence[Agent], type: AgentType) -> list[Agent]:
    return [agent for agent in agents if agent.is_active and agent.type == type]


def _own_words(agent: Agent, usual: str, unset: str) -> str:
    return usual if agent.default_message.strip() in ("", unset) else agent.default_message


def _spoken(keywords: Iterable[str], question: str) -> list[str]:
    """The keywords that stand in the question as words of their own, upper or lower case."""
    text = question.casefold()
    return [keyword for keyword in dict.fromkeys(keywords) if _stands(keyword.strip().casefold(), text)]


def _touched(areas: Iterable[str], question: str) -> list[str]:
    """The fields of expertise of which a telling word stands in the question."""
    found = []
    for area in dict.fromkeys(areas):
        words = [word for word in re.findall(r"\w+", area) if len(word) >= LEAST_TELLING_CHARACTERS]
        if _spoken([*words, area], question):
            found.append(area)
    return found


def _stands(keyword: str, text: str) -> bool:
    if not keyword:
        return False
    # where a script writes no spaces, a word has no neighbours that could tell it apart
    is_unspaced = searchable(keyword) != unicodedata.normalize("NFKC", keyword)
    return keyword in text if is_unspaced else re.search(rf"(?<!\w){re.escape(keyword)}(?!\w)", text) is not None
