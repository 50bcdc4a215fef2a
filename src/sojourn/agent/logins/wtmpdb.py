"""Logins out of wtmpdb: the SQLite database that takes wtmp's place on newer systems.

One row is one login with its logout (`Login`, `Logout`: microseconds since the epoch), and one row
is one run of the machine (`Type` 1) with its shutdown.
"""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sojourn.agent.logins.session import Ending, LoginSession

PATHS = (Path("/var/lib/wtmpdb/wtmp.db"), Path("/var/log/wtmp.db"))
"""Where distributions keep it: Debian 13, and newer releases of wtmpdb."""

BOOT = 1
USER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A login (`kind` USER) or a run of the machine (BOOT)."""

    kind: int
    user: str
    tty: str
    login: int
    logout: int | None


def read(newest: Path) -> list[LoginSession]:
    """Read `newest` and its rotated elders. Raises sqlite3.Error or OSError."""
    rows = [row for path in files(newest) for row in _rows(path)]
    return sessions(rows)


def files(newest: Path) -> list[Path]:
    """Find `newest` and the rotated `wtmp_20261101.db` beside it, oldest first."""
    elders = sorted(newest.parent.glob(f"{newest.stem}_[0-9]*{newest.suffix}"))
    return [*elders, newest] if newest.exists() else elders


def sessions(rows: Iterable[Row]) -> list[LoginSession]:
    """Make sessions of rows; one without a logout ended with the machine's run, if that is over."""
    logins = [row for row in rows if row.kind == USER and row.user]
    runs = sorted((row for row in rows if row.kind == BOOT), key=lambda row: row.login)
    starts = [run.login for run in runs]
    found = [_session(row, runs, starts) for row in logins]
    return sorted(found, key=lambda session: (session.started_at, session.line))


def _session(row: Row, runs: list[Row], starts: list[int]) -> LoginSession:
    ended_at, ending = row.logout, Ending.LOGOUT
    if ended_at is None:
        ended_at, ending = _end_of_run(row.login, runs, starts)
    return LoginSession(
        login=row.user,
        line=row.tty,
        started_at=row.login,
        ended_at=None if ended_at is None else max(ended_at, row.login),
        ending=ending,
        source="wtmpdb",
    )


def _end_of_run(at: int, runs: list[Row], starts: list[int]) -> tuple[int | None, Ending]:
    following = bisect_right(starts, at)
    if following:
        shutdown = runs[following - 1].logout
        if shutdown is not None and shutdown >= at:
            return shutdown, Ending.SHUTDOWN
    if following < len(starts):
        return starts[following], Ending.CRASH
    return None, Ending.OPEN


def _rows(path: Path) -> list[Row]:
    # Read-only, and no lock is kept: pam_wtmpdb must never wait for us at somebody's login.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT Type, User, TTY, Login, Logout FROM wtmp").fetchall()
    return [_row(*columns) for columns in found if isinstance(columns[3], int) and columns[3] > 0]


def _row(kind: Any, user: Any, tty: Any, login: int, logout: Any) -> Row:
    return Row(
        kind=int(kind or 0),
        user=str(user or ""),
        tty=str(tty or ""),
        login=login,
        logout=logout if isinstance(logout, int) and logout > 0 else None,
    )
