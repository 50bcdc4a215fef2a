"""Connect, on a path whose delay is known."""

import asyncio

import pytest

from sojourn.agent.probes.connect import TIMED_OUT, connect
from sojourn.core.measurement import REFUSED, Connect
from tests.agent.path.namespace import Namespace
from tests.agent.path.network import Network, Router, network
from tests.agent.path.patience import shortest

DELAY = 80.0  # ms, there and back, on the whimsical path


def measure(network: Network, version: int, *, refusing: bool = False) -> Connect:
    with network.near.entered():
        return asyncio.run(connect(network.target(version, refusing=refusing), within=1.0))


@pytest.mark.parametrize("version", [4, 6])
def test_a_connection_stands_after_one_round_trip(whimsical: Network, version: int) -> None:
    told = shortest(lambda: measure(whimsical, version), lambda told: told.rtt or 0, DELAY + 20)
    assert told.rtt is not None
    assert DELAY - 0.5 <= told.rtt < DELAY + 20


@pytest.mark.parametrize("version", [4, 6])
def test_a_target_that_refuses_has_answered(whimsical: Network, version: int) -> None:
    told = measure(whimsical, version, refusing=True)
    assert told == Connect(error=REFUSED)
    assert told.answered


def test_a_target_that_blocks_tcp_is_not_waited_for_longer_than_asked() -> None:
    with network(Router(), blocked=("tcp",)) as built:
        told = measure(built, 4)
    assert told == Connect(error=TIMED_OUT)
    assert not told.answered


@pytest.mark.parametrize("version", [4, 6])
def test_a_machine_without_a_way_says_so(version: int) -> None:
    namespace = Namespace()
    try:
        with namespace.entered():
            told = asyncio.run(connect(Network.nowhere(version)))
    finally:
        namespace.close()
    assert told.error in ("Network is unreachable", "Cannot assign requested address")
