"""Those who ask too much hear so in step with what is written, while there is more to write than can be.

Who ignores `Retry-After` asks again at once, and thousands of refusals a second take the processor that the writing
needs. Resting costs nothing, and who heeds the answer has nothing to do in that moment anyway.
"""

import asyncio
from collections.abc import Callable

from sojourn.core.errors import Busy
from sojourn.web.limits import TooMany

SECONDS = 5.0
"""How long somebody rests at most."""

MOST = 1_000
"""How many rest at the same time: each has a connection, and the beginning of a body, in memory."""

WEIGHT = 5
"""A refusal takes about as much of the processor as so many rows: so at most half of it goes to refusals."""


class Pause:
    """For those who are refused for asking too much, while the queue is `full`; `length` is what waits in it."""

    def __init__(self, full: Callable[[], bool], length: Callable[[], int]) -> None:
        self._full = full
        self._length = length
        self._resting: dict[asyncio.Future[None], None] = {}

    async def take(self, error: Exception) -> None:
        """Rest before an error is told to a caller who is known, if it is one of those."""
        if not isinstance(error, Busy | TooMany) or len(self._resting) >= MOST or not self._full():
            return
        loop = asyncio.get_running_loop()
        sign: asyncio.Future[None] = loop.create_future()
        self._resting[sign] = None
        latest = loop.call_later(SECONDS, _give, sign)
        try:
            await sign
        finally:
            latest.cancel()
            self._resting.pop(sign, None)

    def written(self, weight: int) -> None:
        """So much was written: some who rest may go on; all of them, when nothing waits any more."""
        share = -(-weight // WEIGHT) if self._length() else len(self._resting)
        for sign in list(self._resting)[:share]:
            del self._resting[sign]
            _give(sign)


def _give(sign: "asyncio.Future[None]") -> None:
    if not sign.done():
        sign.set_result(None)
