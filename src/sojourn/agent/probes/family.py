"""The two families of addresses, as the kernel and ICMP number things in each of them."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

# Numbers of <linux/in.h>, <linux/in6.h> and <linux/icmp*.h> that the standard library leaves out.
_IP_RECVERR = 11
_IP_RECVERR_RFC4884 = 26
_IPV6_RECVERR = 25
_IPV6_RECVERR_RFC4884 = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What differs between IPv4 and IPv6 for a probe: socket options, ICMP types, header sizes."""

    number: socket.AddressFamily
    level: int
    hop_limit: int
    errors: int
    extensions: int
    icmp: int
    echo_request: int
    echo_reply: int
    time_exceeded: int
    unreachable: int
    port_unreachable: int
    header: int


V4 = Family(
    number=socket.AF_INET,
    level=socket.IPPROTO_IP,
    hop_limit=socket.IP_TTL,
    errors=_IP_RECVERR,
    extensions=_IP_RECVERR_RFC4884,
    icmp=socket.IPPROTO_ICMP,
    echo_request=8,
    echo_reply=0,
    time_exceeded=11,
    unreachable=3,
    port_unreachable=3,
    header=20,
)
V6 = Family(
    number=socket.AF_INET6,
    level=socket.IPPROTO_IPV6,
    hop_limit=socket.IPV6_UNICAST_HOPS,
    errors=_IPV6_RECVERR,
    extensions=_IPV6_RECVERR_RFC4884,
    icmp=socket.IPPROTO_ICMPV6,
    echo_request=128,
    echo_reply=129,
    time_exceeded=3,
    unreachable=1,
    port_unreachable=4,
    header=40,
)


def family_of(address: str) -> Family:
    """The family of a numeric address, with or without a zone; `ValueError` for any other text."""
    return V4 if ipaddress.ip_address(address).version == 4 else V6
