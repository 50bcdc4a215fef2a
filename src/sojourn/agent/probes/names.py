"""The names of addresses, asked of the system's resolver in threads, under a deadline."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

_THREADS = 4


def name_of(address: str) -> str | None:
    """The name that the system's resolver has for an address; blocks as long as it likes."""
    try:
        return socket.getnameinfo((address, 0), socket.NI_NAMEREQD)[0]
    except OSError:
        return None


async def names_of(
    addresses: Iterable[str],
    within: float,
    *,
    lookup: Callable[[str], str | None] = name_of,
) -> dict[str, str]:
    """The names found `within` so many seconds; addresses without one are left out.

    The threads are daemons: a resolver that hangs must not keep the agent from ending.
    """
    loop = asyncio.get_running_loop()
    left = list(dict.fromkeys(addresses))[::-1]
    if not left:
        return {}
    names: dict[str, str] = {}
    waiting = len(left)
    done = asyncio.Event()

    def note(address: str, name: str | None) -> None:
        nonlocal waiting
        waiting -= 1
        if name is not None:
            names[address] = name
        if not waiting:
            done.set()

    def work() -> None:
        with suppress(IndexError, RuntimeError):  # nothing left to ask; the loop is closed
            while True:
                address = left.pop()
                loop.call_soon_threadsafe(note, address, lookup(address))

    for _ in range(min(_THREADS, len(left))):
        threading.Thread(target=work, name="names", daemon=True).start()
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await done.wait()
    left.clear()
    return dict(names)
