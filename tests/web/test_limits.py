"""How often one may ask, counted by one process or by all that share a Redis."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from sojourn.core.model import MINUTE
from sojourn.web import limits
from sojourn.web.limits import FAILURES, Limits, TooMany
from tests.redis import PASSWORD, RedisServer, needs_redis, redis_server
from tests.stage import ACME, BETA, Clock, staged

T = TypeVar("T")
SESSIONS = "/v6/endpoint-data/user-sessions"


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="redis-") as directory, redis_server(Path(directory)) as server:
        yield server


def run(address: str, play: Callable[[list[Limits]], Awaitable[T]], unshared: Callable[[], None] = lambda: None) -> T:
    """A play with the limits of two processes."""

    async def played() -> T:
        both = [Limits(Clock(), address, unshared) for _ in range(2)]
        try:
            return await play(both)
        finally:
            for one in both:
                await one.close()

    return asyncio.run(played())


async def asked(both: list[Limits], times: int) -> list[tuple[bool, int]]:
    """Ask the two in turn: whether each was served, and how many remained."""
    told = [await both[turn % 2].count(ACME, 3) for turn in range(times)]
    return [(served, standing.remaining) for served, standing in told]


def test_without_redis_each_process_counts_by_itself() -> None:
    told = run("", lambda both: asked(both, 8))
    assert told == [(True, 2), (True, 2), (True, 1), (True, 1), (True, 0), (True, 0), (False, 0), (False, 0)]


@needs_redis
class TestShared:
    """With a Redis."""

    def test_all_count_together(self, redis: RedisServer) -> None:
        told = run(redis.url, lambda both: asked(both, 5))
        assert told == [(True, 2), (True, 1), (True, 0), (False, 0), (False, 0)]

    def test_organisations_and_minutes_are_apart(self, redis: RedisServer) -> None:
        async def play(both: list[Limits]) -> list[bool]:
            first = both[0]
            served = [(await first.count(organisation, 1))[0] for organisation in (ACME, ACME, BETA)]
            later = Limits(Clock(Clock().now + MINUTE), redis.url)
            served.append((await later.count(ACME, 1))[0])
            await later.close()
            return served

        assert run(redis.url, play) == [True, False, True, True]

    def test_failures_are_counted_together(self, redis: RedisServer) -> None:
        async def play(both: list[Limits]) -> None:
            for turn in range(FAILURES):
                await both[turn % 2].check_address("192.0.2.1")
                await both[turn % 2].count_failure("192.0.2.1")
            await both[0].check_address("192.0.2.2")
            for one in both:
                with pytest.raises(TooMany):
                    await one.check_address("192.0.2.1")

        run(redis.url, play)

    def test_its_keys_have_a_name_of_ours_and_pass(self, redis: RedisServer) -> None:
        run(redis.url, lambda both: asked(both, 1))
        ((key, seconds),) = redis.known().items()
        assert key.startswith("sojourn:LIMITER/organisation/1/")
        assert 0 < seconds <= 60

    def test_while_it_is_away_each_counts_by_itself_and_it_is_told_once(
        self, redis: RedisServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(limits, "REST_SECONDS", 0.0)
        unshared: list[None] = []

        async def play(both: list[Limits]) -> list[list[tuple[bool, int]]]:
            before = await asked(both, 2)
            await asyncio.to_thread(redis.stop)
            without = await asked(both, 8)
            await asyncio.to_thread(redis.start)
            return [before, without, await asked(both, 4)]

        before, without, after = run(redis.url, play, lambda: unshared.append(None))
        assert before == [(True, 2), (True, 1)]
        assert [served for served, _ in without] == [True] * 6 + [False] * 2
        assert len(unshared) == 8
        assert after == [(True, 2), (True, 1), (True, 0), (False, 0)]
        logged = capfd.readouterr().out
        assert logged.count("Redis cannot be reached") == logged.count("Redis is back") == 2
        assert PASSWORD not in logged

    def test_it_is_left_alone_for_a_while_once_it_could_not_be_reached(
        self, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asks = 0
        shared = FixedWindowRateLimiter.hit

        async def counted(self: FixedWindowRateLimiter, *arguments: Any) -> bool:
            nonlocal asks
            asks += isinstance(self.storage, RedisStorage)
            return await shared(self, *arguments)

        monkeypatch.setattr(FixedWindowRateLimiter, "hit", counted)
        redis.stop()
        run(redis.url, lambda both: asked(both[:1] * 2, 5))
        assert asks == 1

    def test_two_servers_with_one_redis_tell_one_count(self, redis: RedisServer, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'one.db'}"
        with staged(url, redis=redis.url) as first, staged(url, first.clock, redis=redis.url) as second:
            first.core.registry.change_organisation(ACME, rate_limit=3)
            second.take(first.people)
            answers = [stage.reader.get(SESSIONS) for stage in (first, second) * 2]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        remaining = [answer.headers["X-Organization-Rate-Limit-Remaining"] for answer in answers]
        assert remaining == ["2", "1", "0", "0"]

    def test_a_server_whose_redis_is_away_serves_and_counts_that(self, redis: RedisServer, sqlite_url: str) -> None:
        redis.stop()
        with staged(sqlite_url, redis=redis.url) as stage:
            assert stage.reader.get(SESSIONS).status_code == 200
            told = stage.nobody.get("/metrics").text
        assert "sojourn_limits_unshared_total 0.0" not in told
        assert "sojourn_limits_unshared_total" in told
