"""What this dialect says and hears about visits: the published field names, and `core.measurement`'s beside them.

The same structs are heard and told. A field that is absent is None here, and was not null on the wire: its type says
so. What is heard becomes the core's nouns by `convert`, which also keeps the nouns' own rules.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from sojourn.api.native_v1.wire import Moment, Name, Time, Told
from sojourn.core import measurement, report
from sojourn.core.bounds import (
    DAY_MS,
    LARGEST,
    LARGEST_ASN,
    MOST_FEW,
    MOST_HOPS,
    MOST_LABELS,
    MOST_PAGES,
    MOST_SAMPLES,
)
from sojourn.core.delivery import PROTOCOL, PROTOCOL_LENGTH, SITE, SITE_LENGTH
from sojourn.core.errors import Invalid
from sojourn.core.model import NAME_LENGTH, NOTE_LENGTH, Instant
from sojourn.core.visit import VisitKept, round_of
from sojourn.web.times import from_datetime, to_microseconds
from sojourn.web.wire import translated

ABSENT: Any = None

Short = Annotated[str, Meta(max_length=NAME_LENGTH)]
Long = Annotated[str, Meta(max_length=NOTE_LENGTH)]
Error = Annotated[str, Meta(max_length=NOTE_LENGTH, description="why it failed: then nothing else stands beside it")]
Milliseconds = Annotated[float, Meta(ge=0, le=LARGEST)]
Bytes = Annotated[int, Meta(ge=0, le=LARGEST)]
Load = Annotated[int, Meta(ge=0, le=DAY_MS, description="milliseconds")]
Decibels = Annotated[int, Meta(ge=-1_000, le=1_000, description="dBm")]
Samples = Annotated[list[Milliseconds], Meta(max_length=MOST_SAMPLES)]


class Part(Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False):
    """A part of a visit."""


class BrowserPart(Part):
    """The program that the person used."""

    name: Name
    version: Short = ABSENT


class PageTimingsPart(Part):
    """Milliseconds from the start of the load to the DOM and to the page."""

    on_content_load: Load = ABSENT
    on_load: Load = ABSENT


class PagePart(Part):
    """A page of a visit, in which its `id` is unique. `responseTime` is in milliseconds."""

    id: Name
    title: Long
    started: Moment = msgspec.field(name="startedDateTime")
    url: Long = ABSENT
    response_code: Annotated[int, Meta(ge=100, le=999)] = ABSENT
    response_time: Load = ABSENT
    page_timings: PageTimingsPart = ABSENT

    @property
    def started_date_time(self) -> Instant:
        """In core words."""
        return from_datetime(self.started)


class StatisticsPart(Part):
    """Samples in six numbers; `stdDev` is the population's."""

    min: Annotated[float, Meta(ge=0, le=LARGEST)]
    max: Annotated[float, Meta(ge=0, le=LARGEST)]
    mean: Annotated[float, Meta(ge=0, le=LARGEST)]
    median: Annotated[float, Meta(ge=0, le=LARGEST)]
    std_dev: Annotated[float, Meta(ge=0, le=LARGEST)]
    count: Annotated[int, Meta(ge=1, le=LARGEST)]


class SystemMetricsPart(Part):
    """The machine's load between two times: processors as a share from 0 to 1, memory in bytes."""

    start_time_ms: Bytes = ABSENT
    end_time_ms: Bytes = ABSENT
    cpu_utilization: StatisticsPart = ABSENT
    physical_memory_used_bytes: StatisticsPart = ABSENT
    physical_memory_total_bytes: Bytes = ABSENT
    error: Error = ABSENT


class PingPart(Part):
    """Echo requests to one target; `samples` are the answers' times in the order of sending."""

    pkts_sent: Annotated[int, Meta(ge=0, le=LARGEST)] = ABSENT
    pkts_received: Annotated[int, Meta(ge=0, le=LARGEST)] = ABSENT
    min_rtt: Milliseconds = ABSENT
    avg_rtt: Milliseconds = ABSENT
    max_rtt: Milliseconds = ABSENT
    mean_dev_rtt: Milliseconds = ABSENT
    samples: Samples = ABSENT
    error: Error = ABSENT


class ConnectPart(Part):
    """A TCP connection: milliseconds until it stood."""

    rtt: Milliseconds = ABSENT
    error: Error = ABSENT


class HopPart(Part):
    """A router that answered. `prefix` and `asn` are known of public addresses only."""

    hop: Annotated[int, Meta(ge=1, le=MOST_HOPS)]
    ip_address: Short
    name: Short
    delay: Annotated[int, Meta(ge=0, le=LARGEST, description="milliseconds")] = ABSENT
    prefix: Short = ABSENT
    asn: Annotated[int, Meta(ge=0, le=LARGEST_ASN)] = ABSENT
    mpls: Annotated[list[Short], Meta(max_length=MOST_LABELS)] = ABSENT
    samples: Samples = ABSENT


class TraceroutePart(Part):
    """The way to an address: the hops that answered, nearest first."""

    destination: Short = ABSENT
    hops: Annotated[list[HopPart], Meta(max_length=MOST_HOPS)] = ABSENT
    protocol: Short = ABSENT
    reached: bool = ABSENT
    error: Error = ABSENT


class ProxyPart(Part):
    """A proxy (`<direct>` for none) and the hosts that go past it, divided by `;`."""

    proxy: Long
    bypass: Long = ABSENT


class ProxyProfilePart(Part):
    """How proxies are chosen."""

    method: Short
    proxies: Annotated[list[ProxyPart], Meta(max_length=MOST_FEW)] = []
    pac_url: Long = ABSENT


class WirelessProfilePart(Part):
    """The radio link: `quality` in per cent, `txRate` in Mbit/s."""

    ssid: Short = ABSENT
    bssid: Short = ABSENT
    channel: Annotated[int, Meta(ge=0, le=LARGEST)] = ABSENT
    phy_mode: Short = ABSENT
    rssi: Decibels = ABSENT
    noise: Decibels = ABSENT
    quality: Annotated[int, Meta(ge=0, le=LARGEST)] = ABSENT
    tx_rate: Annotated[float, Meta(ge=0, le=LARGEST)] = ABSENT
    vendor: Short = ABSENT


class NetworkProfilePart(Part):
    """The interface that leads to the site, and what serves it."""

    interface_name: Short = ABSENT
    hardware_type: Short = ABSENT
    type: Short = ABSENT
    ip_address: Short = ABSENT
    local_prefix: Short = ABSENT
    subnet_mask: Short = ABSENT
    gateway: Short = ABSENT
    dns_servers: Annotated[list[Short], Meta(max_length=MOST_FEW)] = ABSENT
    public_ip_address: Short = ABSENT
    public_ip_range: Short = ABSENT
    proxy_profile: ProxyProfilePart = ABSENT
    wireless_profile: WirelessProfilePart = ABSENT
    error: Error = ABSENT


class NetworkPart(Part):
    """All that was measured around a visit; a measurement that was not made is absent."""

    network_profile: NetworkProfilePart = ABSENT
    system_metrics: SystemMetricsPart = ABSENT
    gateway_ping: PingPart = ABSENT
    ping: PingPart = ABSENT
    traceroute: TraceroutePart = ABSENT
    connect: ConnectPart = ABSENT
    icmp_blocked: bool = ABSENT
    errors: Annotated[list[Long], Meta(max_length=MOST_FEW)] = []


class VisitBody(Part):
    """A visit as an agent delivers it: `pages` are newest first, `har` is a HAR 1.2 document."""

    agent_id: Name
    told_date: Moment = msgspec.field(name="date")
    visited_site: Annotated[str, Meta(min_length=1, max_length=SITE_LENGTH, pattern=SITE, description="a host")]
    protocol: Annotated[str, Meta(max_length=PROTOCOL_LENGTH, pattern=PROTOCOL, examples=["https"])]
    port: Annotated[int, Meta(ge=1, le=65_535)]
    browser: BrowserPart = ABSENT
    pages: Annotated[list[PagePart], Meta(max_length=MOST_PAGES)] = []
    network: NetworkPart = ABSENT
    trigger: Literal["auto", "user"] = ABSENT
    document: dict[str, Any] = msgspec.field(name="har", default=ABSENT)

    @property
    def date(self) -> Instant:
        """In core words."""
        return from_datetime(self.told_date)

    def visit(self) -> report.Visit:
        """In core words, without the HAR. Raises: Invalid, when a measurement is neither whole nor an error alone."""
        try:
            return msgspec.convert(self, report.Visit, from_attributes=True)
        except msgspec.ValidationError as error:
            broken = translated(error)
            raise Invalid(broken.field, "must be whole, or hold its error and nothing else") from error


class CoordinatesTold(Told):
    """Where the caller's address roughly is, in degrees, and the place's name."""

    latitude: float
    longitude: float
    location: str | UnsetType = UNSET


class VisitTold(Told, kw_only=True):
    """A visit. `roundId` is its minute in epoch seconds; `experienceScore` lies from 0 to 1.

    `browser`, `coordinates`, `pages` and `network` stand in a list only if asked for.
    """

    id: int
    user_session_id: str
    organisation: int
    agent_id: str
    round_id: int
    date: Time
    committed: Time
    source_addr: str | UnsetType = UNSET
    org_name: str | UnsetType = UNSET
    visited_site: str
    protocol: str
    port: int
    number_of_pages: int
    experience_score: float | UnsetType = UNSET
    has_har: bool
    trigger: Literal["auto", "user"] | UnsetType = UNSET
    browser: BrowserPart | UnsetType = UNSET
    coordinates: CoordinatesTold | UnsetType = UNSET
    pages: list[PagePart] | UnsetType = UNSET
    network: NetworkPart | UnsetType = UNSET


def visit_told(kept: VisitKept) -> VisitTold:
    """A visit in the dialect's words, whole where it is known whole."""
    told = VisitTold(
        id=kept.id,
        user_session_id=kept.user_session_id,
        organisation=kept.organisation,
        agent_id=kept.agent_id,
        round_id=round_of(kept.date),
        date=to_microseconds(kept.date),
        committed=to_microseconds(kept.committed),
        source_addr=_known(kept.source.address),
        org_name=_known(kept.source.org_name),
        visited_site=kept.visited_site,
        protocol=kept.protocol,
        port=kept.port,
        number_of_pages=kept.number_of_pages,
        experience_score=_known(kept.experience_score),
        has_har=kept.has_har,
    )
    if kept.visit is not None:
        told.trigger = _known(kept.visit.trigger)
        told.browser = _known(_told(kept.visit.browser))
        told.pages = _told(kept.visit.pages)
        told.network = _known(_told(kept.visit.network))
        told.coordinates = coordinates_told(kept.source.coordinates)
    return told


def coordinates_told(place: report.Coordinates | None) -> CoordinatesTold | UnsetType:
    """Where an address is, in the dialect's words."""
    return UNSET if place is None else CoordinatesTold(place.latitude, place.longitude, _known(place.location))


def _known(value: Any) -> Any:
    return UNSET if value is None else value


_PARTS: Mapping[type, type[Part]] = {
    report.Browser: BrowserPart,
    report.NetworkReport: NetworkPart,
    report.Page: PagePart,
    report.PageTimings: PageTimingsPart,
    measurement.Connect: ConnectPart,
    measurement.Hop: HopPart,
    measurement.NetworkProfile: NetworkProfilePart,
    measurement.Ping: PingPart,
    measurement.Proxy: ProxyPart,
    measurement.ProxyProfile: ProxyProfilePart,
    measurement.Statistics: StatisticsPart,
    measurement.SystemMetrics: SystemMetricsPart,
    measurement.Traceroute: TraceroutePart,
    measurement.WirelessProfile: WirelessProfilePart,
}


def _told(noun: Any) -> Any:
    """A noun of a report as the part of the same name; what it does not know stays absent."""
    if isinstance(noun, tuple):
        return tuple([_told(item) for item in noun])  # a list would be left out where it is empty
    part = _PARTS.get(type(noun))
    if part is None:
        return noun
    if isinstance(noun, report.Page):
        rest = {name: _told(getattr(noun, name)) for name in part.__struct_fields__ if name != "started"}
        return part(started=_moment(noun.started_date_time), **rest)
    return part(**{name: _told(getattr(noun, name)) for name in part.__struct_fields__})


def _moment(at: Instant) -> datetime:
    """A time as it is told: text, where what is heard is a datetime."""
    told: Any = to_microseconds(at)
    return told  # type: ignore[no-any-return]
