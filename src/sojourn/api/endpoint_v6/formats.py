"""JSON or XML: which one a request asks for, and an answer told in it.

The selector, in this order (published): the suffix of the path, `Accept`, `format=`; none of them means JSON.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.endpoint_v6 import xml
from sojourn.core.errors import Invalid
from sojourn.web.headers import header
from sojourn.web.wire import NotAcceptable


class Format(StrEnum):
    """How answers are spelled."""

    JSON = "json"
    XML = "xml"


_MEDIA = {Format.JSON: "application/json", Format.XML: "text/xml; charset=utf-8"}
_TAKEN = {
    "application/json": Format.JSON,
    "text/json": Format.JSON,
    "text/xml": Format.XML,
    "application/xml": Format.XML,
}
_ENCODE = msgspec.json.Encoder()


def chosen(request: Request) -> Format:
    """The format of an answer. Raises: Invalid (format), NotAcceptable."""
    wanted = request.query_params.get("format", "").strip().lower()
    if wanted and wanted not in tuple(Format):
        raise Invalid("format", "must be json or xml")
    suffix: Format | None = request.scope["state"].get("suffix")
    if suffix is not None:
        return suffix
    accepted = header(request, "accept")
    if accepted.strip() and (preferred := _preferred(accepted)) is not None:
        return preferred
    return Format(wanted or Format.JSON)


def _preferred(accepted: str) -> Format | None:
    """The format that an `Accept` likes best; None where it has no preference. Raises: NotAcceptable."""
    best: tuple[float, Format | None] = (0.0, None)
    for part in accepted.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = _weight(parameters)
        if kind in ("*/*", "application/*", "text/*"):
            found = Format.XML if kind == "text/*" else None
        elif kind in _TAKEN:
            found = _TAKEN[kind]
        else:
            continue
        if weight > best[0]:
            best = (weight, found)
    if best[0] == 0.0:
        raise NotAcceptable("application/json or text/xml")
    return best[1]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def spelled(
    format_: Format, root: str, told: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A document in a format."""
    if format_ is Format.XML:
        body = xml.document(root, msgspec.to_builtins(told))
    else:
        body = _ENCODE.encode(told)
    return Response(body, status, headers, media_type=_MEDIA[format_])
