"""Seats: how many answers are under way at once, in all and of each organization, and the threads that they wait in.

Answers wait in threads of their own: however slow the models are, other requests find one. What finds no seat is
turned away at once, with the time after which to come again; no queue grows without end. And nobody waits long to be
searched for: whose turn would not come within half a second is turned away too, as soon as that is foreseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from threading import Event
from time import perf_counter
from typing import ParamSpec, TypeVar
from uuid import UUID

import anyio
from anyio.to_thread import run_sync

from resources.foundation.errors import TooMany
from resources.foundation.settings import ANSWERS_AT_ONCE, ANSWERS_OF_ORGANIZATION
from serving import pacing
from serving.pacing import Pace

Given = ParamSpec("Given")
Result = TypeVar("Result")

# Preparing (who asks what, retrieval) is work of this machine: more at once than it feels well with (pacing.py) only
# makes all of them slower.
MOST_WAITING = 64
PATIENCE_S = 0.5
# So few are no overload, however slow the machine is: they have more patience.
FEW = 8
PATIENCE_OF_FEW_S = 4 * PATIENCE_S


class Overloaded(TooMany):
    """The server has as much to do as it can; `status` 503, whoever asks."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class Seat:
    """The place of one answer; left once, however often it is said. `has_left`: whoever asked listens no more."""

    def __init__(self, seats: Seats, organization_id: UUID) -> None:
        self.seats = seats
        self.has_left = Event()
        self._organization_id: UUID | None = organization_id

    def leave(self) -> None:
        """Let another answer have it."""
        if self._organization_id is not None:
            self.seats.empty(self._organization_id)
            self._organization_id = None


class Seats:
    """All of one server. Belongs to its event loop: only `run`'s work is done in threads."""

    def __init__(
        self, at_once: int = ANSWERS_AT_ONCE, of_organization: int = ANSWERS_OF_ORGANIZATION,
        waiting: int = MOST_WAITING, patience_s: float = PATIENCE_S,
    ) -> None:  # fmt: skip
        self._at_once = at_once
        self._of_organization = of_organization
        self._most_waiting = waiting
        self._taken: Counter[UUID] = Counter()
        self._waiting = 0
        self._patience_s = patience_s
        self._pace = Pace()
        self._preparing = anyio.CapacityLimiter(self._pace.at_once)
        self._threads = anyio.CapacityLimiter(pacing.MOST)
        self._begun_at = perf_counter()
        self._speaking = anyio.CapacityLimiter(at_once)

    @property
    def taken(self) -> int:
        """How many answers are under way."""
        return self._taken.total()

    @property
    def waiting(self) -> int:
        """How many requests wait for retrieval, or are in it."""
        return self._waiting

    def take(self, organization_id: UUID) -> Seat:
        """A seat for an answer. Raises TooMany where the organization has all of its own, Overloaded without any."""
        if self._taken[organization_id] >= self._of_organization:
            raise TooMany(
                f"{self._of_organization} answers of your organization are under way, as many as may be at once: wait "
                "until one has ended", retry_after_s=2,
            )  # fmt: skip
        if self._taken.total() >= self._at_once:
            raise Overloaded("the server gives as many answers as it can at once: try again soon", retry_after_s=5)
        self._taken[organization_id] += 1
        return Seat(self, organization_id)

    def empty(self, organization_id: UUID) -> None:
        """Count a seat as free."""
        self._taken[organization_id] -= 1
        if not self._taken[organization_id]:
            del self._taken[organization_id]

    def has_room(self, arriving: int) -> bool:
        """Whether a question would be searched for in time that comes behind so many, as far as can be foreseen."""
        return arriving < FEW or (arriving < self._most_waiting and self._pace.wait_s(arriving) <= self._patience_s)

    async def prepare(self, work: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
        """Do what searches, in a thread, when its turn comes. Raises Overloaded where that is not soon."""
        if self._waiting >= self._most_waiting:
            raise _too_many()
        self._waiting += 1
        turn = object()
        try:
            few_s = max(self._patience_s, PATIENCE_OF_FEW_S)
            with anyio.move_on_after(few_s if self._waiting <= FEW else self._patience_s):
                await self._preparing.acquire_on_behalf_of(turn)
            if turn not in self._preparing.statistics().borrowers:
                raise _too_many()
            self._begin()
            try:
                return await run_sync(partial(work, *given, **named), limiter=self._threads)
            finally:
                self._preparing.release_on_behalf_of(turn)
        finally:
            self._waiting -= 1

    def feel(self, took_s: float) -> None:
        """Take note of how long some work took that is always the same; from any thread."""
        self._pace.feel(took_s, some_wait=self._some_wait)

    @property
    def _some_wait(self) -> bool:
        return self._waiting > self._preparing.borrowed_tokens

    def _begin(self) -> None:
        now = perf_counter()
        self._pace.begin(now - self._begun_at, some_wait=self._some_wait)
        self._begun_at = now
        # here, since the limiter belongs to the loop
        self._preparing.total_tokens = self._pace.at_once

    async def speak(self, work: Callable[[], Result]) -> Result:
        """Do what may wait for a model, in a thread that nothing else needs."""
        return await run_sync(work, limiter=self._speaking)


def _too_many() -> Overloaded:
    return Overloaded("the server has as many questions as it can search for: try again soon", retry_after_s=2)
