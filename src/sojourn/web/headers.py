"""The headers of a request, looked up many times: a plain dictionary made once."""

from typing import cast

from starlette.requests import Request


def header(request: Request, name: str) -> str:
    """The value of a header by its lower-case name, or nothing; of a repeated one the last."""
    state = request.scope["state"]
    known = cast(dict[bytes, bytes] | None, state.get("headers"))
    if known is None:
        known = state["headers"] = dict(request.scope["headers"])
    return known.get(name.encode("latin-1"), b"").decode("latin-1")
