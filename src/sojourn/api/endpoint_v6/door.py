"""The many spellings of this dialect's paths, brought to one.

A suffix `.json` or `.xml` on the last segment, a trailing slash, no version at all: the same operation (published, and
what real clients do). Another version of a known path is sent to this one.
"""

import re

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sojourn.api.endpoint_v6.formats import Format

FAMILIES = ("endpoint-data", "endpoint-agents", "account-groups", "status")

_VERSION = re.compile(r"/v(\d+)(/.*)")
_SUFFIX = re.compile(r"(.+)\.(json|xml)")
_HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


def prefixes() -> list[str]:
    """Where the paths of this dialect begin, in any version."""
    return [f"/v{version}/{family}" for version in range(1, 10) for family in FAMILIES] + ["/v6", "/endpoint-data"]


class Door:
    """Brings a path to the spelling that the operations know."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = dict(scope)
        state = scope["state"]
        state["answer_headers"] = [*state.get("answer_headers", ()), *_HEADERS]
        path = scope["path"]
        versioned = _VERSION.fullmatch(path)
        if versioned is None:
            path = f"/v6{path}"
        elif versioned[1] != "6":
            query = scope["query_string"].decode("latin-1")
            target = f"/v6{versioned[2]}" + (f"?{query}" if query else "")
            await RedirectResponse(target, 301)(scope, receive, send)
            return
        path = path.rstrip("/")
        if found := _SUFFIX.fullmatch(path):
            path, state["suffix"] = found[1], Format(found[2])
        scope["path"] = path
        await self._app(scope, receive, send)
