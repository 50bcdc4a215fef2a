"""MPLS label stacks in ICMP errors: the extension of RFC 4884, and in it the object of RFC 4950."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_VERSION = 2
_HEADER = struct.Struct("!BxH")
_OBJECT = struct.Struct("!HBB")
_MPLS_CLASS, _INCOMING_STACK = 1, 1
_OLD_OFFSET = 128  # where routers older than RFC 4884 put the extension, telling no length


def labels(payload: bytes, start: int) -> tuple[str, ...]:
    """The label stack, outermost first, each as `L=301472,E=0,S=1,T=1`; empty if there is none.

    `payload` is what an ICMP error quotes, with the extension at `start`. What is cut short or
    has a wrong checksum is no extension.
    """
    extension = payload[start:]
    if len(extension) < _HEADER.size or not _is_sound(extension):
        return ()
    return tuple(
        _told(entry)
        for kind, body in _objects(extension[_HEADER.size :])
        if kind == (_MPLS_CLASS, _INCOMING_STACK)
        for (entry,) in struct.iter_unpack("!I", body[: len(body) // 4 * 4])
    )


def old_labels(payload: bytes, stripped: int) -> tuple[str, ...]:
    """The label stack of a router that tells no length, `stripped` bytes of the quote being gone.

    Such an extension is only believed with a checksum.
    """
    start = _OLD_OFFSET - stripped
    if len(payload) < start + _HEADER.size or payload[start + 2 : start + 4] == b"\0\0":
        return ()
    return labels(payload, start)


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071); 0 over data that holds its own."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(word for (word,) in struct.iter_unpack("!H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _is_sound(extension: bytes) -> bool:
    first, given = _HEADER.unpack_from(extension)
    return first >> 4 == _VERSION and (given == 0 or checksum(extension) == 0)


def _objects(data: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    while len(data) >= _OBJECT.size:
        length, number, kind = _OBJECT.unpack_from(data)
        if not _OBJECT.size <= length <= len(data):
            return
        yield (number, kind), data[_OBJECT.size : length]
        data = data[length:]


def _told(entry: int) -> str:
    return f"L={entry >> 12},E={entry >> 9 & 7},S={entry >> 8 & 1},T={entry & 0xFF}"
