"""Decide what becomes of an item that failed: when it is tried again, and when that has no sense any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

State = Literal["retrying", "parked", "ignored"]

MOST_ATTEMPTS = 3
"""An item that fails for a reason that lies in itself is parked after so many attempts."""

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(days=1)
_GROWTH = 4

# What reading the bytes themselves tells, or their size or name: the same bytes will tell it again. Of everything else
# that stops an item from being fetched, a network, a disk or a person may be the reason, and it may pass.
_OF_THE_ITEM = {
    "damaged", "empty_extraction", "needs_ocr", "too_deep", "too_large", "type_mismatch", "unsupported_encrypted",
    "unsupported_format", "unsupported_name",
}  # fmt: skip
_MAY_PASS = {"bytes_lost", "budget"}


@dataclass(frozen=True)
class Attempt:
    """A failed attempt: which it was for this kind of reason, and what follows."""

    number: int
    state: State
    wait: timedelta


def lies_in_item(stage: str, outcome: str) -> bool:
    """Whether the reason is the item itself, so that only a change of it can help."""
    if stage in ("listing", "fetching"):
        return outcome in _OF_THE_ITEM
    return outcome not in _MAY_PASS


def after_failure(*, stage: str, outcome: str, before: tuple[str, str, int, State] | None) -> Attempt:
    """What follows a failure; `before`: stage, outcome, attempts and state of the one recorded until now.

    It is tried again after 1 minute, then 4, 16 … up to a day. Attempts are counted anew when the reason lies elsewhere
    than before. What a person ignores stays ignored.
    """
    lies_here = lies_in_item(stage, outcome)
    number = before[2] + 1 if before is not None and lies_in_item(before[0], before[1]) == lies_here else 1
    if before is not None and before[3] == "ignored":
        state: State = "ignored"
    else:
        state = "parked" if lies_here and number >= MOST_ATTEMPTS else "retrying"
    return Attempt(number, state, wait_after(number))


def wait_after(attempts: int) -> timedelta:
    """How long an item rests after so many failed attempts."""
    grown: int = _GROWTH ** min(max(attempts - 1, 0), 10)
    return min(_FIRST_WAIT * grown, _LONGEST_WAIT)
