"""Callers that wait at the same time share one piece of work.

While one batch is worked on in a thread, whatever arrives waits for the next: under load a batch grows by itself, and
a lone caller waits for nobody. With it requests share one transaction (group commit).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

from sojourn.core.errors import Busy

Item = TypeVar("Item")
Result = TypeVar("Result")


class Gather(Generic[Item, Result]):
    """Brings single callers' items to `work` in batches, and each its own result or error back.

    `work` runs in `executor` and returns a result or an exception for each item; what it raises, all of the batch get.
    At most `capacity` of weight waits, and at most `batch` of weight goes into one piece of work.
    """

    def __init__(
        self,
        work: Callable[[list[Item]], Sequence[Result | BaseException]],
        executor: Executor,
        *,
        capacity: int = 10_000,
        batch: int = 2_000,
    ) -> None:
        self._work = work
        self._executor = executor
        self._capacity = capacity
        self._batch = batch
        self._waiting: deque[tuple[Item, int, asyncio.Future[Result]]] = deque()
        self._weight = 0
        self._busy = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._patient: list[asyncio.Future[None]] = []

    @property
    def capacity(self) -> int:
        """How much may wait."""
        return self._capacity

    @property
    def length(self) -> int:
        """What waits, by weight."""
        return self._weight

    async def put(self, item: Item, weight: int = 1) -> Result:
        """The result of one item. Raises: Busy, when too much is waiting; what `work` answers for it."""
        if self._weight and self._weight + weight > self._capacity:
            raise Busy
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, weight, future))
        self._weight += weight
        if not self._busy:
            self._busy = True
            self._idle.clear()
            loop.call_soon(self._start)
        return await future

    async def room(self, weight: int) -> None:
        """Wait until so much can be put in and half of the capacity is left to those who do not wait."""
        while self._weight and self._weight + weight > self._capacity // 2:
            sign: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._patient.append(sign)
            await sign

    async def settle(self) -> None:
        """Wait until nothing waits and nothing is worked on."""
        await self._idle.wait()

    def _start(self) -> None:
        taken: list[tuple[Item, int, asyncio.Future[Result]]] = []
        weight = 0
        while self._waiting and (not taken or weight + self._waiting[0][1] <= self._batch):
            entry = self._waiting.popleft()
            weight += entry[1]
            if not entry[2].cancelled():
                taken.append(entry)
        self._weight -= weight
        self._tell_patient()
        if not taken:
            self._next()
            return
        done = asyncio.get_running_loop().run_in_executor(self._executor, self._work, [item for item, _, _ in taken])
        done.add_done_callback(lambda finished: self._tell(taken, finished))

    def _tell(
        self,
        taken: list[tuple[Item, int, asyncio.Future[Result]]],
        finished: "asyncio.Future[Sequence[Result | BaseException]]",
    ) -> None:
        error = finished.exception()
        results = [error] * len(taken) if error is not None else finished.result()
        for (_, _, future), result in zip(taken, results, strict=True):
            if future.done():
                continue
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
        self._next()

    def _tell_patient(self) -> None:
        signs, self._patient = self._patient, []
        for sign in signs:
            if not sign.done():
                sign.set_result(None)

    def _next(self) -> None:
        if self._waiting:
            self._start()
        else:
            self._busy = False
            self._idle.set()
