"""Where too much waits, a real server refuses those who want to write by their heads, and hears them to the end."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import apsw
import httpx
import pytest

from tests.servers import Server, serving

SESSIONS = "/v2/activitySessions"
BODY = b'{"userId":7,"module":"CARE_DESK"}'
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

PATIENT = """
from sojourn.storage import sqlite
from sojourn.web import pause

sqlite.SQLiteEngine.__init__.__defaults__ = (60.0,)  # whoever holds the file is waited for
pause.SECONDS = 0.2
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the server."""
    return tmp_path_factory.mktemp("full") / "sojourn.db"


@pytest.fixture(scope="module")
def server(file: Path) -> Iterator[Server]:
    """A server in whose queue no more than one row may wait."""
    file.with_name("sitecustomize.py").write_text(PATIENT)
    with serving(f"sqlite:///{file}", PYTHONPATH=str(file.parent), SOJOURN_QUEUE="1") as started:
        yield started
        code, _ = started.stop()
        assert code == 0


def head(server: Server, *headers: str) -> bytes:
    """The head of a good request to open a session, with more headers."""
    lines = [f"POST {SESSIONS} HTTP/1.1", "Host: x", f"Authorization: Bearer {server.token}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def connected(server: Server) -> socket.socket:
    place = urlsplit(server.address)
    return socket.create_connection((place.hostname, place.port), timeout=60)


def measured(server: Server, name: str) -> float:
    """What a meter shows, with its labels."""
    lines = httpx.get(f"{server.address}/metrics").text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), 0.0)


@contextmanager
def full(server: Server, file: Path) -> Iterator[list[socket.socket]]:
    """While this lasts, nothing is written, and something waits. At the end all of that is written."""
    with ExitStack() as stack:
        holder = stack.enter_context(closing(apsw.Connection(str(file))))
        holder.set_busy_timeout(60_000)
        holder.execute("BEGIN IMMEDIATE")
        waiting: list[socket.socket] = []
        while not measured(server, "sojourn_write_queue_length"):  # what the writer has in hand does not wait
            connection = stack.enter_context(closing(connected(server)))
            connection.sendall(head(server, f"Content-Length: {len(BODY)}") + BODY)
            waiting.append(connection)
        yield waiting
        holder.execute("ROLLBACK")
        for connection in waiting:
            assert answer(connection)[0] == 200


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The next answer on a connection: status, headers and body."""
    told = b""
    while b"\r\n\r\n" not in told:
        piece = connection.recv(1)
        assert piece, told
        told += piece
    first, *lines = told.decode().strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    body = b""
    while len(body) < int(headers["content-length"]):
        body += connection.recv(int(headers["content-length"]) - len(body))
    return int(first.split()[1]), headers, body


def assert_refused(told: tuple[int, dict[str, str], bytes], *, closes: bool) -> None:
    status, headers, body = told
    assert (status, json.loads(body)["errors"][0]["code"]) == (503, 4012)
    assert int(headers["retry-after"]) >= 1
    assert headers.get("connection") == ("close" if closes else None)


def total(server: Server) -> int:
    told = httpx.get(f"{server.address}{SESSIONS}", headers={"Authorization": f"Bearer {server.token}"})
    return int(told.json()["pagination"]["total"])


@pytest.mark.parametrize("framing", [f"Content-Length: {len(BODY)}", "Transfer-Encoding: chunked"])
def test_a_refusal_is_told_before_the_body_is_sent_and_the_connection_serves_on(
    server: Server, file: Path, framing: str
) -> None:
    before = total(server)
    with full(server, file) as waiting, closing(connected(server)) as connection:
        connection.sendall(head(server, framing))
        assert_refused(answer(connection), closes=False)
        body = BODY if "Length" in framing else b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
        for at in range(0, len(body), 10):
            connection.sendall(body[at : at + 10])
        connection.sendall(HEALTH)
        assert answer(connection)[0] == 200
    assert total(server) == before + len(waiting)


def test_a_large_body_is_let_pass_by(server: Server, file: Path) -> None:
    with full(server, file), closing(connected(server)) as connection:
        for _ in range(3):
            connection.sendall(head(server, "Content-Length: 4000000") + b" " * 4_000_000)
            assert_refused(answer(connection), closes=False)


def test_who_asks_before_sending_its_body_is_refused_and_left(server: Server, file: Path) -> None:
    with full(server, file), closing(connected(server)) as connection:
        connection.sendall(head(server, "Expect: 100-continue", f"Content-Length: {len(BODY)}"))
        assert_refused(answer(connection), closes=True)
        assert connection.recv(1) == b""


def test_who_asks_and_then_sends_its_body_unasked_hears_the_answer(server: Server, file: Path) -> None:
    with full(server, file), closing(connected(server)) as connection:
        connection.sendall(head(server, "Expect: 100-continue", "Content-Length: 4000000"))
        connection.sendall(b" " * 4_000_000)
        assert_refused(answer(connection), closes=True)
        assert connection.recv(1) == b""


def test_who_wants_the_connection_closed_is_heard_to_the_end(server: Server, file: Path) -> None:
    with full(server, file), closing(connected(server)) as connection:
        connection.sendall(head(server, "Connection: close", "Content-Length: 4000000"))
        for _ in range(40):  # to a server that had hung up, one of them could not be sent
            connection.sendall(b" " * 100_000)
            time.sleep(0.02)
        assert_refused(answer(connection), closes=True)
        assert connection.recv(1) == b""


def test_who_is_answered_and_never_sends_its_body_is_left(server: Server, file: Path) -> None:
    with full(server, file), closing(connected(server)) as connection:
        connection.sendall(head(server, "Content-Length: 4000000") + b"a little")
        assert_refused(answer(connection), closes=False)
        connection.sendall(b"a little more")
        assert connection.recv(1) == b""


def test_nothing_that_follows_a_request_to_close_is_served(server: Server, file: Path) -> None:
    before = total(server)
    with full(server, file) as waiting, closing(connected(server)) as connection:
        connection.sendall(head(server, "Connection: close", f"Content-Length: {len(BODY)}"))
        assert_refused(answer(connection), closes=True)
        connection.sendall(BODY + head(server, f"Content-Length: {len(BODY)}") + BODY)
        assert connection.recv(1) == b""
    assert total(server) == before + len(waiting)


def test_who_may_not_write_hears_no_more_of_it_than_ever(server: Server, file: Path) -> None:
    sent = head(server, f"Content-Length: {len(BODY)}").replace(server.token.encode(), b"wrong")
    with full(server, file), closing(connected(server)) as connection:
        connection.sendall(sent)
        status, headers, _ = answer(connection)
        assert (status, "retry-after" in headers) == (401, False)


def test_what_is_refused_is_counted_and_logged(server: Server, file: Path) -> None:
    meter = 'sojourn_requests_total{method="POST",operation="create-an-activity-session",status="503"}'
    before = measured(server, meter)
    with full(server, file), closing(connected(server)) as connection:
        connection.sendall(head(server, f"Content-Length: {len(BODY)}") + BODY)
        assert_refused(answer(connection), closes=False)
    assert measured(server, meter) == before + 1
    last = [json.loads(line) for line in server.log.read_text().splitlines() if '"status":503' in line][-1]
    assert (last["operation"], last["organisation"]) == ("create-an-activity-session", 1)


def test_who_asks_before_sending_its_body_keeps_its_connection_when_it_is_let_in(server: Server) -> None:
    with closing(connected(server)) as connection:
        for _ in range(2):
            connection.sendall(head(server, "Expect: 100-continue", f"Content-Length: {len(BODY)}"))
            assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(BODY)
            status, headers, _ = answer(connection)
            assert (status, headers.get("connection")) == (200, None)
