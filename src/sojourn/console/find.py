"""One field for everything: the number of a session, somebody's login, the id of what was touched, or a word."""

from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.asked import session_number
from sojourn.console.desk import Desk
from sojourn.console.page import Page
from sojourn.console.sessions import resource_of_number
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Forbidden, Invalid, Unknown
from sojourn.core.journal import Journal
from sojourn.core.model import NAME_LENGTH, Session
from sojourn.core.query import SessionFilter, SessionPage, SessionQuery
from sojourn.core.terms import words

PATH = "/find"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a text stands for: each absent where it stands for none."""

    session: Session | None
    person: Session | None
    entity: SessionPage
    text: SessionPage

    @property
    def total(self) -> int:
        """How many things it can mean."""
        return sum((self.session is not None, self.person is not None, bool(self.entity.total), bool(self.text.total)))


class Find:
    """One field for everything."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """To what is meant; where that can be several things, to choose from; where it is none, what to do."""
        wanted = request.query_params.get("q", "").strip()
        if not wanted:
            return self._desk.redirect(request, "/sessions")
        found = await self._desk.backend.read(caller, look_for, self._desk.backend.journal, caller, wanted)
        if found.total == 1:
            return self._to(request, found, wanted)
        return self._desk.page(request, "find.html", wanted=wanted, found=found)

    def _to(self, request: Request, found: Found, wanted: str) -> Response:
        if found.session is not None:
            return self._desk.redirect(request, f"/sessions/{found.session.id}")
        if found.person is not None and found.person.person is not None:
            return self._desk.redirect(request, f"/people/{found.person.person.id}")
        if found.entity.total:
            return self._desk.redirect(request, "/entities", id=wanted)
        return self._desk.redirect(request, "/sessions", text=wanted)


def look_for(journal: Journal, caller: Caller, wanted: str) -> Found:
    """What a text stands for, as far as it is the caller's to know; each looked up by an index."""
    scope = caller.scope

    def first(**which: str) -> SessionPage:
        try:
            query = SessionQuery(scope=scope, filter=SessionFilter(**which), limit=1, total=True)  # type: ignore[arg-type]
        except Invalid:  # what no session can hold
            return SessionPage(sessions=(), next=None, total=0)
        return journal.page(query)

    nothing = SessionPage(sessions=(), next=None, total=0)
    number, named = session_number(wanted), len(wanted) <= NAME_LENGTH
    session = None
    if number is not None:
        with suppress(Unknown, Forbidden):
            caller.require(resource_of_number(number), Level.READ)
            session = journal.session(scope, number)
    of_person = first(login=wanted) if named else nothing
    return Found(
        session=session,
        person=of_person.sessions[0] if of_person.sessions else None,
        entity=first(entity_id=wanted) if named else nothing,
        text=first(text=wanted) if words(wanted) else nothing,
    )


def pages(desk: Desk) -> list[Page]:
    """One field for everything."""
    find = Find(desk)
    return [Page(method="GET", path=PATH, handle=find.show, resource=Resource.ACTIVITY_SESSIONS)]
