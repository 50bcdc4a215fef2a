"""Who asks too much hears so in step with what is written."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sojourn.core.errors import Busy, Unavailable
from sojourn.web import pause
from sojourn.web.limits import TooMany
from sojourn.web.pause import WEIGHT, Pause


class Queue:
    """A queue that is as full as a test says."""

    def __init__(self, length: int = 10, full: bool = True) -> None:
        self.length = length
        self.full = full
        self.pause = Pause(lambda: self.full, lambda: self.length)

    async def resting(self, *errors: Exception) -> "list[asyncio.Task[None]]":
        """Some who were refused, come as far as they can."""
        tasks = [asyncio.create_task(self.pause.take(error)) for error in errors]
        await asyncio.sleep(0)
        return tasks

    async def written(self, weight: int) -> None:
        self.pause.written(weight)
        await asyncio.sleep(0)


def play(story: Callable[[Queue], Awaitable[None]]) -> None:
    async def run() -> None:
        await asyncio.wait_for(story(Queue()), 60)

    asyncio.run(run())


@pytest.fixture(autouse=True)
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody goes on by themselves."""
    monkeypatch.setattr(pause, "SECONDS", 1_000.0)


def test_they_go_on_in_their_order_as_work_is_done() -> None:
    async def story(queue: Queue) -> None:
        tasks = await queue.resting(*(Busy() for _ in range(4)), TooMany(1, "a minute"))
        await queue.written(1)
        assert [task.done() for task in tasks] == [True, False, False, False, False]
        await queue.written(2 * WEIGHT)
        assert [task.done() for task in tasks] == [True, True, True, False, False]
        await queue.written(100 * WEIGHT)
        assert all(task.done() for task in tasks)

    play(story)


def test_all_go_on_when_nothing_waits_any_more() -> None:
    async def story(queue: Queue) -> None:
        tasks = await queue.resting(*(Busy() for _ in range(50)))
        queue.length = 0
        await queue.written(1)
        assert all(task.done() for task in tasks)

    play(story)


def test_nobody_rests_while_there_is_room() -> None:
    async def story(queue: Queue) -> None:
        queue.full = False
        (task,) = await queue.resting(Busy())
        assert task.done()

    play(story)


def test_what_is_refused_for_another_reason_is_told_at_once() -> None:
    async def story(queue: Queue) -> None:
        tasks = await queue.resting(Unavailable(), ValueError())
        assert all(task.done() for task in tasks)

    play(story)


def test_nobody_rests_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause, "SECONDS", 0.01)

    async def story(queue: Queue) -> None:
        await queue.pause.take(Busy())

    play(story)


def test_no_more_than_so_many_rest_and_who_leaves_makes_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause, "MOST", 2)

    async def story(queue: Queue) -> None:
        first, second, third = await queue.resting(Busy(), Busy(), Busy())
        assert [first.done(), second.done(), third.done()] == [False, False, True]
        first.cancel()
        await asyncio.sleep(0)
        (fourth,) = await queue.resting(Busy())
        assert not fourth.done()
        await queue.written(10 * WEIGHT)
        assert second.done()
        assert fourth.done()

    play(story)
