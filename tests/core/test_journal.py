"""The way to read: pages that are followed, and answers longer than any page."""

import pytest

from sojourn.core.access import Scope
from sojourn.core.errors import Forbidden, Unknown
from sojourn.core.intent import Deliver, Delivered
from sojourn.core.journal import CHUNK, FIRST_CHUNK, Journal
from sojourn.core.model import BATCH_LENGTH, DAY
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.core.presence import Window
from sojourn.core.query import Order, SessionQuery
from sojourn.core.report import Visit
from sojourn.core.visit import Source, user_session_id
from tests.storage.desk import NOON, Desk, did, ids


@pytest.fixture
def desk(store: SessionStore, access: AccessStore) -> Desk:
    return Desk(store, access.add_organisation("Desk", "guid", NOON).id)


@pytest.fixture
def journal(store: SessionStore) -> Journal:
    return Journal(store)


def query(desk: Desk, limit: int, **rest: object) -> SessionQuery:
    return SessionQuery(scope=desk.scope, limit=limit, order=Order.OLDEST, **rest)  # type: ignore[arg-type]


class TestSessions:
    @pytest.mark.parametrize(("count", "chunks"), [(0, []), (2, [2]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
    def test_all_that_is_found_comes_in_chunks(
        self, desk: Desk, journal: Journal, count: int, chunks: list[int]
    ) -> None:
        desk.write(*(desk.opening() for _ in range(count)))
        told = list(journal.sessions(query(desk, 3)))
        assert [len(chunk) for chunk in told] == chunks
        assert [number for chunk in told for number in ids(chunk)] == list(range(1, count + 1))

    def test_an_offset_is_passed_over_once(self, desk: Desk, journal: Journal) -> None:
        desk.write(*(desk.opening() for _ in range(8)))
        told = [number for chunk in journal.sessions(query(desk, 3, offset=2)) for number in ids(chunk)]
        assert told == [3, 4, 5, 6, 7, 8]

    def test_what_is_deleted_meanwhile_is_left_out_and_nothing_else(self, desk: Desk, journal: Journal) -> None:
        desk.write(*(desk.opening() for _ in range(8)))
        chunks = journal.sessions(query(desk, 3))
        told = ids(next(chunks))
        desk.write(*(desk.deleting(number) for number in (2, 3, 4)))
        told += [number for chunk in chunks for number in ids(chunk)]
        assert told == [1, 2, 3, 5, 6, 7, 8]


class TestRest:
    def test_what_a_list_did_not_show_follows(self, desk: Desk, journal: Journal) -> None:
        desk.open(started_at=NOON - DAY, activities=tuple(did(str(i), at=NOON - DAY + i) for i in range(2_500)))
        for listed in (1, 2_500, 2_499):
            ((session,),) = journal.sessions(query(desk, 3, activities=True, listed=listed))
            rest = [activity for chunk in journal.rest(desk.scope, session) for activity in chunk]
            names = [activity.name for activity in (*session.activities, *rest)]
            assert names == [str(i) for i in range(2_500)]

    def test_it_comes_in_chunks_and_from_the_first_where_none_was_shown(self, desk: Desk, journal: Journal) -> None:
        desk.open(activities=(did(),) * (BATCH_LENGTH + 1))
        session = journal.session(desk.scope, 1)
        assert [len(chunk) for chunk in journal.rest(desk.scope, session)] == [BATCH_LENGTH, 1]

    def test_there_is_none_of_a_session_that_shows_all_or_is_gone(self, desk: Desk, journal: Journal) -> None:
        whole = journal.session(desk.scope, desk.open(activities=(did(),)).id, activities=True)
        assert list(journal.rest(desk.scope, whole)) == []
        bare = journal.session(desk.scope, 1)
        desk.delete(1)
        assert list(journal.rest(desk.scope, bare)) == []


def test_stays_come_in_chunks_of_which_the_first_is_short(desk: Desk, journal: Journal) -> None:
    count = FIRST_CHUNK + CHUNK + 5
    for first in range(0, count, 500):
        desk.write(*(desk.opening(started_at=NOON - i // 2) for i in range(first, min(first + 500, count))))
    told = list(journal.stays(desk.scope, Window()))
    assert [len(chunk) for chunk in told] == [FIRST_CHUNK, CHUNK, 5]
    numbers = [stay[1] for chunk in told for stay in chunk]
    assert len(set(numbers)) == count
    assert list(journal.stays(desk.scope, Window(end=0))) == []


def test_activities_are_paged(desk: Desk, journal: Journal) -> None:
    desk.open(activities=(did("a"), did("b"), did("c")))
    first = journal.activities(desk.scope, 1, limit=2)
    second = journal.activities(desk.scope, 1, after=first.next, limit=2)
    assert [activity.name for activity in (*first.activities, *second.activities)] == ["a", "b", "c"]
    assert second.next is None


def test_devices_are_not_told_to_who_may_see_one_person(desk: Desk, journal: Journal) -> None:
    desk.open("ada", device="{A-1}")
    assert [device.guid for device in journal.devices(desk.scope).devices] == ["{A-1}"]
    with pytest.raises(Forbidden):
        journal.devices(Scope(desk.scope.organisation, 1))
    with pytest.raises(Forbidden):
        journal.device(Scope(desk.scope.organisation, 1), "{A-1}")
    assert journal.device(desk.scope, "{A-1}").guid == "{A-1}"
    assert [person.login for person in journal.people(Scope(desk.scope.organisation, 1)).people] == ["ada"]


def test_the_newest_session_on_a_device_is_its_last_sign_of_life(desk: Desk, journal: Journal) -> None:
    for device in ("a", "b", "a"):
        desk.open(device=device)
    newest = journal.latest_on(desk.scope, ["a", "b", "c"])
    assert {guid: session.id for guid, session in newest.items()} == {"a": 3, "b": 2}


@pytest.mark.parametrize("user_session_id", ["", "nonsense", "1-1-1", "\0", "9" * 200])
def test_what_is_no_id_of_a_visit_is_unknown(desk: Desk, journal: Journal, user_session_id: str) -> None:
    for ask in (journal.visit, journal.visit_number, journal.har):
        with pytest.raises(Unknown):
            ask(desk.scope, user_session_id)


def test_the_id_of_a_visit_leads_to_it_in_its_organisation_and_round_alone(desk: Desk, journal: Journal) -> None:
    visit = Visit(agent_id="agent", date=NOON, visited_site="example.org", protocol="https", port=443, har="{}")
    told = desk.one(Deliver(scope=desk.scope, visit=visit, facets={}, source=Source(address=None)))
    assert isinstance(told, Delivered)
    good, number = told.user_session_id, told.session_id
    assert journal.visit(desk.scope, good).id == journal.visit_number(desk.scope, good) == number
    assert journal.har(desk.scope, good) == "{}"
    assert journal.newest_visit(desk.scope) == NOON
    another_round = user_session_id(desk.scope.organisation, NOON + DAY, number)
    for scope, wrong in ((desk.scope, another_round), (Scope(9), good)):
        for ask in (journal.visit, journal.visit_number):
            with pytest.raises(Unknown):
                ask(scope, wrong)
    desk.delete(number)
    with pytest.raises(Unknown):
        journal.visit(desk.scope, good)
    assert journal.visit_number(desk.scope, good) == number
