"""The visits: what agents measured, found by site, agent, date and everything else that visits stand under."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console import zoned
from sojourn.console.desk import Desk
from sojourn.console.listing import Listing, listed, opposite, size_of, turn_of
from sojourn.console.page import Page
from sojourn.console.pictures.load import page_bar
from sojourn.console.pictures.path import row
from sojourn.console.sought import CHOICES, FIRST, LABELS, Sought, sought
from sojourn.core.access import Caller, Resource, Scope
from sojourn.core.errors import Invalid
from sojourn.core.findings import spelled
from sojourn.core.journal import Journal
from sojourn.core.query import Place
from sojourn.core.report import Visit
from sojourn.core.verdict import Verdict, load_of, verdict, worst_page
from sojourn.core.visit import VisitKept, VisitQuery
from sojourn.core.way import Step, way

PATH = "/visits"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """A visit in a list: how it went by its report alone, without its requests."""

    kept: VisitKept
    judged: Verdict
    steps: tuple[Step, ...]
    content: int | None
    load: int | None

    @classmethod
    def of(cls, kept: VisitKept) -> "VisitRow":
        """Judge it."""
        assert kept.visit is not None
        return cls(kept=kept, judged=verdict(kept.visit), steps=way(kept.visit), **_times(kept.visit))


def _times(visit: Visit) -> dict[str, int | None]:
    page = worst_page(visit)
    content = page.page_timings.on_content_load if page and page.page_timings else None
    return {"content": content, "load": load_of(page) if page else None}


class Visits:
    """The visits."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """A page of them; with what is wrong at its field, where something is."""
        wanted = sought(request.query_params, self._desk.zone(request))
        backend = self._desk.backend
        names = await backend.read(caller, agent_names, backend.journal, caller.scope)
        if wanted.wrong:
            return self._told(request, wanted, names, None, status=400)
        try:
            found = await backend.read(caller, _found, backend.journal, caller.scope, wanted, request.query_params)
        except Invalid as error:  # a place of another list: begin at its first page
            if error.field != "cursor":
                raise
            return self._desk.redirect(request, PATH, **wanted.values, order=wanted.order)
        return self._told(request, wanted, names, found)

    def _told(
        self,
        request: Request,
        wanted: Sought,
        names: Mapping[str, str],
        found: Listing[VisitRow] | None,
        status: int = 200,
    ) -> Response:
        today = zoned.day_of(self._desk.clock(), wanted.zone)
        values: dict[str, Any] = {
            "wanted": wanted,
            "names": names,
            "found": found,
            "today": today.isoformat(),
            "day_before": wanted.day(-1, today),
            "day_after": wanted.day(1, today),
            "LABELS": LABELS,
            "FIRST": FIRST,
            "CHOICES": CHOICES,
            "origin": self._desk.origin(request),
            **ROW_WORDS,
        }
        return self._desk.page(request, "visits.html", status=status, **values)


ROW_WORDS: dict[str, Any] = {"page_bar": page_bar, "row_picture": row, "spelled": spelled}
"""What lists of visits draw and spell with."""


def agent_names(journal: Journal, scope: Scope) -> dict[str, str]:
    """What people call the agents, by id."""
    return {agent.about.agent_id: agent.about.name or agent.about.agent_id for agent in journal.agents(scope).agents}


def _found(journal: Journal, scope: Scope, wanted: Sought, given: Mapping[str, str]) -> Listing[VisitRow]:
    """A page. Going back, it is read in the other order and turned round. Raises: Invalid (cursor)."""
    question = (scope, *wanted.question)
    turn = turn_of(given, *question)
    query = VisitQuery(
        scope=scope,
        first=wanted.first,
        last=wanted.last,
        filters=wanted.filters,
        order=opposite(wanted.order) if turn.back else wanted.order,
        after=turn.place,
        limit=size_of(given),
        whole=True,
    )
    page = journal.visits(query)
    rows = tuple([VisitRow.of(kept) for kept in page.visits])
    items = tuple(reversed(rows)) if turn.back else rows
    return listed(items, turn, more=page.next is not None, total=None, place=_place, question=question)


def _place(told: VisitRow) -> Place:
    return Place(told.kept.date, told.kept.id)


def newest(journal: Journal, query: VisitQuery) -> tuple[VisitRow, ...]:
    """The newest visits that a query finds."""
    return tuple([VisitRow.of(kept) for kept in journal.visits(replace(query, whole=True)).visits])


def pages(desk: Desk) -> list[Page]:
    """The list."""
    return [Page(method="GET", path=PATH, handle=Visits(desk).show, resource=Resource.ENDPOINT_SESSIONS)]
