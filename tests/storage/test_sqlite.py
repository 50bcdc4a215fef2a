"""What is SQLite's own: its settings, its one writer, and a file or a disk that does not play along."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from sojourn.core.errors import Unavailable
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.database import connect
from sojourn.storage.schema import migrate
from sojourn.storage.sqlite import SQLiteEngine
from sojourn.storage.store import Store
from tests.storage.desk import NOON, Desk, did, ids
from tests.storage.tables import contents

SHORT = 0.1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sojourn.db"


@pytest.fixture
def impatient(path: Path) -> Iterator[SQLiteEngine]:
    """An engine with the schema, that does not wait long."""
    engine = SQLiteEngine(path, wait=SHORT)
    migrate(engine, NOON)
    yield engine
    engine.close()


@pytest.fixture
def desk(impatient: SQLiteEngine) -> Desk:
    return Desk(Store(impatient), AccessOnDisk(impatient).add_organisation("Desk", "guid", NOON).id)


@pytest.fixture
def other(path: Path, impatient: SQLiteEngine) -> Iterator[apsw.Connection]:
    """Another process's connection to the same file."""
    connection = apsw.Connection(str(path))
    yield connection
    connection.close()


def test_what_is_committed_is_on_disk_and_what_is_deleted_is_overwritten(impatient: SQLiteEngine) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    with impatient.read() as reader, impatient.write() as writer:
        for transaction in (reader, writer):
            assert {name: transaction.run(f"PRAGMA {name}")[0][0] for name in wanted} == wanted


def test_no_statement_is_prepared_anew_for_what_it_takes(impatient: SQLiteEngine) -> None:
    with impatient.read() as reader, impatient.write() as writer:
        for transaction in (reader, writer):
            assert transaction._connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, -1) == 1


def test_a_reader_is_used_by_one_at_a_time_and_then_again(impatient: SQLiteEngine, desk: Desk) -> None:
    together = threading.Barrier(6)

    def read(_: int) -> list[int]:
        with impatient.read():
            together.wait(5)
            return ids(desk.page().sessions)

    desk.open()
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(read, range(6))) == [[1]] * 6
    made = len(impatient._readers)
    assert 6 < made <= 12  # each of the six had two at the same time
    for _ in range(20):
        desk.page()
    assert len(impatient._readers) == made


def test_a_read_that_sqlite_ended_by_itself_harms_nothing(impatient: SQLiteEngine, desk: Desk) -> None:
    def interrupted() -> None:
        with impatient.read() as transaction:
            transaction.run("ROLLBACK")  # as SQLite does after some errors of the disk
            raise apsw.IOError

    for _ in range(2):
        with pytest.raises(Unavailable):
            interrupted()
    assert desk.found() == []


def test_a_write_that_sqlite_ended_by_itself_harms_nothing(impatient: SQLiteEngine, desk: Desk) -> None:
    def interrupted() -> None:
        with impatient.write() as transaction:
            transaction.run("DELETE FROM organisation")
            transaction.run("ROLLBACK")
            raise apsw.IOError

    with pytest.raises(Unavailable):
        interrupted()
    assert desk.open().id == 1


class TestALockedDatabase:
    def test_writing_waits_and_then_is_unavailable(self, desk: Desk, other: apsw.Connection) -> None:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            desk.open()
        assert desk.found() == []  # reading goes on
        other.execute("ROLLBACK")
        assert desk.open().id == 1

    def test_it_is_waited_for_as_long_as_it_may_take(self, path: Path, desk: Desk, other: apsw.Connection) -> None:
        patient = SQLiteEngine(path)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(SHORT, lambda: other.execute("COMMIT"))
        release.start()
        told = Desk(Store(patient), desk.scope.organisation).open()
        release.join()
        patient.close()
        assert told.id == 1

    def test_threads_that_wait_for_their_turn_give_up_too(self, impatient: SQLiteEngine, desk: Desk) -> None:
        with impatient.write(), ThreadPoolExecutor(3) as threads:
            refused = [threads.submit(desk.open).exception() for _ in range(3)]
        assert [type(error) for error in refused] == [Unavailable] * 3
        assert desk.open().id == 1

    def test_one_that_is_locked_altogether_cannot_be_opened(self, tmp_path: Path) -> None:
        path = tmp_path / "locked.db"
        holder = apsw.Connection(str(path))
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable):
            SQLiteEngine(path, wait=SHORT)
        holder.close()
        SQLiteEngine(path, wait=SHORT).close()


class TestAFullDisk:
    def test_it_stores_all_or_nothing_and_serves_again_when_there_is_room(
        self, impatient: SQLiteEngine, desk: Desk
    ) -> None:
        """The limit of pages is a full disk as SQLite reports it."""
        desk.open(activities=(did(),))
        before = contents(impatient)
        ((pages,),) = impatient.peek("PRAGMA page_count")
        impatient._writer.execute(f"PRAGMA max_page_count = {pages + 1}")
        large = tuple(did(str(i), note="x" * 4_000) for i in range(50))
        for intent in (desk.opening("grace", activities=large), desk.recording(1, *large)):
            with pytest.raises(Unavailable):
                desk.write(intent, desk.opening("small"))
        assert contents(impatient) == before
        assert desk.found() == [1]
        impatient._writer.execute("PRAGMA max_page_count = 1000000")
        assert desk.open("grace", activities=large).activity_count == 50

    def test_a_real_one_leaves_nothing_half(self, path: Path, impatient: SQLiteEngine, desk: Desk) -> None:
        """A process that may not make files longer writes until it cannot; then we look at what is there."""
        impatient.close()
        done = subprocess.run(
            [sys.executable, "-c", WRITER, str(path), str(desk.scope.organisation)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        acknowledged = [int(line) for line in done.stdout.split()]
        assert acknowledged
        engine = connect(f"sqlite:///{path}")
        again = Desk(Store(engine), desk.scope.organisation)
        assert again.found() == acknowledged
        assert {session.activity_count for session in again.page().sessions} == {20}
        assert engine.peek("PRAGMA integrity_check") == [("ok",)]
        assert again.open().id == len(acknowledged) + 1
        engine.close()


WRITER = """
import resource, sys
from pathlib import Path
from sojourn.core.access import Scope
from sojourn.core.errors import Unavailable
from sojourn.core.intent import Open
from sojourn.core.model import ActivityDraft, PersonDraft
from sojourn.storage.sqlite import SQLiteEngine
from sojourn.storage.store import Store

resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
store = Store(SQLiteEngine(Path(sys.argv[1]), wait=0.1))
activities = tuple(
    ActivityDraft(entity_type="CUSTOMER", entity_id=str(i), name="Viewed", note="x" * 500) for i in range(20)
)
try:
    for _ in range(1_000):
        intent = Open(scope=Scope(int(sys.argv[2])), person=PersonDraft(login="ada"), activities=activities)
        (told,) = store.write([intent], 1)
        print(told.session.id, flush=True)
except Unavailable:
    sys.exit(0)
sys.exit("the disk was never full")
"""


def test_a_database_that_may_only_be_read_is_unavailable_for_writing(impatient: SQLiteEngine, desk: Desk) -> None:
    desk.open()
    before = contents(impatient)
    impatient._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(Unavailable):
        desk.open()
    assert contents(impatient) == before


def test_many_may_open_a_new_file_at_the_same_time(path: Path) -> None:
    together = threading.Barrier(8)

    def start(_: int) -> list[str]:
        together.wait(5)
        engine = SQLiteEngine(path)
        try:
            return migrate(engine, NOON)
        finally:
            engine.close()

    with ThreadPoolExecutor(8) as threads:
        taken = [steps for steps in threads.map(start, range(8)) if steps]
    assert len(taken) == 1


def test_a_file_that_cannot_be_read_is_a_fault_and_one_that_is_gone_is_unavailable(
    path: Path, impatient: SQLiteEngine
) -> None:
    impatient.close()
    with pytest.raises(Unavailable):
        impatient.faults(quick=False)
    engine = SQLiteEngine(path, wait=SHORT)
    content = bytearray(path.read_bytes())
    content[100:2_000] = b"\xff" * 1_900  # where the tables are named
    path.write_bytes(content)
    assert any("malformed" in fault for fault in engine.faults(quick=False))
    engine.close()
