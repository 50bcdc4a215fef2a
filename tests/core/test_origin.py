"""What the server adds to a visit: never in the place of what was measured."""

from dataclasses import replace
from typing import Any

import pytest

from sojourn.core.access import Scope
from sojourn.core.intent import Deliver
from sojourn.core.measurement import Hop, NetworkProfile, Traceroute
from sojourn.core.model import MINUTE, SECOND, Instant
from sojourn.core.origin import FRESH, Area, Network, delivery, source_of
from sojourn.core.report import Coordinates, NetworkReport, Visit
from sojourn.core.visit import Facet, Source

NOON: Instant = 1_795_435_445 * SECOND
PLACE = Coordinates(latitude=46.0552778, longitude=14.5144444, location="Slovenia")
RANGE = "84.255.241.0-84.255.241.255"


class Globe:
    """An atlas of 84.255.192.0/18, which refuses to be asked for what is not public."""

    def network(self, address: str) -> Network | None:
        assert not address.startswith(("10.", "127.", "192.168."))
        known = address.startswith("84.255.")
        return Network(asn=34779, prefix="84.255.192.0/18", org_name="T-2 Access Network") if known else None

    def area(self, address: str) -> Area | None:
        assert not address.startswith(("10.", "127.", "192.168."))
        return Area(coordinates=PLACE, addresses=RANGE) if address.startswith("84.255.241.") else None

    def domain(self, host: str) -> str:
        return ".".join(host.split(".")[-2:])


def visit(**network: Any) -> Visit:
    return Visit(
        agent_id="agent-1",
        date=NOON,
        visited_site="www.example.org",
        protocol="https",
        port=443,
        network=NetworkReport(**network),
    )


def hop(address: str, **more: Any) -> Hop:
    return Hop(hop=1, ip_address=address, name=address, **more)


def delivered(some: Visit, address: str | None = "84.255.241.1", now: Instant = NOON) -> Deliver:
    return delivery(Scope(1), some, source_of(address, Globe()), Globe(), now)


def hops(*given: Hop) -> tuple[Hop, ...]:
    some = delivered(visit(traceroute=Traceroute(destination="13.32.22.232", hops=given))).visit
    assert some.network is not None
    assert some.network.traceroute is not None
    return some.network.traceroute.hops or ()


def profile(given: NetworkProfile, **where: Any) -> NetworkProfile:
    some = delivered(visit(network_profile=given), **where).visit
    assert some.network is not None
    assert some.network.network_profile is not None
    return some.network.network_profile


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("84.255.241.1", Source(address="84.255.241.1", org_name="T-2 Access Network", coordinates=PLACE)),
        ("84.255.250.1", Source(address="84.255.250.1", org_name="T-2 Access Network")),
        ("9.9.9.9", Source(address="9.9.9.9")),
        ("10.0.0.13", Source(address="10.0.0.13")),
        (None, Source()),
    ],
)
def test_a_source_is_as_much_as_is_known_of_its_address(address: str | None, source: Source) -> None:
    assert source_of(address, Globe()) == source


def test_public_hops_get_their_networks_where_they_are_known() -> None:
    unknown = (hop("10.0.0.1"), hop("52.95.218.66"))
    assert hops(*unknown) == unknown
    assert hops(hop("84.255.250.46")) == (hop("84.255.250.46", asn=34779, prefix="84.255.192.0/18"),)


@pytest.mark.parametrize("more", [{"asn": 1}, {"prefix": "84.0.0.0/8"}, {"asn": 1, "prefix": "84.0.0.0/8"}])
def test_what_the_agent_tells_of_a_hop_is_left_alone(more: dict[str, Any]) -> None:
    told = hop("84.255.250.46", **more)
    assert hops(told) == (told,)


def test_a_traceroute_that_failed_and_a_visit_without_one_stay_as_they_are() -> None:
    for some in (visit(traceroute=Traceroute(error="no route")), visit(), replace(visit(), network=None)):
        assert delivered(some).visit == some


def test_a_machine_behind_a_translation_of_addresses_learns_its_public_one() -> None:
    private = NetworkProfile(interface_name="en0", ip_address="10.0.0.13")
    told = replace(private, public_ip_address="84.255.241.1", public_ip_range=RANGE)
    assert profile(private) == told
    assert profile(private, address="9.9.9.9") == replace(private, public_ip_address="9.9.9.9")
    assert profile(private, now=NOON + FRESH) == told


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (NetworkProfile(interface_name="en0", public_ip_address="9.9.9.9"), {}),
        (NetworkProfile(error="no route"), {}),
        (NetworkProfile(interface_name="en0"), {"address": "10.0.0.13"}),
        (NetworkProfile(interface_name="en0"), {"address": None}),
        (NetworkProfile(interface_name="en0"), {"now": NOON + FRESH + 1}),
    ],
    ids=["told", "failed", "private", "unknown", "late"],
)
def test_its_public_address_is_not_made_up(given: NetworkProfile, where: dict[str, Any]) -> None:
    assert profile(given, **where) == given


def test_it_is_found_by_domain_and_place() -> None:
    found = delivered(visit(), now=NOON + 60 * MINUTE).facets
    assert found[Facet.DOMAIN] == "example.org"
    assert found[Facet.LOCATION] == "Slovenia"
    assert Facet.PLATFORM not in found
