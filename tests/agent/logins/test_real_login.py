"""A real login on this machine, by its own login program, in its own record."""

import os
import subprocess
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


def sessions_since(start: int) -> list[LoginSession]:
    return [session for session in read(WTMP) if session.started_at >= start]


def test_a_real_login_is_told_from_its_start_to_its_end() -> None:
    start = now()
    command = ["script", "--quiet", "--command", "login -f root", "/dev/null"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as terminal:
        assert terminal.stdin is not None
        assert terminal.stdout is not None
        terminal.stdin.write("echo here\n")
        terminal.stdin.flush()
        if not any("here" in line and "echo" not in line for line in terminal.stdout):
            pytest.skip("login lets nobody in here")
        if not sessions_since(start):
            pytest.skip("login writes no wtmp here")
        (session,) = sessions_since(start)
        assert (session.login, session.ending) == ("root", Ending.OPEN)
        assert session.pid is not None
        assert Path("/proc", str(session.pid)).exists()
        terminal.stdin.write("exit\n")
        terminal.stdin.close()
        terminal.stdout.read()
    until(lambda: sessions_since(start)[0].ended_at)
    (session,) = sessions_since(start)
    assert session.ending is Ending.LOGOUT
    assert session.ended_at is not None
    assert start <= session.started_at <= session.ended_at <= now()
    # `last` takes what ended in this very second for going on.
    until(lambda: now() // 1_000_000 > (session.ended_at or 0) // 1_000_000)
    assert said_by_last(session.line) == [text(session.started_at), text(session.ended_at)]


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
