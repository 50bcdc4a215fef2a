"""The way of a visit, step by step: from the machine by its gateway and the routers that answered to the site.

A router that answers no probe may still carry everything: such steps are `SILENT`, and nothing is told to be lost
there. Loss is told of the site alone, because only there it is the visit's.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import mean, pstdev
from typing import Any

from sojourn.core.measurement import NO_ANSWER, Hop, Ping, Traceroute
from sojourn.core.report import NetworkReport, Visit


class StepKind(StrEnum):
    """What stands at a step of the way."""

    MACHINE = "machine"
    GATEWAY = "gateway"
    HOP = "hop"
    SILENT = "silent"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Round-trip times in milliseconds; `jitter` is their standard deviation, known of two samples or more."""

    min: float
    avg: float
    max: float
    jitter: float | None = None
    samples: tuple[float, ...] = ()

    @classmethod
    def of(cls, samples: Sequence[float]) -> "Delays":
        """Sum up one sample or more."""
        return cls(
            min=min(samples),
            avg=mean(samples),
            max=max(samples),
            jitter=pstdev(samples) if len(samples) > 1 else None,
            samples=tuple(samples),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. A `SILENT` one stands for the hops from `first` to `last`; `last` None: nobody knows how many.

    `sent` and `lost` count packets, and are told of the site alone; `remark` says what the numbers do not.
    """

    kind: StepKind
    first: int | None = None
    last: int | None = None
    name: str | None = None
    address: str | None = None
    delays: Delays | None = None
    sent: int | None = None
    lost: int | None = None
    asn: int | None = None
    prefix: str | None = None
    mpls: tuple[str, ...] = ()
    remark: str | None = None

    @property
    def loses(self) -> bool:
        """Whether packets that should have come back did not."""
        return bool(self.lost)


def way(visit: Visit) -> tuple[Step, ...]:
    """Every step, the machine first and the site last."""
    network = visit.network or NetworkReport()
    trace = network.traceroute if network.traceroute and network.traceroute.error is None else None
    hops = list(trace.hops or ()) if trace else []
    last = hops.pop() if trace and hops and _is_destination(hops[-1], trace) else None
    gateway = network.network_profile.gateway if network.network_profile else None
    first = hops.pop(0) if hops and hops[0].ip_address == gateway else None
    steps = [_machine(network)]
    if gateway is not None or network.gateway_ping is not None:
        steps.append(_gateway(network, gateway, first))
    steps += _between(hops, _gateway_number(first, gateway, hops), last, trace)
    return (*steps, _site(visit, network, trace, last))


def _is_destination(hop: Hop, trace: Traceroute) -> bool:
    return trace.reached is not False and hop.ip_address == trace.destination


def _machine(network: NetworkReport) -> Step:
    profile = network.network_profile
    if profile is None or profile.error is not None:
        return Step(kind=StepKind.MACHINE, remark=profile.error if profile else None)
    return Step(kind=StepKind.MACHINE, name=profile.interface_name, address=profile.ip_address)


def _gateway(network: NetworkReport, address: str | None, hop: Hop | None) -> Step:
    """The gateway: a ping says more than the samples of a trace."""
    ping = network.gateway_ping
    delays = _delays_of_ping(ping) or (_delays_of_hop(hop) if hop else None)
    silent = ping is not None and ping.error == NO_ANSWER and hop is None
    remark = "answers no ping" if silent else ping.error if ping and ping.error and hop is None else None
    return Step(
        kind=StepKind.GATEWAY,
        first=hop.hop if hop else None,
        last=hop.hop if hop else None,
        name=hop.name if hop and hop.name != hop.ip_address else None,
        address=address or (hop.ip_address if hop else None),
        delays=delays,
        remark=remark,
        **_network_of(hop),
    )


def _gateway_number(first: Hop | None, gateway: str | None, hops: Sequence[Hop]) -> int:
    """The number of the step before the others: a gateway that answers no probe is the first hop all the same."""
    if first is not None:
        return first.hop
    return 1 if gateway is not None and (not hops or hops[0].hop > 1) else 0


def _between(hops: Iterable[Hop], before: int, last: Hop | None, trace: Traceroute | None) -> Iterator[Step]:
    """The hops after the gateway, and the gaps between them."""
    number = before
    for hop in hops:
        yield from _gap(number + 1, hop.hop - 1)
        yield _hop(hop)
        number = hop.hop
    if last is not None:
        yield from _gap(number + 1, last.hop - 1)
    elif trace is not None and trace.reached is False:
        yield Step(kind=StepKind.SILENT, first=number + 1)


def _gap(first: int, last: int) -> Iterator[Step]:
    if first <= last:
        yield Step(kind=StepKind.SILENT, first=first, last=last)


def _hop(hop: Hop) -> Step:
    return Step(
        kind=StepKind.HOP,
        first=hop.hop,
        last=hop.hop,
        name=hop.name if hop.name != hop.ip_address else None,
        address=hop.ip_address,
        delays=_delays_of_hop(hop),
        **_network_of(hop),
    )


def _network_of(hop: Hop | None) -> dict[str, Any]:
    return {"asn": hop.asn, "prefix": hop.prefix, "mpls": hop.mpls or ()} if hop else {}


def _site(visit: Visit, network: NetworkReport, trace: Traceroute | None, last: Hop | None) -> Step:
    address = trace.destination if trace else None
    delays, sent, lost, remark = _answers(network)
    return Step(
        kind=StepKind.SITE,
        first=last.hop if last else None,
        last=last.hop if last else None,
        name=visit.visited_site,
        address=address,
        delays=delays or (_delays_of_hop(last) if last else None),
        sent=sent,
        lost=lost,
        remark=remark,
        **_network_of(last),
    )


def _answers(network: NetworkReport) -> tuple[Delays | None, int | None, int | None, str | None]:
    """What came back from the site: delays, packets sent and lost, and what to know about it."""
    ping, connect = network.ping, network.connect
    delays = _delays_of_ping(ping)
    if ping is not None and delays is not None:
        sent, received = ping.pkts_sent or 0, ping.pkts_received or 0
        return delays, sent, max(0, sent - received), None
    reached = Delays.of([connect.rtt]) if connect is not None and connect.rtt is not None else None
    if network.icmp_blocked:
        return reached, None, None, "answers no ping, but takes connections: that is no loss"
    if connect is not None and connect.error is not None:
        return None, None, None, f"took no connection: {connect.error}"
    if ping is not None and ping.error == NO_ANSWER and reached is None:
        return None, None, None, "answered no ping; nothing else was tried"
    return reached, None, None, None


def _delays_of_ping(ping: Ping | None) -> Delays | None:
    if ping is None or ping.min_rtt is None or ping.avg_rtt is None or ping.max_rtt is None:
        return None
    return Delays(
        min=ping.min_rtt, avg=ping.avg_rtt, max=ping.max_rtt, jitter=ping.mean_dev_rtt, samples=ping.samples or ()
    )


def _delays_of_hop(hop: Hop) -> Delays | None:
    if hop.samples:
        return Delays.of(hop.samples)
    return None if hop.delay is None else Delays.of([float(hop.delay)])
