"""How often somebody may fail to sign in."""

import asyncio

import pytest

from sojourn.console.throttle import ACCOUNT, PAIR, Throttle
from sojourn.web.limits import TooMany
from tests.stage import Clock


def misses(throttle: Throttle, account: str, count: int) -> None:
    """So many failures, each from an address of its own."""

    async def miss() -> None:
        for number in range(count):
            await throttle.failed(f"192.0.2.{number}", account)

    asyncio.run(miss())


def test_an_account_that_is_missed_from_everywhere_must_wait() -> None:
    throttle = Throttle(Clock())
    misses(throttle, "Nina@example.org", ACCOUNT)
    with pytest.raises(TooMany, match="Try again in"):
        asyncio.run(throttle.check("198.51.100.7", "nina@example.org"))
    asyncio.run(throttle.check("198.51.100.7", "olga@example.org"))


def test_wrong_tokens_from_everywhere_keep_nobody_else_out() -> None:
    throttle = Throttle(Clock())
    misses(throttle, "", ACCOUNT)
    asyncio.run(throttle.check("198.51.100.7", ""))


def test_wrong_tokens_from_one_address_make_it_wait() -> None:
    throttle = Throttle(Clock())

    async def miss() -> None:
        for _ in range(PAIR):
            await throttle.failed("192.0.2.1", "")

    asyncio.run(miss())
    with pytest.raises(TooMany):
        asyncio.run(throttle.check("192.0.2.1", ""))
