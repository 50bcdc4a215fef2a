"""Signing in and out, and choosing a first password by a link."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sojourn.console import cookies, forms
from sojourn.console.desk import Desk
from sojourn.console.page import Page, PublicPage
from sojourn.console.throttle import Throttle
from sojourn.console.words import browser_of
from sojourn.core.access import Caller
from sojourn.core.errors import Exists, Invalid, Unauthenticated, Unknown
from sojourn.core.registry import Issued
from sojourn.core.signin import LEAST_LENGTH
from sojourn.web.headers import header
from sojourn.web.limits import TooMany
from sojourn.web.peer import peer_address

HASHES = 2
"""How many passwords are looked at at the same time: each takes 64 MiB and a core."""

NOT_KNOWN = "That address and that password do not belong together."
OUT = {
    "here": "You are signed out.",
    "everywhere": "You are signed out, here and everywhere else.",
    "over": "You were signed in, and are not any more: sign in again to go on.",
}
"""What somebody is told who was signed in until now."""

NO_TOKEN = "This token opens nothing here: it is mistyped, revoked or over."  # noqa: S105


class Entrance:
    """Signing in and out."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._throttle = Throttle(desk.clock)
        self._hashing = asyncio.Semaphore(HASHES)

    async def form(self, request: Request) -> Response:
        """Where somebody says who they are."""
        return sign_in_page(self._desk, request, request.query_params.get("next", ""))

    async def by_password(self, request: Request) -> Response:
        """With an address and a password."""
        sent = await forms.sent(request)
        email, password = sent.text("email"), sent.secret("password")
        return await self._try(request, sent, email, NOT_KNOWN, self._desk.signin.by_password, email, password)

    async def by_token(self, request: Request) -> Response:
        """With a token."""
        sent = await forms.sent(request)
        return await self._try(request, sent, "", NO_TOKEN, self._desk.signin.by_token, sent.text("token"))

    async def _try(
        self, request: Request, sent: forms.Sent, account: str, wrong: str, begin: Callable[..., Issued], *shown: str
    ) -> Response:
        """Let somebody in, or say what is wrong; who fails too often waits."""
        address, target = peer_address(request) or "", sent.text("next")
        try:
            await self._throttle.check(address, account)
            async with self._hashing:
                issued = await self._desk.backend.run(begin, *shown, browser_of(header(request, "user-agent")))
        except TooMany as error:
            response = sign_in_page(self._desk, request, target, f"{error.message}.", status=429, email=account)
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        except Unauthenticated:
            await self._throttle.failed(address, account)
            return sign_in_page(self._desk, request, target, wrong, status=403, email=account)
        return let_in(self._desk, request, issued, target)

    async def invitation(self, request: Request) -> Response:
        """Where somebody chooses a first password."""
        return await self._invitation(request, request.query_params.get("link", ""))

    async def _invitation(self, request: Request, link: str, wrong: str = "") -> Response:
        try:
            invitation, known = await self._desk.backend.run(self._desk.signin.invitation, link)
        except Unknown:
            return self._desk.page(request, "invitation-over.html", status=404)
        return self._desk.page(
            request,
            "invitation.html",
            status=400 if wrong else 200,
            link=link,
            invitation=invitation,
            known=known,
            wrong=wrong,
            least=LEAST_LENGTH,
        )

    async def accept(self, request: Request) -> Response:
        """Choose it, and be signed in."""
        sent = await forms.sent(request)
        link, password = sent.text("link"), sent.secret("password")
        address = peer_address(request) or ""
        browser = browser_of(header(request, "user-agent"))
        try:
            await self._throttle.check(address, "")
            async with self._hashing:
                issued = await self._desk.backend.run(self._desk.signin.accept, link, password, browser)
        except Unknown:
            return self._desk.page(request, "invitation-over.html", status=404)
        except (Invalid, Exists) as error:
            await self._throttle.failed(address, "")
            return await self._invitation(request, link, f"{error.message[:1].upper()}{error.message[1:]}.")
        return let_in(self._desk, request, issued, "/")

    async def out(self, request: Request, caller: Caller) -> Response:
        """Sign out: the session ends on the server too."""
        await self._desk.backend.run(self._desk.signin.end, caller, caller.token)
        response = RedirectResponse("/sign-in?out=here", 303, {"Cache-Control": "no-store"})
        cookies.take(request, response, self._desk.backend, cookies.SESSION)
        return response


def sign_in_page(
    desk: Desk, request: Request, target: str, wrong: str = "", *, status: int = 200, email: str = ""
) -> Response:
    """Where somebody says who they are; `wrong` is what was wrong with it the last time."""
    provider = desk.provider.name if desk.provider else ""
    out = "" if wrong else OUT.get(request.query_params.get("out", ""), "")
    return desk.page(
        request, "sign-in.html", status=status, next=target, wrong=wrong, out=out, email=email, provider=provider
    )


def let_in(desk: Desk, request: Request, issued: Issued, target: str) -> Response:
    """To where somebody wanted to go, with the session that has begun."""
    response = RedirectResponse(forms.ours(target), 303, {"Cache-Control": "no-store"})
    cookies.give(request, response, desk.backend, cookies.SESSION, issued.secret)
    cookies.take(request, response, desk.backend, cookies.FORM)
    return response


def pages(desk: Desk) -> list[Page | PublicPage]:
    """Signing in and out."""
    entrance = Entrance(desk)
    return [
        PublicPage(method="GET", path="/sign-in", handle=entrance.form),
        PublicPage(method="POST", path="/sign-in/password", handle=entrance.by_password),
        PublicPage(method="POST", path="/sign-in/token", handle=entrance.by_token),
        PublicPage(method="GET", path="/invitation", handle=entrance.invitation),
        PublicPage(method="POST", path="/invitation", handle=entrance.accept),
        Page(method="POST", path="/sign-out", handle=entrance.out, resource=None),
    ]
