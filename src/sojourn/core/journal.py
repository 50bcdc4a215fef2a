"""The only way to read: it has no clock and changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sojourn.core.access import Scope
from sojourn.core.agent import MOST_AGENTS, Agent, AgentPage
from sojourn.core.errors import Forbidden, Invalid, Missing, Unknown
from sojourn.core.live import Watch
from sojourn.core.model import BATCH_LENGTH, Activity, Device, Instant, Person, Session
from sojourn.core.ports import SessionStore
from sojourn.core.presence import Stay, Window, active_stretches, by_hour, united
from sojourn.core.query import (
    ActivityPage,
    DevicePage,
    Order,
    PersonPage,
    Place,
    SessionFilter,
    SessionPage,
    SessionQuery,
)
from sojourn.core.touch import MOST_BEATS, TOUCHERS_COUNTED, Beat, Touchers, TouchPage
from sojourn.core.visit import VisitKept, VisitPage, VisitQuery, parse_user_session_id, round_of

FIRST_CHUNK = 250
"""A long answer begins with fewer rows, so that it begins soon."""

CHUNK = 1_000
"""How many rows of a long answer are read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveHour:
    """How long somebody was active in one hour; `hour` is its first moment on the zone's clock."""

    hour: datetime
    login: str
    microseconds: int


class Journal:
    """Reads sessions back."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    def page(self, query: SessionQuery) -> SessionPage:
        """A page of sessions."""
        return self._store.page(query)

    def days(self, scope: Scope, wanted: SessionFilter, zone: ZoneInfo) -> list[tuple[date, int]]:
        """How many sessions began on each day of a zone's calendar, oldest first; days without any are left out.

        What `page` tells as the total is their sum.
        """
        return self._store.days(scope, wanted, zone)

    def session(self, scope: Scope, session_id: int, *, activities: bool = False) -> Session:
        """One session, with all its activities if asked for. Raises: Unknown."""
        return self._store.session(scope, session_id, activities=activities)

    def activities(
        self,
        scope: Scope,
        session_id: int,
        *,
        after: Place | None = None,
        limit: int = 100,
        order: Order = Order.OLDEST,
    ) -> ActivityPage:
        """A page of a session's activities in order of time, or from the last one back. Raises: Unknown."""
        return self._store.activities(scope, session_id, after=after, limit=limit, order=order)

    def rhythm(self, scope: Scope, session_id: int, *, beats: int = 240) -> tuple[Beat, ...]:
        """What was done in each of so many even parts of a session; those without anything are left out.

        However much was done, it is told in `beats` figures. Raises: Unknown; Invalid (beats).
        """
        if not 1 <= beats <= MOST_BEATS:
            raise Invalid("beats", f"must be a number from 1 to {MOST_BEATS}")
        return self._store.rhythm(scope, session_id, beats=beats)

    def touches(self, query: SessionQuery) -> TouchPage:
        """A page of who touched what the filter names, and how. Raises: Missing, when it names no `entity_id`."""
        _names_something(query.filter)
        return self._store.touches(query)

    def touchers(self, scope: Scope, which: SessionFilter) -> Touchers:
        """Who touched it, counted over the newest sessions that did. Raises: Missing, as `touches` does."""
        _names_something(which)
        return self._store.touchers(SessionQuery(scope=scope, filter=which, limit=TOUCHERS_COUNTED))

    def sessions(self, query: SessionQuery) -> Iterator[tuple[Session, ...]]:
        """All that a query finds, in chunks of its limit; no transaction outlives one.

        With `activities`, each has the first `listed` of them; `rest` tells the others.
        """
        page = self._store.page(query)
        while page.sessions:
            yield page.sessions
            if page.next is None:
                return
            page = self._store.page(replace(query, after=page.next, offset=0))

    def rest(self, scope: Scope, session: Session) -> Iterator[tuple[Activity, ...]]:
        """The activities after those that a session was told with, in chunks; none where it is deleted meanwhile."""
        left = session.activity_count - len(session.activities)
        after = Place(session.activities[-1].at, session.activities[-1].seq) if session.activities else None
        try:
            while left > 0:
                page = self._store.activities(scope, session.id, after=after, limit=BATCH_LENGTH)
                yield page.activities
                left, after = (0 if page.next is None else left), page.next
        except Unknown:
            return

    def people(self, scope: Scope, *, after: Place | None = None, limit: int = 100) -> PersonPage:
        """A page of the people that the scope may know, by number."""
        return self._store.people(scope, after=after, limit=limit)

    def person(self, scope: Scope, number: int) -> Person:
        """One of the people that the scope may know. Raises: Unknown."""
        page = self._store.people(scope, after=Place(0, number - 1), limit=1)
        if not page.people or page.people[0].id != number:
            raise Unknown("person", number)
        return page.people[0]

    def latest_of(self, scope: Scope, people: Iterable[int]) -> dict[int, Session]:
        """The newest session of each person that has one: of each one row of an index is read."""
        found = {}
        for person in people:
            page = self._store.page(SessionQuery(scope=scope, filter=SessionFilter(person=person), limit=1))
            if page.sessions:
                found[person] = page.sessions[0]
        return found

    def device(self, scope: Scope, guid: str) -> Device:
        """One device. Raises: Unknown; Forbidden, in a scope that is narrowed to one person."""
        if scope.person:
            raise Forbidden("access to the sessions of everybody")
        return self._store.device(scope, guid)

    def latest_on(self, scope: Scope, guids: Iterable[str]) -> dict[str, Session]:
        """The newest session of each device that has one: of each one row of an index is read."""
        found = {}
        for guid in guids:
            page = self._store.page(SessionQuery(scope=scope, filter=SessionFilter(device=guid), limit=1))
            if page.sessions:
                found[guid] = page.sessions[0]
        return found

    def watch(self, organisation: int) -> Watch:
        """Somebody who looks again and again at what is going on in an organisation."""
        return Watch(organisation, self._store.look)

    def logins(self, scope: Scope, people: Sequence[int]) -> dict[int, str]:
        """The login names of people, by number."""
        return self._store.logins(scope, people)

    def devices(self, scope: Scope, *, after: Place | None = None, limit: int = 100) -> DevicePage:
        """A page of the organisation's devices. Raises: Forbidden, in a scope that is narrowed to one person."""
        if scope.person:
            raise Forbidden("access to the sessions of everybody")
        return self._store.devices(scope, after=after, limit=limit)

    def stays(self, scope: Scope, window: Window) -> Iterator[list[Stay]]:
        """Who was there in a window, in order of start and number of the sessions.

        In chunks; no transaction outlives one.
        """
        after: Place | None = None
        limit = FIRST_CHUNK
        while chunk := self._store.stays(scope, window, after=after, limit=limit, offset=0):
            yield chunk
            if len(chunk) < limit:
                return
            after = _place(chunk[-1])
            limit = CHUNK

    def measured_stays(
        self, scope: Scope, window: Window, until: Instant, *, after: Place | None = None, limit: int, offset: int = 0
    ) -> list[tuple[Stay, list[Instant]]]:
        """The same by pages, each with the times of what was done in it, in order.

        A stay without a logout is looked at `until` then.
        """
        return self._store.measured_stays(scope, window, until, after=after, limit=limit, offset=offset)

    def productivity(self, scope: Scope, window: Window, zone: ZoneInfo, now: Instant) -> list[ActiveHour]:
        """How long each person was active in each hour of a zone's clock, by day, hour and name.

        A stay is active but for its idle gaps. What several sessions of one person share counts once; a session that
        runs on counts up to its last activity (our decisions).
        """
        stretches: defaultdict[int, list[tuple[Instant, Instant]]] = defaultdict(list)
        after: Place | None = None
        while chunk := self.measured_stays(scope, window, now, after=after, limit=CHUNK):
            for stay, times in chunk:
                _, _, person, *_ = stay
                stretches[person] += active_stretches(stay, times)
            after = _place(chunk[-1][0])
        logins = self._store.logins(scope, sorted(stretches))
        spent: defaultdict[tuple[datetime, str], int] = defaultdict(int)
        for person, some in stretches.items():
            for begin, end in united(some):
                for hour, microseconds in by_hour(begin, end, zone):
                    spent[hour, logins[person]] += microseconds
        return [
            ActiveHour(hour=hour, login=login, microseconds=microseconds)
            for (hour, login), microseconds in sorted(spent.items())
        ]

    def visits(self, query: VisitQuery) -> VisitPage:
        """A page of visits, by date."""
        return self._store.visits(query)

    def visit(self, scope: Scope, user_session_id: str) -> VisitKept:
        """One visit, whole. Raises: Unknown, also when the group or the round in its id is another."""
        parts = parse_user_session_id(user_session_id)
        if parts is None or parts[0] != scope.organisation:
            raise Unknown("user session", user_session_id)
        try:
            visit = self._store.visit(scope, parts[2])
        except Unknown as error:
            raise Unknown("user session", user_session_id) from error
        if round_of(visit.date) != parts[1]:
            raise Unknown("user session", user_session_id)
        return visit

    def visit_number(self, scope: Scope, user_session_id: str) -> int:
        """The number that an id stands for, also of a visit that is gone.

        Raises: Unknown, when the group or the round in the id is another.
        """
        parts = parse_user_session_id(user_session_id)
        if parts is None or parts[0] != scope.organisation:
            raise Unknown("user session", user_session_id)
        try:
            date = self._store.visit(scope, parts[2]).date
        except Unknown:
            return parts[2]
        if round_of(date) != parts[1]:
            raise Unknown("user session", user_session_id)
        return parts[2]

    def har(self, scope: Scope, user_session_id: str) -> str:
        """The HAR of a visit: JSON. Raises: Unknown."""
        return self._store.har(scope, self.visit(scope, user_session_id).id)

    def newest_visit(self, scope: Scope) -> Instant | None:
        """The date of the newest visit, where there is one."""
        return self._store.newest_visit(scope)

    def agents(self, scope: Scope, *, after: int | None = None, limit: int = MOST_AGENTS) -> AgentPage:
        """A page of agents in the order in which they were first seen, after the one of that number."""
        return self._store.agents(scope, after=after, limit=limit)

    def agent(self, scope: Scope, agent_id: str) -> Agent:
        """One agent. Raises: Unknown."""
        return self._store.agent(scope, agent_id)


def _names_something(which: SessionFilter) -> None:
    if which.entity_id is None:
        raise Missing("entity_id")


def _place(stay: Stay) -> Place:
    started_at, number, *_ = stay
    return Place(started_at, number)
