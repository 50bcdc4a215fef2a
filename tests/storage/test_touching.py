"""The contract of `SessionStore`, continued: who touched something, and how a session went by."""

import pytest

from sojourn.core.errors import Invalid, Missing, Unknown
from sojourn.core.journal import Journal
from sojourn.core.model import MINUTE, Person
from sojourn.core.query import Order, SessionFilter, SessionQuery
from sojourn.core.touch import Beat, Touchers, TouchPage
from tests.storage.desk import NOON, Desk, did, why

AN_HOUR = 60 * MINUTE


@pytest.fixture
def busy(desk: Desk, neighbour: Desk) -> Desk:
    """Four sessions, three of which touched customer 1, one of them twice; a neighbour's that did too."""
    began = NOON - AN_HOUR
    desk.write(
        desk.opening(  # 1
            "ada",
            started_at=began,
            activities=(did("Seen", "1", at=began + 3), did("Seen", "2", at=began), did("Paid", "1", at=began + 1)),
            remarks=(why("Asked for it"),),
        ),
        desk.opening("ada", started_at=began, activities=(did("Seen", "2", at=began),)),  # 2
        desk.opening("grace", started_at=began + 5, activities=(did("Seen", "1", at=began + 5),)),  # 3
        desk.opening(  # 4: a card of that number
            "ada", started_at=began + 7, activities=(did("Cut", "1", at=began + 7, entity_type="CARD"),)
        ),
    )
    neighbour.open("ada", activities=(did("Seen", "1"),))
    return desk


def touches(desk: Desk, *, limit: int = 10, listed: int = 20, **wanted: object) -> TouchPage:
    query = SessionQuery(
        scope=desk.scope,
        filter=SessionFilter(**wanted),  # type: ignore[arg-type]
        limit=limit,
        listed=listed,
        order=Order.OLDEST,
        total=True,
    )
    return Journal(desk.store).touches(query)


def touchers(desk: Desk, **wanted: object) -> Touchers:
    return Journal(desk.store).touchers(desk.scope, SessionFilter(**wanted))  # type: ignore[arg-type]


class TestTouches:
    def test_each_session_is_told_with_what_touched_it_and_nothing_else(self, busy: Desk) -> None:
        page = touches(busy, entity_type="CUSTOMER", entity_id="1")
        told = [(t.session.id, t.count, [a.name for a in t.activities]) for t in page.touches]
        assert told == [(1, 2, ["Paid", "Seen"]), (3, 1, ["Seen"])]
        assert page.total == 2
        first = page.touches[0]
        assert (first.first_at, first.last_at) == (NOON - AN_HOUR + 1, NOON - AN_HOUR + 3)
        assert [remark.reason for remark in first.session.remarks] == ["Asked for it"]

    def test_without_a_type_whatever_has_that_id_counts(self, busy: Desk) -> None:
        page = touches(busy, entity_id="1")
        assert [t.session.id for t in page.touches] == [1, 3, 4]
        assert page.touches[-1].activities[0].entity_type == "CARD"

    def test_only_the_first_are_listed_and_all_are_counted(self, busy: Desk) -> None:
        touch = touches(busy, entity_type="CUSTOMER", entity_id="1", listed=1).touches[0]
        assert ([a.name for a in touch.activities], touch.count) == (["Paid"], 2)
        assert touch.last_at == NOON - AN_HOUR + 3

    def test_it_is_paged(self, busy: Desk) -> None:
        page = touches(busy, entity_id="1", limit=2)
        assert page.next is not None
        more = Journal(busy.store).touches(
            SessionQuery(
                scope=busy.scope,
                filter=SessionFilter(entity_id="1"),
                order=Order.OLDEST,
                after=page.next,
                listed=20,
            )
        )
        assert ([t.session.id for t in more.touches], more.next, more.total) == ([4], None, None)

    def test_one_who_is_narrowed_sees_their_own(self, busy: Desk) -> None:
        assert [t.session.id for t in touches(busy.narrowed(2), entity_id="1").touches] == [3]

    def test_what_nobody_touched_has_none(self, busy: Desk) -> None:
        assert touches(busy, entity_id="3") == TouchPage(touches=(), next=None, total=0)
        assert touches(busy, entity_id="1", login="nobody").touches == ()

    def test_something_must_be_named(self, desk: Desk) -> None:
        with pytest.raises(Missing, match="entity_id"):
            touches(desk, entity_type="CUSTOMER")


class TestTouchers:
    def test_people_are_counted_most_sessions_first(self, busy: Desk) -> None:
        busy.open("grace", started_at=NOON, activities=(did("Seen", "1", at=NOON),))
        busy.open("grace", started_at=NOON, activities=(did("Seen", "1", at=NOON),))
        told = touchers(busy, entity_id="1")
        assert [(t.person, t.sessions, t.last_started_at) for t in told.people] == [
            (Person(id=2, login="grace"), 3, NOON),
            (Person(id=1, login="ada"), 2, NOON - AN_HOUR + 7),
        ]
        assert (told.sessions, told.whole) == (5, True)

    def test_no_more_than_the_newest_are_looked_at(self, busy: Desk) -> None:
        query = SessionQuery(scope=busy.scope, filter=SessionFilter(entity_id="1"), limit=2)
        told = busy.store.touchers(query)
        assert [(t.person.login, t.sessions) for t in told.people] == [("ada", 1), ("grace", 1)]
        assert (told.sessions, told.whole) == (2, False)

    def test_a_type_narrows_and_so_does_the_scope(self, busy: Desk) -> None:
        assert [t.sessions for t in touchers(busy, entity_type="CARD", entity_id="1").people] == [1]
        assert [t.person.id for t in touchers(busy.narrowed(2), entity_id="1").people] == [2]

    def test_what_nobody_touched_has_none(self, busy: Desk) -> None:
        assert touchers(busy, entity_id="1", login="nobody") == Touchers(people=(), sessions=0, whole=True)

    def test_something_must_be_named(self, desk: Desk) -> None:
        with pytest.raises(Missing, match="entity_id"):
            touchers(desk)


class TestRhythm:
    def test_what_was_done_is_counted_in_even_parts(self, desk: Desk) -> None:
        began = NOON - 10 * MINUTE
        times = [began, began + MINUTE, began + 5 * MINUTE, NOON]
        desk.open(started_at=began, activities=tuple(did(at=at) for at in times))
        assert desk.store.rhythm(desk.scope, 1, beats=2) == (
            Beat(count=3, first_at=times[0], last_at=times[2]),
            Beat(count=1, first_at=NOON, last_at=NOON),
        )
        assert desk.store.rhythm(desk.scope, 1, beats=1) == (Beat(count=4, first_at=began, last_at=NOON),)

    @pytest.mark.parametrize("beats", [1, 7, 1_000])
    def test_however_it_is_cut_nothing_is_lost(self, desk: Desk, beats: int) -> None:
        began = NOON - 1_234_567
        times = sorted({began + i * 9_973 % 1_234_567 for i in range(300)})
        desk.open(started_at=began, ended_at=NOON, activities=tuple(did(at=at) for at in times))
        told = desk.store.rhythm(desk.scope, 1, beats=beats)
        assert sum(beat.count for beat in told) == 300
        assert len(told) <= beats
        assert (told[0].first_at, told[-1].last_at) == (times[0], times[-1])

    def test_a_session_in_which_nothing_was_done_has_none(self, desk: Desk) -> None:
        desk.open(started_at=NOON, ended_at=NOON)
        assert Journal(desk.store).rhythm(desk.scope, 1) == ()

    def test_a_session_that_is_not_the_callers_is_unknown(self, desk: Desk, neighbour: Desk) -> None:
        desk.open("ada")
        for scope in (neighbour.scope, desk.narrowed(2).scope):
            with pytest.raises(Unknown):
                desk.store.rhythm(scope, 1, beats=10)

    @pytest.mark.parametrize("beats", [0, 1_001])
    def test_the_parts_are_bounded(self, desk: Desk, beats: int) -> None:
        with pytest.raises(Invalid, match="beats must be a number from 1 to 1000"):
            Journal(desk.store).rhythm(desk.scope, 1, beats=beats)
