"""All probes together, as one report of a path whose truth is known."""

import asyncio
from unittest.mock import ANY

import pytest

from sojourn.agent.probes.measure import measure
from sojourn.agent.probes.ping import NOT_PERMITTED
from sojourn.core.measurement import NO_ANSWER, REFUSED, Connect, Ping
from sojourn.core.report import NetworkReport
from tests.agent.path.namespace import without_capabilities
from tests.agent.path.network import GATEWAY, TARGET, Network, Router, network

pytestmark = pytest.mark.slow  # ten seconds each: the time that the machine's load is watched


def report(network: Network, version: int, *, refusing: bool = False) -> NetworkReport:
    target = network.target(version, refusing=refusing)
    with network.near.entered():
        return asyncio.run(measure(target.address, target.port))


@pytest.mark.parametrize("version", [4, 6])
def test_a_good_way_has_every_measurement_and_no_error(whimsical: Network, version: int) -> None:
    told = report(whimsical, version)
    assert told == NetworkReport(
        network_profile=ANY,
        system_metrics=ANY,
        gateway_ping=ANY,
        ping=ANY,
        traceroute=ANY,
        connect=ANY,
        icmp_blocked=False,
    )
    assert told.network_profile is not None
    assert told.network_profile.gateway == GATEWAY[version]
    assert told.gateway_ping is not None
    assert told.gateway_ping.pkts_received == 10
    assert told.ping is not None
    assert told.ping.pkts_received == 10
    assert told.traceroute is not None
    assert told.traceroute.destination == TARGET[version]
    assert told.connect is not None
    assert told.connect.error is None
    assert told.system_metrics is not None
    assert told.system_metrics.cpu_utilization is not None
    assert told.system_metrics.cpu_utilization.count == 10
    assert told.system_metrics.physical_memory_used_bytes is not None
    assert told.system_metrics.physical_memory_used_bytes.count == 11


def test_a_target_that_drops_echo_requests_and_refuses_blocks_icmp() -> None:
    with network(Router(), blocked=("icmp",)) as built:
        told = report(built, 4, refusing=True)
    assert told.icmp_blocked is True
    assert told.ping == Ping(error=NO_ANSWER)
    assert told.connect == Connect(error=REFUSED)
    assert told.errors == (f"ping: {NO_ANSWER}", f"connect: {REFUSED}")
    assert told.gateway_ping is not None
    assert told.gateway_ping.pkts_received == 10


def test_without_any_permission_all_but_ping_is_measured(short: Network) -> None:
    target = short.target(4)
    with short.near.entered():
        told = without_capabilities(lambda: asyncio.run(measure(target.address, target.port)), no_new_privileges=True)
    assert told.ping == told.gateway_ping == Ping(error=NOT_PERMITTED)
    assert told.icmp_blocked is None
    assert told.traceroute is not None
    assert told.traceroute.reached
    assert told.connect is not None
    assert told.connect.error is None
    assert told.errors == (f"gatewayPing: {NOT_PERMITTED}", f"ping: {NOT_PERMITTED}")
