"""Readiness: waiting until a socket has something to say."""

from __future__ import annotations

import asyncio
import socket


async def until_ready(sock: socket.socket, *, writable: bool = False) -> None:
    """Wait until `sock` can be read, has an error queued, or (if asked) can be written.

    Wait under a time-out: silence lasts for ever. Cancelling it leaves nothing behind.
    """
    loop = asyncio.get_running_loop()
    ready = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(sock, tell)
    if writable:
        loop.add_writer(sock, tell)
    try:
        await ready
    finally:
        loop.remove_reader(sock)
        loop.remove_writer(sock)
