"""The documents of this dialect, what they are asked with, and what they hold besides visits."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from sojourn.api.endpoint_v6.measured import (
    Browser,
    PageTimings,
    SystemMetrics,
    Time,
    Told,
    UserSession,
    UserSessionDetails,
)


class Pages(Told):
    """Which page this is, and where the next one is, if there is more."""

    current: int
    next: str | None = None


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
