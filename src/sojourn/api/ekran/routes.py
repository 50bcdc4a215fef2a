"""The operations of the dialect, by the paths that the vendor gave them."""

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.ekran import wire
from sojourn.api.ekran.errors import spell
from sojourn.core.access import Caller, Level, Resource, Scope
from sojourn.core.presence import Window
from sojourn.web.backend import Backend
from sojourn.web.errors import PROBLEM, Problem
from sojourn.web.openapi import Chapter
from sojourn.web.operation import Operation
from sojourn.web.stream import streamed
from sojourn.web.wire import convert, decode, expect_json, read_body

TAG = "ekran"
SESSIONS = "/ekranapi/sessions"

_ENCODE = msgspec.json.Encoder()


class LoginSessions:
    """The family `/ekranapi`: the resource "Login Sessions"."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def list(self, request: Request) -> Response:
        """All sessions in a window, streamed."""
        caller = await self._reader(request)
        window = convert(request.query_params, wire.WindowQuery).window()
        stays = self._backend.journal.stays(caller.scope, window)
        return await self._tell(request, caller, array(map(wire.sessions_told, stays)))

    async def page(self, request: Request) -> Response:
        """A page of the sessions in a window, with durations."""
        caller = await self._reader(request)
        wanted = await _wanted(request)
        return await self._tell(request, caller, self._page(caller.scope, wanted, wanted.window()))

    async def productivity(self, request: Request) -> Response:
        """Active minutes by user, day and hour."""
        caller = await self._reader(request)
        window = convert(request.query_params, wire.WindowQuery).window()
        return await self._tell(request, caller, array(self._hours(caller.scope, window)))

    def _page(self, scope: Scope, wanted: wire.PageQuery, window: Window) -> Iterator[bytes]:
        limit, now = wanted.session_count, self._backend.clock()
        stays = self._backend.journal.measured_stays(scope, window, now, limit=limit, offset=wanted.page_index * limit)
        yield _ENCODE.encode(wire.PageAnswer(sessions=[wire.measured(stay, times) for stay, times in stays]))

    def _hours(self, scope: Scope, window: Window) -> Iterator[Sequence[Struct]]:
        zone = ZoneInfo(self._backend.registry.organisation(scope.organisation).time_zone)
        hours = self._backend.journal.productivity(scope, window, zone, self._backend.clock())
        yield [wire.active_hour_told(hour) for hour in hours]

    async def _reader(self, request: Request) -> Caller:
        return await self._backend.gate.enter(request, Resource.LOGIN_SESSIONS, Level.READ)

    async def _tell(self, request: Request, caller: Caller, chunks: Iterator[bytes]) -> Response:
        return await streamed(self._backend, caller, request, chunks, "application/json")


async def _wanted(request: Request) -> wire.PageQuery:
    """What a page is asked for, in the query string or in a JSON body (our decision: both, the body wins)."""
    wanted = convert(request.query_params, wire.PageQuery)
    body = await read_body(request)
    if not body.strip():
        return wanted
    expect_json(request)
    told = decode(body, wire.PageBody)
    given = {name: value for name, value in msgspec.structs.asdict(told).items() if value is not msgspec.UNSET}
    return msgspec.structs.replace(wanted, **given)


def array(chunks: Iterable[Sequence[Struct]]) -> Iterator[bytes]:
    """A JSON array, chunk by chunk."""
    opening = b"["
    for chunk in chunks:
        if chunk:
            yield opening + _ENCODE.encode(chunk)[1:-1]
            opening = b","
    yield b"[]" if opening == b"[" else b"]"


_SESSION = {
    "clientGuid": "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",
    "logoutDate": "2000-01-23T04:56:07.000+00:00",
    "loginDate": "2000-01-23T04:00:00.000+00:00",
    "sessionId": 124,
    "userId": 61,
}
_MEASURED = {**_SESSION, "duration": "00:56:07", "idleTime": "00:20:00", "productivityTime": "00:36:07"}
_ACTIVE_HOUR = {
    "date": "2021-09-03T00:00:00+05:00",
    "totalMinutes": 25.816666666666666,
    "userName": "userName1",
    "timeOfDay": 18,
}


def chapter(backend: Backend) -> Chapter:
    """All operations of the dialect."""
    sessions = LoginSessions(backend)
    operations = [
        Operation(
            id="get-sessions",
            method="GET",
            path=SESSIONS,
            summary="Who was logged in within a window: all of them, streamed",
            handle=sessions.list,
            tag=TAG,
            query=wire.WindowQuery,
            answer=list[wire.SessionTold],
            example=[_SESSION],
        ),
        Operation(
            id="post-sessions",
            method="POST",
            path=SESSIONS,
            summary="The same by pages, with durations",
            handle=sessions.page,
            tag=TAG,
            query=wire.PageQuery,
            body=wire.PageBody,
            body_required=False,
            answer=wire.PageAnswer,
            example={"sessions": [_MEASURED]},
            example_body={"start": "2021-04-01", "end": "2021-04-02", "sessionCount": 100, "pageIndex": 0},
        ),
        Operation(
            id="get-productivity",
            method="GET",
            path="/ekranapi/user/getproductivity",
            summary="Active minutes by user, day and hour",
            handle=sessions.productivity,
            tag=TAG,
            query=wire.WindowQuery,
            answer=list[wire.ActiveHourTold],
            example=[_ACTIVE_HOUR],
        ),
    ]
    return Chapter(
        tag=TAG,
        text="Who was logged in within a window, cut to their activity.",
        operations=operations,
        spell=spell,
        problem=Problem,
        problem_type=PROBLEM,
    )
