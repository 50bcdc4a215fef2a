"""Which kind of packet is told, and how; the walk itself is in test_trail."""

import asyncio
from collections.abc import Callable, Iterable

import pytest

from sojourn.agent.probes import traceroute as module
from sojourn.agent.probes.autonomous import AsRecord
from sojourn.agent.probes.step import Answer, Step
from sojourn.agent.probes.traceroute import NO_HOP, traceroute
from sojourn.core.measurement import Hop, Traceroute
from tests.agent.probes.ways import REACHED, TARGET, a_way, router

Trace = Callable[..., Traceroute]
SILENT = a_way(None)


@pytest.fixture
def trace(monkeypatch: pytest.MonkeyPatch) -> Trace:
    """Trace with these kinds of packets instead of the real ones."""

    def as_lookup(address: str) -> AsRecord | None:
        return AsRecord(asn=64500, prefix="8.8.0.0/16") if address == "8.8.8.8" else None

    async def names_of(addresses: Iterable[str], within: float) -> dict[str, str]:
        assert within == 0.01
        return {address: "dns.example" for address in addresses if address == "8.8.8.8"}

    def trace(**kinds: Step) -> Traceroute:
        monkeypatch.setattr(module, "KINDS", kinds)
        monkeypatch.setattr(module, "names_of", names_of)
        return asyncio.run(traceroute(TARGET, as_lookup=as_lookup, wait=0.02, names_within=0.01))

    return trace


def test_the_first_kind_that_reaches_the_target_is_told(trace: Trace) -> None:
    async def never(*_: object) -> Answer:
        raise AssertionError("a later kind was tried")

    told = trace(tcp=a_way(router(1)), udp=a_way(router(1), router(2), REACHED), icmp=never)
    assert told.protocol == "udp"
    assert told.reached
    assert told.destination == "192.0.2.9"


def test_if_none_reaches_it_the_one_that_came_farthest_is_told(trace: Trace) -> None:
    told = trace(tcp=a_way(router(1)), udp=a_way(router(1), router(2)), icmp=SILENT)
    assert told.protocol == "udp"
    assert told.reached is False
    assert told.hops is not None
    assert [hop.hop for hop in told.hops] == [1, 2]


def test_if_nobody_answers_that_is_the_error(trace: Trace) -> None:
    assert trace(tcp=SILENT, udp=SILENT, icmp=SILENT) == Traceroute(error=NO_HOP)


def test_a_hop_tells_name_labels_and_who_announces_it(trace: Trace) -> None:
    labelled = Answer(address="8.8.8.8", rtt=2.4, labels=("L=301472,E=0,S=1,T=1",))
    told = trace(tcp=a_way(labelled, REACHED))
    assert told.hops is not None
    assert told.hops[0] == Hop(
        hop=1,
        ip_address="8.8.8.8",
        name="dns.example",
        delay=2,
        asn=64500,
        prefix="8.8.0.0/16",
        mpls=("L=301472,E=0,S=1,T=1",),
        samples=(2.4, 2.4, 2.4),
    )
    assert told.hops[1] == Hop(hop=2, ip_address="192.0.2.9", name="192.0.2.9", delay=10, samples=(9.6, 9.6, 9.6))
