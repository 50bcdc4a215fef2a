"""A writer of small MaxMind DB files: enough of the format to hold a prefix and a number."""

import ipaddress
import struct
from collections.abc import Mapping
from pathlib import Path

_SEPARATOR = b"\0" * 16
_MARK = b"\xab\xcd\xefMaxMind.com"
_EMPTY = None
_NO_ARRAY = b"\0\4"

Node = list["Node | int | None"]


def write(path: Path, numbers: Mapping[str, int]) -> None:
    """Write a database that says which autonomous system announces which IPv4 or IPv6 prefix."""
    data, places = b"", {}
    for prefix, number in numbers.items():
        places[prefix] = len(data)
        data += _map({"autonomous_system_number": _number(6, number)})
    root: Node = [_EMPTY, _EMPTY]
    for prefix, place in places.items():
        _insert(root, ipaddress.ip_network(prefix), place)
    nodes = _numbered(root)
    size = len(nodes)
    tree = b"".join(_record(side, nodes, size) for node in nodes for side in node)
    about = {
        "binary_format_major_version": _number(5, 2),
        "binary_format_minor_version": _number(5, 0),
        "build_epoch": _number(9, 1),
        "database_type": _text("Test-ASN"),
        "description": _map({}),
        "ip_version": _number(5, 6),
        "languages": _NO_ARRAY,
        "node_count": _number(6, size),
        "record_size": _number(5, 24),
    }
    path.write_bytes(tree + _SEPARATOR + data + _MARK + _map(about))


def _insert(root: Node, network: ipaddress.IPv4Network | ipaddress.IPv6Network, place: int) -> None:
    width = 128
    start = int(network.network_address)  # IPv4 lies in the first 2^32 addresses of IPv6
    length = network.prefixlen + (96 if network.version == 4 else 0)
    node = root
    for depth in range(length):
        side = start >> (width - 1 - depth) & 1
        if depth == length - 1:
            node[side] = place
            return
        below = node[side]
        if not isinstance(below, list):
            below = [_EMPTY, _EMPTY]
            node[side] = below
        node = below


def _numbered(root: Node) -> list[Node]:
    nodes = [root]
    for node in nodes:  # grows while it is walked
        nodes.extend(side for side in node if isinstance(side, list))
    return nodes


def _record(side: "Node | int | None", nodes: list[Node], size: int) -> bytes:
    if isinstance(side, list):
        value = next(number for number, node in enumerate(nodes) if node is side)
    else:
        value = size if side is None else size + len(_SEPARATOR) + side
    return value.to_bytes(3, "big")


def _number(kind: int, value: int) -> bytes:
    body = value.to_bytes((value.bit_length() + 7) // 8, "big")
    if kind <= 7:
        return bytes([kind << 5 | len(body)]) + body
    return struct.pack("BB", len(body), kind - 7) + body


def _text(value: str) -> bytes:
    assert len(value) < 29, "longer texts tell their length in more bytes"
    return bytes([2 << 5 | len(value)]) + value.encode()


def _map(values: Mapping[str, bytes]) -> bytes:
    return bytes([7 << 5 | len(values)]) + b"".join(_text(key) + value for key, value in values.items())
