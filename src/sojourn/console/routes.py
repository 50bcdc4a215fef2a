"""All pages of the console, as one app."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from sojourn.console import (
    access,
    account,
    agents,
    cookies,
    devices,
    entities,
    find,
    forms,
    home,
    live,
    openid,
    organisation,
    people,
    session,
    sessions,
    signin,
    system,
    visit,
    visits,
)
from sojourn.console.assets import Assets
from sojourn.console.desk import ORGANISATION, Desk
from sojourn.console.errors import Errors
from sojourn.console.page import Page, PublicPage
from sojourn.console.telling import Telling
from sojourn.core.access import Caller
from sojourn.core.errors import Unauthenticated
from sojourn.core.provider import Provider
from sojourn.core.registry import Presented
from sojourn.core.signin import IDLE, SignIn
from sojourn.web.access import number_of_organisation
from sojourn.web.backend import Backend
from sojourn.web.dialect import Dialect
from sojourn.web.live import Live
from sojourn.web.operation import Handle, Operation
from sojourn.web.system import System

TAG = "console"

MODULES = (
    home,
    live,
    signin,
    openid,
    sessions,
    session,
    entities,
    people,
    find,
    account,
    access,
    organisation,
    visits,
    visit,
    devices,
    agents,
    system,
)


def pages(desk: Desk) -> list[Page | PublicPage]:
    """Every page, but what pages load."""
    return [page for module in MODULES for page in module.pages(desk)]


def console(
    backend: Backend, sign_in: SignIn, feeds: Live, system: System, telling: Telling, provider: Provider | None = None
) -> ASGIApp:
    """The console."""
    assets = Assets()
    desk = Desk(backend, sign_in, assets, feeds, system, telling, provider)
    known = pages(desk)
    desk.navigation.know([page for page in known if isinstance(page, Page)])
    door = Door(desk)
    operations = [door.operation(page) for page in [*known, *assets.pages()]]
    dialect = Dialect(operations, Errors(desk).spell, backend.gate, backend.pause)
    return GZipMiddleware(dialect, minimum_size=1_000, compresslevel=6)


class Door:
    """Lets people into pages: by their cookie, into the organisation that the address tells."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def operation(self, page: Page | PublicPage) -> Operation:
        """What the router knows of a page."""
        handle = self._private(page) if isinstance(page, Page) else self._public(page)
        name = f"console {page.path}"
        return Operation(id=name, method=page.method, path=page.path, summary=name, handle=handle, tag=TAG)

    def _public(self, page: PublicPage) -> Handle:
        async def handle(request: Request) -> Response:
            if page.method != "GET":
                await forms.check(request, self._desk.backend)
            return await page.handle(request)

        return handle

    def _private(self, page: Page) -> Handle:
        async def handle(request: Request) -> Response:
            caller = await self._admit(request, page)
            # Not every page asks the store anything: a session that is over must open none of them.
            await self._desk.backend.run(self._desk.backend.gate.check, caller)
            if page.method != "GET":
                await forms.check(request, self._desk.backend)
            several = await self._desk.has_several(caller)
            if several and page.method == "GET" and ORGANISATION not in request.query_params:
                return _told_whose(request, caller)
            return await page.handle(request, caller)

        return handle

    async def _admit(self, request: Request, page: Page) -> Caller:
        secret = cookies.cookie(request, self._desk.backend, cookies.SESSION)
        if not secret:
            raise Unauthenticated
        organisation = number_of_organisation(ORGANISATION, request.query_params.get(ORGANISATION, ""))
        shown = Presented(secret=secret, organisation=organisation, browser=True)
        if organisation is None and page.whose is not None:
            shown = replace(shown, organisation=page.whose(request))
        caller = await self._desk.backend.gate.admit(request, shown, page.resource, page.level)
        if caller.until is not None and caller.until - self._desk.clock() < IDLE // 2:
            await self._desk.backend.run(self._desk.signin.prolong, caller)
        return caller


def _told_whose(request: Request, caller: Caller) -> Response:
    """The same address, with the organisation: whoever it is sent to sees the same."""
    query: Sequence[tuple[str, object]] = [
        *request.query_params.multi_items(),
        (ORGANISATION, caller.scope.organisation),
    ]
    return RedirectResponse(f"{request.url.path}?{urlencode(query)}", 303, {"Cache-Control": "no-store"})
