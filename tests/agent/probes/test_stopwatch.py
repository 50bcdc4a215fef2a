import socket
import struct
import time

import pytest

from sojourn.agent.probes.stopwatch import Stopwatch, arrival, note_arrivals


def test_the_kernels_note_counts_not_the_time_of_reading() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reader:
        reader.bind(("127.0.0.1", 0))
        note_arrivals(reader)
        began = time.monotonic()
        watch = Stopwatch()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", reader.getsockname())
        noted = time.monotonic()
        while time.monotonic() - noted < 0.02:  # a reader that is busy elsewhere
            pass
        _, ancillary, *_ = reader.recvmsg(10, 100)
        assert 0 < watch.rtt(arrival(ancillary)) <= (noted - began) * 1000 + 1
        assert watch.rtt() >= 20


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_was_set_meanwhile_is_not_believed(jump: float) -> None:
    watch = Stopwatch()
    assert 0 <= watch.rtt(time.time() + jump) < 1000


@pytest.mark.parametrize(
    "ancillary",
    [[], [(socket.SOL_SOCKET, 35, b"short")], [(socket.IPPROTO_IP, 35, struct.pack("@ll", 1, 2))]],
)
def test_no_note_is_no_time(ancillary: list[tuple[int, int, bytes]]) -> None:
    assert arrival(ancillary) is None


def test_it_tells_microseconds_and_not_finer() -> None:
    told = Stopwatch().rtt()
    assert told == round(told, 3)
