"""What somebody wants to read: filters, pages, and the cursor between two pages."""

from dataclasses import dataclass, field
from enum import StrEnum

from sojourn.core.access import Scope
from sojourn.core.errors import Invalid
from sojourn.core.model import NAME_LENGTH, NOTE_LENGTH, Activity, Device, Instant, Kind, Person, Session, storable

PAGE_LENGTH = 1_000
"""The longest page of any list."""

LISTED_ACTIVITIES = 1_000
"""How many activities of one session a list of sessions shows at most; the session itself shows all."""


class Order(StrEnum):
    """By the start of the session."""

    NEWEST = "newest"
    OLDEST = "oldest"


class Status(StrEnum):
    """Whether it is still going on."""

    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """Which sessions. Everything given must hold; bounds are inclusive; `text` is words that must all occur.

    `alive_from` and `alive_to` select what was going on at any moment between them.
    """

    person: int | None = None
    login: str | None = None
    device: str | None = None
    entity_type: str | None = None
    entity_id: str | None = None
    module: str | None = None
    name: str | None = None
    text: str | None = None
    status: Status | None = None
    started_from: Instant | None = None
    started_to: Instant | None = None
    alive_from: Instant | None = None
    alive_to: Instant | None = None
    kind: Kind = Kind.WORK

    def __post_init__(self) -> None:
        for name in ("login", "device", "entity_type", "entity_id", "module", "name"):
            _sought(name, getattr(self, name), NAME_LENGTH)
        _sought("text", self.text, NOTE_LENGTH)
        _ordered("started_to", self.started_from, self.started_to)
        _ordered("alive_to", self.alive_from, self.alive_to)


def _sought(name: str, value: str | None, length: int) -> None:
    """A text that can stand in a session: what no session can hold is refused, not searched."""
    if value is None:
        return
    if not 1 <= len(value) <= length:
        raise Invalid(name, f"must have 1 to {length} characters")
    storable(name, value)


def _ordered(name: str, first: Instant | None, last: Instant | None) -> None:
    if first is not None and last is not None and last < first:
        raise Invalid(name, "must not be before the start of the range")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after the session that started then and has that number."""

    at: Instant
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionQuery:
    """A page of sessions: by `offset`, or after a `place`.

    With `activities`, each session is told with the first `listed` of them.
    """

    scope: Scope
    filter: SessionFilter = field(default_factory=SessionFilter)
    order: Order = Order.NEWEST
    limit: int = 10
    offset: int = 0
    after: Place | None = None
    activities: bool = False
    listed: int = LISTED_ACTIVITIES
    total: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= PAGE_LENGTH:
            raise Invalid("limit", f"must be a number from 1 to {PAGE_LENGTH}")
        if self.offset < 0:
            raise Invalid("offset", "must be a number from 0 up")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPage:
    """Some sessions; where the next page begins, if there is more; and how many there are, if asked for."""

    sessions: tuple[Session, ...]
    next: Place | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """Some people by number; where the next page begins, if there is more: a place's `id` is a person's."""

    people: tuple[Person, ...]
    next: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePage:
    """Some devices in the order in which they were first seen; where the next page begins, if there is more."""

    devices: tuple[Device, ...]
    next: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPage:
    """Some activities of one session in order of time; where the next page begins, if there is more."""

    activities: tuple[Activity, ...]
    next: Place | None
