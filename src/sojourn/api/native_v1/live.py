"""What is going on now, as server-sent events."""

from collections.abc import AsyncGenerator, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import examples, search, wire
from sojourn.api.native_v1.sessions import TAG
from sojourn.api.native_v1.visit_wire import VisitTold, visit_told
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.live import Change
from sojourn.web import live
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.times import to_microseconds


class ChangeTold(wire.Told):
    """The data of an event `change`: a session after something became of it, or a visit that was delivered.

    `latest` is the last that was done in the session. `added`: handed in with its end.
    """

    what: Literal["began", "active", "ended", "added", "visited"]
    at: wire.Time
    session: wire.SessionTold | UnsetType = UNSET
    latest: wire.ActivityTold | UnsetType = UNSET
    visit: VisitTold | UnsetType = UNSET


class Happenings:
    """The resource "Activity Sessions", while it happens."""

    def __init__(self, backend: Backend, feeds: live.Live) -> None:
        self._backend = backend
        self._feeds = feeds

    async def follow(self, request: Request) -> Response:
        """What is going on, until the client goes."""
        caller = await self._backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.READ)
        search.parameters(request, search.NoQuery)
        await self._backend.run(self._backend.gate.check, caller)  # nothing else is asked of the store before it begins
        return await live.event_stream(request, self._events(request, caller))

    async def _events(self, request: Request, caller: Caller) -> AsyncGenerator[str]:
        async for changes in self._feeds.changes(caller, live.last_event(request)):
            for identity, change in changes:
                yield live.event("change", msgspec.json.encode(change_told(change)).decode(), identity)
            if not changes:
                yield live.COMMENT


def change_told(change: Change) -> ChangeTold:
    """A change in the dialect's words."""
    return ChangeTold(
        what=change.what.value,
        at=to_microseconds(change.at),
        session=wire.session_told(change.session) if change.session else UNSET,
        latest=wire.activities_told([change.latest])[0] if change.latest else UNSET,
        visit=visit_told(change.visit) if change.visit else UNSET,
    )


def operations(backend: Backend, feeds: live.Live) -> Sequence[Operation]:
    """The operation that has no end."""
    happenings = Happenings(backend, feeds)
    return [
        Operation(
            id="follow",
            method="GET",
            path="/api/v1/live",
            summary="What is going on now: an event `change` for each session that begins, goes on or ends",
            description="Server-sent events. The data of each `change` is JSON: `what` (began, active, ended, added,"
            " visited), `at`, the `session` with its `latest` activity, or the `visit`. The stream looks once a second:"
            " what happened to one session meanwhile is told as one change. It has no end; it breaks off when access"
            " has changed, or when the client is too slow, and a client that comes back with `Last-Event-ID` is told"
            " what it missed, as far as the server still knows it. Needs to read Activity Sessions; visits are told to"
            " those who read Endpoint Sessions too.",
            handle=happenings.follow,
            tag=TAG,
            answer=str,
            media_type="text/event-stream",
            example=examples.FOLLOWED,
            faults=(503,),
        )
    ]
