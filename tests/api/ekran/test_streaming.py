"""The list is told while it is read: early, in flat memory, for nobody who has gone, and never falsely whole."""

import gzip
import json
import logging
import socket
import threading
import zlib
from collections.abc import Iterator

import httpx
import pytest

from sojourn.core.errors import Unavailable
from sojourn.core.presence import Stay
from tests.api.ekran.live import SECONDS, Live, live, some, wait_for
from tests.api.ekran.workplace import SESSIONS, refusal
from tests.stage import Stage


def plain(data: bytes) -> bytes:
    return data


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_it_begins_before_the_last_row_is_read(stage: Stage, packed: bool) -> None:
    """The second chunk is not read before the caller has the first one, whole."""
    arrived = threading.Event()

    def script() -> Iterator[list[Stay]]:
        yield some(3)
        assert arrived.wait(SECONDS)
        yield some(4, first=4)

    with live(stage, script) as server, httpx.Client(trust_env=False, timeout=SECONDS) as client:
        headers = {**server.headers, "Accept-Encoding": "gzip" if packed else "identity"}
        unpack = zlib.decompressobj(wbits=31).decompress if packed else plain
        with client.stream("GET", server.url + SESSIONS, headers=headers) as told:
            assert told.headers.get("content-encoding") == ("gzip" if packed else None)
            assert told.headers["vary"] == "Accept-Encoding"
            assert told.headers["transfer-encoding"] == "chunked"
            text = b""
            for data in told.iter_raw():
                text += unpack(data)
                if not arrived.is_set() and text.count(b"sessionId") == 3:
                    assert text.endswith(b"}")
                    arrived.set()
    assert [session["sessionId"] for session in json.loads(text)] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5, br", True),
        ("gzip;q=1.0", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, identity", False),
        ("br, deflate", False),
        ("identity", False),
        ("", False),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", SESSIONS), ("POST", SESSIONS), ("GET", "/ekranapi/user/getproductivity")]
)
def test_it_is_packed_where_the_caller_takes_gzip(
    stage: Stage, method: str, path: str, accepted: str, packed: bool
) -> None:
    told = stage.reader.request(method, path, headers={"Accept-Encoding": accepted})
    assert told.status_code == 200
    assert told.headers.get("content-encoding") == ("gzip" if packed else None)
    assert told.json() in ([], {"sessions": []})


def test_a_packed_answer_is_one_whole_gzip(stage: Stage) -> None:
    def script() -> Iterator[list[Stay]]:
        for i in range(5):
            yield some(500, first=500 * i + 1)

    with live(stage, script) as server, httpx.Client(trust_env=False, timeout=SECONDS) as client:
        headers = {**server.headers, "Accept-Encoding": "gzip"}
        with client.stream("GET", server.url + SESSIONS, headers=headers) as told:
            data = b"".join(told.iter_raw())
    assert len(json.loads(gzip.decompress(data))) == 2_500


class Endless:
    """Chunks without an end, counted as they are read."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self) -> Iterator[list[Stay]]:
        while True:
            self.read += 1
            yield some(1_000, first=1_000 * self.read)


def asked(server: Live) -> socket.socket:
    """A connection on which the list is asked for, with little room for what comes."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    connection.settimeout(SECONDS)
    connection.connect(server.address)
    key = server.headers["ApiKey"]
    connection.sendall(f"GET {SESSIONS} HTTP/1.1\r\nHost: x\r\nApiKey: {key}\r\n\r\n".encode())
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


def test_nothing_more_is_read_when_the_caller_has_gone(stage: Stage) -> None:
    endless = Endless()
    with live(stage, endless) as server:
        with asked(server) as connection:
            assert len(connection.recv(65_536)) > 0
        wait_for(lambda: server.lines("request"), "the request ends")
        read = endless.read
        for _ in range(20):  # whatever the server still did for it, it would do before these
            assert httpx.get(f"{server.url}/readyz", trust_env=False).status_code == 200
        assert endless.read <= read + 1
        assert server.lines("answer cut short") == []


def test_no_more_is_read_than_the_caller_takes(stage: Stage) -> None:
    endless = Endless()
    with live(stage, endless) as server, asked(server) as connection:
        standing = [0]

        def stands_still() -> bool:
            """Nothing was read for a quarter of a second."""
            standing.append(endless.read)
            return len(standing) > 50 and standing[-50] == endless.read

        wait_for(stands_still, "the server waits")
        read = endless.read
        assert read < 200  # 33 MB: what fits into the buffers between the two
        for _ in range(600):
            connection.recv(65_536)
        wait_for(lambda: endless.read > read, "the server goes on")


@pytest.mark.parametrize("error", [Unavailable(), RuntimeError("a bug")], ids=["the database has gone", "a bug"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_an_error_after_the_first_byte_cuts_it_visibly_short(
    stage: Stage, error: Exception, packed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def script() -> Iterator[list[Stay]]:
        yield some(3)
        raise error

    caplog.set_level(logging.CRITICAL)
    received: list[bytes] = []
    with live(stage, script) as server, httpx.Client(trust_env=False, timeout=SECONDS) as client:
        headers = {**server.headers, "Accept-Encoding": "gzip" if packed else "identity"}
        with client.stream("GET", server.url + SESSIONS, headers=headers) as told:
            assert told.status_code == 200
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
                received.extend(told.iter_raw())
        wait_for(lambda: server.lines("request"), "the request ends")
        (line,) = server.lines("answer cut short")
        assert line["log_level"] == "error"
        assert line["id"] == told.headers["x-request-id"]
        assert line["exc_info"] is error
    text = b"".join(received)
    if packed:
        unpacker = zlib.decompressobj(wbits=31)
        text = unpacker.decompress(text)
        assert not unpacker.eof
    assert text.count(b"sessionId") == 3
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


@pytest.mark.parametrize(
    ("error", "status"), [(Unavailable(), 503), (RuntimeError("a bug"), 500)], ids=["the database has gone", "a bug"]
)
def test_an_error_before_the_first_byte_is_told(stage: Stage, error: Exception, status: int) -> None:
    def script() -> Iterator[list[Stay]]:
        yield from failing()

    def failing() -> list[list[Stay]]:
        raise error

    with live(stage, script) as server:
        told = httpx.get(server.url + SESSIONS, headers=server.headers, trust_env=False)
        reason = refusal(told, status)
    assert reason == ("The database cannot be reached" if status == 503 else reason)
    assert "a bug" not in told.text
    assert told.headers.get("retry-after") == ("2" if status == 503 else None)
    assert told.headers["x-request-id"]
