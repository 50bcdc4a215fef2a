import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sojourn.agent.clock import SECOND
from sojourn.agent.spool import DAY, Item, Spool, SpoolFull

NOW = 1_800_000_000 * SECOND


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "spool.sqlite"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    opened = Spool(path, max_bytes=1000, max_age=DAY)
    yield opened
    opened.close()


def drained(spool: Spool) -> list[str]:
    keys = []
    while (item := spool.next()) is not None:
        keys.append(item.key)
        spool.delivered(item)
    return keys


def test_what_was_put_first_comes_out_first(spool: Spool) -> None:
    for number in range(5):
        spool.put(f"k{number}", b"body", NOW)
    assert drained(spool) == ["k0", "k1", "k2", "k3", "k4"]
    assert spool.counts()["delivered"] == 5
    assert spool.counts()["waiting"] == 0


def test_an_item_stays_until_it_is_delivered(spool: Spool) -> None:
    spool.put("k", b"body", NOW)
    assert spool.next() == spool.next() == Item(id=1, key="k", put_at=NOW, body=b"body")


def test_it_is_there_when_opened_again(path: Path) -> None:
    first = Spool(path)
    first.put("k", b"body", NOW)
    first.close()
    second = Spool(path)
    assert drained(second) == ["k"]
    second.close()


def test_the_same_key_is_kept_once(spool: Spool) -> None:
    spool.put("k", b"body", NOW)
    spool.put("k", b"body", NOW)
    assert drained(spool) == ["k"]
    assert spool.counts()["put"] == 1


def test_the_oldest_makes_room_and_is_counted(spool: Spool) -> None:
    for number in range(12):
        spool.put(f"k{number}", b"x" * 100, NOW)
    assert spool.counts()["droppedBySize"] == 2
    assert drained(spool)[0] == "k2"


def test_what_was_refused_makes_room_before_what_waits(spool: Spool) -> None:
    for number in range(10):
        spool.put(f"k{number}", b"x" * 100, NOW)
    while (item := spool.next()) is not None and item.key != "k5":
        spool.delivered(item)
    assert item is not None
    spool.refused(item, "no such thing")
    assert spool.refusals() == [("k5", "no such thing")]
    for number in range(10, 16):
        spool.put(f"k{number}", b"x" * 100, NOW)
    assert spool.refusals() == []
    assert drained(spool) == ["k6", "k7", "k8", "k9", "k10", "k11", "k12", "k13", "k14", "k15"]
    assert spool.counts()["refused"] == 1


def test_what_is_larger_than_the_spool_is_lost_and_counted(spool: Spool) -> None:
    spool.put("k", b"x", NOW)
    with pytest.raises(SpoolFull):
        spool.put("large", b"x" * 1001, NOW)
    assert spool.counts()["lost"] == 1
    assert drained(spool) == ["k"]


def test_what_was_lost_is_counted_for_good_with_the_next_put(path: Path) -> None:
    first = Spool(path, max_bytes=10)
    with pytest.raises(SpoolFull):
        first.put("large", b"x" * 11, NOW)
    first.put("small", b"x", NOW)
    first.close()
    second = Spool(path)
    assert second.counts()["lost"] == 1
    second.close()


def test_what_is_too_old_goes_and_is_counted(spool: Spool) -> None:
    spool.put("old", b"x", NOW)
    spool.put("new", b"x", NOW + DAY // 2)
    spool.expire(NOW + DAY + 1)
    assert drained(spool) == ["new"]
    assert spool.counts()["droppedByAge"] == 1


@pytest.mark.parametrize("set_by", [40 * 365 * DAY, -40 * 365 * DAY])
def test_a_clock_that_was_set_ages_nothing(spool: Spool, set_by: int) -> None:
    spool.put("k", b"x", NOW)
    spool.shift(set_by)
    spool.expire(NOW + set_by + DAY // 2)
    assert spool.counts()["waiting"] == 1
    spool.expire(NOW + set_by + DAY + 1)
    assert spool.counts()["droppedByAge"] == 1


def test_items_can_be_passed_over(spool: Spool) -> None:
    for key in ("a", "b", "c"):
        spool.put(key, b"x", NOW)
    first = spool.next()
    assert first is not None
    second = spool.next(passing_over={first.id})
    assert second is not None
    assert second.key == "b"
    assert spool.next(passing_over={1, 2, 3}) is None


def test_a_damaged_file_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all" * 1000)
    spool = Spool(path)
    spool.put("k", b"x", NOW)
    assert drained(spool) == ["k"]
    spool.close()
    assert [each.name for each in path.parent.glob("*.broken-*")]


def test_nobody_else_can_read_it(spool: Spool, path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_two_processes_may_use_one_spool(path: Path) -> None:
    one, other = Spool(path), Spool(path)
    one.put("a", b"x", NOW)
    other.put("b", b"x", NOW)
    item = one.next()
    assert item is not None
    one.delivered(item)
    other.delivered(item)
    assert one.counts()["delivered"] == 1
    assert drained(other) == ["b"]
    one.close()
    other.close()


FILLING = """
import resource, signal, sys
from pathlib import Path
from sojourn.agent.spool import Spool, SpoolFull
spool = Spool(Path(sys.argv[1]), max_bytes=1 << 20)
spool.put("before", b"x" * 1000, 1)
# From here on no file may grow: what a full disk looks like to SQLite.
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
lost = 0
for number in range(50):
    try:
        spool.put(f"k{number}", bytes(10_000), 1)
    except SpoolFull:
        lost += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
spool.put("after", b"x", 1)
counts = spool.counts()
assert lost and counts["lost"] == lost, (lost, counts)
assert counts["waiting"] == 52 - lost, (lost, counts)
spool.close()
"""


def test_a_full_disk_loses_and_counts_but_breaks_nothing(path: Path) -> None:
    subprocess.run([sys.executable, "-c", FILLING, str(path)], check=True, timeout=60)
    spool = Spool(path)
    keys = drained(spool)
    assert keys[0] == "before"
    assert keys[-1] == "after"
    spool.close()


PUTTING = """
import sys
from pathlib import Path
from sojourn.agent.spool import Spool
spool = Spool(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 1_000_000):
    spool.put(f"k{number}", b"x" * 500, 1)
    print(number, flush=True)
"""


def test_a_kill_at_any_moment_loses_nothing_that_was_put(path: Path) -> None:
    last = -1
    for life in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", PUTTING, str(path), str(last + 1)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for _ in range(5 + life):
                line = process.stdout.readline()
                last = int(line)
            process.kill()
            last = max([last, *(int(line) for line in process.stdout.read().split())])
    spool = Spool(path)
    keys = drained(spool)
    spool.close()
    assert keys[: last + 1] == [f"k{number}" for number in range(last + 1)]
    assert len(keys) <= last + 2


class Kept(RuleBasedStateMachine):
    """The spool against a list."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(os.environ["XDG_STATE_HOME"]) / f"spool-{id(self)}.sqlite"
        for stale in self.path.parent.glob(f"{self.path.name}*"):
            stale.unlink()
        self.spool = Spool(self.path, max_bytes=300, max_age=100)
        self.kept: list[tuple[str, int, int]] = []
        self.now = 1000
        self.gone = 0

    @rule(size=st.integers(0, 120), wait=st.integers(0, 30))
    def put(self, size: int, wait: int) -> None:
        self.now += wait
        key = f"k{self.now}-{len(self.kept)}-{self.gone}"
        self.spool.put(key, b"x" * size, self.now)
        self._drop_old()
        while sum(each[1] for each in self.kept) + size > 300:
            self.kept.pop(0)
            self.gone += 1
        if key not in [each[0] for each in self.kept]:
            self.kept.append((key, size, self.now))

    @rule()
    def deliver(self) -> None:
        item = self.spool.next()
        assert (item.key if item else None) == (self.kept[0][0] if self.kept else None)
        if item is not None:
            self.spool.delivered(item)
            self.kept.pop(0)

    @rule(wait=st.integers(0, 200))
    def expire(self, wait: int) -> None:
        self.now += wait
        self.spool.expire(self.now)
        self._drop_old()

    @rule(by=st.integers(-(10**9), 10**9))
    def set_clock(self, by: int) -> None:
        self.now += by
        self.spool.shift(by)
        self.kept = [(key, size, at + by) for key, size, at in self.kept]

    @rule()
    def open_again(self) -> None:
        self.spool.close()
        self.spool = Spool(self.path, max_bytes=300, max_age=100)

    @invariant()
    def it_counts(self) -> None:
        counts = self.spool.counts()
        assert counts["waiting"] == len(self.kept)
        assert counts["bytes"] == sum(each[1] for each in self.kept)
        assert counts["droppedBySize"] + counts["droppedByAge"] == self.gone
        assert counts["put"] == counts["waiting"] + counts["delivered"] + self.gone

    def _drop_old(self) -> None:
        young = [each for each in self.kept if each[2] >= self.now - 100]
        self.gone += len(self.kept) - len(young)
        self.kept = young

    def teardown(self) -> None:
        self.spool.close()


TestKept = Kept.TestCase
TestKept.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


def test_an_unwritable_place_is_an_error_and_not_a_damaged_spool(tmp_path: Path) -> None:
    (tmp_path / "spool.sqlite").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        Spool(tmp_path / "spool.sqlite")
