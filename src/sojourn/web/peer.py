"""Who is at the other end: the address that a request comes from, behind the proxies that are trusted."""

import ipaddress

from starlette.requests import Request


def peer_address(request: Request) -> str | None:
    """The caller's address in its one form, an IPv4 address that came as IPv6 as IPv4; None where it has none."""
    if request.client is None:
        return None
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:  # a Unix socket, or a proxy that says `unknown`
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
