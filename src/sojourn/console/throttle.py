"""How often somebody may fail to sign in: by address, and by the account that they try.

Counted by quarters of an hour, in memory, so by each process for itself. What is counted most strictly is one account
from one address, so that somebody elsewhere cannot lock its owner out; all addresses together may fail more often.
"""

from collections.abc import Callable

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from sojourn.core.model import MINUTE, SECOND, Instant
from sojourn.web.limits import TooMany

WINDOW = 15 * MINUTE
PAIR, ADDRESS, ACCOUNT = 8, 40, 200
"""How often one account may be missed from one address, any account from one address, one account from anywhere."""


class Throttle:
    """Counts those who fail."""

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._counter = FixedWindowRateLimiter(MemoryStorage())

    async def check(self, address: str, account: str) -> None:
        """Raises: TooMany, when an account or an address has failed too often in this quarter of an hour."""
        for item, keys in self._counted(address, account):
            if not await self._counter.test(item, *keys):
                wait = max(1, -(-(WINDOW - self._clock() % WINDOW) // SECOND))
                minutes = -(-wait // 60)
                words = "a minute" if minutes == 1 else f"{minutes} minutes"
                raise TooMany(wait, f"Too many attempts to sign in have failed. Try again in {words}")

    async def failed(self, address: str, account: str) -> None:
        """Count a failure."""
        for item, keys in self._counted(address, account):
            await self._counter.hit(item, *keys)

    def _counted(self, address: str, account: str) -> list[tuple[RateLimitItemPerMinute, tuple[str, ...]]]:
        window = str(self._clock() // WINDOW)
        known = account.strip().casefold()[:255]
        counted: list[tuple[RateLimitItemPerMinute, tuple[str, ...]]] = [
            (RateLimitItemPerMinute(PAIR, 15), ("pair", address, known, window)),
            (RateLimitItemPerMinute(ADDRESS, 15), ("address", address, window)),
        ]
        if known:  # a token or a link names none: it would be everybody's, and who misses it would keep all others out
            counted.append((RateLimitItemPerMinute(ACCOUNT, 15), ("account", known, window)))
        return counted
