"""When each site is visited next: evenly, not all at once, and without a rush after a pause."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sojourn.agent.clock import elapsed

SPREAD = 0.1
"""The share of an interval by which chance moves a visit, so that many agents do not march in step."""

SOON = 10.0
"""Seconds within which the first visit of a site is made, so that whoever starts the agent sees it work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The pages of one site, and every how many seconds they are visited."""

    urls: tuple[str, ...]
    interval: float


@dataclass(slots=True)
class Schedule:
    """Tells which round is due. `passed` tells seconds, and is not set as clocks are."""

    rounds: Sequence[Round]
    passed: Callable[[], float] = elapsed
    chance: Callable[[], float] = random.random
    _due: list[float] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        start = self.passed()
        self._due = [start + self.chance() * min(each.interval, SOON) for each in self.rounds]

    def wait(self) -> float | None:
        """Tell in how many seconds a round is due; None if there is none at all."""
        return max(0.0, min(self._due) - self.passed()) if self._due else None

    def take(self) -> Round | None:
        """Take the round that is most overdue, and set its next time; None if none is due."""
        now = self.passed()
        at = min(self._due, default=now + 1)
        if at > now:
            return None
        number = self._due.index(at)
        each = self.rounds[number]
        step = each.interval * (1 + SPREAD * (self.chance() - 0.5))
        # What was missed (asleep, or by visits that took long) is not made up for.
        self._due[number] = at + step if at + step > now else now + step
        return each
