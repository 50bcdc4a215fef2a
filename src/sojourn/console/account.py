"""One's own account: the password, the browsers that are signed in, tokens for one's own programs."""

from collections.abc import Callable
from typing import ParamSpec

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sojourn.console import cookies, forms
from sojourn.console.desk import Desk
from sojourn.console.page import Page, PublicPage
from sojourn.core.access import Caller
from sojourn.core.errors import Exists, Invalid, SojournError, Unknown
from sojourn.core.registry import Issued
from sojourn.core.signin import LEAST_LENGTH

P = ParamSpec("P")
PATH = "/account"
LIVES = {"1": "a day", "30": "30 days", "90": "90 days", "365": "a year", "": "until it is revoked"}
"""How long a new token may live, in days."""


class Account:
    """One's own account."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """All of it."""
        return await self._show(request, caller)

    async def _show(self, request: Request, caller: Caller, wrong: SojournError | None = None) -> Response:
        read, signin = self._desk.backend.read, self._desk.signin
        return self._desk.page(
            request,
            "account.html",
            status=400 if wrong else 200,
            known=await read(caller, signin.password_of, caller),
            sessions=await read(caller, signin.sessions, caller),
            tokens=await read(caller, signin.tokens, caller),
            came_with=await read(caller, signin.came_with, caller),
            wrong=wrong,
            lives=LIVES,
            least=LEAST_LENGTH,
        )

    async def _do(
        self, request: Request, caller: Caller, flash: str, work: Callable[P, object], *more: P.args, **named: P.kwargs
    ) -> Response:
        """Do what a form asks, and say so; or show the page again with what is wrong."""
        try:
            await self._desk.backend.read(caller, work, *more, **named)
        except (Invalid, Unknown, Exists) as error:
            return await self._show(request, caller, wrong=error)
        return self._desk.redirect(request, PATH, flash)

    async def password(self, request: Request, caller: Caller) -> Response:
        """Change the password, or set the first one."""
        sent = await forms.sent(request)
        old, new = sent.secret("old"), sent.secret("new")
        if new != sent.secret("again"):
            return await self._show(request, caller, wrong=Invalid("again", "The two new passwords differ"))
        flash = "Your password is set. Other browsers that were signed in with the old one are not any more."
        return await self._do(request, caller, flash, self._desk.signin.change_password, caller, old, new)

    async def end(self, request: Request, caller: Caller) -> Response:
        """End one session, or revoke one token."""
        number = await _number(request)
        return await self._do(
            request, caller, "Done: it opens nothing any more.", self._desk.signin.end, caller, number
        )

    async def end_all(self, request: Request, caller: Caller) -> Response:
        """Sign out everywhere."""
        await self._desk.backend.read(caller, self._desk.signin.end_all, caller)
        response = RedirectResponse("/sign-in?out=everywhere", 303, {"Cache-Control": "no-store"})
        cookies.take(request, response, self._desk.backend, cookies.SESSION)
        return response

    async def add_token(self, request: Request, caller: Caller) -> Response:
        """Make a token for a program of one's own; it is shown once."""
        sent = await forms.sent(request)
        days = sent.text("days")
        life = int(days) * 86_400 if days in LIVES and days else None
        try:
            issued = await self._desk.backend.read(caller, self._make, caller, sent.text("name"), life, sent)
        except Invalid as error:
            return await self._show(request, caller, wrong=error)
        return self._desk.page(request, "token-made.html", issued=issued, back=PATH)

    def _make(self, caller: Caller, name: str, life: int | None, sent: forms.Sent) -> Issued:
        longest = self._desk.signin.longest_life(caller)
        if longest is not None:
            life = min(life or longest, longest)
        registry = self._desk.backend.registry
        if caller.everywhere and sent.text("everywhere"):
            return registry.add_own_token(caller.email, name, life=life)
        return registry.add_token(caller.scope.organisation, caller.email, name, life=life)


async def _number(request: Request) -> int:
    text = (await forms.sent(request)).text("number")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def pages(desk: Desk) -> list[Page | PublicPage]:
    """One's own account: for whoever is signed in."""
    account = Account(desk)
    return [
        Page(method="GET", path=PATH, handle=account.show, resource=None),
        Page(method="POST", path=f"{PATH}/password", handle=account.password, resource=None),
        Page(method="POST", path=f"{PATH}/end", handle=account.end, resource=None),
        Page(method="POST", path=f"{PATH}/end-all", handle=account.end_all, resource=None),
        Page(method="POST", path=f"{PATH}/tokens", handle=account.add_token, resource=None),
    ]
