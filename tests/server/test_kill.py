"""Killed at any moment, the server has what it answered, once; and a retry with the same key settles the rest."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import apsw
import httpx
import pytest

from tests.server.process import Process

SESSIONS = 8
RECORDERS = 8


class Recorder(threading.Thread):
    """Records activities one after the other, each with a key and a name of its own, until its server is gone."""

    def __init__(self, process: Process, name: str) -> None:
        super().__init__(name=name)
        self._process = process
        self.told: list[str] = []
        self.pending: str | None = None

    def run(self) -> None:
        with self._process.client() as client:
            for number in range(1_000_000):
                self.pending = f"{self.name}-{number}"
                try:
                    record(client, self.pending)
                except httpx.TransportError:
                    return
                self.told.append(self.pending)
                self.pending = None


def wait_for(recorders: Sequence[Recorder], answers: int) -> None:
    """Wait until they have got that many answers between them."""
    while sum(len(recorder.told) for recorder in recorders) < answers:
        assert any(recorder.is_alive() for recorder in recorders)
        time.sleep(0.001)


def record(client: httpx.Client, name: str) -> None:
    """Record one activity, by a key, in the session that its name falls to."""
    answer = sent(client, name)
    assert answer.status_code == 200, answer.text


def sent(client: httpx.Client, name: str) -> httpx.Response:
    session = 1 + sum(name.encode()) % SESSIONS
    return client.post(
        f"/v2/activitySessions/{session}/activities",
        json={"activities": [{"entityType": "TRIAL", "entityId": name, "name": "Tried", "note": f"note {name}"}]},
        headers={"Idempotency-Key": name},
    )


def everything(client: httpx.Client) -> Counter[str]:
    """How often each activity stands in the sessions."""
    found: Counter[str] = Counter()
    for number in range(1, SESSIONS + 1):
        (session,) = client.get(f"/v2/activitySessions/{number}").json()["data"]
        found.update(activity["entityId"] for activity in session["activities"])
    return found


@pytest.fixture
def process(database_url: str, tmp_path: Path) -> Iterator[Process]:
    process = Process(database_url, tmp_path / "server.log")
    process.start()
    with process.client() as client:
        for number in range(SESSIONS):
            client.post("/v2/activitySessions", json={"userId": number + 1, "module": "TRIAL"}).raise_for_status()
    yield process
    process.kill()


class Insistent(Recorder):
    """Asks once more under the same key where it got no answer, or was told to come back, as a client should."""

    def __init__(self, process: Process, name: str) -> None:
        super().__init__(process, name)
        self.stopped = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.stopped.is_set():
            number += 1
            name = f"{self.name}-{number}"
            while not self._recorded(name):
                time.sleep(0.01)
            self.told.append(name)

    def _recorded(self, name: str) -> bool:
        try:
            with self._process.client() as client:
                answer = sent(client, name)
        except httpx.TransportError:
            return False
        assert answer.status_code == 200 or (answer.status_code == 503 and "Retry-After" in answer.headers)
        return answer.status_code == 200


def killed(process: Process, times: int) -> None:
    """Kill it that often under load, and hold what it has against what it said."""
    told: set[str] = set()
    for turn in range(times):
        recorders = [Recorder(process, f"{turn}-{i}") for i in range(RECORDERS)]
        for recorder in recorders:
            recorder.start()
        wait_for(recorders, random.randint(RECORDERS, 20 * RECORDERS))  # the moment is what is tried
        process.kill()
        for recorder in recorders:
            recorder.join()
        process.start()
        told.update(name for recorder in recorders for name in recorder.told)
        pending = {recorder.pending for recorder in recorders if recorder.pending}
        with process.client() as client:
            found = everything(client)
            assert set(found.values()) <= {1}
            assert told <= found.keys() <= told | pending
            for name in pending:
                record(client, name)
            told |= pending
            assert everything(client) == Counter(told)
    assert len(told) >= times * RECORDERS


def check(database: str) -> None:
    """The file is whole, where there is one."""
    if database.startswith("sqlite:///"):
        with closing(apsw.Connection(database.removeprefix("sqlite:///"))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_was_answered_is_there_once_after_a_kill(process: Process, database_url: str) -> None:
    killed(process, 2)
    process.kill()
    check(database_url)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_was_answered_is_there_once_after_twenty_kills(process: Process, database_url: str) -> None:
    killed(process, 20)
    process.kill()
    check(database_url)


def test_what_was_accepted_is_answered_when_it_is_asked_to_stop(process: Process) -> None:
    recorders = [Recorder(process, f"stop-{i}") for i in range(RECORDERS)]
    for recorder in recorders:
        recorder.start()
    wait_for(recorders, 5 * RECORDERS)
    assert process.stop() in (0, -signal.SIGTERM)
    for recorder in recorders:
        recorder.join()
    process.start()
    told = {name for recorder in recorders for name in recorder.told}
    with process.client() as client:
        assert told <= everything(client).keys()


def test_nothing_is_lost_or_doubled_when_workers_are_killed_under_load(database_url: str, tmp_path: Path) -> None:
    process = Process(database_url, tmp_path / "server.log", workers=2)
    try:
        process.start()
        with process.client() as client:
            for number in range(SESSIONS):
                client.post("/v2/activitySessions", json={"userId": number + 1, "module": "x"}).raise_for_status()
        recorders = [Insistent(process, f"many-{i}") for i in range(RECORDERS)]
        for recorder in recorders:
            recorder.start()
        lost = set()
        for turn in range(4):
            wait_for(recorders, (turn + 1) * 2 * RECORDERS)
            victim = random.choice(process.workers())  # which one, and when, is what is tried
            lost.add(victim.pid)
            victim.kill()
        wait_for(recorders, 10 * RECORDERS)
        for recorder in recorders:
            recorder.stopped.set()
        for recorder in recorders:
            recorder.join()
        told = Counter(name for recorder in recorders for name in recorder.told)
        with process.client() as client:
            assert everything(client) == told
        assert len(process.workers()) == 2
        assert not lost & {worker.pid for worker in process.workers()}
        assert process.stop() == 0
    finally:
        process.kill()
    check(database_url)
