"""A writer of small MaxMind DB files: enough of the format to hold a few prefixes, each with a record."""

import ipaddress
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SEPARATOR = b"\0" * 16
_MARK = b"\xab\xcd\xefMaxMind.com"
_EMPTY = None

_UINT16, _UINT32, _UINT64, _ARRAY = 5, 6, 9, 11

Node = list["Node | int | None"]


def write(path: Path, records: Mapping[str, Mapping[str, Any]], *, version: int = 6) -> None:
    """Write a database of IP `version` with what it says of each IPv4 or IPv6 prefix.

    A record holds texts, numbers from 0 to 2^32, floats, lists and mappings.
    """
    data, places = b"", {}
    for prefix, record in records.items():
        places[prefix] = len(data)
        data += _value(record)
    root: Node = [_EMPTY, _EMPTY]
    for prefix, place in places.items():
        _insert(root, ipaddress.ip_network(prefix), place, 32 if version == 4 else 128)
    nodes = _numbered(root)
    size = len(nodes)
    tree = b"".join(_record(side, nodes, size) for node in nodes for side in node)
    about = {
        "binary_format_major_version": _number(_UINT16, 2),
        "binary_format_minor_version": _number(_UINT16, 0),
        "build_epoch": _number(_UINT64, 1),
        "database_type": _value("Test"),
        "description": _value({}),
        "ip_version": _number(_UINT16, version),
        "languages": _value([]),
        "node_count": _number(_UINT32, size),
        "record_size": _number(_UINT16, 24),
    }
    path.write_bytes(tree + _SEPARATOR + data + _MARK + _map(about))


def _insert(root: Node, network: ipaddress.IPv4Network | ipaddress.IPv6Network, place: int, width: int) -> None:
    start = int(network.network_address)  # IPv4 lies in the first 2^32 addresses of IPv6
    length = network.prefixlen + (width - 32 if network.version == 4 else 0)
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


def _value(value: Any) -> bytes:
    match value:
        case str():
            text = value.encode()
            return _control(2, len(text)) + text
        case float():
            return _control(3, 8) + struct.pack(">d", value)
        case int():
            return _number(_UINT32, value)
        case list():
            return _control(_ARRAY, len(value)) + b"".join(map(_value, value))
        case _:
            return _map({name: _value(inner) for name, inner in value.items()})


def _number(kind: int, value: int) -> bytes:
    body = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(kind, len(body)) + body


def _map(values: Mapping[str, bytes]) -> bytes:
    return _control(7, len(values)) + b"".join(_value(name) + value for name, value in values.items())


def _control(kind: int, size: int) -> bytes:
    """The byte that tells a value's type and size, with those that follow it where one is not enough."""
    assert size < 29 + 256, "longer values tell their size in more bytes"
    short = min(size, 29)
    head = bytes([kind << 5 | short]) if kind <= 7 else bytes([short, kind - 7])
    return head + (bytes([size - 29]) if size >= 29 else b"")
