"""The cookies of the console: what each is called, and how it is set.

`sojourn` is the secret of the browser's session, `form` what the forms of somebody without a session are bound to,
`flash` a sentence for the next page, `errand` what somebody takes to the OpenID Connect provider and back. `zone` and
`theme` are preferences, which the script may set too.
"""

from starlette.requests import Request
from starlette.responses import Response

from sojourn.web.backend import Backend

SESSION = "sojourn"
FORM = "sojourn-form"
FLASH = "sojourn-flash"
ERRAND = "sojourn-errand"
ZONE = "sojourn-zone"
THEME = "sojourn-theme"

YEAR = 366 * 86_400


def is_secure(request: Request, backend: Backend) -> bool:
    """Whether the browser came by TLS, perhaps to a proxy before us."""
    return request.url.scheme == "https" or (backend.public_url or "").startswith("https:")


def _name(name: str, secure: bool) -> str:
    """`__Host-` keeps other hosts of the same domain from setting the cookie; it needs TLS."""
    return f"__Host-{name}" if secure else name


def cookie(request: Request, backend: Backend, name: str) -> str:
    """The value of a cookie that only the server sets, or nothing."""
    return request.cookies.get(_name(name, is_secure(request, backend)), "")


def give(
    request: Request, response: Response, backend: Backend, name: str, value: str, *, seconds: int | None = None
) -> None:
    """Set such a cookie: out of reach of scripts, and not sent by forms of other sites."""
    secure = is_secure(request, backend)
    response.set_cookie(
        _name(name, secure), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax"
    )


def take(request: Request, response: Response, backend: Backend, name: str) -> None:
    """Let the browser forget such a cookie."""
    secure = is_secure(request, backend)
    response.delete_cookie(_name(name, secure), path="/", secure=secure, httponly=True, samesite="lax")


def prefer(request: Request, response: Response, backend: Backend, name: str, value: str) -> None:
    """Set a preference: for a year, and open to the script."""
    response.set_cookie(
        name, value, max_age=YEAR, path="/", secure=is_secure(request, backend), httponly=False, samesite="lax"
    )
