"""Who touched something, and how a session went by: counted by the database, so that little is told of much."""

from sojourn.core.access import Scope
from sojourn.core.model import Activity, Instant, Person, Session
from sojourn.core.query import Order, SessionQuery
from sojourn.core.touch import Beat, Touch, Toucher, Touchers, TouchPage
from sojourn.storage import search
from sojourn.storage.busy import Noted
from sojourn.storage.engine import Transaction
from sojourn.storage.reading import activity_of, read_page, read_session, resolve
from sojourn.storage.sql import load

_SQL = load("touching")

_WHOSE = "s.person AS person, p.login AS login, s.started_at AS started_at"
_NAMED = "JOIN person AS p ON p.organisation = s.organisation AND p.id = s.person"


def read_touches(transaction: Transaction, query: SessionQuery, noted: Noted) -> TouchPage:
    """A page of the sessions that a filter finds by an entity, each with what was done to it."""
    page = read_page(transaction, query, noted)
    f = query.filter
    batch = [(s.organisation, s.id, f.entity_type or "", f.entity_id, query.listed) for s in page.sessions]
    done: dict[int, tuple[list[Activity], int, Instant]] = {}
    for session, *row, count, last_at in transaction.each(_SQL["touches"], batch):
        done.setdefault(session, ([], count, last_at))[0].append(activity_of(row))
    touches = tuple([_touch(session, *done[session.id]) for session in page.sessions])
    return TouchPage(touches=touches, next=page.next, total=page.total)


def _touch(session: Session, activities: list[Activity], count: int, last_at: Instant) -> Touch:
    ordered = sorted(activities, key=lambda activity: (activity.at, activity.seq))
    return Touch(session=session, count=count, first_at=ordered[0].at, last_at=last_at, activities=tuple(ordered))


def read_touchers(transaction: Transaction, query: SessionQuery) -> Touchers:
    """Who the newest sessions are of that a filter finds, most sessions first."""
    found = resolve(transaction, query.scope, query.filter)
    if found is None:
        return Touchers(people=(), sessions=0, whole=True)
    newest, values = search.page(found, Order.NEWEST, None, query.limit, 0, _WHOSE, _NAMED)
    counted = f"SELECT person, login, count(*), max(started_at) FROM ({newest}) AS newest GROUP BY person, login"
    people = [
        Toucher(person=Person(id=number, login=login), sessions=count, last_started_at=last)
        for number, login, count, last in transaction.run(counted, values)
    ]
    ordered = sorted(people, key=lambda toucher: (-toucher.sessions, -toucher.last_started_at, toucher.person.id))
    total = sum(toucher.sessions for toucher in people)
    return Touchers(people=tuple(ordered), sessions=total, whole=total < query.limit)


def read_rhythm(transaction: Transaction, scope: Scope, number: int, beats: int) -> tuple[Beat, ...]:
    """What was done in each even part of a session. Raises: Unknown."""
    session = read_session(transaction, scope, number, activities=False)
    until = max(session.seen_at, session.ended_at or 0)
    width = (until - session.started_at) // beats + 1  # the last moment lies in the last part
    values = {"organisation": scope.organisation, "session": number, "first": session.started_at, "width": width}
    return tuple([
        Beat(count=count, first_at=first, last_at=last)
        for _, count, first, last in transaction.run(_SQL["rhythm"], values)
    ])  # fmt: skip
