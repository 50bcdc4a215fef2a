"""A page of a list that can be turned both ways: each side of it is a place, not a number of pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from sojourn.core.model import Session
from sojourn.core.query import Order, Place, SessionPage, SessionQuery
from sojourn.web.cursor import seal, unseal

T = TypeVar("T")

SIZES = (25, 50, 100)
"""How many rows a page of any list may have, as its address tells by `limit`; the first, where it tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """A page, with what its neighbours are asked for by: `after` for the next one, `before` for the one before."""

    items: tuple[T, ...]
    after: str
    before: str
    total: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """Where an address wants the page to begin: after a place, or going back from one."""

    place: Place | None
    back: bool


def size_of(given: Mapping[str, str], usual: int = SIZES[0]) -> int:
    """How many rows a page is to have: one of `SIZES`."""
    told = given.get("limit", "")
    return next((size for size in SIZES if told == str(size)), usual)


def turn_of(given: Mapping[str, str], *question: object) -> Turn:
    """Where the page begins. Raises: Invalid, when it was told by another list."""
    for name in ("after", "before"):
        if text := given.get(name, ""):
            return Turn(unseal(text, *question), name == "before")
    return Turn(None, False)


def opposite(order: Order) -> Order:
    """The other order."""
    return Order.NEWEST if order is Order.OLDEST else Order.OLDEST


def sessions_listed(
    ask: Callable[[SessionQuery], SessionPage], query: SessionQuery, turn: Turn, *question: object
) -> Listing[Session]:
    """A page of sessions. Going back, it is read in the other order and turned round."""
    page = ask(replace(query, after=turn.place, order=opposite(query.order) if turn.back else query.order))
    items = tuple(reversed(page.sessions)) if turn.back else page.sessions
    return listed(items, turn, more=page.next is not None, total=page.total, place=place_of, question=question)


def place_of(session: Session) -> Place:
    """Where a session is in a list."""
    return Place(session.started_at, session.id)


def listed(
    items: tuple[T, ...],
    turn: Turn,
    *,
    more: bool,
    total: int | None,
    place: Callable[[T], Place],
    question: tuple[object, ...],
) -> Listing[T]:
    """A page with its neighbours. `more`: there was more in the direction in which it was read."""
    has_next = bool(items) and (turn.back or more)
    has_previous = bool(items) and (more if turn.back else turn.place is not None)
    return Listing(
        items=items,
        after=seal(place(items[-1]), *question) if has_next else "",
        before=seal(place(items[0]), *question) if has_previous else "",
        total=total,
    )
