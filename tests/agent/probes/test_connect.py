import asyncio
import socket
from collections.abc import Iterator

import pytest

from sojourn.agent.probes.connect import connect
from sojourn.agent.probes.target import Target
from sojourn.core.measurement import REFUSED, Connect


@pytest.fixture(params=["127.0.0.1", "::1"])
def listener(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family) as server:
        yield server


def target_of(sock: socket.socket) -> Target:
    address, port, *_ = sock.getsockname()
    return Target(address=address, port=port)


def test_it_tells_how_long_the_connection_took(listener: socket.socket) -> None:
    told = asyncio.run(connect(target_of(listener)))
    assert told.error is None
    assert told.rtt is not None
    assert 0 < told.rtt < 500
    connection, _ = listener.accept()
    with connection:
        assert connection.recv(1) == b"", "it hangs up"


def test_a_refusal_is_told_as_such(listener: socket.socket) -> None:
    target = target_of(listener)
    listener.close()
    assert asyncio.run(connect(target)) == Connect(error=REFUSED)


def test_silence_ends_with_the_time(listener: socket.socket) -> None:
    listener.listen(0)
    full = [socket.create_connection(listener.getsockname()[:2]) for _ in range(1)]
    try:
        told = asyncio.run(connect(target_of(listener), within=0.3))
        assert told == Connect(error="Connection timed out")
    finally:
        for each in full:
            each.close()
