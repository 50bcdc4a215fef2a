"""How often an organisation may ask, and how often an address may fail to say who it is; by calendar minutes.

Counted in memory, so by each process for itself; or in a Redis, by all that share it. While that cannot be reached each
process counts by itself again. See docs/decisions/0191-limits-are-counted-in-redis.md.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from sojourn.core.errors import SojournError
from sojourn.core.model import MINUTE, SECOND, Instant

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

FAILURES = 100
"""How many unauthorised answers an address gets within a minute (published)."""

REDIS_SECONDS = 0.5
"""How long an answer of Redis is waited for."""

REST_SECONDS = 5.0
"""How long Redis is left alone once it could not be reached: not every request must wait to learn that."""

T = TypeVar("T")
Counting = Callable[[FixedWindowRateLimiter], Awaitable[T]]


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
    """Counts requests and failures: in the Redis at that address, if there is one.

    `unshared` is told of each time that it could not be asked.
    """

    def __init__(
        self, clock: Callable[[], Instant], redis: str = "", unshared: Callable[[], None] = lambda: None
    ) -> None:
        self._clock = clock
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._redis = connections(redis) if redis else None
        self._shared = FixedWindowRateLimiter(_storage(self._redis)) if self._redis else None
        self._unshared = unshared
        self._rest_until: float | None = None
        self._log = structlog.get_logger()

    async def count(self, organisation: int, limit: int) -> tuple[bool, Standing]:
        """Count a request of an organisation: whether it may be served, and where the organisation stands then."""
        item = RateLimitItemPerMinute(limit)
        minute = self._minute()
        place = ("organisation", str(organisation), str(minute))

        async def counted(counter: FixedWindowRateLimiter) -> tuple[bool, int]:
            served = await counter.hit(item, *place)
            return served, (await counter.get_window_stats(item, *place)).remaining

        served, remaining = await self._ask(counted)
        return served, Standing(limit=limit, remaining=max(0, remaining), reset=(minute + 1) * 60)

    async def count_failure(self, address: str) -> None:
        """Count an unauthorised answer to an address."""
        await self._ask(lambda counter: counter.hit(_FAILURE, "failures", address, str(self._minute())))

    async def check_address(self, address: str) -> None:
        """Raises: TooMany, when an address has failed too often in this minute."""
        if not await self._ask(lambda counter: counter.test(_FAILURE, "failures", address, str(self._minute()))):
            raise TooMany(self.until_reset(), "Too many requests with wrong credentials came from this address")

    def until_reset(self) -> int:
        """Seconds to the next full minute, at least one."""
        return max(1, -(-(MINUTE - self._clock() % MINUTE) // SECOND))

    async def close(self) -> None:
        """Let go of Redis."""
        if self._redis is not None:
            await self._redis.disconnect()

    async def _ask(self, count: Counting[T]) -> T:
        """What is counted by all, or by this process alone where that cannot be."""
        if self._shared is None:
            return await count(self._own)
        if self._rest_until is None or time.monotonic() >= self._rest_until:
            try:
                counted = await count(self._shared)
            except StorageError as error:
                if self._rest_until is None:
                    self._log.warning(
                        "Redis cannot be reached: each process counts by itself",
                        reason=type(error.storage_error).__name__,
                    )
                self._rest_until = time.monotonic() + REST_SECONDS
            else:
                if self._rest_until is not None:
                    self._log.warning("Redis is back: all processes count together")
                    self._rest_until = None
                return counted
        self._unshared()
        return await count(self._own)

    def _minute(self) -> int:
        return self._clock() // MINUTE


def _storage(redis: "ConnectionPool") -> RedisStorage:
    known: dict[str, Any] = {"implementation": "redispy", "connection_pool": redis}
    return RedisStorage("redis://", wrap_exceptions=True, key_prefix="sojourn", **known)


def connections(address: str) -> "ConnectionPool":
    """Connections to the Redis at an address, made when they are needed."""
    from redis.asyncio import ConnectionPool  # noqa: PLC0415 - it takes memory that few need to spend
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    return ConnectionPool.from_url(
        address,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 1),  # at once: after a restart the first command finds a connection that is none
    )


def unreachable(address: str) -> str | None:
    """Why the Redis at an address does not answer; None where it does. No password is told."""
    from redis import Redis, RedisError  # noqa: PLC0415

    client = Redis.from_url(address, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
    try:
        client.ping()
    except RedisError as error:
        return " ".join(str(error).split())
    finally:
        client.close()
    return None


_FAILURE = RateLimitItemPerMinute(FAILURES)
