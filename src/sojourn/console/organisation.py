"""The settings of the organisation."""

from zoneinfo import available_timezones

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console import forms
from sojourn.console.desk import Desk
from sojourn.console.page import Page, PublicPage
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Exists, Invalid, SojournError

PATH = "/organisation"
MINUTE = 60


class Settings:
    """What an organisation is called, and what it allows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """The settings."""
        return await self._show(request, caller)

    async def _show(self, request: Request, caller: Caller, wrong: SojournError | None = None) -> Response:
        told = await self._desk.backend.read(caller, self._desk.administration.organisation, caller.scope)
        may_change = caller.levels.get(Resource.ADMINISTRATION) is Level.WRITE
        zones = sorted(available_timezones())
        return self._desk.page(
            request,
            "organisation.html",
            status=400 if wrong else 200,
            organisation=told,
            zones=zones,
            may_change=may_change,
            wrong=wrong,
        )

    async def change(self, request: Request, caller: Caller) -> Response:
        """Change them."""
        sent = await forms.sent(request)
        try:
            await self._desk.backend.read(
                caller,
                self._desk.administration.change_organisation,
                caller.scope,
                name=sent.text("name"),
                idle_limit=_whole("idle_limit", sent.text("idle_minutes")) * MINUTE,
                rate_limit=_whole("rate_limit", sent.text("rate_limit")),
                time_zone=sent.text("time_zone"),
            )
        except (Invalid, Exists) as error:
            return await self._show(request, caller, wrong=error)
        return self._desk.redirect(request, PATH, "The settings are saved.")


def _whole(field: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Invalid(field, "must be a whole number")
    return int(text)


def pages(desk: Desk) -> list[Page | PublicPage]:
    """The settings: for who administers."""
    settings = Settings(desk)
    kind = Resource.ADMINISTRATION
    return [
        Page(method="GET", path=PATH, handle=settings.show, resource=kind),
        Page(method="POST", path=PATH, handle=settings.change, resource=kind, level=Level.WRITE),
    ]
