"""The contract of `SessionStore`: one class for each of its methods, on both engines.

What each sort of intent does is in `test_opening`, `test_recording`, `test_remarking`, `test_ending`, `test_deleting`
and `test_keys`; what each filter finds, in `test_search`.
"""

from dataclasses import replace

import pytest

from sojourn.core.errors import Ended, SojournError, Unknown
from sojourn.core.intent import Annotated, Deleted, Finished, Opened, Recorded
from sojourn.core.model import DAY, MINUTE, Activity, Closing, Device, DeviceDraft, PersonDraft
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.core.presence import Stay, Window
from sojourn.core.query import ActivityPage, DevicePage, Order, Place, SessionPage, Status
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.database import connect
from sojourn.storage.engine import Engine
from sojourn.storage.schema import migrate
from sojourn.storage.store import Store
from tests.storage.desk import MIDNIGHT, NOON, Desk, did, ids, key, why
from tests.storage.tables import contents

HALF_HOUR = 30 * MINUTE


class TestWrite:
    def test_nothing_is_answered_with_nothing(self, store: SessionStore) -> None:
        assert store.write([], NOON) == []

    def test_each_has_a_verdict_of_its_own_in_order(self, desk: Desk) -> None:
        desk.write(*(desk.opening() for _ in range(4)))
        verdicts = desk.write(
            desk.deleting(4),
            desk.ending(3),
            desk.ending(98),
            desk.annotating(2, why("Other")),
            desk.recording(1, did()),
            desk.opening(),
            desk.recording(99, did()),
        )
        assert [type(verdict) for verdict in verdicts] == [
            Deleted, Finished, Unknown, Annotated, Recorded, Opened, Unknown,
        ]  # fmt: skip
        assert desk.found() == [1, 2, 3, 5]

    def test_what_was_acknowledged_is_there_after_a_restart(self, database_url: str) -> None:
        engine = connect(database_url)
        try:
            migrate(engine, NOON)
            desk = Desk(Store(engine), AccessOnDisk(engine).add_organisation("Desk", "guid", NOON).id)
            told = desk.open(activities=(did(),), remarks=(why("Other"),), key=key("k"))
        finally:
            engine.close()
        again = connect(database_url)
        try:
            read = Store(again).session(desk.scope, told.id, activities=False)
            (repeated,) = Store(again).write([desk.opening(key=key("k"))], NOON)
        finally:
            again.close()
        assert read == told
        assert repeated == Opened(session=told)

    def test_a_bug_in_the_middle_leaves_nothing(
        self, engine: Engine, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.open()
        before = contents(engine)

        def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("sojourn.storage.ending.add_remarks", broken)
        with pytest.raises(ZeroDivisionError):
            desk.write(
                desk.opening("grace", activities=(did(),), key=key("k")), desk.recording(1, did()), desk.ending(1)
            )
        monkeypatch.undo()
        assert contents(engine) == before
        assert desk.open("grace", key=key("k")).id == 2

    def test_every_sort_for_one_session_in_one_write(self, desk: Desk) -> None:
        session = desk.open(started_at=NOON - DAY)
        verdicts = desk.write(
            desk.ending(session.id, why("b")),
            desk.recording(session.id, did(), late=True),
            desk.annotating(session.id, why("a")),
            desk.recording(session.id, did(at=NOON - DAY)),
        )
        assert not [verdict for verdict in verdicts if isinstance(verdict, SojournError)]
        read = desk.session(session.id)
        assert (read.activity_count, read.ended_at, [r.reason for r in read.remarks]) == (2, NOON, ["a", "b"])


class TestPage:
    @pytest.fixture
    def six(self, desk: Desk) -> Desk:
        """Six sessions: two of a day, two that began at the same moment, two of other days."""
        for started_at in (MIDNIGHT - DAY, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + DAY, MIDNIGHT + DAY, MIDNIGHT + 3 * DAY):
            desk.now = max(desk.now, started_at)
            desk.open("ada" if started_at % 2 else "grace", started_at=started_at)
        return desk

    def test_an_empty_store_has_an_empty_page(self, desk: Desk) -> None:
        assert desk.page() == SessionPage(sessions=(), next=None, total=None)
        assert desk.page(total=True) == SessionPage(sessions=(), next=None, total=0)
        assert desk.page(offset=3) == SessionPage(sessions=(), next=None, total=None)

    def test_newest_first_then_the_highest_number(self, six: Desk) -> None:
        assert ids(six.page().sessions) == [6, 5, 4, 3, 2, 1]

    def test_oldest_first_then_the_lowest_number(self, six: Desk) -> None:
        assert ids(six.page(order=Order.OLDEST).sessions) == [1, 2, 3, 4, 5, 6]

    @pytest.mark.parametrize("total", [False, True])
    @pytest.mark.parametrize("order", list(Order))
    @pytest.mark.parametrize("offset", range(8))
    def test_an_offset_passes_over_that_many(self, six: Desk, order: Order, offset: int, total: bool) -> None:
        expected = [6, 5, 4, 3, 2, 1] if order is Order.NEWEST else [1, 2, 3, 4, 5, 6]
        page = six.page(order=order, offset=offset, limit=2, total=total)
        assert ids(page.sessions) == expected[offset : offset + 2]
        assert page.total == (6 if total else None)
        assert (page.next is None) == (offset + 2 >= 6)

    @pytest.mark.parametrize("order", list(Order))
    def test_an_offset_within_a_range_that_cuts_days(self, six: Desk, order: Order) -> None:
        found = []
        for offset in range(5):
            page = six.page(
                order=order, offset=offset, limit=1, total=True, started_from=MIDNIGHT + 1, started_to=MIDNIGHT + DAY
            )
            assert page.total == 3
            found += ids(page.sessions)
        assert found == ([5, 4, 3] if order is Order.NEWEST else [3, 4, 5])

    @pytest.mark.parametrize("order", list(Order))
    @pytest.mark.parametrize("limit", range(1, 7))
    def test_following_next_neither_repeats_nor_skips(self, six: Desk, order: Order, limit: int) -> None:
        page = six.page(order=order, limit=limit)
        found = ids(page.sessions)
        while page.next is not None:
            page = six.page(order=order, limit=limit, after=page.next)
            assert page.sessions
            found += ids(page.sessions)
        assert found == ([6, 5, 4, 3, 2, 1] if order is Order.NEWEST else [1, 2, 3, 4, 5, 6])

    def test_what_is_added_in_front_does_not_shift_what_follows(self, six: Desk) -> None:
        first = six.page(limit=2)
        six.now += 1
        added = six.open()
        six.delete(first.sessions[-1].id)
        assert ids(six.page(after=first.next).sessions) == [4, 3, 2, 1]
        assert ids(six.page(limit=1).sessions) == [added.id]

    def test_an_offset_counts_from_a_place_where_both_are_given(self, six: Desk) -> None:
        place = Place(MIDNIGHT + DAY, 5)
        page = six.page(after=place, offset=1, limit=2, total=True)
        assert (ids(page.sessions), page.total) == ([3, 2], 6)

    def test_a_total_is_told_only_where_it_was_asked_for(self, six: Desk) -> None:
        assert six.page(offset=2).total is None
        assert six.page(offset=99).total is None
        assert six.page(offset=99, total=True) == SessionPage(sessions=(), next=None, total=6)

    def test_activities_and_remarks_come_with_it_if_asked_for(self, desk: Desk) -> None:
        desk.open(activities=(did("b"),), remarks=(why("x"), why("y")))
        desk.open()
        desk.open(activities=(did("d"), did("c", at=NOON)))
        with_all = desk.page(activities=True).sessions
        assert with_all == tuple(desk.session(number) for number in (3, 2, 1))
        without = desk.page().sessions
        assert [session.activities for session in without] == [(), (), ()]
        assert [len(session.remarks) for session in without] == [0, 0, 2]

    def test_a_list_shows_the_first_thousand_activities_of_a_session(self, desk: Desk) -> None:
        desk.open(started_at=NOON - DAY, activities=tuple(did(str(i), at=NOON - i) for i in range(1_000)))
        desk.open(activities=(did(),))
        (_, short) = desk.page(activities=True).sessions
        assert short.activities == desk.session(1).activities
        desk.record(1, did("the last"), did("the first", at=NOON - DAY))
        (other, longer) = desk.page(activities=True).sessions
        assert len(other.activities) == 1
        assert longer.activity_count == 1_002
        assert longer.activities == desk.session(1).activities[:1_000]
        assert longer.activities[0].name == "the first"

    def test_the_sessions_of_others_are_not_in_it(self, six: Desk, neighbour: Desk) -> None:
        neighbour.open("ada")
        assert ids(neighbour.page(total=True).sessions) == [1]
        for offset in (0, 1):
            page = six.narrowed(2).page(total=True, offset=offset)
            assert (ids(page.sessions), page.total) == ([3][offset:], 1)
        assert six.narrowed(1).page(person=2, total=True) == SessionPage(sessions=(), next=None, total=0)
        assert six.narrowed(1).page(login="ada").sessions == ()
        assert ids(six.narrowed(2).page(login="ada").sessions) == [3]
        assert ids(six.narrowed(2).page(person=2).sessions) == [3]

    def test_totals_follow_every_change(self, desk: Desk) -> None:
        for number in range(1, 6):
            desk.open(started_at=NOON - number * DAY, id=6 - number)
        desk.delete(3)
        desk.end(2)
        assert desk.page(total=True).total == desk.page(person=1, total=True).total == 4
        assert desk.page(total=True, started_from=NOON - 3 * DAY, started_to=NOON).total == 2


class TestSession:
    def test_it_comes_with_or_without_its_activities(self, desk: Desk) -> None:
        told = desk.open(activities=(did(),), remarks=(why("Other"),), device="{A-1}", module="Care desk")
        assert desk.store.session(desk.scope, 1, activities=False) == told
        read = desk.store.session(desk.scope, 1, activities=True)
        assert [activity.seq for activity in read.activities] == [1]

    def test_it_has_all_its_activities_however_many(self, desk: Desk) -> None:
        desk.open(activities=tuple(did(str(i)) for i in range(1_000)))
        desk.record(1, *(did(str(i)) for i in range(1_000, 1_500)))
        assert [activity.name for activity in desk.session(1).activities] == [str(i) for i in range(1_500)]

    def test_what_is_unknown_or_another_s_is_unknown(self, desk: Desk, neighbour: Desk) -> None:
        desk.open("ada")
        desk.open("grace")
        for other, number in ((desk, 99), (neighbour, 1), (desk.narrowed(2), 1), (desk, 0), (desk, -1)):
            with pytest.raises(Unknown) as refused:
                other.session(number)
            assert (refused.value.noun, refused.value.name) == ("session", number)
        assert desk.narrowed(2).session(2).id == 2


class TestActivities:
    def test_they_are_paged_in_order_of_time(self, desk: Desk) -> None:
        desk.open(started_at=NOON - DAY, activities=(did("c", at=NOON - 1), did("a", at=NOON - 9)))
        desk.record(1, did("d", at=NOON - 1), did("b", at=NOON - 5), did("e"))
        found: list[Activity] = []
        place: Place | None = None
        for expected in ("ab", "cd", "e"):
            page = desk.store.activities(desk.scope, 1, after=place, limit=2)
            assert "".join(activity.name for activity in page.activities) == expected
            found += page.activities
            place = page.next
        assert place is None
        assert tuple(found) == desk.session(1).activities

    def test_a_page_that_is_just_full_is_the_last(self, desk: Desk) -> None:
        desk.open(activities=(did("a"), did("b")))
        page = desk.store.activities(desk.scope, 1, after=None, limit=2)
        assert (len(page.activities), page.next) == (2, None)

    def test_a_session_may_have_none(self, desk: Desk) -> None:
        desk.open()
        assert desk.store.activities(desk.scope, 1, after=None, limit=5) == ActivityPage(activities=(), next=None)

    def test_those_of_another_are_unknown(self, desk: Desk, neighbour: Desk) -> None:
        desk.open("ada", activities=(did(),))
        desk.open("grace")
        for other, number in ((desk, 99), (neighbour, 1), (desk.narrowed(2), 1)):
            with pytest.raises(Unknown):
                other.store.activities(other.scope, number, after=None, limit=5)


class TestStays:
    @pytest.fixture
    def three(self, desk: Desk, neighbour: Desk) -> Desk:
        """A long session with activities on each of its days, a short one, and one that runs."""
        desk.open(
            "ada",
            device="{A-1}",
            started_at=MIDNIGHT - 3 * DAY,
            ended_at=MIDNIGHT + 5,
            activities=tuple(did(at=MIDNIGHT - days * DAY + at) for days in (1, 2) for at in (7, 9)),
        )
        desk.open("grace", started_at=MIDNIGHT - 2 * DAY, ended_at=MIDNIGHT - 2 * DAY + 1)
        desk.open("ada", started_at=MIDNIGHT - DAY, activities=(did(at=MIDNIGHT + 1),))
        neighbour.open("ada", started_at=MIDNIGHT - 2 * DAY)
        return desk

    @staticmethod
    def told(desk: Desk, window: Window, limit: int = 10, offset: int = 0, after: Place | None = None) -> list[Stay]:
        return desk.store.stays(desk.scope, window, after=after, limit=limit, offset=offset)

    def test_without_a_window_they_are_told_as_they_were(self, three: Desk) -> None:
        assert self.told(three, Window()) == [
            (MIDNIGHT - 3 * DAY, 1, 1, "{A-1}", MIDNIGHT - 3 * DAY, MIDNIGHT + 5),
            (MIDNIGHT - 2 * DAY, 2, 2, "guid-1", MIDNIGHT - 2 * DAY, MIDNIGHT - 2 * DAY + 1),
            (MIDNIGHT - DAY, 3, 1, "guid-1", MIDNIGHT - DAY, None),
        ]

    def test_a_window_cuts_to_the_activities_inside_it(self, three: Desk) -> None:
        window = Window(start=MIDNIGHT - DAY + 8, end=MIDNIGHT)
        assert self.told(three, window) == [
            (MIDNIGHT - 3 * DAY, 1, 1, "{A-1}", MIDNIGHT - DAY + 9, MIDNIGHT - DAY + 9),
            (MIDNIGHT - DAY, 3, 1, "guid-1", MIDNIGHT - DAY + 8, MIDNIGHT),
        ]

    def test_they_are_paged_by_place_and_by_offset(self, three: Desk) -> None:
        first, second, third = self.told(three, Window())
        assert self.told(three, Window(), limit=2) == [first, second]
        assert self.told(three, Window(), limit=2, offset=1) == [second, third]
        assert self.told(three, Window(), after=Place(*second[:2])) == [third]

    def test_one_who_is_narrowed_is_told_their_own(self, three: Desk) -> None:
        assert [stay[1] for stay in self.told(three.narrowed(1), Window(start=MIDNIGHT - 3 * DAY))] == [1, 3]
        assert self.told(three.narrowed(9), Window()) == []


class TestMeasuredStays:
    def test_each_comes_with_the_times_inside_it_in_order(self, desk: Desk) -> None:
        times = [NOON - 9, NOON - 1, NOON - 5, NOON - 5]
        desk.open(started_at=NOON - 10, ended_at=NOON, activities=tuple(did(at=at) for at in times))
        desk.open(started_at=NOON - 10, activities=tuple(did(at=at) for at in times))
        desk.open(started_at=NOON - 7)

        def told(window: Window, until: int) -> list[tuple[int, list[int]]]:
            stays = desk.store.measured_stays(desk.scope, window, until, after=None, limit=10, offset=0)
            return [(stay[1], moments) for stay, moments in stays]

        whole = sorted(times)
        assert told(Window(), NOON) == [(1, whole), (2, whole), (3, [])]
        assert told(Window(), NOON - 4) == [(1, whole), (2, whole[:3]), (3, [])]
        assert told(Window(start=NOON - 8, end=NOON - 5), NOON) == [(1, whole[1:3]), (2, whole[1:3]), (3, [])]

    def test_they_are_paged_like_the_others(self, desk: Desk) -> None:
        for _ in range(3):
            desk.open()
        stays = desk.store.measured_stays(desk.scope, Window(), NOON, after=Place(NOON, 1), limit=1, offset=1)
        assert [stay[1] for stay, _ in stays] == [3]


class TestLogins:
    def test_each_number_has_its_name_in_its_organisation(self, desk: Desk, neighbour: Desk) -> None:
        desk.write(desk.opening("ada"), neighbour.opening("joan"), desk.opening("grace"))
        assert desk.store.logins(desk.scope, [1, 2, 99]) == {1: "ada", 2: "grace"}
        assert neighbour.store.logins(neighbour.scope, [1]) == {1: "joan"}
        assert desk.store.logins(desk.scope, []) == {}


class TestCloseIdle:
    def test_a_session_ends_with_its_last_sign_of_life_and_not_with_the_sweep(self, desk: Desk) -> None:
        bare = desk.open(started_at=NOON - DAY)
        active = desk.open(started_at=NOON - DAY, activities=(did(at=NOON - 5),))
        alive = desk.open(started_at=NOON - DAY, activities=(did(at=NOON - 5),))
        desk.record(alive.id)
        desk.now += HALF_HOUR + 1
        assert desk.store.close_idle(desk.now, 10) == 3
        read = [desk.session(session.id) for session in (bare, active, alive)]
        assert [session.ended_at for session in read] == [NOON - DAY, NOON - 5, NOON]
        assert {session.closing for session in read} == {Closing.IDLE}
        assert {session.updated_at for session in read} == {desk.now}
        assert desk.found(status=Status.ENDED) == [1, 2, 3]
        assert desk.found(alive_from=NOON - 4) == [alive.id]

    def test_the_limit_must_be_over(self, desk: Desk) -> None:
        desk.open()
        assert desk.store.close_idle(NOON + HALF_HOUR, 10) == 0
        assert desk.store.close_idle(NOON + HALF_HOUR + 1, 10) == 1
        assert desk.store.close_idle(NOON + HALF_HOUR + 1, 10) == 0

    def test_every_write_is_a_sign_of_life(self, desk: Desk) -> None:
        desk.write(*(desk.opening(started_at=NOON - DAY) for _ in range(4)))
        desk.now += HALF_HOUR
        desk.record(1)
        desk.record(2, did(at=NOON - DAY))
        desk.annotate(3, why("Other"))
        desk.now += 1
        assert desk.store.close_idle(desk.now, 10) == 1
        assert desk.found(status=Status.ENDED) == [4]

    def test_what_has_ended_is_left_alone(self, desk: Desk) -> None:
        desk.open(ended_at=NOON, started_at=NOON - 5)
        assert desk.store.close_idle(NOON + DAY, 10) == 0
        assert desk.session(1).closing is Closing.ENDED

    def test_each_organisation_has_a_limit_of_its_own_and_0_is_never(self, desk: Desk, access: AccessStore) -> None:
        desks = [desk]
        for number, limit in enumerate((60, 0), 2):
            organisation = access.add_organisation(f"Other {number}", "guid", NOON)
            access.change_organisation(replace(organisation, idle_limit=limit))
            desks.append(Desk(desk.store, organisation.id))
        for one in desks:
            one.open()
        assert desk.store.close_idle(NOON + MINUTE + 1, 10) == 1
        assert [one.found(status=Status.ENDED) for one in desks] == [[], [1], []]
        assert desk.store.close_idle(NOON + 1_000 * DAY, 10) == 1
        assert [one.found(status=Status.ENDED) for one in desks] == [[1], [1], []]

    def test_at_most_so_many_of_each_organisation_the_longest_idle_first(self, desk: Desk, neighbour: Desk) -> None:
        for _ in range(3):
            desk.open()
            neighbour.open()
            desk.now += 1
        assert desk.store.close_idle(NOON + DAY, 2) == 4
        assert desk.found(status=Status.ACTIVE) == [3]
        assert desk.store.close_idle(NOON + DAY, 2) == 2

    def test_nothing_is_recorded_after_it(self, desk: Desk) -> None:
        desk.open()
        desk.now += DAY
        desk.store.close_idle(desk.now, 10)
        with pytest.raises(Ended):
            desk.record(1, did())


class TestForgetKeys:
    def test_those_that_have_had_their_day_are_forgotten_oldest_first(self, desk: Desk, engine: Engine) -> None:
        for text in ("a", "b", "c"):
            desk.open(key=key(text))
            desk.now += 1
        assert desk.store.forget_keys(NOON + DAY - 1, 10) == 0
        assert desk.store.forget_keys(NOON + DAY + 1, 1) == 1
        assert [row[2] for row in contents(engine)["idempotency"]] == ["b", "c"]
        assert desk.store.forget_keys(NOON + DAY + 1, 10) == 1
        assert [row[2] for row in contents(engine)["idempotency"]] == ["c"]
        assert desk.store.forget_keys(NOON + DAY + 2, 10) == 1
        assert contents(engine)["idempotency"] == []

    def test_nothing_else_is_forgotten(self, desk: Desk, engine: Engine) -> None:
        desk.open(key=key("a"), activities=(did(),))
        before = contents(engine, "idempotency")
        desk.store.forget_keys(NOON + DAY, 10)
        assert contents(engine, "idempotency") == before


def test_a_person_narrowed_to_by_a_membership_is_the_one_whose_sessions_are_seen(
    desk: Desk, access: AccessStore
) -> None:
    access.add_principal("ada@example.org", NOON)
    member = access.join(desk.scope.organisation, "ada@example.org", "Readers", PersonDraft(login="ada"))
    desk.open("grace")
    session = desk.open("ada")
    assert desk.narrowed(member.person).found() == [session.id]


class TestPeople:
    def test_they_are_told_by_number_in_pages(self, store: SessionStore, desk: Desk) -> None:
        for who in ("ada", 7, "bob", "cleo"):
            desk.open(who)
        first = store.people(desk.scope, after=None, limit=2)
        assert [(person.id, person.login) for person in first.people] == [(1, "ada"), (2, "bob")]
        second = store.people(desk.scope, after=first.next, limit=2)
        assert [(person.id, person.login) for person in second.people] == [(3, "cleo"), (7, "7")]
        assert second.next is None

    def test_one_who_is_narrowed_knows_only_themselves(self, store: SessionStore, desk: Desk) -> None:
        desk.open("ada")
        desk.open("bob")
        page = store.people(desk.narrowed(2).scope, after=None, limit=10)
        assert [person.login for person in page.people] == ["bob"]

    def test_another_organisation_has_its_own(self, store: SessionStore, desk: Desk, neighbour: Desk) -> None:
        desk.open("ada")
        assert store.people(neighbour.scope, after=None, limit=10).people == ()


class TestDevice:
    def test_it_is_told_by_its_guid_to_its_own_organisation(
        self, store: SessionStore, desk: Desk, neighbour: Desk
    ) -> None:
        desk.open(device=DeviceDraft(guid="z", name="Z"))
        assert store.device(desk.scope, "z") == Device(guid="z", name="Z")
        for scope, guid in ((desk.scope, "y"), (neighbour.scope, "z")):
            with pytest.raises(Unknown):
                store.device(scope, guid)


class TestDevices:
    def test_they_are_told_as_they_were_first_seen_in_pages(self, store: SessionStore, desk: Desk) -> None:
        for guid in ("z", "y", "z", "x"):
            desk.open(device=DeviceDraft(guid=guid, name=guid.upper() if guid == "y" else None))
        first = store.devices(desk.scope, after=None, limit=2)
        assert first.devices == (Device(guid="z", name=None), Device(guid="y", name="Y"))
        second = store.devices(desk.scope, after=first.next, limit=1)
        assert second == DevicePage(devices=(Device(guid="x", name=None),), next=None)

    def test_another_organisation_has_its_own(self, store: SessionStore, desk: Desk, neighbour: Desk) -> None:
        desk.open(device="z")
        assert store.devices(neighbour.scope, after=None, limit=10).devices == ()
