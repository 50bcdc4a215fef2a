"""Where the next page begins, as an opaque text.

A cursor belongs to the question that it was made for: it carries a check over its place and that question, so that one
that somebody changed, or that came with another question, is refused. Nothing is kept of it anywhere, so it never
expires and any process can read it. It is checked, not signed: who forges one gains a page of what they may see anyway.
"""

import base64
import hashlib
import struct
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec

from sojourn.core.errors import Invalid
from sojourn.core.query import Place

_PLACE = struct.Struct(">qq")
_CHECK_BYTES = 8


def seal(place: Place, *question: object) -> str:
    """A place in the answer to a question: 32 characters that need no escaping in a URL."""
    where = _PLACE.pack(place.at, place.id)
    return base64.urlsafe_b64encode(where + _check(where, question)).decode()


def unseal(text: str, *question: object) -> Place:
    """The place. Raises: Invalid, when it was not made by `seal` for this question."""
    try:
        where = base64.urlsafe_b64decode(text)[: _PLACE.size]
        place = Place(*_PLACE.unpack(where))
    except (ValueError, struct.error):
        place = None
    if place is None or seal(place, *question) != text:
        raise Invalid("cursor", "must be the one of a page before, with the same filter and order")
    return place


def _check(where: bytes, question: tuple[object, ...]) -> bytes:
    canonical = msgspec.json.encode([_told(part) for part in question], order="sorted")
    return hashlib.blake2b(where + canonical, digest_size=_CHECK_BYTES, person=b"sojourn cursor").digest()


def _told(part: object) -> Any:
    """A noun by what is given in it: a field that a later release adds does not end the cursors of this one."""
    if not is_dataclass(part):
        return part
    return {f.name: value for f in fields(part) if (value := getattr(part, f.name)) is not None}
