import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from sojourn.agent.backoff import Backoff
from sojourn.agent.courier import DENIED_SECONDS, Courier
from sojourn.agent.spool import Spool
from sojourn.agent.uplink import Server, Uplink, pack
from tests.agent.native import Answer, NativeServer, Seen
from tests.agent.waiting import until

AGENT = "9d823636-e1bd-49bd-bf4d-94eb4eff0c77"


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def courier(spool: Spool, uplink: Uplink) -> Courier:
    backoff = Backoff(first=2, longest=100, chance=lambda: 1.0)
    return Courier(spool=spool, uplink=uplink, agent_id=AGENT, description={"name": "vm"}, backoff=backoff)


def put(spool: Spool, *names: str) -> None:
    for name in names:
        spool.put(name, pack({"agentId": AGENT, "name": name}), 1)


def names(server: NativeServer) -> list[str]:
    return [visit["name"] for visit in server.visits]


def failing(*answers: Answer | None) -> Callable[[Seen], Answer | None]:
    """Answer deliveries so, one after the other; registration works."""
    left = list(answers)

    def fail(seen: Seen) -> Answer | None:
        return left.pop(0) if seen.method == "POST" and left else None

    return fail


def test_it_registers_once_and_delivers_in_order(server: NativeServer, spool: Spool, courier: Courier) -> None:
    put(spool, "a", "b", "c")
    assert courier.deliver().seconds is None
    put(spool, "d")
    courier.deliver()
    assert names(server) == ["a", "b", "c", "d"]
    assert [seen.method for seen in server.seen] == ["PUT", "POST", "POST", "POST", "POST"]
    assert server.agents == {AGENT: {"name": "vm"}}
    assert spool.counts()["delivered"] == 4


def test_it_registers_again_once_a_day(server: NativeServer, spool: Spool, courier: Courier) -> None:
    now = 1000.0
    courier.passed = lambda: now
    for hours in (0, 1, 23, 24, 25):
        now = 1000.0 + hours * 3600
        put(spool, f"after {hours}")
        courier.deliver()
    assert [seen.method for seen in server.seen].count("PUT") == 2


def test_nothing_is_said_while_there_is_nothing_to_deliver(server: NativeServer, courier: Courier) -> None:
    courier.deliver()
    assert server.seen == []


@pytest.mark.parametrize("status", [0, 429, 502, 503])
def test_what_cannot_be_delivered_now_stays(server: NativeServer, spool: Spool, courier: Courier, status: int) -> None:
    put(spool, "a", "b")
    server.fail = failing(Answer(status=status))
    rest = courier.deliver()
    assert rest.failed
    assert rest.seconds == 2
    assert spool.counts()["waiting"] == 2
    courier.deliver()
    assert names(server) == ["a", "b"]


def test_it_waits_as_long_as_the_server_asks(server: NativeServer, spool: Spool, courier: Courier) -> None:
    put(spool, "a")
    server.fail = failing(Answer(status=503, headers={"Retry-After": "40"}))
    assert courier.deliver().seconds == 60  # 40, spread by chance


@pytest.mark.parametrize("status", [0, 500, 503])
def test_an_answer_that_was_lost_after_storing_stores_once(
    server: NativeServer, spool: Spool, courier: Courier, status: int
) -> None:
    put(spool, "a", "b")
    courier.passed = iter(float(seconds) for seconds in range(0, 10_000, 110)).__next__
    server.fail = failing(Answer(status=status, stored=True))
    courier.deliver()
    courier.deliver()
    assert sorted(names(server)) == ["a", "b"]
    assert spool.counts()["waiting"] == 0


def test_a_wrong_token_loses_nothing_and_waits_long(server: NativeServer, spool: Spool, courier: Courier) -> None:
    put(spool, "a")
    good, courier.uplink.server = courier.uplink.server, Server(url=server.url, token=lambda: "bad")
    rest = courier.deliver()
    assert rest.failed
    assert rest.seconds is not None
    assert rest.seconds >= DENIED_SECONDS
    assert courier.last_failure is not None
    assert "401" in courier.last_failure
    assert spool.counts()["waiting"] == 1
    courier.uplink.server = good
    courier.deliver()
    assert names(server) == ["a"]
    assert courier.last_failure is None


def test_what_is_refused_is_set_aside_with_its_reason_and_holds_nobody_up(
    server: NativeServer, spool: Spool, courier: Courier
) -> None:
    put(spool, "a")
    spool.put("bad", pack({"name": "bad"}), 1)
    put(spool, "b")
    courier.deliver()
    assert names(server) == ["a", "b"]
    assert spool.refusals() == [("bad", "400 no agent; /agentId: is mandatory")]


def test_what_makes_the_server_fail_lets_others_go_first(server: NativeServer, spool: Spool, courier: Courier) -> None:
    put(spool, "poison", "b", "c")
    now = 1000.0
    courier.passed = lambda: now
    server.fail = lambda seen: Answer(status=500) if seen.key == "poison" else None
    rest = courier.deliver()
    assert names(server) == ["b", "c"]
    assert not rest.failed
    assert rest.seconds == courier.backoff.longest
    server.fail = lambda _seen: None
    assert courier.deliver().seconds == courier.backoff.longest
    now += 101
    courier.deliver()
    assert names(server) == ["b", "c", "poison"]


def test_a_registration_that_fails_delivers_nothing(server: NativeServer, spool: Spool, courier: Courier) -> None:
    put(spool, "a")
    answers = iter([Answer(status=500), Answer(status=422, detail="no name")])
    server.fail = lambda seen: next(answers, None) if seen.method == "PUT" else None
    assert courier.deliver().failed
    assert courier.deliver().failed
    assert courier.last_failure == "registration: 422 no name"
    assert names(server) == []
    courier.deliver()
    assert names(server) == ["a"]


def test_it_runs_wakes_and_ends(server: NativeServer, spool: Spool, courier: Courier) -> None:
    thread = threading.Thread(target=courier.run)
    thread.start()
    try:
        put(spool, "a")
        courier.wake()
        until(lambda: names(server) == ["a"])
        put(spool, "b")
        courier.wake()
        until(lambda: names(server) == ["a", "b"])
    finally:
        courier.end()
        thread.join(20)
    assert not thread.is_alive()


def test_after_a_failure_new_items_do_not_bring_it_back_early(
    server: NativeServer, spool: Spool, courier: Courier
) -> None:
    server.fail = lambda seen: Answer(status=503) if seen.method == "POST" else None
    courier.backoff.first = 50
    put(spool, "a")
    thread = threading.Thread(target=courier.run)
    thread.start()
    try:
        until(lambda: courier.last_failure is not None)
        for number in range(5):
            put(spool, f"more{number}")
            courier.wake()
        asked = len(server.seen)
        assert not courier._ended.wait(0.3)
        assert len(server.seen) == asked
    finally:
        courier.end()
        thread.join(20)


def test_a_spool_that_cannot_be_read_is_tried_again(spool: Spool, courier: Courier) -> None:
    spool.close()
    rest = courier._attempt()
    assert rest.failed
    assert rest.seconds == 2


def test_what_is_refused_while_the_clock_is_ahead_is_kept(server: NativeServer, spool: Spool, courier: Courier) -> None:
    put(spool, "a", "b")
    slow = {"Date": formatdate(time.time() - 86_400, usegmt=True)}
    now = 1000.0
    courier.passed = lambda: now
    server.fail = failing(Answer(status=422, headers=slow, detail="must not be in the future"))
    courier.deliver()
    assert names(server) == ["b"]
    assert spool.counts()["waiting"] == 1
    now += 101
    courier.deliver()
    assert names(server) == ["b", "a"]
