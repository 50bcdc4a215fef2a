"""What is going on now: the changes of an organisation's sessions between one look and the next.

Nobody tells of a change: a look asks which sessions were touched lately. So whoever looks, in whichever process, sees
what all processes wrote, and nothing is kept or sent for the sake of those who might look.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sojourn.core.model import SECOND, Activity, Instant, Session
from sojourn.core.visit import VisitKept

LOOK_BACK = 10 * SECOND
"""A transaction shows itself a little after the time that it notes: each look asks for some of the past again."""

MOST_CHANGES = 200
"""How many changes of each sort a look tells at most: the newest."""

MOST_WATCHED = 1_000
"""How many running sessions are watched for their end at most: those that were touched last."""


class What(StrEnum):
    """What became of a session: `added` is one that was handed in whole, `visited` one that an agent measured."""

    BEGAN = "began"
    ACTIVE = "active"
    ENDED = "ended"
    ADDED = "added"
    VISITED = "visited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A session after something became of it, or a visit.

    `latest` is the last thing done in the session; it is new where `what` is active, began or added.
    """

    what: What
    at: Instant
    session: Session | None = None
    latest: Activity | None = None
    visit: VisitKept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a look asks for, in one organisation.

    Sessions that run and were touched since then; those among `watched` that have ended; and whatever has a number
    above these two, of sessions and of visits: nothing on a first look, which has `above` None.
    """

    organisation: int
    since: Instant
    above: tuple[int, int] | None
    watched: tuple[int, ...] = ()
    limit: int = MOST_CHANGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look finds, newest first, all of it from one moment; and the highest numbers that were given out."""

    running: tuple[Session, ...]
    ended: tuple[Session, ...]
    visits: tuple[VisitKept, ...]
    latest: Mapping[int, Activity]
    highest: tuple[int, int]


class Watch:
    """Looks again and again; remembers what it saw, no more than it needs. One organisation, one thread at a time."""

    def __init__(self, organisation: int, look: Callable[[Glance], Seen]) -> None:
        self._organisation = organisation
        self._look = look
        self._highest: tuple[int, int] | None = None
        self._newest = 0
        self._known: dict[int, Instant] = {}

    def changes(self) -> list[Change]:
        """What became of what since the last look, oldest first. The first look tells nothing."""
        above = self._highest
        seen = self._look(
            Glance(
                organisation=self._organisation,
                since=0 if above is None else self._newest - LOOK_BACK,
                above=above,
                watched=tuple(self._known),
                limit=MOST_WATCHED if above is None else MOST_CHANGES,
            )
        )
        self._highest = seen.highest
        found = [] if above is None else self._changes(seen, above[0])
        self._remember(seen)
        return found

    def _changes(self, seen: Seen, above: int) -> list[Change]:
        found = [Change(what=What.VISITED, at=visit.committed, visit=visit) for visit in seen.visits]
        for one in seen.ended:
            what = What.ENDED if one.id in self._known or one.id <= above else What.ADDED
            found.append(Change(what=what, at=one.updated_at, session=one, latest=seen.latest.get(one.id)))
        for one in seen.running:
            if self._known.get(one.id, -1) < one.updated_at:
                what = What.BEGAN if one.id > above else What.ACTIVE
                found.append(Change(what=what, at=one.updated_at, session=one, latest=seen.latest.get(one.id)))
        return sorted(found, key=lambda change: change.at)

    def _remember(self, seen: Seen) -> None:
        for session in seen.ended:
            self._known.pop(session.id, None)
        for session in reversed(seen.running):
            self._known.pop(session.id, None)  # to the end of the line
            self._known[session.id] = session.updated_at
            self._newest = max(self._newest, session.updated_at)
        for number in list(self._known)[: max(0, len(self._known) - MOST_WATCHED)]:
            del self._known[number]
