"""What is PostgreSQL's own: a server that stops, dies and comes back, and transactions that are in each other's way."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from sojourn.core.errors import Unavailable
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.engine import Conflict
from sojourn.storage.postgres import CONNECTIONS, PostgresEngine
from sojourn.storage.schema import migrate
from sojourn.storage.store import Store
from tests import postgres
from tests.storage.desk import NOON, Desk, did
from tests.storage.tables import contents

SHORT = 0.5


def desk_on(engine: PostgresEngine) -> Desk:
    migrate(engine, NOON)
    return Desk(Store(engine), AccessOnDisk(engine).add_organisation("Desk", "guid", NOON).id)


@pytest.fixture
def lent(postgres_url: str) -> Iterator[PostgresEngine]:
    """An engine on a database of its own, that does not wait long."""
    engine = PostgresEngine(postgres_url, wait=SHORT)
    yield engine
    engine.close()


def use_all(engine: PostgresEngine) -> None:
    """Let every connection of the pool have been used."""
    together = threading.Barrier(CONNECTIONS)

    def hold(_: int) -> None:
        with engine.read():
            together.wait(10)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(hold, range(CONNECTIONS)))


def eventually(use: Callable[[], object], seconds: float = 20) -> None:
    """Use it until it works."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            use()
        except Unavailable:
            assert time.monotonic() < deadline, "it did not come back"
        else:
            return


class TestAServerThatStops:
    def test_it_is_unavailable_and_comes_back_by_itself(self, private_postgres: postgres.PrivateServer) -> None:
        engine = PostgresEngine(private_postgres.url, wait=SHORT)
        desk = desk_on(engine)
        desk.open()
        for end in (private_postgres.stop, private_postgres.crash):
            use_all(engine)
            number = len(desk.found())
            end()
            for use in (desk.open, desk.found, AccessOnDisk(engine).epoch, lambda: desk.store.close_idle(NOON, 1)):
                with pytest.raises(Unavailable):
                    use()
            private_postgres.start()
            eventually(desk.open)
            assert desk.found() == list(range(1, number + 2))
        engine.close()

    def test_connections_that_it_took_along_are_replaced_without_anybody_noticing(
        self, private_postgres: postgres.PrivateServer
    ) -> None:
        engine = PostgresEngine(private_postgres.url)
        desk = desk_on(engine)
        use_all(engine)
        private_postgres.stop()
        private_postgres.start()
        assert AccessOnDisk(engine).epoch() > 0
        use_all(engine)
        private_postgres.crash()
        private_postgres.start()
        assert desk.open().id == 1
        assert desk.found() == [1]
        engine.close()

    def test_what_was_under_way_is_undone(self, private_postgres: postgres.PrivateServer) -> None:
        engine = PostgresEngine(private_postgres.url, wait=SHORT)
        desk = desk_on(engine)
        before = contents(engine)
        for when in ("before a statement", "before the end"):

            def cut(when: str = when) -> None:
                with engine.write() as transaction:
                    transaction.run("DELETE FROM organisation")
                    private_postgres.crash()
                    if when == "before a statement":
                        transaction.run("DELETE FROM epoch")

            with pytest.raises(Unavailable):
                cut()
            private_postgres.start()
            eventually(lambda: engine.peek("SELECT 1"))
            assert contents(engine) == before
        assert desk.open().id == 1
        engine.close()


def test_a_connection_that_is_cut_is_unavailable_once(lent: PostgresEngine) -> None:
    desk = desk_on(lent)

    def cut() -> None:
        with lent.write() as transaction:
            ((own,),) = transaction.run("SELECT pg_backend_pid()")
            transaction.run("DELETE FROM organisation")
            with lent.write() as other:
                other.run("SELECT pg_terminate_backend(:own, 5000)", {"own": own})
            transaction.run("SELECT 1")

    with pytest.raises(Unavailable):
        cut()
    assert desk.open().id == 1


def test_a_statement_that_takes_too_long_for_the_owner_is_unavailable(postgres_url: str) -> None:
    sign = "&" if "?" in postgres_url else "?"
    engine = PostgresEngine(f"{postgres_url}{sign}options=-cstatement_timeout%3D20")
    with pytest.raises(Unavailable), engine.read() as transaction:
        transaction.run("SELECT pg_sleep(5)")
    with pytest.raises(Unavailable):
        engine.peek("SELECT pg_sleep(5)")
    assert engine.peek("SELECT 1") == [(1,)]
    engine.close()


def test_more_callers_than_connections_wait_and_then_it_is_unavailable(lent: PostgresEngine) -> None:
    desk = desk_on(lent)
    full, done = threading.Barrier(CONNECTIONS + 1), threading.Event()

    def hold(_: int) -> None:
        with lent.read():
            full.wait(10)
            done.wait(10)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        held = [threads.submit(hold, i) for i in range(CONNECTIONS)]
        full.wait(10)
        with pytest.raises(Unavailable):
            desk.open()
        done.set()
        assert [one.result() for one in held] == [None] * CONNECTIONS
    assert desk.open().id == 1


def test_what_is_committed_is_on_disk(lent: PostgresEngine) -> None:
    assert lent.peek("SHOW synchronous_commit") == [("on",)]


class TestTransactionsInEachOthersWay:
    def test_of_two_that_wait_for_each_other_one_is_told_of_it(self, lent: PostgresEngine) -> None:
        desk = desk_on(lent)
        desk.write(desk.opening(), desk.opening())
        both = threading.Barrier(2)

        def cross(first: int, second: int) -> object:
            try:
                with lent.write() as transaction:
                    for number in (first, second):
                        transaction.run(
                            "UPDATE session SET module = :m WHERE id = :id", {"m": str(first), "id": number}
                        )
                        if number == first:
                            both.wait(10)
            except Conflict as error:
                return type(error.__cause__)
            return None

        with ThreadPoolExecutor(2) as threads:
            told = list(threads.map(cross, (1, 2), (2, 1)))
        assert sorted(told, key=str) == sorted([None, psycopg.errors.DeadlockDetected], key=str)
        assert len({session.module for session in desk.page().sessions}) == 1

    def test_the_store_tries_again(self, lent: PostgresEngine, postgres_url: str) -> None:
        """Somebody holds one session and then wants the other, while the store does the opposite.

        PostgreSQL tells the one that has waited for a second first: the store, unless the machine was busy meanwhile.
        """
        desk = desk_on(lent)
        update = b"UPDATE session SET module = 'theirs' WHERE id = %s"
        for first in range(1, 20, 2):
            desk.write(desk.opening(), desk.opening())
            with psycopg.connect(postgres_url) as other, ThreadPoolExecutor(1) as threads:
                other.execute(update, [first + 1])
                writing = threads.submit(desk.write, desk.annotating(first), desk.ending(first + 1))
                _wait_for_a_lock(lent)
                try:
                    other.execute(update, [first])
                except psycopg.errors.DeadlockDetected:
                    continue
                other.commit()
                verdicts = writing.result(20)
            assert [type(verdict).__name__ for verdict in verdicts] == ["Annotated", "Finished"]
            assert {desk.session(number).module for number in (first, first + 1)} == {"theirs"}
            return
        pytest.fail("the store was never told")


def _wait_for_a_lock(engine: PostgresEngine) -> None:
    deadline = time.monotonic() + 10
    while not engine.peek("SELECT 1 FROM pg_locks WHERE NOT granted"):
        assert time.monotonic() < deadline, "nobody waits for a lock"


def test_statements_that_were_prepared_survive_a_migration(lent: PostgresEngine) -> None:
    """A release runs on while the next one migrates: steps add columns and indexes."""
    desk = desk_on(lent)
    for _ in range(5):
        desk.open(activities=(did(),))
        desk.record(1, did())
        assert desk.page(activities=True, total=True).sessions
    with lent.write() as transaction:
        for table in ("session", "activity", "person", "term", "tally"):
            transaction.run(f"ALTER TABLE {table} ADD COLUMN newer BIGINT")
    for _ in range(5):
        assert desk.record(1, did()).activities
    assert desk.open(activities=(did(),)).id == 6
    assert len(desk.page(activities=True, total=True).sessions) == 6
