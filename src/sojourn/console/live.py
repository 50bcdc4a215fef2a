"""What is going on now: who is in a session, and what becomes of whom, as it does."""

from collections.abc import AsyncGenerator
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.desk import HEADERS, Desk
from sojourn.console.page import Page, PublicPage
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.query import SessionFilter, SessionPage, SessionQuery, Status
from sojourn.web import live

SHOWN = 30
"""How many of the sessions that run are shown: those that began last."""


class Happenings:
    """The page, and what it is told while it is open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """What runs, and where the changes will stand."""
        backend = self._desk.backend
        running: SessionPage = await backend.read(
            caller,
            backend.journal.page,
            SessionQuery(
                scope=caller.scope,
                filter=SessionFilter(status=Status.ACTIVE),
                limit=SHOWN,
                total=True,
                activities=False,
            ),
        )
        return self._desk.page(request, "live.html", running=running.sessions, total=running.total or 0)

    async def follow(self, request: Request, caller: Caller) -> Response:
        """The changes, each as a row of the page."""
        return await live.event_stream(request, self._events(request, caller), HEADERS)

    async def _events(self, request: Request, caller: Caller) -> AsyncGenerator[str]:
        async for changes in self._desk.feeds.changes(caller, live.last_event(request)):
            for identity, change in changes:
                row = self._desk.fragment(request, "parts/change.html", change=change)
                yield live.event("change", row, identity)
            if not changes:
                yield live.COMMENT


def pages(desk: Desk) -> list[Page | PublicPage]:
    """What is going on now."""
    happenings = Happenings(desk)
    reads = partial(Page, method="GET", resource=Resource.ACTIVITY_SESSIONS, level=Level.READ)
    return [
        reads(path="/live", handle=happenings.show),
        reads(path="/live/events", handle=happenings.follow),
    ]
