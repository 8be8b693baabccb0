"""Tell when a person must take over. Pure: a question and counts in, a reason or None out."""

from __future__ import annotations

import re

from resources.bots.records import Agent, Circumstances

MOST_FAILURES = 2
_PERSON = (
    r"(?:a |an |the |some |any |with |to |your |real |live |actual |another )*"
    r"(?:human(?: being)?|person|people|somebody real|someone real|operator|representative|support agent|"
    r"customer service|support team|staff member|colleague|supervisor|manager)"
)
_ASKED = re.compile(
    r"\b(?:"
    rf"(?:talk|speak|chat|connect|transfer|hand|escalate|forward)(?: \w+){{0,3}}? {_PERSON}"
    rf"|(?:put|get|reach|contact|want|need|like|give)(?: \w+){{0,2}}? {_PERSON}(?=[.!?]*$|[,.!]? (?:please|now|here|to "
    r"(?:help|talk|speak|answer|assist|look)))"
    r"|real person|real human|human agent|live agent"
    r"|^(?:a |an |ein )?(?:human|person|operator|agent|mensch)(?:,? (?:please|bitte))?(?=[.!]*$)"
    r"|(?:mit|an) (?:einem|einer|einen|eine)? ?(?:echten? |richtigen? )?(?:mensch(?:en)?|mitarbeiter(?:in)?|"
    r"person|kollegen|support)(?: \w+){0,3}"
    r"|(?:parler|discuter|parle)(?: \w+){0,2} (?:humain|personne|conseiller|quelqu'un|opérateur)"
    r"|(?:hablar|habla|contactar)(?: \w+){0,2} (?:humano|persona|alguien|agente|operador)"
    r")\b"
)
_SPEAKS = re.compile(r"\b(?:sprechen|reden|verbinden|weiterleiten|verbinde|schreiben|kontakt)\b")
# Who begins so asks about people, and not for one.
_ABOUT = re.compile(
    r"(?:when|why|who|which|what|where|how (?:many|often|long|much)|must|should|do|does|did|is|are|wann|warum|wer|"
    r"welche|was|wo|wie (?:viele|oft|lange)|muss|soll|quand|pourquoi|qui|cuándo|quién)\b"
)


def judge(question: str, agent: Agent, now: Circumstances) -> str | None:
    """Why a person must take over from here; None where there is no reason.

    Whoever asks for a person gets one, and whoever was told nothing twice in a row; so does who says one of the agent's
    `domain_keywords`.
    """
    text = " ".join(question.casefold().split())
    if _is_asked_for(text):
        return "a person was asked for"
    for word in agent.domain_keywords:
        if word.strip() and re.search(rf"(?<!\w){re.escape(word.strip().casefold())}(?!\w)", text):
            return f"the question speaks of {word.strip()}"
    if now.failures >= MOST_FAILURES:
        return f"the last {now.failures} answers found nothing"
    return None


def _is_asked_for(text: str) -> bool:
    found = _ASKED.search(text)
    if found is None or _ABOUT.match(text):
        return False
    is_german = found[0].startswith(("mit ", "an "))
    return not is_german or _SPEAKS.search(text) is not None
