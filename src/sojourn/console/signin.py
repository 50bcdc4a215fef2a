"""Signing in and out."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sojourn.console import cookies, forms
from sojourn.console.desk import Desk
from sojourn.console.page import Page, PublicPage
from sojourn.core.access import Caller
from sojourn.core.errors import Unauthenticated
from sojourn.core.registry import Issued
from sojourn.web.headers import header


class Entrance:
    """Signing in and out."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def form(self, request: Request) -> Response:
        """Where somebody says who they are."""
        return self._desk.page(request, "sign-in.html", next=request.query_params.get("next", ""), wrong="")

    async def by_token(self, request: Request) -> Response:
        """With a token."""
        sent = await forms.sent(request)
        try:
            issued = await self._desk.backend.run(
                self._desk.signin.by_token, sent.text("token"), header(request, "user-agent")[:200] or "a browser"
            )
        except Unauthenticated:
            wrong = "This token opens nothing here: it is mistyped, revoked or over."
            return self._desk.page(request, "sign-in.html", status=403, next=sent.text("next"), wrong=wrong)
        return self._let_in(request, issued, sent.text("next"))

    async def out(self, request: Request, caller: Caller) -> Response:
        """Sign out: the session ends on the server too."""
        await self._desk.backend.run(self._desk.signin.end, caller, caller.token)
        response = RedirectResponse("/sign-in", 303, {"Cache-Control": "no-store"})
        cookies.take(request, response, self._desk.backend, cookies.SESSION)
        return response

    def _let_in(self, request: Request, issued: Issued, target: str) -> Response:
        response = RedirectResponse(forms.ours(target), 303, {"Cache-Control": "no-store"})
        cookies.give(request, response, self._desk.backend, cookies.SESSION, issued.secret)
        cookies.take(request, response, self._desk.backend, cookies.FORM)
        return response


def pages(desk: Desk) -> list[Page | PublicPage]:
    """Signing in and out."""
    entrance = Entrance(desk)
    return [
        PublicPage(method="GET", path="/sign-in", handle=entrance.form),
        PublicPage(method="POST", path="/sign-in/token", handle=entrance.by_token),
        Page(method="POST", path="/sign-out", handle=entrance.out, resource=None),
    ]
