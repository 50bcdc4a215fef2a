"""The routers of a path, in one process: between two TUN devices, hop after hop.

What the kernel cannot do everywhere (delay, label stacks, silence) is done here. Started with two
descriptors and the description of the path as JSON; stands on Python alone, so it starts quickly.
"""

import heapq
import json
import os
import select
import socket
import struct
import sys
import time
from typing import Any

_QUOTED = 128  # what RFC 4884 has an error quote, padded
_ECHO_REQUESTS = {4: 8, 6: 128}


def checksum(data: bytes) -> int:
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total


def extension(stack: list[list[int]]) -> bytes:
    """A label stack as RFC 4950 has it in an extension of RFC 4884."""
    entries = b"".join(
        struct.pack("!I", label << 12 | traffic_class << 9 | bottom << 8 | ttl)
        for label, traffic_class, bottom, ttl in stack
    )
    body = struct.pack("!HBB", 4 + len(entries), 1, 1) + entries
    return struct.pack("!BBH", 0x20, 0, checksum(b"\x20\0\0\0" + body)) + body


def error(packet: bytes, hop: dict[str, Any], kind: tuple[int, int]) -> bytes:
    """The ICMP error that a hop sends about a packet."""
    version = packet[0] >> 4
    quoted, length = packet[:500], 0
    if hop["labels"]:
        quoted = packet[:_QUOTED].ljust(_QUOTED, b"\0") + extension(hop["labels"])
        length = 0 if hop["old"] else _QUOTED // (4 if version == 4 else 8)
    place = struct.pack("!BBH", 0, length, 0) if version == 4 else struct.pack("!BBH", length, 0, 0)
    bare = struct.pack("!BBH", *kind, 0) + place + quoted
    source = socket.inet_pton(socket.AF_INET if version == 4 else socket.AF_INET6, hop[f"v{version}"])
    if version == 4:
        message = bare[:2] + struct.pack("!H", checksum(bare)) + bare[4:]
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, 64, 1, 0) + source + packet[12:16]
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + message
    pseudo = source + packet[8:24] + struct.pack("!II", len(bare), 58)
    message = bare[:2] + struct.pack("!H", checksum(pseudo + bare)) + bare[4:]
    return struct.pack("!IHBB", 6 << 28, len(message), 58, 64) + source + packet[8:24] + message


class Path:
    """Hops in a row, each with the delay of the line before it."""

    def __init__(self, near: int, far: int, description: dict[str, Any]) -> None:
        self._near, self._far = near, far
        self._hops = description["hops"]
        self._targets = {socket.inet_aton(description["v4"]), socket.inet_pton(socket.AF_INET6, description["v6"])}
        self._blocked = set(description["blocked"])
        self._fence = description["fence"]
        self._queue: list[tuple[float, int, int, bytes]] = []
        self._count = 0

    def run(self) -> None:
        """Say that it is there, and carry packets until standard input is closed."""
        os.write(1, b"ready\n")
        while True:
            due = self._queue[0][0] - time.monotonic() if self._queue else None
            ready, _, _ = select.select([self._near, self._far, 0], [], [], None if due is None else max(0, due))
            if 0 in ready:
                return
            if self._near in ready:
                self._outward(os.read(self._near, 65536))
            if self._far in ready:
                self._later(self._delay(len(self._hops)), self._near, os.read(self._far, 65536))
            while self._queue and self._queue[0][0] <= time.monotonic():
                _, _, descriptor, packet = heapq.heappop(self._queue)
                os.write(descriptor, packet)

    def _outward(self, packet: bytes) -> None:
        version = packet[0] >> 4
        hop_limit, protocol, head = (packet[8], packet[9], 20) if version == 4 else (packet[7], packet[6], 40)
        destination = packet[16:20] if version == 4 else packet[24:40]
        if destination not in self._targets:
            return
        fence = self._fence or len(self._hops) + 1
        if hop_limit <= min(fence, len(self._hops)):
            self._refuse(hop_limit, packet, (11, 0) if version == 4 else (3, 0))
        elif self._fence:
            self._refuse(fence, packet, (3, 13) if version == 4 else (1, 1))
        elif not (
            {1: "icmp", 58: "icmp", 17: "udp", 6: "tcp"}[protocol] in self._blocked
            and (protocol in (6, 17) or packet[head] == _ECHO_REQUESTS[version])
        ):
            self._later(self._delay(len(self._hops)), self._far, self._aged(packet, version))

    def _aged(self, packet: bytes, version: int) -> bytes:
        """The packet with its hop limit lowered by this path's hops."""
        if version == 6:
            return packet[:7] + bytes([packet[7] - len(self._hops)]) + packet[8:]
        head = packet[:8] + bytes([packet[8] - len(self._hops)]) + packet[9:10] + b"\0\0" + packet[12:20]
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + packet[20:]

    def _refuse(self, number: int, packet: bytes, kind: tuple[int, int]) -> None:
        hop = self._hops[number - 1]
        if not hop["silent"]:
            self._later(2 * self._delay(number), self._near, error(packet, hop, kind))

    def _delay(self, hops: int) -> float:
        milliseconds: float = sum(hop["delay"] for hop in self._hops[:hops])
        return milliseconds / 1000

    def _later(self, delay: float, descriptor: int, packet: bytes) -> None:
        self._count += 1
        heapq.heappush(self._queue, (time.monotonic() + delay, self._count, descriptor, packet))


if __name__ == "__main__":
    Path(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])).run()
