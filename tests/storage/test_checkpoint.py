"""The log of a file is copied into it beside those who write, not by them."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from sojourn.storage import checkpoint
from sojourn.storage.sqlite import SQLiteEngine

PAGES = 40
PAGE = 4_096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sojourn.db"


@pytest.fixture
def engine(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SQLiteEngine]:
    """An engine whose log is long after few pages, with a table to fill."""
    monkeypatch.setattr(checkpoint, "PAGES", PAGES)
    monkeypatch.setattr(checkpoint, "FEW", 5)
    monkeypatch.setattr(checkpoint, "REST_SECONDS", 0.001)
    engine = SQLiteEngine(path)
    with engine.write() as transaction:
        transaction.run("CREATE TABLE filled (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
    yield engine
    engine.close()


def fill(engine: SQLiteEngine, times: int = 1) -> None:
    """Write a row of a page, so often, each in a transaction of its own."""
    for _ in range(times):
        with engine.write() as transaction:
            transaction.run("INSERT INTO filled (text) VALUES (:text)", {"text": "x" * PAGE})


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.001)


def salt(path: Path) -> bytes:
    """What the log begins with, which is another one each time that it begins anew."""
    with path.with_name(f"{path.name}-wal").open("rb") as log:
        return log.read(24)[16:]


def filed(path: Path) -> int:
    """How many pages the file has without its log."""
    return path.stat().st_size // PAGE


def test_a_long_log_goes_over_into_the_file_while_nobody_writes(engine: SQLiteEngine, path: Path) -> None:
    fill(engine, PAGES)
    until(lambda: filed(path) >= PAGES // 2)


def test_a_log_that_is_short_stays_as_it_is(engine: SQLiteEngine, path: Path) -> None:
    before, threads = filed(path), set(threading.enumerate())
    fill(engine, 5)
    assert filed(path) == before
    assert set(threading.enumerate()) <= threads


def test_the_log_begins_anew_while_somebody_writes_without_pause(engine: SQLiteEngine, path: Path) -> None:
    written = 0
    for _ in range(3):
        before, end = salt(path), time.monotonic() + 30
        while salt(path) == before:
            fill(engine)
            written += 1
            assert time.monotonic() < end, "the log only grows"
    with engine.read() as transaction:
        assert transaction.run("SELECT count(*) FROM filled") == [(written,)]


def test_who_writes_does_not_wait_for_who_still_reads_what_was_before(engine: SQLiteEngine, path: Path) -> None:
    with engine.read() as reader:
        assert reader.run("SELECT count(*) FROM filled") == [(0,)]
        fill(engine, 3 * PAGES)
        assert reader.run("SELECT count(*) FROM filled") == [(0,)]
    until(lambda: filed(path) >= 3 * PAGES)


def test_a_disk_that_failed_once_is_tried_again(
    engine: SQLiteEngine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def full(_self: checkpoint.Checkpointer, mode: str) -> tuple[int, int]:
        failed.set()
        raise apsw.FullError(mode)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint.Checkpointer, "_checkpoint", full)
        fill(engine, PAGES)
        assert failed.wait(30)
        fill(engine, PAGES)
        assert filed(path) < PAGES // 2
    until(lambda: filed(path) >= PAGES)


def test_what_another_process_copies_is_left_to_it(
    engine: SQLiteEngine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[str] = []
    came = threading.Event()

    def busy(_self: checkpoint.Checkpointer, mode: str) -> tuple[int, int]:
        modes.append(mode)
        came.set()
        return 0, -1

    monkeypatch.setattr(checkpoint.Checkpointer, "_checkpoint", busy)
    fill(engine, PAGES)
    assert came.wait(30)
    engine.close()
    assert set(modes) == {"PASSIVE"}


def test_nothing_is_lost_with_an_engine_that_is_closed_in_the_midst_of_it(engine: SQLiteEngine, path: Path) -> None:
    fill(engine, PAGES)
    engine.close()
    again = SQLiteEngine(path)
    with again.read() as transaction:
        assert transaction.run("SELECT count(*) FROM filled") == [(PAGES,)]
    again.close()
