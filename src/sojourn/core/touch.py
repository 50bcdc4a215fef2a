"""Who touched something: sessions, told by what was done in them to one entity; and how a session went by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sojourn.core.model import Activity, Instant, Person, Session
from sojourn.core.presence import IDLE_GAP
from sojourn.core.query import Place

TOUCHES_LISTED = 20
"""How many of the activities that touched it are told of each session."""

TOUCHERS_COUNTED = 1_000
"""Over how many sessions, the newest, the people who touched something are counted: so that the cost is bounded."""

MOST_BEATS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A session that touched it: how often, between when and when, and the first of the activities that did."""

    session: Session
    count: int
    first_at: Instant
    last_at: Instant
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchPage:
    """Some touches in the order of their sessions' starts; where the next page begins; how many, if asked for."""

    touches: tuple[Touch, ...]
    next: Place | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Toucher:
    """Somebody who touched it: in how many sessions, and when the newest of them began."""

    person: Person
    sessions: int
    last_started_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchers:
    """Who touched it, most sessions first, counted over the newest `sessions`; `whole`, where those are all."""

    people: tuple[Toucher, ...]
    sessions: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What was done in one of the even parts of a session: how much, and when first and last."""

    count: int
    first_at: Instant
    last_at: Instant


def pauses(beats: Sequence[Beat], limit: int = IDLE_GAP) -> Iterator[tuple[Instant, Instant]]:
    """The stretches longer than `limit` in which nothing was done, between things that were.

    Within a beat they are known only where it has two activities.
    """
    for i, beat in enumerate(beats):
        if i and beat.first_at - beats[i - 1].last_at > limit:
            yield beats[i - 1].last_at, beat.first_at
        if beat.count == 2 and beat.last_at - beat.first_at > limit:
            yield beat.first_at, beat.last_at
