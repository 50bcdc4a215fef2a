"""The network profile of a machine whose interface, address and gateway are known."""

import asyncio

import pytest

from sojourn.agent.probes.ping import ping
from sojourn.agent.probes.profile import network_profile
from sojourn.agent.probes.target import Target
from sojourn.core.measurement import NetworkProfile
from tests.agent.path.namespace import Namespace, without_capabilities
from tests.agent.path.network import GATEWAY, LINK_LOCAL, OWN, Network, Router, network

PREFIX = {4: "192.0.2.0", 6: "2001:db8:2::"}
MASK = {4: "255.255.255.0", 6: "ffff:ffff:ffff:ffff::"}


@pytest.mark.parametrize("version", [4, 6])
def test_it_describes_the_way_out_without_privileges(short: Network, version: int) -> None:
    with short.near.entered():
        told = without_capabilities(lambda: asyncio.run(network_profile(short.target(version))), no_new_privileges=True)
    assert told.error is None
    assert (told.interface_name, told.hardware_type, told.type) == ("line", "Virtual", "Ethernet")
    assert (told.ip_address, told.local_prefix, told.subnet_mask) == (OWN[version], PREFIX[version], MASK[version])
    assert told.gateway == GATEWAY[version]
    assert told.public_ip_address is None
    assert told.wireless_profile is None


def test_a_gateway_that_is_only_a_neighbour_is_told_with_its_link_and_answers() -> None:
    with network(Router()) as built:
        built.lead_by_link_local_gateway()
        with built.near.entered():
            told = asyncio.run(network_profile(built.target(6)))
            assert told.gateway == f"{LINK_LOCAL}%line"
            gateway = Target(address=told.gateway, port=0)
            answer = asyncio.run(ping(gateway, count=2, interval=0.01))
            beside = asyncio.run(network_profile(gateway))
    assert answer.pkts_received == 2
    assert (beside.interface_name, beside.gateway) == ("line", None)


@pytest.mark.parametrize("version", [4, 6])
def test_a_machine_without_a_way_says_so(version: int) -> None:
    namespace = Namespace()
    try:
        with namespace.entered():
            told = asyncio.run(network_profile(Network.nowhere(version)))
    finally:
        namespace.close()
    assert told == NetworkProfile(error="Network is unreachable")
