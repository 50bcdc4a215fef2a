"""Bulk delivery: one session a line, each with a verdict of its own, however many there are.

Lines are heard while earlier ones are written, some hundreds in one transaction, and told in their order. Where the
write queue is full it is waited for; the client feels it as a slow reader, not as an error.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sojourn.api.native_v1 import examples, search, wire
from sojourn.api.native_v1.delivery import Delivery
from sojourn.api.native_v1.errors import LineProblem, line_problem
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Invalid, SojournError, Unavailable
from sojourn.core.intent import Open, Opened, Verdict
from sojourn.web.access import AccessChanged
from sojourn.web.backend import Backend, idempotency_key
from sojourn.web.dialogue import Dialogue
from sojourn.web.lines import Line, Lines, expect_lines, pieces
from sojourn.web.operation import Operation

NDJSON = "application/x-ndjson"

BATCH_LINES = 250
BATCH_BYTES = 512 * 2**10
"""What goes into one transaction: as many lines, or as many bytes of them."""

AHEAD_BYTES = 4 * BATCH_BYTES
"""How much is heard ahead of what is written."""

ATTEMPTS = 3


class ImportQuery(search.Query):
    """`ids=keep` keeps the sessions' and the users' numbers, for moving between stores."""

    ids: Literal["new", "keep"] = "new"


class LineTold(wire.Told):
    """What became of a line: its session's number, or why there is none."""

    line: int
    status: int
    id: int | UnsetType = UNSET
    error: LineProblem | UnsetType = UNSET


class Imports:
    """Bulk delivery of sessions."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def deliver(self, request: Request) -> Response:
        """Hand in many sessions."""
        keep = search.parameters(request, ImportQuery).ids == "keep"
        expect_lines(request)
        delivery = _Delivery(self._backend, request, await _caller(self._backend, request, keep), keep)
        await self._backend.run(self._backend.gate.check, delivery.caller)
        return Dialogue(delivery.verdicts(), NDJSON)


async def _caller(backend: Backend, request: Request, keep: bool) -> Caller:
    caller = await backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.WRITE)
    if keep:
        caller.require(Resource.ADMINISTRATION, Level.WRITE)
    return caller


class _Hearing:
    """The lines of a request as they come; hears no further ahead than is good."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._lines = Lines()
        self._waiting: list[Line] = []
        self._bytes = 0
        self._over = False
        self._changed = asyncio.Condition()
        self.fault: tuple[int, SojournError] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be taken."""
        return not self._waiting

    async def run(self) -> None:
        """Hear all of it."""
        try:
            async for piece in pieces(self._request):
                await self._add(list(self._lines.feed(piece)))
            await self._add(list(self._lines.close()))
        except ClientDisconnect:
            pass  # what came whole counts
        except Invalid as error:
            self.fault = (self._lines.number + 1, error)
        async with self._changed:
            self._over = True
            self._changed.notify_all()

    async def take(self) -> list[Line]:
        """Some lines, as soon as there are any; none at the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting or self._over)
            size = count = 0
            for line in self._waiting:
                size += len(line.text or b"")
                if count and (count == BATCH_LINES or size > BATCH_BYTES):
                    break
                count += 1
            taken, self._waiting = self._waiting[:count], self._waiting[count:]
            self._bytes -= sum(len(line.text or b"") for line in taken)
            self._changed.notify_all()
            return taken

    async def _add(self, lines: list[Line]) -> None:
        async with self._changed:
            self._waiting += lines
            self._bytes += sum(len(line.text or b"") for line in lines)
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._bytes <= AHEAD_BYTES)


class _Delivery:
    """One call: its lines on their way into the store."""

    def __init__(self, backend: Backend, request: Request, caller: Caller, keep: bool) -> None:
        self.caller = caller
        self._backend = backend
        self._request = request
        self._keep = keep
        self._key = idempotency_key(request, caller, b"")
        self._hopeless: SojournError | None = None

    async def verdicts(self) -> AsyncIterator[bytes]:
        """What became of the lines, in their order."""
        hearing = _Hearing(self._request)
        listening = asyncio.create_task(hearing.run())
        writing: asyncio.Task[bytes] | None = None
        try:
            while lines := await hearing.take():
                heard = await self._backend.run(self._heard, lines)
                if writing:
                    yield await writing
                writing = asyncio.create_task(self._written(heard))
                if hearing.idle:
                    yield await writing
                    writing = None
            await listening
            if hearing.fault:
                yield _told([hearing.fault])
        finally:
            listening.cancel()

    def _heard(self, lines: Sequence[Line]) -> list[tuple[int, Open | SojournError]]:
        """The lines in core words, or why they are none. Runs in a thread."""
        delivery = Delivery(scope=self.caller.scope, principal=self.caller.principal, keep=self._keep, key=self._key)
        return [(line.number, delivery.intent(line)) for line in lines]

    async def _written(self, heard: Sequence[tuple[int, Open | SojournError]]) -> bytes:
        """What became of the lines."""
        intents = [intent for _, intent in heard if isinstance(intent, Open)]
        verdicts = iter(await self._write(intents) if intents else [])
        told = [(number, next(verdicts) if isinstance(item, Open) else item) for number, item in heard]
        return _told(told)

    async def _write(self, intents: list[Open]) -> Sequence[Verdict | Exception]:
        """Write them. Once the store cannot be reached, or the caller may no longer, the rest is refused unasked."""
        for _ in range(ATTEMPTS):
            if self._hopeless:
                break
            try:
                return await self._backend.write_all(self.caller, intents)
            except AccessChanged:
                await self._enter_again()
                intents = [replace(intent, scope=self.caller.scope) for intent in intents]
            except Unavailable as error:
                self._hopeless = error
        return [self._hopeless or AccessChanged()] * len(intents)

    async def _enter_again(self) -> None:
        self._backend.gate.forget()
        try:
            self.caller = await _caller(self._backend, self._request, self._keep)
        except SojournError as error:
            self._hopeless = error


def _told(verdicts: Sequence[tuple[int, Verdict | Exception]]) -> bytes:
    return _ENCODE.encode_lines([_line_told(number, verdict) for number, verdict in verdicts])


def _line_told(number: int, verdict: Verdict | Exception) -> LineTold:
    if isinstance(verdict, Opened):
        return LineTold(line=number, status=201, id=verdict.session.id)
    assert isinstance(verdict, Exception)
    status, problem = line_problem(verdict)
    return LineTold(line=number, status=status, error=problem)


_ENCODE = msgspec.json.Encoder()


def operations(backend: Backend) -> Sequence[Operation]:
    """Bulk delivery."""
    return [
        Operation(
            id="import-sessions",
            method="POST",
            path="/api/v1/import",
            summary="Hand in many sessions, one a line; each line gets its own verdict",
            handle=Imports(backend).deliver,
            tag="native_v1",
            query=ImportQuery,
            body=wire.ImportLine,
            body_type=NDJSON,
            example_body={"key": "desk-7/2026-11-20", **examples.OPEN},
            answer=LineTold,
            example=examples.LINE,
            media_type=NDJSON,
            faults=(415,),
            takes_key=True,
            description=(
                "The body is NDJSON (`application/x-ndjson`), of any length, and so is the answer: one line for each,"
                " in order, while the body still comes. `ids=keep` needs Write on Administration too."
            ),
        ),
    ]
