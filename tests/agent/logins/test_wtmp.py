import gzip
import os
import re
import struct
import subprocess
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.agent.logins import wtmp
from sojourn.agent.logins.session import Ending, LoginSession
from sojourn.agent.logins.wtmp import files, pair, parse, read
from tests.agent.logins.machine import COMPACT, WIDE, dumped, has, minute, packed

Told = tuple[str, str, int, int | None, Ending]


def told(sessions: list[LoginSession]) -> list[Told]:
    return [(each.login, each.line, each.started_at, each.ended_at, each.ending) for each in sessions]


def of(*events: str) -> list[Told]:
    return told(pair(parse(packed(events))))


def test_a_logout_ends_a_session() -> None:
    assert of("0 boot", "1 login tty1 ann", "9 logout tty1") == [("ann", "tty1", minute(1), minute(9), Ending.LOGOUT)]


def test_sessions_are_paired_by_terminal() -> None:
    assert of("1 login tty1 ann", "2 login pts/0 bob", "3 logout tty1", "4 logout pts/0") == [
        ("ann", "tty1", minute(1), minute(3), Ending.LOGOUT),
        ("bob", "pts/0", minute(2), minute(4), Ending.LOGOUT),
    ]


def test_midnight_is_not_an_end() -> None:
    day = 24 * 60
    assert of("0 login tty1 ann", f"{3 * day} logout tty1") == [
        ("ann", "tty1", minute(0), minute(3 * day), Ending.LOGOUT)
    ]


def test_a_start_of_the_machine_without_a_shutdown_is_a_crash() -> None:
    assert of("0 boot", "1 login tty1 ann", "60 boot") == [("ann", "tty1", minute(1), minute(60), Ending.CRASH)]


def test_a_shutdown_ends_everybody() -> None:
    assert of("0 boot", "1 login tty1 ann", "2 login tty2 bob", "30 shutdown", "60 boot") == [
        ("ann", "tty1", minute(1), minute(30), Ending.SHUTDOWN),
        ("bob", "tty2", minute(2), minute(30), Ending.SHUTDOWN),
    ]


@pytest.mark.parametrize(("level", "ends"), [(ord("0"), True), (ord("6"), True), (ord("5"), False), (0x3336, True)])
def test_a_run_level_of_halt_or_reboot_is_a_shutdown(level: int, ends: bool) -> None:
    ((*_, ended_at, ending),) = of("1 login tty1 ann", f"30 runlevel {level}")
    assert (ended_at, ending) == ((minute(30), Ending.SHUTDOWN) if ends else (None, Ending.OPEN))


def test_without_an_end_it_is_open() -> None:
    assert of("0 boot", "1 login tty1 ann") == [("ann", "tty1", minute(1), None, Ending.OPEN)]


def test_a_second_login_on_a_terminal_ends_the_first() -> None:
    assert of("1 login tty1 ann", "5 login tty1 bob") == [
        ("ann", "tty1", minute(1), minute(5), Ending.LOGOUT),
        ("bob", "tty1", minute(5), None, Ending.OPEN),
    ]


def test_waiting_terminals_and_logouts_of_nobody_are_no_sessions() -> None:
    assert of("0 boot", "1 getty tty1 LOGIN", "2 logout pts/9", "3 old-time | date", "4 new-time { date") == []


def test_a_clock_that_was_set_back_ends_nothing_before_it_began() -> None:
    ((_, _, started_at, ended_at, _),) = of("50 login tty1 ann", "10 logout tty1")
    assert started_at == ended_at == minute(50)


def test_fractions_of_a_second_are_kept() -> None:
    ((_, _, started_at, _, _),) = of("0.5000001 login tty1 ann")
    assert started_at == minute(0) + 30_000_006


def test_times_last_until_2106() -> None:
    record = struct.pack(COMPACT, 7, 1, b"tty1", b"1", b"ann", b"", 0, 0, 0, 4_000_000_000, 5, 0, 0, 0, 0)
    assert next(parse(record)).at == 4_000_000_000_000_005


@pytest.mark.parametrize("count", [1, 2, 40])
def test_both_layouts_are_told_apart(count: int) -> None:
    events = [event for n in range(count) for event in (f"{n * 2} login pts/{n} ann", f"{n * 2 + 1} logout pts/{n}")]
    assert list(parse(packed(events, WIDE))) == list(parse(packed(events, COMPACT)))
    assert len(list(parse(packed(events, WIDE)))) == 2 * count


def test_a_record_that_is_being_written_is_left_for_the_next_time() -> None:
    data = packed(["1 login tty1 ann", "2 logout tty1"])
    assert [record.kind for record in parse(data[:-1])] == [7]
    assert [record.kind for record in parse(data)] == [7, 8]


def test_names_are_texts_that_every_store_can_keep() -> None:
    record = struct.pack(COMPACT, 7, 1, b"tty1", b"1", b"a\xffn\x1bn\n", b"", 0, 0, 0, 9, 0, 0, 0, 0, 0)
    assert next(parse(record)).user == "a\ufffdnn"


@given(st.binary(max_size=3000))
def test_no_bytes_break_it(data: bytes) -> None:
    for session in pair(parse(data)):
        assert session.login
        assert session.line
        assert session.ended_at is None or session.ended_at >= session.started_at


EVENTS = st.builds(
    lambda kind, line, user: f"{kind} {line} {user}" if kind in ("login", "logout") else kind,
    st.sampled_from(["login", "login", "logout", "getty tty1 LOGIN", "boot", "shutdown"]),
    st.sampled_from(["tty1", "tty2", "pts/0", ":0"]),
    st.sampled_from(["ann", "bob"]),
)


@given(st.lists(EVENTS, max_size=30))
def test_nobody_is_on_one_terminal_twice_and_every_login_is_told(events: list[str]) -> None:
    sessions = pair(parse(packed(f"{number} {event}" for number, event in enumerate(events))))
    assert len(sessions) == sum(event.startswith("login") for event in events)
    for line in {session.line for session in sessions}:
        on_line = sorted((each for each in sessions if each.line == line), key=lambda each: each.started_at)
        for one, next_one in pairwise(on_line):
            assert one.ended_at is not None
            assert one.ended_at <= next_one.started_at


def test_rotated_files_are_read_as_one(tmp_path: Path) -> None:
    newest = tmp_path / "wtmp"
    (tmp_path / "wtmp.2.gz").write_bytes(gzip.compress(packed(["0 boot", "1 login tty1 ann"])))
    (tmp_path / "wtmp.1").write_bytes(packed(["2 login tty2 bob", "3 logout tty1"]))
    newest.write_bytes(packed(["4 logout tty2"]))
    (tmp_path / "wtmp.report").write_text("something else")
    for age, name in ((3, "wtmp.2.gz"), (2, "wtmp.1"), (1, "wtmp")):
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    assert [path.name for path in files(newest)] == ["wtmp.2.gz", "wtmp.1", "wtmp"]
    assert told(read(newest)) == [
        ("ann", "tty1", minute(1), minute(3), Ending.LOGOUT),
        ("bob", "tty2", minute(2), minute(4), Ending.LOGOUT),
    ]


def test_without_any_file_there_is_nobody(tmp_path: Path) -> None:
    assert read(tmp_path / "wtmp") == []


def test_of_a_file_that_grew_too_large_the_newest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [f"{number} login tty1 ann" for number in range(0, 200, 2)]
    newest = tmp_path / "wtmp"
    newest.write_bytes(packed(events))
    monkeypatch.setattr(wtmp, "LARGEST_FILE", 10 * 384 + 100)
    sessions = read(newest)
    assert len(sessions) == 10
    assert sessions[-1].started_at == minute(198)


A_WEEK = [
    "0 boot",
    "0.1 runlevel 53",
    "1 getty tty1 LOGIN 601",
    "5 login tty1 ann 601",
    "6 login pts/0 bob 700",
    "20 logout pts/0",
    "25 login pts/0 cem 710",
    "30 login pts/1 ann 720",
    "65.5 logout pts/1",
    "500 shutdown",
    "600 boot",
    "601 login tty1 ann 601",
    "1500 login tty2 bob 602",
    "2000 logout tty2",
    "3100 boot",
    "3101 login tty1 dee 601",
    "3102 login :0 ann 640",
    "3200 logout :0",
    "3300 login tty1 bob 603",
    "4700 login pts/3 eve 99999",
]

_LINE = re.compile(r"^(\S+) +(\S+) +\S+ +(\S+) (?:- (\S+)|  still logged in|  gone - no logout)", re.MULTILINE)


def said_by_last(path: Path) -> list[Told]:
    command = ["last", "--time-format", "iso", "-w", "-f", str(path)]
    environment = os.environ | {"TZ": "UTC", "LC_ALL": "C"}
    text = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    found = []
    for login, line, start, end in _LINE.findall(text):
        if login != "reboot":
            found.append((login, line, _instant(start), *_ending(end, text)))
    return sorted(found, key=lambda each: (each[2], each[1]))


def _instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def _ending(text: str, whole: str) -> tuple[int | None, Ending]:
    if not text:
        return None, Ending.OPEN
    if text in ("crash", "down"):
        return None, Ending.CRASH if text == "crash" else Ending.SHUTDOWN
    return _instant(text), Ending.LOGOUT


@pytest.mark.skipif(not has("utmpdump", "last"), reason="utmpdump and last (util-linux) are not installed")
def test_it_agrees_with_last(tmp_path: Path) -> None:
    """`last` says how a session ended by a crash or shutdown, but not when: there the kinds must agree."""
    path = tmp_path / "wtmp"
    dumped(A_WEEK, path)
    ours = [
        (
            login,
            line,
            start // 1_000_000 * 1_000_000,
            end // 1_000_000 * 1_000_000 if end is not None and ending is Ending.LOGOUT else None,
            ending,
        )
        for login, line, start, end, ending in told(read(path))
    ]
    assert len(ours) == 10
    assert ours == said_by_last(path)


@pytest.mark.skipif(not has("utmpdump"), reason="utmpdump (util-linux) is not installed")
def test_what_utmpdump_writes_is_what_we_read(tmp_path: Path) -> None:
    path = tmp_path / "wtmp"
    dumped(A_WEEK, path)
    assert list(parse(path.read_bytes())) == list(parse(packed(A_WEEK)))
