"""What a dialect is given: the door, the way in, the way to read, and the time."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

from starlette.requests import Request

from sojourn.core.access import Caller
from sojourn.core.custodian import Custodian
from sojourn.core.errors import Invalid, SojournError
from sojourn.core.intent import Deliver, Intent, Key, Open, Record, Verdict
from sojourn.core.journal import Journal
from sojourn.core.model import Instant
from sojourn.core.recorder import Recorder
from sojourn.core.registry import Registry
from sojourn.web.access import AccessChanged, Gate
from sojourn.web.gather import Gather
from sojourn.web.headers import header
from sojourn.web.pause import Pause

P = ParamSpec("P")
T = TypeVar("T")

KEY_LENGTH = 255

DELIVERY_ROWS = 12
"""About how many rows a visit has besides those of its pages: itself, its report, and what it is found by."""

Parcel = tuple[int, Sequence[Intent]]
"""What is written for one caller, and the epoch of the store in which the caller was identified."""


class Backend:
    """The core, brought to the event loop: writes are gathered into shared transactions, reads run in threads.

    `observe` is told of each transaction: how many writes it held, and how many seconds it took.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        recorder: Recorder,
        journal: Journal,
        registry: Registry,
        custodian: Custodian,
        clock: Callable[[], Instant],
        writer: Executor,
        readers: Executor,
        capacity: int,
        seconds: float,
        public_url: str | None = None,
        observe: Callable[[int, float], None],
    ) -> None:
        self.gate = gate
        self.journal = journal
        self.registry = registry
        self.custodian = custodian
        self.clock = clock
        self.public_url = public_url
        self.pause = Pause(lambda: self.writes.full, lambda: self.writes.length)
        self.writes: Gather[Parcel, list[Verdict | Exception]] = Gather(
            self._write, writer, capacity=capacity, seconds=seconds, done=self.pause.written
        )
        self._recorder = recorder
        self._readers = readers
        self._observe = observe

    async def write(self, caller: Caller, intent: Intent, told: type[T]) -> T:
        """What the intent is told once it is on disk. Raises: what refused it; AccessChanged; Busy; Unavailable."""
        (verdict,) = await self.writes.put((caller.epoch, [intent]), weight(intent))
        if isinstance(verdict, Exception):
            raise verdict
        assert isinstance(verdict, told)
        return verdict

    async def write_all(self, caller: Caller, intents: Sequence[Intent]) -> list[Verdict | Exception]:
        """A verdict for each of many, in order, once all are on disk. It waits where `write` would be told Busy.

        Raises: AccessChanged; Unavailable: and then nothing is written.
        """
        total = sum(map(weight, intents))
        return await self.writes.put_patiently((caller.epoch, intents), total)

    def expect_room(self) -> None:
        """Raises: Busy, when what is to be written would be refused: for callers that are known, before their body."""
        self.writes.check()

    async def read(self, caller: Caller, ask: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """What the journal answers the caller, asked in a thread. Raises: AccessChanged; what refuses it."""

        def checked() -> T:
            self.gate.check(caller)
            return ask(*arguments, **named)

        return await self.run(checked)

    async def run(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """What some work returns that would make others wait, done in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, partial(work, *arguments, **named))

    def _write(self, parcels: list[Parcel]) -> list[list[Verdict | Exception] | Exception]:
        epoch = self.gate.epoch()
        told = iter(self._written([intent for known, intents in parcels if known == epoch for intent in intents]))
        return [
            [next(told) for _ in intents] if known == epoch else AccessChanged()  # whoever knew another must ask again
            for known, intents in parcels
        ]

    def _written(self, intents: list[Intent]) -> list[Verdict | Exception]:
        began = time.perf_counter()
        try:
            return list(self._recorder.write(intents))
        except SojournError:
            raise
        except Exception as error:
            if len(intents) == 1:
                return [error]
            # One of them is at fault, and it must not take the others with it.
            return [verdict for intent in intents for verdict in self._written([intent])]
        finally:
            self._observe(len(intents), time.perf_counter() - began)


def weight(intent: Intent) -> int:
    """How much of the queue an intent takes: about its rows."""
    if isinstance(intent, Deliver):
        return DELIVERY_ROWS + 3 * len(intent.visit.pages)
    return 1 + len(intent.activities) if isinstance(intent, Open | Record) else 1


def idempotency_key(request: Request, caller: Caller, body: bytes) -> Key | None:
    """The key of a request that must not be written twice. Raises: Invalid."""
    if b"idempotency-key" not in dict(request.scope["headers"]):
        return None
    text = header(request, "idempotency-key")
    check_key("Idempotency-Key", text)
    request_line = f"{request.method} {request.url.path}\n".encode()
    return Key(
        principal=caller.principal,
        text=text,
        fingerprint=hashlib.sha256(request_line + body).hexdigest(),
    )


def check_key(field: str, text: str) -> None:
    """Raises: Invalid, when a text cannot be an idempotency key."""
    if not 1 <= len(text) <= KEY_LENGTH or not all("!" <= character <= "~" for character in text):
        raise Invalid(field, f"must be 1 to {KEY_LENGTH} visible characters")
