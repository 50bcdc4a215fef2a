"""The kernel's error queue (`IP_RECVERR`): the ICMP errors that a socket's packets met.

It needs no privilege: the kernel gives each socket the errors about its own packets, with the
sender's address and, since Linux 5.9, where the RFC 4884 extension begins.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass

from sojourn.agent.probes import mpls, stopwatch
from sojourn.agent.probes.family import V4, Family

_ERROR = struct.Struct("=IBBBxIHBx")  # struct sock_extended_err, its last word as of RFC 4884
_LOCAL = 1  # SO_EE_ORIGIN_LOCAL: this machine's own word, no packet
_INVALID = 1  # SO_EE_RFC4884_FLAG_INVALID
_ENOUGH = 2048  # a quoted datagram with its extension: at most 576 bytes, by RFC 1812 and 4443
_ROOM = socket.CMSG_SPACE(_ERROR.size + 28) + stopwatch.ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedError:
    """One error: who said it (`None`: this machine), ICMP type and code, when it came."""

    address: str | None
    errno: int
    type: int
    code: int
    arrived: float | None
    quoted: bytes
    labels: tuple[str, ...]


def open_queue(sock: socket.socket, family: Family) -> None:
    """Have the kernel queue errors for `sock`."""
    sock.setsockopt(family.level, family.errors, 1)
    with suppress(OSError):  # before Linux 5.9: errors without label stacks
        sock.setsockopt(family.level, family.extensions, 1)


def read(sock: socket.socket, family: Family, *, stripped: int = 0) -> QueuedError | None:
    """Take the oldest error off the queue; `None` if it is empty.

    `stripped` is how many bytes of transport header the kernel takes off the quoted packet: 8
    for UDP, none for TCP and ICMP.
    """
    try:
        quoted, ancillary, *_ = sock.recvmsg(_ENOUGH, _ROOM, socket.MSG_ERRQUEUE)
    except BlockingIOError:
        return None
    for level, kind, data in ancillary:
        if (level, kind) == (family.level, family.errors) and len(data) >= _ERROR.size:
            return _parse(data, quoted, family, stripped, stopwatch.arrival(ancillary))
    return None


def _parse(data: bytes, quoted: bytes, family: Family, stripped: int, arrived: float | None) -> QueuedError:
    errno, origin, kind, code, _info, start, flags = _ERROR.unpack_from(data)
    if flags & _INVALID:
        stack: tuple[str, ...] = ()
    elif start:
        stack = mpls.labels(quoted, start)
    else:
        stack = mpls.old_labels(quoted, family.header + stripped)
    return QueuedError(
        address=None if origin == _LOCAL else _offender(data[_ERROR.size :], family),
        errno=errno,
        type=kind,
        code=code,
        arrived=arrived,
        quoted=quoted,
        labels=stack,
    )


def _offender(address: bytes, family: Family) -> str:
    """The text of a `sockaddr_in` or `sockaddr_in6`."""
    raw = address[4:8] if family is V4 else address[8:24]
    return socket.inet_ntop(family.number, raw)
