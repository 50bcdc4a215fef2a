import asyncio
import time

import pytest

from sojourn.agent.probes.ping import NOT_PERMITTED, ping, read_program
from sojourn.agent.probes.program import Reply
from sojourn.agent.probes.target import Target
from sojourn.core.measurement import NO_ANSWER, Ping

IPUTILS = """PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
64 bytes from 192.0.2.1: icmp_seq=1 ttl=63 time=80.6 ms
64 bytes from 192.0.2.1: icmp_seq=3 ttl=63 time=82 ms
64 bytes from 192.0.2.1: icmp_seq=3 ttl=63 time=99 ms (DUP!)
From 192.0.2.7 icmp_seq=2 Destination Host Unreachable

--- 192.0.2.1 ping statistics ---
3 packets transmitted, 2 received, +1 duplicates, 33% packet loss, time 401ms
rtt min/avg/max/mdev = 80.562/80.595/80.647/0.036 ms
"""
BUSYBOX = """PING 192.0.2.1 (192.0.2.1): 56 data bytes
64 bytes from 192.0.2.1: seq=0 ttl=64 time=0.116 ms
64 bytes from 192.0.2.1: seq=1 ttl=64 time=0.118 ms
"""
SILENCE = "--- 192.0.2.1 ping statistics ---\n3 packets transmitted, 0 received, 100% packet loss\n"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(status=0, out=IPUTILS, err=""), Ping.of(3, [80.6, 82.0])),
        (Reply(status=0, out=BUSYBOX, err=""), Ping.of(3, [0.116, 0.118])),
        (Reply(status=1, out=SILENCE, err=""), Ping(error=NO_ANSWER)),
        (Reply(status=2, out="", err="ping: socket: Operation not permitted\n"), Ping(error=NOT_PERMITTED)),
        (Reply(status=1, out="", err="ping: permission denied (are you root?)\n"), Ping(error=NOT_PERMITTED)),
        (Reply(status=2, out="", err="ping: connect: Network is unreachable\n"), Ping(error="Network is unreachable")),
        (Reply(status=126, out="", err=""), Ping(error=NOT_PERMITTED)),
    ],
)
def test_it_reads_what_the_program_says(reply: Reply, expected: Ping) -> None:
    assert read_program(reply, 3) == expected


@pytest.mark.usefixtures("may_ping")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_answers_every_request(address: str) -> None:
    told = asyncio.run(ping(Target(address=address, port=0), count=5, interval=0.01))
    assert (told.pkts_sent, told.pkts_received) == (5, 5)
    assert told.samples is not None
    assert told.min_rtt is not None
    assert 0 < told.min_rtt < 500
    assert told == Ping.of(5, told.samples)


@pytest.mark.usefixtures("may_ping")
def test_it_does_not_wait_once_every_answer_is_there() -> None:
    started = time.monotonic()
    asyncio.run(ping(Target(address="127.0.0.1", port=0), count=2, interval=0.01, wait=30))
    assert time.monotonic() - started < 20


@pytest.mark.usefixtures("may_ping")
def test_two_at_once_do_not_take_each_others_answers() -> None:
    async def both() -> list[Ping]:
        target = Target(address="127.0.0.1", port=0)
        return list(await asyncio.gather(*(ping(target, count=5, interval=0.01) for _ in range(2))))

    assert [told.pkts_received for told in asyncio.run(both())] == [5, 5]
