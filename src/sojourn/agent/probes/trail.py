"""A trail: what packets of one kind find out on their way to one target."""

from __future__ import annotations

import asyncio
from collections import Counter

from sojourn.agent.probes.step import Answer, Step
from sojourn.agent.probes.target import Target

_TRIES = 3  # packets per hop
_IN_FLIGHT = 5  # all at once would wait for one another, and tell too long times
_PAUSE = 0.005  # seconds between two packets: else five leave at once, and are read late
_GAP = 5  # silent hops in a row after which nothing more is expected


class Trail:
    """Walked once. It knows what it found at any time, so a walk may be cut short.

    `reached` tells whether the target answered, `failure` why a packet could not be sent.
    """

    def __init__(self, kind: str, target: Target, max_hops: int) -> None:
        self.kind = kind
        self.failure: str | None = None
        self.reached = False
        self._target = target
        self._answers: dict[int, list[Answer]] = {}
        self._last = max_hops
        self._number = 0
        self._gate = asyncio.Lock()

    def hops(self) -> dict[int, list[Answer]]:
        """The answers of each hop that gave any, nearest first."""
        found = {hop: _of_main_address(self._answers[hop]) for hop in sorted(self._answers) if hop <= self._last}
        return found if self.reached else _without_echo(found)

    async def walk(self, send: Step, wait: float) -> None:
        """Send the packets in order, a few in flight at a time, until the way's end is known.

        Each waits for its answer `wait` seconds.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(_IN_FLIGHT):
                group.create_task(self._send(send, wait))

    async def _send(self, send: Step, wait: float) -> None:
        while await self._turn():
            number = self._number
            self._number += 1
            try:
                async with asyncio.timeout(wait):
                    self._note(_hop_of(number), await send(self._target, _hop_of(number), number))
            except TimeoutError:
                continue
            except OSError as error:
                self.failure = error.strerror or str(error)
                return

    async def _turn(self) -> bool:
        """Wait for the next packet's turn; false if none is to be sent: the way's end is known.

        The end moves while answers come in, so a packet still in flight may lead to more.
        """
        async with self._gate:
            await asyncio.sleep(_PAUSE)
        end = min(self._last, max(self._answers, default=0) + _GAP)
        return self.failure is None and _hop_of(self._number) <= end

    def _note(self, hop: int, answer: Answer) -> None:
        self._answers.setdefault(hop, []).append(answer)
        if answer.final and hop <= self._last:
            self.reached = answer.reached if hop < self._last else self.reached or answer.reached
            self._last = hop


def _hop_of(number: int) -> int:
    return number // _TRIES + 1


def _of_main_address(answers: list[Answer]) -> list[Answer]:
    """Ways of equal cost can show several routers at one distance: the most frequent is told."""
    count = Counter(answer.address for answer in answers)
    main = max(count, key=lambda address: count[address])
    return [answer for answer in answers if answer.address == main]


def _without_echo(found: dict[int, list[Answer]]) -> dict[int, list[Answer]]:
    """A router that turns packets back answers twice: those that end at it, and those that go on."""
    *rest, last = list(found) or [0]
    if rest and found[last][0].final and found[rest[-1]][0].address == found[last][0].address:
        return {hop: found[hop] for hop in rest}
    return found
