"""The network profile: the interface that leads to the target, and what serves it.

Why: docs/decisions/0074-what-the-profile-asks-of-the-machine.md
"""

from __future__ import annotations

import ipaddress
from pathlib import Path

from sojourn.agent.probes.proxies import proxy_profile
from sojourn.agent.probes.resolvers import name_servers
from sojourn.agent.probes.route import Link, Route, route_to
from sojourn.agent.probes.target import Target
from sojourn.agent.probes.wireless import wireless_profile
from sojourn.core.measurement import NetworkProfile, is_public

_INTERFACES = Path("/sys/class/net")
_LINK_LAYERS = {  # by <linux/if_arp.h>
    1: "Ethernet",
    32: "InfiniBand",
    512: "PPP",
    768: "Tunnel",
    769: "Tunnel",
    772: "Loopback",
    776: "Tunnel",
    778: "Tunnel",
    801: "Wireless",
    823: "Tunnel",
    65534: "Tunnel",
}


async def network_profile(target: Target) -> NetworkProfile:
    """Describe the way out to `target`: another target may have another."""
    try:
        route = await route_to(target.address)
    except OSError as error:
        return NetworkProfile(error=error.strerror or str(error))
    hardware = hardware_type(route.link)
    own = route.own
    return NetworkProfile(
        interface_name=route.link.name,
        hardware_type=hardware,
        type=_LINK_LAYERS.get(route.link.number),
        ip_address=str(own.ip) if own else None,
        local_prefix=str(own.network.network_address) if own else None,
        subnet_mask=str(own.netmask) if own else None,
        gateway=gateway_of(route),
        dns_servers=name_servers() or None,
        public_ip_address=str(own.ip) if own and is_public(str(own.ip)) else None,
        proxy_profile=await proxy_profile(),
        wireless_profile=(await wireless_profile(route.link.name) if hardware == "Wireless" else None),
    )


def hardware_type(link: Link, interfaces: Path = _INTERFACES) -> str:
    """`Loopback`, `Wireless`, `Virtual` or `Ethernet`."""
    if link.is_loopback:
        return "Loopback"
    if any((interfaces / link.name / sign).exists() for sign in ("wireless", "phy80211")):
        return "Wireless"
    return "Virtual" if link.kind else "Ethernet"


def gateway_of(route: Route) -> str | None:
    """The gateway's address; a link-local one is nothing without the link, so it has its zone."""
    if route.gateway and ipaddress.ip_address(route.gateway).is_link_local:
        return f"{route.gateway}%{route.link.name}"
    return route.gateway
