import asyncio
import threading
import time

from sojourn.agent.probes.names import name_of, names_of

TABLE = {"192.0.2.1": "router.example", "2001:db8::1": "six.example"}


def test_it_tells_the_names_that_there_are() -> None:
    asked = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.1"]
    assert asyncio.run(names_of(asked, 5.0, lookup=TABLE.get)) == TABLE


def test_it_asks_for_each_address_once() -> None:
    asked: list[str] = []
    asyncio.run(names_of(["192.0.2.1"] * 9, 5.0, lookup=asked.append))
    assert asked == ["192.0.2.1"]


def test_nothing_asked_is_answered_at_once() -> None:
    assert asyncio.run(names_of([], 60.0, lookup=TABLE.get)) == {}


def test_a_resolver_that_hangs_costs_no_more_than_the_deadline() -> None:
    release = threading.Event()

    def lookup(address: str) -> str | None:
        if address == "192.0.2.9":
            release.wait(60)
        return TABLE.get(address)

    started = time.monotonic()
    try:
        names = asyncio.run(names_of(["192.0.2.9", "192.0.2.1"], 0.3, lookup=lookup))
        assert names == {"192.0.2.1": "router.example"}
        assert time.monotonic() - started < 10
    finally:
        release.set()


def test_the_systems_resolver_knows_this_machine() -> None:
    assert name_of("127.0.0.1") is not None
    assert name_of("192.0.2.256") is None
