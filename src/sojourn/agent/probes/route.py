"""The route to one address, as the kernel would choose it now, and the interface it leaves by."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyroute2 import AsyncIPRoute
from pyroute2.netlink.exceptions import NetlinkError

_LOOPBACK = 0x8  # IFF_LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An interface: `number` by <linux/if_arp.h>, `kind` (`veth`, `tun`) if it is virtual."""

    name: str
    number: int
    kind: str | None
    is_loopback: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way out: the own address with its network, and the gateway unless the target is near."""

    link: Link
    own: ipaddress.IPv4Interface | ipaddress.IPv6Interface | None
    gateway: str | None


async def route_to(address: str) -> Route:
    """Ask the kernel; `OSError` if it knows no way."""
    bare, _, zone = address.partition("%")
    asked: dict[str, Any] = {"dst": bare}
    if zone:
        asked["oif"] = socket.if_nametoindex(zone)
    try:
        async with AsyncIPRoute() as netlink:
            found = (await netlink.route("get", **asked))[0]
            index = found.get_attr("RTA_OIF")
            (link,) = [link async for link in await netlink.get_links(index)]
            addresses = [entry async for entry in await netlink.get_addr(index=index)]
    except NetlinkError as error:
        raise OSError(error.code, str(error.args[-1])) from error
    return Route(
        link=_link(link),
        own=_own(found.get_attr("RTA_PREFSRC"), addresses),
        gateway=_gateway(found),
    )


def _link(message: Any) -> Link:
    info = message.get_attr("IFLA_LINKINFO")
    return Link(
        name=message.get_attr("IFLA_IFNAME"),
        number=message["ifi_type"],
        kind=info.get_attr("IFLA_INFO_KIND") if info else None,
        is_loopback=bool(message["flags"] & _LOOPBACK),
    )


def _own(preferred: str | None, addresses: Iterable[Any]) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface | None:
    """The preferred source address, with the length of its network as the interface has it."""
    for entry in addresses:
        # On a link with a peer, IFA_ADDRESS is the peer's.
        address = entry.get_attr("IFA_LOCAL") or entry.get_attr("IFA_ADDRESS")
        if preferred is not None and address == preferred:
            return ipaddress.ip_interface(f"{address}/{entry['prefixlen']}")
    return ipaddress.ip_interface(preferred) if preferred else None


def _gateway(route: Any) -> str | None:
    """The next router; an IPv4 route can lead through an IPv6 one (RFC 8950)."""
    via = route.get_attr("RTA_VIA")
    gateway = route.get_attr("RTA_GATEWAY") or (via.get("addr") if via else None)
    return str(gateway) if gateway else None
