"""`sojourn serve --workers`: several processes behave as one server."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.companies import opened
from tests.servers import Server, serving

SESSIONS = "/v2/activitySessions"
SECONDS = 60.0


def until(true: Callable[[], object]) -> None:
    """Wait until it is."""
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def workers(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children()


def events(server: Server, event: str) -> list[dict[str, object]]:
    """The lines of the log that tell of it."""
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    return [line for line in lines if line["event"] == event]


def serve_all(server: Server, count: int) -> None:
    """Wait until so many workers have told that they serve."""
    until(lambda: len(events(server, "worker serves")) >= count)


def asked(server: Server, path: str, token: str) -> int:
    """The status of an answer on a connection of its own, so that any worker may take it."""
    return told(server, path, token)[0]


def told(server: Server, path: str, token: str = "none") -> tuple[int, str]:
    """The status and the body of such an answer."""
    with closing(HTTPConnection(urlsplit(server.address).netloc, timeout=SECONDS)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def who_answered(server: Server) -> set[object]:
    return {line["worker"] for line in events(server, "request")}


def ask_until_all_answered(server: Server, path: str, token: str, count: int) -> set[int]:
    """Ask until so many workers have answered; the statuses."""
    begin = len(events(server, "request"))
    statuses: set[int] = set()

    def answered() -> bool:
        statuses.add(asked(server, path, token))
        return len({line["worker"] for line in events(server, "request")[begin:]}) == count

    until(answered)
    return statuses


def metric(server: Server, name: str) -> float:
    text = told(server, "/metrics")[1]
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if re.match(rf"{name}[ {{]", line))


def test_they_begin_as_one_and_end_as_one(database_url: str) -> None:
    with serving(database_url, "--port", "0", "--workers", "2") as server:
        assert server.told.count("listens on") == 1
        assert server.told.count("TOKEN=") == 1
        token = server.token
        serve_all(server, 2)
        assert len(workers(server)) == 2
        assert ask_until_all_answered(server, SESSIONS, token, 2) == {200}
        assert who_answered(server) == {1, 2}
        assert asked(server, "/readyz", token) == 200
        assert metric(server, "sojourn_workers") == 2
        (warned,) = [line for line in events_at(server, "warning") if "SOJOURN_REDIS" in str(line["event"])]
        assert "worker" not in warned
        children = workers(server)
        code, logged = server.stop()
        assert code == 0
        assert token not in logged
        assert not any(child.is_running() for child in children)
    with serving(database_url, "--port", "0", SOJOURN_WORKERS="2") as server:
        assert "TOKEN" not in server.told
        serve_all(server, 2)
        assert asked(server, SESSIONS, token) == 200


def events_at(server: Server, level: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    return [line for line in lines if line["level"] == level]


def test_a_token_that_is_revoked_opens_nothing_in_any_of_them(database_url: str) -> None:
    with serving(database_url, "--port", "0", "--workers", "2") as server, opened(database_url) as core:
        serve_all(server, 2)
        issued = core.registry.add_token(1, "owner@localhost", "a test")
        assert ask_until_all_answered(server, SESSIONS, issued.secret, 2) == {200}
        core.registry.revoke(1, issued.token.id)
        assert ask_until_all_answered(server, SESSIONS, issued.secret, 2) == {401}


def test_a_scrape_tells_of_all_of_them_and_of_those_that_died(sqlite_url: str) -> None:
    name = r'sojourn_requests_total{method="GET",operation="readiness"'
    with serving(sqlite_url, "--port", "0", "--workers", "2") as server:
        serve_all(server, 2)
        before = 0
        while len(who_answered(server)) < 2:
            assert asked(server, "/readyz", "none") == 200
            before += 1
        assert metric_of(server, name) == before
        workers(server)[0].kill()
        serve_all(server, 3)
        assert metric_of(server, name) == before
        until(lambda: metric(server, "sojourn_workers") == 2)


def metric_of(server: Server, name: str) -> float:
    text = told(server, "/metrics")[1]
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


def test_fresh_ones_take_the_places_of_all_and_nobody_is_turned_away(sqlite_url: str) -> None:
    with serving(sqlite_url, "--port", "0", "--workers", "2") as server:
        serve_all(server, 2)
        before = {child.pid for child in workers(server)}
        server.process.send_signal(signal.SIGHUP)

        def replaced() -> bool:
            assert asked(server, SESSIONS, server.token) == 200
            now = {child.pid for child in workers(server)}
            return len(now) == 2 and not now & before

        until(replaced)
        assert metric(server, "sojourn_workers") == 2
        assert events_at(server, "error") == []


def test_what_one_of_them_accepted_is_answered_before_all_end(sqlite_url: str) -> None:
    body = b'{"userId": 75001234, "module": "CARE_DESK"}'
    with serving(sqlite_url, "--port", "0", "--workers", "2") as server:
        serve_all(server, 2)
        place = urlsplit(server.address)
        head = (
            f"POST {SESSIONS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
        )
        with closing(socket.create_connection((place.hostname, place.port), timeout=30)) as busy:
            busy.sendall(head.encode())
            assert busy.recv(100).startswith(b"HTTP/1.1 100")  # the request has been read
            server.process.send_signal(signal.SIGTERM)
            until(lambda: len(workers(server)) == 1)
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((place.hostname, place.port), timeout=30)
            busy.sendall(body)
            assert b'"sessionId":1' in b"".join(iter(lambda: busy.recv(65_536), b""))
        assert server.process.wait(timeout=60) == 0


def test_none_is_left_when_the_one_that_looks_after_them_is_killed(sqlite_url: str) -> None:
    with serving(sqlite_url, "--port", "0", "--workers", "2") as server:
        serve_all(server, 2)
        children = workers(server)
        server.process.kill()
        until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))


def test_one_that_hangs_is_killed_and_replaced(tmp_path: Path) -> None:
    script = tmp_path / "hang.py"
    script.write_text(
        "import os, socket, sys, time\n"
        "from sojourn.cli.workers import Supervisor\n"
        "def work(number, line):\n"
        "    line.send(b'.')\n"
        "    print(os.getpid(), flush=True)\n"
        "    time.sleep(600)\n"
        "    return 0\n"
        "supervisor = Supervisor(1, work, socket.create_server(('127.0.0.1', 0)), 0.5, ended=print, silence=0.3)\n"
        "sys.exit(supervisor.run())\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = set()
        for line in process.stdout:
            if line.strip().isdecimal() and int(line) > 1:
                pids.add(int(line))
            if len(pids) == 3:
                break
        process.terminate()
        process.stdout.read()
        assert process.wait(30) == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_what_cannot_begin_ends_all_with_a_code(sqlite_url: str, tmp_path: Path) -> None:
    script = tmp_path / "fail.py"
    script.write_text(
        "import socket, sys\n"
        "from sojourn.cli.workers import Supervisor\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "sys.exit(Supervisor(2, lambda number, line: 69, listener, 5, ended=print).run())\n"
    )
    assert subprocess.run([sys.executable, script], check=False, capture_output=True, timeout=60).returncode == 69
