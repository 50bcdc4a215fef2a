"""A HAR 1.2 document, as far as it is relied on: whoever reads it back finds its pages and their requests."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from sojourn.core.bounds import MOST_PAGES
from sojourn.core.errors import Invalid
from sojourn.web.wire import translated

MOST_ENTRIES = 20_000
"""How many requests a HAR may tell of (our decision)."""

_ENCODE = msgspec.json.Encoder()


class _Part(Struct, rename="camel", kw_only=True, gc=False):
    """More may stand beside what is named."""


class _Page(_Part):
    id: str
    title: str
    started_date_time: str
    page_timings: dict[str, Any]


class _Request(_Part):
    method: str
    url: str


class _Response(_Part):
    status: int


class _Entry(_Part):
    started_date_time: str
    time: float
    request: _Request
    response: _Response
    pageref: str | None = None


class _Log(_Part):
    version: str
    creator: dict[str, Any]
    entries: Annotated[list[_Entry], Meta(max_length=MOST_ENTRIES)]
    pages: Annotated[list[_Page], Meta(max_length=MOST_PAGES)] = []


class _Har(_Part):
    log: _Log


def har_text(document: dict[str, Any]) -> str:
    """The document as JSON text. Raises: Invalid, naming what is broken."""
    try:
        msgspec.convert(document, _Har)
    except msgspec.ValidationError as error:
        broken = translated(error, _Har)
        raise Invalid(f"har.{broken.field}".rstrip("."), broken.reason) from error
    return _ENCODE.encode(document).decode()
