"""Write visits: a session each, its pages as activities, and what was measured as one document."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from sojourn.core.intent import Deliver, Delivered, Verdict
from sojourn.core.model import ActivityDraft, DeviceDraft, Instant, Kind
from sojourn.core.span import span_class
from sojourn.core.terms import activity_terms
from sojourn.core.visit import Facet, end_of, experience_score, facet_term, page_activities, user_session_id
from sojourn.storage import numbers
from sojourn.storage.agents import see_agents
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.people import find_devices
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SESSIONS = load("sessions")
_VISITS = load("visits")

_KIND = Kind.VISIT.value
_ENCODE = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    """An intent with its number and its agent's, its pages as activities, and the terms of its facets, in order."""

    intent: Deliver
    organisation: int
    id: int
    device: int
    activities: Sequence[ActivityDraft]
    terms: Sequence[str]
    now: Instant


def deliver_visits(transaction: Transaction, tally: Tally, intents: Sequence[Deliver], now: Instant) -> list[Verdict]:
    """Write them; a verdict for each, in order."""
    agents = [(i.scope.organisation, DeviceDraft(guid=i.visit.agent_id)) for i in intents]
    devices = find_devices(transaction, agents)
    places = [(agent[0], devices[agent][0]) for agent in agents]
    seen = [(place, i.visit.agent_id, i.source) for place, i in zip(places, intents, strict=True)]
    platforms = see_agents(transaction, seen, now)
    fresh = {
        organisation: iter(numbers.take(transaction, organisation, "visit", count))
        for organisation, count in sorted(Counter(organisation for organisation, _ in agents).items())
    }
    deliveries = [
        _delivery(intent, next(fresh[place[0]]), place[1], platforms[place], now)
        for intent, place in zip(intents, places, strict=True)
    ]
    _insert(transaction, tally, deliveries)
    return [
        Delivered(session_id=d.id, user_session_id=user_session_id(d.organisation, d.intent.visit.date, d.id))
        for d in deliveries
    ]


def _delivery(intent: Deliver, number: int, device: int, platform: str | None, now: Instant) -> _Delivery:
    terms = {facet_term(facet, value) for facet, value in intent.facets.items()}
    if platform and Facet.PLATFORM not in intent.facets:
        terms.add(facet_term(Facet.PLATFORM, platform))
    return _Delivery(
        intent=intent,
        organisation=intent.scope.organisation,
        id=number,
        device=device,
        activities=page_activities(intent.visit),
        terms=sorted(terms),
        now=now,
    )


def _insert(transaction: Transaction, tally: Tally, deliveries: Sequence[_Delivery]) -> None:
    transaction.each(_SESSIONS["add_sessions"], [_session_row(d) for d in deliveries])
    transaction.each(_VISITS["add_visits"], [_visit_row(d) for d in deliveries])
    transaction.each(_VISITS["add_reports"], [_report_row(d) for d in deliveries])
    hars = [(d.organisation, d.id, d.intent.visit.har) for d in deliveries if d.intent.visit.har is not None]
    transaction.each(_VISITS["add_hars"], hars)
    transaction.each(_SESSIONS["add_activities"], [row for d in deliveries for row in _activity_rows(d)])
    terms = sorted([row for d in deliveries for row in _term_rows(d)])
    tally.add_terms(transaction.each(_SESSIONS["add_terms"], terms))
    for d in deliveries:
        tally.add(d.organisation, Kind.VISIT, d.intent.visit.date, person=0, device=d.device, module=None)


def _session_row(d: _Delivery) -> Row:
    visit, end, activities = d.intent.visit, end_of(d.intent.visit), d.activities
    return (
        d.organisation,
        d.id,
        _KIND,
        0,
        d.device,
        None,
        visit.date,
        end,
        "ended",
        d.now,
        activities[0].at if activities else None,
        activities[-1].at if activities else None,
        end,
        len(activities),
        0,
        span_class(visit.date, end),
    )


def _visit_row(d: _Delivery) -> Row:
    visit, source = d.intent.visit, d.intent.source
    return (
        d.organisation,
        d.id,
        d.now,
        source.address,
        source.org_name,
        visit.visited_site,
        visit.protocol,
        visit.port,
        len(visit.pages),
        experience_score(visit.pages),
        0 if visit.har is None else 1,
        _ENCODE(d.terms).decode(),
    )


def _report_row(d: _Delivery) -> Row:
    visit, coordinates = d.intent.visit, d.intent.source.coordinates
    return (
        d.organisation,
        d.id,
        None if coordinates is None else _ENCODE(coordinates).decode(),
        _ENCODE(visit if visit.har is None else replace(visit, har=None)).decode(),
    )


def _activity_rows(d: _Delivery) -> list[Row]:
    return [
        (d.organisation, d.id, a.at, seq, a.entity_type, a.entity_id, a.name, a.note)
        for seq, a in enumerate(d.activities, 1)
    ]


def _term_rows(d: _Delivery) -> list[Row]:
    date = d.intent.visit.date
    return [(d.organisation, term, date, d.id) for term in activity_terms(d.activities).union(d.terms)]
