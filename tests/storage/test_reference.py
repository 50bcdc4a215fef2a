"""Whatever is stored and whatever is asked for: a page, its total and its next are those of the reference."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.core.access import Scope
from sojourn.core.intent import Opened
from sojourn.core.model import DAY, MINUTE, ActivityDraft, Instant, RemarkDraft, Session
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.core.presence import Stay, Window
from sojourn.core.query import Order, Place, SessionFilter, SessionQuery, Status
from tests.storage import reference
from tests.storage.desk import MIDNIGHT, NOON, Desk

SHARED_DATABASE = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Each example has an organisation of its own, beside those of all examples before it."""

LOGINS = ["ada", "grace", "joan"]
DEVICES = ["{A-1}", "{B-2}"]
MODULES = ["Till", "Care desk"]
TYPES = ["CUSTOMER", "CARD"]
ENTITIES = ["1", "2", "3"]
NAMES = ["Viewed", "Paid"]
WORDS = ["card", "phone", "moved", "house"]

_numbers = count(1)

days = st.integers(-3, 0).map(lambda day: MIDNIGHT + day * DAY)
within = st.one_of(st.sampled_from([0, 1, DAY // 2, DAY - 1]), st.integers(0, DAY - 1))
moments: st.SearchStrategy[Instant] = st.builds(int.__add__, days, within)
powers = st.builds(lambda exponent, more: 2**exponent + more, st.integers(0, 38), st.integers(-1, 1))
lengths = st.one_of(st.just(0), powers, st.integers(0, 4 * DAY))
notes = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)


@st.composite
def openings(draw: st.DrawFn) -> dict[str, Any]:
    """A session to open: bare or whole, short or long."""
    started_at = draw(moments)
    length = draw(st.none() | lengths)
    latest = DAY if length is None else length
    activities = st.builds(
        ActivityDraft,
        entity_type=st.sampled_from(TYPES),
        entity_id=st.sampled_from(ENTITIES),
        name=st.sampled_from(NAMES),
        note=st.none() | notes,
        at=st.integers(0, latest).map(lambda more: started_at + more),
    )
    remarks = st.builds(RemarkDraft, reason=st.sampled_from(WORDS), comment=st.none() | notes)
    return {
        "who": draw(st.sampled_from(LOGINS)),
        "device": draw(st.none() | st.sampled_from(DEVICES)),
        "module": draw(st.none() | st.sampled_from(MODULES)),
        "started_at": started_at,
        "ended_at": None if length is None else started_at + length,
        "activities": tuple(draw(st.lists(activities, max_size=3))),
        "remarks": tuple(draw(st.lists(remarks, max_size=1))),
    }


def conditions(near: st.SearchStrategy[Instant]) -> dict[str, st.SearchStrategy[Any]]:
    """What can be asked for; times are `near` where something begins or ends."""
    ranges = st.tuples(st.none() | near, st.none() | near)
    return {
        "person": st.integers(1, 4),
        "login": st.sampled_from([*LOGINS, "nobody"]),
        "device": st.sampled_from([*DEVICES, "{?}"]),
        "module": st.sampled_from([*MODULES, "?"]),
        "entity_type": st.sampled_from(TYPES),
        "entity_id": st.sampled_from(ENTITIES),
        "name": st.sampled_from(NAMES),
        "text": notes,
        "status": st.sampled_from(Status),
        "started": ranges,
        "alive": ranges,
    }


SORTS = [
    ("alive",),
    ("alive", "status"),
    ("alive", "started"),
    ("entity_type", "entity_id"),
    ("started",),
    ("person", "started"),
]
"""What is often asked for together, or has a way of its own through the tables."""


@st.composite
def filters(draw: st.DrawFn, sessions: Sequence[Session]) -> SessionFilter:
    """Any of the conditions, up to four at a time."""
    edges = {edge for s in sessions for edge in (s.started_at, s.ended_at or s.started_at)}
    near = st.builds(int.__add__, st.sampled_from(sorted(edges)), st.integers(-1, 1)) if edges else moments
    known = conditions(near | moments)
    some = st.lists(st.sampled_from(sorted(known)), unique=True, max_size=4)
    wanted = {name: draw(known[name]) for name in draw(st.sampled_from(SORTS) | some)}
    for name in ("started", "alive"):
        first, last = wanted.pop(name, (None, None))
        if first is not None and last is not None:
            first, last = sorted((first, last))
        wanted |= {f"{name}_from": first, f"{name}_to": last}
    return SessionFilter(**wanted)


def told(store: SessionStore, query: SessionQuery) -> list[int]:
    """All numbers that a query leads to, page after page."""
    found = []
    page = store.page(query)
    while True:
        found += [session.id for session in page.sessions]
        if page.next is None:
            return found
        page = store.page(replace(query, after=page.next, offset=0))


def settle(desk: Desk, drafts: list[dict[str, Any]], ended: set[int], deleted: set[int]) -> list[Session]:
    """Store the sessions, then end and delete some; all that are left."""
    verdicts = desk.write(*(desk.opening(**draft) for draft in drafts))
    numbers = [verdict.session.id for verdict in verdicts if isinstance(verdict, Opened)]
    assert numbers == list(range(1, len(drafts) + 1))
    desk.now += DAY + 5 * MINUTE
    desk.write(*(desk.ending(number) for number in sorted(ended)))
    desk.write(*(desk.deleting(number) for number in sorted(deleted)))
    return [desk.session(number) for number in numbers if number not in deleted]


@SHARED_DATABASE
@given(data=st.data())
def test_a_page_is_the_references(store: SessionStore, access: AccessStore, data: st.DataObject) -> None:
    organisation = access.add_organisation(f"Example {next(_numbers)}", "guid", NOON).id
    desk = Desk(store, organisation, MIDNIGHT + DAY)
    drafts = data.draw(st.lists(openings(), max_size=12))
    some = st.sets(st.integers(1, max(1, len(drafts))), max_size=2)
    sessions = settle(desk, drafts, data.draw(some), data.draw(some))
    for _ in range(12):
        query = SessionQuery(
            scope=Scope(organisation, data.draw(st.sampled_from([0, 0, 0, 1, 2]))),
            filter=data.draw(filters(sessions)),
            order=data.draw(st.sampled_from(Order)),
            limit=data.draw(st.integers(1, 5)),
            offset=data.draw(st.integers(0, 6)),
            activities=True,
            total=data.draw(st.booleans()),
        )
        expected = reference.page(sessions, query)
        page = store.page(query)
        assert page == expected
        if page.next is not None:
            following = replace(query, after=page.next, offset=data.draw(st.integers(0, 2)))
            assert store.page(following) == reference.page(sessions, following)
        every = reference.page(sessions, replace(query, offset=0, limit=1_000))
        assert told(store, replace(query, offset=0)) == [session.id for session in every.sessions]


@SHARED_DATABASE
@given(
    drafts=st.lists(openings(), min_size=1, max_size=15),
    deleted=st.sets(st.integers(1, 15), max_size=5),
    range_=st.tuples(moments, moments).map(sorted),
)
def test_totals_and_deep_offsets_are_exact_after_any_changes(
    store: SessionStore, access: AccessStore, drafts: list[dict[str, Any]], deleted: set[int], range_: list[Instant]
) -> None:
    organisation = access.add_organisation(f"Example {next(_numbers)}", "guid", NOON).id
    desk = Desk(store, organisation, MIDNIGHT + DAY)
    sessions = settle(desk, drafts, set(), {number for number in deleted if number <= len(drafts)})
    for wanted in (
        SessionFilter(),
        SessionFilter(started_from=range_[0]),
        SessionFilter(started_to=range_[1]),
        SessionFilter(started_from=range_[0], started_to=range_[1]),
        SessionFilter(person=1),
        SessionFilter(login="ada", started_from=range_[0], started_to=range_[1]),
    ):
        for order in Order:
            query = SessionQuery(scope=Scope(organisation), filter=wanted, order=order, total=True)
            expected = reference.page(sessions, replace(query, limit=1_000))
            for offset in (0, 1, len(expected.sessions) // 2, len(expected.sessions)):
                page = store.page(replace(query, limit=2, offset=offset))
                assert page.total == len(expected.sessions)
                bare = [replace(session, activities=()) for session in expected.sessions[offset : offset + 2]]
                assert list(page.sessions) == bare


@SHARED_DATABASE
@given(data=st.data())
def test_stays_are_the_references(store: SessionStore, access: AccessStore, data: st.DataObject) -> None:
    organisation = access.add_organisation(f"Example {next(_numbers)}", "guid", NOON).id
    desk = Desk(store, organisation, MIDNIGHT + DAY)
    drafts = data.draw(st.lists(openings(), max_size=12))
    sessions = settle(desk, drafts, data.draw(st.sets(st.integers(1, max(1, len(drafts))), max_size=2)), set())
    for _ in range(8):
        scope = Scope(organisation, data.draw(st.sampled_from([0, 0, 1])))
        asked = data.draw(filters(sessions))
        window = Window(start=asked.alive_from, end=asked.alive_to)
        alive = SessionFilter(alive_from=window.start, alive_to=window.end)
        there = reference.in_order((s for s in sessions if reference.fits(s, alive, scope.person)), Order.OLDEST)
        expected = [reference.stay(session, window, "guid") for session in there]
        limit, offset = data.draw(st.integers(1, 5)), data.draw(st.integers(0, 8))
        assert store.stays(scope, window, after=None, limit=limit, offset=offset) == expected[offset : offset + limit]
        found: list[Stay] = []
        while chunk := store.stays(scope, window, after=_after(found), limit=limit, offset=0):
            found += chunk
        assert found == expected
        if expected:
            passed = data.draw(st.integers(1, len(expected)))
            after = _after(expected[:passed])
            rest = store.stays(scope, window, after=after, limit=limit, offset=offset)
            assert rest == expected[passed + offset : passed + offset + limit]


def _after(stays: Sequence[Stay]) -> Place | None:
    return Place(stays[-1][0], stays[-1][1]) if stays else None
