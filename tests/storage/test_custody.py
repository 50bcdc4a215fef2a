"""What is deleted by age, held and erased, on both engines: after every piece, lists and totals are right."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.core.access import Scope
from sojourn.core.custodian import Custodian, Pace
from sojourn.core.custody import CustodyStore, Mark
from sojourn.core.erasure import Counts, EntityErased, Left, PersonErased, State, chained, subject_digest
from sojourn.core.errors import Exists, Held, Invalid, SojournError, Unknown
from sojourn.core.hold import Hold, Holdable
from sojourn.core.intent import Delete, Deleted
from sojourn.core.model import DAY, MINUTE, SECOND, PersonDraft, Session
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.core.query import SessionFilter, SessionQuery
from sojourn.core.retention import LEAST, LOGINS, Retention, Sort
from sojourn.storage import removal
from sojourn.storage.custody import CustodyOnDisk
from sojourn.storage.engine import Engine
from tests.storage import reference
from tests.storage.desk import NOON, Desk, did, key, somebody, why
from tests.storage.tables import contents
from tests.storage.test_access import draft

WEEK = 7 * DAY


@pytest.fixture
def custody(engine: Engine) -> CustodyStore:
    return CustodyOnDisk(engine)


@pytest.fixture
def custodian(custody: CustodyStore, desk: Desk) -> Custodian:
    return Custodian(custody, lambda: desk.now, timer=lambda: 0.0, rest=lambda _: None)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let little be much: a session of six activities goes in pieces."""
    monkeypatch.setattr(removal, "WHOLE", 5)


def keeping(**seconds: int) -> Retention:
    return Retention(seconds={Sort(sort): number for sort, number in seconds.items()})


def ended(desk: Desk, who: str = "ada", *, age: int = WEEK, n: int = 1, **more: object) -> int:
    """A session that ended so long ago, with so much done in it; its number."""
    end = desk.now - age
    done = tuple([did(f"Did{i}", f"{who}-{i}", at=end - MINUTE, note=f"note {who}{i}") for i in range(n)])
    return desk.open(
        who, started_at=end - MINUTE, ended_at=end, activities=done, remarks=(why("Asked", f"by {who}"),), **more
    ).id


def everything(desk: Desk) -> list[Session]:
    """All sessions, whole."""
    return [desk.session(number) for number in desk.found()]


def agree(desk: Desk, known: list[Session]) -> None:
    """Every list and every total tells of the sessions that there are, and of no others."""
    logins = {session.person.login for session in known if session.person}
    words = [None, *{word for session in known for word in reference.said(session)}]
    ids = [None, *{activity.entity_id for session in known for activity in session.activities}]
    filters = [SessionFilter()]
    filters += [SessionFilter(login=login) for login in sorted(logins)]
    filters += [SessionFilter(text=word) for word in words if word]
    filters += [SessionFilter(entity_id=number) for number in ids if number]
    filters += [SessionFilter(started_from=NOON - 9 * DAY, started_to=NOON - 5 * DAY)]
    here = everything(desk)
    for wanted, limit in product(filters, (3,)):
        query = SessionQuery(scope=Scope(desk.scope.organisation), filter=wanted, limit=limit, total=True)
        told, right = desk.store.page(query), reference.page(here, query)
        assert (told.total, [s.id for s in told.sessions]) == (right.total, [s.id for s in right.sessions]), wanted


class Even(Pace):
    """Every piece is of the same size."""

    def __init__(self, rows: int) -> None:
        super().__init__(lambda: 0.0)
        self._even = rows

    def measure(self, piece: Callable[[int], Counts | None]) -> Counts | None:
        return piece(self._even)


def pieces(custodian: Custodian, rows: int) -> Iterator[Counts]:
    """Each transaction of a sweep."""
    yield from custodian._pieces(Even(rows))


class TestRetention:
    def test_nothing_is_deleted_unless_it_is_said(self, custodian: Custodian, desk: Desk) -> None:
        ended(desk, age=1_000 * DAY)
        assert custodian.retention(1) == Retention()
        assert custodian.sweep().deleted == Counts()
        assert desk.found() == [1]

    def test_what_ended_before_goes_and_the_rest_stays(self, custodian: Custodian, desk: Desk) -> None:
        old = ended(desk, age=30 * DAY + SECOND)
        young = ended(desk, age=30 * DAY - SECOND)
        running = desk.open("bo", started_at=desk.now - 90 * DAY).id
        custodian.set_retention(1, keeping(work=30 * DAY // SECOND))

        deleted = custodian.sweep().deleted

        assert (deleted.sessions, deleted.activities, deleted.remarks) == (1, 1, 1)
        assert sorted(desk.found()) == [young, running]
        with pytest.raises(Unknown):
            desk.session(old)

    def test_each_sort_has_its_own_time(self, custodian: Custodian, desk: Desk) -> None:
        work, login = ended(desk, age=30 * DAY), ended(desk, age=30 * DAY, module=LOGINS)
        custodian.set_retention(1, keeping(login=7 * 86_400))
        custodian.sweep()
        assert desk.found() == [work]
        assert login not in desk.found()
        custodian.set_retention(1, keeping(work=7 * 86_400))
        assert custodian.retention(1) == keeping(work=7 * 86_400)
        custodian.sweep()
        assert desk.found() == []

    def test_an_organisation_keeps_its_own(self, custodian: Custodian, desk: Desk, neighbour: Desk) -> None:
        ended(desk, age=30 * DAY)
        ended(neighbour, age=30 * DAY)
        custodian.set_retention(1, keeping(work=LEAST))
        custodian.sweep()
        assert (desk.found(), neighbour.found()) == ([], [1])

    def test_sessions_of_every_length_are_found(self, custodian: Custodian, desk: Desk) -> None:
        end = desk.now - 30 * DAY
        for span in range(50):
            desk.open("ada", started_at=end - (1 << span >> 1), ended_at=end)
        young = desk.open("ada", started_at=end - 90 * DAY, ended_at=desk.now - 29 * DAY).id
        custodian.set_retention(1, keeping(work=30 * 86_400 - 1))
        assert custodian.sweep().deleted.sessions == 50
        assert desk.found() == [young]

    def test_a_search_goes_on_where_it_came_to(self, custody: CustodyStore, desk: Desk) -> None:
        numbers = [ended(desk, f"p{i}", age=30 * DAY + i * SECOND) for i in range(7)]
        mark: Mark | None = Mark()
        found = []
        while mark is not None:
            old = custody.old(1, Sort.WORK, desk.now - DAY, mark, 3)
            assert len(old.sessions) <= 3
            found += [number for number, _ in old.sessions]
            mark = old.next
        assert sorted(found) == numbers

    @pytest.mark.parametrize("seconds", [0, LEAST - 1, 10**12])
    def test_a_time_is_neither_shorter_than_a_day_nor_longer_than_a_century(self, seconds: int) -> None:
        with pytest.raises(Invalid):
            keeping(work=seconds)

    def test_another_organisation_is_unknown(self, custodian: Custodian) -> None:
        asks: list[Callable[[], Retention]] = [
            lambda: custodian.retention(9),
            lambda: custodian.set_retention(9, Retention()),
        ]
        for ask in asks:
            with pytest.raises(Unknown):
                ask()

    def test_what_is_written_to_meanwhile_stays(self, custody: CustodyStore, desk: Desk) -> None:
        """A collector comes back while its session, which the server closed, is about to be deleted."""
        desk.open("ada", started_at=desk.now - 30 * DAY)
        desk.store.close_idle(desk.now + 31 * MINUTE, 10)
        old = custody.old(1, Sort.WORK, desk.now, Mark(), 10)
        assert [number for number, _ in old.sessions] == [1]
        desk.record(1, did(at=desk.now), late=True)
        assert custody.remove_old(1, [1], desk.now) == Counts()
        assert desk.found() == [1]


class TestPieces:
    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        plan=st.lists(
            st.tuples(st.sampled_from(["ada", "bo", "cy"]), st.integers(1, 20), st.integers(0, 14), st.booleans()),
            max_size=8,
        ),
        rows=st.integers(1, 40),
    )
    def test_lists_and_totals_are_right_after_every_piece(
        self,
        plan: list[tuple[str, int, int, bool]],
        rows: int,
        store: SessionStore,
        engine: Engine,
        access: AccessStore,
    ) -> None:
        desk = Desk(store, access.add_organisation(f"Desk {len(access.organisations())}", "guid", NOON).id)
        custodian = Custodian(CustodyOnDisk(engine), lambda: desk.now, timer=lambda: 0.0, rest=lambda _: None)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(removal, "WHOLE", 5)
            numbers = [
                ended(desk, who, age=days * DAY, n=n, key=key(f"k{i}")) for i, (who, days, n, _) in enumerate(plan)
            ]
            held = {number for number, (*_, hold) in zip(numbers, plan, strict=True) if hold}
            for number in held:
                custodian.hold(desk.scope.organisation, Holdable.SESSION, number, why="a case", by="me")
            custodian.set_retention(desk.scope.organisation, keeping(work=10 * 86_400))
            before = everything(desk)
            for _ in pieces(custodian, rows):
                agree(desk, before)
        stays = {n for n, (_, days, *_) in zip(numbers, plan, strict=True) if days <= 10} | held
        assert set(desk.found()) == stays
        left = contents(engine)
        assert left["remains"] == []
        for table in ("activity", "remark", "term", "idempotency"):
            column = {"term": 3, "idempotency": 3}.get(table, 1)
            ours = [row for row in left[table] if row[0] == desk.scope.organisation]
            assert {row[column] for row in ours} <= stays

    def test_a_kill_between_two_pieces_loses_nothing(
        self, custodian: Custodian, desk: Desk, engine: Engine, small: None
    ) -> None:
        ended(desk, age=30 * DAY, n=40)
        custodian.set_retention(1, keeping(work=LEAST))
        for piece in pieces(custodian, 7):
            if not piece.sessions:
                break  # the process is killed here
        assert desk.found() == []
        assert len(contents(engine)["activity"]) == 33
        again = Custodian(CustodyOnDisk(engine), lambda: desk.now, timer=lambda: 0.0, rest=lambda _: None)
        assert again.sweep().deleted.activities == 33
        left = contents(engine)
        assert left["activity"] == left["term"] == left["remark"] == left["remains"] == []

    def test_the_number_of_what_is_still_being_deleted_is_taken(
        self, custodian: Custodian, desk: Desk, small: None
    ) -> None:
        number = ended(desk, n=9)
        assert desk.delete(number) == Deleted(session_id=number)
        with pytest.raises(Exists):
            desk.open("bo", id=number)
        custodian.sweep()
        assert desk.open("bo", id=number).id == number

    def test_a_piece_takes_about_as_long_as_is_aimed_at(self) -> None:
        now = [0.0]
        pace = Pace(lambda: now[0])

        def piece(rows: int) -> Counts:
            now[0] += rows * 0.000_1
            return Counts()

        for _ in range(20):
            pace.measure(piece)
        assert 100 <= pace.rows <= 200
        assert pace.took <= 0.02


class TestHold:
    def test_a_held_session_is_deleted_by_nobody(self, custodian: Custodian, desk: Desk) -> None:
        number, other = ended(desk, age=30 * DAY), ended(desk, age=30 * DAY)
        hold, new = custodian.hold(1, Holdable.SESSION, number, why=" a case ", by="nina")
        assert (hold, new) == (
            Hold(organisation=1, noun=Holdable.SESSION, number=number, why="a case", held_by="nina", at=desk.now),
            True,
        )
        custodian.set_retention(1, keeping(work=LEAST))
        custodian.sweep()
        assert desk.found() == [number]
        with pytest.raises(Held):
            desk.delete(number)
        assert other not in desk.found()

    def test_all_of_a_held_person_stays_whatever_comes(self, custodian: Custodian, desk: Desk) -> None:
        ended(desk, "ada", age=30 * DAY)
        custodian.hold(1, Holdable.PERSON, 1, why="a case", by="nina")
        later = ended(desk, "ada", age=30 * DAY)
        ended(desk, "bo", age=30 * DAY)
        custodian.set_retention(1, keeping(work=LEAST))
        custodian.sweep()
        assert sorted(desk.found()) == [1, later]
        with pytest.raises(Held):
            desk.delete(later)

    def test_what_is_let_go_is_deleted(self, custodian: Custodian, desk: Desk) -> None:
        number = ended(desk, age=30 * DAY)
        custodian.set_retention(1, keeping(work=LEAST))
        custodian.hold(1, Holdable.SESSION, number, why="a case", by="nina")
        custodian.sweep()
        custodian.release(1, Holdable.SESSION, number)
        assert custodian.holds(1) == []
        custodian.sweep()
        assert desk.found() == []

    def test_the_first_who_holds_is_told_of(self, custodian: Custodian, desk: Desk) -> None:
        ended(desk)
        first, _ = custodian.hold(1, Holdable.SESSION, 1, why="a case", by="nina")
        assert custodian.hold(1, Holdable.SESSION, 1, why="another", by="bo") == (first, False)
        assert custodian.holds(1) == [first]

    def test_what_is_not_there_cannot_be_held_or_let_go(self, custodian: Custodian, desk: Desk) -> None:
        for noun in Holdable:
            with pytest.raises(Unknown):
                custodian.hold(1, noun, 7, why="a case", by="nina")
            with pytest.raises(Unknown):
                custodian.release(1, noun, 7)
        with pytest.raises(Invalid):
            custodian.hold(1, Holdable.SESSION, 7, why=" ", by="nina")

    def test_of_a_batch_what_is_held_is_refused_and_the_rest_is_deleted(self, custodian: Custodian, desk: Desk) -> None:
        numbers = [ended(desk) for _ in range(3)]
        custodian.hold(1, Holdable.SESSION, numbers[1], why="a case", by="nina")
        verdicts = desk.write(*[Delete(scope=desk.scope, session_id=number) for number in [*numbers, numbers[0]]])
        assert [type(verdict) for verdict in verdicts] == [Deleted, Held, Deleted, Unknown]


class TestErasurePerson:
    def test_nothing_of_them_is_left(self, custodian: Custodian, desk: Desk, engine: Engine) -> None:
        ended(desk, "bo", n=2)
        before = contents(engine, "counter", "tally", "erasure")
        ended(desk, "Quixotic", n=3, key=key("k"))
        running = desk.open("Quixotic", key=key("r")).id
        desk.record(running, did("Quixotic"), key=key("Quixotic"))
        ada = custodian.person(1, PersonDraft(login="Quixotic"))
        job = custodian.erase(1, ada, why="asked for by letter", by="nina")
        assert (job.state, job.subject) == (State.WAITING, PersonErased(id=2, login="Quixotic"))

        done = custodian.finish(1, job.id)

        assert contents(engine, "counter", "tally", "erasure") == before
        assert "Quixotic" not in repr(contents(engine))
        assert (done.state, done.subject, done.asked_by, done.why) == (State.DONE, None, "nina", "asked for by letter")
        assert (done.deleted.sessions, done.deleted.activities, done.deleted.people) == (2, 4, 1)
        assert (done.deleted.remarks, done.deleted.keys) == (1, 3)
        assert done.left == Left()
        assert not done.scrubbed
        assert custodian.scrub()
        assert custodian.erasure(1, job.id).scrubbed
        assert done.digest == chained(chained("", 2), running)
        assert done.subject_digest == subject_digest(ada, done.salt)

    def test_who_saw_only_theirs_sees_nothing_any_more(
        self, custodian: Custodian, desk: Desk, access: AccessStore, engine: Engine
    ) -> None:
        access.add_principal("ada@example.org", NOON)
        access.join(1, "ada@example.org", "Readers", somebody("ada"))
        epoch = access.epoch()
        job = custodian.erase(1, PersonErased(id=1, login="ada"), why="asked", by="nina")
        assert custodian.finish(1, job.id).deleted.memberships == 1
        assert access.members(1) == []
        assert access.epoch() > epoch

    def test_what_was_made_for_them_opens_nothing_when_they_come_back(
        self, custodian: Custodian, desk: Desk, access: AccessStore
    ) -> None:
        for email, own in (("ada@example.org", somebody("ada")), ("grace@example.org", None)):
            access.add_principal(email, NOON)
            access.join(1, email, "Readers", own)
            access.add_token(draft(email, email, organisation=1), NOON)
        custodian.finish(1, custodian.erase(1, PersonErased(id=1, login="ada"), why="asked", by="nina").id)
        access.join(1, "ada@example.org", "Readers", None)
        over = {token.principal.email: token.revoked_at is not None for token in access.tokens(1)}
        assert over == {"ada@example.org": True, "grace@example.org": False}

    def test_what_is_on_hold_is_left_and_named(self, custodian: Custodian, desk: Desk) -> None:
        first, second = ended(desk), ended(desk)
        custodian.hold(1, Holdable.SESSION, first, why="a case", by="nina")
        job = custodian.finish(1, custodian.erase(1, PersonErased(id=1, login="ada"), why="asked", by="nina").id)
        assert desk.found() == [first]
        assert job.left.held == (first,)
        assert (job.deleted.sessions, job.deleted.people) == (1, 0)
        assert desk.session(first).person is not None
        assert second not in desk.found()

    def test_somebody_on_hold_is_left(self, custodian: Custodian, desk: Desk) -> None:
        first = ended(desk)
        custodian.hold(1, Holdable.PERSON, 1, why="a case", by="nina")
        job = custodian.finish(1, custodian.erase(1, PersonErased(id=1, login="ada"), why="asked", by="nina").id)
        assert (job.left.held, job.deleted) == ((first,), Counts())

    def test_it_names_the_sessions_that_still_speak_of_them(self, custodian: Custodian, desk: Desk) -> None:
        ended(desk, "Ada.Lovelace")
        speaks = desk.open("bo", remarks=(why("Stood in", "for ada.lovelace"),)).id
        desk.open("bo", remarks=(why("Stood in", "for Ada"),))
        subject = custodian.person(1, PersonDraft(id=1))
        job = custodian.finish(1, custodian.erase(1, subject, why="asked", by="nina").id)
        assert job.left.mentioned == (speaks,)

    def test_the_same_asked_for_twice_is_one_job(self, custodian: Custodian, desk: Desk) -> None:
        ended(desk)
        subject = PersonErased(id=1, login="ada")
        first = custodian.erase(1, subject, why="asked", by="nina")
        assert custodian.erase(1, subject, why="again", by="bo") == first
        custodian.finish(1, first.id)
        assert custodian.erase(1, subject, why="again", by="bo").id != first.id

    def test_nobody_is_erased_who_is_not_known(self, custodian: Custodian, desk: Desk) -> None:
        for wanted in (PersonDraft(login="nobody"), PersonDraft(id=7)):
            with pytest.raises(Unknown):
                custodian.person(1, wanted)
        with pytest.raises(Unknown):
            custodian.erasure(1, 7)

    def test_a_kill_between_any_two_pieces_is_made_up_for(
        self, custodian: Custodian, desk: Desk, engine: Engine, small: None
    ) -> None:
        for n in (1, 12, 3, 0):
            ended(desk, n=n)
        job = custodian.erase(1, PersonErased(id=1, login="ada"), why="asked", by="nina")
        while custodian.erasure(1, job.id).state is not State.DONE:
            CustodyOnDisk(engine).erase(desk.now, 4)  # each by another process
            agree(desk, [])
        done = custodian.erasure(1, job.id)
        assert (done.deleted.sessions, done.deleted.activities, done.deleted.remarks) == (4, 16, 4)
        left = contents(engine)
        assert left["session"] == left["activity"] == left["term"] == left["remark"] == left["person"] == []


class TestErasureEntity:
    CUSTOMER = EntityErased(type="CUSTOMER", id="98662653")

    def test_whatever_was_done_to_it_goes_and_the_sessions_stay(
        self, custodian: Custodian, desk: Desk, engine: Engine
    ) -> None:
        desk.open(
            "ada", activities=(did("Looked", at=NOON, note="called twice"), did("Paid", "77", at=NOON, note="twice"))
        )
        desk.open("bo", activities=(did("Looked", "77"),))
        job = custodian.finish(1, custodian.erase(1, self.CUSTOMER, why="asked", by="nina").id)
        assert [a.name for a in desk.session(1).activities] == ["Paid"]
        assert desk.session(1).activity_count == 1
        assert desk.found(entity_id="98662653") == desk.found(text="called") == []
        assert desk.found(text="twice") == [1]
        assert sorted(desk.found(entity_type="CUSTOMER")) == [1, 2]
        assert "98662653" not in repr(contents(engine))
        assert (job.deleted.activities, job.deleted.narrowed, job.deleted.sessions) == (1, 1, 0)
        assert job.deleted.terms == 4  # its id, alone and with its type, its name, and the word that nothing else says

    def test_answers_that_speak_of_it_are_forgotten(self, custodian: Custodian, desk: Desk, engine: Engine) -> None:
        number = desk.open("ada").id
        desk.record(number, did("Looked"), key=key("a"))
        desk.record(number, did("Looked", "77"), key=key("b"))
        job = custodian.finish(1, custodian.erase(1, self.CUSTOMER, why="asked", by="nina").id)
        assert [row[2] for row in contents(engine)["idempotency"]] == ["b"]
        assert job.deleted.keys == 1

    def test_one_of_another_type_with_the_same_number_stays(self, custodian: Custodian, desk: Desk) -> None:
        desk.open("ada", activities=(did("Looked", entity_type="ORDER"),))
        custodian.finish(1, custodian.erase(1, self.CUSTOMER, why="asked", by="nina").id)
        assert desk.found(entity_id="98662653") == [1]

    def test_a_session_without_anything_else_has_no_first_and_last(self, custodian: Custodian, desk: Desk) -> None:
        desk.open("ada", activities=(did("Looked"),), remarks=(why("Asked", "about 98662653"),))
        job = custodian.finish(1, custodian.erase(1, self.CUSTOMER, why="asked", by="nina").id)
        session = desk.session(1)
        assert (session.activity_count, session.first_at, session.last_at) == (0, None, None)
        assert job.left.mentioned == (1,), "a comment still speaks of it"

    def test_what_is_on_hold_is_left_and_named(self, custodian: Custodian, desk: Desk) -> None:
        desk.open("ada", activities=(did("Looked"),))
        desk.open("bo", activities=(did("Looked"),))
        custodian.hold(1, Holdable.PERSON, 1, why="a case", by="nina")
        job = custodian.finish(1, custodian.erase(1, self.CUSTOMER, why="asked", by="nina").id)
        assert job.left.held == (1,)
        assert desk.found(entity_id="98662653") == [1]

    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        plan=st.lists(st.lists(st.sampled_from(["98662653", "77", "78"]), max_size=12), max_size=5),
        limit=st.integers(1, 9),
    )
    def test_lists_and_totals_are_right_after_every_piece(
        self, plan: list[list[str]], limit: int, store: SessionStore, engine: Engine, access: AccessStore
    ) -> None:
        desk = Desk(store, access.add_organisation(f"Shop {len(access.organisations())}", "guid", NOON).id)
        custodian = Custodian(CustodyOnDisk(engine), lambda: desk.now, timer=lambda: 0.0, rest=lambda _: None)
        for i, ids in enumerate(plan):
            drafts = [did(f"N{j % 3}", number, note=f"w{j % 4} {number}") for j, number in enumerate(ids)]
            desk.open(f"p{i % 2}", activities=tuple(drafts))
        before = everything(desk)
        job = custodian.erase(desk.scope.organisation, self.CUSTOMER, why="asked", by="nina")
        while custodian.erasure(desk.scope.organisation, job.id).state is not State.DONE:
            CustodyOnDisk(engine).erase(desk.now, limit)
            agree(desk, before)
        right = [[number for number in ids if number != "98662653"] for ids in plan]
        told = sorted(everything(desk), key=lambda session: session.id)
        assert [[a.entity_id for a in session.activities] for session in told] == right
        assert [session.activity_count for session in told] == [len(ids) for ids in right]

    def test_a_session_that_changes_while_it_is_read_is_read_again(
        self, custody: CustodyStore, custodian: Custodian, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.open("ada", activities=tuple([did("Looked", note="a word", at=NOON + i) for i in range(8)]))
        job = custodian.erase(1, self.CUSTOMER, why="asked", by="nina")
        custody.erase(desk.now, 3)
        desk.record(1, did("Paid", "77", note="a word"))
        custodian.finish(1, job.id)
        assert desk.found(text="word") == desk.found(name="Paid") == [1]
        assert [a.name for a in desk.session(1).activities] == ["Paid"]


def test_a_job_waits_for_none_of_a_neighbour(custodian: Custodian, desk: Desk, neighbour: Desk) -> None:
    ended(desk)
    ended(neighbour)
    custodian.finish(1, custodian.erase(1, PersonErased(id=1, login="ada"), why="asked", by="nina").id)
    assert neighbour.found() == [1]
    with pytest.raises(SojournError):
        custodian.erasure(2, 1)
