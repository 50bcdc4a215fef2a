"""What a delivered visit may hold: by tables."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from sojourn.core.delivery import AHEAD, checked_visit
from sojourn.core.errors import Invalid
from sojourn.core.measurement import (
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
from sojourn.core.model import SECOND
from sojourn.core.report import Browser, NetworkReport, Page, PageTimings, Visit

NOW = 1_795_435_445 * SECOND
PAGE = Page(id="page_0", title="Home", started_date_time=NOW - 5 * SECOND)
HOP = Hop(hop=1, ip_address="10.0.0.1", name="router.local", delay=1)
LOAD = Statistics.of([0.3, 0.5])
METRICS = SystemMetrics(
    start_time_ms=1_581_508_857_327,
    end_time_ms=1_581_508_867_333,
    cpu_utilization=LOAD,
    physical_memory_used_bytes=Statistics.of([1e10, 1.1e10]),
    physical_memory_total_bytes=17_069_891_584,
)
VISIT = Visit(
    agent_id="agent-1",
    date=NOW - 5 * SECOND,
    visited_site="www.example.org",
    protocol="https",
    port=443,
    browser=Browser(name="Chromium", version="156"),
    pages=(PAGE,),
    network=NetworkReport(
        system_metrics=METRICS,
        ping=Ping.of(10, [1.0, 2.0]),
        traceroute=Traceroute(destination="13.32.22.232", hops=(HOP,), protocol="tcp", reached=True),
        connect=Connect(rtt=77.449),
        icmp_blocked=False,
        errors=(),
    ),
    trigger="user",
)


def paged(**changes: Any) -> Visit:
    return replace(VISIT, pages=(replace(PAGE, **changes),))


def measured(**changes: Any) -> Visit:
    assert VISIT.network is not None
    return replace(VISIT, network=replace(VISIT.network, **changes))


def profiled(**changes: Any) -> Visit:
    return measured(network_profile=NetworkProfile(interface_name="en0", **changes))


def traced(*hops: Hop) -> Visit:
    return measured(traceroute=Traceroute(destination="13.32.22.232", hops=hops))


def test_what_is_within_bounds_is_kept_as_it_is() -> None:
    assert checked_visit(VISIT, NOW) is VISIT


def test_the_agent_and_the_site_are_trimmed() -> None:
    assert checked_visit(replace(VISIT, agent_id=" agent-1 ", visited_site="www.example.org\n"), NOW) == VISIT


@pytest.mark.parametrize("site", ["localhost", "10.0.0.1", "::1", "müller.de", "a" * 253, "under_score.example"])
def test_a_host_is_a_name_or_an_address(site: str) -> None:
    assert checked_visit(replace(VISIT, visited_site=site), NOW).visited_site == site


def test_clocks_may_be_a_little_ahead() -> None:
    assert checked_visit(replace(VISIT, date=NOW + AHEAD), NOW).date == NOW + AHEAD


@pytest.mark.parametrize(
    ("visit", "refused"),
    [
        (replace(VISIT, agent_id=" "), "agent_id must not be empty"),
        (replace(VISIT, agent_id="a" * 256), "agent_id must not be longer than 255"),
        (replace(VISIT, agent_id="a\0"), "agent_id must not contain the character U+0000"),
        (replace(VISIT, date=-1), "date must be a time between"),
        (replace(VISIT, date=NOW + AHEAD + 1), "date must not be in the future"),
        (replace(VISIT, visited_site=""), "visited_site must be a host"),
        (replace(VISIT, visited_site="https://www.example.org/"), "visited_site must be a host"),
        (replace(VISIT, visited_site="a b"), "visited_site must be a host"),
        (replace(VISIT, visited_site="a\0b"), "visited_site must be a host"),
        (replace(VISIT, visited_site="a" * 254), "visited_site must be a host"),
        (replace(VISIT, protocol=""), "protocol must be a protocol"),
        (replace(VISIT, protocol="HTTPS"), "protocol must be a protocol"),
        (replace(VISIT, protocol="h" * 33), "protocol must be a protocol"),
        (replace(VISIT, port=0), "port must be a number from 1 to 65535"),
        (replace(VISIT, port=65_536), "port must be a number from 1 to 65535"),
        (replace(VISIT, trigger="cron"), "trigger must be one of auto, user"),
        (replace(VISIT, browser=Browser(name="b" * 256)), "browser.name must not be longer"),
        (replace(VISIT, pages=(PAGE,) * 1_001), "pages must not hold more than 1000 items"),
        (replace(VISIT, pages=(PAGE, PAGE)), "pages[1].id must not be that of pages[0]"),
        (paged(id=" "), "pages[0].id must not be empty"),
        (paged(title="t" * 4_001), "pages[0].title must not be longer than 4000"),
        (paged(url="\0"), "pages[0].url must not contain"),
        (paged(started_date_time=NOW + AHEAD + 1), "pages[0].started_date_time must not be in the future"),
        (paged(started_date_time=-1), "pages[0].started_date_time must be a time between"),
        (paged(response_code=99), "pages[0].response_code must be a number from 100 to 999"),
        (paged(response_code=1_000), "pages[0].response_code must be a number"),
        (paged(response_time=-1), "pages[0].response_time must be a number"),
        (paged(page_timings=PageTimings(on_content_load=-1)), "pages[0].page_timings.on_content_load must be"),
        (paged(page_timings=PageTimings(on_load=86_400_001)), "pages[0].page_timings.on_load must be a number"),
        (paged(page_timings=PageTimings(on_load=400_000)), "pages[0].page_timings.on_load must not be in the future"),
        (traced(*[HOP] * 10_000), "network.traceroute.hops must not hold more than 255 items"),
        (traced(replace(HOP, hop=0)), "network.traceroute.hops[0].hop must be a number from 1 to 255"),
        (traced(HOP, replace(HOP, ip_address="router")), "network.traceroute.hops[1].ip_address must be an IP address"),
        (traced(replace(HOP, name="n" * 256)), "network.traceroute.hops[0].name must not be longer"),
        (traced(replace(HOP, delay=-1)), "network.traceroute.hops[0].delay must be a number"),
        (traced(replace(HOP, asn=2**32)), "network.traceroute.hops[0].asn must be a number"),
        (traced(replace(HOP, mpls=("L=1",) * 17)), "network.traceroute.hops[0].mpls must not hold more than 16"),
        (traced(replace(HOP, mpls=("L=1", "\0"))), "network.traceroute.hops[0].mpls[1] must not contain"),
        (traced(replace(HOP, samples=(1.0,) * 1_001)), "network.traceroute.hops[0].samples must not hold more"),
        (traced(replace(HOP, samples=(1.0, float("nan")))), "network.traceroute.hops[0].samples[1] must be a number"),
        (measured(traceroute=Traceroute(destination="example", hops=())), "network.traceroute.destination must be an"),
        (measured(connect=Connect(rtt=float("inf"))), "network.connect.rtt must be a number"),
        (measured(connect=Connect(error="e" * 4_001)), "network.connect.error must not be longer"),
        (measured(ping=replace(Ping.of(1, [1.0]), pkts_sent=-1)), "network.ping.pkts_sent must be a number"),
        (measured(errors=("e",) * 33), "network.errors must not hold more than 32 items"),
        (measured(errors=("e" * 4_001,)), "network.errors[0] must not be longer"),
        (profiled(public_ip_address="mine"), "network.network_profile.public_ip_address must be an IP address"),
        (profiled(dns_servers=("8.8.8.8",) * 33), "network.network_profile.dns_servers must not hold more"),
        (
            profiled(proxy_profile=ProxyProfile(method="System", proxies=(Proxy(proxy="p" * 4_001),))),
            "network.network_profile.proxy_profile.proxies[0].proxy must not be longer",
        ),
        (
            profiled(wireless_profile=WirelessProfile(rssi=-1_001)),
            "network.network_profile.wireless_profile.rssi must be a number from -1000 to 1000",
        ),
        (
            measured(system_metrics=replace(METRICS, cpu_utilization=replace(LOAD, max=1.5))),
            "network.system_metrics.cpu_utilization.max must be a number from 0 to 1",
        ),
        (
            measured(system_metrics=replace(METRICS, cpu_utilization=replace(LOAD, count=0))),
            "network.system_metrics.cpu_utilization.count must be a number from 1",
        ),
        (
            measured(system_metrics=replace(METRICS, end_time_ms=1)),
            "network.system_metrics.end_time_ms must not be before",
        ),
        (
            measured(system_metrics=replace(METRICS, end_time_ms=(NOW + AHEAD) // 1_000 + 1)),
            "network.system_metrics.end_time_ms must not be in the future",
        ),
        (
            measured(system_metrics=replace(METRICS, physical_memory_total_bytes=2**53 + 1)),
            "network.system_metrics.physical_memory_total_bytes must be a number",
        ),
    ],
)
def test_it_refuses_by_name(visit: Visit, refused: str) -> None:
    with pytest.raises(Invalid, match="^" + re.escape(refused)):
        checked_visit(visit, NOW)


def test_a_failed_measurement_of_the_machine_is_one() -> None:
    visit = measured(system_metrics=SystemMetrics(error="no /proc"))
    assert checked_visit(visit, NOW) is visit


def test_every_text_of_every_noun_is_looked_at() -> None:
    """A field that somebody adds is bounded too: each text in turn is made too long."""
    radio = WirelessProfile(ssid="s", bssid="b", phy_mode="802.11n", vendor="Cisco")
    proxies = ProxyProfile(method="PAC", pac_url="u", proxies=(Proxy(proxy="<direct>", bypass="*.local"),))
    embedded: list[tuple[Any, Callable[[Any], Visit]]] = [
        (radio, lambda changed: profiled(wireless_profile=changed)),
        (proxies, lambda changed: profiled(proxy_profile=changed)),
        (proxies.proxies[0], lambda changed: profiled(proxy_profile=replace(proxies, proxies=(changed,)))),
        (HOP, traced),
        (Browser(name="b"), lambda changed: replace(VISIT, browser=changed)),
        (NetworkProfile(interface_name="en0"), lambda changed: measured(network_profile=changed)),
    ]
    for noun, embed in embedded:
        for field in fields(noun):
            if str(field.type).startswith("str") and field.name != "error":
                with pytest.raises(Invalid, match=field.name):
                    checked_visit(embed(replace(noun, **{field.name: "x" * 4_001})), NOW)
