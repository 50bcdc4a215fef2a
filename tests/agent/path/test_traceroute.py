"""Traceroute against the program of that name, on the same path."""

import asyncio
import re
import subprocess
import time
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from sojourn.agent.probes.traceroute import KINDS, NO_HOP, traceroute
from sojourn.agent.probes.trail import Trail
from sojourn.core.measurement import Traceroute
from tests.agent.path.namespace import Namespace
from tests.agent.path.network import GATEWAY, TARGET, WHIMS, Network, Router, hop_address, network
from tests.agent.path.patience import shortest

PROGRAM = {"tcp": ["-T"], "udp": ["-U"], "icmp": ["-I"]}
STEP = 20.0  # ms from one router of the whimsical path to the next, there and back
WAIT = 0.5  # seconds: what the silent hop costs
LINE = re.compile(r"^ *(\d+)  (\S+)(?: <MPLS:([^>]+)>)?((?:  [\d.]+ ms)+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A hop as the program tells it."""

    address: str
    mpls: tuple[str, ...] | None
    rtt: float


def told_by_program(kind: str, address: str, port: int) -> dict[int, Line]:
    """What `traceroute -e` finds on the way, by hop."""
    options = [*PROGRAM[kind], "-e", "-n", "-N", "5", "-w", str(WAIT)]
    if kind == "tcp":
        options += ["-p", str(port)]
    out = subprocess.run(["traceroute", *options, address], check=True, capture_output=True, text=True).stdout
    return {
        int(hop): Line(
            address=address,
            mpls=tuple(stack.split("/")) if stack else None,
            rtt=min(float(time) for time in re.findall(r"[\d.]+", times)),
        )
        for hop, address, stack, times in LINE.findall(out)
    }


def trace(network: Network, version: int, *, refusing: bool = False, **more: float) -> Traceroute:
    with network.near.entered():
        # Nobody answers for names on this path: do not wait for them.
        return asyncio.run(
            traceroute(network.target(version, refusing=refusing), names_within=0.05, **more)  # type: ignore[arg-type]
        )


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("kind", KINDS)
def test_hops_labels_and_times_agree_with_the_program(whimsical: Network, kind: str, version: int) -> None:
    target = whimsical.target(version)

    async def walk() -> dict[int, Line]:
        trail = Trail(kind, target, 30)
        await trail.walk(KINDS[kind], WAIT)
        assert trail.reached
        return {
            hop: Line(
                address=answers[0].address,
                mpls=answers[0].labels or None,
                rtt=min(answer.rtt for answer in answers),
            )
            for hop, answers in trail.hops().items()
        }

    with whimsical.near.entered():
        program = shortest(lambda: told_by_program(kind, target.address, target.port), excess, STEP / 4)
        found = shortest(lambda: asyncio.run(walk()), excess, STEP / 4)
    assert list(found) == list(program) == [1, 2, 3, 5, 6]
    for hop, line in found.items():
        assert (line.address, line.mpls) == (program[hop].address, program[hop].mpls)
        assert abs(line.rtt - program[hop].rtt) < STEP / 2


def excess(lines: dict[int, Line]) -> float:
    """By how much the worst hop's time exceeds what the path was built for."""
    return max(line.rtt - delay_to(hop) for hop, line in lines.items())


def delay_to(hop: int) -> float:
    """The delay of the whimsical path up to a hop, there and back; the gateway is hop 1."""
    return sum(2 * router.delay for router in WHIMS[: hop - 1])


@pytest.mark.parametrize("version", [4, 6])
def test_it_tells_the_way_as_it_was_built(whimsical: Network, version: int) -> None:
    told = shortest(lambda: trace(whimsical, version), slowness, STEP / 4)
    assert (told.destination, told.protocol, told.reached) == (TARGET[version], "tcp", True)
    assert told.hops is not None
    assert [(hop.hop, hop.ip_address, hop.mpls) for hop in told.hops] == [
        (1, GATEWAY[version], None),
        (2, hop_address(1, version), None),
        (3, hop_address(2, version), ("L=301472,E=0,S=1,T=1",)),
        (5, hop_address(4, version), ("L=16004,E=5,S=0,T=1", "L=24001,E=0,S=1,T=255")),
        (6, TARGET[version], None),
    ]
    for hop in told.hops:
        assert hop.name == hop.ip_address
        assert hop.samples is not None
        assert len(hop.samples) == 3
        assert -0.5 <= min(hop.samples) - delay_to(hop.hop) < STEP / 2
        assert hop.delay == round(min(hop.samples))


def slowness(told: Traceroute) -> float:
    """By how much the worst hop's time exceeds what the path was built for."""
    return max(min(hop.samples or ()) - delay_to(hop.hop) for hop in told.hops or ())


@pytest.mark.parametrize("version", [4, 6])
def test_a_target_that_refuses_is_reached(short: Network, version: int) -> None:
    told = trace(short, version, refusing=True)
    assert (told.protocol, told.reached) == ("tcp", True)
    assert told.hops is not None
    assert [hop.hop for hop in told.hops] == [1, 2, 3]


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize(("blocked", "protocol"), [(("tcp", "icmp"), "udp"), (("tcp", "udp"), "icmp")])
def test_what_one_kind_of_packet_cannot_reach_the_next_does(
    blocked: tuple[str, ...], protocol: str, version: int
) -> None:
    with network(Router(), blocked=blocked) as built:
        told = trace(built, version, wait=0.2)
    assert (told.protocol, told.reached) == (protocol, True)


def test_a_target_that_nothing_reaches_leaves_the_way_towards_it() -> None:
    with network(Router(), Router(), blocked=("tcp", "udp", "icmp")) as built:
        told = trace(built, 4, wait=0.2)
    assert told.reached is False
    assert told.hops is not None
    assert [hop.ip_address for hop in told.hops] == [GATEWAY[4], hop_address(1, 4), hop_address(2, 4)]


@pytest.mark.parametrize("version", [4, 6])
def test_a_router_that_prohibits_is_the_last_hop(version: int) -> None:
    with network(Router(), Router(), Router(), fence=2) as built:
        told = trace(built, version)
    assert told.reached is False
    assert told.hops is not None
    assert [hop.hop for hop in told.hops] == [1, 2, 3]
    assert told.hops[-1].ip_address == hop_address(2, version)


def test_time_that_is_up_leaves_what_was_found(whimsical: Network) -> None:
    started = time.monotonic()
    told = trace(whimsical, 4, within=0.1)
    assert time.monotonic() - started < 10
    assert told.reached is False
    assert told.hops is not None
    assert told.hops[0].hop == 1


def test_it_goes_no_farther_than_asked(short: Network) -> None:
    told = trace(short, 4, max_hops=2)
    assert told.reached is False
    assert told.hops is not None
    assert [hop.hop for hop in told.hops] == [1, 2]


@pytest.mark.parametrize("version", [4, 6])
def test_a_machine_without_a_way_says_so(version: int) -> None:
    namespace = Namespace()
    try:
        with namespace.entered():
            told = asyncio.run(traceroute(Network.nowhere(version)))
    finally:
        namespace.close()
    assert told.error in ("Network is unreachable", "Cannot assign requested address")


def test_silence_everywhere_is_an_error() -> None:
    with network(Router(silent=True), blocked=("tcp", "udp", "icmp")) as built:
        built.silence_gateway()
        assert trace(built, 4, wait=0.1) == Traceroute(error=NO_HOP)


def test_a_cancelled_trace_leaves_nothing_open(whimsical: Network) -> None:
    async def cancel() -> tuple[set[str], set[str]]:
        before = open_sockets()
        task = asyncio.create_task(keep(traceroute(whimsical.target(4))))
        await asyncio.sleep(0.1)
        during = open_sockets()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return during - before, open_sockets()

    with whimsical.near.entered():
        opened, after = asyncio.run(cancel())
    assert 1 <= len(opened) <= 5
    assert not opened & after


def open_sockets() -> set[str]:
    """What the sockets of this process are called: no two are called the same."""
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that lists them
            found.add(str(descriptor.readlink()))
    return {name for name in found if name.startswith("socket:")}


async def keep(awaitable: Awaitable[Traceroute]) -> Traceroute:
    return await awaitable
