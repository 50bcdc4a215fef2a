"""The envelope of every error of this dialect (published), and its codes.

4000 and 4001 and the texts of 401, 403 and 503 are published; the other numbers are ours, and stay as they are.
"""

import re

from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.activity_v2.wire import Notice, Problem
from sojourn.core.errors import (
    Busy,
    Ended,
    Exists,
    Forbidden,
    Held,
    Invalid,
    KeyReused,
    Missing,
    SojournError,
    Unauthenticated,
    Unavailable,
    Unknown,
)
from sojourn.web.access import AccessUnavailable
from sojourn.web.errors import Fault, InternalError, NotServed
from sojourn.web.limits import TooMany
from sojourn.web.wire import NotAcceptable, TooLarge, Unsupported, answer

CODES: dict[type[SojournError], int] = {
    Forbidden: 4000,
    AccessUnavailable: 4001,
    Unauthenticated: 4002,
    Invalid: 4003,
    Missing: 4004,
    Unknown: 4005,
    Ended: 4006,
    Exists: 4007,
    KeyReused: 4008,
    NotServed: 4009,
    TooLarge: 4010,
    Unsupported: 4011,
    Busy: 4012,
    Unavailable: 4013,
    InternalError: 4014,
    NotAcceptable: 4015,
    TooMany: 4016,
    Held: 4017,
}
"""One stable number per error. What is not named here has the number of what it is a sort of."""

_PUBLISHED: dict[type[SojournError], str] = {
    Forbidden: "Not authorized. Access is denied!",
    AccessUnavailable: "Authorization status unavailable!",
    Unauthenticated: "Authentication failed. Please check username and password.",
}

_WORDS = {"remarks": "activitySessionDetails", "login": "userId"}
_PART = re.compile(r"[a-z_]+")


def notice(error: SojournError) -> Notice:
    """An error as one item of an envelope."""
    kind = next(kind for kind in type(error).__mro__ if kind in CODES)
    return Notice(status=False, code=CODES[kind], message=_PUBLISHED.get(kind) or _message(error))


def spell(_request: Request, fault: Fault) -> Response:
    """An error in this dialect's envelope."""
    return answer(Problem(warnings=[], errors=[notice(fault.error)]), fault.status, fault.headers)


def _message(error: SojournError) -> str:
    if isinstance(error, Missing):
        return f"Field {wire_field(error.field)} is mandatory"
    if isinstance(error, Invalid) and error.field:
        return f"Field {wire_field(error.field)} {error.reason}"
    return error.message


def wire_field(path: str) -> str:
    """A path in core words as this dialect calls it: `remarks[0].entity_id` is `activitySessionDetails[0].entityId`."""
    return _PART.sub(lambda found: _WORDS.get(found[0]) or _camel(found[0]), path)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
