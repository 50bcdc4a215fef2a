import socket
import struct
import time

import pytest

from sojourn.agent.probes.stopwatch import Stopwatch, arrival, note_arrivals


def noted_and_read(reader: socket.socket) -> tuple[float, float]:
    """A packet's time by the kernel's note, and by when it was read, 20 milliseconds after it had arrived."""
    watch = Stopwatch()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", reader.getsockname())
    arrived = time.monotonic()
    while time.monotonic() - arrived < 0.02:  # a reader that is busy elsewhere
        pass
    _, ancillary, *_ = reader.recvmsg(10, 100)
    return watch.rtt(arrival(ancillary)), watch.rtt()


def test_the_kernels_note_counts_not_the_time_of_reading() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reader:
        reader.bind(("127.0.0.1", 0))
        note_arrivals(reader)
        # A kernel begins to note in the background: what comes before that is noted when it is read.
        for _ in range(100):
            noted, read = noted_and_read(reader)
            assert 0 < noted <= read
            if read - noted >= 20:
                return
    pytest.fail("the kernel never noted a packet before it was read")


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
