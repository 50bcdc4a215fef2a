"""Errors of this dialect: RFC 9457 problems with the reason in `detail` (our decision; none are published)."""

from starlette.requests import Request
from starlette.responses import Response

from sojourn.web.errors import Fault, problem


def spell(_request: Request, fault: Fault) -> Response:
    """An error as a problem."""
    return problem(fault)
