"""Errors on their way out: which status a fault has, and what a dialect needs to spell it in its own envelope."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from sojourn.core.errors import (
    Busy,
    Ended,
    Exists,
    Forbidden,
    Held,
    Invalid,
    KeyReused,
    SojournError,
    Unauthenticated,
    Unavailable,
    Unknown,
)
from sojourn.web.limits import TooMany
from sojourn.web.wire import NotAcceptable, TooLarge, Unsupported, answer


class InternalError(SojournError):
    """Our own fault. The log has the details, under the request's id."""

    def __init__(self) -> None:
        super().__init__("The server failed; its log tells more under this request's id")


_STATUS: Mapping[type[SojournError], int] = {
    Invalid: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    Unknown: 404,
    NotAcceptable: 406,
    Ended: 409,
    Held: 409,
    Exists: 409,
    TooLarge: 413,
    Unsupported: 415,
    KeyReused: 422,
    InternalError: 500,
    Busy: 503,
    Unavailable: 503,
}

_REASONS = {404: "There is nothing at this path", 405: "This path does not take this method"}

_CAPITAL = re.compile(r"[A-Z]")


class NotServed(SojournError):
    """The router's own refusal: no such path, or not with this method."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(_REASONS.get(status, "The request cannot be served"))
        self.status = status
        self.headers = headers or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error with the status and headers that any dialect gives it."""

    status: int
    error: SojournError
    headers: Mapping[str, str] = field(default_factory=dict)


def fault(error: Exception) -> Fault:
    """What to answer to an error."""
    match error:
        case TooMany():
            return Fault(status=429, error=error, headers={"Retry-After": str(error.retry_after)})
        case Busy() | Unavailable():
            return Fault(status=503, error=error, headers={"Retry-After": str(error.retry_after)})
        case Unauthenticated():
            return Fault(status=401, error=error, headers={"WWW-Authenticate": 'Basic realm="Sojourn"'})
        case NotServed():
            return Fault(status=error.status, error=error, headers=error.headers)
        case SojournError():
            status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
            return Fault(status=status, error=error)
        case _:
            return fault(InternalError())


PROBLEM = "application/problem+json"


class Problem(Struct):
    """An error as RFC 9457 spells it: `type` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str


def problem(told: Fault, **more: Any) -> Response:
    """A fault as RFC 9457 spells it: `type`, `title`, `status`, `detail`, and what a dialect adds."""
    return answer(problem_body(told, **more), told.status, told.headers, media_type=PROBLEM)


def problem_body(told: Fault, **more: Any) -> dict[str, Any]:
    """The same without an envelope."""
    name = type(told.error).__name__
    words = _CAPITAL.sub(lambda capital: f"-{capital[0].lower()}", name).lstrip("-")
    return {
        "type": f"urn:sojourn:error:{words}",
        "title": words.replace("-", " ").capitalize(),
        "status": told.status,
        "detail": told.error.message,
        **more,
    }
