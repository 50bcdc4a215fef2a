"""Visits: delivered, listed by date, filtered by what they stand under, read whole, deleted; on both engines."""

from dataclasses import replace

import pytest

from sojourn.core.access import Scope
from sojourn.core.errors import Invalid, Unknown
from sojourn.core.intent import Deleted, Deliver, Delivered
from sojourn.core.measurement import Connect, Hop, NetworkProfile, Ping, Traceroute, WirelessProfile
from sojourn.core.model import FIRST_VISIT, MINUTE, SECOND, Instant, Kind
from sojourn.core.query import Order
from sojourn.core.report import Browser, Coordinates, NetworkReport, Page, PageTimings, Visit
from sojourn.core.visit import Facet, Source, VisitQuery, facets, user_session_id
from sojourn.storage.engine import Engine
from tests.storage.desk import NOON, Desk, key
from tests.storage.tables import contents

SOURCE = Source(
    address="84.255.241.1",
    org_name="T-2 Access Network",
    coordinates=Coordinates(latitude=46.0552778, longitude=14.5144444, location="Slovenia"),
)


def visit(date: Instant = NOON, site: str = "www.example.org", agent: str = "agent-1", har: str | None = None) -> Visit:
    """A visit of two pages, as an agent measures it."""
    pages = tuple([
        Page(
            id=f"page_{i}",
            title=f"Page {i}",
            url=f"https://{site}/{i}",
            started_date_time=date + i * SECOND,
            response_code=200,
            page_timings=PageTimings(on_content_load=800, on_load=3000 + i),
        )
        for i in (1, 0)
    ])  # fmt: skip
    network = NetworkReport.of(
        network_profile=NetworkProfile(
            interface_name="en0",
            hardware_type="Wireless",
            type="Ethernet",
            ip_address="10.0.0.13",
            local_prefix="10.0.0.0",
            subnet_mask="255.255.255.0",
            gateway="10.0.0.1",
            wireless_profile=WirelessProfile(ssid="Internet for the masses", bssid="4c:ba:ba:f4:fa:fa"),
        ),
        ping=Ping.of(10, [6.9, 24.0, 116.0]),
        connect=Connect(rtt=77.449),
        traceroute=Traceroute(
            destination="13.32.22.232", hops=(Hop(hop=1, ip_address="10.0.0.1", name="router.local", delay=1),)
        ),
    )
    return Visit(
        agent_id=agent,
        date=date,
        visited_site=site,
        protocol="https",
        port=443,
        browser=Browser(name="Chromium", version="156"),
        pages=pages,
        network=network,
        har=har,
    )


def delivery(desk: Desk, some: Visit) -> Deliver:
    found = facets(some, domain="example.org", platform="linux", location="Slovenia")
    return Deliver(scope=desk.scope, visit=some, facets=found, source=SOURCE)


def deliver(desk: Desk, some: Visit) -> int:
    told = desk.one(delivery(desk, some))
    assert isinstance(told, Delivered)
    return told.session_id


def dates(desk: Desk, **wanted: object) -> list[Instant]:
    query = VisitQuery(scope=desk.scope, **wanted)  # type: ignore[arg-type]
    return [kept.date for kept in desk.store.visits(query).visits]


class TestVisits:
    def test_they_come_by_date_whenever_they_were_delivered(self, desk: Desk) -> None:
        for late in (2, 0, 1):
            deliver(desk, visit(NOON + late))
        assert dates(desk) == [NOON, NOON + 1, NOON + 2]

    def test_they_come_newest_first_where_that_is_asked_for(self, desk: Desk) -> None:
        for late in (2, 0, 1):
            deliver(desk, visit(NOON + late))
        assert dates(desk, order=Order.NEWEST) == [NOON + 2, NOON + 1, NOON]
        place = desk.store.visits(VisitQuery(scope=desk.scope, order=Order.NEWEST, limit=1)).next
        assert dates(desk, order=Order.NEWEST, after=place) == [NOON + 1, NOON]

    def test_the_range_is_closed(self, desk: Desk) -> None:
        for i in range(4):
            deliver(desk, visit(NOON + i))
        assert dates(desk, first=NOON + 1, last=NOON + 2) == [NOON + 1, NOON + 2]

    def test_pages_neither_repeat_nor_skip_where_all_have_one_date(self, desk: Desk) -> None:
        told = desk.write(*[delivery(desk, visit()) for _ in range(25)])
        found: list[int] = []
        page = desk.store.visits(VisitQuery(scope=desk.scope, limit=10))
        found += [kept.id for kept in page.visits]
        while page.next is not None:
            page = desk.store.visits(VisitQuery(scope=desk.scope, limit=10, after=page.next))
            found += [kept.id for kept in page.visits]
        assert found == [verdict.session_id for verdict in told if isinstance(verdict, Delivered)]

    def test_a_full_last_page_has_no_next(self, desk: Desk) -> None:
        desk.write(*[delivery(desk, visit()) for _ in range(10)])
        assert desk.store.visits(VisitQuery(scope=desk.scope, limit=10)).next is None
        assert desk.store.visits(VisitQuery(scope=desk.scope, limit=9)).next is not None

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({Facet.VISITED_SITE: ("WWW.example.org",)}, [0, 2]),
            ({Facet.VISITED_SITE: ("www.example.org", "shop.example.org")}, [0, 1, 2]),
            ({Facet.VISITED_SITE: ("www.example.org", "WWW.EXAMPLE.ORG", "www.example.org")}, [0, 2]),
            ({Facet.DOMAIN: ("Example.ORG",)}, [0, 1, 2]),
            ({Facet.AGENT_ID: ("agent-2",)}, [2]),
            ({Facet.AGENT_ID: ("AGENT-2",)}, []),
            ({Facet.AGENT_ID: ("agent-1",), Facet.VISITED_SITE: ("www.example.org", "nowhere")}, [0]),
            ({Facet.SSID: ("Internet for the masses",), Facet.CONNECTION: ("Wireless",)}, [0, 1, 2]),
            ({Facet.GATEWAY: ("10.0.0.1",), Facet.DESTINATION_IP: ("13.32.22.232",)}, [0, 1, 2]),
            ({Facet.VPN_TARGET: ("any",)}, []),
        ],
    )
    def test_every_filter_holds_with_one_of_its_values(
        self, desk: Desk, filters: dict[Facet, tuple[str, ...]], found: list[int]
    ) -> None:
        deliver(desk, visit(NOON))
        deliver(desk, visit(NOON + 1, site="shop.example.org"))
        deliver(desk, visit(NOON + 2, agent="agent-2"))
        assert dates(desk, filters=filters) == [NOON + i for i in found]

    def test_what_was_measured_is_told_where_it_is_asked_for(self, desk: Desk) -> None:
        deliver(desk, visit(har="{}"))
        (bare,) = desk.store.visits(VisitQuery(scope=desk.scope)).visits
        (whole,) = desk.store.visits(VisitQuery(scope=desk.scope, whole=True)).visits
        assert bare.visit is None
        assert whole.visit == visit()
        assert whole.source == SOURCE
        assert replace(whole, visit=None, source=bare.source) == bare

    def test_another_organisation_and_a_narrowed_caller_see_none(self, desk: Desk, neighbour: Desk) -> None:
        deliver(desk, visit())
        assert dates(neighbour) == dates(desk.narrowed(1)) == []

    def test_too_many_values_are_refused(self, desk: Desk) -> None:
        with pytest.raises(Invalid, match="visitedSite must have 1 to 100 values"):
            dates(desk, filters={Facet.VISITED_SITE: ("a",) * 101})

    def test_they_use_up_no_number_of_people_and_stand_in_no_list_of_theirs(self, desk: Desk) -> None:
        assert deliver(desk, visit()) == FIRST_VISIT
        assert desk.open().id == 1
        assert desk.found() == [1]
        assert desk.found(kind=Kind.VISIT) == [FIRST_VISIT]


class TestVisit:
    def test_it_comes_back_whole(self, desk: Desk) -> None:
        kept = desk.store.visit(desk.scope, deliver(desk, visit()))
        assert kept.visit == visit()
        assert kept.committed == NOON
        assert kept.experience_score == pytest.approx((7.0 + 6.999) / 16, abs=1e-4)
        assert kept.user_session_id == user_session_id(desk.scope.organisation, NOON, kept.id)

    def test_its_pages_are_activities_of_the_session(self, desk: Desk) -> None:
        session = desk.store.session(desk.scope, deliver(desk, visit()), activities=True)
        assert [activity.name for activity in session.activities] == ["Page 0", "Page 1"]
        assert session.device is not None
        assert session.device.guid == "agent-1"

    def test_it_is_unknown_to_another_and_where_it_is_none(self, desk: Desk, neighbour: Desk) -> None:
        number = deliver(desk, visit())
        for scope, wanted in ((neighbour.scope, number), (desk.scope, desk.open().id), (Scope(1, 1), number)):
            with pytest.raises(Unknown):
                desk.store.visit(scope, wanted)

    def test_a_repeated_delivery_is_told_what_the_first_was(self, desk: Desk) -> None:
        again = replace(delivery(desk, visit()), key=key("once"))
        assert desk.write(again, again)[0] == desk.one(again)
        assert len(dates(desk)) == 1

    def test_deleted_it_leaves_nothing(self, desk: Desk, engine: Engine) -> None:
        deliver(desk, visit(NOON - MINUTE))
        before = contents(engine, "counter")
        number = desk.one(replace(delivery(desk, visit(site="gone.example.org", har="{}")), key=key("gone")))
        assert isinstance(number, Delivered)
        assert desk.delete(number.session_id) == Deleted(session_id=number.session_id)
        assert contents(engine, "counter") == before


class TestHar:
    def test_it_is_kept_apart(self, desk: Desk) -> None:
        assert desk.store.har(desk.scope, deliver(desk, visit(har='{"log":{}}'))) == '{"log":{}}'

    def test_where_none_was_delivered_there_is_none(self, desk: Desk) -> None:
        number = deliver(desk, visit())
        with pytest.raises(Unknown):
            desk.store.har(desk.scope, number)


class TestNewestVisit:
    def test_it_is_the_newest_by_date(self, desk: Desk, neighbour: Desk) -> None:
        assert desk.store.newest_visit(desk.scope) is None
        deliver(desk, visit(NOON))
        deliver(desk, visit(NOON - 1))
        assert desk.store.newest_visit(desk.scope) == NOON
        assert desk.store.newest_visit(neighbour.scope) is None
