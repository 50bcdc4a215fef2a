"""A visit as it is told: exactly the fields of the seeds' tables."""

from typing import Annotated

from msgspec import Meta, Struct

Time = Annotated[str, Meta(description="UTC", examples=["2017-03-26 11:58:46"])]


class Told(Struct, rename="camel", omit_defaults=True, kw_only=True):
    """What is not known is absent."""


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
