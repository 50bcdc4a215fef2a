"""An entity: everybody who touched it, when, in which session, what was done to it, and why."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.asked import asked
from sojourn.console.desk import Desk
from sojourn.console.listing import Listing, Turn, listed, opposite, place_of, size_of, turn_of
from sojourn.console.page import Page
from sojourn.core.access import Caller, Resource, Scope
from sojourn.core.errors import Invalid
from sojourn.core.journal import Journal
from sojourn.core.query import Order, Place, SessionFilter, SessionQuery
from sojourn.core.touch import TOUCHERS_COUNTED, TOUCHES_LISTED, Touch, Touchers
from sojourn.web.times import to_microseconds

PATH = "/entities"
FIELDS = ("type", "id", "person", "from", "to")


class Entities:
    """What was touched."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """Who touched it; where nothing is named, a form to name it."""
        given = {name: request.query_params.get(name, "") for name in FIELDS}
        question = asked(given, self._desk.zone(request))
        if any(name in request.query_params and not given[name].strip() for name in FIELDS):
            return self._desk.redirect(request, PATH, **question.parameters())
        which = question.filter
        if which is None or which.entity_id is None:
            wrong = dict(question.wrong)
            if which is not None and which.entity_type is not None:
                wrong["id"] = "Tell which one: its id."
            return self._desk.page(
                request, "entities.html", status=400 if wrong else 200, asked=question, wrong=wrong, listing=None
            )
        try:
            return await self._touched(request, caller, which)
        except Invalid as error:  # a place of another list
            if error.field != "cursor":
                raise
            return self._desk.redirect(request, PATH, **question.parameters())

    async def _touched(self, request: Request, caller: Caller, which: SessionFilter) -> Response:
        place = ("console touches", caller.scope, which)
        turn = turn_of(request.query_params, *place)
        query = SessionQuery(
            scope=caller.scope, filter=which, limit=size_of(request.query_params), listed=TOUCHES_LISTED, total=True
        )
        journal = self._desk.backend.journal
        listing, people = await self._desk.backend.read(caller, _read, journal, caller.scope, query, turn, place)
        return self._desk.page(
            request,
            "entities.html",
            asked=asked(request.query_params, self._desk.zone(request)),
            wrong={},
            listing=listing,
            people=people,
            counted=TOUCHERS_COUNTED,
            exact=to_microseconds,
            types=_types(listing.items),
        )


def _read(
    journal: Journal, scope: Scope, query: SessionQuery, turn: Turn, question: tuple[object, ...]
) -> tuple[Listing[Touch], Touchers]:
    order = opposite(Order.NEWEST) if turn.back else Order.NEWEST
    page = journal.touches(replace(query, after=turn.place, order=order))
    items = tuple(reversed(page.touches)) if turn.back else page.touches
    listing = listed(items, turn, more=page.next is not None, total=page.total, place=_place, question=question)
    return listing, journal.touchers(scope, query.filter)


def _place(touch: Touch) -> Place:
    return place_of(touch.session)


def _types(touches: Sequence[Touch]) -> list[str]:
    """The types that something of that id has, as far as the page tells."""
    return sorted({activity.entity_type for touch in touches for activity in touch.activities})


def pages(desk: Desk) -> list[Page]:
    """An entity."""
    entities = Entities(desk)
    return [Page(method="GET", path=PATH, handle=entities.show, resource=Resource.ACTIVITY_SESSIONS)]
