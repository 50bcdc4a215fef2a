"""Ending sessions, on both engines. Closing them for idleness is in `test_store`."""

import pytest

from sojourn.core.errors import Ended, Invalid, Unknown
from sojourn.core.intent import Finished, Opened, Recorded
from sojourn.core.model import DAY, MINUTE, Closing, Remark, Session
from sojourn.core.query import Status
from sojourn.storage.engine import Engine
from tests.storage.desk import NOON, Desk, did, why
from tests.storage.tables import contents


def idled(desk: Desk) -> Session:
    """A session that the server closed at noon, an hour ago; it had begun a day before, and an activity then."""
    session = desk.open(started_at=NOON - DAY, activities=(did(at=NOON - DAY),))
    desk.record(session.id)
    desk.now += 60 * MINUTE
    assert desk.store.close_idle(desk.now, 10) == 1
    closed = desk.session(session.id)
    assert (closed.ended_at, closed.closing) == (NOON, Closing.IDLE)
    return closed


def test_it_ends_now_and_says_why(desk: Desk) -> None:
    session = desk.open(remarks=(why("First"),))
    desk.now += MINUTE
    told = desk.end(session.id, why("Second"), why("First"))
    assert told == Finished(
        remarks=(
            Remark(reason="First", comment=None, at=NOON),
            Remark(reason="Second", comment=None, at=NOON + MINUTE),
        ),
        ended_at=NOON + MINUTE,
        updated_at=NOON + MINUTE,
    )
    read = desk.session(session.id)
    assert (read.ended_at, read.closing, read.updated_at) == (NOON + MINUTE, Closing.ENDED, NOON + MINUTE)
    assert read.remarks == told.remarks
    assert desk.found(status=Status.ENDED) == [session.id]
    assert desk.found(status=Status.ACTIVE) == []


def test_it_may_end_at_a_time_of_its_own(desk: Desk) -> None:
    session = desk.open(started_at=NOON - DAY, activities=(did(at=NOON - 5),))
    assert desk.end(session.id, at=NOON - 5).ended_at == NOON - 5
    assert desk.session(session.id).ended_at == NOON - 5


def test_it_may_end_the_moment_it_starts(desk: Desk) -> None:
    session = desk.open(started_at=NOON - DAY)
    assert desk.end(session.id, at=NOON - DAY).ended_at == NOON - DAY


@pytest.mark.parametrize("ahead", [-MINUTE, 0])
def test_now_is_never_before_what_another_clock_told(desk: Desk, ahead: int) -> None:
    begun, active = desk.open(started_at=NOON + MINUTE), desk.open()
    desk.record(active.id, did(at=NOON + MINUTE))
    assert [desk.end(session.id).ended_at for session in (begun, active)] == [NOON + MINUTE] * 2


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (NOON - DAY - 1, "must not be before the start of the session"),
        (NOON - 6, "must not be before the last activity of the session"),
    ],
)
def test_it_may_not_end_before_what_is_known_of_it(
    desk: Desk, engine: Engine, at: int, reason: str, late: bool
) -> None:
    session = desk.open(started_at=NOON - DAY, activities=(did(at=NOON - 5),))
    before = contents(engine)
    with pytest.raises(Invalid) as refused:
        desk.end(session.id, why("Other"), at=at, late=late)
    assert (refused.value.field, refused.value.reason) == ("at", reason)
    assert contents(engine) == before


def test_it_ends_once(desk: Desk, engine: Engine) -> None:
    session = desk.open()
    desk.end(session.id)
    before = contents(engine)
    desk.now += MINUTE
    for at in (None, NOON, NOON + 1):
        with pytest.raises(Ended):
            desk.end(session.id, why("Other"), at=at)
    assert contents(engine) == before


def test_the_first_of_two_ends_in_one_write_holds(desk: Desk) -> None:
    session = desk.open()
    first, second = desk.write(desk.ending(session.id, why("a")), desk.ending(session.id, why("b")))
    assert isinstance(first, Finished)
    assert isinstance(second, Ended)
    assert [remark.reason for remark in desk.session(session.id).remarks] == ["a"]


def test_what_is_recorded_in_the_same_write_was_recorded_before(desk: Desk) -> None:
    session = desk.open()
    end, record = desk.write(desk.ending(session.id), desk.recording(session.id, did()))
    assert isinstance(end, Finished)
    assert isinstance(record, Recorded)
    assert desk.session(session.id).activity_count == 1


def test_one_that_idled_has_ended(desk: Desk) -> None:
    session = idled(desk)
    with pytest.raises(Ended):
        desk.end(session.id)
    assert desk.session(session.id) == session


class TestALateEnd:
    def test_it_is_an_end_like_any_other_while_the_session_runs(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON - DAY)
        assert desk.end(session.id, at=NOON - 1, late=True).ended_at == NOON - 1

    @pytest.mark.parametrize("at", [NOON - DAY, NOON - 1, NOON, NOON + 1])
    def test_it_corrects_what_the_server_had_supposed(self, desk: Desk, at: int) -> None:
        session = idled(desk)
        told = desk.end(session.id, why("Gone home"), at=at, late=True)
        assert told.ended_at == at
        read = desk.session(session.id)
        assert (read.ended_at, read.closing) == (at, Closing.ENDED)
        assert [remark.reason for remark in read.remarks] == ["Gone home"]
        assert desk.found(alive_from=at, alive_to=at) == [session.id]
        assert desk.found(alive_from=at + 1) == []

    def test_without_a_time_it_is_now(self, desk: Desk) -> None:
        session = idled(desk)
        assert desk.end(session.id, late=True).ended_at == desk.now

    def test_told_again_it_is_confirmed(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON - DAY)
        first = desk.end(session.id, why("Gone home"), at=NOON - 1, late=True)
        desk.now += MINUTE
        again = desk.end(session.id, why("Gone home"), at=NOON - 1, late=True)
        assert (again.remarks, again.ended_at) == (first.remarks, first.ended_at)
        assert desk.session(session.id).closing is Closing.ENDED

    @pytest.mark.parametrize("at", [None, NOON - 2, NOON])
    def test_another_time_does_not_move_an_end_that_somebody_told(self, desk: Desk, at: int | None) -> None:
        session = desk.open(started_at=NOON - DAY)
        desk.end(session.id, at=NOON - 1)
        with pytest.raises(Ended):
            desk.end(session.id, at=at, late=True)
        assert desk.session(session.id).ended_at == NOON - 1


def test_only_who_may_see_the_session_can_end_it(desk: Desk, neighbour: Desk, engine: Engine) -> None:
    session = desk.open("ada")
    desk.open("grace")
    before = contents(engine)
    for other, number in ((neighbour, session.id), (desk.narrowed(2), session.id), (desk, 99)):
        with pytest.raises(Unknown) as refused:
            other.end(number)
        assert (refused.value.noun, refused.value.name) == ("session", number)
    assert contents(engine) == before
    assert desk.narrowed(1).end(session.id).ended_at == NOON


def test_good_and_bad_mix_in_one_write(desk: Desk) -> None:
    verdicts = desk.write(desk.opening(), desk.opening(), desk.opening())
    assert all(isinstance(verdict, Opened) for verdict in verdicts)
    verdicts = desk.write(desk.ending(1), desk.ending(99), desk.ending(2, at=NOON - 1), desk.ending(3))
    assert [type(verdict) for verdict in verdicts] == [Finished, Unknown, Invalid, Finished]
    assert desk.found(status=Status.ACTIVE) == [2]
