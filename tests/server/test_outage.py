"""PostgreSQL goes away under load: callers are told to come back, and service comes back by itself."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import PrivateServer
from tests.server.process import Process

CALLERS = 8
PATIENCE = 60.0


@pytest.fixture
def process(private_postgres: PrivateServer, tmp_path: Path) -> Iterator[Process]:
    process = Process(private_postgres.url, tmp_path / "server.log")
    process.start()
    yield process
    process.kill()


class Caller(threading.Thread):
    """Records until it is told to stop; counts the answers, and keeps what stood in them."""

    def __init__(self, process: Process, number: int) -> None:
        super().__init__()
        self._process = process
        self._number = number
        self.stopped = threading.Event()
        self.answers: Counter[int] = Counter()
        self.told: list[str] = []
        self.patience: set[str | None] = set()

    def run(self) -> None:
        with self._process.client() as client:
            turn = 0
            while not self.stopped.is_set():
                turn += 1
                name = f"{self._number}-{turn}"
                activity = {"entityType": "TRIAL", "entityId": name, "name": "Tried"}
                answer = client.post("/v2/activitySessions/1/activities", json={"activities": [activity]})
                self.answers[answer.status_code] += 1
                if answer.status_code == 200:
                    self.told.append(name)
                else:
                    self.patience.add(answer.headers.get("Retry-After"))
                    time.sleep(0.02)


def wait_for(callers: list[Caller], status: int, since: Counter[int]) -> None:
    """Wait until one of the callers gets that answer once more."""
    end = time.monotonic() + PATIENCE
    while sum((caller.answers for caller in callers), Counter())[status] <= since[status]:
        assert time.monotonic() < end, f"nobody got {status} within {PATIENCE} seconds"
        time.sleep(0.02)


def test_it_says_so_and_comes_back(process: Process, private_postgres: PrivateServer) -> None:
    with process.client() as client:
        client.post("/v2/activitySessions", json={"userId": 1, "module": "TRIAL"}).raise_for_status()
    callers = [Caller(process, number) for number in range(CALLERS)]
    for caller in callers:
        caller.start()
    try:
        wait_for(callers, 200, Counter())
        private_postgres.stop()
        wait_for(callers, 503, Counter())
        private_postgres.start()
        wait_for(callers, 200, sum((caller.answers for caller in callers), Counter()))
    finally:
        for caller in callers:
            caller.stopped.set()
        for caller in callers:
            caller.join()
    assert sum((caller.answers for caller in callers), Counter()).keys() == {200, 503}
    assert set().union(*[caller.patience for caller in callers]) <= {"1", "2"}
    with process.client() as client:
        (session,) = client.get("/v2/activitySessions/1").json()["data"]
    found = Counter(activity["entityId"] for activity in session["activities"])
    assert set(found.values()) == {1}
    assert {name for caller in callers for name in caller.told} <= found.keys()
