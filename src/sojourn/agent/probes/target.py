"""The target of a visit: one address and port of the site, found once, measured by every probe."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass

from sojourn.agent.probes.family import Family, family_of


class UnknownHost(Exception):
    """A name that leads to no address; the text tells which, and what the resolver said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A numeric `address` (a link-local one with its zone: `fe80::1%eth0`) and a TCP `port`."""

    address: str
    port: int

    @property
    def family(self) -> Family:
        """IPv4's or IPv6's numbers."""
        return family_of(self.address)

    def at(self, port: int) -> tuple[str | int, ...]:
        """What a socket calls this address with another port; port 0 for ICMP."""
        return socket_address(self.address, port)


def socket_address(address: str, port: int) -> tuple[str | int, ...]:
    """A numeric address as sockets take it, a zone's name turned into its number."""
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    found: tuple[str | int, ...]
    found = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=flags)[0][4]  # type: ignore[assignment]
    return found


async def find_target(host: str, port: int, *, within: float = 5.0) -> Target:
    """The address that the system prefers for `host`.

    `UnknownHost` if there is none, or none `within` so many seconds.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise UnknownHost(f"{host}: the resolver did not answer") from None
    except (OSError, UnicodeError) as error:
        raise UnknownHost(f"{host}: {getattr(error, 'strerror', None) or error}") from None
    address, *_ = found[0][4]
    return Target(address=str(address), port=port)
