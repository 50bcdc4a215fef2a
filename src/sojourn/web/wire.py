"""Requests in, answers out: what every dialect does with bytes before they are its own.

Bodies are bounded in size (also after decompression) and depth, and strict: UTF-8 JSON, no NaN, no name twice in an
object. Whatever is refused names the field by its path in the body.
"""

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

import msgspec
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sojourn.core.errors import Invalid, Missing, SojournError
from sojourn.web.headers import header
from sojourn.web.rules import rule

BODY_BYTES = 4 * 2**20
"""The largest body of a call that is not a bulk delivery."""

T = TypeVar("T")

_AT = re.compile(r"(?P<reason>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `([^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]+)`")
_HALF_PAIR = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)
_ENCODE = msgspec.json.Encoder()


class TooLarge(SojournError):
    """The body is larger than this call takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body must not be larger than {limit} bytes")


class Unsupported(SojournError):
    """The body is of a type that this call does not take."""

    def __init__(self, content_type: str, wanted: str = "application/json") -> None:
        super().__init__(f"The content type {content_type or '(none)'} is not supported; send {wanted}")


class NotAcceptable(SojournError):
    """The answer can be spelled in none of the types that the caller accepts."""

    def __init__(self, offered: str) -> None:
        super().__init__(f"This can be answered as {offered}")


class BadParameter(Invalid):
    """A query parameter that is not known, or that stands twice."""


class BadField(Invalid):
    """A field that is not known, or that stands twice: `field` is as the caller spelled it."""


async def read_body(request: Request, limit: int = BODY_BYTES) -> bytes:
    """The whole body, decompressed; the same when it is read again. Raises: TooLarge, Invalid."""
    state = request.scope["state"]
    if "body" not in state:
        state["body"] = await _read(request, limit)
    return cast(bytes, state["body"])


async def _read(request: Request, limit: int) -> bytes:
    length = header(request, "content-length")
    if length.isdecimal() and int(length) > limit:
        raise TooLarge(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise TooLarge(limit)
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise Invalid("", "The body ended early") from error
    body = b"".join(chunks)
    encoding = header(request, "content-encoding").strip().lower()
    if encoding == "gzip":
        return _gunzip(body, limit)
    if encoding not in ("", "identity"):
        raise Invalid("Content-Encoding", "must be gzip or absent")
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise Invalid("", "The body is not gzip") from error
    if len(plain) > limit or unpacker.unconsumed_tail:
        raise TooLarge(limit)
    if not unpacker.eof or unpacker.unused_data:
        raise Invalid("", "The body is not one whole gzip")
    return plain


def expect_json(request: Request) -> None:
    """Raises: Unsupported, when the request says that its body is something else."""
    kind = header(request, "content-type").partition(";")[0].strip().lower()
    if kind not in ("", "application/json") and not kind.endswith("+json"):
        raise Unsupported(kind)


def decode(body: bytes, kind: type[T]) -> T:
    """A body as a struct. Raises: Invalid, Missing: with the path of the field."""
    try:
        decoded = msgspec.json.decode(body, type=kind)
        _REPEATS.decode(body.decode("utf-8"))
    except msgspec.ValidationError as error:
        raise translated(error, kind) from error
    except UnicodeDecodeError as error:
        raise Invalid("", "The body is not UTF-8") from error
    except msgspec.DecodeError as error:
        raise Invalid("", _why_not_json(body, str(error))) from error
    except RecursionError as error:
        raise Invalid("", "The body is nested too deeply") from error
    return decoded


def _why_not_json(body: bytes, reason: str) -> str:
    if not body.strip():
        return "The body is empty; it must be JSON"
    if ("truncated" in reason or "surrogate" in reason) and _HALF_PAIR.search(body):
        return "The body is not JSON: it holds half of a surrogate pair"
    plain = reason.removeprefix("JSON is malformed: ")
    return f"The body is not JSON: {plain[:1].lower()}{plain[1:]}"


def _unique(pairs: list[tuple[str, Any]]) -> None:
    """No name may stand twice in an object: one of the two would be lost without a word."""
    if len(dict(pairs)) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise BadField(counts.most_common(1)[0][0], "must not stand twice in an object")


# Only looks at the names: a number stays the text that it is, however long.
_REPEATS = json.JSONDecoder(object_pairs_hook=_unique, parse_int=str, parse_float=str)


def convert(parameters: Mapping[str, str], kind: type[T]) -> T:
    """Query parameters as a struct; numbers are read from text. What the struct does not name is ignored.

    Raises: Invalid, Missing.
    """
    if isinstance(parameters, ImmutableMultiDict):
        _refuse_repeats(parameters, kind)
    try:
        told = msgspec.convert(dict(parameters), kind, strict=False)
    except msgspec.ValidationError as error:
        raise translated(error, kind) from error
    for name, spelled in _names(kind):
        # msgspec reads the text null as None, and a filter that somebody gave would be no filter at all.
        if spelled in parameters and getattr(told, name) is None:
            raise Invalid(spelled, rule(kind, spelled) or "must not be null")
    return told


def _names(kind: Any) -> Iterable[tuple[str, str]]:
    """The fields of a struct, each with how the wire spells it."""
    return zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)


def _refuse_repeats(parameters: "ImmutableMultiDict[str, str]", kind: Any) -> None:
    for _, spelled in _names(kind):
        if len(parameters.getlist(spelled)) > 1:
            raise Invalid(spelled, "must not be given twice")


def translated(error: msgspec.ValidationError, kind: Any = None) -> Invalid:
    """What a struct of type `kind` found wrong, in our words, with the path of the field."""
    found = _AT.fullmatch(str(error))
    assert found is not None
    path = (found["path"] or "").lstrip(".")
    reason = found["reason"]
    if missing := _MISSING.fullmatch(reason):
        return Missing(f"{path}.{missing[1]}".lstrip("."))
    if unknown := _UNKNOWN.fullmatch(reason):
        return BadField(f"{path}.{unknown[1]}".lstrip("."), "is not a field of this request")
    must = rule(kind, path) if kind is not None else None
    if must is None:
        plain = reason.replace("`", "")
        must = f"is not valid: {plain[:1].lower()}{plain[1:]}"
    return Invalid(path, must if path else f"The body {must}")


def answer(
    told: Any, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str = "application/json"
) -> Response:
    """JSON from a struct."""
    return Response(_ENCODE.encode(told), status, headers, media_type=media_type)
