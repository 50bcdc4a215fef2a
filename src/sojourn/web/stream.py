"""Long answers, told while they are read: flat memory, an early first byte, and no work for a client that has gone."""

from collections.abc import AsyncIterator, Iterator

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sojourn.core.access import Caller
from sojourn.web.backend import Backend

_END = b""


async def streamed(
    backend: Backend, caller: Caller, request: Request, chunks: Iterator[bytes], media_type: str
) -> Response:
    """An answer made of chunks, each of which is read and spelled in a thread.

    The first chunk is read before the answer begins, so that what is wrong by then is still told as an error. What goes
    wrong later ends the answer visibly short, and is logged.
    """
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

    return StreamingResponse(rest(), media_type=media_type)
