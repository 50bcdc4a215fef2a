"""The nouns of a measurement, against the published names, and their rules, by tables."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core import measurement, report
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
    icmp_blocked,
    is_public,
)
from sojourn.core.report import Browser, Coordinates, NetworkReport, Page, PageTimings, Visit

WHOLE = Ping.of(10, [1.0, 2.0])
PUBLISHED: dict[type[Any], str] = {
    Browser: "name version",
    Coordinates: "latitude location longitude",
    Page: "id pageTimings responseCode startedDateTime title",
    PageTimings: "onContentLoad onLoad",
    Connect: "rtt error",
    Ping: "avgRtt maxRtt meanDevRtt minRtt pktsReceived pktsSent error",
    NetworkProfile: "dnsServers gateway hardwareType interfaceName ipAddress localPrefix"
    " proxyProfile publicIpAddress publicIpRange subnetMask type wirelessProfile",
    ProxyProfile: "method proxies",
    Proxy: "bypass proxy",
    WirelessProfile: "bssid channel noise phyMode quality rssi ssid txRate vendor",
    SystemMetrics: "startTimeMs endTimeMs cpuUtilization physicalMemoryUsedBytes physicalMemoryTotalBytes",
    Statistics: "min max mean median stdDev count",
    Traceroute: "destination hops error",
    Hop: "asn delay hop ipAddress name prefix mpls",
    NetworkReport: "networkProfile systemMetrics gatewayPing ping traceroute connect icmpBlocked errors",
    Visit: "agentId date browser visitedSite protocol port pages network har",
}


def camel(name: str) -> str:
    """The mechanical renaming that the wire uses."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


@pytest.mark.parametrize("noun", PUBLISHED, ids=lambda noun: noun.__name__)
def test_the_renamed_attributes_hold_every_published_name(noun: type[Any]) -> None:
    told = {camel(field.name) for field in dataclasses.fields(noun)}
    assert set(PUBLISHED[noun].split()) <= told


def test_every_noun_is_frozen_slotted_and_in_the_table() -> None:
    nouns = {
        value
        for module in (measurement, report)
        for value in vars(module).values()
        if isinstance(value, type) and dataclasses.is_dataclass(value)
    }
    assert nouns == set(PUBLISHED)
    for noun in nouns:
        assert "__slots__" in vars(noun)
        assert noun.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert all(field.kw_only for field in dataclasses.fields(noun))


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([3.0], Statistics(min=3, max=3, mean=3, median=3, std_dev=0, count=1)),
        ([1.0, 3.0], Statistics(min=1, max=3, mean=2, median=2, std_dev=1, count=2)),
        (
            [2, 4, 4, 4, 5, 5, 7, 9],
            Statistics(min=2, max=9, mean=5, median=4.5, std_dev=2, count=8),
        ),
        ([0.1, 0.1, 0.1], Statistics(min=0.1, max=0.1, mean=0.1, median=0.1, std_dev=0, count=3)),
    ],
)
def test_statistics_are_the_populations(samples: list[float], expected: Statistics) -> None:
    assert Statistics.of(samples) == expected


def test_it_refuses_statistics_of_nothing() -> None:
    with pytest.raises(ValueError, match="no samples"):
        Statistics.of([])


@given(st.lists(st.floats(min_value=0, max_value=1e12), min_size=1, max_size=30))
def test_mean_and_median_never_leave_the_range_of_the_samples(samples: list[float]) -> None:
    told = Statistics.of(samples)
    assert told.min <= told.mean <= told.max
    assert told.min <= told.median <= told.max
    assert told.std_dev >= 0


def test_a_ping_keeps_its_samples_and_sums_them_up() -> None:
    assert Ping.of(5, [2.0, 4.0, 4.0, 6.0]) == Ping(
        pkts_sent=5,
        pkts_received=4,
        min_rtt=2.0,
        avg_rtt=4.0,
        max_rtt=6.0,
        mean_dev_rtt=2.0**0.5,
        samples=(2.0, 4.0, 4.0, 6.0),
    )


def test_a_ping_that_lost_everything_holds_only_its_error() -> None:
    lost = Ping.of(10, [])
    assert {name: value for name, value in dataclasses.asdict(lost).items() if value is not None} == {
        "error": NO_ANSWER
    }


@pytest.mark.parametrize(
    ("noun", "fields"),
    [
        (Ping, {}),
        (Ping, {"pkts_sent": 1}),
        (Ping, {"pkts_sent": 1, "error": "no route"}),
        (Ping, {"samples": (), "error": "no route"}),
        (Connect, {}),
        (Connect, {"rtt": 1.0, "error": REFUSED}),
        (Traceroute, {"destination": "192.0.2.1"}),
        (Traceroute, {"hops": (), "error": "no route"}),
        (Traceroute, {"reached": False, "error": "no route"}),
        (NetworkProfile, {}),
        (NetworkProfile, {"gateway": "192.0.2.1", "error": "no route"}),
        (SystemMetrics, {"start_time_ms": 1}),
        (SystemMetrics, {"start_time_ms": 1, "error": "no /proc"}),
    ],
)
def test_it_refuses_what_is_neither_whole_nor_an_error_alone(noun: type[Any], fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"incomplete|holds only its error"):
        noun(**fields)


@pytest.mark.parametrize(
    ("connect", "answered"),
    [(Connect(rtt=1.0), True), (Connect(error=REFUSED), True), (Connect(error="timed out"), False)],
)
def test_a_refusal_is_an_answer_and_silence_is_not(connect: Connect, answered: bool) -> None:
    assert connect.answered is answered


@pytest.mark.parametrize(
    ("ping", "connect", "blocked"),
    [
        (WHOLE, Connect(rtt=1.0), False),
        (WHOLE, None, False),
        (WHOLE, Connect(error="timed out"), False),
        (Ping(error=NO_ANSWER), Connect(rtt=1.0), True),
        (Ping(error=NO_ANSWER), Connect(error=REFUSED), True),
        (Ping(error=NO_ANSWER), Connect(error="timed out"), False),
        (Ping(error=NO_ANSWER), None, None),
        (Ping(error="no privilege"), Connect(rtt=1.0), None),
        (None, Connect(rtt=1.0), None),
        (None, None, None),
    ],
)
def test_icmp_is_blocked_if_every_ping_is_lost_and_a_connection_is_answered(
    ping: Ping | None, connect: Connect | None, blocked: bool | None
) -> None:
    assert icmp_blocked(ping, connect) is blocked


@pytest.mark.parametrize(
    "address",
    ["84.255.241.1", "8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2a00:1450::1"],
)
def test_an_address_of_one_host_in_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "0.0.0.0",
        ),
        *(
            "192.0.2.1",
            "198.51.100.1",
            "198.18.0.1",
            "224.0.0.251",
            "233.252.0.1",
            "255.255.255.255",
        ),
        *(
            "::1",
            "::",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd12::1",
            "2001:db8::1",
            "ff02::1",
            "ff0e::1",
        ),
        *("::ffff:10.0.0.1", "", "router.local", "1.2.3", "84.255.241.1/24"),
    ],
)
def test_any_other_address_or_text_is_not(address: str) -> None:
    assert not is_public(address)


def test_a_report_lists_what_failed_under_its_name_on_the_wire() -> None:
    told = NetworkReport.of(
        network_profile=NetworkProfile(interface_name="eth0"),
        gateway_ping=WHOLE,
        ping=Ping(error=NO_ANSWER),
        traceroute=Traceroute(error="no hop answered"),
        connect=Connect(rtt=3.5),
    )
    assert told.errors == (
        "ping: Request timed out before getting response",
        "traceroute: no hop answered",
    )
    assert told.icmp_blocked is True
    assert told.system_metrics is None


def test_a_report_of_nothing_says_nothing() -> None:
    assert NetworkReport.of() == NetworkReport()
