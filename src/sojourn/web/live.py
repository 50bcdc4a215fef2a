"""Live: what is going on is told while it does, to all who watch, at the cost of one look a second for each process.

The looks of an organisation begin with the first who watches it and end with the last. Who is too slow to hear it all
is let go, and comes back.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing

import structlog
from starlette.requests import Request
from starlette.responses import StreamingResponse

from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Busy, SojournError
from sojourn.core.live import Change, Watch, What
from sojourn.web.backend import Backend
from sojourn.web.headers import header

SECONDS = 1.0
"""How long between two looks."""

SILENCE = 15.0
"""After so many seconds without a change a comment is sent: it shows both sides that the other is there."""

MOST_WATCHERS = 200
"""So many may watch in one process; the next is told to come back."""

KEPT = 500
"""How many changes are kept for those who come back after their connection broke."""

_SLOW = 50
_NO_EPOCH = -1

Told = tuple[int, Change]
"""A change, and its number in this feed."""

_Ear = asyncio.Queue[tuple[int, Sequence[Told]] | None]


class Live:
    """All feeds of a process."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._feeds: dict[int, _Feed] = {}

    async def changes(self, caller: Caller, last: str = "") -> AsyncGenerator[list[tuple[str, Change]]]:
        """What the caller may know of, each change with the id that `last` takes; now and then nothing.

        It ends when access has changed, when the caller is too slow, or when the database cannot be reached: who comes
        back with the id of the last change misses nothing that is still known. Raises: Busy.
        """
        if sum(feed.watchers for feed in self._feeds.values()) >= MOST_WATCHERS:
            raise Busy(retry_after=30)
        organisation = caller.scope.organisation
        feed = self._feeds.setdefault(organisation, _Feed(self._backend, organisation))
        ear = feed.open()
        try:
            missed = [(feed.id(number), change) for number, change in feed.since(last) if may_know(caller, change)]
            yield missed
            while (heard := await _next(ear)) is not None:
                epoch, changes = heard
                if epoch not in (_NO_EPOCH, caller.epoch) or (
                    caller.until is not None and self._backend.clock() >= caller.until
                ):
                    return
                yield [(feed.id(number), change) for number, change in changes if may_know(caller, change)]
        finally:
            feed.close(ear)
            if not feed.watchers:
                self._feeds.pop(organisation, None)


async def _next(ear: _Ear) -> tuple[int, Sequence[Told]] | None:
    try:
        return await asyncio.wait_for(ear.get(), SILENCE)
    except TimeoutError:
        return (_NO_EPOCH, ())


def may_know(caller: Caller, change: Change) -> bool:
    """Whether a change is the caller's to know: by its sort, and by whose session it is."""
    if change.what is What.VISITED:
        return not caller.scope.person and _reads(caller, Resource.ENDPOINT_SESSIONS)
    session = change.session
    assert session is not None
    whose = session.person.id if session.person else 0
    return _reads(caller, Resource.ACTIVITY_SESSIONS) and caller.scope.person in (0, whose)


def _reads(caller: Caller, resource: Resource) -> bool:
    return caller.levels.get(resource, Level.NONE) >= Level.READ


class _Feed:
    """What is going on in one organisation, for all who watch it."""

    def __init__(self, backend: Backend, organisation: int) -> None:
        self._backend = backend
        self._watch = backend.journal.watch(organisation)
        self._name = secrets.token_hex(4)
        self._ears: set[_Ear] = set()
        self._kept: deque[Told] = deque(maxlen=KEPT)
        self._count = 0
        self._epoch = _NO_EPOCH
        self._task: asyncio.Task[None] | None = None

    @property
    def watchers(self) -> int:
        """How many watch."""
        return len(self._ears)

    def id(self, number: int) -> str:
        """What a change is called outside: another feed calls its own otherwise."""
        return f"{self._name}-{number}"

    def open(self) -> _Ear:
        """One more who watches."""
        ear: _Ear = asyncio.Queue(_SLOW)
        self._ears.add(ear)
        if self._task is None:
            self._task = asyncio.create_task(self._look())
        return ear

    def close(self, ear: _Ear) -> None:
        """One less."""
        self._ears.discard(ear)
        if not self._ears and self._task is not None:
            self._task.cancel()
            self._task = None

    def since(self, last: str) -> list[Told]:
        """What was told after that, as far as it is known."""
        name, _, number = last.partition("-")
        if name != self._name or not number.isdecimal():
            return []
        return [told for told in self._kept if told[0] > int(number)]

    async def _look(self) -> None:
        while True:
            try:
                epoch, found = await self._backend.run(_look, self._backend, self._watch)
            except SojournError as error:
                structlog.get_logger().warning("nobody can be told what is going on", reason=error.message)
                self._say(None)
            except Exception as error:
                structlog.get_logger().exception("looking at what is going on failed", exc_info=error)
                self._say(None)
            else:
                told = [(self._count + i, change) for i, change in enumerate(found, 1)]
                self._count += len(told)
                self._kept.extend(told)
                if told or epoch != self._epoch:
                    self._epoch = epoch
                    self._say((epoch, told))
            await asyncio.sleep(SECONDS)

    def _say(self, words: tuple[int, Sequence[Told]] | None) -> None:
        for ear in list(self._ears):
            try:
                ear.put_nowait(words)
            except asyncio.QueueFull:  # it ends where it stands; what it has not heard, it asks for again
                self._ears.discard(ear)
                ear.get_nowait()
                ear.put_nowait(None)


def _look(backend: Backend, watch: Watch) -> tuple[int, list[Change]]:
    """The changes, and the epoch of access before them: whoever knows another must come back."""
    epoch = backend.gate.epoch()
    return epoch, watch.changes()


ENDLESS = "endless"
"""The name in a request's state of what is set when the server is to stop: the answer has no end of its own."""


async def event_stream(
    request: Request, events: AsyncGenerator[str], headers: Mapping[str, str] | None = None
) -> StreamingResponse:
    """Server-sent events, until the client goes or the server stops. Raises: what the first of them does."""
    stopping = asyncio.Event()
    request.scope["state"][ENDLESS] = stopping
    first = await anext(events)

    async def told() -> AsyncIterator[str]:
        yield first
        async with aclosing(_until(stopping, events)) as some:
            async for one in some:
                yield one

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", **(headers or {})}
    return StreamingResponse(told(), headers=headers, media_type="text/event-stream")


async def _until(stopping: asyncio.Event, events: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """The events, until the server stops."""
    stopped = asyncio.ensure_future(stopping.wait())
    following = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait({following, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done() or (one := following.result()) is None:
                return
            yield one
            following = asyncio.ensure_future(anext(events, None))
    finally:
        stopped.cancel()
        following.cancel()
        await asyncio.wait({following})
        await events.aclose()


def event(name: str, data: str, identity: str = "") -> str:
    """One event, as the wire has it: its data in as many lines as it has."""
    lines = [f"id: {identity}"] if identity else []
    return "\n".join([*lines, f"event: {name}", *[f"data: {line}" for line in data.splitlines()], "", ""])


COMMENT = ": nothing new\n\n"


def last_event(request: Request) -> str:
    """The id of the last event that a client heard before its connection broke."""
    return header(request, "last-event-id")[:100]
