"""Requests in, answers out: what every dialect does with bytes before they are its own.

Bodies are bounded in size (also after decompression) and depth, and strict: UTF-8 JSON, no NaN, no name twice in an
object. Whatever is refused names the field by its path in the body.
"""

import json
import re
import zlib
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sojourn.core.errors import Invalid, Missing, SojournError
from sojourn.web.headers import header

BODY_BYTES = 4 * 2**20
"""The largest body of a call that is not a bulk delivery."""

DEPTH = 32

T = TypeVar("T")

_AT = re.compile(r"(?P<reason>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `([^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]+)`")
_ENCODE = msgspec.json.Encoder()


class TooLarge(SojournError):
    """The body is larger than this call takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body must not be larger than {limit} bytes")


class Unsupported(SojournError):
    """The body is of a type that this call does not take."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f"The content type {content_type or '(none)'} is not supported; send application/json")


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
    if not unpacker.eof:
        raise Invalid("", "The body is not whole gzip")
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
        _refuse_repeats(body)
    except msgspec.ValidationError as error:
        raise translated(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("", f"The body is not JSON: {error}") from error
    except RecursionError as error:
        raise Invalid("", "The body is nested too deeply") from error
    return decoded


def _refuse_repeats(body: bytes) -> None:
    """No name may stand twice in an object: one of the two would be lost without a word."""
    _REPEATS.decode(body.decode("utf-8"))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid(twice, "must not stand twice in an object")
    return found


_REPEATS = json.JSONDecoder(object_pairs_hook=_unique)


def convert(parameters: Mapping[str, str], kind: type[T]) -> T:
    """Query parameters as a struct; numbers are read from text. Raises: Invalid, Missing."""
    try:
        return msgspec.convert(dict(parameters), kind, strict=False)
    except msgspec.ValidationError as error:
        raise translated(error) from error


def translated(error: msgspec.ValidationError) -> Invalid:
    """What a struct found wrong, in our words, with the path of the field."""
    found = _AT.fullmatch(str(error))
    assert found is not None
    path = (found["path"] or "").lstrip(".")
    reason = found["reason"]
    if missing := _MISSING.fullmatch(reason):
        return Missing(f"{path}.{missing[1]}".lstrip("."))
    if unknown := _UNKNOWN.fullmatch(reason):
        return Invalid(f"{path}.{unknown[1]}".lstrip("."), "is not a field of this request")
    plain = reason.replace("`", "")
    return Invalid(path, f"is not valid: {plain[:1].lower()}{plain[1:]}")


def answer(
    told: Any, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str = "application/json"
) -> Response:
    """JSON from a struct."""
    return Response(_ENCODE.encode(told), status, headers, media_type=media_type)
