"""Whatever visits are stored and whatever is asked for: the pages hold what a reference finds, in its order."""

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.core.intent import Deliver, Delivered
from sojourn.core.measurement import NetworkProfile, Traceroute, WirelessProfile
from sojourn.core.model import MINUTE, Instant
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.core.query import Order, Place
from sojourn.core.report import NetworkReport, Visit
from sojourn.core.visit import Facet, Source, VisitKept, VisitQuery, facets
from tests.storage.desk import NOON, Desk

SHARED_DATABASE = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Each example has an organisation of its own, beside those of all examples before it."""

SITES = ["www.example.org", "WWW.Example.ORG", "shop.example.org", "intranet"]
VALUES: dict[Facet, list[str]] = {
    Facet.VISITED_SITE: [*SITES, "nowhere"],
    Facet.DOMAIN: ["example.org", "Example.Org", "intranet"],
    Facet.AGENT_ID: ["agent-1", "agent-2", "AGENT-1"],
    Facet.CONNECTION: ["Wireless", "Ethernet"],
    Facet.GATEWAY: ["10.0.0.1", "10.0.0.2"],
    Facet.TRIGGER: ["auto", "user"],
    Facet.SSID: ["home", "Home"],
    Facet.DESTINATION_IP: ["192.0.2.1"],
    Facet.LOCATION: ["Slovenia"],
    Facet.VPN_TARGET: ["any"],
}
_CASELESS = (Facet.DOMAIN, Facet.VISITED_SITE)

_numbers = count(1)

moments: st.SearchStrategy[Instant] = st.integers(0, 5).map(lambda minute: NOON - minute * MINUTE)


def maybe(facet: Facet) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(VALUES[facet])


@st.composite
def visits(draw: st.DrawFn) -> Visit:
    """A visit with some of what it can be found by."""
    ssid, destination = draw(maybe(Facet.SSID)), draw(maybe(Facet.DESTINATION_IP))
    profile = NetworkProfile(
        interface_name="en0",
        hardware_type=draw(maybe(Facet.CONNECTION)),
        gateway=draw(maybe(Facet.GATEWAY)),
        wireless_profile=None if ssid is None else WirelessProfile(ssid=ssid),
    )
    traceroute = None if destination is None else Traceroute(destination=destination, hops=())
    return Visit(
        agent_id=draw(st.sampled_from(VALUES[Facet.AGENT_ID])),
        date=draw(moments),
        visited_site=draw(st.sampled_from(SITES)),
        protocol="https",
        port=443,
        network=draw(st.none() | st.just(NetworkReport(network_profile=profile, traceroute=traceroute))),
        trigger=draw(maybe(Facet.TRIGGER)),
    )


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """A range, perhaps open, some filters, an order."""
    first, last = draw(st.none() | moments), draw(st.none() | moments)
    if first is not None and last is not None and last < first:
        first, last = last, first
    chosen = draw(st.lists(st.sampled_from(list(VALUES)), max_size=3, unique=True))
    values = {facet: tuple(draw(st.lists(st.sampled_from(VALUES[facet]), min_size=1, max_size=3))) for facet in chosen}
    return {"first": first, "last": last, "filters": values, "order": draw(st.sampled_from(Order))}


def intent(desk: Desk, visit: Visit) -> Deliver:
    host = visit.visited_site.casefold()
    domain = "example.org" if host.endswith("example.org") else host
    location = "Slovenia" if visit.agent_id == "agent-1" else None
    found = facets(visit, domain=domain, platform=None, location=location)
    return Deliver(scope=desk.scope, visit=visit, facets=found, source=Source())


def folded(facet: Facet, value: str) -> str:
    return value.casefold() if facet in _CASELESS else value


def expected(delivered: list[tuple[int, Deliver]], question: dict[str, Any]) -> list[int]:
    """The reference: looks at every visit."""
    found = []
    for number, one in delivered:
        date = one.visit.date
        within = (question["first"] is None or question["first"] <= date) and (
            question["last"] is None or date <= question["last"]
        )
        fits = all(
            facet in one.facets and folded(facet, one.facets[facet]) in {folded(facet, value) for value in values}
            for facet, values in question["filters"].items()
        )
        if within and fits:
            found.append((date, number))
    return [number for _, number in sorted(found, reverse=question["order"] is Order.NEWEST)]


@SHARED_DATABASE
@given(some=st.lists(visits(), max_size=12), question=questions(), limit=st.integers(1, 5))
def test_the_pages_hold_what_the_reference_finds(
    store: SessionStore, access: AccessStore, some: list[Visit], question: dict[str, Any], limit: int
) -> None:
    number = next(_numbers)
    desk = Desk(store, access.add_organisation(f"Visits {number}", f"guid-{number}", NOON).id)
    intents = [intent(desk, visit) for visit in some]
    told = desk.write(*intents)
    numbers = [verdict.session_id for verdict in told if isinstance(verdict, Delivered)]
    found: list[VisitKept] = []
    after: Place | None = None
    while True:
        page = store.visits(VisitQuery(scope=desk.scope, limit=limit, after=after, whole=True, **question))
        found += page.visits
        assert len(page.visits) == limit or page.next is None
        if page.next is None:
            break
        after = page.next
    delivered = dict(zip(numbers, intents, strict=True))
    assert [kept.id for kept in found] == expected(list(delivered.items()), question)
    assert all(kept.visit == delivered[kept.id].visit for kept in found)
