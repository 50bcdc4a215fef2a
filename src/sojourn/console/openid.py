"""Signing in by way of an OpenID Connect provider.

Who sets out gets a cookie with a secret that lives ten minutes. What goes to the provider (state, nonce, the challenge)
are codes of that secret, so nothing is kept here, and only the browser that set out can come back.
"""

import base64
import hmac
from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sojourn.console import cookies, forms
from sojourn.console.desk import Desk
from sojourn.console.page import PublicPage
from sojourn.console.signin import let_in, sign_in_page
from sojourn.console.throttle import Throttle
from sojourn.console.words import browser_of
from sojourn.core.errors import Unauthenticated
from sojourn.core.provider import Away, Errand, NotVouched, Provider
from sojourn.web.headers import header
from sojourn.web.limits import TooMany
from sojourn.web.peer import peer_address

SECONDS = 600
"""How long somebody may be away."""

LONGEST_TARGET = 2_000
"""How long an address may be to which one is led afterwards: a cookie holds 4,096 characters."""

LONGEST_CODE = 4_096

RETURN = "/sign-in/openid/return"

ASTRAY = "That took too long, or was not begun in this browser. Begin again."
AWAY = "{} cannot be reached just now, or does not answer as it must. Try again, or sign in another way."
DENIED = "{} did not let you in, or you stopped there."
FAILED = "{} could not say who you are. Who looks after this server finds the reason in its log."
NOBODY = "{} knows you, but that opens nothing here. Who administers your organisation can make your address a member."


class Crossing:
    """The way to the provider and back."""

    def __init__(self, desk: Desk, provider: Provider) -> None:
        self._desk = desk
        self._provider = provider
        self._throttle = Throttle(desk.clock)
        self._log = structlog.get_logger()

    async def leave(self, request: Request) -> Response:
        """Send somebody to the provider."""
        target = forms.ours(request.query_params.get("next", ""))
        target = target if len(target) <= LONGEST_TARGET else "/"
        secret = forms.new_binding()
        try:
            address = await self._provider.way(self._errand(request, secret, target))
        except Away as error:
            return self._refuse(request, AWAY, 503, error.message, target)
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        value = f"{secret}.{base64.urlsafe_b64encode(target.encode()).decode()}"
        cookies.give(request, response, self._desk.backend, cookies.ERRAND, value, seconds=SECONDS)
        return response

    async def come_back(self, request: Request) -> Response:
        """Let in who comes back with what they left with."""
        secret, target = _packed(cookies.cookie(request, self._desk.backend, cookies.ERRAND))
        errand = self._errand(request, secret, target)
        if not secret or not hmac.compare_digest(errand.state.encode(), _shown(request.query_params, "state")):
            return self._refuse(request, ASTRAY, 400, "the state is not that of the browser")
        response = await self._arrive(request, errand, target)
        cookies.take(request, response, self._desk.backend, cookies.ERRAND)
        return response

    async def _arrive(self, request: Request, errand: Errand, target: str) -> Response:
        if error := request.query_params.get("error"):
            denied = error == "access_denied"
            return self._refuse(request, DENIED if denied else FAILED, 403, f"it answers {error!r:.100}", target)
        code, peer = request.query_params.get("code", ""), peer_address(request) or ""
        if not 0 < len(code) <= LONGEST_CODE:
            return self._refuse(request, FAILED, 400, "it sends no code", target)
        try:
            await self._throttle.check(peer, "")  # there is no account yet
            email = await self._provider.email(code, errand)
            browser = browser_of(header(request, "user-agent"))
            issued = await self._desk.backend.run(self._desk.signin.by_address, email, browser)
        except TooMany as error_:
            return self._refuse(request, f"{error_.message}.", 429, error_.message, target)
        except Away as error_:
            return self._refuse(request, AWAY, 503, error_.message, target)
        except NotVouched as error_:
            await self._throttle.failed(peer, "")
            return self._refuse(request, FAILED, 403, error_.message, target)
        except Unauthenticated:
            await self._throttle.failed(peer, "")
            return self._refuse(request, NOBODY, 403, "nobody with that address is a member here", target)
        return let_in(self._desk, request, issued, target)

    def _refuse(self, request: Request, words: str, status: int, reason: str, target: str = "") -> Response:
        """The sign-in page with what went wrong; the reason is for the log, and names nobody."""
        self._log.warning("openid", id=request.state.request_id, provider=self._provider.name, reason=reason)
        return sign_in_page(self._desk, request, target, words.format(self._provider.name), status=status)

    def _errand(self, request: Request, secret: str, target: str) -> Errand:
        origin = self._desk.backend.public_url or str(request.base_url).rstrip("/")
        return Errand(
            state=forms.code(secret, "openid state", target).hex(),
            nonce=forms.code(secret, "openid nonce").hex(),
            verifier=forms.code(secret, "openid verifier").hex(),
            back=f"{origin}{RETURN}",
        )


def _packed(value: str) -> tuple[str, str]:
    """The secret and the target of a cookie; empty where there is none that can be read."""
    secret, _, packed = value.partition(".")
    try:
        return secret, base64.urlsafe_b64decode(packed).decode()
    except ValueError:
        return "", ""


def _shown(values: Mapping[str, str], name: str) -> bytes:
    return values.get(name, "").encode(errors="replace")


def pages(desk: Desk) -> list[PublicPage]:
    """The way to the provider and back, where there is one."""
    if desk.provider is None:
        return []
    crossing = Crossing(desk, desk.provider)
    return [
        PublicPage(method="GET", path="/sign-in/openid", handle=crossing.leave),
        PublicPage(method="GET", path=RETURN, handle=crossing.come_back),
    ]
