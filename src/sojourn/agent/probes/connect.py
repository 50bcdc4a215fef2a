"""Connect: how long a TCP connection to the site takes to stand."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import struct

from sojourn.agent.probes.readiness import until_ready
from sojourn.agent.probes.stopwatch import Stopwatch
from sojourn.agent.probes.target import Target
from sojourn.core.measurement import REFUSED, Connect

TIMED_OUT = "Connection timed out"
_RTT, _RETRANSMITTED = 68, 100  # offsets in <linux/tcp.h>'s struct tcp_info
_WORD = struct.Struct("=I")


async def connect(target: Target, *, within: float = 5.0) -> Connect:
    """Connect once, `within` so many seconds, and hang up. A refusal tells `REFUSED`: an answer."""
    try:
        sock = socket.socket(target.family.number, socket.SOCK_STREAM)
    except OSError as error:
        return Connect(error=os.strerror(error.errno or 0))
    with sock:
        sock.setblocking(False)
        try:
            async with asyncio.timeout(within):
                return await _establish(sock, target)
        except TimeoutError:
            return Connect(error=TIMED_OUT)


async def _establish(sock: socket.socket, target: Target) -> Connect:
    watch = Stopwatch()
    failure = sock.connect_ex(target.at(target.port))
    if failure == errno.EINPROGRESS:
        await until_ready(sock, writable=True)
        failure = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if failure == 0:
        return Connect(rtt=handshake(sock, watch.rtt()))
    return Connect(error=REFUSED if failure == errno.ECONNREFUSED else os.strerror(failure))


def handshake(sock: socket.socket, elapsed: float) -> float:
    """Milliseconds that the handshake of a new connection took, `elapsed` by the clock out here.

    The kernel's own figure keeps a busy event loop out. After a retransmission only the clock
    tells how long it took until the connection stood.
    """
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RETRANSMITTED + _WORD.size)
    if len(info) < _RETRANSMITTED + _WORD.size:
        return elapsed
    (microseconds,) = _WORD.unpack_from(info, _RTT)
    (retransmitted,) = _WORD.unpack_from(info, _RETRANSMITTED)
    if retransmitted or not microseconds:
        return elapsed
    return min(elapsed, float(microseconds) / 1000)
