"""Visits: endpoint user sessions, their ids and rounds, what they are found by, and how well they went.

A visit is a session of the kind `visit`: its device is the agent, it starts at its `date`, and its pages are its
activities. Its number counts from `FIRST_VISIT` up.
"""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sojourn.core.access import Scope
from sojourn.core.errors import Invalid
from sojourn.core.model import FIRST_VISIT, NAME_LENGTH, SECOND, ActivityDraft, Instant
from sojourn.core.query import Order, Place
from sojourn.core.report import Coordinates, Page, Visit

ROUND = 60 * SECOND
"""A round is a minute (seed samples)."""

MOST_VISITS = 1_000
"""The longest page of visits (published)."""

MOST_VALUES = 100
"""How many values a filter takes (our decision)."""

_CODE = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CODE_LENGTH = 8
_ID = re.compile(r"(\d{5,18}):(\d{1,12}):([0-9A-Za-z]{8})")


class Facet(StrEnum):
    """What visits can be filtered by (published)."""

    LOCATION = "location"
    CONNECTION = "connection"
    TRIGGER = "trigger"
    PLATFORM = "platform"
    GATEWAY = "gateway"
    PROXY_TARGET = "proxyTarget"
    VPN_TARGET = "vpnTarget"
    AGENT_ID = "agentId"
    NETWORK_ID = "networkId"
    SSID = "ssid"
    BSSID = "bssid"
    DOMAIN = "domain"
    VISITED_SITE = "visitedSite"
    DESTINATION_IP = "destinationIp"


_CASELESS = (Facet.DOMAIN, Facet.VISITED_SITE)


def round_of(date: Instant) -> int:
    """The round of a date: its minute, in epoch seconds (seed samples)."""
    return date // ROUND * 60


def user_session_id(organisation: int, date: Instant, number: int) -> str:
    """`07625:1490529480:h3qJQTpl`: account group, round, and eight characters that stand for the number."""
    rest, code = number - FIRST_VISIT, ""
    for _ in range(_CODE_LENGTH):
        rest, digit = divmod(rest, len(_CODE))
        code = _CODE[digit] + code
    return f"{organisation:05d}:{round_of(date)}:{code}"


def parse_user_session_id(text: str) -> tuple[int, int, int] | None:
    """Account group, round and number of an id; None where it cannot be one."""
    found = _ID.fullmatch(text)
    if found is None:
        return None
    number = 0
    for character in found[3]:
        number = number * len(_CODE) + _CODE.index(character)
    return int(found[1]), int(found[2]), FIRST_VISIT + number


def facet_term(facet: Facet, value: str) -> str:
    """The term of the index that visits with this value stand under."""
    return f"v{facet.value}={value.casefold() if facet in _CASELESS else value}"


def facets(visit: Visit, *, domain: str | None, platform: str | None, location: str | None) -> dict[Facet, str]:
    """What a visit can be filtered by: one value each, as far as it is known.

    The network's id is its local prefix with the gateway (our decision). Nothing tells a VPN's target yet.
    """
    profile = visit.network.network_profile if visit.network else None
    wireless = profile.wireless_profile if profile else None
    proxies = profile.proxy_profile.proxies if profile and profile.proxy_profile else ()
    traceroute = visit.network.traceroute if visit.network else None
    network = f"{profile.local_prefix} {profile.gateway}" if profile and profile.local_prefix else None
    known = {
        Facet.LOCATION: location,
        Facet.CONNECTION: profile.hardware_type if profile else None,
        Facet.TRIGGER: visit.trigger,
        Facet.PLATFORM: platform,
        Facet.GATEWAY: profile.gateway if profile else None,
        Facet.PROXY_TARGET: next((p.proxy for p in proxies if p.proxy != "<direct>"), None),
        Facet.AGENT_ID: visit.agent_id,
        Facet.NETWORK_ID: network,
        Facet.SSID: wireless.ssid if wireless else None,
        Facet.BSSID: wireless.bssid if wireless else None,
        Facet.DOMAIN: domain,
        Facet.VISITED_SITE: visit.visited_site,
        Facet.DESTINATION_IP: traceroute.destination if traceroute else None,
    }
    return {facet: value[:NAME_LENGTH] for facet, value in known.items() if value}


def experience_score(pages: Iterable[Page]) -> float | None:
    """How well the pages went, from 0 to 1: the mean over the pages; None where nothing can be told.

    A page that loads within two seconds counts 1, one that takes ten or more 0, in between on a straight line. One page
    that failed (an answer of 400 or more) makes the whole visit 0 (published: 0 when a page failed to load; the rest
    is our decision).
    """
    scores = []
    for page in pages:
        if page.response_code is not None and page.response_code >= 400:
            return 0.0
        load = page.page_timings.on_load if page.page_timings else None
        if load is not None:
            scores.append(min(1.0, max(0.0, (10_000 - load) / 8_000)))
    return round(sum(scores) / len(scores), 4) if scores else None


def page_activities(visit: Visit) -> tuple[ActivityDraft, ...]:
    """The pages as activities of the session, oldest first."""
    return tuple([
        ActivityDraft(
            entity_type="PAGE",
            entity_id=(page.url or page.id)[:NAME_LENGTH],
            name=(page.title or page.id)[:NAME_LENGTH],
            at=max(page.started_date_time, visit.date),
        )
        for page in sorted(visit.pages, key=lambda page: page.started_date_time)
    ])  # fmt: skip


def end_of(visit: Visit) -> Instant:
    """When the last page had loaded; its start where that is not known; the date where there is no page."""
    ends = [visit.date]
    for page in visit.pages:
        load = page.page_timings.on_load if page.page_timings else None
        ends.append(page.started_date_time + (load or 0) * 1000)
    return max(ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the server knows of where a visit came from."""

    address: str | None = None
    org_name: str | None = None
    coordinates: Coordinates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitKept:
    """A visit as lists tell it; `visit` holds everything, where it was asked for (but never the HAR)."""

    organisation: int
    id: int
    agent_id: str
    date: Instant
    committed: Instant
    source: Source
    visited_site: str
    protocol: str
    port: int
    number_of_pages: int
    experience_score: float | None
    has_har: bool
    visit: Visit | None = None

    @property
    def user_session_id(self) -> str:
        """How the outside calls it."""
        return user_session_id(self.organisation, self.date, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitQuery:
    """Visits by date from the closed range `first` to `last`, after a place.

    Every filter must hold, each with one of its values; `whole` asks for everything that was delivered.
    """

    scope: Scope
    first: Instant | None = None
    last: Instant | None = None
    filters: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    order: Order = Order.OLDEST
    after: Place | None = None
    limit: int = MOST_VISITS
    whole: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST_VISITS:
            raise Invalid("limit", f"must be a number from 1 to {MOST_VISITS}")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise Invalid("last", "must not be before the start of the range")
        for facet, values in self.filters.items():
            if not 1 <= len(values) <= MOST_VALUES:
                raise Invalid(facet.value, f"must have 1 to {MOST_VALUES} values")
            if any("\0" in value for value in values):
                raise Invalid(facet.value, "must not contain the character U+0000")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPage:
    """Some visits, and where the next page begins, if there is more."""

    visits: tuple[VisitKept, ...]
    next: Place | None
