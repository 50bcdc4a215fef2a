"""Nouns of the core in the words of this dialect."""

from typing import Any

import msgspec

from sojourn.api.endpoint_v6.measured import (
    Browser,
    Coordinates,
    Network,
    Page,
    PageTimings,
    SystemMetrics,
    UserSession,
    UserSessionDetails,
)
from sojourn.api.endpoint_v6.wire import (
    AccountGroup,
    Client,
    Destination,
    EndpointAgent,
    Location,
    NetworkSession,
    UserProfile,
    WebSession,
)
from sojourn.core import agent as agents
from sojourn.core import measurement, report
from sojourn.core.access import Caller, Membership
from sojourn.core.agent import Agent
from sojourn.core.model import Instant
from sojourn.core.visit import VisitKept, round_of
from sojourn.web.times import to_spaced


def user_session(kept: VisitKept, origin: str) -> UserSession:
    """A visit as lists tell it."""
    return UserSession(**_common(kept, origin))


def _common(kept: VisitKept, origin: str) -> dict[str, Any]:
    name = kept.user_session_id
    return {
        "user_session_id": name,
        "agent_id": kept.agent_id,
        "round_id": round_of(kept.date),
        "date": to_spaced(kept.date),
        "committed": to_spaced(kept.committed),
        "source_addr": kept.source.address,
        "org_name": kept.source.org_name,
        "visited_site": kept.visited_site,
        "protocol": kept.protocol,
        "port": kept.port,
        "number_of_pages": kept.number_of_pages,
        "permalink": f"{origin}/visits/{name}",
        "experience_score": kept.experience_score,
    }


def user_session_details(kept: VisitKept, origin: str) -> UserSessionDetails:
    """A visit with everything that was measured."""
    visit = _whole(kept)
    return UserSessionDetails(
        **_common(kept, origin),
        browser=_same(visit.browser, Browser),
        coordinates=_same(kept.source.coordinates, Coordinates),
        pages=[page_told(page) for page in visit.pages],
        network=_same(visit.network, Network),
    )


def page_told(page: report.Page) -> Page:
    """A web page of the visit."""
    return Page(
        id=page.id,
        title=page.title,
        started_date_time=to_spaced(page.started_date_time),
        response_code=page.response_code,
        page_timings=_same(page.page_timings, PageTimings),
    )


def web_session(kept: VisitKept, page: report.Page) -> WebSession:
    """One page of a visit."""
    network = _whole(kept).network
    return WebSession(
        agent_id=kept.agent_id,
        date=to_spaced(page.started_date_time),
        page_id=page.id,
        page_timings=_same(page.page_timings, PageTimings),
        page_title=page.title,
        page_url=page.url,
        response_code=page.response_code,
        response_time=page.response_time,
        round_id=round_of(kept.date),
        user_session_id=kept.user_session_id,
        system_metrics=_same(network.system_metrics, SystemMetrics) if network else None,
    )


def network_session(kept: VisitKept) -> NetworkSession:
    """How the network was during one visit."""
    network = _whole(kept).network
    return NetworkSession(
        agent_id=kept.agent_id,
        date=to_spaced(kept.date),
        destination=_destination(kept, network.ping) if network and network.ping else None,
        round_id=round_of(kept.date),
        user_session_id=kept.user_session_id,
        system_metrics=_same(network.system_metrics, SystemMetrics) if network else None,
    )


def _destination(kept: VisitKept, ping: measurement.Ping) -> Destination:
    """A ping that lost everything tells a loss of 100 and no times; one not made tells the target only."""
    if ping.pkts_sent is None or ping.pkts_received is None:
        lost = 100.0 if ping.error == measurement.NO_ANSWER else None
        return Destination(target=kept.visited_site, loss=lost)
    return Destination(
        target=kept.visited_site,
        jitter=ping.mean_dev_rtt,
        latency=ping.avg_rtt,
        loss=round(100 * (1 - ping.pkts_received / ping.pkts_sent), 2),
    )


def endpoint_agent(agent: Agent) -> EndpointAgent:
    """An agent, as it told of itself."""
    about, place = agent.about, agent.source.coordinates
    return EndpointAgent(
        agent_id=about.agent_id,
        status="enabled",
        deleted=0,
        created_time=to_spaced(agent.created_at),
        last_seen=to_spaced(agent.last_seen),
        number_of_clients=len(about.clients),
        clients=[_client(client) for client in about.clients],
        agent_name=about.name,
        computer_name=about.computer_name,
        os_version=about.os_version,
        kernel_version=about.kernel_version,
        manufacturer=about.manufacturer,
        model=about.model,
        total_memory=None if about.total_memory is None else f"{about.total_memory // 2**20} MB",
        version=about.version,
        public_ip=agent.source.address,
        location=None
        if place is None
        else Location(latitude=place.latitude, longitude=place.longitude, location_name=place.location),
    )


def _client(client: agents.Client) -> Client:
    browsers = [Browser(name=browser.name, version=browser.version) for browser in client.browsers]
    return Client(user_profile=UserProfile(user_name=client.user_name), browsers=browsers)


def account_group(membership: Membership, name: str, caller: Caller) -> AccountGroup:
    """An organisation of the caller."""
    return AccountGroup(
        account_group_name=name,
        aid=membership.organisation,
        current=int(membership.organisation == caller.scope.organisation),
        default=int(membership.is_default),
    )


def spelled(at: Instant | None) -> str | None:
    """A time of a range, as answers tell it."""
    return None if at is None else to_spaced(at)


def _whole(kept: VisitKept) -> report.Visit:
    assert kept.visit is not None
    return kept.visit


def _same(value: Any, kind: Any) -> Any:
    """A noun as the struct of the same fields; what the struct lacks is left out."""
    return None if value is None else msgspec.convert(value, kind, from_attributes=True)
