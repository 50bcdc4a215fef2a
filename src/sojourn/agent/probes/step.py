"""A step: one packet that may travel so many hops, and who answered it.

Three kinds: the start of a TCP connection to the site's own port (a firewall lets that through),
a UDP datagram to a port where nobody listens, an ICMP echo request. Only the last needs a
permission. Each packet has a socket of its own, so that the kernel tells whose error it is.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass

from sojourn.agent.probes import errqueue, stopwatch
from sojourn.agent.probes.connect import handshake
from sojourn.agent.probes.echo import EchoSocket
from sojourn.agent.probes.errqueue import QueuedError
from sojourn.agent.probes.readiness import until_ready
from sojourn.agent.probes.stopwatch import Stopwatch
from sojourn.agent.probes.target import Target

_FIRST_UDP_PORT = 33434  # where traceroute programs begin, by custom: nobody listens there
_UDP_PORTS = 100
_UDP_HEADER = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who answered, and after how many milliseconds.

    `final`: nothing lies behind it on this way; `reached`: it is the target's own word.
    """

    address: str
    rtt: float
    labels: tuple[str, ...] = ()
    final: bool = False
    reached: bool = False


Step = Callable[[Target, int, int], Awaitable[Answer]]
"""Takes the target, how many hops to travel, and the packet's number; waits until answered.

`OSError` if the packet cannot be sent (`PermissionError`: must not be). Silence lasts for ever.
"""


async def tcp(target: Target, hops: int, _number: int) -> Answer:
    """Begin a connection to the site's port; a connection and a refusal are the target's word."""
    family = target.family
    with closing(socket.socket(family.number, socket.SOCK_STREAM)) as sock:
        _prepare(sock, target, hops)
        # Close by a reset, not by the usual farewell: most of these connections lead nowhere.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        watch = Stopwatch()
        failure = sock.connect_ex(target.at(target.port))
        if failure == errno.EINPROGRESS:
            await until_ready(sock, writable=True)
            if error := errqueue.read(sock, family):
                return _answer(error, target, watch)
            failure = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failure not in (0, errno.ECONNREFUSED):
            raise OSError(failure, os.strerror(failure))
        rtt = watch.rtt() if failure else handshake(sock, watch.rtt())
        return Answer(address=target.address, rtt=rtt, final=True, reached=True)


async def udp(target: Target, hops: int, number: int) -> Answer:
    """Send a datagram; that nobody listens is the target's word, and so is an answer."""
    family = target.family
    with closing(socket.socket(family.number, socket.SOCK_DGRAM)) as sock:
        _prepare(sock, target, hops)
        sock.connect(target.at(_FIRST_UDP_PORT + number % _UDP_PORTS))
        watch = Stopwatch()
        sock.send(b"sojourn traceroute, 32 bytes....")
        while True:
            await until_ready(sock)
            if error := errqueue.read(sock, family, stripped=_UDP_HEADER):
                return _answer(error, target, watch)
            try:
                _, ancillary, *_ = sock.recvmsg(1, stopwatch.ROOM)
            except BlockingIOError:
                continue  # a datagram with a wrong checksum: gone
            rtt = watch.rtt(stopwatch.arrival(ancillary))
            return Answer(address=target.address, rtt=rtt, final=True, reached=True)


async def icmp(target: Target, hops: int, number: int) -> Answer:
    """Send an echo request; its reply is the target's word."""
    with EchoSocket(target) as echo:
        echo.limit(hops)
        watch = Stopwatch()
        echo.send(number)
        while True:
            await until_ready(echo.socket)
            error = errqueue.read(echo.socket, target.family)
            if error and (error.address is None or echo.owns(error.quoted)):
                return _answer(error, target, watch)
            if not error and (reply := echo.read()):
                rtt = watch.rtt(reply.arrived)
                return Answer(address=target.address, rtt=rtt, final=True, reached=True)


def _prepare(sock: socket.socket, target: Target, hops: int) -> None:
    family = target.family
    sock.setblocking(False)
    sock.setsockopt(family.level, family.hop_limit, hops)
    errqueue.open_queue(sock, family)
    stopwatch.note_arrivals(sock)


def _answer(error: QueuedError, target: Target, watch: Stopwatch) -> Answer:
    """What an ICMP error says about the way; this machine's own errors are raised."""
    if error.address is None:
        raise OSError(error.errno, os.strerror(error.errno))
    family = target.family
    nobody_listens = (error.type, error.code) == (family.unreachable, family.port_unreachable)
    return Answer(
        address=error.address,
        rtt=watch.rtt(error.arrived),
        labels=error.labels,
        final=error.type != family.time_exceeded,
        reached=nobody_listens or error.address == target.address,
    )
