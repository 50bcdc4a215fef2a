"""Ping against the program of that name, on the same path, on each rung of the ladder."""

import asyncio
import re
import subprocess
from collections.abc import Callable

import pytest

from sojourn.agent.probes.echo import EchoSocket
from sojourn.agent.probes.ping import NOT_PERMITTED, ping
from sojourn.core.measurement import NO_ANSWER, Ping
from tests.agent.path.namespace import Namespace, without_capabilities
from tests.agent.path.network import WHIMS, Network, Router, network
from tests.agent.path.patience import shortest

DELAY = 80.0  # ms, there and back, on the whimsical path
SUMMARY = re.compile(r"(\d+) packets transmitted, (\d+) received.*?= ([\d.]+)/([\d.]+)/([\d.]+)/([\d.]+) ms", re.DOTALL)


def measure(network: Network, version: int) -> Ping:
    with network.near.entered():
        return send(network, version)


def send(network: Network, version: int) -> Ping:
    """The measurement itself, for a thread that is at the near end already."""
    return asyncio.run(ping(network.target(version), count=5, interval=0.05, wait=1.0))


@pytest.mark.parametrize("version", [4, 6])
def test_counts_and_times_agree_with_the_program(whimsical: Network, version: int) -> None:
    def program() -> list[float]:
        command = ["ping", "-n", "-c", "5", "-i", "0.05", whimsical.target(version).address]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        summary = SUMMARY.search(out)
        assert summary is not None
        return [float(number) for number in summary.groups()]

    with whimsical.near.entered():
        sent, received, shortest_rtt, average, *_ = shortest(program, lambda told: told[3], DELAY + 5)
        told = shortest(lambda: send(whimsical, version), lambda told: told.avg_rtt or 0, DELAY + 5)
    assert (told.pkts_sent, told.pkts_received) == (sent, received) == (5, 5)
    assert told.min_rtt is not None
    assert told.avg_rtt is not None
    assert told.min_rtt >= DELAY - 0.5
    assert abs(told.min_rtt - shortest_rtt) < 5
    assert abs(told.avg_rtt - average) < 20


@pytest.mark.parametrize("version", [4, 6])
def test_a_target_that_blocks_icmp_answers_nothing(version: int) -> None:
    with network(Router(), blocked=("icmp",)) as built:
        assert measure(built, version) == Ping(error=NO_ANSWER)


@pytest.mark.parametrize("version", [4, 6])
def test_a_router_that_prohibits_is_no_answer(version: int) -> None:
    with network(Router(), fence=1) as built:
        assert measure(built, version) == Ping(error=NO_ANSWER)


@pytest.mark.parametrize("version", [4, 6])
def test_a_machine_without_a_way_says_so(version: int) -> None:
    namespace = Namespace()
    try:
        with namespace.entered():
            told = asyncio.run(ping(Network.nowhere(version)))
    finally:
        namespace.close()
    assert told.error in ("Network is unreachable", "Cannot assign requested address")


Work = Callable[[], Ping]


def group_allowed(network: Network, work: Work) -> Ping:
    """No capability, but a system that lets the tests' group ping."""
    network.near.configure(ipv4__ping_group_range="0 0")
    return without_capabilities(work, no_new_privileges=True)


def raw_allowed(network: Network, work: Work) -> Ping:
    """CAP_NET_RAW and nothing else that would help."""
    return work()


def program_allowed(network: Network, work: Work) -> Ping:
    """No capability, but a `ping` program that gets its own when it starts."""
    return without_capabilities(work, no_new_privileges=False)


RUNGS = {group_allowed: "datagram", raw_allowed: "raw", program_allowed: "neither"}


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("rung", RUNGS)
def test_every_rung_of_the_ladder_measures_the_same(rung: Callable[[Network, Work], Ping], version: int) -> None:
    with network(*WHIMS) as built, built.near.entered():
        told = shortest(
            lambda: rung(built, lambda: send(built, version)),
            lambda told: told.min_rtt or 0,
            DELAY + 20,
        )
    assert told.error is None
    assert (told.pkts_sent, told.pkts_received) == (5, 5)
    assert told.min_rtt is not None
    assert DELAY - 0.5 <= told.min_rtt < DELAY + 20


@pytest.mark.parametrize(("rung", "kind"), RUNGS.items())
def test_the_rungs_are_the_ones_they_are_taken_for(rung: Callable[[Network, Work], Ping], kind: str) -> None:
    kinds: list[str] = []

    def see() -> Ping:
        try:
            with EchoSocket(built.target(4)) as echo:
                kinds.append("raw" if echo._raw else "datagram")
        except PermissionError:
            kinds.append("neither")
        return Ping(error="not tried")

    with network(Router()) as built, built.near.entered():
        rung(built, see)
    assert kinds == [kind]


@pytest.mark.parametrize("version", [4, 6])
def test_without_any_permission_the_error_names_the_fix(short: Network, version: int) -> None:
    with short.near.entered():
        told = without_capabilities(lambda: send(short, version), no_new_privileges=True)
    assert told == Ping(error=NOT_PERMITTED)
    assert "CAP_NET_RAW" in NOT_PERMITTED
    assert "ping_group_range" in NOT_PERMITTED
