"""How many searches may go at once, by how this machine feels. Pure: what some equal work took in, a number out.

The same small piece of work is timed in each question. Where it takes several times its best, too much goes on at once,
whatever that is, and fewer searches begin; where it does not and some wait, more do. (Additive increase, multiplicative
decrease, by delay: Chiu and Jain 1989; Brakmo and Peterson's Vegas, 1994.) Who waits for a model burdens nobody.
What the best is, is felt anew now and then, with as few at once as may be (as BBR does, Cardwell and others 2016): else
a machine that is always busy would forget how it is not to be.
"""

from __future__ import annotations

from dataclasses import dataclass

FEWEST = 2
MOST = 32
AT_FIRST = 8
# That many times its best the work may take: about so many are in the way of each other then.
STRAIN = 4.0
LESS = 0.9
# So many times the best is remembered: what was true of a quiet night does not bind for ever.
REMEMBERED = 400
# What is shorter than this tells of the clock and of chance.
LEAST_S = 0.001
WEIGHT = 0.1


@dataclass
class Pace:
    """The pace of one server."""

    limit: float = AT_FIRST
    interval_s: float = 0.0
    _best_s: float = float("inf")
    _felt: int = 0
    _some_waited: bool = False

    @property
    def at_once(self) -> int:
        """How many searches may go at once now."""
        return int(self.limit)

    def feel(self, took_s: float, *, some_wait: bool) -> None:
        """Take note of what the work took this time; more go at once only where some wait to."""
        took_s = max(took_s, LEAST_S)
        self._best_s = min(self._best_s, took_s)
        if took_s > STRAIN * self._best_s:
            self.limit = max(FEWEST, self.limit * LESS)
        elif some_wait:
            self.limit = min(MOST, self.limit + 1 / self.limit)
        self._some_waited = self._some_waited or some_wait
        self._felt += 1
        if self._felt == REMEMBERED:
            self._begin_anew()

    def _begin_anew(self) -> None:
        if self._some_waited:
            self.limit = FEWEST
        self._best_s, self._felt, self._some_waited = float("inf"), 0, False

    def begin(self, since_last_s: float, *, some_wait: bool) -> None:
        """Take note that a search began, so long after the last; that is the pace of the queue while some wait."""
        newest = since_last_s if some_wait else 0.0
        self.interval_s += WEIGHT * (newest - self.interval_s)

    def wait_s(self, before: int) -> float:
        """How long somebody would wait who comes behind so many that search, or wait to."""
        return max(0, before + 1 - self.at_once) * self.interval_s
