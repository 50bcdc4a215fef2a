"""Write visits: a session each, its pages as activities, and what was measured as one document."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from sojourn.core.intent import Deliver, Delivered, Verdict
from sojourn.core.model import DeviceDraft, Instant, Kind
from sojourn.core.span import span_class
from sojourn.core.terms import activity_terms
from sojourn.core.visit import Facet, end_of, experience_score, facet_term, page_activities, user_session_id
from sojourn.storage import numbers
from sojourn.storage.agents import see_agents
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.people import find_devices
from sojourn.storage.sql import load

_SESSIONS = load("sessions")
_VISITS = load("visits")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    """An intent with its number, its agent's, and what the agent's platform is, if that is known."""

    intent: Deliver
    id: int
    device: int
    platform: str | None
    now: Instant

    @property
    def key(self) -> tuple[int, int]:
        return (self.intent.scope.organisation, self.id)


def deliver_visits(transaction: Transaction, intents: Sequence[Deliver], now: Instant) -> list[Verdict]:
    """Write them; a verdict for each, in order."""
    agents = [(i.scope.organisation, DeviceDraft(guid=i.visit.agent_id)) for i in intents]
    devices = find_devices(transaction, agents)
    fresh = {
        organisation: iter(numbers.take(transaction, organisation, "visit", count))
        for organisation, count in sorted(Counter(organisation for organisation, _ in agents).items())
    }
    places = [(agent[0], devices[agent][0]) for agent in agents]
    seen = [(place, i.visit.agent_id, i.source) for place, i in zip(places, intents, strict=True)]
    platforms = see_agents(transaction, seen, now)
    deliveries = [
        _Delivery(intent=intent, id=next(fresh[place[0]]), device=place[1], platform=platforms[place], now=now)
        for intent, place in zip(intents, places, strict=True)
    ]
    _insert(transaction, deliveries)
    return [
        Delivered(session_id=d.id, user_session_id=user_session_id(d.key[0], d.intent.visit.date, d.id))
        for d in deliveries
    ]


def _insert(transaction: Transaction, deliveries: Sequence[_Delivery]) -> None:
    transaction.each(_SESSIONS["add_sessions"], [_session_row(d) for d in deliveries])
    transaction.each(_VISITS["add_visits"], [_visit_row(d) for d in deliveries])
    transaction.each(_VISITS["add_reports"], [_report_row(d) for d in deliveries])
    hars = [(*d.key, d.intent.visit.har) for d in deliveries if d.intent.visit.har is not None]
    transaction.each(_VISITS["add_hars"], hars)
    transaction.each(_SESSIONS["add_activities"], [row for d in deliveries for row in _activity_rows(d)])
    transaction.each(_SESSIONS["add_terms"], sorted(row for d in deliveries for row in _term_rows(d)))


def _session_row(d: _Delivery) -> Row:
    visit, end = d.intent.visit, end_of(d.intent.visit)
    times = [activity.at or visit.date for activity in page_activities(visit)]
    return (
        *d.key,
        Kind.VISIT.value,
        0,
        d.device,
        None,
        visit.date,
        end,
        "ended",
        d.now,
        min(times, default=None),
        max(times, default=None),
        end,
        len(times),
        0,
        span_class(visit.date, end),
    )


def _visit_row(d: _Delivery) -> Row:
    visit, source = d.intent.visit, d.intent.source
    return (
        *d.key,
        d.now,
        source.address,
        source.org_name,
        visit.visited_site,
        visit.protocol,
        visit.port,
        len(visit.pages),
        experience_score(visit.pages),
        0 if visit.har is None else 1,
        msgspec.json.encode(sorted(_facet_terms(d))).decode(),
    )


def _report_row(d: _Delivery) -> Row:
    coordinates = d.intent.source.coordinates
    return (
        *d.key,
        None if coordinates is None else msgspec.json.encode(coordinates).decode(),
        msgspec.json.encode(replace(d.intent.visit, har=None)).decode(),
    )


def _activity_rows(d: _Delivery) -> list[Row]:
    return [
        (*d.key, a.at, seq, a.entity_type, a.entity_id, a.name, a.note)
        for seq, a in enumerate(page_activities(d.intent.visit), 1)
    ]


def _facet_terms(d: _Delivery) -> set[str]:
    terms = {facet_term(facet, value) for facet, value in d.intent.facets.items()}
    if d.platform and Facet.PLATFORM not in d.intent.facets:
        terms.add(facet_term(Facet.PLATFORM, d.platform))
    return terms


def _term_rows(d: _Delivery) -> list[Row]:
    organisation, number = d.key
    terms = _facet_terms(d) | activity_terms(page_activities(d.intent.visit))
    return [(organisation, term, d.intent.visit.date, number) for term in terms]
