"""One packet to this machine itself: every kind is answered by the target at the first hop."""

import asyncio
import socket

import pytest

from sojourn.agent.probes import step
from sojourn.agent.probes.step import Step
from sojourn.agent.probes.target import Target


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("send", [step.tcp, step.udp], ids=["tcp", "udp"])
def test_this_machine_is_reached_at_the_first_hop(send: Step, address: str) -> None:
    reach(send, address)


@pytest.mark.usefixtures("may_ping")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_is_reached_by_an_echo_request(address: str) -> None:
    reach(step.icmp, address)


def reach(send: Step, address: str) -> None:
    """Send one packet of this kind, and see that it is answered."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as closed:
        closed.bind((address, 0))
        target = Target(address=address, port=closed.getsockname()[1])
        answer = asyncio.run(asyncio.wait_for(send(target, 1, 0), 10))
    assert answer.address == address
    assert answer.reached
    assert answer.final
    assert 0 < answer.rtt < 500
    assert answer.labels == ()


def test_a_connection_is_an_answer_and_is_dropped() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = Target(address="127.0.0.1", port=server.getsockname()[1])
        answer = asyncio.run(step.tcp(target, 1, 0))
        connection, _ = server.accept()
        with connection, pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert answer.reached


def test_a_datagram_that_is_answered_reached_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as service:
        service.bind(("127.0.0.1", 0))
        service.settimeout(10)
        monkeypatch.setattr(step, "_FIRST_UDP_PORT", service.getsockname()[1])

        async def ask() -> step.Answer:
            task = asyncio.create_task(step.udp(Target(address="127.0.0.1", port=0), 1, 0))
            _, asker = await asyncio.to_thread(service.recvfrom, 100)
            service.sendto(b"here", asker)
            return await asyncio.wait_for(task, 10)

        answer = asyncio.run(ask())
    assert answer.reached
