"""Callers that wait at the same time share one piece of work, and each gets what is their own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        assert await gather.put_patiently(1, 1000) == 2  # nothing waits, so anything may come
        await bench.under_way()
        with bench.held():
            first = await started(gather.put(1))
            await bench.under_way()
            waiting = await started(gather.put(2, 40), gather.put_patiently(3, 10))
            assert gather.length == 50
            patient, gone = await started(gather.put_patiently(4, 1), gather.put_patiently(5, 1))
            assert gather.length == 50
            gone.cancel()
        assert await asyncio.gather(*first, *waiting, patient) == [2, 4, 6, 8]

    assert [5] not in play(story).batches


class Watch:
    """A clock that a test moves, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Slow(Bench):
    """Work that takes so many seconds for each of a weight, in turns, by the test's clock; items are weights."""

    def __init__(self, watch: Watch, seconds: Sequence[float]) -> None:
        super().__init__()
        self._watch = watch
        self.seconds = cycle(seconds)
        self.took: list[float] = []

    def double(self, items: list[int]) -> list[int | BaseException]:
        told = super().double(items)
        self.took.append(next(self.seconds) * sum(items))
        self._watch.now += self.took[-1]
        return told


@dataclass(slots=True)
class Timed:
    """A queue of 1,000, in which no more than ten seconds' work may wait; a hundred go into one piece."""

    watch: Watch
    bench: Slow
    gather: Gather[int, int]
    done: list[int]

    async def all(self, *weights: int) -> list[int | BaseException]:
        return await asyncio.gather(*(self.gather.put(n, n) for n in weights), return_exceptions=True)

    async def learn(self) -> None:
        """Let there be more than one piece of work can take, so that the pace is known."""
        assert await self.all(100, 1) == [200, 2]
        await self.bench.under_way()
        await self.bench.under_way()


class Inline(Executor):
    """Does its work in the loop itself, after what is to be done by then: a story goes the same way each time."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        asyncio.get_running_loop().call_soon(lambda: future.set_result(work(*arguments, **named)))
        return future


def timed(story: Callable[[Timed], Awaitable[None]], *seconds: float, executor: Executor | None = None) -> Timed:
    """Run a story whose work takes so many seconds for each of a weight: a tenth, or as many as are told, in turns."""
    watch = Watch()
    done: list[int] = []
    bench = Slow(watch, seconds or [0.1])

    async def run(executor: Executor) -> Timed:
        gather: Gather[int, int] = Gather(
            bench.double, executor, capacity=1_000, seconds=10, batch=100, clock=watch, done=done.append
        )
        case = Timed(watch, bench, gather, done)
        await story(case)
        await asyncio.wait_for(gather.settle(), 60)
        assert gather.length == 0
        return case

    with executor or ThreadPoolExecutor(1) as chosen:
        return asyncio.run(run(chosen))


def test_no_more_waits_than_can_be_done_in_time() -> None:
    async def story(case: Timed) -> None:
        await case.learn()  # ten a second
        with case.bench.held():
            first = await started(case.gather.put(1, 1))
            await case.bench.under_way()
            waiting = await started(case.gather.put(60, 60), case.gather.put(39, 39))
            assert not case.gather.full
            waiting += await started(case.gather.put(2, 2))
            assert (case.gather.length, case.gather.full) == (101, True)
            with pytest.raises(Busy):
                await case.gather.put(1)
        await asyncio.gather(*first, *waiting, return_exceptions=True)

    timed(story)


def test_before_anything_is_known_of_the_pace_the_weight_alone_bounds_what_waits() -> None:
    async def story(case: Timed) -> None:
        with case.bench.held():
            first = await started(case.gather.put(1, 1))
            await case.bench.under_way()
            waiting = await started(case.gather.put(999, 999), case.gather.put(100, 100))
            assert case.gather.full
            with pytest.raises(Busy) as refused:
                case.gather.check()
            assert refused.value.retry_after == 1
        await asyncio.gather(*first, *waiting, return_exceptions=True)

    timed(story)


def test_who_is_refused_is_told_when_what_waits_will_be_done() -> None:
    async def story(case: Timed) -> None:
        await case.learn()
        with case.bench.held():
            first = await started(case.gather.put(1, 1))
            await case.bench.under_way()
            waiting = await started(case.gather.put(95, 95), case.gather.put(50, 50))
            with pytest.raises(Busy) as refused:
                case.gather.check()
            assert refused.value.retry_after == 15  # 145 at ten a second
        await asyncio.gather(*first, *waiting, return_exceptions=True)

    timed(story)


def test_nobody_is_told_to_come_back_in_an_hour() -> None:
    async def story(case: Timed) -> None:
        await case.learn()
        with case.bench.held():
            first = await started(case.gather.put(1, 1))
            await case.bench.under_way()
            waiting = await started(case.gather.put(90_000, 90_000))
            with pytest.raises(Busy) as refused:
                case.gather.check()
            assert refused.value.retry_after == 30
        await asyncio.gather(*first, *waiting)

    timed(story)


def test_where_nothing_waits_anything_is_taken_however_long_it_takes() -> None:
    async def story(case: Timed) -> None:
        await case.learn()
        assert await case.all(50_000) == [100_000]

    timed(story)


def test_who_has_waited_too_long_is_refused_and_not_worked_for() -> None:
    async def story(case: Timed) -> None:
        told = await case.all(100, 100, 100)  # nothing is known of the pace: each piece takes ten seconds
        assert told[:2] == [200, 200]
        assert isinstance(told[2], Busy)

    case = timed(story, 0.1001)
    assert case.bench.batches == [[100], [100]]


def test_who_waited_for_one_piece_of_work_alone_is_taken_however_long_that_took() -> None:
    async def story(case: Timed) -> None:
        with case.bench.held():
            first = await started(case.gather.put(100, 100))
            await case.bench.under_way()
            waiting = await started(*(case.gather.put(n, n) for n in (1, 2, 3)))
        assert await asyncio.gather(*first, *waiting) == [200, 2, 4, 6]

    assert timed(story, 60).bench.batches == [[100], [1, 2, 3]]


def test_who_is_patient_is_never_refused() -> None:
    async def story(case: Timed) -> None:
        tasks = await started(*(case.gather.put_patiently(100, 100) for _ in range(20)))
        assert await asyncio.gather(*tasks) == [200] * 20

    assert len(timed(story, 60).bench.batches) == 20


def test_where_work_is_slow_a_piece_of_it_is_small() -> None:
    async def story(case: Timed) -> None:
        await case.learn()  # ten a second: of ten seconds a fifth is twenty, but a piece is a quarter of the largest
        await case.all(*[5] * 12)
        case.bench.seconds = cycle([0.05])
        await case.all(*[5] * 12)

    assert [sum(items) for items in timed(story).bench.batches] == [100, 1, 25, 25, 10, 25, 30, 5]


def test_it_tells_what_is_done() -> None:
    async def story(case: Timed) -> None:
        await case.all(60, 50, 40)

    assert timed(story, 0.001).done == [60, 90]


@given(
    callers=st.lists(st.lists(st.integers(1, 300), max_size=8), min_size=1, max_size=20),
    seconds=st.lists(st.floats(0.001, 5), min_size=1, max_size=5),
)
def test_whatever_comes_is_done_within_the_bound_or_refused(callers: list[list[int]], seconds: list[float]) -> None:
    waited: list[float] = []
    refused: list[int] = []

    async def story(case: Timed) -> None:
        async def call(weights: Sequence[int]) -> None:
            for weight in weights:
                since = case.watch.now
                try:
                    await case.gather.put(weight, weight)
                except Busy:
                    refused.append(weight)
                    await asyncio.sleep(0)
                else:
                    waited.append(case.watch.now - since)

        await asyncio.gather(*map(call, callers))

    case = timed(story, *seconds, executor=Inline())
    assert len(waited) == sum(map(len, case.bench.batches))
    assert len(waited) + len(refused) == sum(map(len, callers))
    longest = max(case.bench.took, default=0)
    # Ten seconds, or as long as a piece of work that was under way when it came; and then its own.
    assert max(waited, default=0) <= max(10, longest) + longest + 1e-6
