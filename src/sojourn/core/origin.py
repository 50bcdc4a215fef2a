"""What the server adds to a visit: where it came from, whose networks it crossed, and what it is found by.

All of it is looked up in what the owner supplies, and what cannot be looked up is absent. What the agent measured
itself is never replaced: it was there.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from sojourn.core.access import Scope
from sojourn.core.intent import Deliver, Key
from sojourn.core.measurement import Hop, NetworkProfile, is_public
from sojourn.core.model import MINUTE, Instant
from sojourn.core.report import Coordinates, Visit
from sojourn.core.visit import Source, end_of, facets

FRESH = 10 * MINUTE
"""How long after its end a visit is taken to come from the network that it was made in (our decision)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """An autonomous system, and the prefix by which it announces an address."""

    asn: int
    prefix: str
    org_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Roughly where an address is, and the range of addresses that are told to be there: `first-last`."""

    coordinates: Coordinates | None
    addresses: str


_is_public = lru_cache(maxsize=10_000)(is_public)  # routers come again and again


class Atlas(Protocol):
    """What is known of addresses and names. It is asked for public addresses only."""

    def network(self, address: str) -> Network | None:
        """Who announces an address, where that is known."""

    def area(self, address: str) -> Area | None:
        """Where an address is, where that is known."""

    def domain(self, host: str) -> str:
        """The registrable domain of a host; of a host that is under none, the host itself."""


def source_of(address: str | None, atlas: Atlas) -> Source:
    """What is known of the address that somebody calls from."""
    if address is None or not _is_public(address):
        return Source(address=address)
    network, area = atlas.network(address), atlas.area(address)
    return Source(
        address=address,
        org_name=network.org_name if network else None,
        coordinates=area.coordinates if area else None,
    )


def delivery(scope: Scope, visit: Visit, source: Source, atlas: Atlas, now: Instant, key: Key | None = None) -> Deliver:
    """The intent to deliver a visit that came from there."""
    completed = _with_networks(visit, atlas)
    if now <= end_of(visit) + FRESH:
        completed = _with_public_address(completed, source, atlas)
    found = facets(
        completed,
        domain=atlas.domain(visit.visited_site),
        platform=None,  # the agent told it when it registered
        location=source.coordinates.location if source.coordinates else None,
    )
    return Deliver(scope=scope, visit=completed, facets=found, source=source, key=key)


def _with_networks(visit: Visit, atlas: Atlas) -> Visit:
    """The autonomous system and prefix of each public hop of which the agent told neither."""
    traceroute = visit.network.traceroute if visit.network else None
    if visit.network is None or traceroute is None or not traceroute.hops:
        return visit
    hops = tuple([_with_network(hop, atlas) for hop in traceroute.hops])
    if hops == traceroute.hops:
        return visit
    return replace(visit, network=replace(visit.network, traceroute=replace(traceroute, hops=hops)))


def _with_network(hop: Hop, atlas: Atlas) -> Hop:
    if hop.asn is not None or hop.prefix is not None or not _is_public(hop.ip_address):
        return hop
    network = atlas.network(hop.ip_address)
    return hop if network is None else replace(hop, asn=network.asn, prefix=network.prefix)


def _with_public_address(visit: Visit, source: Source, atlas: Atlas) -> Visit:
    """The address by which the agent's network is known outside, where the agent does not tell it itself.

    A machine behind a translation of addresses cannot know it; the server sees it. The range is the one that the
    geography has for the address.
    """
    profile = visit.network.network_profile if visit.network else None
    if visit.network is None or profile is None or not _is_open(profile):
        return visit
    if source.address is None or not _is_public(source.address):
        return visit
    area = atlas.area(source.address)
    told = replace(
        profile, public_ip_address=source.address, public_ip_range=area.addresses if area else profile.public_ip_range
    )
    return replace(visit, network=replace(visit.network, network_profile=told))


def _is_open(profile: NetworkProfile) -> bool:
    """Whether the profile holds what was measured, and no public address."""
    return profile.error is None and profile.public_ip_address is None
