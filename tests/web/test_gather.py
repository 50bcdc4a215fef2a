"""Callers that wait at the same time share one piece of work, and each gets what is their own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from sojourn.core.errors import Busy
from sojourn.web.gather import Gather


class Bench:
    """Work that doubles numbers, when it is let: `batches` are the pieces that it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self._let = threading.Event()
        self._let.set()

    def double(self, items: list[int]) -> list[int | BaseException]:
        self.batches.append(items)
        self.begun.release()
        self._let.wait(60)
        if 666 in items:
            raise RuntimeError("all of it")
        return [ValueError(item) if item < 0 else 2 * item for item in items]

    @contextmanager
    def held(self) -> Iterator[None]:
        """While this lasts, work is begun and not done."""
        self._let.clear()
        try:
            yield
        finally:
            self._let.set()

    async def under_way(self) -> None:
        """Wait until one more piece of work has begun."""
        await asyncio.to_thread(self.begun.acquire)


def play(story: Callable[[Bench, Gather[int, int]], Awaitable[None]], capacity: int = 100, batch: int = 10) -> Bench:
    """Run a story; nothing may wait at its end."""
    bench = Bench()

    async def run(executor: ThreadPoolExecutor) -> None:
        gather: Gather[int, int] = Gather(bench.double, executor, capacity=capacity, batch=batch)
        await story(bench, gather)
        await asyncio.wait_for(gather.settle(), 60)
        assert gather.length == 0

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(run(executor))
    return bench


async def started(*waiting: Coroutine[None, None, int]) -> "list[asyncio.Task[int]]":
    """Tasks that have come as far as they can."""
    tasks = [asyncio.create_task(one) for one in waiting]
    await asyncio.sleep(0)
    return tasks


def test_a_lone_caller_waits_for_nobody() -> None:
    async def story(_bench: Bench, gather: Gather[int, int]) -> None:
        assert await gather.put(21) == 42

    assert play(story).batches == [[21]]


def test_callers_at_the_same_time_share_one_piece_of_work() -> None:
    async def story(_bench: Bench, gather: Gather[int, int]) -> None:
        assert await asyncio.gather(*(gather.put(n) for n in range(5))) == [0, 2, 4, 6, 8]

    assert play(story).batches == [[0, 1, 2, 3, 4]]


def test_who_comes_while_work_is_done_shares_the_next() -> None:
    async def story(bench: Bench, gather: Gather[int, int]) -> None:
        with bench.held():
            first = await started(gather.put(1))
            await bench.under_way()
            others = await started(*(gather.put(n) for n in (2, 3, 4)))
        assert await asyncio.gather(*first, *others) == [2, 4, 6, 8]

    assert play(story).batches == [[1], [2, 3, 4]]


def test_a_piece_of_work_is_bounded_by_weight_and_keeps_the_order() -> None:
    async def story(_bench: Bench, gather: Gather[int, int]) -> None:
        weights = [4, 4, 4, 1, 20, 1]
        await asyncio.gather(*(gather.put(n, weight) for n, weight in enumerate(weights)))

    assert play(story).batches == [[0, 1], [2, 3], [4], [5]]


def test_more_than_the_capacity_is_refused_and_what_waits_is_not() -> None:
    async def story(bench: Bench, gather: Gather[int, int]) -> None:
        with bench.held():
            first = await started(gather.put(1))
            await bench.under_way()
            waiting = await started(gather.put(2, 60), gather.put(3, 40))
            assert gather.length == 100
            with pytest.raises(Busy) as refused:
                await gather.put(4)
            assert refused.value.retry_after == 1
        assert await asyncio.gather(*first, *waiting) == [2, 4, 6]
        assert await gather.put(4) == 8

    play(story)


def test_something_heavier_than_the_capacity_is_taken_when_nothing_waits() -> None:
    async def story(_bench: Bench, gather: Gather[int, int]) -> None:
        assert await gather.put(1, 1000) == 2

    play(story)


def test_one_bad_item_is_one_callers_matter() -> None:
    async def story(_bench: Bench, gather: Gather[int, int]) -> None:
        told = await asyncio.gather(*(gather.put(n) for n in (1, -2, 3)), return_exceptions=True)
        assert (told[0], told[2]) == (2, 6)
        assert isinstance(told[1], ValueError)

    assert len(play(story).batches) == 1


def test_what_the_work_raises_everybody_gets_and_the_next_goes_on() -> None:
    async def story(_bench: Bench, gather: Gather[int, int]) -> None:
        told = await asyncio.gather(*(gather.put(n) for n in (1, 666)), return_exceptions=True)
        assert [str(error) for error in told] == ["all of it", "all of it"]
        assert await gather.put(1) == 2

    play(story)


def test_a_caller_who_leaves_while_waiting_is_not_worked_for() -> None:
    async def story(bench: Bench, gather: Gather[int, int]) -> None:
        with bench.held():
            first = await started(gather.put(1))
            await bench.under_way()
            gone, stays = await started(gather.put(2, 60), gather.put(3))
            gone.cancel()
            await asyncio.sleep(0)
        assert await asyncio.gather(*first, stays) == [2, 6]

    assert play(story).batches == [[1], [3]]


def test_a_caller_who_leaves_during_the_work_harms_nobody() -> None:
    async def story(bench: Bench, gather: Gather[int, int]) -> None:
        with bench.held():
            gone, stays = await started(gather.put(1), gather.put(2))
            await bench.under_way()
            gone.cancel()
            await asyncio.sleep(0)
        assert await stays == 4

    assert play(story).batches == [[1, 2]]


def test_when_all_who_wait_leave_the_next_is_served() -> None:
    async def story(bench: Bench, gather: Gather[int, int]) -> None:
        with bench.held():
            first = await started(gather.put(1))
            await bench.under_way()
            gone = await started(gather.put(2), gather.put(3))
            for task in gone:
                task.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(*first)
        await gather.settle()
        assert await gather.put(4) == 8

    assert play(story).batches == [[1], [4]]


def test_it_settles_when_nothing_waits_and_nothing_is_done() -> None:
    async def story(bench: Bench, gather: Gather[int, int]) -> None:
        await gather.settle()
        with bench.held():
            waiting = await started(gather.put(1))
            await bench.under_way()
            more = await started(gather.put(2))
            settled = asyncio.ensure_future(gather.settle())
            await asyncio.sleep(0)
            assert not settled.done()
        await settled
        assert [task.done() for task in (*waiting, *more)] == [True, True]

    play(story)


def test_who_is_patient_waits_for_half_of_the_capacity() -> None:
    async def story(bench: Bench, gather: Gather[int, int]) -> None:
        await gather.room(1000)  # nothing waits, so anything may come
        with bench.held():
            first = await started(gather.put(1))
            await bench.under_way()
            waiting = await started(gather.put(2, 40))
            await gather.room(10)
            patient = asyncio.ensure_future(gather.room(11))
            gone = asyncio.ensure_future(gather.room(11))
            await asyncio.sleep(0)
            assert not patient.done()
            gone.cancel()
        await asyncio.gather(*first, *waiting)
        await asyncio.wait_for(patient, 60)

    play(story)
