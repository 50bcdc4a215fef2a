"""A real login on this machine, by its own login program, in its own record."""

import os
import re
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sojourn.agent.clock import now
from sojourn.agent.logins.session import Ending, LoginSession
from sojourn.agent.logins.wtmp import read
from tests.agent.logins.machine import has
from tests.agent.waiting import until

WTMP = Path("/var/log/wtmp")

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can log somebody in without a password"),
    pytest.mark.skipif(not has("login", "script", "last"), reason="login, script or last are not installed"),
    pytest.mark.skipif(not WTMP.exists(), reason="this machine keeps no wtmp"),
]


def sessions_since(start: int, line: str) -> list[LoginSession]:
    """Those on one terminal: others may log in meanwhile."""
    return [session for session in read(WTMP) if session.started_at >= start and session.line == line]


def terminal_of(told: Iterable[str]) -> str | None:
    """The terminal that a shell names when it is asked for it."""
    return next((found[1] for line in told if (found := re.fullmatch(r"/dev/(pts/\d+)", line.strip()))), None)


def test_a_real_login_is_told_from_its_start_to_its_end() -> None:
    start = now()
    command = ["script", "--quiet", "--command", "login -f root", "/dev/null"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as terminal:
        assert terminal.stdin is not None
        assert terminal.stdout is not None
        terminal.stdin.write("tty\n")
        terminal.stdin.flush()
        line = terminal_of(terminal.stdout)
        if line is None:
            pytest.skip("login lets nobody in here")
        if not sessions_since(start, line):
            pytest.skip("login writes no wtmp here")
        (session,) = sessions_since(start, line)
        assert (session.login, session.ending) == ("root", Ending.OPEN)
        assert session.pid is not None
        assert Path("/proc", str(session.pid)).exists()
        terminal.stdin.write("exit\n")
        terminal.stdin.close()
        terminal.stdout.read()
    until(lambda: sessions_since(start, line)[0].ended_at)
    (session,) = sessions_since(start, line)
    assert session.ending is Ending.LOGOUT
    assert session.ended_at is not None
    assert start <= session.started_at <= session.ended_at <= now()
    # `last` takes what ended just now for going on.
    expected = [text(session.started_at), text(session.ended_at)]
    until(lambda: said_by_last(line) == expected)


def said_by_last(line: str) -> list[str]:
    """When `last` says that the latest session on this terminal began and ended."""
    environment = os.environ | {"TZ": "UTC", "LC_ALL": "C"}
    told = subprocess.run(
        ["last", "--time-format", "iso", "-n", "1", line], env=environment, check=True, capture_output=True, text=True
    )
    words = told.stdout.splitlines()[0].split()
    return [word for word in words if word[:2] == "20" and "T" in word]


def text(instant: int) -> str:
    return datetime.fromtimestamp(instant // 1_000_000, UTC).isoformat()
