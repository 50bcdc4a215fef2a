"""Entities and rhythm: who touched something, how and why; and how a session went by."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import examples, search, wire
from sojourn.api.native_v1.sessions import TAG, resource_in_path, session_number
from sojourn.core.access import Level
from sojourn.core.query import Order, SessionFilter, SessionQuery
from sojourn.core.touch import MOST_BEATS, TOUCHES_LISTED, Touch
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.times import to_microseconds
from sojourn.web.wire import answer


class WhichTouched(search.Query, kw_only=True):
    """What was touched, and in which sessions. Without `entityType`, whatever has that id."""

    entity_id: Annotated[wire.Name, Meta(description="must be told")] | UnsetType = UNSET
    entity_type: wire.Name | UnsetType = UNSET
    login: wire.Name | UnsetType = UNSET
    user_id: wire.Number | UnsetType = UNSET
    started_from: search.Asked | UnsetType = UNSET
    started_to: search.Asked | UnsetType = UNSET
    kind: Literal["work", "visit"] = "work"

    def which(self) -> search.FindQuery:
        """The same as a search."""
        return search.FindQuery(
            entity_id=self.entity_id,
            entity_type=self.entity_type,
            login=self.login,
            user_id=self.user_id,
            started_from=self.started_from,
            started_to=self.started_to,
            kind=self.kind,
        )


class TouchesQuery(WhichTouched, kw_only=True):
    """What was touched, and how the sessions are listed."""

    order: Literal["newest", "oldest"] = "newest"
    total: search.Total = False
    limit: search.Limit = 100
    cursor: search.Cursor | UnsetType = UNSET


class TouchTold(wire.Told):
    """A session that touched it: how often, first and last, and the first 20 of the activities that did."""

    session: wire.SessionTold
    touches: int
    first_at: wire.Time
    last_at: wire.Time
    activities: list[wire.ActivityTold]


class TouchList(wire.Told):
    """A page of touches. `next` is the cursor of the next page, and absent on the last; `total` if asked for."""

    items: list[TouchTold]
    next: str | UnsetType = UNSET
    total: int | UnsetType = UNSET


class ToucherTold(wire.Told):
    """Somebody who touched it: in how many of the sessions that were counted, and when the newest of them began."""

    user_id: int
    login: str
    sessions: int
    last_started_at: wire.Time


class ToucherList(wire.Told):
    """Who touched it, most sessions first. Counted are the newest `sessions`, up to 1,000; `whole`: those are all."""

    items: list[ToucherTold]
    sessions: int
    whole: bool


class RhythmQuery(search.Query):
    """Into how many even parts the session is cut."""

    parts: Annotated[int, Meta(ge=1, le=MOST_BEATS, description="into how many even parts")] = 240


class BeatTold(wire.Told):
    """What was done in one part: how much, and when first and last."""

    count: int
    first_at: wire.Time
    last_at: wire.Time


class RhythmTold(wire.Told):
    """The parts in which something was done, in order."""

    items: list[BeatTold]


class Touches:
    """Who touched something, and how a session went by."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def list(self, request: Request) -> Response:
        """The sessions that touched it, with what they did to it."""
        wanted = search.parameters(request, TouchesQuery)
        caller = await self._backend.gate.enter(request, wanted.which().resource, Level.READ)
        which = wanted.which().found()
        question = search.Question("touches", caller.scope, which, wanted.order)
        query = SessionQuery(
            scope=caller.scope,
            filter=which,
            order=Order(wanted.order),
            limit=wanted.limit,
            after=question.place(wanted.cursor),
            listed=TOUCHES_LISTED,
            total=wanted.total,
        )
        page = await self._backend.read(caller, self._backend.journal.touches, query)
        total = UNSET if page.total is None else page.total
        items = [touch_told(touch) for touch in page.touches]
        return answer(TouchList(items=items, next=question.next(page.next), total=total))

    async def people(self, request: Request) -> Response:
        """Who touched it."""
        wanted = search.parameters(request, WhichTouched)
        caller = await self._backend.gate.enter(request, wanted.which().resource, Level.READ)
        which: SessionFilter = wanted.which().found()
        found = await self._backend.read(caller, self._backend.journal.touchers, caller.scope, which)
        items = [
            ToucherTold(
                user_id=toucher.person.id,
                login=toucher.person.login,
                sessions=toucher.sessions,
                last_started_at=to_microseconds(toucher.last_started_at),
            )
            for toucher in found.people
        ]
        return answer(ToucherList(items=items, sessions=found.sessions, whole=found.whole))

    async def rhythm(self, request: Request) -> Response:
        """How a session went by."""
        caller = await self._backend.gate.enter(request, resource_in_path(request), Level.READ)
        wanted, number = search.parameters(request, RhythmQuery), session_number(request)
        journal = self._backend.journal
        beats = await self._backend.read(caller, journal.rhythm, caller.scope, number, beats=wanted.parts)
        items = [
            BeatTold(count=b.count, first_at=to_microseconds(b.first_at), last_at=to_microseconds(b.last_at))
            for b in beats
        ]
        return answer(RhythmTold(items=items))


def touch_told(touch: Touch) -> TouchTold:
    """A touch in the dialect's words."""
    return TouchTold(
        session=wire.session_told(touch.session),
        touches=touch.count,
        first_at=to_microseconds(touch.first_at),
        last_at=to_microseconds(touch.last_at),
        activities=wire.activities_told(touch.activities),
    )


def operations(backend: Backend) -> Sequence[Operation]:
    """All operations on who touched what, and when."""
    touches = Touches(backend)
    return [
        Operation(
            id="list-touches",
            method="GET",
            path="/api/v1/touches",
            summary="Who touched something, when, in which session, what was done to it, and why",
            handle=touches.list,
            tag=TAG,
            query=TouchesQuery,
            answer=TouchList,
            example=examples.TOUCHES,
        ),
        Operation(
            id="count-touches",
            method="GET",
            path="/api/v1/touches/people",
            summary="Who touched something, and in how many of the newest 1,000 sessions that did",
            handle=touches.people,
            tag=TAG,
            query=WhichTouched,
            answer=ToucherList,
            example=examples.TOUCHERS,
        ),
        Operation(
            id="get-rhythm",
            method="GET",
            path="/api/v1/sessions/{id}/rhythm",
            summary="How much was done in each part of a session",
            handle=touches.rhythm,
            tag=TAG,
            query=RhythmQuery,
            answer=RhythmTold,
            example=examples.RHYTHM,
            faults=(404,),
        ),
    ]
