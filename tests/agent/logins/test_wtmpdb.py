import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from sojourn.agent.logins.session import Ending, LoginSession
from sojourn.agent.logins.wtmpdb import files, read
from tests.agent.logins.machine import minute

SCHEMA = (
    "CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, Logout INTEGER,"
    " TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT"
)
BOOT, USER = 1, 3


def write(path: Path, rows: Iterable[tuple[int, str, str | None, float | None, float | None]]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(SCHEMA)
        database.executemany(
            "INSERT INTO wtmp (Type, User, TTY, Login, Logout) VALUES (?, ?, ?, ?, ?)",
            [
                (kind, user, tty, None if start is None else minute(start), None if end is None else minute(end))
                for kind, user, tty, start, end in rows
            ],
        )


def told(sessions: list[LoginSession]) -> list[tuple[str, str, int, int | None, Ending]]:
    return [(each.login, each.line, each.started_at, each.ended_at, each.ending) for each in sessions]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wtmp.db"


def test_a_row_is_a_session_with_its_end(path: Path) -> None:
    write(path, [(BOOT, "reboot", "~", 0, None), (USER, "ann", "tty1", 1, 9), (USER, "bob", "ssh", 2, None)])
    assert told(read(path)) == [
        ("ann", "tty1", minute(1), minute(9), Ending.LOGOUT),
        ("bob", "ssh", minute(2), None, Ending.OPEN),
    ]


def test_without_a_logout_a_session_ended_with_the_run_of_the_machine(path: Path) -> None:
    write(
        path,
        [
            (BOOT, "reboot", "~", 0, 30),
            (USER, "ann", "tty1", 1, None),
            (BOOT, "reboot", "~", 60, None),
            (USER, "bob", "tty1", 61, None),
            (BOOT, "reboot", "~", 90, None),
            (USER, "cem", "tty1", 91, None),
        ],
    )
    assert told(read(path)) == [
        ("ann", "tty1", minute(1), minute(30), Ending.SHUTDOWN),
        ("bob", "tty1", minute(61), minute(90), Ending.CRASH),
        ("cem", "tty1", minute(91), None, Ending.OPEN),
    ]


def test_a_session_without_any_run_is_open(path: Path) -> None:
    write(path, [(USER, "ann", None, 1, None)])
    assert told(read(path)) == [("ann", "", minute(1), None, Ending.OPEN)]


def test_rows_that_tell_nothing_are_passed_over(path: Path) -> None:
    write(path, [(USER, "", "tty1", 1, 2), (USER, "ann", "tty1", None, 2), (0, "bob", "tty1", 1, 2)])
    assert read(path) == []


def test_a_logout_before_its_login_ends_nothing_before_it_began(path: Path) -> None:
    write(path, [(USER, "ann", "tty1", 9, 2)])
    ((_, _, started_at, ended_at, _),) = told(read(path))
    assert started_at == ended_at == minute(9)


def test_rotated_files_are_read_too(path: Path) -> None:
    write(path.with_name("wtmp_20261101.db"), [(USER, "ann", "tty1", 1, 2)])
    write(path, [(USER, "bob", "tty1", 3, 4)])
    path.with_name("wtmp_old.db").write_text("something else")
    assert [each.name for each in files(path)] == ["wtmp_20261101.db", "wtmp.db"]
    assert [each.login for each in read(path)] == ["ann", "bob"]


def test_it_reads_without_writing_or_locking(path: Path) -> None:
    write(path, [(USER, "ann", "tty1", 1, None)])
    path.chmod(0o444)
    with closing(sqlite3.connect(path, timeout=0)) as writer:
        read(path)
        writer.execute("UPDATE wtmp SET Logout = 5")
        writer.commit()
    assert [each.name for each in path.parent.iterdir()] == ["wtmp.db"]


def test_what_is_no_database_is_an_error(path: Path) -> None:
    path.write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        read(path)


def test_the_key_is_that_of_the_same_session_in_wtmp(path: Path) -> None:
    from sojourn.agent.logins.wtmp import pair, parse
    from tests.agent.logins.machine import packed

    write(path, [(USER, "ann", "tty1", 1, 9)])
    (old,) = pair(parse(packed(["1 login tty1 ann", "9 logout tty1"])))
    (new,) = read(path)
    assert old.key("device") == new.key("device")
    assert old.key("device") != old.key("another")
