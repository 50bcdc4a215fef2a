"""ICMP echo sockets: the unprivileged kind where the system allows it, else the raw kind."""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass

from sojourn.agent.probes import errqueue, stopwatch
from sojourn.agent.probes.family import V4, Family
from sojourn.agent.probes.mpls import checksum
from sojourn.agent.probes.target import Target

_ECHO = struct.Struct("!BBHHH")
_DATA = b"sojourn echo request, 32 bytes.."
_ENOUGH = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A reply: to which request, and when it came (seconds since the epoch)."""

    number: int
    arrived: float | None


class EchoSocket:
    """Sends echo requests to one target and reads its replies; `PermissionError` if it must not.

    A datagram socket needs the process's group in `net.ipv4.ping_group_range`, a raw one
    CAP_NET_RAW. Replies to other programs' requests are not told.
    """

    def __init__(self, target: Target) -> None:
        self._family = target.family
        self.socket, self._raw = _open(self._family)
        self._ident = int.from_bytes(os.urandom(2), "big")  # datagram sockets: the kernel's own
        try:
            self.socket.setblocking(False)
            stopwatch.note_arrivals(self.socket)
            self.socket.connect(target.at(0))
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self) -> EchoSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def limit(self, hops: int) -> None:
        """Let requests travel so many hops, and queue the errors that this brings."""
        self.socket.setsockopt(self._family.level, self._family.hop_limit, hops)
        errqueue.open_queue(self.socket, self._family)

    def send(self, number: int) -> None:
        """Send request `number` (16 bits)."""
        self.socket.send(_request(self._family, self._ident, number))

    def read(self) -> Echo | None:
        """The next reply to this socket's requests; `None` if none waits.

        `OSError` is what a network on the way said.
        """
        while True:
            try:
                packet, ancillary, *_ = self.socket.recvmsg(_ENOUGH, stopwatch.ROOM)
            except BlockingIOError:
                return None
            if self._raw and self._family is V4:
                packet = packet[(packet[0] & 15) * 4 :]
            number = self._number(packet, self._family.echo_reply)
            if number is not None:
                return Echo(number=number, arrived=stopwatch.arrival(ancillary))

    def owns(self, quoted: bytes) -> bool:
        """Whether the packet that an ICMP error quotes is one of this socket's requests."""
        return self._number(quoted, self._family.echo_request) is not None

    def _number(self, packet: bytes, kind: int) -> int | None:
        if len(packet) < _ECHO.size:
            return None
        told, code, _, ident, number = _ECHO.unpack_from(packet)
        ours = not self._raw or ident == self._ident
        return int(number) if (told, code) == (kind, 0) and ours else None


def _open(family: Family) -> tuple[socket.socket, bool]:
    """A socket, and whether it is a raw one."""
    try:
        return socket.socket(family.number, socket.SOCK_DGRAM, family.icmp), False
    except PermissionError:
        return socket.socket(family.number, socket.SOCK_RAW, family.icmp), True


def _request(family: Family, ident: int, number: int) -> bytes:
    """An echo request; over IPv6 the kernel fills in the checksum."""
    bare = _ECHO.pack(family.echo_request, 0, 0, ident, number) + _DATA
    summed = checksum(bare) if family is V4 else 0
    return _ECHO.pack(family.echo_request, 0, summed, ident, number) + _DATA
