"""Callers that wait at the same time share one piece of work.

While one batch is worked on in a thread, whatever arrives waits for the next: under load a batch grows by itself, and
a lone caller waits for nobody. With it requests share one transaction (group commit).

What waits is bounded by weight and by time; see docs/decisions/0192-what-waits-is-bounded-by-time.md.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Generic, TypeVar

from sojourn.core.errors import Busy
from sojourn.web.pace import Pace

Item = TypeVar("Item")
Result = TypeVar("Result")

PIECES = 5
"""Into how many pieces of work what may wait is cut where it is bounded by time: the last of them is waited for too."""

LEAST_SHARE = 4
"""A piece of work is not cut smaller than such a part of the largest: each costs the disk the same."""

MOST_ADVISED = 30
"""The longest time, in seconds, after which somebody is told to come again."""


@dataclass(slots=True)
class _Entry(Generic[Item, Result]):
    """What somebody waits for, `since` when; a patient one waits as long as it takes."""

    item: Item
    weight: int
    since: float
    patient: bool
    future: "asyncio.Future[Result]"


class Gather(Generic[Item, Result]):
    """Brings single callers' items to `work` in batches, and each its own result or error back.

    `work` runs in `executor` and returns a result or an exception for each item; what it raises, all of the batch get.
    At most `batch` of weight goes into one piece of work. The queue is full as soon as `capacity` of weight waits, or
    so much as will take `seconds`; `clock` tells seconds. `done` is told the weight of each piece of work that is.
    """

    def __init__(
        self,
        work: Callable[[list[Item]], Sequence[Result | BaseException]],
        executor: Executor,
        *,
        capacity: int = 10_000,
        seconds: float = math.inf,
        batch: int = 2_000,
        clock: Callable[[], float] = time.monotonic,
        done: Callable[[int], None] = lambda _weight: None,
    ) -> None:
        self._work = work
        self._executor = executor
        self._capacity = capacity
        self._seconds = seconds
        self._batch = batch
        self._clock = clock
        self._done = done
        self._pace = Pace()
        self._waiting: deque[_Entry[Item, Result]] = deque()
        self._weight = 0
        self._began = clock()
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

    @property
    def seconds(self) -> float:
        """How long what waits will take; nothing as long as there is no telling."""
        return self._pace.seconds(self._weight)

    @property
    def full(self) -> bool:
        """Whether whoever comes now is refused. Where nothing waits anything is taken."""
        return self._weight > 0 and self._weight >= self._room()

    def check(self) -> None:
        """Raises: Busy, where it is full; with when what waits now will be done."""
        if self.full:
            raise self._refusal()

    async def put(self, item: Item, weight: int = 1) -> Result:
        """The result of one item. Raises: Busy, when too much is waiting; what `work` answers for it.

        Busy is also raised after a while: for who has waited longer than `seconds`, and was passed over.
        """
        self.check()
        return await self._enter(item, weight, patient=False)

    async def put_patiently(self, item: Item, weight: int = 1) -> Result:
        """The same, never Busy: it waits until half of the queue is left to those who do not wait."""
        while self._weight and self._weight + weight > self._room() / 2:
            sign: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._patient.append(sign)
            await sign
        return await self._enter(item, weight, patient=True)

    async def _enter(self, item: Item, weight: int, *, patient: bool) -> Result:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(_Entry(item, weight, self._clock(), patient, future))
        self._weight += weight
        if not self._busy:
            self._busy = True
            self._idle.clear()
            loop.call_soon(self._start)
        return await future

    async def settle(self) -> None:
        """Wait until nothing waits and nothing is worked on."""
        await self._idle.wait()

    def _start(self) -> None:
        now = self._clock()
        taken = self._take(now)
        self._began = now
        self._tell_patient()
        if not taken:
            self._next()
            return
        full = bool(self._waiting)
        done = asyncio.get_running_loop().run_in_executor(self._executor, self._work, [entry.item for entry in taken])
        done.add_done_callback(lambda finished: self._tell(taken, finished, full=full))

    def _take(self, now: float) -> list[_Entry[Item, Result]]:
        """What goes into one piece of work."""
        taken: list[_Entry[Item, Result]] = []
        weight = 0
        bound = min(self._batch, max(self._batch // LEAST_SHARE, self._pace.within(self._seconds / PIECES)))
        while self._waiting and (not taken or weight + self._waiting[0].weight <= bound):
            entry = self._waiting.popleft()
            self._weight -= entry.weight
            if entry.future.cancelled():
                continue
            if self._is_overdue(entry, now):
                entry.future.set_exception(self._refusal())
            else:
                weight += entry.weight
                taken.append(entry)
        return taken

    def _is_overdue(self, entry: _Entry[Item, Result], now: float) -> bool:
        """Whether it has waited too long, and not only for the piece of work that was under way when it came."""
        return not entry.patient and entry.since < self._began and now - entry.since > self._seconds

    def _tell(
        self,
        taken: list[_Entry[Item, Result]],
        finished: "asyncio.Future[Sequence[Result | BaseException]]",
        *,
        full: bool,
    ) -> None:
        error = finished.exception()
        weight = sum(entry.weight for entry in taken)
        if error is None:
            # Until this loop hears of it, not until it was done: where the loop is behind, all takes longer.
            self._pace.learn(weight, self._clock() - self._began, full=full)
        results = [error] * len(taken) if error is not None else finished.result()
        for entry, result in zip(taken, results, strict=True):
            if entry.future.done():
                continue
            if isinstance(result, BaseException):
                entry.future.set_exception(result)
            else:
                entry.future.set_result(result)
        self._done(weight)
        self._next()

    def _room(self) -> float:
        """How much may wait."""
        return min(self._capacity, self._pace.within(self._seconds))

    def _refusal(self) -> Busy:
        return Busy(retry_after=min(MOST_ADVISED, max(1, math.ceil(self.seconds))))

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
