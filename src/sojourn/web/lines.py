"""A long body heard line by line, while it comes: neither it nor what it unpacks to is ever held as a whole."""

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

from starlette.requests import Request

from sojourn.core.errors import Invalid
from sojourn.web.headers import header
from sojourn.web.wire import Unsupported

LINE_BYTES = 8 * 2**20
"""The longest line."""

PIECE_BYTES = 256 * 2**10
_MARK = b"\xef\xbb\xbf"
_TYPES = ("", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")


class Line(NamedTuple):
    """A line that is not blank, by its number from 1 on; `text` is absent where it was longer than it may be."""

    number: int
    text: bytes | None


def expect_lines(request: Request) -> None:
    """Raises: Unsupported, when the request says that its body is no JSON by lines; Invalid (Content-Encoding)."""
    kind = header(request, "content-type").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise Unsupported(kind, "application/x-ndjson")
    if header(request, "content-encoding").strip().lower() not in ("", "identity", "gzip"):
        raise Invalid("Content-Encoding", "must be gzip or absent")


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces, decompressed. Raises: Invalid; ClientDisconnect."""
    packed = header(request, "content-encoding").strip().lower() == "gzip"
    unpacker = _Unpacker() if packed else None
    async for chunk in request.stream():
        if unpacker:
            for piece in unpacker.feed(chunk):
                yield piece
        else:
            for start in range(0, len(chunk), PIECE_BYTES):
                yield chunk[start : start + PIECE_BYTES]
    if unpacker:
        unpacker.close()


class _Unpacker:
    """Unpacks gzip, of one member or several."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """What comes out of a chunk, in pieces. Raises: Invalid."""
        while chunk:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            self._begun = True
            try:
                piece = self._member.decompress(chunk, PIECE_BYTES)
            except zlib.error as error:
                raise Invalid("", "The body is not gzip") from error
            chunk = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                yield piece

    def close(self) -> None:
        """The body has ended. Raises: Invalid."""
        if self._begun and not self._member.eof:
            raise Invalid("", "The body is not whole gzip")


class Lines:
    """Cuts pieces into lines. Blank ones are counted and not told."""

    def __init__(self, limit: int = LINE_BYTES) -> None:
        self.number = 0
        self._limit = limit
        self._parts: list[bytes] = []
        self._length = 0

    def feed(self, piece: bytes) -> Iterator[Line]:
        """The lines that a piece completes."""
        first, *others = piece.split(b"\n")
        self._keep(first)
        for part in others:
            yield from self._cut()
            self._keep(part)

    def close(self) -> Iterator[Line]:
        """The last line, if nothing ended it."""
        if self._length:
            yield from self._cut()

    def _keep(self, part: bytes) -> None:
        self._length += len(part)
        if self._length <= self._limit:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _cut(self) -> Iterator[Line]:
        text = b"".join(self._parts) if self._length <= self._limit else None
        self._parts.clear()
        self._length = 0
        self.number += 1
        if text is not None:
            text = text.removeprefix(_MARK).strip() if self.number == 1 else text.strip()
        if text is None or text:
            yield Line(self.number, text)
