"""An answer that is told while the request is still being heard.

Many clients send all of a request before they read anything of the answer. What they leave unread must not keep the
server from hearing more, or both would wait for ever: it waits in a spool, in memory at first, then in a file.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MEMORY_BYTES = 2**20
CHUNK_BYTES = 64 * 2**10


class Dialogue(Response):
    """Tells chunks as they are made. What goes wrong ends the answer visibly short, and is logged."""

    def __init__(self, chunks: AsyncIterator[bytes], media_type: str) -> None:
        super().__init__(headers={"Cache-Control": "no-store"}, media_type=media_type)
        del self.headers["content-length"]
        self._chunks = chunks
        self._news = asyncio.Event()
        self._over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        spool = _Spool()
        telling = asyncio.create_task(self._tell(spool, send))
        try:
            async for chunk in self._chunks:
                spool.put(chunk)
                self._news.set()
            self._over = True
            self._news.set()
            await telling
        except Exception as error:
            structlog.get_logger().error("answer cut short", id=scope["state"]["request_id"], exc_info=error)
            raise
        finally:
            telling.cancel()
            spool.close()

    async def _tell(self, spool: "_Spool", send: Send) -> None:
        await self._news.wait()  # who asks to be told to continue is told so by then, and would not understand it later
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while True:
            await self._news.wait()
            self._news.clear()
            while chunk := spool.take():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if self._over:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return


class _Spool:
    """First in, first out."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 – it lives as long as the answer
        self._told = self._kept = 0

    def put(self, chunk: bytes) -> None:
        self._file.seek(self._kept)
        self._file.write(chunk)
        self._kept += len(chunk)

    def take(self) -> bytes:
        """The next of it, or nothing."""
        self._file.seek(self._told)
        chunk = self._file.read(min(CHUNK_BYTES, self._kept - self._told))
        self._told += len(chunk)
        if self._told == self._kept:
            self._told = self._kept = 0
        return chunk

    def close(self) -> None:
        self._file.close()
