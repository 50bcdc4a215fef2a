"""Sessions as lanes of a picture: who was there together."""

from collections.abc import Callable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from markupsafe import Markup

from sojourn.console import zoned
from sojourn.console.pictures.axis import HOUR, Axis
from sojourn.console.pictures.lanes import Lane, Stretch, lanes
from sojourn.console.words import duration, local
from sojourn.core.model import EARLIEST, LATEST, Closing, Instant, Session

AROUND = 4 * HOUR
LEAST_AROUND = HOUR // 4
"""The most and the least of what is shown on either side of a moment."""


def status_of(session: Session) -> str:
    """`running`, `ended`, or `idle`: closed by the server because nothing happened any more."""
    if session.ended_at is None:
        return "running"
    return "idle" if session.closing is Closing.IDLE else "ended"


def spoken(session: Session, zone: ZoneInfo, now: Instant) -> str:
    """`Session 17 of ada: 3 September 08:12 to 09:40 (1 h 28 min), CARE_DESK`."""
    begin = local(session.started_at, zone)
    who = session.person.login if session.person else "nobody"
    if session.ended_at is None:
        until = f"running since {duration(max(0, now - session.started_at))}"
    else:
        end = local(session.ended_at, zone)
        clock = f"{end:%H:%M}" if end.date() == begin.date() else f"{end.day} {end:%B %H:%M}"
        closed = ", closed for idleness" if session.closing is Closing.IDLE else ""
        until = f"to {clock} ({duration(session.ended_at - session.started_at)}){closed}"
    module = f", {session.module}" if session.module else ""
    return f"Session {session.id} of {who}: {begin.day} {begin:%B %H:%M} {until}{module}"


class Stays:
    """Draws sessions for one reader: `session` and `person` tell addresses."""

    def __init__(
        self, zone: ZoneInfo, now: Instant, session: Callable[[int], str], person: Callable[[int], str]
    ) -> None:
        self._zone = zone
        self._now = now
        self._session = session
        self._person = person

    def drawn(
        self, sessions: Sequence[Session], axis: Axis, label: str, at: Instant | None = None, here: int = 0
    ) -> Markup:
        """The picture: a lane for each person, by name."""
        by_person: dict[tuple[str, int], list[Session]] = {}
        for session in sessions:
            key = (session.person.login, session.person.id) if session.person else ("nobody", 0)
            by_person.setdefault(key, []).append(session)
        some = [
            Lane(name=login, href=self._person(number), stretches=[self._stretch(s, here) for s in theirs])
            for (login, number), theirs in sorted(by_person.items())
        ]
        return lanes(some, axis, label, now=self._now, at=at)

    def by_day(self, sessions: Sequence[Session], label: str, day: Callable[[date], str]) -> Markup:
        """A lane for each day on which one of them began, newest first, all on one clock from midnight to midnight."""
        by_day: dict[date, list[Session]] = {}
        for session in sessions:
            by_day.setdefault(zoned.day_of(session.started_at, self._zone), []).append(session)
        days = sorted(by_day, reverse=True)
        first, last = zoned.day_bounds(days[0], self._zone)
        some = []
        for each in days:
            back = first - zoned.day_bounds(each, self._zone)[0]
            stretches = [self._stretch(session, 0, back) for session in by_day[each]]
            some.append(Lane(name=f"{each:%a} {each.day} {each:%b}", href=day(each), stretches=stretches))
        return lanes(some, Axis(first=first, last=last, zone=self._zone, dated=False), label)

    def _stretch(self, session: Session, here: int, later: int = 0) -> Stretch:
        """Its bar; `later` moves it to another day."""
        until = self._now if session.ended_at is None and later else session.ended_at
        return Stretch(
            begin=session.started_at + later,
            end=None if until is None else until + later,
            href=self._session(session.id),
            spoken=spoken(session, self._zone, self._now),
            kind=status_of(session),
            here=session.id == here,
        )

    def axis(self, sessions: Sequence[Session], first: Instant | None, last: Instant | None) -> Axis:
        """From when to when: the range that was asked for, or around a moment of it; else what the sessions span.

        A session that goes on for much longer than the others began does not make them hairlines.
        """
        if first is not None and first == last:
            around = self._around(sessions, first)
            return Axis(first=max(EARLIEST, first - around), last=min(LATEST, first + around), zone=self._zone)
        starts = [session.started_at for session in sessions] or [self._now]
        begin = min(starts) if first is None else first
        ends = [self._now if session.ended_at is None else session.ended_at for session in sessions] or [self._now]
        cap = max(starts) + max(HOUR, (max(starts) - begin) // 5)
        return Axis(first=begin, last=max(begin + 1, min(max(ends), cap) if last is None else last), zone=self._zone)

    def _around(self, sessions: Sequence[Session], at: Instant) -> int:
        """How much to show on either side of a moment: so much that most of what was alive then is whole."""
        ends = [self._now if session.ended_at is None else session.ended_at for session in sessions]
        far = max([at - session.started_at for session in sessions] + [end - at for end in ends], default=0)
        return min(AROUND, max(LEAST_AROUND, far + far // 20))
