"""Many at once, from one process and from two: what is acknowledged is stored, once, and nothing else is.

A second store with an engine of its own on the same database is, to the database, another process.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from random import Random

import pytest

from sojourn.core.access import Level, Resource
from sojourn.core.errors import Ended, Invalid, SojournError, Unknown
from sojourn.core.intent import Deleted, Finished, Intent, Opened, Recorded, Verdict
from sojourn.core.model import DAY, Instant, PersonDraft
from sojourn.core.ports import AccessStore
from sojourn.core.query import Order, SessionPage
from sojourn.core.registry import Issued, Presented, Registry
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.database import connect
from sojourn.storage.engine import Engine
from sojourn.storage.schema import migrate
from sojourn.storage.store import Store
from tests.storage.desk import NOON, Desk, did, key, why
from tests.storage.tables import contents


def clock() -> Instant:
    return time.time_ns() // 1_000


@dataclass
class Pair:
    """Two stores on one database, and the desk of one organisation at each."""

    engines: Sequence[Engine]
    desks: Sequence[Desk]
    verdicts: list[tuple[Intent, Verdict]] = field(default_factory=list)

    def write(self, which: int, *intents: Intent) -> list[Verdict]:
        """Write by one of the stores, at the moment, and keep the verdicts."""
        told = self.desks[which % 2].store.write(intents, clock())
        self.verdicts += zip(intents, told, strict=True)
        return told

    def at_once(self, *work: Callable[[], object]) -> None:
        """Do all of it in threads that start together; what one raises is raised."""
        together = threading.Barrier(len(work))

        def begin(one: Callable[[], object]) -> object:
            together.wait(10)
            return one()

        with ThreadPoolExecutor(len(work)) as threads:
            for future in [threads.submit(begin, one) for one in work]:
                future.result(120)


@pytest.fixture
def pair(database_url: str) -> Iterator[Pair]:
    engines = [connect(database_url) for _ in range(2)]
    migrate(engines[0], NOON)
    organisation = AccessOnDisk(engines[0]).add_organisation("Desk", "guid", NOON).id
    yield Pair(engines, [Desk(Store(engine), organisation, clock()) for engine in engines])
    for engine in engines:
        engine.close()


def test_nothing_is_recorded_after_the_end(pair: Pair) -> None:
    desk = pair.desks[0]
    desk.open()
    over = threading.Event()

    def record(which: int) -> None:
        while True:
            after = over.is_set()
            (told,) = pair.write(which, desk.recording(1, did(str(which))))
            if isinstance(told, Ended):
                return
            assert not after, "something was recorded after the end was told"

    def end() -> None:
        while len(pair.verdicts) < 60:
            time.sleep(0.001)
        try:
            (told,) = pair.write(1, desk.ending(1))
        finally:
            over.set()
        assert isinstance(told, Finished)

    pair.at_once(*(partial(record, which) for which in range(8)), end)
    read = desk.session(1)
    told = [a for _, verdict in pair.verdicts if isinstance(verdict, Recorded) for a in verdict.activities]
    assert sorted(read.activities, key=repr) == sorted(told, key=repr)
    assert [activity.seq for activity in sorted(told, key=lambda a: a.seq)] == list(range(1, len(told) + 1))
    assert read.activity_count == len(told)
    assert read.ended_at is not None
    assert read.last_at is not None
    assert read.last_at <= read.ended_at


def test_one_of_many_ends_holds(pair: Pair) -> None:
    desk = pair.desks[0]
    for number in range(1, 11):
        desk.open()
        pair.at_once(*(partial(pair.write, which, desk.ending(number, why(str(which)))) for which in range(4)))
        told = [verdict for intent, verdict in pair.verdicts if getattr(intent, "session_id", 0) == number]
        assert Counter(type(verdict) for verdict in told) == {Finished: 1, Ended: 3}
        assert len(desk.session(number).remarks) == 1


def test_the_idle_closer_takes_nothing_from_who_is_at_work(pair: Pair) -> None:
    """Sessions that are idle are closed while they are recorded in: closed, or recorded, and never in between."""
    desk = pair.desks[0]
    desk.now = clock() - DAY
    desk.write(*(desk.opening() for _ in range(40)))

    def record(which: int) -> None:
        for number in range(1 + which, 41, 2):
            pair.write(which, desk.recording(number, did()))

    def close(which: int) -> None:
        for _ in range(10):
            pair.desks[which].store.close_idle(clock(), 3)

    pair.at_once(
        *(partial(record, which) for which in (0, 1)),
        *(partial(close, which) for which in (0, 1)),
    )
    for intent, verdict in pair.verdicts:
        read = desk.session(intent.session_id)  # type: ignore[union-attr]
        if isinstance(verdict, Recorded):
            assert (read.ended_at, read.activity_count) == (None, 1)
        else:
            assert isinstance(verdict, Ended)
            assert (read.ended_at, read.activity_count) == (read.started_at, 0)


def test_numbers_are_dense_and_totals_exact_whoever_writes(pair: Pair) -> None:
    """Two processes open, record, end and delete, in sessions of each other's too."""
    desk = pair.desks[0]
    begin = desk.now - 5 * DAY

    def work(which: int) -> None:
        random = Random(which)
        for _ in range(25):
            opened = pair.write(
                which,
                *(
                    desk.opening(random.choice(("ada", "grace", "joan")), started_at=begin + random.randrange(4) * DAY)
                    for _ in range(random.randint(1, 4))
                ),
            )
            numbers = [verdict.session.id for verdict in opened if isinstance(verdict, Opened)]
            some = [random.randint(1, max(numbers)) for _ in range(6)]
            random.shuffle(some)
            pair.write(
                which,
                desk.recording(some[0], did(note="word")),
                desk.recording(some[1], did(), did()),
                desk.annotating(some[2], why("Other")),
                desk.ending(some[3]),
                desk.deleting(some[4]),
                desk.recording(some[5], did("late"), late=True),
            )

    pair.at_once(*(partial(work, which) for which in range(4)))
    opened = [verdict.session for _, verdict in pair.verdicts if isinstance(verdict, Opened)]
    deleted = {verdict.session_id for _, verdict in pair.verdicts if isinstance(verdict, Deleted)}
    assert sorted(session.id for session in opened) == list(range(1, len(opened) + 1))
    left = {session.id for session in opened} - deleted
    page = desk.page(total=True, order=Order.OLDEST)
    assert {session.id for session in page.sessions} == left
    assert page.total == len(left)
    for day in range(4):
        of_day = [s for s in opened if s.id in left and s.started_at == begin + day * DAY]
        assert desk.page(
            total=True, limit=1, started_from=begin + day * DAY, started_to=begin + day * DAY + 1
        ).total == len(of_day)
        for login in ("ada", "grace", "joan"):
            of_person = [s for s in of_day if s.person and s.person.login == login]
            first = (begin + day * DAY) // DAY * DAY
            total = desk.page(total=True, limit=1, login=login, started_from=first, started_to=first + DAY - 1).total
            assert total == len(of_person)
    refused = {type(verdict) for _, verdict in pair.verdicts if isinstance(verdict, SojournError)}
    assert refused <= {Ended, Unknown}
    _check_that_all_fits(pair, left)


def _check_that_all_fits(pair: Pair, left: set[int]) -> None:
    """What was acknowledged in the sessions that are left is there once, and nothing of the others is."""
    desk = pair.desks[0]
    told: dict[int, list[int]] = {number: [] for number in left}
    for intent, verdict in pair.verdicts:
        if isinstance(verdict, Recorded) and intent.session_id in left:  # type: ignore[union-attr]
            told[intent.session_id] += [activity.seq for activity in verdict.activities]  # type: ignore[union-attr]
    for number, seqs in told.items():
        read = desk.session(number)
        assert sorted(activity.seq for activity in read.activities) == sorted(seqs) == list(range(1, len(seqs) + 1))
        assert read.activity_count == len(seqs)
    rows = contents(pair.engines[0])
    for table in ("activity", "remark"):
        assert {row[1] for row in rows[table]} <= left
    assert {row[3] for row in rows["term"]} <= left


def test_people_and_devices_on_first_sight_are_made_once(pair: Pair) -> None:
    desk = pair.desks[0]

    def work(which: int) -> None:
        names = [f"person {i}" for i in range(12)] + [str(i) for i in range(3, 9)]
        Random(which).shuffle(names)
        for first in range(0, len(names), 3):
            pair.write(which, *(desk.opening(name, device=f"{{{name}}}") for name in names[first : first + 3]))

    pair.at_once(*(partial(work, which) for which in range(4)))
    seen: dict[str, set[int]] = {}
    for _, verdict in pair.verdicts:
        assert isinstance(verdict, Opened)
        assert verdict.session.person is not None
        seen.setdefault(verdict.session.person.login, set()).add(verdict.session.person.id)
    assert {len(numbers) for numbers in seen.values()} == {1}
    assert len(set.union(*seen.values())) == len(seen) == 18
    assert len(contents(pair.engines[0])["device"]) == 18


def test_a_key_that_comes_by_both_processes_is_written_once(pair: Pair) -> None:
    desk = pair.desks[0]
    desk.open()
    for i in range(15):
        intents: list[Intent] = [
            desk.recording(1, did(str(i)), key=key(f"record {i}")),
            desk.opening("ada", activities=(did(str(i)),), key=key(f"open {i}")),
            desk.annotating(1, why(str(i)), key=key(f"annotate {i}")),
        ]
        pair.at_once(*(partial(pair.write, which, *(intents if which % 3 else intents[::-1])) for which in range(4)))
    answers: dict[str, list[Verdict]] = {}
    for intent, verdict in pair.verdicts:
        assert intent.key is not None
        answers.setdefault(intent.key.text, []).append(verdict)
    assert len(answers) == 45
    for same in answers.values():
        assert len(same) == 4
        assert not isinstance(same[0], SojournError)
        assert all(verdict == same[0] for verdict in same)
    assert desk.session(1).activity_count == 15
    assert desk.page(total=True).total == 16


def test_two_who_remark_the_same_are_heard_once(pair: Pair) -> None:
    desk = pair.desks[0]
    desk.open()
    for i in range(10):
        pair.at_once(*(partial(pair.write, which, desk.annotating(1, why(str(i)))) for which in range(4)))
    assert [remark.reason for remark in desk.session(1).remarks] == [str(i) for i in range(10)]


def test_what_is_deleted_while_others_write_to_it_leaves_nothing(pair: Pair) -> None:
    desk = pair.desks[0]
    for number in range(1, 16):
        desk.open(activities=(did(),))
        pair.at_once(
            partial(pair.write, 0, desk.recording(number, did("x", note="word"), key=key(f"r {number}"))),
            partial(pair.write, 1, desk.annotating(number, why("remark"), key=key(f"a {number}"))),
            partial(pair.write, 0, desk.ending(number, why("end"), key=key(f"e {number}"))),
            partial(pair.write, 1, desk.deleting(number)),
        )
    refused = {type(verdict) for _, verdict in pair.verdicts if isinstance(verdict, SojournError)}
    assert refused <= {Unknown, Ended}
    rows = contents(pair.engines[0])
    assert {table: rows[table] for table in ("session", "activity", "remark", "term", "idempotency")} == {
        table: [] for table in ("session", "activity", "remark", "term", "idempotency")
    }
    assert desk.page(total=True).total == 0


def test_access_changed_by_both_processes_is_whole(pair: Pair) -> None:
    stores: list[AccessStore] = [AccessOnDisk(engine) for engine in pair.engines]
    before = stores[0].epoch()

    def work(which: int) -> None:
        store = stores[which % 2]
        for i in range(8):
            email = f"{i}@example.org"
            store.add_principal(email, NOON)
            store.join(1, email, "Readers", None)
            store.make_default(1, email)
        for i in range(3):
            store.add_organisation(f"{which} {i}", "guid", NOON)

    pair.at_once(*(partial(work, which) for which in range(4)))
    assert [member.principal.email for member in stores[0].members(1)] == [f"{i}@example.org" for i in range(8)]
    assert sorted(member.principal.id for member in stores[1].members(1)) == list(range(1, 9))
    assert [organisation.id for organisation in stores[0].organisations()] == list(range(1, 14))
    assert stores[0].epoch() >= before + 4 * (8 * 2 + 3)


GROUP = {"may": {Resource.ADMINISTRATION: Level.WRITE}, "may not": {Resource.ADMINISTRATION: Level.READ}}

# What one administrator does to take the administration from the other, by number.
TAKING: dict[str, Callable[[AccessStore, int], object]] = {
    "removed": lambda store, who: store.leave(1, f"{who}@example.org", NOON),
    "demoted": lambda store, who: store.join(1, f"{who}@example.org", "Readers", None),
    "narrowed": lambda store, who: store.join(1, f"{who}@example.org", f"Trustees {who}", PersonDraft(login="x")),
    "group closed": lambda store, who: store.set_group(1, f"Trustees {who}", GROUP["may not"]),
}


@pytest.mark.parametrize("one", TAKING)
@pytest.mark.parametrize("other", TAKING)
def test_of_two_who_take_administration_from_each_other_one_keeps_it(pair: Pair, one: str, other: str) -> None:
    stores: list[AccessStore] = [AccessOnDisk(engine) for engine in pair.engines]
    told: list[Invalid | None] = []

    def take(how: str, by: int) -> None:
        try:
            TAKING[how](stores[by], 1 - by)
            told.append(None)
        except Invalid as refused:
            told.append(refused)

    for _ in range(10):
        for who in range(2):
            stores[0].add_principal(f"{who}@example.org", NOON)
            stores[0].set_group(1, f"Trustees {who}", GROUP["may"])
            stores[0].join(1, f"{who}@example.org", f"Trustees {who}", None)
        told.clear()
        pair.at_once(partial(take, one, 0), partial(take, other, 1))
        assert sorted(refused is None for refused in told) == [False, True]
        assert _administrators(stores[1]) == 1


def _administrators(store: AccessStore) -> int:
    levels = {group.name: group.levels[Resource.ADMINISTRATION] for group in store.groups(1)}
    return sum(levels[member.group] is Level.WRITE and not member.person for member in store.members(1))


def test_of_many_administrators_who_leave_at_once_one_is_kept(pair: Pair) -> None:
    stores: list[AccessStore] = [AccessOnDisk(engine) for engine in pair.engines]
    for who in range(8):
        stores[0].add_principal(f"{who}@example.org", NOON)
        stores[0].join(1, f"{who}@example.org", "Owners", None)
    refused: list[str] = []

    def leave(who: int) -> None:
        try:
            stores[who % 2].leave(1, f"{who}@example.org", NOON)
        except Invalid as error:
            refused.append(error.field)

    pair.at_once(*(partial(leave, who) for who in range(8)))
    assert refused == ["email"]
    assert _administrators(stores[0]) == len(stores[0].members(1)) == 1


def test_what_two_change_of_one_access_group_at_once_is_both_kept(pair: Pair) -> None:
    stores: list[AccessStore] = [AccessOnDisk(engine) for engine in pair.engines]
    levels = list(Level)
    for i in range(20):
        wanted = {resource: levels[(i + at) % 3] for at, resource in enumerate(Resource)}
        changes = [partial(stores[at % 2].set_group, 1, "Mine", {r: wanted[r]}) for at, r in enumerate(Resource)]
        pair.at_once(*changes)
        (mine,) = [group for group in stores[0].groups(1) if group.name == "Mine"]
        assert mine.levels == wanted


def look_while_others_write(pair: Pair, look: Callable[[SessionPage], None]) -> None:
    """Look at pages again and again, while sessions with an even number of activities come, grow and go."""
    desk = pair.desks[0]
    stop = threading.Event()

    def write(which: int) -> None:
        try:
            for i in range(60):
                opened, _ = pair.write(which, desk.opening(activities=(did(), did())), desk.opening("grace"))
                assert isinstance(opened, Opened)
                pair.write(which, desk.recording(opened.session.id, did(), did()))
                if i % 3 == 0:
                    pair.write(which, desk.deleting(opened.session.id))
        finally:
            stop.set()

    def read(which: int) -> None:
        while not stop.is_set():
            look(pair.desks[which].page(total=True, activities=True))

    pair.at_once(*(partial(work, which) for which in (0, 1) for work in (write, read)))


def test_a_page_and_its_total_are_of_one_moment(pair: Pair) -> None:
    def look(page: SessionPage) -> None:
        assert page.total == len(page.sessions)

    look_while_others_write(pair, look)


def test_a_session_and_its_activities_are_of_one_moment(pair: Pair) -> None:
    def look(page: SessionPage) -> None:
        for session in page.sessions:
            assert session.activity_count == len(session.activities)
            assert session.activity_count % 2 == 0

    look_while_others_write(pair, look)


@pytest.mark.parametrize("secret", [None, "told to both"])
def test_processes_that_begin_at_the_same_time_have_one_organisation(database_url: str, secret: str | None) -> None:
    engines = [connect(database_url) for _ in range(4)]
    migrate(engines[0], NOON)
    together = threading.Barrier(len(engines))

    def begin(engine: Engine) -> Issued | None:
        together.wait(10)
        return Registry(AccessOnDisk(engine), clock).begin("owner", secret)

    with ThreadPoolExecutor(len(engines)) as threads:
        issued = [one for one in threads.map(begin, engines) if one]
    registry = Registry(AccessOnDisk(engines[0]), clock)
    assert [organisation.id for organisation in registry.organisations()] == [1]
    assert len(registry.members(1)) == 1
    assert len(registry.tokens(1)) == len(issued) >= 1
    assert len(issued) == 1 or secret is None
    for one in issued:
        assert registry.identify(Presented(secret=one.secret)).email == "owner"
    for engine in engines:
        engine.close()
