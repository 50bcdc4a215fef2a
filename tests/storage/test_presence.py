"""Who was there in a window, out of either database: what is found, how it is cut, and what it costs."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.core import journal
from sojourn.core.journal import Journal
from sojourn.core.model import DAY, LATEST, MINUTE, Instant, Kind
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.core.presence import Stay, Window
from sojourn.core.query import Place
from sojourn.storage import presence, tally
from sojourn.storage.engine import Engine
from sojourn.storage.sql import load
from tests import clipping
from tests.clipping import CASES, NOT_THERE, ORIGIN, Case, instant, perhaps
from tests.storage.cost import OF_ALL_LENGTHS, Cost, bare, crowd, measured
from tests.storage.desk import Desk, did

SHARED_DATABASE = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Each example has an organisation of its own, beside those of all examples before it."""

LATER: Instant = ORIGIN + 100 * DAY
"""When everything is written down."""

_SQL = load("sessions")
_numbers = count(1)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.now = LATER
    return desk


def stays(desk: Desk, window: Window, limit: int = 1_000, after: Place | None = None, offset: int = 0) -> list[Stay]:
    return desk.store.stays(desk.scope, window, after=after, limit=limit, offset=offset)


def expected(case: Case) -> list[Stay]:
    if case.told == NOT_THERE:
        return []
    login, logout = case.told
    return [(instant(case.session[0]), 1, 1, "guid-1", instant(login), perhaps(logout))]


class TestTheNotes:
    """Every case of the table, however it was written down."""

    @pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
    def test_a_session_handed_in_whole_is_cut_as_they_say(self, desk: Desk, case: Case) -> None:
        began, ended = case.session
        activities = tuple(did(at=instant(at)) for at in case.did)
        desk.open(started_at=instant(began), ended_at=perhaps(ended), activities=activities)
        assert stays(desk, clipping.window(case)) == expected(case)

    @pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
    def test_a_session_recorded_bit_by_bit_is_cut_as_they_say(self, desk: Desk, case: Case) -> None:
        began, ended = case.session
        session = desk.open(started_at=instant(began))
        for at in case.did:
            desk.record(session.id, did(at=instant(at)))
        if ended is not None:
            desk.end(session.id, at=instant(ended))
        assert stays(desk, clipping.window(case)) == expected(case)

    @pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
    def test_what_was_delivered_after_the_end_counts_too(self, desk: Desk, case: Case) -> None:
        began, ended = case.session
        session = desk.open(started_at=instant(began), ended_at=perhaps(ended))
        for at in case.did:
            desk.record(session.id, did(at=instant(at)), late=True)
        assert stays(desk, clipping.window(case)) == expected(case)


class TestWhoseStaysTheyAre:
    def test_the_device_is_told_or_else_the_organisations_own(self, desk: Desk, neighbour: Desk) -> None:
        desk.open("ada", device="not a GUID", started_at=ORIGIN)
        desk.open("ada", started_at=ORIGIN + 1)
        neighbour.now = LATER
        neighbour.open("ada", started_at=ORIGIN)
        assert [stay[3] for stay in stays(desk, Window())] == ["not a GUID", "guid-1"]
        assert [stay[3] for stay in stays(neighbour, Window(start=ORIGIN - 1))] == ["guid-2"]

    def test_nothing_of_another_organisation_is_told_or_cuts(self, desk: Desk, neighbour: Desk) -> None:
        neighbour.now = LATER
        neighbour.open(started_at=ORIGIN, ended_at=ORIGIN + DAY, activities=(did(at=ORIGIN + 5),))
        desk.open(started_at=ORIGIN, ended_at=ORIGIN + DAY, activities=(did(at=ORIGIN + 9),))
        window = Window(start=ORIGIN + 1, end=ORIGIN + 20)
        assert stays(desk, window) == [(ORIGIN, 1, 1, "guid-1", ORIGIN + 9, ORIGIN + 9)]
        assert stays(neighbour, window) == [(ORIGIN, 1, 1, "guid-2", ORIGIN + 5, ORIGIN + 5)]

    def test_visits_are_not_told(self, desk: Desk, engine: Engine) -> None:
        desk.open(started_at=ORIGIN, ended_at=ORIGIN + DAY)
        with engine.write() as transaction:
            rows = [bare(desk, 2**40 + i, ORIGIN + i, 5, kind=Kind.VISIT) for i in range(3)]
            transaction.each(_SQL["add_sessions"], rows)
        for window in (Window(), Window(start=ORIGIN + 1), Window(end=ORIGIN + DAY), Window(start=ORIGIN, end=ORIGIN)):
            assert [stay[1] for stay in stays(desk, window)] == [1]


# --- The search against a reference that looks at everything --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A session as it was handed in; `did` are the times of its activities."""

    number: int
    person: int
    began: Instant
    ended: Instant | None
    did: Sequence[Instant] = ()

    def stay(self, window: Window) -> Stay | None:
        """What a window makes of it, in the words of the dialect's page."""
        first = window.start if window.start is not None else 0
        last = window.end if window.end is not None else LATEST
        if self.began > last or (self.ended is not None and self.ended < first):
            return None
        inside = sorted(at for at in self.did if first <= at <= last)
        login, logout = self.began, self.ended
        if self.began < first:
            login = inside[0] if inside else first
        if window.end is not None and (self.ended is None or self.ended > last):
            logout = inside[-1] if inside else last
        return (self.began, self.number, self.person, "guid", login, logout)


def reference(sessions: Sequence[Told], window: Window, person: int = 0) -> list[Stay]:
    found = [session.stay(window) for session in sessions if person in (0, session.person)]
    return sorted(stay for stay in found if stay is not None)


moments = st.builds(
    int.__add__,
    st.integers(-3, 3).map(lambda day: ORIGIN + day * DAY),
    st.one_of(st.sampled_from([0, 1, DAY // 2, DAY - 1]), st.integers(0, DAY - 1)),
)
powers = st.builds(lambda exponent, more: 2**exponent + more, st.integers(0, 42), st.integers(-1, 1))
lengths = st.none() | st.just(0) | powers | st.integers(0, 2 * DAY)


@st.composite
def handed_in(draw: st.DrawFn) -> list[Told]:
    sessions = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        began, length = draw(moments), draw(lengths)
        longest = 90 * DAY if length is None else length
        some = st.one_of(st.integers(0, longest), st.sampled_from([0, longest]), st.integers(0, min(longest, DAY)))
        did_at = draw(st.lists(some.map(lambda more, began=began: began + more), max_size=4))  # type: ignore[misc]
        ended = None if length is None else began + length
        sessions.append(Told(number=number, person=draw(st.integers(1, 2)), began=began, ended=ended, did=did_at))
    return sessions


@st.composite
def windows(draw: st.DrawFn, sessions: Sequence[Told]) -> Window:
    """Windows that begin and end where something happens, or anywhere, or nowhere."""
    edges = {at for s in sessions for at in (s.began, s.ended, *s.did) if at is not None}
    near = st.builds(int.__add__, st.sampled_from(sorted(edges)), st.integers(-1, 1)) if edges else moments
    start, end = draw(st.none() | near | moments), draw(st.none() | near | moments)
    if start is not None and end is not None:
        start, end = sorted((start, end))
    return Window(start=start, end=end)


def store_all(desk: Desk, sessions: Sequence[Told]) -> None:
    intents = [
        desk.opening(
            f"person {session.person}",
            started_at=session.began,
            ended_at=session.ended,
            activities=tuple(did(at=at) for at in session.did),
        )
        for session in sessions
    ]
    desk.write(*(desk.opening(f"person {number}", started_at=ORIGIN) for number in (1, 2)))
    desk.write(*(desk.deleting(number) for number in (1, 2)))
    desk.write(*intents)


@SHARED_DATABASE
@given(data=st.data())
def test_it_finds_and_cuts_what_the_reference_does(
    store: SessionStore, access: AccessStore, data: st.DataObject
) -> None:
    organisation = access.add_organisation(f"Example {next(_numbers)}", "guid", LATER).id
    desk = Desk(store, organisation, LATER + 100 * DAY)
    sessions = [  # the first two numbers were those of the people's first sessions
        Told(number=s.number + 2, person=s.person, began=s.began, ended=s.ended, did=s.did)
        for s in data.draw(handed_in())
    ]
    store_all(desk, sessions)
    for _ in range(8):
        window, person = data.draw(windows(sessions)), data.draw(st.sampled_from([0, 0, 0, 1, 2]))
        limit = data.draw(st.integers(1, 6))
        here = desk.narrowed(person) if person else desk
        found = reference(sessions, window, person)
        assert stays(here, window) == found
        assert list(by_place(here, window, limit)) == found
        for offset in range(len(found) + 2):
            assert stays(here, window, limit, offset=offset) == found[offset : offset + limit]
        until = desk.now
        measured = store.measured_stays(here.scope, window, until, after=None, limit=100, offset=0)
        assert [stay for stay, _ in measured] == found
        done = {session.number: session.did for session in sessions}
        for (_, number, _, _, login, logout), times in measured:
            last = until if logout is None else logout
            assert times == sorted(at for at in done[number] if login <= at <= last)


def by_place(desk: Desk, window: Window, limit: int) -> Iterator[Stay]:
    """All stays, page after page."""
    after = None
    while page := stays(desk, window, limit, after):
        yield from page
        after = Place(*page[-1][:2])


# --- A few thousand sessions -----------------------------------------------------------------------------------------

MANY = 2_600


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk with some thousand sessions of all lengths in ten days, each with up to three activities; some run."""
    draw = random.Random(7)
    intents = []
    for i in range(MANY):
        began = ORIGIN + draw.randrange(10 * DAY)
        length = 2 ** draw.randrange(20, 42)
        times = [began + draw.randrange(length + 1) for _ in range(draw.randrange(4))]
        ended = None if draw.random() < 0.02 else began + length
        activities = tuple(did(at=at) for at in times)
        intents.append(desk.opening(f"person {i % 40}", started_at=began, ended_at=ended, activities=activities))
    for i in range(0, MANY, 500):
        desk.write(*intents[i : i + 500])
    return desk


WINDOWS = [
    Window(),
    Window(start=ORIGIN + 4 * DAY),
    Window(end=ORIGIN + 4 * DAY),
    Window(start=ORIGIN + 2 * DAY, end=ORIGIN + 9 * DAY),
    Window(start=ORIGIN + 30 * DAY, end=ORIGIN + 31 * DAY),
]


def test_the_stream_is_the_pages_one_after_the_other(busy: Desk) -> None:
    for window in WINDOWS:
        streamed = [stay for chunk in Journal(busy.store).stays(busy.scope, window) for stay in chunk]
        assert len(streamed) > 40, window
        assert streamed == sorted(streamed)
        by_offset = [stay for offset in range(0, MANY, 1_000) for stay in stays(busy, window, offset=offset)]
        assert by_offset == streamed
        assert stays(busy, window, offset=len(streamed)) == []
        assert stays(busy, window, limit=3, offset=len(streamed) - 2) == streamed[-2:]
        if window == Window():
            assert len(streamed) == MANY


def test_the_first_chunk_is_small_and_no_chunk_is_larger_than_the_others(busy: Desk) -> None:
    sizes = [len(chunk) for chunk in Journal(busy.store).stays(busy.scope, Window())]
    assert sizes == [journal.FIRST_CHUNK, journal.CHUNK, journal.CHUNK, MANY - journal.FIRST_CHUNK - 2 * journal.CHUNK]


class TestWhatChangesWhileItIsTold:
    """Each chunk is read for itself: nobody is told twice, and who was there all the time is told once."""

    @pytest.fixture
    def ten(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
        """Ten sessions that run, of which chunks of three are told."""
        monkeypatch.setattr(journal, "FIRST_CHUNK", 3)
        monkeypatch.setattr(journal, "CHUNK", 3)
        for i in range(10):
            desk.open(started_at=ORIGIN + i * MINUTE)
        return desk

    @staticmethod
    def begun(desk: Desk, window: Window) -> tuple[list[Stay], Iterator[list[Stay]]]:
        """What the first chunk tells, and the rest."""
        chunks = Journal(desk.store).stays(desk.scope, window)
        return next(chunks), chunks

    @pytest.mark.parametrize("window", [Window(), Window(start=ORIGIN + 5 * MINUTE), Window(end=LATER)], ids=str)
    def test_who_comes_later_is_told_and_who_is_put_in_before_is_not(self, ten: Desk, window: Window) -> None:
        first, rest = self.begun(ten, window)
        ten.open(started_at=ORIGIN + 11 * MINUTE)
        ten.open(started_at=ORIGIN)
        told = [stay[1] for chunk in (first, *rest) for stay in chunk]
        assert told == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]

    def test_who_leaves_meanwhile_is_told_with_a_logout_if_not_told_yet(self, ten: Desk) -> None:
        first, rest = self.begun(ten, Window())
        ten.end(2, at=ORIGIN + DAY)
        ten.end(5, at=ORIGIN + DAY)
        logouts = {stay[1]: stay[5] for chunk in (first, *rest) for stay in chunk}
        assert logouts == {number: ORIGIN + DAY if number == 5 else None for number in range(1, 11)}

    def test_who_has_left_before_the_window_by_then_is_not_told(self, ten: Desk) -> None:
        first, rest = self.begun(ten, Window(start=ORIGIN + DAY))
        ten.end(5, at=ORIGIN + DAY - 1)
        ten.end(6, at=ORIGIN + DAY)
        assert [stay[1] for chunk in (first, *rest) for stay in chunk] == [1, 2, 3, 4, 6, 7, 8, 9, 10]

    @pytest.mark.parametrize("window", [Window(), Window(start=ORIGIN + 5 * MINUTE)], ids=str)
    def test_what_is_deleted_is_told_no_more_and_does_not_lose_the_place(self, ten: Desk, window: Window) -> None:
        first, rest = self.begun(ten, window)
        for number in (1, 3, 4, 9):  # the third is where the next chunk begins
            ten.delete(number)
        assert [stay[1] for stay in first] == [1, 2, 3]
        assert [stay[1] for chunk in rest for stay in chunk] == [5, 6, 7, 8, 10]

    def test_no_transaction_is_open_between_two_chunks(self, ten: Desk, engine: Engine) -> None:
        first, rest = self.begun(ten, Window())
        seen = [row[0] for row in engine.peek("SELECT count(*) FROM session")]
        with engine.write() as transaction:  # would wait for a reader's lock, or be seen by it too late
            transaction.run("UPDATE session SET ended_at = started_at, span = 0 WHERE id = 4")
        assert seen == [10]
        assert {stay[1]: stay[5] for stay in next(rest)}[4] == ORIGIN + 3 * MINUTE
        assert len(first) == 3


# --- What it costs ---------------------------------------------------------------------------------------------------


OLD = Window(start=ORIGIN, end=ORIGIN + DAY)


class TestWhatItCosts:
    @pytest.fixture
    def old(self, desk: Desk, engine: Engine) -> Desk:
        """A desk where some hundred sessions, of all lengths, touch an old day."""
        desk.open(started_at=ORIGIN)
        crowd(desk, engine, 10, [ORIGIN + i * 10 * MINUTE for i in range(-144, 144)], OF_ALL_LENGTHS)
        return desk

    @staticmethod
    def cost(desk: Desk, engine: Engine, patch: pytest.MonkeyPatch, window: Window, **more: Any) -> tuple[int, Cost]:
        """How many are told, and at what cost; the second time, when the statements are known."""
        after, limit = more.get("after"), more.get("limit", 1_000)
        with engine.read() as transaction:
            found = presence.read_stays(transaction, desk.scope, window, after, limit, 0)
        with measured(engine, patch) as cost, engine.read() as transaction:
            assert presence.read_stays(transaction, desk.scope, window, after, limit, 0) == found
        return len(found), cost

    def test_an_old_window_reads_nothing_of_what_came_later(
        self, old: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told, before = self.cost(old, engine, monkeypatch, OLD)
        crowd(old, engine, 10_000, [ORIGIN + DAY + 1 + i * MINUTE for i in range(20_000)], OF_ALL_LENGTHS)
        crowd(old, engine, 40_000, [ORIGIN + 2 * DAY + i * MINUTE for i in range(500)], [None])
        told_then, after = self.cost(old, engine, monkeypatch, OLD)
        assert told == told_then > 144
        assert after.amount <= before.amount * 1.1 + 50

    def test_a_new_window_reads_nothing_of_what_was_over_before(
        self, old: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told, before = self.cost(old, engine, monkeypatch, OLD)
        crowd(old, engine, 10_000, [ORIGIN - 90 * DAY + i * MINUTE for i in range(20_000)], OF_ALL_LENGTHS[:-1])
        told_then, after = self.cost(old, engine, monkeypatch, OLD)
        assert told == told_then > 144
        assert after.amount <= before.amount * 1.1 + 50

    def test_a_chunk_reads_as_many_as_it_tells_however_many_follow(
        self, old: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is sorted but what is told, though the window has no end."""
        window, costs = Window(start=ORIGIN), []
        for first, days in ((10_000, 5), (40_000, 30)):
            crowd(old, engine, first, [ORIGIN + DAY + i * 5 * MINUTE for i in range(days * 288)], OF_ALL_LENGTHS)
            told, cost = self.cost(old, engine, monkeypatch, window, limit=100)
            assert told == 100
            costs.append(cost)
        assert costs[1].amount <= costs[0].amount * 1.2 + 50
        assert costs[1].sorted <= 200

    def test_a_late_chunk_costs_no_more_than_an_early_one(
        self, old: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        starts = [ORIGIN + DAY + i * MINUTE for i in range(20_000)]
        crowd(old, engine, 10_000, starts, OF_ALL_LENGTHS)
        for window in (Window(), Window(start=ORIGIN), Window(end=LATER)):
            early, late = (
                self.cost(old, engine, monkeypatch, window, limit=100, after=Place(starts[i], 10_000 + i))
                for i in (500, 19_000)
            )
            assert early[0] == late[0] == 100
            assert late[1].amount <= early[1].amount * 1.2 + 50

    def test_a_deep_page_costs_no_more_than_a_shallow_one(
        self, old: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """But for the day in which it begins."""
        starts = [ORIGIN + DAY + i * 30 * MINUTE for i in range(4_000)]
        crowd(old, engine, 10_000, starts, OF_ALL_LENGTHS)
        everything = (old.scope.organisation, "work", "")
        counts = {(everything, day * DAY): 48 for day in range((ORIGIN + DAY) // DAY, starts[-1] // DAY + 1)}
        counts |= {(everything, ORIGIN - DAY): 144, (everything, ORIGIN): 144}
        with engine.write() as transaction:
            tally.add_counts(transaction, counts)
        for window in (Window(), Window(start=ORIGIN), Window(start=ORIGIN + DAY // 2, end=LATER + DAY)):
            costs = []
            for offset in (400, 3_900):
                with measured(engine, monkeypatch) as cost, engine.read() as transaction:
                    page = presence.read_stays(transaction, old.scope, window, None, 10, offset)
                assert len(page) == 10
                costs.append(cost.amount)
            assert costs[1] <= costs[0] * 1.3 + 500, window


def test_somebody_of_whom_there_is_nothing_is_not_found(desk: Desk) -> None:
    desk.open(started_at=ORIGIN)
    for window in (Window(), Window(start=ORIGIN), Window(end=ORIGIN)):
        for offset in (0, 1):
            assert stays(desk.narrowed(99), window, offset=offset) == []
