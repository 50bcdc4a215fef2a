"""Errors of this dialect: RFC 9457 problems. `errors` tells where: a pointer into the body, a parameter or a header."""

import re
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.core.errors import Invalid, SojournError
from sojourn.web import errors
from sojourn.web.errors import Fault, fault, problem, problem_body
from sojourn.web.wire import BadField, BadParameter

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_UNDERSCORE = re.compile(r"_([a-z])")
_HEADERS = ("Idempotency-Key", "X-Organisation", "Content-Encoding")

_ARRAYS = {"record-activities": "activities", "add-remarks": "remarks"}
"""Operations whose body is the array itself, by what the core calls it."""

_IN_PATH = {"set-member": "email", "set-access-group": "name"}
"""Operations with a body, by what they are told in their path and not in the body."""

_INSIDE = {("set-access-group", "administration"): "access.administration"}
"""Fields of the core that an operation has in an object of its body."""

_BY_LINE = ("import-sessions",)
"""Operations that tell what is wrong with their body line by line: what else they refuse is a parameter."""


class Place(Struct):
    """Where a fault is: a pointer into the body, the name of a parameter, or that of a header; and what it is."""

    detail: str
    pointer: str | UnsetType = UNSET
    parameter: str | UnsetType = UNSET
    header: str | UnsetType = UNSET


class Problem(errors.Problem):
    """What every error answers (RFC 9457): `type` is stable, `detail` is for people, `errors` tells where."""

    errors: list[Place] | UnsetType = UNSET


class LineProblem(Struct):
    """A problem (RFC 9457) of one line; its status stands beside it, and pointers lead into the line."""

    type: str
    title: str
    detail: str
    errors: list[Place] | UnsetType = UNSET


def spell(request: Request, told: Fault) -> Response:
    """An error as a problem."""
    operation = request.scope["state"].get("operation", "")
    asked = request.method in ("GET", "HEAD", "DELETE") or operation in _BY_LINE
    error, in_path = told.error, _IN_PATH.get(operation)
    if isinstance(error, Invalid) and not isinstance(error, BadField):
        asked = asked or error.field == in_path
        inside = _INSIDE.get((operation, error.field))
        error = Invalid(inside, error.reason) if inside else error
    return problem(told, **_where(error, _ARRAYS.get(operation, ""), asked=asked))


def line_problem(error: Exception) -> tuple[int, LineProblem]:
    """The status and the problem of one line of a bulk delivery."""
    told = fault(error)
    body = problem_body(told, **_where(told.error))
    del body["status"]
    return told.status, LineProblem(**body)


def _where(error: SojournError, array: str = "", *, asked: bool = False) -> dict[str, Any]:
    """Where the fault is, and `detail` in this dialect's words."""
    if not isinstance(error, Invalid):
        return {}
    path = error.field if isinstance(error, BadField) else camel(error.field)
    path = path.removeprefix(array) if array else path
    detail = f"{path} {error.reason}" if path else error.reason
    if error.field in _HEADERS:
        return {"detail": f"{error.field} {error.reason}", "errors": [Place(header=error.field, detail=error.reason)]}
    if asked and not path:
        return {}  # it is no parameter's fault
    if asked or isinstance(error, BadParameter):
        return {"detail": detail, "errors": [Place(parameter=path, detail=error.reason)]}
    return {"detail": detail, "errors": [Place(pointer=pointer(path), detail=error.reason)]}


def camel(path: str) -> str:
    """A path in core words as this dialect calls it: `remarks[0].entity_id` is `remarks[0].entityId`."""
    return _UNDERSCORE.sub(lambda found: found[1].upper(), path)


def pointer(path: str) -> str:
    """A path as a JSON pointer (RFC 6901): `remarks[0].entityId` is `/remarks/0/entityId`."""
    steps = (index or name for index, name in _STEP.findall(path))
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)
