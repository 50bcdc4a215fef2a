"""What every page is given: the core, the time, and the means to answer."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sojourn.console import cookies, forms
from sojourn.console.assets import Assets
from sojourn.console.listing import SIZES, size_of
from sojourn.console.navigation import Navigation
from sojourn.console.telling import Telling
from sojourn.console.words import FILTERS, spelled_zone
from sojourn.core.access import Caller
from sojourn.core.administration import Administration
from sojourn.core.model import Instant
from sojourn.core.provider import Provider
from sojourn.core.signin import SignIn
from sojourn.web.backend import Backend
from sojourn.web.live import Live
from sojourn.web.system import System

ORGANISATION = "organisation"
"""The query parameter that tells whose page it is, where the server has several organisations."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
THEMES = ("light", "dark")


class Desk:
    """The core, the time, and the means to answer: pages, redirects, addresses."""

    def __init__(
        self,
        backend: Backend,
        signin: SignIn,
        assets: Assets,
        feeds: Live,
        system: System,
        telling: Telling,
        provider: Provider | None = None,
    ) -> None:
        self.backend = backend
        self.feeds = feeds
        self.system = system
        self.signin = signin
        self.telling = telling
        self.administration = Administration(backend.registry, signin)
        self.provider = provider
        self.navigation = Navigation()
        self._assets = assets
        self._known: tuple[int, dict[int, str]] = (0, {})
        self._environment = Environment(
            loader=PackageLoader("sojourn.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(FILTERS)
        self._environment.globals["asset"] = assets.path

    @property
    def clock(self) -> Callable[[], Instant]:
        """What time it is."""
        return self.backend.clock

    async def has_several(self, caller: Caller) -> bool:
        """Whether the server has more than one organisation, so that addresses must say whose page they are."""
        if self._known[0] != caller.epoch:
            known = await self.backend.run(self.backend.registry.organisations)
            self._known = caller.epoch, {organisation.id: organisation.name for organisation in known}
        return len(self._known[1]) > 1

    def zone(self, request: Request) -> ZoneInfo:
        """The reader's zone: their browser's, or else the organisation's."""
        caller = caller_of(request)
        for name in (request.cookies.get(cookies.ZONE, ""), caller.organisation.time_zone if caller else ""):
            if name:
                with suppress(ValueError, OSError, ZoneInfoNotFoundError):
                    return ZoneInfo(name)
        return ZoneInfo("UTC")

    def url(self, request: Request, path: str, **query: Any) -> str:
        """An address of ours, in the organisation of the request; what is None or empty is left out."""
        if whose := self._whose(request):
            query.setdefault(ORGANISATION, whose)
        pairs = [(name, value) for name, value in query.items() if value not in (None, "")]
        return f"{path}?{urlencode(pairs, doseq=True)}" if pairs else path

    def _whose(self, request: Request) -> int:
        """The organisation that addresses tell: 0 where nobody is signed in, or where there is only one."""
        caller = caller_of(request)
        if caller is None or (len(self._known[1]) < 2 and len(caller.memberships) < 2):
            return 0
        return caller.scope.organisation

    def origin(self, request: Request) -> str:
        """Where the server is, for those who set up a program that calls it."""
        return self.backend.public_url or str(request.base_url).rstrip("/")

    def here(self, request: Request, **changes: Any) -> str:
        """The address of the page that is shown, with other parameters; None takes one away."""
        query: dict[str, Any] = {}
        for name, value in request.query_params.multi_items():
            query.setdefault(name, []).append(value)
        return self.url(request, request.url.path, **{**query, **changes})

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Response:
        """A page of HTML. A page that can say what went wrong with its form is told again with `status` 4xx."""
        bound = forms.bound_to(request, self.backend)
        fresh = ""
        if not bound:
            bound = fresh = forms.new_binding()
        flash = self._flash(request)
        text = self._environment.get_template(template).render(self._context(request, bound, flash) | values)
        response = Response(text, status, {**HEADERS, **(headers or {})}, media_type="text/html")
        if fresh:
            cookies.give(request, response, self.backend, cookies.FORM, fresh)
        if flash is not None:
            cookies.take(request, response, self.backend, cookies.FLASH)
        return response

    def fragment(self, request: Request, template: str, **values: Any) -> str:
        """A piece of a page, such as a live view appends."""
        bound = forms.bound_to(request, self.backend)
        return self._environment.get_template(template).render(self._context(request, bound, None) | values)

    def redirect(self, request: Request, path: str, flash: str = "", **query: Any) -> Response:
        """To another page, after a form was done; `flash` is a sentence that it shows once."""
        response = RedirectResponse(self.url(request, path, **query), 303, {"Cache-Control": "no-store"})
        if flash:
            self.say(request, response, flash)
        return response

    def say(self, request: Request, response: Response, flash: str, secret: str = "") -> None:
        """Let the next page show a sentence; `secret` is that of the session, where the response begins one."""
        bound = secret or forms.bound_to(request, self.backend)
        payload = base64.urlsafe_b64encode(json.dumps(flash).encode()).decode()
        value = f"{payload}.{forms.code(bound, 'flash', payload).hex()}"
        cookies.give(request, response, self.backend, cookies.FLASH, value, seconds=60)

    def _flash(self, request: Request) -> str | None:
        payload, _, code = cookies.cookie(request, self.backend, cookies.FLASH).partition(".")
        bound = forms.bound_to(request, self.backend)
        if not bound or not hmac.compare_digest(forms.code(bound, "flash", payload).hex(), code):
            return None
        return str(json.loads(base64.urlsafe_b64decode(payload)))

    def _organisations(self, caller: Caller | None) -> list[tuple[str, int]]:
        """Where the caller belongs, by name."""
        mine = [membership.organisation for membership in caller.memberships] if caller else []
        return sorted((self._known[1].get(number, str(number)), number) for number in mine)

    def _context(self, request: Request, bound: str, flash: str | None) -> dict[str, Any]:
        caller = caller_of(request)
        zone = self.zone(request)
        now = self.clock()
        theme, whose = request.cookies.get(cookies.THEME, ""), self._whose(request)
        return {
            "me": caller,
            "caller": caller,  # not inside a call block, where Jinja means the macro by it
            "navigation": self.navigation.entries(caller) if caller else [],
            "current": self.navigation.current(request.url.path),
            "path": request.url.path,
            "zone": zone,
            "zone_words": spelled_zone(zone, now),
            "now": now,
            "theme": theme if theme in THEMES else "",
            "proof_field": lambda: _hidden(forms.FIELD, forms.proof(bound)),
            "whose_field": lambda: _hidden(ORGANISATION, whose) if whose else "",
            "organisations": self._organisations(caller),
            "knows_account": self.navigation.has("/account"),
            "flash": flash,
            "sizes": SIZES,
            "limit": size_of(request.query_params),
            "url": lambda path, **query: self.url(request, path, **query),
            "here": lambda **changes: self.here(request, **changes),
        }


def _hidden(name: str, value: str | int) -> Markup:
    """A field that a form carries along unseen."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def caller_of(request: Request) -> Caller | None:
    """Who was let in, where somebody was."""
    caller = request.scope["state"].get("caller")
    assert caller is None or isinstance(caller, Caller)
    return caller
