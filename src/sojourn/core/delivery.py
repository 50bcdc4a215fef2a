"""What a delivered visit may be: what is mandatory, what stands by itself, and what cannot be true.

How much each field may hold is `core.bounds`'s to say; what a measurement that failed may hold is a rule of
`core.measurement`, which its nouns keep themselves.
"""

import re
from dataclasses import replace

from sojourn.core.bounds import within_bounds
from sojourn.core.errors import Invalid
from sojourn.core.measurement import SystemMetrics
from sojourn.core.model import MINUTE, Instant, instant_of, name_of
from sojourn.core.report import Visit

AHEAD = 5 * MINUTE
"""How far another's clock may be ahead of ours, in microseconds."""

SITE_LENGTH = 253
"""The longest host name of the DNS."""
PROTOCOL_LENGTH = 32

SITE = r"^[^\s\x00-\x20/\\?#@\x7f]+$"
PROTOCOL = r"^[a-z][a-z0-9+.-]*$"
_SITE = re.compile(SITE)
_PROTOCOL = re.compile(PROTOCOL)


def checked_visit(visit: Visit, now: Instant) -> Visit:
    """The same with the agent's id and the site trimmed. Raises: Invalid, naming the field in core words."""
    instant_of("date", visit.date)
    _past("date", visit.date, now)
    agent_id, site = name_of("agent_id", visit.agent_id), visit.visited_site.strip()
    if len(site) > SITE_LENGTH or not _SITE.fullmatch(site):
        raise Invalid("visited_site", "must be a host: its name or its address, and nothing else")
    if len(visit.protocol) > PROTOCOL_LENGTH or not _PROTOCOL.fullmatch(visit.protocol):
        raise Invalid("protocol", "must be a protocol such as https")
    if not 1 <= visit.port <= 65_535:
        raise Invalid("port", "must be a number from 1 to 65535")
    if visit.trigger not in (None, "auto", "user"):
        raise Invalid("trigger", "must be one of auto, user")
    within_bounds(visit)
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
