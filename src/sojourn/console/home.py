"""Where a person begins, and the preferences that anybody may set."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sojourn.console import cookies, forms
from sojourn.console.desk import THEMES, Desk
from sojourn.console.page import Page, PublicPage
from sojourn.core.access import Caller


class Home:
    """The first page, and the look."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self, request: Request, caller: Caller) -> Response:
        """The first of what the caller may open."""
        entries = self._desk.navigation.entries(caller)
        if entries:
            return self._desk.redirect(request, entries[0].path)
        return self._desk.page(request, "home.html")

    async def theme(self, request: Request) -> Response:
        """Light, dark, or as the system has it; for browsers without scripts."""
        sent = await forms.sent(request)
        response = RedirectResponse(forms.ours(sent.text("next")), 303, {"Cache-Control": "no-store"})
        wanted = sent.text("theme")
        cookies.prefer(request, response, self._desk.backend, cookies.THEME, wanted if wanted in THEMES else "auto")
        return response


def pages(desk: Desk) -> list[Page | PublicPage]:
    """The first page, and the look."""
    home = Home(desk)
    return [
        Page(method="GET", path="/", handle=home.begin, resource=None),
        PublicPage(method="POST", path="/theme", handle=home.theme),
    ]
