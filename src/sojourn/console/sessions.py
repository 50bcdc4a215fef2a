"""The sessions: found by everything that can be asked for, counted by day, as a table or in lanes."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.asked import Asked, asked, is_visit
from sojourn.console.days import SPANS, counted, days_of
from sojourn.console.desk import Desk
from sojourn.console.listing import Listing, sessions_listed, size_of, turn_of
from sojourn.console.page import Page
from sojourn.console.stays import Stays
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Invalid
from sojourn.core.model import Kind, Session
from sojourn.core.query import SessionFilter, SessionQuery
from sojourn.web.stream import streamed

PATH = "/sessions"
STAYS = 200
"""How many sessions a page shows in lanes."""

TURNING = ("after", "before")


class Sessions:
    """The sessions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """A page of them; with what is wrong at its field, where something is."""
        question = asked(request.query_params, self._desk.zone(request))
        given, clean = request.query_params, question.parameters()
        if clean != {name: given[name] for name in question.values if name in given}:
            others = {name: value for name, value in given.items() if name not in question.values}
            return self._desk.redirect(request, PATH, **others, **clean)
        if question.filter is None:
            return self._desk.page(request, "sessions.html", status=400, **self._blank(request, question))
        try:
            return await self._found(request, caller, question, question.filter)
        except Invalid as error:  # a place of another list: begin at its first page
            if error.field != "cursor":
                raise
            return self._desk.redirect(request, PATH, **_without(request, TURNING))

    async def _found(self, request: Request, caller: Caller, question: Asked, which: SessionFilter) -> Response:
        caller.require(resource_of(which), Level.READ)
        journal, backend = self._desk.backend.journal, self._desk.backend
        in_lanes = request.query_params.get("view") == "lanes"
        query = SessionQuery(
            scope=caller.scope,
            filter=which,
            order=question.order,
            limit=STAYS if in_lanes else size_of(request.query_params),
            total=True,
        )
        place = ("console sessions", caller.scope, which, question.order)
        turn = turn_of(request.query_params, *place)
        listing = await backend.read(caller, sessions_listed, journal.page, query, turn, *place)
        days = days_of(request.query_params, which, question.zone, self._desk.clock())
        counts = await backend.read(caller, counted, journal, caller.scope, which, days)
        values = self._blank(request, question) | {
            "listing": listing,
            "days": days,
            "counts": counts,
            "histogram": days.drawn(
                counts,
                lambda **new: self._desk.here(request, **dict.fromkeys((*TURNING, "alive", "until")), **new),
            ),
            "lanes": self._lanes(request, listing, which) if in_lanes else None,
            "native": question.native(),
        }
        return self._desk.page(request, "sessions.html", **values)

    def _blank(self, request: Request, question: Asked) -> dict[str, Any]:
        return {
            "asked": question,
            "view": "lanes" if request.query_params.get("view") == "lanes" else "table",
            "spans": SPANS,
            "keep": {name: request.query_params.get(name, "") for name in ("view", "days", "limit")},
            "listing": None,
            "histogram": None,
            "lanes": None,
            "may_visits": self._may_visits(request),
        }

    def _may_visits(self, request: Request) -> bool:
        caller: Caller = request.scope["state"]["caller"]
        return caller.levels.get(Resource.ENDPOINT_SESSIONS, Level.NONE) >= Level.READ

    def _lanes(self, request: Request, listing: Listing[Session], which: SessionFilter) -> object:
        stays = stays_for(self._desk, request)
        first = which.alive_from if which.alive_from is not None else which.started_from
        last = which.alive_to if which.alive_from is not None else which.started_to
        at = which.alive_from if which.alive_from is not None and which.alive_from == which.alive_to else None
        whole = listing.after == listing.before == ""
        axis = (
            stays.axis(listing.items, first, last) if at is not None or whole else stays.axis(listing.items, None, None)
        )
        return stays.drawn(listing.items, axis, "Sessions, a lane for each person", at=at)

    async def export(self, request: Request, caller: Caller) -> Response:
        """All that is found, as CSV or NDJSON."""
        question = asked(request.query_params, self._desk.zone(request))
        if question.filter is None:
            return await self.show(request, caller)
        caller.require(resource_of(question.filter), Level.READ)
        rows = "activities" if request.query_params.get("rows") == "activities" else "sessions"
        spelled = "ndjson" if request.query_params.get("format") == "ndjson" else "csv"
        chunks = self._desk.telling.all_of(caller.scope, question.filter, question.order, rows, spelled)
        media_type = "application/x-ndjson" if spelled == "ndjson" else "text/csv; header=present"
        headers = {"Content-Disposition": f'attachment; filename="{rows}.{spelled}"', "Cache-Control": "no-store"}
        return await streamed(self._desk.backend, caller, request, chunks, media_type, headers)


def resource_of(which: SessionFilter) -> Resource:
    """What an access group must open to sessions of that kind."""
    return Resource.ENDPOINT_SESSIONS if which.kind is Kind.VISIT else Resource.ACTIVITY_SESSIONS


def resource_of_number(number: int) -> Resource:
    """What an access group must open to the session of that number: visits have numbers of their own."""
    return Resource.ENDPOINT_SESSIONS if is_visit(number) else Resource.ACTIVITY_SESSIONS


def stays_for(desk: Desk, request: Request) -> Stays:
    """Who draws sessions for whoever asks."""
    return Stays(
        desk.zone(request),
        desk.clock(),
        session=lambda number: desk.url(request, f"{PATH}/{number}"),
        person=lambda number: desk.url(request, f"/people/{number}"),
    )


def _without(request: Request, names: tuple[str, ...]) -> Mapping[str, str]:
    return {name: value for name, value in request.query_params.items() if name not in names}


def pages(desk: Desk) -> list[Page]:
    """The sessions, and their export."""
    sessions = Sessions(desk)
    return [
        Page(method="GET", path=PATH, handle=sessions.show, resource=Resource.ACTIVITY_SESSIONS),
        Page(method="GET", path=f"{PATH}/export", handle=sessions.export, resource=Resource.ACTIVITY_SESSIONS),
    ]
