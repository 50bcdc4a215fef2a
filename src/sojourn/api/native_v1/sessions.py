"""Sessions: open, find, read, record, keep alive, remark, end, delete."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import examples, search, wire
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Unknown
from sojourn.core.intent import Annotate, Annotated, Delete, Deleted, End, Finished, Opened, Record, Recorded
from sojourn.core.model import FIRST_VISIT, Kind
from sojourn.core.query import Order
from sojourn.web.backend import Backend, idempotency_key
from sojourn.web.operation import Operation
from sojourn.web.times import to_microseconds
from sojourn.web.wire import answer, decode, expect_json, read_body

TAG = "native_v1"
SESSIONS = "/api/v1/sessions"
SESSION = "/api/v1/sessions/{id}"

MOST_DIGITS = 18
"""No session has a number of more digits."""


class Sessions:
    """The resource "Activity Sessions", in our own words."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def open(self, request: Request) -> Response:
        """Open a session, or hand in a whole one."""
        caller, body = await self._writer(request)
        wanted = decode(body, wire.OpenBody)
        intent = wanted.intent(caller.scope, idempotency_key(request, caller, body))
        told = await self._backend.write(caller, intent, Opened)
        location = {"Location": f"{SESSIONS}/{told.session.id}"}
        return answer(wire.session_told(told.session), 201, location)

    async def search(self, request: Request) -> Response:
        """Find sessions."""
        wanted = search.parameters(request, search.SearchQuery)
        caller = await self._backend.gate.enter(request, wanted.resource, Level.READ)
        query, question = search.page_query(caller.scope, wanted, wanted.found())
        page = await self._backend.read(caller, self._backend.journal.page, query)
        return answer(search.session_list(query, question, page))

    async def touching(self, request: Request) -> Response:
        """Find the sessions that touched something."""
        wanted = search.parameters(request, search.TouchedQuery)
        caller = await self._backend.gate.enter(request, wanted.resource, Level.READ)
        which = wanted.filter(request.path_params["entityType"].strip(), request.path_params["entityId"].strip())
        query, question = search.page_query(caller.scope, wanted, which)
        page = await self._backend.read(caller, self._backend.journal.page, query)
        return answer(search.session_list(query, question, page))

    async def get(self, request: Request) -> Response:
        """One session."""
        caller, number = await self._reader(request), session_number(request)
        search.parameters(request, search.NoQuery)
        session = await self._backend.read(caller, self._backend.journal.session, caller.scope, number)
        return answer(wire.session_told(session))

    async def delete(self, request: Request) -> Response:
        """Delete a session: nothing of it is left."""
        caller, body = await self._writer(request)
        caller.require(Resource.ADMINISTRATION, Level.WRITE)
        key = idempotency_key(request, caller, body)
        await self._backend.write(
            caller, Delete(scope=caller.scope, session_id=session_number(request), key=key), Deleted
        )
        return Response(status_code=204)

    async def record(self, request: Request) -> Response:
        """Record what was done."""
        caller, body = await self._writer(request)
        intent = Record(
            scope=caller.scope,
            session_id=session_number(request),
            activities=tuple([activity.draft() for activity in decode(body, wire.Activities)]),
            late=session_number(request) < FIRST_VISIT,  # what was measured takes nothing more
            key=idempotency_key(request, caller, body),
        )
        return answer(wire.recorded_told(await self._backend.write(caller, intent, Recorded)))

    async def activities(self, request: Request) -> Response:
        """What was done in a session, in order of time."""
        caller = await self._reader(request)
        wanted, number = search.parameters(request, search.ActivityQuery), session_number(request)
        question = search.Question("activities", caller.scope, number, wanted.order)
        page = await self._backend.read(
            caller,
            self._backend.journal.activities,
            caller.scope,
            number,
            after=question.place(wanted.cursor),
            limit=wanted.limit,
            order=Order(wanted.order),
        )
        return answer(search.activity_list(question, page))

    async def heartbeat(self, request: Request) -> Response:
        """The session lives, though nothing is done in it."""
        caller, body = await self._writer(request)
        if body.strip():
            decode(body, wire.HeartbeatBody)
        number, key = session_number(request), idempotency_key(request, caller, body)
        intent = Record(scope=caller.scope, session_id=number, late=True, key=key)
        told = await self._backend.write(caller, intent, Recorded)
        return answer(wire.HeartbeatTold(id=number, updated_at=to_microseconds(told.updated_at)))

    async def remark(self, request: Request) -> Response:
        """Say why somebody is, or was, in a session."""
        caller, body = await self._writer(request)
        intent = Annotate(
            scope=caller.scope,
            session_id=session_number(request),
            remarks=tuple([remark.draft() for remark in decode(body, wire.Remarks)]),
            key=idempotency_key(request, caller, body),
        )
        told = await self._backend.write(caller, intent, Annotated)
        remarks = wire.remarks_told(told.remarks)
        return answer(wire.RemarksTold(items=remarks, updated_at=to_microseconds(told.updated_at)))

    async def end(self, request: Request) -> Response:
        """End a session."""
        caller, body = await self._writer(request)
        wanted = decode(body, wire.EndBody) if body.strip() else wire.EndBody()
        intent = End(
            scope=caller.scope,
            session_id=session_number(request),
            remarks=tuple([remark.draft() for remark in wanted.remarks]),
            at=wire.instant(wanted.at),
            late=True,
            key=idempotency_key(request, caller, body),
        )
        told = await self._backend.write(caller, intent, Finished)
        return answer(wire.ended_told(intent.session_id, told))

    async def _reader(self, request: Request) -> Caller:
        """The caller, if it may read the session in the path."""
        return await self._backend.gate.enter(request, resource_in_path(request), Level.READ)

    async def _writer(self, request: Request) -> tuple[Caller, bytes]:
        """The caller, if it may write what the path names, and the body."""
        caller = await self._backend.gate.enter(request, resource_in_path(request), Level.WRITE)
        self._backend.expect_room()
        search.parameters(request, search.NoQuery)
        expect_json(request)
        return caller, await read_body(request)


def resource_in_path(request: Request) -> Resource:
    """What an access group must open to the session in the path; to one that has none yet, that of work."""
    visit = "id" in request.path_params and session_number(request) >= FIRST_VISIT
    return search.resource_of(Kind.VISIT if visit else Kind.WORK)


def session_number(request: Request) -> int:
    """The session's number in the path. Raises: Unknown."""
    text = request.path_params["id"]
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise Unknown("session", text)
    return int(text)


_WRITE_FAULTS = (404, 409, 413, 415, 422)


def operations(backend: Backend) -> Sequence[Operation]:
    """All operations on sessions."""
    sessions = Sessions(backend)
    return [
        Operation(
            id="open-session",
            method="POST",
            path=SESSIONS,
            summary="Open a session, or hand in a whole one",
            handle=sessions.open,
            tag=TAG,
            body=wire.OpenBody,
            answer=wire.SessionTold,
            status=201,
            faults=(409, 413, 415, 422),
            takes_key=True,
            example_body=examples.OPEN,
            example=examples.SESSION,
            headers={"Location": "where the session is"},
        ),
        Operation(
            id="search-sessions",
            method="GET",
            path=SESSIONS,
            summary="Find sessions",
            handle=sessions.search,
            tag=TAG,
            query=search.SearchQuery,
            answer=search.SessionList,
            example=examples.SESSIONS,
        ),
        Operation(
            id="get-session",
            method="GET",
            path=SESSION,
            summary="One session, without its activities",
            handle=sessions.get,
            tag=TAG,
            answer=wire.SessionTold,
            example=examples.SESSION,
            faults=(404,),
        ),
        Operation(
            id="delete-session",
            method="DELETE",
            path=SESSION,
            summary="Delete a session with everything in it",
            handle=sessions.delete,
            tag=TAG,
            status=204,
            faults=(404, 409, 422),
            takes_key=True,
            description="Needs Write on Administration too. What is on legal hold is not deleted: 409.",
        ),
        Operation(
            id="record-activities",
            method="POST",
            path=f"{SESSION}/activities",
            summary="Record what was done: all of it, or nothing",
            handle=sessions.record,
            tag=TAG,
            body=wire.Activities,
            answer=wire.RecordedTold,
            faults=_WRITE_FAULTS,
            takes_key=True,
            example_body=[examples.ACTIVITY],
            example=examples.RECORDED,
        ),
        Operation(
            id="list-activities",
            method="GET",
            path=f"{SESSION}/activities",
            summary="What was done in a session, in order of time",
            handle=sessions.activities,
            tag=TAG,
            query=search.ActivityQuery,
            answer=search.ActivityList,
            example=examples.ACTIVITIES,
            faults=(404,),
        ),
        Operation(
            id="keep-session-alive",
            method="POST",
            path=f"{SESSION}/heartbeat",
            summary="Tell that a session goes on, though nothing is done in it",
            handle=sessions.heartbeat,
            tag=TAG,
            body=wire.HeartbeatBody,
            body_required=False,
            answer=wire.HeartbeatTold,
            example_body={},
            example=examples.ALIVE,
            faults=_WRITE_FAULTS,
            takes_key=True,
        ),
        Operation(
            id="add-remarks",
            method="POST",
            path=f"{SESSION}/remarks",
            summary="Tell why somebody is, or was, in a session",
            handle=sessions.remark,
            tag=TAG,
            body=wire.Remarks,
            answer=wire.RemarksTold,
            faults=_WRITE_FAULTS,
            takes_key=True,
            example_body=[examples.REMARK],
            example=examples.REMARKS,
        ),
        Operation(
            id="finish-session",
            method="POST",
            path=f"{SESSION}/end",
            summary="End a session",
            handle=sessions.end,
            tag=TAG,
            body=wire.EndBody,
            body_required=False,
            answer=wire.EndedTold,
            faults=_WRITE_FAULTS,
            takes_key=True,
            example_body=examples.END,
            example=examples.ENDED,
        ),
        Operation(
            id="sessions-that-touched",
            method="GET",
            path="/api/v1/entities/{entityType}/{entityId:path}/sessions",
            summary="Who touched it: the sessions with an activity on something",
            handle=sessions.touching,
            tag=TAG,
            query=search.TouchedQuery,
            answer=search.SessionList,
            example=examples.SESSIONS,
        ),
    ]
