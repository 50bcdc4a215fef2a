"""Opening sessions, bare and whole, on both engines."""

import pytest

from sojourn.core.errors import Exists, Forbidden
from sojourn.core.intent import Open, Opened
from sojourn.core.model import (
    DAY,
    MINUTE,
    Activity,
    Closing,
    Device,
    DeviceDraft,
    Kind,
    Person,
    PersonDraft,
    Remark,
    Session,
)
from sojourn.storage.engine import Engine
from tests.storage.desk import NOON, Desk, did, ids, why
from tests.storage.tables import contents

EARLIER = NOON - 60 * MINUTE


class TestABareSession:
    def test_it_starts_now_and_runs(self, desk: Desk) -> None:
        told = desk.open("ada")
        assert told == Session(
            organisation=desk.scope.organisation,
            id=1,
            kind=Kind.WORK,
            person=Person(id=1, login="ada"),
            device=None,
            module=None,
            started_at=NOON,
            ended_at=None,
            closing=None,
            updated_at=NOON,
            first_at=None,
            last_at=None,
            seen_at=NOON,
            activity_count=0,
        )
        assert desk.session(1) == told

    def test_it_may_have_begun_earlier(self, desk: Desk) -> None:
        told = desk.open(started_at=EARLIER)
        assert (told.started_at, told.seen_at, told.updated_at) == (EARLIER, EARLIER, NOON)
        assert desk.session(told.id) == told

    def test_it_keeps_its_module_and_its_device(self, desk: Desk) -> None:
        told = desk.open(module="Care desk", device=DeviceDraft(guid="{A-1}", name="Till 4"))
        assert (told.module, told.device) == ("Care desk", Device(guid="{A-1}", name="Till 4"))
        assert desk.session(told.id) == told


class TestAWholeSession:
    def test_it_is_told_and_read_back_with_all_that_it_holds(self, desk: Desk) -> None:
        told = desk.open(
            "grace",
            started_at=EARLIER,
            ended_at=EARLIER + 9,
            activities=(did("Late", at=EARLIER + 7), did("Early", "42", at=EARLIER + 2, note="on paper")),
            remarks=(why("Changed mobile number", "by phone"), why("Other")),
        )
        assert (told.first_at, told.last_at, told.seen_at) == (EARLIER + 2, EARLIER + 7, EARLIER + 7)
        assert (told.ended_at, told.closing, told.activity_count) == (EARLIER + 9, Closing.ENDED, 2)
        assert told.remarks == (
            Remark(reason="Changed mobile number", comment="by phone", at=NOON),
            Remark(reason="Other", comment=None, at=NOON),
        )
        read = desk.session(told.id)
        assert read.activities == (
            Activity(
                seq=2, at=EARLIER + 2, entity_type="CUSTOMER", entity_id="42", name="Early", note="on paper"
            ),
            Activity(
                seq=1, at=EARLIER + 7, entity_type="CUSTOMER", entity_id="98662653", name="Late", note=None
            ),
        )  # fmt: skip
        assert desk.store.session(desk.scope, told.id, activities=False) == told

    def test_an_activity_without_a_time_was_at_the_end(self, desk: Desk) -> None:
        told = desk.open(started_at=EARLIER, ended_at=EARLIER + 5, activities=(did(),))
        assert [activity.at for activity in desk.session(told.id).activities] == [EARLIER + 5]

    def test_an_activity_without_a_time_is_now_while_the_session_runs(self, desk: Desk) -> None:
        told = desk.open(started_at=EARLIER, activities=(did(),))
        assert (told.first_at, told.last_at, told.seen_at) == (NOON, NOON, NOON)

    def test_a_clock_ahead_of_ours_does_not_put_an_activity_before_the_start(self, desk: Desk) -> None:
        told = desk.open(started_at=NOON + MINUTE, activities=(did(),))
        assert told.first_at == NOON + MINUTE

    def test_it_may_take_no_time_at_all(self, desk: Desk) -> None:
        told = desk.open(started_at=EARLIER, ended_at=EARLIER)
        assert desk.found(alive_from=EARLIER, alive_to=EARLIER) == [told.id]
        assert desk.found(alive_from=EARLIER + 1) == []


class TestNumbers:
    def test_they_are_dense_in_each_organisation(self, desk: Desk, neighbour: Desk) -> None:
        verdicts = desk.write(desk.opening(), neighbour.opening(), desk.opening(), neighbour.opening(), desk.opening())
        told = [(v.session.organisation, v.session.id) for v in verdicts if isinstance(v, Opened)]
        here, there = desk.scope.organisation, neighbour.scope.organisation
        assert told == [(here, 1), (there, 1), (here, 2), (there, 2), (here, 3)]
        assert desk.open().id == 4

    def test_a_session_that_is_refused_takes_none(self, desk: Desk) -> None:
        desk.open("ada")
        narrowed = desk.narrowed(1)
        refused, good = desk.write(narrowed.opening("grace"), desk.opening("grace"))
        assert isinstance(refused, Forbidden)
        assert isinstance(good, Opened)
        assert good.session.id == 2

    def test_a_deleted_one_is_not_given_again(self, desk: Desk) -> None:
        desk.delete(desk.open().id)
        assert desk.open().id == 2

    def test_one_can_be_kept_and_the_next_go_on_after_it(self, desk: Desk) -> None:
        assert desk.open(id=40).id == 40
        assert desk.open(id=12).id == 12
        assert desk.open().id == 41

    def test_kept_and_new_ones_mix_in_one_write(self, desk: Desk) -> None:
        verdicts = desk.write(desk.opening(), desk.opening(id=5), desk.opening(), desk.opening(id=3))
        assert [v.session.id for v in verdicts if isinstance(v, Opened)] == [6, 5, 7, 3]

    def test_one_that_is_taken_cannot_be_kept(self, desk: Desk) -> None:
        first = desk.open("ada", id=5, activities=(did("First"),))
        with pytest.raises(Exists) as refused:
            desk.open("ada", id=5, activities=(did("Second"),), remarks=(why("Second"),))
        assert (refused.value.noun, refused.value.name) == ("session", 5)
        assert [activity.name for activity in desk.session(5).activities] == ["First"]
        assert desk.session(5).remarks == first.remarks == ()
        assert desk.found(name="Second") == desk.found(text="second") == []
        assert desk.found() == [5]

    def test_one_that_is_kept_twice_in_a_write_is_the_first_ones(self, desk: Desk) -> None:
        first, second = desk.write(desk.opening("ada", id=9), desk.opening("grace", id=9))
        assert isinstance(first, Opened)
        assert isinstance(second, Exists)
        assert desk.session(9).person == Person(id=1, login="ada")
        assert desk.found() == [9]

    def test_the_same_one_can_be_kept_in_two_organisations(self, desk: Desk, neighbour: Desk) -> None:
        assert all(isinstance(v, Opened) for v in desk.write(desk.opening(id=9), neighbour.opening(id=9)))


class TestPeople:
    def test_a_login_name_gets_a_number_on_first_sight(self, desk: Desk) -> None:
        assert [desk.open(who).person for who in ("ada", "grace", "ada")] == [
            Person(id=1, login="ada"),
            Person(id=2, login="grace"),
            Person(id=1, login="ada"),
        ]

    def test_a_number_is_a_person_whose_login_name_it_is(self, desk: Desk) -> None:
        assert desk.open(4711).person == Person(id=4711, login="4711")
        assert desk.open(4711).person == Person(id=4711, login="4711")

    def test_a_known_person_can_be_named_by_number(self, desk: Desk) -> None:
        desk.open("ada")
        assert desk.open(1).person == Person(id=1, login="ada")

    def test_a_number_that_somebody_chose_is_not_given_to_a_login_name(self, desk: Desk) -> None:
        desk.write(desk.opening(1), desk.opening(2), desk.opening(4))
        assert [desk.open(who).person for who in ("ada", "grace")] == [
            Person(id=3, login="ada"),
            Person(id=5, login="grace"),
        ]

    def test_new_people_in_one_write_are_told_apart_and_recognised(self, desk: Desk) -> None:
        verdicts = desk.write(desk.opening("ada"), desk.opening("grace"), desk.opening("ada"), desk.opening(3))
        people = [v.session.person for v in verdicts if isinstance(v, Opened)]
        assert people[0] == people[2]
        assert {person.login for person in people if person} == {"ada", "grace", "3"}
        assert len({person.id for person in people if person}) == 3

    def test_login_names_are_exact(self, desk: Desk) -> None:
        assert [(p.id, p.login) for p in (desk.open(who).person for who in ("ada", "Ada", "ADA", "äda")) if p] == [
            (1, "ada"),
            (2, "Ada"),
            (3, "ADA"),
            (4, "äda"),
        ]

    def test_they_are_numbered_in_each_organisation(self, desk: Desk, neighbour: Desk) -> None:
        desk.open("ada")
        verdicts = desk.write(desk.opening("grace"), neighbour.opening("grace"))
        assert [v.session.person for v in verdicts if isinstance(v, Opened)] == [
            Person(id=2, login="grace"),
            Person(id=1, login="grace"),
        ]

    def test_somebody_narrowed_to_themselves_opens_their_own(self, desk: Desk) -> None:
        desk.open("ada")
        assert desk.narrowed(1).open("ada").person == Person(id=1, login="ada")
        assert desk.narrowed(1).open(1).person == Person(id=1, login="ada")

    @pytest.mark.parametrize("who", ["grace", "stranger", 2, 99])
    def test_somebody_narrowed_to_themselves_opens_no_one_elses(
        self, desk: Desk, engine: Engine, who: str | int
    ) -> None:
        desk.open("ada")
        desk.open("grace")
        before = contents(engine)
        with pytest.raises(Forbidden):
            desk.narrowed(1).open(who, device=DeviceDraft(guid="new", name="New"))
        assert contents(engine) == before

    def test_a_narrowed_persons_number_need_not_have_been_seen(self, desk: Desk) -> None:
        assert desk.narrowed(8).open(8).person == Person(id=8, login="8")


class TestPeopleWithNumberAndName:
    """Sessions that move between stores bring both."""

    @staticmethod
    def opening(desk: Desk, number: int, login: str) -> Open:
        return Open(scope=desk.scope, person=PersonDraft(id=number, login=login))

    def test_both_are_kept_together(self, desk: Desk) -> None:
        for _ in range(2):
            told = desk.one(self.opening(desk, 17, "ada"))
            assert isinstance(told, Opened)
            assert told.session.person == Person(id=17, login="ada")
        assert desk.open("ada").person == desk.open(17).person == Person(id=17, login="ada")

    @pytest.mark.parametrize(("number", "login"), [(17, "grace"), (18, "ada")])
    def test_one_that_is_anothers_is_refused_and_leaves_nothing(
        self, desk: Desk, engine: Engine, number: int, login: str
    ) -> None:
        desk.one(self.opening(desk, 17, "ada"))
        before = contents(engine)
        with pytest.raises(Exists) as refused:
            desk.one(self.opening(desk, number, login))
        assert refused.value.noun == "person"
        assert contents(engine) == before

    def test_in_one_write_the_first_has_them(self, desk: Desk) -> None:
        verdicts = desk.write(
            self.opening(desk, 17, "ada"),
            self.opening(desk, 17, "grace"),
            self.opening(desk, 18, "ada"),
            self.opening(desk, 18, "grace"),
            desk.opening("ada"),
        )
        assert [type(verdict) for verdict in verdicts] == [Opened, Exists, Exists, Opened, Opened]
        assert [session.person for session in desk.page().sessions] == [
            Person(id=17, login="ada"),
            Person(id=18, login="grace"),
            Person(id=17, login="ada"),
        ]


class TestDevices:
    def test_a_device_is_known_by_its_guid_alone(self, desk: Desk) -> None:
        first = desk.open(device="{A-1}")
        second = desk.open(device=DeviceDraft(guid="{A-1}", name="Till 4"))
        third = desk.open(device="{a-1}")
        assert [session.device for session in (first, second, third)] == [
            Device(guid="{A-1}", name=None),
            Device(guid="{A-1}", name="Till 4"),
            Device(guid="{a-1}", name=None),
        ]
        assert ids(desk.page(device="{A-1}").sessions) == [second.id, first.id]

    def test_the_last_name_that_was_told_is_kept(self, desk: Desk) -> None:
        for name in ("Till 4", "Till 5", None):
            desk.open(device=DeviceDraft(guid="{A-1}", name=name))
        told = {session.device for session in desk.page().sessions}
        assert told == {Device(guid="{A-1}", name="Till 5")}

    def test_one_device_may_be_told_many_times_in_one_write(self, desk: Desk) -> None:
        named, bare = DeviceDraft(guid="{A-1}", name="Till 4"), DeviceDraft(guid="{A-1}")
        desk.write(*(desk.opening(device=device) for device in (bare, named, bare)))
        assert {session.device for session in desk.page().sessions} == {Device(guid="{A-1}", name="Till 4")}

    def test_they_are_each_organisations_own(self, desk: Desk, neighbour: Desk) -> None:
        desk.write(
            desk.opening(device=DeviceDraft(guid="{A-1}", name="Ours")),
            neighbour.opening(device=DeviceDraft(guid="{A-1}", name="Theirs")),
        )
        assert desk.session(1).device == Device(guid="{A-1}", name="Ours")
        assert neighbour.session(1).device == Device(guid="{A-1}", name="Theirs")

    def test_a_session_that_is_refused_names_none(self, desk: Desk, engine: Engine) -> None:
        desk.open(id=5, device=DeviceDraft(guid="{A-1}", name="Till 4"))
        before = contents(engine)
        with pytest.raises(Exists):
            desk.open("stranger", id=5, device=DeviceDraft(guid="{A-1}", name="Till 5"))
        with pytest.raises(Exists):
            desk.open("stranger", id=5, device="new")
        assert contents(engine) == before


def test_days_are_tallied_by_the_start_of_a_session(desk: Desk) -> None:
    day = NOON // DAY * DAY
    for started_at in (day - 1, day, day + DAY - 1, day + DAY):
        desk.now = day + 2 * DAY
        desk.open(started_at=started_at)
    assert desk.found(started_from=day, started_to=day + DAY - 1) == [2, 3]
    assert desk.found(started_from=day, started_to=day + DAY - 2) == [2]
    assert desk.found(started_from=day + 1, started_to=day + DAY - 1) == [3]
    assert desk.found(started_from=day - DAY, started_to=day - 1) == [1]
    assert desk.found(started_from=day + DAY) == [4]
