from typing import Any

from sojourn.core.measurement import NO_ANSWER, Connect, Hop, NetworkProfile, Ping, Traceroute
from sojourn.core.report import NetworkReport, Visit
from sojourn.core.way import Delays, Step, way

SITE = "203.0.113.9"
GATEWAY = "192.168.1.1"
PROFILE = NetworkProfile(interface_name="eth0", ip_address="192.168.1.7", gateway=GATEWAY)


def hop(number: int, address: str, **more: Any) -> Hop:
    return Hop(**{"hop": number, "ip_address": address, "name": address, "delay": number, **more})


def steps(**network: Any) -> tuple[Step, ...]:
    report = NetworkReport.of(**network)
    return way(Visit(agent_id="a", date=0, visited_site="site.example", protocol="https", port=443, network=report))


def outline(told: tuple[Step, ...]) -> list[tuple[str, int | None, int | None]]:
    return [(str(step.kind), step.first, step.last) for step in told]


def test_machine_gateway_hops_and_site_stand_in_a_row() -> None:
    trace = Traceroute(destination=SITE, hops=(hop(1, GATEWAY), hop(2, "198.51.100.1"), hop(3, SITE)), reached=True)
    told = steps(network_profile=PROFILE, traceroute=trace)
    assert outline(told) == [("machine", None, None), ("gateway", 1, 1), ("hop", 2, 2), ("site", 3, 3)]
    assert told[0].address == "192.168.1.7"
    assert told[-1].name == "site.example"
    assert told[-1].address == SITE


def test_hops_that_were_silent_are_gaps() -> None:
    trace = Traceroute(destination=SITE, hops=(hop(2, "198.51.100.1"), hop(6, SITE)), reached=True)
    told = steps(network_profile=PROFILE, traceroute=trace)
    assert outline(told)[1:] == [("gateway", None, None), ("hop", 2, 2), ("silent", 3, 5), ("site", 6, 6)]


def test_without_a_known_gateway_the_first_hop_may_be_silent() -> None:
    trace = Traceroute(destination=SITE, hops=(hop(2, SITE),), reached=True)
    assert outline(steps(traceroute=trace)) == [("machine", None, None), ("silent", 1, 1), ("site", 2, 2)]


def test_a_way_that_was_not_gone_to_its_end_says_so() -> None:
    trace = Traceroute(destination=SITE, hops=(hop(1, GATEWAY), hop(2, "198.51.100.1")), reached=False)
    told = steps(network_profile=PROFILE, traceroute=trace)
    assert outline(told)[2:] == [("hop", 2, 2), ("silent", 3, None), ("site", None, None)]


def test_a_trace_that_failed_leaves_machine_gateway_and_site() -> None:
    told = steps(network_profile=PROFILE, traceroute=Traceroute(error="no route"), connect=Connect(rtt=20.0))
    assert outline(told) == [("machine", None, None), ("gateway", None, None), ("site", None, None)]
    assert told[-1].delays == Delays.of([20.0])


def test_nothing_measured_is_machine_and_site() -> None:
    assert outline(way(Visit(agent_id="a", date=0, visited_site="s", protocol="https", port=443))) == [
        ("machine", None, None),
        ("site", None, None),
    ]


def test_delays_come_from_samples_and_jitter_needs_two() -> None:
    trace = Traceroute(
        destination=SITE,
        hops=(hop(1, "198.51.100.1", samples=(10.0, 20.0)), hop(2, "198.51.100.2"), hop(3, SITE)),
        reached=True,
    )
    _, sampled, single, _ = steps(traceroute=trace)
    assert sampled.delays == Delays(min=10.0, avg=15.0, max=20.0, jitter=5.0, samples=(10.0, 20.0))
    assert single.delays is not None
    assert single.delays.jitter is None


def test_labels_systems_and_prefixes_stay_with_their_hop() -> None:
    named = hop(1, "198.51.100.1", name="r1.example", asn=64500, prefix="198.51.100.0/24", mpls=("L=3,E=0,S=1,T=1",))
    _, first, _ = steps(traceroute=Traceroute(destination=SITE, hops=(named, hop(2, SITE)), reached=True))
    assert (first.name, first.asn, first.prefix, first.mpls) == (
        "r1.example",
        64500,
        "198.51.100.0/24",
        ("L=3,E=0,S=1,T=1",),
    )


def test_loss_is_told_of_the_site_alone() -> None:
    told = steps(
        network_profile=PROFILE, gateway_ping=Ping.of(10, [1.0] * 4), ping=Ping.of(10, [30.0] * 7), traceroute=None
    )
    assert [(str(step.kind), step.lost, step.loses) for step in told] == [
        ("machine", None, False),
        ("gateway", None, False),
        ("site", 3, True),
    ]


def test_a_site_that_blocks_ping_loses_nothing() -> None:
    *_, site = steps(ping=Ping(error=NO_ANSWER), connect=Connect(rtt=12.0))
    assert not site.loses
    assert site.remark == "answers no ping, but takes connections: that is no loss"
    assert site.delays == Delays.of([12.0])


def test_a_site_that_takes_no_connection_says_why() -> None:
    *_, site = steps(ping=Ping(error=NO_ANSWER), connect=Connect(error="No route to host"))
    assert site.remark == "took no connection: No route to host"


def test_a_site_that_answered_no_ping_and_was_asked_nothing_else_says_so() -> None:
    *_, site = steps(ping=Ping(error=NO_ANSWER))
    assert site.remark == "answered no ping; nothing else was tried"


def test_a_gateway_that_answers_no_ping_says_so() -> None:
    told = steps(network_profile=PROFILE, gateway_ping=Ping(error=NO_ANSWER))
    assert told[1].remark == "answers no ping"


def test_a_profile_that_failed_says_why_at_the_machine() -> None:
    told = steps(network_profile=NetworkProfile(error="no route"))
    assert told[0].remark == "no route"
