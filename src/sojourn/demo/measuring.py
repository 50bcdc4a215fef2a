"""What the probes of an agent would have told, drawn by lot."""

from dataclasses import replace
from enum import Enum, auto
from random import Random

from sojourn.core.measurement import (
    NO_ANSWER,
    REFUSED,
    Connect,
    Hop,
    NetworkProfile,
    Ping,
    Proxy,
    ProxyProfile,
    Statistics,
    SystemMetrics,
    Traceroute,
    WirelessProfile,
)
from sojourn.core.model import Instant
from sojourn.core.report import NetworkReport
from sojourn.demo.places import Place, Router, Site

MEMORY = 16 * 2**30
"""Bytes that each machine has."""


class Kind(Enum):
    """What is the matter with a visit."""

    FAST = auto()
    SLOW_SERVER = auto()
    WEAK_RADIO = auto()
    LOSS = auto()
    HEAVY = auto()
    SLOW_NAME = auto()
    BUSY = auto()
    BROKEN = auto()
    REFUSED = auto()
    REDIRECT = auto()


ODDS = {
    Kind.FAST: 60,
    Kind.SLOW_SERVER: 9,
    Kind.WEAK_RADIO: 8,
    Kind.LOSS: 5,
    Kind.HEAVY: 6,
    Kind.SLOW_NAME: 3,
    Kind.BUSY: 4,
    Kind.BROKEN: 3,
    Kind.REFUSED: 1,
    Kind.REDIRECT: 2,
}
"""How often that is so, in a hundred or so."""


def trip(place: Place, site: Site) -> float:
    """Milliseconds there and back."""
    return place.milliseconds + sum(router.milliseconds for router in (*place.routers, *site.routers)) + 0.6


def network(draw: Random, place: Place, site: Site, kind: Kind, date: Instant) -> NetworkReport:
    """What was measured around a visit."""
    weak = 55.0 if kind is Kind.WEAK_RADIO else 0.0
    usual = trip(place, site)
    back = 10 - draw.randint(2, 4) if kind is Kind.LOSS else 10
    samples = [_sample(draw, usual, weak) for _ in range(back)]
    return NetworkReport.of(
        network_profile=_profile(place, draw, weak=bool(weak)),
        system_metrics=_metrics(draw, date, busy=kind is Kind.BUSY),
        gateway_ping=Ping.of(10, [_sample(draw, place.milliseconds, weak) for _ in range(10)]),
        ping=Ping(error=NO_ANSWER) if site.blocks_ping else Ping.of(10, samples),
        traceroute=_traceroute(draw, place, site, weak),
        connect=Connect(error=REFUSED) if kind is Kind.REFUSED else Connect(rtt=round(_sample(draw, usual, weak), 3)),
    )


def _sample(draw: Random, usual: float, weak: float) -> float:
    """One round trip: seldom quicker than usual, and over a weak radio link much slower."""
    disturbed = draw.expovariate(1 / weak) if weak else 0.0
    return round(usual * draw.uniform(0.97, 1.12) + draw.expovariate(2.5) + disturbed, 3)


def _traceroute(draw: Random, place: Place, site: Site, weak: float) -> Traceroute:
    end = Router(site.host, site.address, 0.6, site.routers[-1].asn, site.routers[-1].prefix)
    hops, usual = (
        [_hop(draw, 1, Router("router.local", place.gateway, 0), place.milliseconds, weak)],
        place.milliseconds,
    )
    for number, router in enumerate((*place.routers, *site.routers, end), start=2):
        usual += router.milliseconds
        if router.answers:
            hops.append(_hop(draw, number, router, usual, weak))
    return Traceroute(destination=site.address, hops=tuple(hops), protocol="tcp", reached=True)


def _hop(draw: Random, number: int, router: Router, usual: float, weak: float) -> Hop:
    samples = tuple([_sample(draw, usual, weak) for _ in range(3)])
    return Hop(
        hop=number,
        ip_address=router.address,
        name=router.name or router.address,
        delay=round(min(samples)),
        prefix=router.prefix,
        asn=router.asn,
        mpls=(router.label,) if router.label else None,
        samples=samples,
    )


def _profile(place: Place, draw: Random, *, weak: bool) -> NetworkProfile:
    prefix = place.own.rsplit(".", 1)[0] + ".0"
    return NetworkProfile(
        interface_name="wlp2s0" if place.radio else "enp3s0",
        hardware_type="Wireless" if place.radio else "Ethernet",
        type="Ethernet",
        ip_address=place.own,
        local_prefix=prefix,
        subnet_mask="255.255.255.0",
        gateway=place.gateway,
        dns_servers=tuple(place.dns),
        public_ip_address=place.source.address,
        proxy_profile=ProxyProfile(method="System", proxies=(Proxy(proxy="<direct>", bypass="*.local"),)),
        wireless_profile=_radio(place.radio, draw, weak=weak) if place.radio else None,
    )


def _radio(radio: WirelessProfile, draw: Random, *, weak: bool) -> WirelessProfile:
    """The link as it was just then."""
    if not weak:
        return replace(radio, rssi=(radio.rssi or -60) + draw.randint(-3, 3))
    return replace(
        radio, rssi=-draw.randint(76, 86), quality=draw.randint(14, 34), tx_rate=draw.choice((6.5, 13.0, 19.5))
    )


def _metrics(draw: Random, date: Instant, *, busy: bool) -> SystemMetrics:
    usual = draw.uniform(0.88, 0.97) if busy else draw.uniform(0.08, 0.45)
    used = MEMORY * (draw.uniform(0.95, 0.98) if busy else draw.uniform(0.4, 0.75))
    return SystemMetrics(
        start_time_ms=date // 1_000,
        end_time_ms=date // 1_000 + 10_000,
        cpu_utilization=Statistics.of([min(1.0, usual * draw.uniform(0.75, 1.15)) for _ in range(10)]),
        physical_memory_used_bytes=Statistics.of([used * draw.uniform(0.99, 1.01) for _ in range(11)]),
        physical_memory_total_bytes=MEMORY,
    )
