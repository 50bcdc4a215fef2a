"""What comes over the wire that is not quite a request, on a real server."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sojourn.web.connection import HEAD_BYTES
from tests.servers import Server, serving

SESSIONS = "/v2/activitySessions"
BODY = b'{"userId":7,"module":"CARE_DESK"}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(f"sqlite:///{tmp_path_factory.mktemp('wire') / 'sojourn.db'}") as started:
        yield started
        code, _ = started.stop()
        assert code == 0


def connected(server: Server) -> socket.socket:
    place = urlsplit(server.address)
    return socket.create_connection((place.hostname, place.port), timeout=30)


def read(connection: socket.socket) -> bytes:
    """Everything until the server hangs up."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def talk(server: Server, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
    """What a server answers: status, headers and body."""
    with closing(connected(server)) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = read(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body


def post(server: Server, *headers: str) -> bytes:
    """The head of a good request to open a session, with more headers."""
    lines = [
        f"POST {SESSIONS} HTTP/1.1",
        "Host: x",
        "Connection: close",
        f"Authorization: Bearer {server.token}",
        "Content-Type: application/json",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def total(server: Server) -> int:
    line = f"GET {SESSIONS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {server.token}\r\n\r\n"
    return int(json.loads(talk(server, line.encode())[2])["pagination"]["total"])


def test_a_good_request_is_answered_with_the_date_and_without_the_name_of_the_program(server: Server) -> None:
    status, headers, body = talk(server, post(server, f"Content-Length: {len(BODY)}"), BODY)
    assert status == 200
    assert json.loads(body)["module"] == "CARE_DESK"
    assert "date" in headers
    assert "server" not in headers


def test_a_body_may_come_in_chunks(server: Server) -> None:
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (BODY[:5], BODY[5:])]
    status, _, body = talk(server, post(server, "Transfer-Encoding: chunked"), *chunks, b"0\r\n\r\n")
    assert (status, json.loads(body)["userId"]) == (200, 7)


def test_a_caller_may_ask_before_it_sends_its_body(server: Server) -> None:
    with closing(connected(server)) as connection:
        connection.sendall(post(server, "Expect: 100-continue", f"Content-Length: {len(BODY)}"))
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY)
        assert read(connection).startswith(b"HTTP/1.1 200 ")


def test_who_is_refused_need_not_send_a_body_that_is_too_large(server: Server) -> None:
    status, _, body = talk(server, post(server, "Expect: 100-continue", "Content-Length: 99999999"))
    assert (status, json.loads(body)["errors"][0]["code"]) == (413, 4010)


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        (["Content-Length: 5", f"Content-Length: {len(BODY)}"], BODY),
        (["Content-Length: 3", "Transfer-Encoding: chunked"], b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)),
        (["Content-Length: -5"], BODY),
        (["Content-Length: many"], BODY),
        (["Content-Length: 1", "Content-Length : 2"], BODY),
    ],
)
def test_a_length_that_may_mean_two_things_is_refused(server: Server, headers: list[str], sent: bytes) -> None:
    before = total(server)
    status, told, body = talk(server, post(server, *headers), sent)
    assert (status, told["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["detail"] == "This is no HTTP request"
    assert total(server) == before


def test_a_length_that_is_too_small_leaves_half_a_body(server: Server) -> None:
    before = total(server)
    status, _, body = talk(server, post(server, "Content-Length: 5"), BODY)
    assert status == 400
    assert b"The body is not JSON: input data was truncated" in body
    assert total(server) == before


def test_nothing_is_stored_of_who_hangs_up_in_the_middle(server: Server) -> None:
    before = total(server)
    for _ in range(10):
        with closing(connected(server)) as connection:
            connection.sendall(post(server, f"Content-Length: {len(BODY) + 1}") + BODY)
        with closing(connected(server)) as connection:
            connection.sendall(post(server, "Transfer-Encoding: chunked") + b"%x\r\n%b\r\n" % (len(BODY), BODY))
    assert total(server) == before


def test_what_was_sent_whole_is_stored_though_nobody_waits_for_the_answer(server: Server) -> None:
    before = total(server)
    with closing(connected(server)) as connection:
        connection.sendall(post(server, f"Content-Length: {len(BODY)}") + BODY)
    deadline = time.monotonic() + 30
    while total(server) == before and time.monotonic() < deadline:
        pass
    assert total(server) == before + 1


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a browser that speaks TLS\r\n\r\n",
        b"HELO example.org\r\n\r\n",
        b"MADEUP /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nX-A: a\0b\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_as_a_problem(server: Server, sent: bytes) -> None:
    status, headers, body = talk(server, sent)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["title"] == "Bad Request"


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * HEAD_BYTES + b"\r\n\r\n"],
        [b"GET /" + b"a" * HEAD_BYTES + b" HTTP/1.1\r\nHost: x\r\n\r\n"],
        [b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + (b"X-A: " + b"a" * 97 + b"\r\n") * 700 + b"\r\n"],
    ],
)
def test_a_head_that_is_too_long_is_refused(server: Server, pieces: list[bytes]) -> None:
    status, headers, body = talk(server, *pieces)
    assert (status, headers["content-type"]) == (431, "application/problem+json")
    assert str(HEAD_BYTES) in json.loads(body)["detail"]


def test_a_head_that_never_ends_is_given_up(server: Server) -> None:
    sent = 0
    with closing(connected(server)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ")
        with suppress(OSError):  # reset or broken, as the system will
            while sent < 100_000_000:
                sent += connection.send(b"a" * 65_536)
    assert sent < 100_000_000


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Server]:
    """A server that waits for a head no longer than a blink."""
    site = tmp_path / "sitecustomize.py"
    site.write_text("from sojourn.web import connection\nconnection.HEAD_SECONDS = 0.3\n")
    with serving(f"sqlite:///{tmp_path / 'sojourn.db'}", PYTHONPATH=str(tmp_path)) as started:
        yield started


@pytest.mark.parametrize("first", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_who_begins_a_head_and_does_not_end_it_is_told_and_left(impatient: Server, first: bytes) -> None:
    with closing(connected(impatient)) as connection:
        connection.sendall(first + b"GET /healthz HTTP/1.1\r\nHo")
        answer = read(connection)
    assert answer.count(b"HTTP/1.1 200 OK") == bool(first)
    assert answer.count(b"HTTP/1.1 408 Request Timeout") == 1


def test_who_says_nothing_is_left_without_a_word(impatient: Server) -> None:
    with closing(connected(impatient)) as connection:
        assert read(connection) == b""


def test_who_asks_in_time_has_time_for_the_body(impatient: Server) -> None:
    with closing(connected(impatient)) as connection:
        connection.sendall(post(impatient, f"Content-Length: {len(BODY)}"))
        with closing(connected(impatient)) as other:
            assert read(other) == b""  # longer than a head may take
        connection.sendall(BODY)
        assert read(connection).startswith(b"HTTP/1.1 200 OK")


def test_a_head_of_many_pieces_is_read(server: Server) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: " + b"a" * 40_000 + b"\r\n\r\n"
    status, _, body = talk(server, *[head[at : at + 1000] for at in range(0, len(head), 1000)])
    assert (status, body) == (200, b'{"status":"ok"}')


def test_requests_may_follow_one_another_before_they_are_answered(server: Server) -> None:
    before = total(server)
    keep = post(server, f"Content-Length: {len(BODY)}").replace(b"Connection: close\r\n", b"") + BODY
    with closing(connected(server)) as connection:
        connection.sendall(keep * 20 + post(server, f"Content-Length: {len(BODY)}") + BODY)
        answers = read(connection)
    assert answers.count(b"HTTP/1.1 200 OK") == 21
    assert total(server) == before + 21


def test_a_large_body_and_the_next_head_are_told_apart(server: Server) -> None:
    large = b'{"userId":7,"module":"x","more":"' + b"m" * 300_000 + b'"}'
    keep = post(server, f"Content-Length: {len(large)}").replace(b"Connection: close\r\n", b"") + large
    with closing(connected(server)) as connection:
        connection.sendall(keep * 3 + post(server, f"Content-Length: {len(BODY)}") + BODY)
        assert read(connection).count(b"HTTP/1.1 200 OK") == 4


def test_who_asks_for_another_protocol_is_answered_in_this_one(server: Server) -> None:
    key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    sent = f"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{key}\r\n"
    with closing(connected(server)) as connection:
        connection.sendall(sent.encode())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (f"{SESSIONS}?entityId=%FF", "The query is not UTF-8"),
        (f"{SESSIONS}?entityId=%ED%A0%80", "The query is not UTF-8"),
        (f"{SESSIONS}/%FF", "The path is not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(server: Server, asked: str, told: str) -> None:
    line = f"GET {asked} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {server.token}\r\n\r\n"
    status, _, body = talk(server, line.encode())
    assert (status, json.loads(body)["errors"][0]["message"]) == (400, told)


def test_every_line_that_it_logged_is_json_and_none_holds_a_traceback(server: Server) -> None:
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {"request", "Invalid HTTP request received."} <= {line["event"] for line in lines}
    assert not [line for line in lines if "exception" in line or line["level"] == "error"]
    assert server.token not in server.log.read_text()
