"""One session: who, where, from when to when, what was done and why; and what may be added to it."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sojourn.console import forms, zoned
from sojourn.console.asked import session_number
from sojourn.console.course import course_of
from sojourn.console.desk import Desk
from sojourn.console.listing import Listing, Turn, listed, size_of, turn_of
from sojourn.console.page import Page
from sojourn.console.sessions import PATH, resource_of_number, stays_for
from sojourn.core.access import Caller, Level, Resource, Scope
from sojourn.core.errors import Ended, Invalid, Unknown
from sojourn.core.intent import Annotate, Annotated, End, Finished, Key
from sojourn.core.journal import Journal
from sojourn.core.model import Activity, Instant, Kind, RemarkDraft, Session
from sojourn.core.query import Order, Place, SessionFilter, SessionQuery
from sojourn.core.touch import Beat
from sojourn.core.visit import user_session_id
from sojourn.web.times import parse, to_microseconds

USUAL = 50
"""How many activities a page shows where its address tells nothing: most sessions have fewer."""

BEATS = 240
THAT_DAY = 100
ONE = "/sessions/{id}"

_AWAY = {"reason": "reason", "comment": "comment", "at": "at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that the page needs of a session, from one look at the journal after the other."""

    session: Session
    beats: tuple[Beat, ...]
    done: Listing[Activity]
    that_day: tuple[Session, ...]
    more_that_day: bool


class OneSession:
    """A session."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """All that is known of it."""
        return await self._page(request, caller)

    async def _page(self, request: Request, caller: Caller, status: int = 200, **sent: Any) -> Response:
        zone = self._desk.zone(request)
        number = _number(request, caller)
        question = ("console activities", caller.scope, number)
        turn = _turn(request, *question)
        journal, size = self._desk.backend.journal, size_of(request.query_params, USUAL)
        known = await self._desk.backend.read(caller, _read, journal, caller.scope, number, turn, size, question, zone)
        session = known.session
        if session.kind is Kind.VISIT:
            return self._desk.redirect(request, f"/visits/{_visit_id(session)}")
        now = self._desk.clock()
        stays = stays_for(self._desk, request)
        begin, end = _that_day(session, zone)
        course = course_of(session, known.beats, zone, now, lambda at: self._at(request, session, at))
        return self._desk.page(
            request,
            "session.html",
            status=status,
            session=session,
            done=known.done,
            course=course,
            that_day=known.that_day if len(known.that_day) > 1 else (),
            more_that_day=known.more_that_day,
            day=zoned.day_of(session.started_at, zone),
            one_day=begin <= session.started_at + course.length <= end,
            lanes=stays.drawn(known.that_day, stays.axis(known.that_day, begin, end), "That day", here=session.id),
            may_write=caller.levels.get(Resource.ACTIVITY_SESSIONS, Level.NONE) >= Level.WRITE,
            paged=session.activity_count > size,
            exact=to_microseconds,
            limit=size,
            form={"key": secrets.token_hex(16), "wrong": {}, "refused": "", "which": "", "values": {}} | sent,
        )

    def _at(self, request: Request, session: Session, at: Instant) -> str:
        """Where to read what was done at a moment: on this page, or where it is not whole, on one that begins there."""
        size = size_of(request.query_params, USUAL)
        if session.activity_count <= size:
            return "#activities"
        more = {} if size == USUAL else {"limit": size}
        return self._desk.url(request, f"{PATH}/{session.id}", at=to_microseconds(at), **more) + "#activities"

    async def raw(self, request: Request, caller: Caller) -> Response:
        """All of it as JSON."""
        journal = self._desk.backend.journal
        session = await self._desk.backend.read(caller, journal.session, caller.scope, _number(request, caller))
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        pieces = self._desk.telling.one(caller.scope, session)
        return StreamingResponse(pieces, headers=headers, media_type="application/json")

    async def remark(self, request: Request, caller: Caller) -> Response:
        """Say why somebody is, or was, in it."""
        sent, number = await forms.sent(request), _number(request, caller, Level.WRITE)
        draft = RemarkDraft(reason=sent.text("reason"), comment=sent.text("comment") or None)
        intent = Annotate(scope=caller.scope, session_id=number, remarks=(draft,), key=_key(caller, request, sent))
        try:
            await self._desk.backend.write(caller, intent, Annotated)
        except Invalid as error:
            return await self._again(request, caller, "remark", sent, error)
        return self._desk.redirect(request, f"{PATH}/{number}", flash="The reason is noted.")

    async def end(self, request: Request, caller: Caller) -> Response:
        """End it, now or when it is told, perhaps with a reason."""
        sent, number = await forms.sent(request), _number(request, caller, Level.WRITE)
        reason, comment = sent.text("reason"), sent.text("comment")
        try:
            if comment and not reason:
                raise Invalid("reason", "must be given where there is a comment")
            at = zoned.moment_of("at", sent.text("at"), self._desk.zone(request)) if sent.text("at") else None
            remarks = (RemarkDraft(reason=reason, comment=comment or None),) if reason else ()
            intent = End(
                scope=caller.scope,
                session_id=number,
                remarks=remarks,
                at=at,
                key=_key(caller, request, sent),
            )
            await self._desk.backend.write(caller, intent, Finished)
        except (Invalid, Ended) as error:
            return await self._again(request, caller, "end", sent, error)
        return self._desk.redirect(request, f"{PATH}/{number}", flash="The session has ended.")

    async def _again(
        self, request: Request, caller: Caller, which: str, sent: forms.Sent, error: Invalid | Ended
    ) -> Response:
        """The page with the form as it was sent, and what is wrong at its field."""
        values = {name: sent.text(name) for name in _AWAY}
        if isinstance(error, Ended):
            return await self._page(request, caller, 409, which=which, values=values, refused=f"{error.message}.")
        field = error.field.rpartition(".")[2]
        wrong = {field: f"{error.reason[0].upper()}{error.reason[1:]}."}
        return await self._page(request, caller, 400, which=which, values=values, wrong=wrong)


def _read(
    journal: Journal, scope: Scope, number: int, turn: Turn, size: int, question: tuple[object, ...], zone: ZoneInfo
) -> Known:
    session = journal.session(scope, number)
    if turn.place is not None and turn.place.id == 0 and turn.place.at <= (session.first_at or 0):
        turn = Turn(None, False)  # the moment at which it begins is its first page
    order = Order.NEWEST if turn.back else Order.OLDEST
    page = journal.activities(scope, number, after=turn.place, limit=size, order=order)
    done = tuple(reversed(page.activities)) if turn.back else page.activities
    listing = listed(done, turn, more=page.next is not None, total=None, place=_place, question=question)
    beats = journal.rhythm(scope, number, beats=BEATS) if session.activity_count else ()
    if session.person is None:
        return Known(session=session, beats=beats, done=listing, that_day=(), more_that_day=False)
    begin, end = _that_day(session, zone)
    which = SessionFilter(person=session.person.id, alive_from=begin, alive_to=end)
    others = journal.page(SessionQuery(scope=scope, filter=which, order=Order.OLDEST, limit=THAT_DAY))
    return Known(
        session=session, beats=beats, done=listing, that_day=others.sessions, more_that_day=others.next is not None
    )


def _that_day(session: Session, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """The day on which it began."""
    return zoned.day_bounds(zoned.day_of(session.started_at, zone), zone)


def _place(activity: Activity) -> Place:
    return Place(activity.at, activity.seq)


def _turn(request: Request, *question: object) -> Turn:
    """Where the page of activities begins: at a moment, or beside another page. Raises: Invalid."""
    at = request.query_params.get("at", "")
    if at:
        return Turn(Place(parse("at", at), 0), False)
    return turn_of(request.query_params, *question)


def _number(request: Request, caller: Caller, level: Level = Level.READ) -> int:
    """The number in the path. Raises: Unknown; Forbidden, where it is that of a visit, and visits are not open."""
    text = request.path_params["id"]
    number = session_number(text)
    if number is None:
        raise Unknown("session", text)
    caller.require(resource_of_number(number), level)
    return number


def _visit_id(session: Session) -> str:
    return user_session_id(session.organisation, session.started_at, session.id)


def _key(caller: Caller, request: Request, sent: forms.Sent) -> Key:
    """The same for a form that is sent twice by a second click; another for one that was changed."""
    told = "\n".join([request.url.path, *(sent.text(name) for name in ("key", *_AWAY))])
    digest = hashlib.sha256(told.encode()).hexdigest()
    return Key(principal=caller.principal, text=f"console-{digest[:40]}", fingerprint=digest)


def pages(desk: Desk) -> list[Page]:
    """A session, and what may be done with it."""
    one = OneSession(desk)
    sessions = Resource.ACTIVITY_SESSIONS
    return [
        Page(method="GET", path=ONE, handle=one.show, resource=sessions),
        Page(method="GET", path=f"{ONE}/raw", handle=one.raw, resource=sessions),
        Page(method="POST", path=f"{ONE}/remarks", handle=one.remark, resource=sessions, level=Level.WRITE),
        Page(method="POST", path=f"{ONE}/end", handle=one.end, resource=sessions, level=Level.WRITE),
    ]
