"""Recording activities and heartbeats, in time and late, on both engines."""

import pytest

from sojourn.core.access import Scope
from sojourn.core.errors import Ended, Invalid, SojournError, Unknown
from sojourn.core.intent import Record, Recorded
from sojourn.core.model import DAY, MINUTE, Activity, Closing, Session
from sojourn.core.query import Status
from sojourn.storage.engine import Engine
from tests.storage.desk import NOON, Desk, did, key
from tests.storage.tables import contents

HALF_HOUR = 30 * MINUTE


def names(session: Session) -> list[str]:
    return [activity.name for activity in session.activities]


def idled(desk: Desk) -> Session:
    """A session that the server closed at noon, half an hour and a bit ago."""
    session = desk.open(started_at=NOON - MINUTE, activities=(did("First"),))
    desk.now = NOON + HALF_HOUR + 1
    assert desk.store.close_idle(desk.now, 10) == 1
    closed = desk.session(session.id)
    assert (closed.ended_at, closed.closing) == (NOON, Closing.IDLE)
    return closed


class TestInTime:
    def test_activities_are_numbered_and_stamped_with_the_moment(self, desk: Desk) -> None:
        session = desk.open()
        desk.now += 5
        told = desk.record(session.id, did("One", "1", note="a note"), did("Two", "2", entity_type="CARD"))
        assert told == Recorded(
            activities=(
                Activity(
                    seq=1, at=NOON + 5, entity_type="CUSTOMER", entity_id="1", name="One", note="a note"
                ),
                Activity(seq=2, at=NOON + 5, entity_type="CARD", entity_id="2", name="Two", note=None),
            ),
            updated_at=NOON + 5,
        )  # fmt: skip
        read = desk.session(session.id)
        assert read.activities == told.activities
        assert (read.updated_at, read.first_at, read.last_at, read.seen_at) == (NOON + 5,) * 4
        assert read.activity_count == 2

    def test_times_of_their_own_are_kept_and_told_in_the_order_handed_in(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON - DAY)
        told = desk.record(session.id, did("Last", at=NOON - 1), did("First", at=NOON - DAY), did("Now"))
        assert [(a.seq, a.at, a.name) for a in told.activities] == [
            (1, NOON - 1, "Last"),
            (2, NOON - DAY, "First"),
            (3, NOON, "Now"),
        ]
        read = desk.session(session.id)
        assert names(read) == ["First", "Last", "Now"]
        assert (read.first_at, read.last_at, read.seen_at, read.updated_at) == (NOON - DAY, NOON, NOON, NOON)

    def test_what_comes_out_of_order_is_kept_in_order_of_time(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON - DAY)
        for minutes in (3, 1, 2, 0):
            desk.record(session.id, did(str(minutes), at=NOON - DAY + minutes * MINUTE))
        read = desk.session(session.id)
        assert names(read) == ["0", "1", "2", "3"]
        assert [activity.seq for activity in read.activities] == [4, 2, 3, 1]
        assert (read.first_at, read.last_at) == (NOON - DAY, NOON - DAY + 3 * MINUTE)

    def test_at_the_same_moment_the_first_recorded_comes_first(self, desk: Desk) -> None:
        session = desk.open()
        desk.record(session.id, did("b"), did("a"))
        desk.record(session.id, did("c", at=NOON))
        assert names(desk.session(session.id)) == ["b", "a", "c"]

    def test_at_the_very_start_is_in_time(self, desk: Desk) -> None:
        session = desk.open()
        assert desk.record(session.id, did(at=session.started_at)).activities[0].at == session.started_at

    def test_a_session_that_begins_ahead_of_our_clock_is_recorded_at_its_start(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON + MINUTE)
        assert desk.record(session.id, did()).activities[0].at == NOON + MINUTE
        desk.record(session.id)
        read = desk.session(session.id)
        assert (read.seen_at, read.updated_at, read.last_at) == (NOON + MINUTE, NOON, NOON + MINUTE)

    def test_one_may_not_be_before_the_start_and_then_none_of_the_batch_is_stored(
        self, desk: Desk, engine: Engine
    ) -> None:
        session = desk.open()
        before = contents(engine)
        with pytest.raises(Invalid) as refused:
            desk.record(session.id, did(), did(at=NOON + 1), did(at=NOON - 1))
        assert refused.value.field == "activities[2].at"
        assert contents(engine) == before

    def test_every_row_that_a_note_fills_is_read_back_as_it_was(self, desk: Desk) -> None:
        note = "Zoë’s “card”\n\t100% :now %s \\ 'quoted' — \U0001f4b3 \x01"
        session = desk.open(activities=(did("Ω:name", "%(id)s", note=note, entity_type="':x"),))
        (activity,) = desk.session(session.id).activities
        assert (activity.entity_type, activity.entity_id, activity.name, activity.note) == (
            "':x",
            "%(id)s",
            "Ω:name",
            note,
        )


class TestAHeartbeat:
    def test_it_is_a_sign_of_life_without_an_activity(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON - DAY, activities=(did(at=NOON - DAY),))
        desk.now += MINUTE
        assert desk.record(session.id) == Recorded(activities=(), updated_at=NOON + MINUTE)
        read = desk.session(session.id)
        assert (read.seen_at, read.updated_at) == (NOON + MINUTE, NOON + MINUTE)
        assert (read.first_at, read.last_at, read.activity_count) == (NOON - DAY, NOON - DAY, 1)

    def test_without_any_activity_there_is_no_first_and_no_last(self, desk: Desk) -> None:
        session = desk.open()
        desk.record(session.id)
        read = desk.session(session.id)
        assert (read.first_at, read.last_at) == (None, None)

    def test_an_older_activity_does_not_take_it_back(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON - DAY)
        desk.record(session.id)
        desk.record(session.id, did(at=NOON - DAY + 5))
        read = desk.session(session.id)
        assert (read.seen_at, read.last_at) == (NOON, NOON - DAY + 5)

    def test_it_does_not_bring_an_ended_session_back(self, desk: Desk) -> None:
        session = desk.open()
        desk.end(session.id)
        desk.now += 1
        for late in (False, True):
            with pytest.raises(Ended):
                desk.record(session.id, late=late)

    def test_a_late_one_brings_back_a_session_that_idled(self, desk: Desk) -> None:
        session = idled(desk)
        desk.record(session.id, late=True)
        read = desk.session(session.id)
        assert (read.ended_at, read.closing, read.seen_at, read.activity_count) == (None, None, desk.now, 1)


class TestAnEndedSession:
    def test_nothing_is_recorded_in_it(self, desk: Desk, engine: Engine) -> None:
        session = desk.open(started_at=NOON - DAY)
        desk.end(session.id)
        before = contents(engine)
        desk.now += 1
        for drafts in ((did(),), (did(at=NOON - DAY),), (did(at=NOON),), ()):
            with pytest.raises(Ended) as refused:
                desk.record(session.id, *drafts)
            assert refused.value.session_id == session.id
        assert contents(engine) == before

    def test_what_is_late_must_be_from_before_its_end(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON - DAY)
        desk.end(session.id)
        desk.now += DAY
        told = desk.record(session.id, did("At the end", at=NOON), did("Before", at=NOON - 1), late=True)
        assert told.updated_at == desk.now
        with pytest.raises(Ended):
            desk.record(session.id, did(at=NOON - 2), did(at=NOON + 1), late=True)
        with pytest.raises(Ended):
            desk.record(session.id, did("without a time, so now"), late=True)
        read = desk.session(session.id)
        assert names(read) == ["Before", "At the end"]
        assert (read.ended_at, read.closing, read.updated_at) == (NOON, Closing.ENDED, desk.now)
        assert (read.first_at, read.last_at, read.activity_count) == (NOON - 1, NOON, 2)

    def test_what_is_late_may_not_be_from_before_its_start(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON - DAY, ended_at=NOON - 1)
        with pytest.raises(Invalid) as refused:
            desk.record(session.id, did(at=NOON - DAY - 1), late=True)
        assert refused.value.field == "activities[0].at"

    def test_one_that_idled_is_not_brought_back_by_what_is_not_late(self, desk: Desk) -> None:
        session = idled(desk)
        with pytest.raises(Ended):
            desk.record(session.id, did())
        assert desk.session(session.id) == session

    def test_one_that_idled_runs_again_when_something_late_is_from_after_its_end(self, desk: Desk) -> None:
        session = idled(desk)
        told = desk.record(session.id, did("Third"), did("Second", at=NOON + MINUTE), late=True)
        assert [activity.seq for activity in told.activities] == [2, 3]
        read = desk.session(session.id)
        assert names(read) == ["First", "Second", "Third"]
        assert (read.ended_at, read.closing, read.seen_at) == (None, None, desk.now)
        assert desk.found(status=Status.ACTIVE) == [session.id]
        assert desk.found(alive_from=desk.now + DAY) == [session.id]

    def test_one_that_idled_stays_closed_when_all_that_is_late_is_from_before_its_end(self, desk: Desk) -> None:
        session = idled(desk)
        desk.record(session.id, did("Zeroth", at=NOON - 1), late=True)
        read = desk.session(session.id)
        assert names(read) == ["Zeroth", "First"]
        assert (read.ended_at, read.closing) == (NOON, Closing.IDLE)

    def test_one_that_runs_again_idles_again(self, desk: Desk) -> None:
        session = idled(desk)
        desk.record(session.id, did(at=NOON + MINUTE), late=True)
        desk.now += HALF_HOUR
        assert desk.store.close_idle(desk.now, 10) == 0
        desk.now += 1
        assert desk.store.close_idle(desk.now, 10) == 1
        assert desk.session(session.id).ended_at == NOON + MINUTE


class TestWhoMay:
    def test_a_session_that_does_not_exist_is_unknown(self, desk: Desk) -> None:
        with pytest.raises(Unknown) as refused:
            desk.record(12, did())
        assert (refused.value.noun, refused.value.name) == ("session", 12)

    def test_another_organisations_session_is_as_unknown(self, desk: Desk, neighbour: Desk, engine: Engine) -> None:
        session = desk.open()
        before = contents(engine)
        for late in (False, True):
            with pytest.raises(Unknown) as refused:
                neighbour.record(session.id, did(), late=late)
            assert str(refused.value) == f"There is no session {session.id}"
        assert contents(engine) == before

    def test_another_persons_session_is_as_unknown(self, desk: Desk, engine: Engine) -> None:
        ours, others = desk.open("ada"), desk.open("grace")
        ada = desk.narrowed(1)
        before = contents(engine)
        with pytest.raises(Unknown):
            ada.record(others.id, did())
        assert contents(engine) == before
        assert ada.record(ours.id, did()).activities


class TestManyInOneWrite:
    def test_several_for_one_session_are_numbered_in_the_order_handed_in(self, desk: Desk) -> None:
        session = desk.open()
        desk.record(session.id, did("0"))
        verdicts = desk.write(
            desk.recording(session.id, did("1"), did("2")),
            desk.recording(session.id),
            desk.recording(session.id, did("3")),
        )
        assert [[(a.seq, a.name) for a in v.activities] for v in verdicts if isinstance(v, Recorded)] == [
            [(2, "1"), (3, "2")],
            [],
            [(4, "3")],
        ]
        assert names(desk.session(session.id)) == ["0", "1", "2", "3"]

    def test_a_bad_one_leaves_its_neighbours_alone(self, desk: Desk, neighbour: Desk) -> None:
        good, ended = desk.open("ada"), desk.open("ada")
        desk.end(ended.id)
        verdicts = desk.write(
            desk.recording(good.id, did("1")),
            desk.recording(99, did("unknown")),
            desk.recording(ended.id, did("ended")),
            desk.recording(good.id, did("early", at=NOON - 1)),
            neighbour.recording(good.id, did("not theirs")),
            desk.recording(good.id, did("2")),
        )
        kinds = [type(verdict) for verdict in verdicts]
        assert kinds == [Recorded, Unknown, Ended, Invalid, Unknown, Recorded]
        read = desk.session(good.id)
        assert (names(read), [a.seq for a in read.activities], read.activity_count) == (["1", "2"], [1, 2], 2)
        assert desk.session(ended.id).activities == ()
        assert desk.found(name="early") == desk.found(name="ended") == []

    def test_sessions_of_many_organisations_are_told_apart(self, desk: Desk, neighbour: Desk) -> None:
        desk.open()
        neighbour.open()
        desk.write(desk.recording(1, did("ours")), neighbour.recording(1, did("theirs")))
        assert names(desk.session(1)) == ["ours"]
        assert names(neighbour.session(1)) == ["theirs"]

    def test_one_session_may_be_reached_by_two_who_may_see_different_things(self, desk: Desk) -> None:
        session = desk.open("ada")
        desk.open("grace")
        scope = Scope(desk.scope.organisation, 2)
        verdicts = desk.write(
            desk.recording(session.id, did("1")),
            Record(scope=scope, session_id=session.id, activities=(did("not hers"),)),
            desk.narrowed(1).recording(session.id, did("2")),
            desk.recording(session.id, did("3")),
        )
        assert [type(verdict) for verdict in verdicts] == [Recorded, Unknown, Recorded, Recorded]
        read = desk.session(session.id)
        assert sorted(names(read)) == ["1", "2", "3"]
        assert sorted(a.seq for a in read.activities) == [1, 2, 3]

    def test_late_and_in_time_mix(self, desk: Desk) -> None:
        session = idled(desk)
        verdicts = desk.write(
            desk.recording(session.id, did("not late"), key=key("k")),
            desk.recording(session.id, did("late"), late=True),
            desk.recording(session.id, did("in time again")),
        )
        assert [type(verdict) for verdict in verdicts] == [Ended, Recorded, Recorded]
        assert names(desk.session(session.id)) == ["First", "late", "in time again"]

    def test_a_thousand_sessions_at_once_keep_their_own(self, desk: Desk) -> None:
        desk.write(*(desk.opening(started_at=NOON - i % 7) for i in range(300)))
        verdicts = desk.write(*(desk.recording(1 + i % 300, did(str(i))) for i in range(1_000)))
        assert not [verdict for verdict in verdicts if isinstance(verdict, SojournError)]
        assert names(desk.session(300)) == ["299", "599", "899"]
        assert names(desk.session(1)) == ["0", "300", "600", "900"]
