import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sojourn.agent.backoff import Backoff
from sojourn.agent.clock import SECOND, JumpWatch, now
from sojourn.agent.courier import Courier
from sojourn.agent.loop import Loop
from sojourn.agent.schedule import Round, Schedule
from sojourn.agent.spool import Spool
from sojourn.agent.uplink import Server, Uplink
from sojourn.agent.wire import document_of
from sojourn.core.report import Visit
from tests.agent.native import TOKEN, Answer, NativeServer, Seen

EVERY = Round(urls=("http://site.example/",), interval=0.05)


def visit_of(each: Round) -> dict[str, Any]:
    return document_of(Visit(agent_id="a", date=now(), visited_site="site.example", protocol="http", port=80))


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def courier(spool: Spool, uplink: Uplink) -> Courier:
    return Courier(
        spool=spool, uplink=uplink, agent_id="a", description={"name": "vm"}, backoff=Backoff(first=0.01, longest=0.1)
    )


def test_it_visits_and_delivers_until_it_is_told_to_end(server: NativeServer, spool: Spool, courier: Courier) -> None:
    visits: list[dict[str, Any]] = []

    def visit(each: Round) -> dict[str, Any]:
        if len(visits) == 3:
            loop.end()
        visits.append(visit_of(each))
        return visits[-1]

    loop = Loop(schedule=Schedule([EVERY]), visit=visit, spool=spool, courier=courier)
    loop.run()
    courier._ended.clear()
    courier.deliver()
    assert len(visits) == 3
    assert [each["visitedSite"] for each in server.visits] == ["site.example"] * 3
    assert len({each["date"] for each in server.visits}) == 3


def test_a_visit_that_fails_does_not_end_it(spool: Spool, courier: Courier, caplog: pytest.LogCaptureFixture) -> None:
    made = iter([ValueError("a bug"), None])

    def visit(each: Round) -> dict[str, Any]:
        failure = next(made, loop)
        if failure is loop:
            loop.end()
        if isinstance(failure, Exception):
            raise failure
        return visit_of(each)

    loop = Loop(schedule=Schedule([EVERY]), visit=visit, spool=spool, courier=courier)
    loop.run()
    assert spool.counts()["put"] == 1
    assert "no visit of http://site.example/" in caplog.text


def test_a_full_spool_does_not_end_it(tmp_path: Path, uplink: Uplink, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool(tmp_path / "small.sqlite", max_bytes=10)
    courier = Courier(spool=spool, uplink=uplink, agent_id="a", description={})
    left = iter([True, True])

    def visit(each: Round) -> dict[str, Any]:
        if not next(left, False):
            loop.end()
        return visit_of(each)

    loop = Loop(schedule=Schedule([EVERY]), visit=visit, spool=spool, courier=courier)
    loop.run()
    assert spool.counts()["lost"] == 2
    assert "is lost" in caplog.text
    spool.close()


def test_a_clock_that_was_set_ages_nothing_in_the_spool(
    spool: Spool, courier: Courier, caplog: pytest.LogCaptureFixture
) -> None:
    year = 365 * 86_400 * SECOND
    spool.put("k", b"x", now() - year)
    walls = iter([now() - year, now()])
    watch = JumpWatch(wall=lambda: next(walls), passed=lambda: 5.0)
    loop = Loop(schedule=Schedule([]), visit=visit_of, spool=spool, courier=courier, watch=watch)
    watch.jump()
    with caplog.at_level(logging.WARNING):
        loop._keep_time()
    assert spool.counts()["waiting"] == 1
    assert "the clock was set" in caplog.text


SERVING = """
import sys
from pathlib import Path
from sojourn.agent.backoff import Backoff
from sojourn.agent.courier import Courier
from sojourn.agent.loop import Loop
from sojourn.agent.schedule import Round, Schedule
from sojourn.agent.spool import Spool
from sojourn.agent.uplink import Server, Uplink
from tests.agent.test_loop import visit_of

class Telling(Spool):
    def put(self, key, body, now):
        super().put(key, body, now)
        print(key, flush=True)

path, url, token = sys.argv[1:]
spool = Telling(Path(path))
courier = Courier(
    spool=spool,
    uplink=Uplink(Server(url=url, token=lambda: token)),
    agent_id="a",
    description={"name": "vm"},
    backoff=Backoff(first=0.01, longest=0.05),
)
every = Round(urls=("http://site.example/",), interval=0.03)
Loop(schedule=Schedule([every]), visit=visit_of, spool=spool, courier=courier).run()
"""


def serving(path: Path, url: str, token: str = TOKEN) -> "subprocess.Popen[str]":
    """The service with visits that cost nothing; it prints the key of each that is on disk."""
    return subprocess.Popen(
        [sys.executable, "-c", SERVING, str(path), url, token],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": "."},
    )


def test_sigterm_ends_it_at_once_and_cleanly(server: NativeServer, tmp_path: Path) -> None:
    with serving(tmp_path / "spool.sqlite", server.url) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert process.wait(20) == 0


@pytest.mark.slow
def test_fifty_kills_in_the_middle_of_deliveries_deliver_every_session_once(
    server: NativeServer, tmp_path: Path
) -> None:
    path, kept = tmp_path / "spool.sqlite", []
    under_way = threading.Event()

    def fail(seen: Seen) -> Answer | None:
        if seen.method != "POST":
            return None
        under_way.set()
        turn = len(server.seen) % 4
        time.sleep(0.01)
        # The kill finds a delivery before it is stored, after it but unanswered, and answered.
        return {0: Answer(status=0), 1: Answer(status=0, stored=True), 2: Answer(status=503, stored=True)}.get(turn)

    server.fail = fail
    for life in range(50):
        under_way.clear()
        with serving(path, server.url) as process:
            assert process.stdout is not None
            assert under_way.wait(20)
            time.sleep(0.005 * (life % 5))
            process.kill()
            kept += process.stdout.read().split()
            assert process.wait() == -signal.SIGKILL
    server.fail = lambda _seen: None
    spool = Spool(path)
    uplink = Uplink(Server(url=server.url, token=lambda: TOKEN))
    Courier(spool=spool, uplink=uplink, agent_id="a", description={}).deliver()
    counts = spool.counts()
    spool.close()
    uplink.close()
    arrived = [json.dumps(each, sort_keys=True) for each in server.visits]
    assert counts["waiting"] == 0
    assert len(set(arrived)) == len(arrived)
    keys = {seen.key for seen in server.seen if seen.method == "POST"}
    assert set(kept) <= keys
    assert len(arrived) == len(keys)
    assert len(kept) >= 50
    # A put is told after it is on disk: the kill may come between, so that one a life may arrive untold.
    assert counts["put"] - len(kept) <= 50
