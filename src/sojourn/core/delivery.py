"""What a delivered visit may hold: bounds on everything, and what cannot be true.

The published pages name no bounds; those here are our decision, wide enough for whatever can be measured. What a
measurement that failed may hold is a rule of `core.measurement`, which its nouns keep themselves.
"""

import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, TypeAlias

from sojourn.core.errors import Invalid
from sojourn.core.measurement import (
    Connect,
    Hop,
    NetworkProfile,
    Ping,
    Proxy,
    ProxyProfile,
    Statistics,
    SystemMetrics,
    Traceroute,
    WirelessProfile,
)
from sojourn.core.model import MINUTE, NAME_LENGTH, NOTE_LENGTH, Instant, instant_of, name_of
from sojourn.core.report import Browser, NetworkReport, Page, PageTimings, Visit

AHEAD = 5 * MINUTE
"""How far another's clock may be ahead of ours, in microseconds."""

MOST_PAGES = 1_000
MOST_HOPS = 255
"""A packet lives for no more hops."""
MOST_LABELS = 16
MOST_SAMPLES = 1_000
MOST_FEW = 32
"""DNS servers, proxies and errors."""

SITE_LENGTH = 253
"""The longest host name of the DNS."""
PROTOCOL_LENGTH = 32

DAY_MS = 86_400_000
"""The longest time that a page can take, in milliseconds."""
LARGEST = 2**53
"""What every JSON reader can tell exactly."""
LARGEST_ASN = 2**32 - 1

SITE = r"^[^\s\x00-\x20/\\?#@\x7f]+$"
PROTOCOL = r"^[a-z][a-z0-9+.-]*$"
_SITE = re.compile(SITE)
_PROTOCOL = re.compile(PROTOCOL)

_LONG = frozenset({"title", "url", "error", "errors", "bypass", "proxy", "pac_url"})
_ADDRESSES = frozenset({(Hop, "ip_address"), (Traceroute, "destination"), (NetworkProfile, "public_ip_address")})
_COUNTS: Mapping[str, int] = {
    "pages": MOST_PAGES,
    "hops": MOST_HOPS,
    "mpls": MOST_LABELS,
    "samples": MOST_SAMPLES,
    "dns_servers": MOST_FEW,
    "proxies": MOST_FEW,
    "errors": MOST_FEW,
}
_RANGES: Mapping[tuple[type, str], tuple[int, int]] = {
    (Hop, "hop"): (1, MOST_HOPS),
    (Hop, "asn"): (0, LARGEST_ASN),
    (Page, "response_code"): (100, 999),
    (Page, "response_time"): (0, DAY_MS),
    (PageTimings, "on_content_load"): (0, DAY_MS),
    (PageTimings, "on_load"): (0, DAY_MS),
    (Statistics, "count"): (1, LARGEST),
    (WirelessProfile, "rssi"): (-1_000, 1_000),
    (WirelessProfile, "noise"): (-1_000, 1_000),
}

Look: TypeAlias = Callable[[Any], None]
"""Raises: Invalid, with the path from where it looks."""


def checked_visit(visit: Visit, now: Instant) -> Visit:
    """The same with the agent's id and the site trimmed. Raises: Invalid, naming the field in core words."""
    instant_of("date", visit.date)
    _past("date", visit.date, now)
    agent_id, site = name_of("agent_id", visit.agent_id), visit.visited_site.strip()
    if len(site) > SITE_LENGTH or not _SITE.match(site):
        raise Invalid("visited_site", "must be a host: its name or its address, and nothing else")
    if len(visit.protocol) > PROTOCOL_LENGTH or not _PROTOCOL.match(visit.protocol):
        raise Invalid("protocol", "must be a protocol such as https")
    if not 1 <= visit.port <= 65_535:
        raise Invalid("port", "must be a number from 1 to 65535")
    if visit.trigger not in (None, "auto", "user"):
        raise Invalid("trigger", "must be one of auto, user")
    _look(visit)
    _check_pages(visit, now)
    if visit.network is not None and visit.network.system_metrics is not None:
        _check_metrics(visit.network.system_metrics, now)
    if agent_id is visit.agent_id and site == visit.visited_site:
        return visit
    return replace(visit, agent_id=agent_id, visited_site=site)


def _past(field: str, at: Instant, now: Instant) -> None:
    if at > now + AHEAD:
        raise Invalid(field, "must not be in the future")


def _check_pages(visit: Visit, now: Instant) -> None:
    known: dict[str, int] = {}
    for i, page in enumerate(visit.pages):
        if not page.id.strip():
            raise Invalid(f"pages[{i}].id", "must not be empty")
        if page.id in known:
            raise Invalid(f"pages[{i}].id", f"must not be that of pages[{known[page.id]}]")
        known[page.id] = i
        instant_of(f"pages[{i}].started_date_time", page.started_date_time)
        _past(f"pages[{i}].started_date_time", page.started_date_time, now)
        load = page.page_timings.on_load if page.page_timings else None
        if load is not None:
            _past(f"pages[{i}].page_timings.on_load", page.started_date_time + load * 1_000, now)


def _check_metrics(metrics: SystemMetrics, now: Instant) -> None:
    for name in ("start_time_ms", "end_time_ms"):
        at = getattr(metrics, name)
        if at is not None:
            instant_of(f"network.system_metrics.{name}", at * 1_000)
            _past(f"network.system_metrics.{name}", at * 1_000, now)
    if metrics.error is None and metrics.end_time_ms < metrics.start_time_ms:  # type: ignore[operator]
        raise Invalid("network.system_metrics.end_time_ms", "must not be before startTimeMs")
    if metrics.cpu_utilization is not None:
        for name in ("min", "max", "mean", "median"):
            if not 0 <= getattr(metrics.cpu_utilization, name) <= 1:
                raise Invalid(f"network.system_metrics.cpu_utilization.{name}", "must be a number from 0 to 1")


def _look(noun: Any) -> None:
    """Everything inside a noun is within its bounds. Raises: Invalid, with the path from here."""
    for name, look in _LOOKS[type(noun)]:
        value = getattr(noun, name)
        if value is not None:
            try:
                look(value)
            except Invalid as error:
                raise Invalid(f"{name}{error.field}", error.reason) from None


def _inside(noun: Any) -> None:
    try:
        _look(noun)
    except Invalid as error:
        raise Invalid(f".{error.field}", error.reason) from None


def _text(most: int) -> Look:
    def look(value: str) -> None:
        if len(value) > most:
            raise Invalid("", f"must not be longer than {most} characters")
        if "\0" in value:
            raise Invalid("", "must not contain the character U+0000")

    return look


@lru_cache(maxsize=10_000)  # routers come again and again
def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return len(value) <= NAME_LENGTH


def _address(value: str) -> None:
    if not _is_address(value):
        raise Invalid("", "must be an IP address")


def _number(least: int, most: int) -> Look:
    def look(value: float) -> None:
        if not least <= value <= most or not math.isfinite(value):
            raise Invalid("", f"must be a number from {least} to {most}")

    return look


def _each(most: int, look: Look) -> Look:
    def look_at_all(values: tuple[Any, ...]) -> None:
        if len(values) > most:
            raise Invalid("", f"must not hold more than {most} items")
        for i, value in enumerate(values):
            try:
                look(value)
            except Invalid as error:
                raise Invalid(f"[{i}]{error.field}", error.reason) from None

    return look_at_all


_ELSEWHERE: Mapping[type, frozenset[str]] = {
    Visit: frozenset({"agent_id", "date", "visited_site", "protocol", "port", "trigger", "har"}),
    Page: frozenset({"started_date_time"}),
}
"""What is looked at by name above, or, as the HAR, where it is read."""


def _looks(kind: type) -> list[tuple[str, Look]]:
    skipped = _ELSEWHERE.get(kind, frozenset())
    return [(f.name, _look_at(kind, f.name, str(f.type))) for f in fields(kind) if f.name not in skipped]


def _look_at(kind: type, name: str, annotation: str) -> Look:
    """The look at one field, by its annotation: `int | None`, `tuple[Hop, ...]`."""
    bare = annotation.removesuffix(" | None")
    if bare.startswith("tuple["):
        return _each(_COUNTS[name], _look_at(kind, name, bare[len("tuple[") : -len(", ...]")]))
    if (kind, name) in _ADDRESSES:
        return _address
    if bare == "str":
        return _text(NOTE_LENGTH if name in _LONG else NAME_LENGTH)
    if bare in ("int", "float"):
        return _number(*_RANGES.get((kind, name), (0, LARGEST)))
    return _nothing if bare == "bool" else _inside


def _nothing(_value: bool) -> None:
    """Either is right."""


_NOUNS = (
    Browser,
    Connect,
    Hop,
    NetworkProfile,
    NetworkReport,
    Page,
    PageTimings,
    Ping,
    Proxy,
    ProxyProfile,
    Statistics,
    SystemMetrics,
    Traceroute,
    Visit,
    WirelessProfile,
)
_LOOKS: Mapping[type, list[tuple[str, Look]]] = {noun: _looks(noun) for noun in _NOUNS}
