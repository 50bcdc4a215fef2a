"""How the server is doing: what waits, how long commits take, how much is kept and for how long, the last backup."""

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.desk import Desk
from sojourn.console.page import Page, PublicPage
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.model import DAY

OVERDUE = 7 * DAY
"""A backup that is older is worth a word."""


class Systems:
    """The page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """How it is doing now."""
        desk = self._desk
        condition = await desk.system.condition(caller)
        kept = await desk.backend.read(caller, desk.backend.custodian.retention, caller.scope.organisation)
        overdue = condition.last_backup is None or desk.clock() - condition.last_backup > OVERDUE
        return desk.page(request, "system.html", condition=condition, kept=kept.seconds, overdue=overdue)


def pages(desk: Desk) -> list[Page | PublicPage]:
    """How the server is doing."""
    show = Systems(desk).show
    return [Page(method="GET", path="/system", handle=show, resource=Resource.ADMINISTRATION, level=Level.READ)]
