"""Decide what to do with documents that a source lists no more: follow it, or ask somebody first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Decision = Literal["waiting", "approved", "rejected"]


@dataclass(frozen=True)
class Guard:
    """More than this share of what a source holds, and at least so many documents, are not deleted unasked."""

    share: float
    floor: int

    def minds(self, missing: int, known: int) -> bool:
        """Whether so many of so many known documents are too much to delete: nobody deletes all of them unasked."""
        return missing > 0 and (missing >= known or (missing >= self.floor and missing > self.share * known))


@dataclass(frozen=True)
class Verdict:
    """What becomes of documents. `returned`: nobody needs to decide about them any more."""

    go: Sequence[UUID]
    ask: Sequence[UUID]
    returned: Sequence[UUID]


def judge(
    missing: Sequence[UUID], *, shown: Collection[UUID], decided: Mapping[UUID, Decision], guard: Guard | None
) -> Verdict:
    """What becomes of the documents that a whole listing lacks.

    `shown`: all documents of the source that readers see, the missing ones among them; others go without a question.
    `decided`: what stands about documents that were missing before. What was approved goes, what was rejected stays and
    is not asked about again; both are left out of what the guard weighs. What waits goes on waiting, however much the
    source grows meanwhile, until some of it is back: then all is weighed anew. Without a guard everything else goes.
    """
    settled = {each for each in missing if decided.get(each) in ("approved", "rejected")}
    approved = [each for each in missing if decided.get(each) == "approved"]
    others = [each for each in missing if each not in settled]
    seen = [each for each in others if each in shown]
    returned = _without(decided, missing)
    if guard is None:
        return Verdict([*approved, *others], [], returned)
    ask = seen
    if not guard.minds(len(seen), sum(each not in settled for each in shown)):
        is_healing = any(decided[each] == "waiting" and each in shown for each in returned)
        ask = [] if is_healing else [each for each in seen if decided.get(each) == "waiting"]
    asked = set(ask)
    return Verdict([*approved, *(each for each in others if each not in asked)], ask, returned)


def _without(decided: Mapping[UUID, Decision], missing: Collection[UUID]) -> list[UUID]:
    absent = set(missing)
    return [each for each in decided if each not in absent]
