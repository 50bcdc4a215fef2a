"""Long answers, told while they are read: flat memory, an early first byte, and no work for a client that has gone.

docs/decisions/0061 says why.
"""

import zlib
from collections.abc import AsyncIterator, Iterator, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sojourn.core.access import Caller
from sojourn.web.backend import Backend
from sojourn.web.headers import header

PACKED = 4
"""How hard long answers are packed, of 9: more costs time and saves little."""

_END = b""


async def streamed(
    backend: Backend,
    caller: Caller,
    request: Request,
    chunks: Iterator[bytes],
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer made of chunks, each of which is read, spelled and, if the caller takes it, packed in a thread.

    The first chunk is read before the answer begins, so that what is wrong by then is still told as an error. What goes
    wrong later ends the answer visibly short, and is logged. When the caller has gone, nothing more is read.
    """
    headers = {**(headers or {}), "Vary": "Accept-Encoding"}
    if takes_gzip(request):
        chunks, headers["Content-Encoding"] = gzipped(chunks), "gzip"
    first = await backend.read(caller, next, chunks, _END)

    async def rest() -> AsyncIterator[bytes]:
        chunk = first
        try:
            while chunk:
                yield chunk
                chunk = await backend.run(next, chunks, _END)
        except Exception as error:
            structlog.get_logger().error("answer cut short", id=request.state.request_id, exc_info=error)
            raise

    if request.method == "HEAD":
        return StreamingResponse(iter(()), headers=headers, media_type=media_type)
    return StreamingResponse(rest(), headers=headers, media_type=media_type)


def takes_gzip(request: Request) -> bool:
    """Whether the caller says that the answer may be packed."""
    for told in header(request, "accept-encoding").lower().split(","):
        coding, _, quality = told.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return quality.strip("0.") != "" or not quality
    return False


def gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks packed into one gzip. Each is whole when it leaves, so that the first rows are there at once."""
    packer = zlib.compressobj(PACKED, wbits=31)
    for chunk in chunks:
        yield packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
