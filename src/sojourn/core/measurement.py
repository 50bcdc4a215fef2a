"""What was measured from one machine: the nouns, and the pure rules that make them.

The agent measures these values and the server keeps and tells them; `core.report` gathers them
into a visit. Their shape is the published endpoint user session's: an attribute, renamed to
camelCase by `_x -> X` and nothing else, is the name on the wire.

Three rules hold throughout:

- what was not measured is `None`, and absent on the wire: never zero, never an empty text;
- a measurement that failed holds `error` and nothing else; any other holds no `error`;
- `Instant` is microseconds since the epoch, UTC; only `SystemMetrics` has milliseconds, as its
  names say. Round-trip times and delays are milliseconds.

Why: docs/decisions/0070-a-measurement-is-whole-or-an-error.md
"""

from __future__ import annotations

import ipaddress
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Instant: TypeAlias = int

REFUSED = "Connection refused"
"""`Connect.error` of a target that answered the connection with a refusal."""

NO_ANSWER = "Request timed out before getting response"
"""`Ping.error` of a target that answered no request: the published wording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Samples in six numbers; `std_dev` is the population's."""

    min: float
    max: float
    mean: float
    median: float
    std_dev: float
    count: int

    @classmethod
    def of(cls, samples: Sequence[float]) -> Statistics:
        """Sum up one sample or more; none at all raise `ValueError`."""
        if not samples:
            raise ValueError("no samples: nothing was measured, so there are no statistics")
        return cls(
            min=min(samples),
            max=max(samples),
            mean=statistics.mean(samples),  # exact, so never outside [min, max] by rounding, as fmean can be
            median=statistics.median(samples),
            std_dev=statistics.pstdev(samples),
            count=len(samples),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """Echo requests to one target; `samples` are the answers' times in the order of sending."""

    pkts_sent: int | None = None
    pkts_received: int | None = None
    min_rtt: float | None = None
    avg_rtt: float | None = None
    max_rtt: float | None = None
    mean_dev_rtt: float | None = None
    samples: tuple[float, ...] | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        needed = (
            self.pkts_sent,
            self.pkts_received,
            self.min_rtt,
            self.avg_rtt,
            self.max_rtt,
            self.mean_dev_rtt,
        )
        _whole_or_error("ping", self.error, needed, (self.samples,))

    @classmethod
    def of(cls, sent: int, rtts: Sequence[float]) -> Ping:
        """Sum up `sent` requests and the round-trip times of those answered.

        No answer at all is an error. `mean_dev_rtt` is the population standard deviation: what
        the `ping` command calls mdev.
        """
        if not rtts:
            return cls(error=NO_ANSWER)
        told = Statistics.of(rtts)
        return cls(
            pkts_sent=sent,
            pkts_received=told.count,
            min_rtt=told.min,
            avg_rtt=told.mean,
            max_rtt=told.max,
            mean_dev_rtt=told.std_dev,
            samples=tuple(rtts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """A TCP connection: `rtt` milliseconds until it stood.

    A refusal is an `error` too, but one that is an answer.
    """

    rtt: float | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        _whole_or_error("connect", self.error, (self.rtt,))

    @property
    def answered(self) -> bool:
        """Whether the target said anything: it took the connection or refused it."""
        return self.error is None or self.error == REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A router that answered, `hop` steps away; `name` is the address where it has no name.

    `delay` is the smallest of `samples`, rounded. `prefix` and `asn` are known only of public
    addresses, `mpls` (a label stack, outermost first, each `L=label,E=class,S=bottom,T=ttl`)
    only where the router told it.
    """

    hop: int
    ip_address: str
    name: str
    delay: int | None = None
    prefix: str | None = None
    asn: int | None = None
    mpls: tuple[str, ...] | None = None
    samples: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traceroute:
    """The way to `destination` (an address): the hops that answered, nearest first.

    Silent hops are left out. `protocol` (`tcp`, `udp`, `icmp`) is what found the way; `reached`
    tells whether the destination itself answered.
    """

    destination: str | None = None
    hops: tuple[Hop, ...] | None = None
    protocol: str | None = None
    reached: bool | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        _whole_or_error("traceroute", self.error, (self.destination, self.hops), (self.protocol, self.reached))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """One proxy (`<direct>` for none) and the hosts that go past it, divided by `;`."""

    proxy: str
    bypass: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyProfile:
    """How proxies are chosen: `method` is `System` or `PAC`.

    The program behind `pac_url` is told, not evaluated.
    """

    method: str
    proxies: tuple[Proxy, ...] = ()
    pac_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WirelessProfile:
    """The radio link to an access point, of which `vendor` is the maker.

    `rssi` and `noise` are in dBm, `quality` in per cent, `tx_rate` in Mbit/s.
    """

    ssid: str | None = None
    bssid: str | None = None
    channel: int | None = None
    phy_mode: str | None = None
    rssi: int | None = None
    noise: int | None = None
    quality: int | None = None
    tx_rate: float | None = None
    vendor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkProfile:
    """The interface that leads to the target, and what serves it.

    `hardware_type` is `Ethernet`, `Wireless`, `Loopback` or `Virtual`; `type` is the link layer's
    name.
    """

    interface_name: str | None = None
    hardware_type: str | None = None
    type: str | None = None
    ip_address: str | None = None
    local_prefix: str | None = None
    subnet_mask: str | None = None
    gateway: str | None = None
    dns_servers: tuple[str, ...] | None = None
    public_ip_address: str | None = None
    public_ip_range: str | None = None
    proxy_profile: ProxyProfile | None = None
    wireless_profile: WirelessProfile | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        link = (
            self.hardware_type,
            self.type,
            self.ip_address,
            self.local_prefix,
            self.subnet_mask,
            self.gateway,
        )
        rest = (
            self.dns_servers,
            self.public_ip_address,
            self.public_ip_range,
            self.proxy_profile,
            self.wireless_profile,
        )
        _whole_or_error("networkProfile", self.error, (self.interface_name,), (*link, *rest))


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemMetrics:
    """The machine's load between two times: processors as a share in [0, 1], memory in bytes."""

    start_time_ms: int | None = None
    end_time_ms: int | None = None
    cpu_utilization: Statistics | None = None
    physical_memory_used_bytes: Statistics | None = None
    physical_memory_total_bytes: int | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        loads = (
            self.cpu_utilization,
            self.physical_memory_used_bytes,
            self.physical_memory_total_bytes,
        )
        _whole_or_error("systemMetrics", self.error, (self.start_time_ms, self.end_time_ms, *loads))


def icmp_blocked(ping: Ping | None, connect: Connect | None) -> bool | None:
    """Whether the target is there and answers no echo request; `None` if that cannot be told.

    Blocked means that every request was lost and a TCP connection got an answer, be it a refusal.
    A ping that could not be made (no privilege, no route) tells nothing.
    """
    if ping is None or ping.error not in (None, NO_ANSWER):
        return None
    if ping.error is None:
        return False
    return None if connect is None else connect.answered


def is_public(address: str) -> bool:
    """Whether `address` is one host's in the public IPv4 or IPv6 space; other text is not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast


def _whole_or_error(what: str, error: str | None, needed: tuple[object, ...], more: tuple[object, ...] = ()) -> None:
    """Refuse a measurement that is neither whole nor an error alone."""
    if error is None:
        if any(value is None for value in needed):
            raise ValueError(f"{what}: incomplete, and no error says why")
    elif any(value is not None for value in (*needed, *more)):
        raise ValueError(f"{what}: a failed measurement holds only its error")
