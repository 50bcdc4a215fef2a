"""People: who they are, and each one's days and sessions."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.asked import asked
from sojourn.console.days import SPANS, counted, days_of
from sojourn.console.desk import Desk
from sojourn.console.listing import sessions_listed, size_of, turn_of
from sojourn.console.page import Page
from sojourn.console.sessions import TURNING, stays_for
from sojourn.core.access import Caller, Resource
from sojourn.core.errors import Invalid, Unknown
from sojourn.core.model import INT32
from sojourn.core.query import SessionFilter, SessionQuery
from sojourn.web.cursor import seal, unseal

PATH = "/people"


class People:
    """Whose sessions are recorded."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self, request: Request, caller: Caller) -> Response:
        """All of them, by number; or the one of a login name."""
        journal, backend = self._desk.backend.journal, self._desk.backend
        login = request.query_params.get("login", "").strip()
        if login:
            found = await backend.read(caller, self._named, caller, login)
            if found:
                return self._desk.redirect(request, f"{PATH}/{found}")
        question = ("console people", caller.scope)
        cursor = request.query_params.get("after", "")
        after = unseal(cursor, *question) if cursor else None
        size = size_of(request.query_params)
        page = await backend.read(caller, journal.people, caller.scope, after=after, limit=size)
        numbers = [person.id for person in page.people]
        latest = await backend.read(caller, journal.latest_of, caller.scope, numbers)
        return self._desk.page(
            request,
            "people.html",
            people=page.people,
            latest=latest,
            next=seal(page.next, *question) if page.next else "",
            after=cursor,
            login=login,
        )

    def _named(self, caller: Caller, login: str) -> int | None:
        """The number of whoever has that login name or number, and has been in a session."""
        which = SessionFilter(person=int(login)) if _is_number(login) else SessionFilter(login=login)
        page = self._desk.backend.journal.page(SessionQuery(scope=caller.scope, filter=which, limit=1))
        person = page.sessions[0].person if page.sessions else None
        return None if person is None else person.id

    async def one(self, request: Request, caller: Caller) -> Response:
        """One of them: their days, and their sessions."""
        text = request.path_params["id"]
        if not _is_number(text):
            raise Unknown("person", text)
        journal, backend, zone = self._desk.backend.journal, self._desk.backend, self._desk.zone(request)
        person = await backend.read(caller, journal.person, caller.scope, int(text))
        given = {name: request.query_params.get(name, "") for name in ("from", "to")}
        question = asked({**given, "person": str(person.id)}, zone)
        if question.filter is None:
            return self._desk.redirect(request, f"{PATH}/{person.id}")
        place = ("console person", caller.scope, question.filter)
        try:
            turn = turn_of(request.query_params, *place)
        except Invalid:
            return self._desk.redirect(request, f"{PATH}/{person.id}", **given)
        size = size_of(request.query_params)
        query = SessionQuery(scope=caller.scope, filter=question.filter, limit=size, total=True)
        listing = await backend.read(caller, sessions_listed, journal.page, query, turn, *place)
        days = days_of(request.query_params, question.filter, zone, self._desk.clock())
        counts = await backend.read(caller, counted, journal, caller.scope, question.filter, days)
        stays = stays_for(self._desk, request)
        return self._desk.page(
            request,
            "person.html",
            person=person,
            asked=question,
            listing=listing,
            days=days,
            spans=SPANS,
            histogram=days.drawn(counts, lambda **new: self._desk.here(request, **dict.fromkeys(TURNING), **new)),
            lanes=stays.by_day(listing.items, f"Days of {person.login}", lambda day: self._day(request, person.id, day))
            if listing.items
            else None,
        )

    def _day(self, request: Request, number: int, day: date) -> str:
        return self._desk.url(request, f"{PATH}/{number}", **{"from": day.isoformat(), "to": day.isoformat()})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(INT32)) and 1 <= int(text) <= INT32


def pages(desk: Desk) -> list[Page]:
    """People."""
    people = People(desk)
    return [
        Page(method="GET", path=PATH, handle=people.list, resource=Resource.ACTIVITY_SESSIONS),
        Page(method="GET", path=f"{PATH}/{{id}}", handle=people.one, resource=Resource.ACTIVITY_SESSIONS),
    ]
