"""Errors as pages: what went wrong, what was kept, and where to go from there."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sojourn.console import cookies
from sojourn.console.desk import Desk
from sojourn.core.errors import Unauthenticated
from sojourn.web.errors import Fault, NotServed, problem
from sojourn.web.headers import header

TITLES = {
    400: "That cannot be understood",
    401: "You are not signed in",
    403: "That is not open to you",
    404: "There is nothing here",
    405: "That cannot be done here",
    409: "That is not possible any more",
    413: "That is too large",
    429: "Too many attempts",
    500: "The server failed",
    503: "Not just now",
}


class Errors:
    """The error table of the console."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def spell(self, request: Request, told: Fault) -> Response:
        """A fault as a page; whoever is not signed in is led to where they can."""
        if isinstance(told.error, NotServed) and "text/html" not in header(request, "accept"):
            return problem(told)  # a program that mistook a path of the API
        if isinstance(told.error, Unauthenticated):
            return self._sign_in(request)
        if told.status == 405 and request.method == "GET":
            return self._up(request)
        return self._desk.page(
            request,
            "error.html",
            status=told.status,
            headers={name: value for name, value in told.headers.items() if name != "WWW-Authenticate"},
            number=told.status,
            heading=TITLES.get(told.status, "That did not work"),
            message=told.error.message,
            request_id=request.state.request_id if told.status == 500 else "",
            wrote=request.method == "POST",
        )

    def _up(self, request: Request) -> Response:
        """To the page whose form is sent there: whoever loads its answer again asks for it."""
        path = request.url.path.rpartition("/")[0] or "/"
        target = f"{path}?{request.url.query}".rstrip("?")
        return RedirectResponse(target, 303, {"Cache-Control": "no-store"})

    def _sign_in(self, request: Request) -> Response:
        """To the sign-in page, and from there back to what was asked for; a form is not sent again."""
        target = f"{request.url.path}?{request.url.query}".rstrip("?")
        if request.method == "POST":
            target = _page_of(request)
        had = cookies.cookie(request, self._desk.backend, cookies.SESSION)
        query = {"next": "" if target == "/" else target, "out": "over" if had else ""}
        response = RedirectResponse(self._desk.url(request, "/sign-in", **query), 303, {"Cache-Control": "no-store"})
        if had:
            cookies.take(request, response, self._desk.backend, cookies.SESSION)
        return response


def _page_of(request: Request) -> str:
    """The page whose form was sent, where the browser tells."""
    parts = urlsplit(header(request, "referer"))
    return f"{parts.path}?{parts.query}".rstrip("?") if parts.netloc == header(request, "host") else ""
