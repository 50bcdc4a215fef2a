"""A stopwatch for packets: it trusts the kernel's note of an arrival more than its own eyes.

Why: docs/decisions/0073-the-kernel-holds-the-stopwatch.md
"""

from __future__ import annotations

import socket
import struct
import time

_SO_TIMESTAMPNS = 35  # <asm-generic/socket.h>; also the type of the control message
_TIMESPEC = struct.Struct("@ll")

Ancillary = list[tuple[int, int, bytes]]

ROOM = socket.CMSG_SPACE(_TIMESPEC.size)
"""Bytes that a time takes among the control messages of `recvmsg`."""


def note_arrivals(sock: socket.socket) -> None:
    """Have the kernel note when each packet of `sock` arrives.

    A busy event loop reads late; the kernel's note keeps that out of the round-trip time.
    """
    sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)


def arrival(ancillary: Ancillary) -> float | None:
    """The noted time among the control messages of one packet: seconds since the epoch."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return float(seconds) + float(nanoseconds) / 1e9
    return None


class Stopwatch:
    """Started when made, just before a packet leaves."""

    __slots__ = ("_monotonic", "_real")

    def __init__(self) -> None:
        self._real = time.time()
        self._monotonic = time.monotonic()

    def rtt(self, arrived: float | None = None) -> float:
        """Milliseconds, to the microsecond, from the start until `arrived` or else until now.

        `arrived` is in seconds since the epoch. A clock that was set meanwhile shows as an
        arrival before the start or after now: then the monotonic clock's word holds.
        """
        elapsed = time.monotonic() - self._monotonic
        if arrived is not None and 0 <= arrived - self._real <= elapsed:
            elapsed = arrived - self._real
        return round(elapsed * 1000, 3)
