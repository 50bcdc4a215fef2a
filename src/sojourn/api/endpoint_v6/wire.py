"""What this dialect tells: exactly the fields of the seeds' tables and of the published pages."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from sojourn.core import agent as agents
from sojourn.core import measurement, report
from sojourn.core.access import Caller, Membership
from sojourn.core.agent import Agent
from sojourn.core.model import Instant
from sojourn.core.visit import VisitKept, round_of
from sojourn.web.times import to_spaced

Time = Annotated[str, Meta(description="UTC", examples=["2017-03-26 11:58:46"])]


class Told(Struct, rename="camel", omit_defaults=True, kw_only=True):
    """What is not known is absent."""


class Pages(Told):
    """Which page this is, and where the next one is, if there is more."""

    current: int
    next: str | None = None


class PageTimings(Told):
    """Milliseconds to the DOM and to the whole page."""

    on_content_load: int | None = None
    on_load: int | None = None


class Page(Told):
    """A web page of the visit."""

    id: str
    title: str
    started_date_time: Time
    response_code: int | None = None
    page_timings: PageTimings | None = None


class Browser(Told):
    """The program that was used."""

    name: str
    version: str | None = None


class Coordinates(Told):
    """Where the agent's public address roughly is."""

    latitude: float
    longitude: float
    location: str | None = None


class Proxy(Told):
    """One proxy."""

    proxy: str
    bypass: str | None = None


class ProxyProfile(Told):
    """How proxies are chosen."""

    method: str
    proxies: list[Proxy]


class WirelessProfile(Told):
    """The radio link."""

    bssid: str | None = None
    channel: int | None = None
    noise: int | None = None
    phy_mode: str | None = None
    quality: int | None = None
    rssi: int | None = None
    ssid: str | None = None
    tx_rate: float | None = None
    vendor: str | None = None


class NetworkProfile(Told):
    """The interface that led to the site."""

    dns_servers: list[str] | None = None
    gateway: str | None = None
    hardware_type: str | None = None
    interface_name: str | None = None
    ip_address: str | None = None
    local_prefix: str | None = None
    proxy_profile: ProxyProfile | None = None
    public_ip_address: str | None = None
    public_ip_range: str | None = None
    subnet_mask: str | None = None
    type: str | None = None
    wireless_profile: WirelessProfile | None = None
    error: str | None = None


class Statistics(Told):
    """Samples in six numbers."""

    min: float
    max: float
    mean: float
    median: float
    std_dev: float
    count: int


class SystemMetrics(Told):
    """Processors as a share, memory in bytes."""

    start_time_ms: int | None = None
    end_time_ms: int | None = None
    cpu_utilization: Statistics | None = None
    physical_memory_used_bytes: Statistics | None = None
    physical_memory_total_bytes: int | None = None
    error: str | None = None


class Ping(Told):
    """Milliseconds; only `error` where it failed."""

    avg_rtt: float | None = None
    max_rtt: float | None = None
    mean_dev_rtt: float | None = None
    min_rtt: float | None = None
    pkts_received: int | None = None
    pkts_sent: int | None = None
    error: str | None = None


class Hop(Told):
    """One router on the way."""

    hop: int
    ip_address: str
    name: str
    delay: int | None = None
    asn: int | None = None
    prefix: str | None = None
    mpls: list[str] | None = None


class Traceroute(Told):
    """The way to the site; only `error` where it failed."""

    destination: str | None = None
    hops: list[Hop] | None = None
    error: str | None = None


class Connect(Told):
    """Milliseconds to a TCP connection; only `error` where it failed."""

    rtt: float | None = None
    error: str | None = None


class Network(Told):
    """How the network served the visit."""

    errors: Annotated[list[str], Meta(description="always there, empty when nothing failed")]
    network_profile: NetworkProfile | None = None
    system_metrics: SystemMetrics | None = None
    gateway_ping: Ping | None = None
    ping: Ping | None = None
    traceroute: Traceroute | None = None
    connect: Connect | None = None
    icmp_blocked: bool | None = None


class UserSession(Told, kw_only=True):
    """A visit, as lists tell it."""

    user_session_id: str
    agent_id: str
    round_id: int
    date: Time
    committed: Time
    source_addr: str | None = None
    org_name: str | None = None
    visited_site: str
    protocol: str
    port: int
    number_of_pages: int
    permalink: str
    experience_score: float | None = None


class UserSessionDetails(UserSession, kw_only=True):
    """A visit with everything that was measured."""

    browser: Browser | None = None
    coordinates: Coordinates | None = None
    pages: list[Page]
    network: Network | None = None


class UserSessions(Told):
    """A page of visits."""

    user_sessions: list[UserSession]
    pages: Pages
    from_: Time | None = msgspec.field(name="from", default=None)
    to: Time | None = None


class UserSessionDocument(Told):
    """An array of one visit."""

    user_sessions: list[UserSessionDetails]


class WebSession(Told, kw_only=True):
    """One page of a visit."""

    agent_id: str
    date: Time
    page_id: str
    page_timings: PageTimings | None = None
    page_title: str
    page_url: str | None = None
    response_code: int | None = None
    response_time: int | None = None
    round_id: int
    user_session_id: str
    system_metrics: SystemMetrics | None = None


class WebSessions(Told):
    """A page of web sessions."""

    web_sessions: list[WebSession]
    pages: Pages
    from_: Time | None = msgspec.field(name="from", default=None)
    to: Time | None = None


class Destination(Told):
    """The site, as a ping met it: loss as a share of 100, times in milliseconds."""

    target: str
    jitter: float | None = None
    latency: float | None = None
    loss: float | None = None


class NetworkSession(Told, kw_only=True):
    """How the network was during one visit."""

    agent_id: str
    date: Time
    destination: Destination | None = None
    round_id: int
    user_session_id: str
    system_metrics: SystemMetrics | None = None


class NetworkSessions(Told):
    """A page of network sessions."""

    network_sessions: list[NetworkSession]
    pages: Pages
    from_: Time | None = msgspec.field(name="from", default=None)
    to: Time | None = None


class Location(Told):
    """Where an agent's public address roughly is."""

    latitude: float
    longitude: float
    location_name: str | None = None


class UserProfile(Told):
    """Somebody who uses the machine."""

    user_name: str


class Client(Told):
    """A user of the machine, and the browsers that are watched for them."""

    user_profile: UserProfile
    browsers: list[Browser]


class EndpointAgent(Told):
    """A machine that visits are measured on; `deleted` is 0 or 1."""

    agent_id: str
    status: Annotated[str, Meta(description="always `enabled` (our decision)")]
    deleted: int
    created_time: Time
    last_seen: Time
    number_of_clients: int
    clients: list[Client]
    agent_name: str | None = None
    computer_name: str | None = None
    os_version: str | None = None
    kernel_version: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    total_memory: Annotated[str, Meta(description="in MB", examples=["16384 MB"])] | None = None
    version: str | None = None
    public_ip: Annotated[str, Meta()] | None = msgspec.field(name="publicIP", default=None)
    location: Location | None = None


class EndpointAgents(Told):
    """A page of agents, in the order in which they were first seen."""

    endpoint_agents: list[EndpointAgent]
    pages: Pages


class EndpointAgentDocument(Told):
    """An array of one agent."""

    endpoint_agents: list[EndpointAgent]


class HarDocument(Told):
    """HAR 1.2 of one page."""

    har: dict[str, Any]


class AccountGroup(Told):
    """An organisation that the caller belongs to; `current` and `default` are 0 or 1."""

    account_group_name: str
    aid: int
    current: int
    default: int


class AccountGroups(Told):
    """All of them."""

    account_groups: list[AccountGroup]


class Status(Told):
    """The server's time in epoch milliseconds."""

    timestamp: int


class Problem(Told):
    """What every error answers; `error` only where the credentials are at fault."""

    error_message: str
    error: str | None = None


class FormatQuery(Struct, rename="camel"):
    """The format, and the account group; a suffix `.json` or `.xml` of the path wins."""

    format: Annotated[str, Meta(description="json or xml")] | None = None
    aid: (
        Annotated[str, Meta(description="the number of an account group; the caller's default one if not told")] | None
    ) = None


class AgentsQuery(FormatQuery, rename="camel"):
    """The page."""

    last_agent: Annotated[str, Meta(description="of a next link")] | None = None


class ListQuery(FormatQuery, rename="camel"):
    """The range, by default the newest five minutes, and the page."""

    window: Annotated[str, Meta(description="back from now", examples=["12h"])] | None = None
    from_: Annotated[str, Meta(examples=["2017-03-22T11:58:42"])] | None = msgspec.field(name="from", default=None)
    to: Annotated[str, Meta(examples=["2017-03-22T12:58:42"])] | None = None
    page: Annotated[str, Meta(description="deprecated: follow the next link")] | None = None
    last_round_id: Annotated[str, Meta(description="of a next link")] | None = None


class Filter(Struct, rename="camel"):
    """One of the values must be met, exactly."""

    key: str
    values: list[str]


class FilterBody(Struct, rename="camel"):
    """All of the filters must be met."""

    search_filters: list[Filter] = []


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
