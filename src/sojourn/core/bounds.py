"""How much each field of what was measured may hold.

The published pages name no bounds; those here are our decision, wide enough for whatever can be measured. They are read
off the nouns' own fields, so that a field that is added is bounded too.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import fields
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
from sojourn.core.model import NAME_LENGTH, NOTE_LENGTH
from sojourn.core.report import Browser, NetworkReport, Page, PageTimings, Visit

MOST_PAGES = 1_000
MOST_HOPS = 255
"""A packet lives for no more hops."""
MOST_LABELS = 16
MOST_SAMPLES = 1_000
MOST_FEW = 32
"""DNS servers, proxies and errors."""

DAY_MS = 86_400_000
"""The longest time that a page can take, in milliseconds."""
LARGEST = 2**53
"""What every JSON reader can tell exactly."""
LARGEST_ASN = 2**32 - 1

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
_ELSEWHERE: Mapping[type, frozenset[str]] = {
    Visit: frozenset({"agent_id", "date", "visited_site", "protocol", "port", "trigger", "har"}),
    Page: frozenset({"started_date_time"}),
}
"""What `core.delivery` looks at by name, or, as the HAR, whoever reads it."""


Look: TypeAlias = Callable[[Any], None]
"""Raises: Invalid, with the path from where it looks: empty, or beginning with a bracket or a dot."""


def within_bounds(noun: Any) -> None:
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
        within_bounds(noun)
    except Invalid as error:
        raise Invalid(f".{error.field}", error.reason) from None


def _text(most: int) -> Look:
    def look(value: str) -> None:
        if len(value) > most:
            raise Invalid("", f"must not be longer than {most} characters")
        if "\0" in value:
            raise Invalid("", "must not contain the character U+0000")

    return look


def _number(least: int, most: int) -> Look:
    def look(value: float) -> None:
        if not least <= value <= most:  # nor is it NaN
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


def _looks(kind: type) -> list[tuple[str, Look]]:
    skipped = _ELSEWHERE.get(kind, frozenset())
    told = [(f.name, str(f.type).removesuffix(" | None")) for f in fields(kind) if f.name not in skipped]
    return [(name, _look_at(kind, name, sort)) for name, sort in told if sort != "bool"]


def _look_at(kind: type, name: str, sort: str) -> Look:
    """The look at one field, by its annotation: `int`, `Ping`, `tuple[Hop, ...]`."""
    if sort.startswith("tuple["):
        return _each(_COUNTS[name], _look_at(kind, name, sort[len("tuple[") : -len(", ...]")]))
    if (kind, name) in _ADDRESSES:
        return _address
    if sort == "str":
        return _text(NOTE_LENGTH if name in _LONG else NAME_LENGTH)
    if sort in ("int", "float"):
        return _number(*_RANGES.get((kind, name), (0, LARGEST)))
    return _inside


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
_LOOKS = {noun: _looks(noun) for noun in _NOUNS}
