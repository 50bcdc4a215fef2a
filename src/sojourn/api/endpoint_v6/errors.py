"""Errors of this dialect: `errorMessage` with the status and the reason, in the format asked for."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.endpoint_v6.formats import Format, chosen, spelled
from sojourn.api.endpoint_v6.wire import Problem
from sojourn.core.errors import Invalid
from sojourn.web.errors import Fault
from sojourn.web.wire import NotAcceptable

ROOT = "error"


def spell(request: Request, fault: Fault) -> Response:
    """An error in the format asked for, or by its path's suffix, or in JSON, where that is what cannot be told."""
    try:
        format_ = chosen(request)
    except (Invalid, NotAcceptable):
        format_ = request.scope["state"].get("suffix") or Format.JSON
    body = Problem(
        error_message=f"{fault.status} {HTTPStatus(fault.status).phrase}: {fault.error.message}",
        error=fault.error.message if fault.status == HTTPStatus.UNAUTHORIZED else None,  # real clients read it there
    )
    return spelled(format_, ROOT, body, fault.status, fault.headers)
