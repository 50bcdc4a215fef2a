import asyncio
import ipaddress
from pathlib import Path

import pytest

from sojourn.agent.probes.profile import gateway_of, hardware_type, network_profile
from sojourn.agent.probes.route import Link, Route
from sojourn.agent.probes.target import Target


def link(*, number: int = 1, kind: str | None = None, is_loopback: bool = False) -> Link:
    return Link(name="net0", number=number, kind=kind, is_loopback=is_loopback)


@pytest.mark.parametrize(
    ("described", "sign", "expected"),
    [
        (link(), None, "Ethernet"),
        (link(kind="veth"), None, "Virtual"),
        (link(kind="tun", number=65534), None, "Virtual"),
        (link(), "wireless", "Wireless"),
        (link(), "phy80211", "Wireless"),
        (link(number=772, is_loopback=True), None, "Loopback"),
    ],
)
def test_the_kernels_signs_tell_the_hardware(tmp_path: Path, described: Link, sign: str | None, expected: str) -> None:
    (tmp_path / "net0" / (sign or "statistics")).mkdir(parents=True)
    assert hardware_type(described, tmp_path) == expected


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("fe80::1", "fe80::1%net0"),
        (None, None),
    ],
)
def test_a_link_local_gateway_has_its_zone(gateway: str | None, expected: str | None) -> None:
    own = ipaddress.ip_interface("192.0.2.2/24")
    assert gateway_of(Route(link=link(), own=own, gateway=gateway)) == expected


@pytest.mark.parametrize(
    ("address", "prefix", "mask"),
    [("127.0.0.1", "127.0.0.0", "255.0.0.0"), ("::1", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")],
)
def test_the_way_to_this_machine_is_the_loopback(address: str, prefix: str, mask: str) -> None:
    told = asyncio.run(network_profile(Target(address=address, port=0)))
    assert told.error is None
    assert (told.interface_name, told.hardware_type, told.type) == ("lo", "Loopback", "Loopback")
    assert (told.ip_address, told.local_prefix, told.subnet_mask) == (address, prefix, mask)
    assert told.gateway is None
    assert told.public_ip_address is None
    assert told.wireless_profile is None
    assert told.proxy_profile is not None
