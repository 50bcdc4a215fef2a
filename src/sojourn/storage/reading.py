"""Read sessions back: pages of them with exact totals, one of them, and what was done in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sojourn.core.access import Scope
from sojourn.core.errors import Unknown
from sojourn.core.model import EARLIEST, LATEST, Activity, Closing, Device, Instant, Kind, Person, Remark, Session
from sojourn.core.query import ActivityPage, Order, Place, SessionFilter, SessionPage, SessionQuery
from sojourn.core.terms import entity_id_term, entity_term, entity_type_term, name_term, word_terms
from sojourn.storage import search
from sojourn.storage.busy import Noted
from sojourn.storage.days import by_day
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.search import Search
from sojourn.storage.sql import load
from sojourn.storage.tally import Facet
from sojourn.storage.totals import Counts, count, facet_of, starts_of

_SQL = load("sessions")
_PEOPLE = load("people")
_READING = load("reading")
_TALLY = load("tally")

# Where a session's activities begin, and what reads them from there.
_ENDS = {
    Order.OLDEST: (Place(EARLIEST - 1, 0), "activities_of"),
    Order.NEWEST: (Place(LATEST + 1, 0), "activities_back"),
}

RARE = 1_000
"""A term that stands in fewer sessions is as good a lead as any."""


def read_page(transaction: Transaction, query: SessionQuery, noted: Noted) -> SessionPage:
    """A page of sessions, all of it from one moment; `noted` hears of terms that are worth being counted."""
    found = resolve(transaction, query.scope, query.filter)
    if found is None:
        return SessionPage(sessions=(), next=None, total=0 if query.total else None)
    total, after, offset = None, query.after, query.offset
    facet = facet_of(found) if query.total or query.offset > 0 else None
    if facet is not None:
        total, after, offset = tallied(transaction, query, facet, noted)
    elif query.total:
        total = count(transaction, found, noted)
    told = total if query.total else None
    if total is not None and query.offset >= total:
        return SessionPage(sessions=(), next=None, total=told)
    text, parameters = search.page(found, query.order, after, query.limit + 1, offset)
    rows = transaction.run(text, parameters)
    sessions = told_sessions(transaction, rows[: query.limit], query.listed if query.activities else 0)
    last = sessions[-1] if len(rows) > query.limit else None
    place = Place(last.started_at, last.id) if last else None
    return SessionPage(sessions=sessions, next=place, total=told)


def resolve(transaction: Transaction, scope: Scope, wanted: SessionFilter) -> Search | None:
    """The filter with everything found that it speaks of; None where something is unknown, so that nothing fits."""
    person, device = wanted.person, None
    if wanted.login is not None:
        rows = transaction.each(_PEOPLE["people_by_login"], [(scope.organisation, wanted.login)])
        if not rows or person not in (None, rows[0][2]):
            return None
        person = rows[0][2]
    if scope.person:
        if person not in (None, scope.person):
            return None
        person = scope.person
    if wanted.device is not None:
        rows = transaction.each(_PEOPLE["devices_by_guid"], [(scope.organisation, wanted.device)])
        if not rows:
            return None
        device = rows[0][2]
    terms = _rarest_first(transaction, scope, wanted.kind, _terms(wanted))
    found = Search(scope=scope, filter=wanted, person=person, device=device, terms=terms)
    spans = _spans(transaction, found) if found.by_windows else ()
    return replace(found, spans=spans, few_run=_few_run(transaction, found))


def _terms(wanted: SessionFilter) -> set[str]:
    terms = set(word_terms(wanted.text))
    terms |= _entity_terms(wanted.entity_type, wanted.entity_id)
    if wanted.name is not None:
        terms.add(name_term(wanted.name))
    return terms


def _entity_terms(entity_type: str | None, entity_id: str | None) -> set[str]:
    if entity_type is not None and entity_id is not None:
        return {entity_term(entity_type, entity_id)}
    if entity_id is not None:
        return {entity_id_term(entity_id)}
    return set() if entity_type is None else {entity_type_term(entity_type)}


def _rarest_first(transaction: Transaction, scope: Scope, kind: Kind, terms: Iterable[str]) -> tuple[str, ...]:
    ordered = sorted(terms)
    if len(ordered) < 2:
        return tuple(ordered)
    counts = {term: rarity(transaction, scope, term) for term in ordered}
    # Of what is not rare, the counts of busy terms tell which is rarer.
    common = [(scope.organisation, kind.value, term) for term, count in counts.items() if count == RARE]
    known = transaction.each(_TALLY["tallied_terms"], common) if len(common) > 1 else []
    counts |= {term: max(RARE, int(sessions)) for term, sessions in known}
    return tuple(sorted(ordered, key=counts.__getitem__))


def rarity(transaction: Transaction, scope: Scope, term: str) -> int:
    """How many sessions a term stands in, as far as it matters."""
    values = {"organisation": scope.organisation, "term": term, "limit": RARE}
    ((count,),) = transaction.run(_READING["count_term"], values)
    return int(count)


def _spans(transaction: Transaction, found: Search) -> Sequence[int]:
    values = {"organisation": found.scope.organisation, "kind": found.filter.kind.value}
    ((least, most),) = transaction.run(_READING["spans"], values)
    return () if least is None else range(least, most + 1)


def _few_run(transaction: Transaction, found: Search) -> bool:
    """Whether what runs is a good lead, where it is asked for what runs at all."""
    if not found.names_something or (found.filter.status is None and not found.by_windows):
        return True
    values = {"organisation": found.scope.organisation, "kind": found.filter.kind.value, "limit": RARE}
    ((count,),) = transaction.run(_READING["count_running"], values)
    return int(count) < RARE


def tallied(
    transaction: Transaction, query: SessionQuery, facet: Facet, noted: Noted | None = None
) -> tuple[int, Place | None, int]:
    """The exact total; and where to begin, and how many to pass over from there, so that a deep page costs no more."""
    counts = Counts(transaction, facet, *starts_of(query.filter), noted)
    if query.after is None and 0 < query.offset < counts.total:
        return counts.total, *counts.locate(query.offset, query.order)
    return counts.total, query.after, query.offset


def read_days(transaction: Transaction, scope: Scope, wanted: SessionFilter, zone: ZoneInfo) -> list[tuple[date, int]]:
    """How many sessions began on each day of a zone's calendar, oldest first."""
    found = resolve(transaction, scope, wanted)
    return [] if found is None else by_day(transaction, found, zone)


def read_session(transaction: Transaction, scope: Scope, number: int, activities: bool) -> Session:
    """One session. Raises: Unknown."""
    values = {"organisation": scope.organisation, "id": number, "person": scope.person}
    rows = transaction.run(_READING["session"], values)
    if not rows:
        raise Unknown("session", number)
    (session,) = told_sessions(transaction, rows)
    if activities:
        session = replace(session, activities=_activities_of(transaction, scope, number, None, session.activity_count))
    return session


def read_activities(
    transaction: Transaction, scope: Scope, number: int, after: Place | None, limit: int, order: Order = Order.OLDEST
) -> ActivityPage:
    """A page of what was done. Raises: Unknown."""
    read_session(transaction, scope, number, activities=False)
    found = _activities_of(transaction, scope, number, after, limit + 1, order)
    page = found[:limit]
    return ActivityPage(activities=page, next=Place(page[-1].at, page[-1].seq) if len(found) > limit else None)


def _activities_of(
    transaction: Transaction,
    scope: Scope,
    number: int,
    after: Place | None,
    limit: int,
    order: Order = Order.OLDEST,
) -> tuple[Activity, ...]:
    first, statement = _ENDS[order]
    place = after or first
    values = {"organisation": scope.organisation, "session": number, "at": place.at, "seq": place.id, "limit": limit}
    return tuple([activity_of(row) for row in transaction.run(_SQL[statement], values)])


def told_sessions(transaction: Transaction, rows: Sequence[Row], listed: int = 0) -> tuple[Session, ...]:
    """The sessions of some rows, each with its remarks and the first `listed` of its activities."""
    remarks = _remarks(transaction, [(row[0], row[1]) for row in rows if row[16]])
    done = _listed_activities(transaction, rows, listed) if listed else {}
    return tuple([_session(row, remarks, done) for row in rows])


def _remarks(transaction: Transaction, keys: Sequence[Row]) -> dict[tuple[int, int], tuple[Remark, ...]]:
    found: dict[tuple[int, int], list[tuple[Instant, int, Remark]]] = {}
    for organisation, session, seq, reason, comment, at in transaction.each(_SQL["remarks_of_many"], keys):
        remark = Remark(reason=reason, comment=comment, at=at)
        found.setdefault((organisation, session), []).append((at, seq, remark))
    return {key: tuple([remark for *_, remark in sorted(told)]) for key, told in found.items()}


def _listed_activities(
    transaction: Transaction, rows: Sequence[Row], listed: int
) -> dict[tuple[int, int], tuple[Activity, ...]]:
    found: dict[tuple[int, int], list[Activity]] = {}
    usual = [(row[0], row[1]) for row in rows if 0 < row[15] <= listed]
    for organisation, session, *row in transaction.each(_SQL["activities_of_many"], usual):
        found.setdefault((organisation, session), []).append(activity_of(row))
    told = {key: tuple(sorted(activities, key=_moment)) for key, activities in found.items()}
    for organisation, session in [(row[0], row[1]) for row in rows if row[15] > listed]:
        told[organisation, session] = _activities_of(transaction, Scope(organisation), session, None, listed)
    return told


def _moment(activity: Activity) -> tuple[Instant, int]:
    return (activity.at, activity.seq)


def activity_of(row: Sequence[Any]) -> Activity:
    """An activity as the statements tell it."""
    seq, at, entity_type, entity_id, name, note = row
    return Activity(seq=seq, at=at, entity_type=entity_type, entity_id=entity_id, name=name, note=note)


def _session(
    row: Row,
    remarks: Mapping[tuple[int, int], tuple[Remark, ...]],
    done: Mapping[tuple[int, int], tuple[Activity, ...]],
) -> Session:
    (organisation, number, kind, person, login, guid, device, module, started_at, ended_at,
     closing, updated_at, first_at, last_at, seen_at, activity_count, _) = row  # fmt: skip
    return Session(
        organisation=organisation,
        id=number,
        kind=Kind(kind),
        person=Person(id=person, login=login) if person else None,
        device=Device(guid=guid, name=device) if guid else None,
        module=module,
        started_at=started_at,
        ended_at=ended_at,
        closing=Closing(closing) if closing else None,
        updated_at=updated_at,
        first_at=first_at,
        last_at=last_at,
        seen_at=seen_at,
        activity_count=activity_count,
        remarks=remarks.get((organisation, number), ()),
        activities=done.get((organisation, number), ()),
    )
