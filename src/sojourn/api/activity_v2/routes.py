"""The operations of the dialect, by the names and paths that the vendor gave them."""

from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.activity_v2 import examples, telling, wire
from sojourn.api.activity_v2.errors import spell
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Invalid, Unknown
from sojourn.core.intent import Annotate, Annotated, End, Finished, Open, Opened, Record, Recorded
from sojourn.core.model import INT32, name_of
from sojourn.core.query import SessionFilter, SessionQuery
from sojourn.web.backend import Backend, idempotency_key
from sojourn.web.openapi import Chapter
from sojourn.web.operation import Operation
from sojourn.web.times import parse, to_seconds
from sojourn.web.wire import answer, convert, decode, expect_json, read_body

TAG = "activity_v2"
SESSIONS = "/v2/activitySessions"
SESSION = "/v2/activitySessions/{sessionId}"
PARTS = {"sessionId": wire.SessionNumber}


class ActivitySessions:
    """The family `/v2/activitySessions`: the resource "Activity Sessions"."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def create(self, request: Request) -> Response:
        """Open a session."""
        caller, body = await self._writer(request)
        wanted = decode(body, wire.CreateBody)
        key = idempotency_key(request, caller, body)
        intent = Open(scope=caller.scope, person=wanted.person(), module=wanted.module, key=key)
        told = await self._backend.write(caller, intent, Opened)
        return answer(telling.create_answer(told.session))

    async def record(self, request: Request) -> Response:
        """Record what was done in a session."""
        caller, body = await self._writer(request)
        wanted = decode(body, wire.RecordBody)
        intent = Record(
            scope=caller.scope,
            session_id=_number(request),
            activities=tuple([activity.draft() for activity in wanted.activities]),
            key=idempotency_key(request, caller, body),
        )
        told = await self._backend.write(caller, intent, Recorded)
        activities = telling.activities_told(told.activities)
        return answer(wire.RecordAnswer(activities=activities, auto_update_time=to_seconds(told.updated_at)))

    async def inform(self, request: Request) -> Response:
        """Say why the user is in the session."""
        caller, body = await self._writer(request)
        wanted = decode(body, wire.InformBody)
        intent = Annotate(
            scope=caller.scope,
            session_id=_number(request),
            remarks=tuple([details.draft() for details in wanted.activity_session_details]),
            key=idempotency_key(request, caller, body),
        )
        told = await self._backend.write(caller, intent, Annotated)
        details = telling.details_told(told.remarks)
        return answer(wire.InformAnswer(activity_session_details=details, auto_update_time=to_seconds(told.updated_at)))

    async def end(self, request: Request) -> Response:
        """End a session."""
        caller, body = await self._writer(request)
        wanted = decode(body, wire.EndBody) if body.strip() else wire.EndBody()
        intent = End(
            scope=caller.scope,
            session_id=_number(request),
            remarks=tuple([details.draft() for details in wanted.activity_session_details]),
            key=idempotency_key(request, caller, body),
        )
        told = await self._backend.write(caller, intent, Finished)
        return answer(telling.end_answer(told))

    async def retrieve(self, request: Request) -> Response:
        """List sessions, the newest first."""
        caller = await self._backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.READ)
        wanted = convert(request.query_params, wire.RetrieveQuery)
        query = SessionQuery(
            scope=caller.scope,
            filter=_filter(wanted),
            limit=wanted.limit,
            offset=wanted.offset,
            activities=True,
            total=True,
        )
        page = await self._backend.read(caller, self._backend.journal.page, query)
        return answer(telling.retrieve_answer(query, page))

    async def get(self, request: Request) -> Response:
        """One session with all its activities."""
        caller = await self._backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.READ)
        number = _number(request)
        session = await self._backend.read(caller, self._backend.journal.session, caller.scope, number, activities=True)
        return answer(wire.OneAnswer(data=[telling.session_told(session)]))

    async def _writer(self, request: Request) -> tuple[Caller, bytes]:
        """The caller, if it may write, and the body."""
        caller = await self._backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.WRITE)
        self._backend.expect_room()
        expect_json(request)
        return caller, await read_body(request)


def _number(request: Request) -> int:
    """The session's number in the path. Raises: Invalid, Unknown."""
    text = request.path_params["sessionId"]
    if not text.isascii() or not text.isdecimal():
        raise Invalid("session_id", "must be a number")
    if len(text) > len(str(INT32)) or int(text) > INT32:
        raise Unknown("session", text)
    return int(text)


def _filter(wanted: wire.RetrieveQuery) -> SessionFilter:
    first = None if wanted.start_date is None else parse("startDate", wanted.start_date)
    last = None if wanted.end_date is None else parse("endDate", wanted.end_date, end_of_day=True)
    if first is not None and last is not None and last < first:
        raise Invalid("endDate", "must not be before startDate")
    entity = None if wanted.entity_id is None else name_of("entityId", wanted.entity_id)
    return SessionFilter(person=wanted.user_id, entity_id=entity, started_from=first, started_to=last)


def chapter(backend: Backend) -> Chapter:
    """All operations of the dialect."""
    sessions = ActivitySessions(backend)
    operations = [
        Operation(
            id="create-an-activity-session",
            method="POST",
            path=SESSIONS,
            summary="Open a session",
            handle=sessions.create,
            tag=TAG,
            body=wire.CreateBody,
            answer=wire.CreateAnswer,
            takes_key=True,
            example_body=examples.CREATE,
            example=examples.CREATED,
        ),
        Operation(
            id="retrieve-session-details",
            method="GET",
            path=SESSIONS,
            summary="List sessions, the newest first",
            description="An offset beyond the end answers an empty page with the right total.",
            handle=sessions.retrieve,
            tag=TAG,
            query=wire.RetrieveQuery,
            answer=wire.RetrieveAnswer,
            example=examples.RETRIEVED,
        ),
        Operation(
            id="get-activity-session",
            method="GET",
            path=SESSION,
            summary="One session with all its activities",
            handle=sessions.get,
            tag=TAG,
            parts=PARTS,
            answer=wire.OneAnswer,
            example=examples.ONE,
        ),
        Operation(
            id="add-information-on-the-session-activity",
            method="PUT",
            path=SESSION,
            summary="Say why the user is in the session",
            description="A reason that the session already has, with the same comment, is not repeated.",
            handle=sessions.inform,
            tag=TAG,
            parts=PARTS,
            body=wire.InformBody,
            answer=wire.InformAnswer,
            takes_key=True,
            example_body=examples.DETAILS,
            example=examples.INFORMED,
        ),
        Operation(
            id="patch-information-on-the-session-activity",
            method="PATCH",
            path=SESSION,
            summary="The same as PUT (our decision)",
            handle=sessions.inform,
            tag=TAG,
            parts=PARTS,
            body=wire.InformBody,
            answer=wire.InformAnswer,
            takes_key=True,
            example_body=examples.DETAILS,
            example=examples.INFORMED,
        ),
        Operation(
            id="record-a-session",
            method="POST",
            path=f"{SESSION}/activities",
            summary="Record what the user did: all of it, or nothing",
            handle=sessions.record,
            tag=TAG,
            parts=PARTS,
            body=wire.RecordBody,
            answer=wire.RecordAnswer,
            faults=(409,),
            takes_key=True,
            example_body=examples.RECORD,
            example=examples.RECORDED,
        ),
        Operation(
            id="end-session",
            method="POST",
            path=f"{SESSION}/endSession",
            summary="End a session",
            handle=sessions.end,
            tag=TAG,
            parts=PARTS,
            body=wire.EndBody,
            body_required=False,
            answer=wire.EndAnswer,
            faults=(409,),
            takes_key=True,
            example_body=examples.DETAILS,
            example=examples.ENDED,
        ),
    ]
    return Chapter(
        tag=TAG,
        text="A care desk records what an admin user does to whose data, and why; others read it back.",
        operations=operations,
        spell=spell,
        problem=wire.Problem,
    )
