"""How long to wait before the next try, so that many agents do not come back all at once."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Backoff:
    """Waits that double from `first` to `longest` seconds, each cut by chance to half or more.

    `chance` returns a number in [0, 1).
    """

    first: float = 2.0
    longest: float = 900.0
    chance: Callable[[], float] = random.random
    failures: int = 0

    def failed(self, at_least: float = 0.0) -> float:
        """Note a failure; tell the seconds to wait: no less than the other side asked for."""
        ceiling = min(self.longest, self.first * 2.0 ** min(self.failures, 30))
        self.failures += 1
        chance = self.chance()
        return max(ceiling * (1 + chance) / 2, at_least * (1 + chance / 2))

    def succeeded(self) -> None:
        """Begin anew."""
        self.failures = 0
