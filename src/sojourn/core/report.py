"""A visit: the pages that a person saw on one site, and how well network and machine served it.

The names and the three rules are those of `core.measurement`, whose measurements a report gathers.
"""

from __future__ import annotations

from dataclasses import dataclass

from sojourn.core.measurement import (
    Connect,
    Instant,
    NetworkProfile,
    Ping,
    SystemMetrics,
    Traceroute,
    icmp_blocked,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """The program that the person used; `version` as it says it itself."""

    name: str
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTimings:
    """Milliseconds from a load's start to the DOM (`on_content_load`) and the page (`on_load`)."""

    on_content_load: int | None = None
    on_load: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a visit, within which `id` is unique; `response_time` is in milliseconds."""

    id: str
    title: str
    started_date_time: Instant
    url: str | None = None
    response_code: int | None = None
    response_time: int | None = None
    page_timings: PageTimings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """Where an address roughly is, in degrees, and the place's name."""

    latitude: float
    longitude: float
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkReport:
    """All that was measured around one visit.

    `errors` are as in `ping: Request timed out before getting response`.
    """

    network_profile: NetworkProfile | None = None
    system_metrics: SystemMetrics | None = None
    gateway_ping: Ping | None = None
    ping: Ping | None = None
    traceroute: Traceroute | None = None
    connect: Connect | None = None
    icmp_blocked: bool | None = None
    errors: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        network_profile: NetworkProfile | None = None,
        system_metrics: SystemMetrics | None = None,
        gateway_ping: Ping | None = None,
        ping: Ping | None = None,
        traceroute: Traceroute | None = None,
        connect: Connect | None = None,
    ) -> NetworkReport:
        """Gather measurements, tell whether ICMP is blocked, and list by wire name what failed."""
        named = {
            "networkProfile": network_profile,
            "systemMetrics": system_metrics,
            "gatewayPing": gateway_ping,
            "ping": ping,
            "traceroute": traceroute,
            "connect": connect,
        }
        return cls(
            network_profile=network_profile,
            system_metrics=system_metrics,
            gateway_ping=gateway_ping,
            ping=ping,
            traceroute=traceroute,
            connect=connect,
            icmp_blocked=icmp_blocked(ping, connect),
            errors=tuple(f"{name}: {value.error}" for name, value in named.items() if value and value.error),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One person's stay on one site: what an agent delivers.

    `pages` are newest first, as published. `trigger` is `user` or `auto`; `har` is a HAR 1.2
    document as JSON text.
    """

    agent_id: str
    date: Instant
    visited_site: str
    protocol: str
    port: int
    browser: Browser | None = None
    pages: tuple[Page, ...] = ()
    network: NetworkReport | None = None
    trigger: str | None = None
    har: str | None = None
