"""How often an organisation may ask, and how often an address may fail to say who it is; by calendar minutes.

Counted in memory, so by each process for itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from sojourn.core.errors import SojournError
from sojourn.core.model import MINUTE, SECOND, Instant

FAILURES = 100
"""How many unauthorised answers an address gets within a minute (published)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an organisation stands: `reset` is the next full minute, in epoch seconds."""

    limit: int
    remaining: int
    reset: int


class TooMany(SojournError):
    """The minute's requests are used up. `retry_after` is in seconds."""

    def __init__(self, retry_after: int, message: str) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Limits:
    """Counts requests and failures."""

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._counter = FixedWindowRateLimiter(MemoryStorage())

    async def count(self, organisation: int, limit: int) -> tuple[bool, Standing]:
        """Count a request of an organisation: whether it may be served, and where the organisation stands then."""
        item = RateLimitItemPerMinute(limit)
        minute = self._minute()
        served = await self._counter.hit(item, "organisation", str(organisation), str(minute))
        stats = await self._counter.get_window_stats(item, "organisation", str(organisation), str(minute))
        return served, Standing(limit=limit, remaining=max(0, stats.remaining), reset=(minute + 1) * 60)

    async def count_failure(self, address: str) -> None:
        """Count an unauthorised answer to an address."""
        await self._counter.hit(_FAILURE, "failures", address, str(self._minute()))

    async def check_address(self, address: str) -> None:
        """Raises: TooMany, when an address has failed too often in this minute."""
        if not await self._counter.test(_FAILURE, "failures", address, str(self._minute())):
            raise TooMany(self.until_reset(), "Too many requests with wrong credentials came from this address")

    def until_reset(self) -> int:
        """Seconds to the next full minute, at least one."""
        return max(1, -(-(MINUTE - self._clock() % MINUTE) // SECOND))

    def _minute(self) -> int:
        return self._clock() // MINUTE


_FAILURE = RateLimitItemPerMinute(FAILURES)
