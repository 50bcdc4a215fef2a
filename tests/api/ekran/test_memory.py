"""However many are told, memory stays flat."""

import tracemalloc
from pathlib import Path

import httpx
import pytest

from sojourn.api.ekran import wire
from sojourn.api.ekran.routes import array
from sojourn.core.access import Scope
from sojourn.core.model import DAY, SECOND
from sojourn.core.presence import Window
from sojourn.core.span import span_class
from sojourn.services import Services
from sojourn.storage.engine import Row
from sojourn.storage.sql import load
from tests.api.ekran.workplace import SESSIONS
from tests.companies import opened
from tests.servers import serving

_SQL = load("sessions")

MEBIBYTE = 2**20
START = 19_000 * DAY


def crowd(core: Services, count: int) -> None:
    """So many sessions of an hour, one a minute."""
    for first in range(1, count + 1, 10_000):
        rows = [row(number) for number in range(first, min(first + 10_000, count + 1))]
        with core.engine.write() as transaction:
            transaction.each(_SQL["add_sessions"], rows)


def row(number: int) -> Row:
    began = START + number * 60 * SECOND
    ended = began + 3_600 * SECOND
    person, span = number % 500 + 1, span_class(began, ended)
    return (1, number, "work", person, 0, None, began, ended, "ended", ended, None, None, began, 0, 0, span)


@pytest.mark.parametrize("window", [Window(), Window(start=START + DAY)], ids=["everything", "a window"])
def test_telling_many_holds_no_more_than_telling_few(database_url: str, window: Window) -> None:
    with opened(database_url) as core:
        assert core.registry.begin("owner@example.org", None)
        crowd(core, 20_000)

        def tell() -> int:
            chunks = map(wire.sessions_told, core.journal.stays(Scope(1), window))
            return sum(len(data) for data in array(chunks))

        tell()  # what is made once is made
        tracemalloc.start()
        try:
            told = tell()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert told > 2.5 * MEBIBYTE
    assert peak < 2 * MEBIBYTE


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_server_that_tells_half_a_million_stays_as_large_as_it_was(database_url: str, packed: bool) -> None:
    count = 500_000
    with opened(database_url) as core:
        crowd(core, count)
    headers = {"Accept-Encoding": "gzip" if packed else "identity"}
    with serving(database_url) as server, httpx.Client(trust_env=False, timeout=60, headers=headers) as client:
        client.headers["ApiKey"] = server.token
        url = server.address + SESSIONS
        last = {"start": "2030-01-01", "end": "2030-01-02"}
        for _ in range(20):
            assert client.get(url, params=last).json() == []
        before = resident(server.process.pid)
        told = 0
        with client.stream("GET", url) as answer:
            for data in answer.iter_bytes():
                told += data.count(b'"sessionId"')
        assert count * 0.99 < told <= count  # a name may lie on the edge of what is read at a time
        assert resident(server.process.pid) - before < 32 * MEBIBYTE


def resident(pid: int) -> int:
    """The most memory that a process has held, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    (peak,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024
